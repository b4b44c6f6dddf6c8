"""A graph's value and gradient as a function that runs as fast as plain Python can."""

from __future__ import annotations

import math
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar, cast, overload

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.base.public import public
from graphgrad.compile.columns.array_libraries import library_of, run_in
from graphgrad.compile.columns.run_columns import columns, is_column
from graphgrad.compile.columns.ufunc_plan import Planner
from graphgrad.compile.columns.whole_arrays import Program
from graphgrad.compile.interpreter import machine
from graphgrad.compile.languages import special
from graphgrad.compile.languages.language import Signature, function
from graphgrad.compile.languages.python_point import Point
from graphgrad.compile.numba_interpreter import jitted
from graphgrad.compile.self_check import sampled
from graphgrad.tape.gradient import differentiated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.check.report import Report
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Floats, Scalar, Values
    from graphgrad.tape.tape import Tape

    Listed: TypeAlias = Scalar | Sequence[object]

__all__ = ["LARGEST", "Compiled", "compiled"]

LARGEST: Final = 5_000
"""The most nodes of a graph that becomes one Python function; a larger one is interpreted, by numba where it is."""


Results = tuple[Any, dict[str, Any]]


Array_co = TypeVar("Array_co", covariant=True)
Array = TypeVar("Array")


class _Column(Protocol[Array_co]):
    """An array of any library, of which a float's multiple is a column of results."""

    @property
    def shape(self) -> Any: ...
    def __mul__(self, factor: float, /) -> Array_co: ...


@public
class Compiled(Protocol):
    """A function of a graph's inputs, in their order or by name, that gives the value and the gradient by name.

    `inputs` are the names of its arguments, `wrt` those of the derivatives. Numbers in give floats, arrays give arrays.

    >>> from graphgrad import parse
    >>> f = parse("x*y").compile(wrt=["x"])
    >>> f.inputs, f.wrt, f(3, y=5)
    (('x', 'y'), ('x',), (15.0, {'x': 5.0}))
    """

    inputs: tuple[str, ...]
    wrt: tuple[str, ...]

    @overload
    def __call__(self, *values: Scalar, **named: Scalar) -> tuple[float, dict[str, float]]: ...  # type: ignore[overload-overlap]  # a text is a number, no sequence

    @overload
    def __call__(self, *values: Listed, **named: Listed) -> tuple[Floats, dict[str, Floats]]: ...

    @overload
    def __call__(
        self, *values: _Column[Array] | Listed, **named: _Column[Array] | Listed
    ) -> tuple[Array, dict[str, Array]]: ...

    def __call__(self, *values: Any, **named: Any) -> tuple[Any, dict[str, Any]]:
        """Return the value, and the derivative by each input that the graph was compiled for."""

    def check(self, columns: Values | None = None, rows: int = 100) -> Report:
        """Check it at so many rows of columns, or else at points spread over the positive numbers.

        Rows are held against the interpreter, and the interpreter against sympy. Raises `UnknownNameError` for what is
        no input and for a missing value, and `GraphgradError` where columns do not fit each other.

        >>> from graphgrad import parse
        >>> bool(parse("x*y").compile().check({"x": [1, 2, 3], "y": 5}))
        True
        """


def compiled(graph: GraphData, wrt: Iterable[str] | None = None) -> Compiled:
    """Return a function that gives a graph's value and gradient.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> f = compiled(build("x*y", parse("x*y")))
    >>> f(3.0, 5.0)
    (15.0, {'x': 5.0, 'y': 3.0})
    """
    general = _General(graph, choose_wrt(graph, wrt))
    if general.is_on_numbers:
        small = len(graph.spans) <= LARGEST
        general.point = _point(general) if small else _interpreted(general)
    return _dressed(general)


def _point(general: _General) -> Callable[..., Any]:
    graph, wrt = general.graph, general.wrt
    source = function(general.tape, Point(), Signature("compiled", graph.source, wrt))
    scope = {**vars(math), **vars(special), "_fallback": general}
    exec(compile(source, "<graphgrad>", "exec"), scope)  # noqa: S102  generated from a tape, its names escaped
    return cast("Callable[..., Any]", scope["compiled"])


def _interpreted(general: _General) -> Callable[..., Any]:
    with collector_paused():
        run = jitted(general.tape) or machine(general.tape)

    def point(*values: Any, out: Any = float) -> Results:
        if out is float and all(type(x) is float for x in values):
            results = run(values)
            if results is not None:
                return results[0], dict(zip(general.wrt, results[1:], strict=True))
        return general(*values, out=out)

    return point


class _General:
    """Takes what the function for a point does not: columns, other numbers than floats, what has no finite result."""

    def __init__(self, graph: GraphData, wrt: tuple[str, ...]) -> None:
        self.graph, self.wrt = graph, wrt
        self.point: Callable[..., Any] | None = None

    @cached_property
    def is_on_numbers(self) -> bool:
        """Whether every operation works entry by entry: then columns can be run block by block."""
        return not any(op.on_arrays for op in {step.op for step in self.graph.steps})

    @cached_property
    def runs_whole(self) -> bool:
        """Whether it can be one function of whole arrays."""
        return not self.is_on_numbers and len(self.graph.steps) <= LARGEST

    @cached_property
    def names(self) -> frozenset[str]:
        """The inputs' names."""
        return frozenset(self.graph.inputs)

    @cached_property
    def tape(self) -> Tape:
        """Both sweeps as one tape."""
        return differentiated(self.graph, self.wrt)

    @cached_property
    def planner(self) -> Planner:
        """The plans for columns, which load NumPy."""
        return Planner(self.tape)

    @cached_property
    def program(self) -> Program:
        """The function for operations on whole arrays, likewise."""
        return Program(self.tape)

    def __call__(self, *values: Any, out: Any = float) -> Results:
        out = float if out is None else out
        given = {name: x for name, x in zip(self.graph.inputs, values, strict=True) if x is not None}
        at = {**self.graph.defaults, **given}
        if self.is_on_numbers and any(map(is_column, given.values())):
            return self.columns(at, out)
        if out is not float:
            raise GraphgradError("out= needs columns, and these are numbers", hint="give arrays, or leave it out")
        if self.point and len(at) == len(values) and any(type(x) is not float for x in values):
            floats = _floats(at[name] for name in self.graph.inputs)
            if floats:
                return self.point(*floats)  # type: ignore[no-any-return]
        found = self.program(at, self.wrt) if self.runs_whole else None
        if found is not None:
            return found
        passes = backprop(self.graph, at, self.wrt)
        return passes.value, passes.grad

    def columns(self, at: dict[str, Any], out: Any) -> Results:
        missing = [name for name in self.tape.inputs if name not in at]
        if missing and not _unused(self.tape).issuperset(missing):
            backprop(self.graph, dict.fromkeys(at, 1), self.wrt)  # it names what is missing
        library = library_of(at.values())
        if library is None:
            return columns(self.planner, at, self.wrt, None if out is float else out)
        if out is not float:
            raise GraphgradError("out= needs NumPy arrays", hint="leave it out")
        return run_in(library, self.tape, at, self.wrt)

    def bound(self, *values: Any, **named: Any) -> Results:
        """Take arguments by names that no Python function could have for its parameters."""
        inputs = self.graph.inputs
        if self.runs_whole and not values and named.keys() == self.names and (found := self.program(named, self.wrt)):
            return found
        out: Any = float if "out" in inputs else named.pop("out", float)
        at = dict(zip(inputs, values, strict=False))
        for name in named:
            if name not in inputs or name in at:
                told = "has two values" if name in at else "is not an input of the expression"
                raise UnknownNameError(f"'{name}' {told}", self.graph.source)
        at |= named
        if len(values) > len(inputs):
            raise TypeError(f"{len(inputs)} inputs, but {len(values)} values")
        return (self.point or self)(*(at.get(name) for name in inputs), out=out)


def _unused(tape: Tape) -> set[str]:
    used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
    return {name for name, register in tape.inputs.items() if register not in used}


def _floats(values: Iterable[Any]) -> list[float]:
    """Return numbers as floats; nothing where one is not a number, or not a finite one."""
    try:
        floats = [float(x) for x in values]
    except (TypeError, ValueError, OverflowError):
        return []
    return floats if all(map(math.isfinite, floats)) else []


def _dressed(general: _General) -> Compiled:
    """Return the function itself where Python can call its parameters as the inputs are called."""
    point, inputs = general.point, general.graph.inputs
    parameters = point.__code__.co_varnames[: len(inputs)] if point else ()
    dressed: Any = point if parameters == inputs else partial(general.bound)
    dressed.__name__ = dressed.__qualname__ = "compiled"
    dressed.__doc__ = f"Value and gradient of {general.graph.source}."
    dressed.inputs, dressed.wrt = inputs, general.wrt
    dressed.check = lambda columns=None, rows=100: sampled(general.graph, dressed, columns, rows)
    return cast("Compiled", dressed)
