"""Compile a graph's value and gradient to a function, with a fast path for floats and a fallback for all else."""

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
from graphgrad.compile.interpreter import interpreted
from graphgrad.compile.languages.language import Signature
from graphgrad.compile.languages.language import function as function_source
from graphgrad.compile.languages.python_point import Point
from graphgrad.compile.numba_interpreter import jitted
from graphgrad.namespaces import special
from graphgrad.tape.gradient import differentiated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.check.report import Report
    from graphgrad.compile.blame_rows import RowBlame
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Floats, Scalar, Values
    from graphgrad.tape.tape import Tape

    Listed: TypeAlias = Scalar | Sequence[object]

__all__ = ["LARGEST", "Compiled", "compiled"]

LARGEST: Final = 5_000
"""The most nodes of a graph that becomes one Python function; a larger one is interpreted, by numba if installed."""


Results = tuple[Any, dict[str, Any]]


Array_co = TypeVar("Array_co", covariant=True)
Array = TypeVar("Array")


class _Column(Protocol[Array_co]):
    """An array of any library; times a float it has the type of a result."""

    @property
    def shape(self) -> Any: ...
    def __mul__(self, factor: float, /) -> Array_co: ...


@public
class Compiled(Protocol):
    """A function of a graph's inputs, by position or by name, that returns the value and the gradient by name.

    `inputs` are the names of its arguments, `wrt` those of the derivatives. Numbers give floats, arrays give arrays.

    >>> from graphgrad import parse
    >>> f = parse("x*y").compile(wrt=["x"])
    >>> f.inputs, f.wrt, f(3, y=5)
    (('x', 'y'), ('x',), (15.0, {'x': 5.0}))
    """

    inputs: tuple[str, ...]
    wrt: tuple[str, ...]

    @overload
    def __call__(self, *values: Scalar, **named: Scalar) -> tuple[float, dict[str, float]]: ...  # type: ignore[overload-overlap]  # a str is a number, no sequence

    @overload
    def __call__(self, *values: Listed, **named: Listed) -> tuple[Floats, dict[str, Floats]]: ...

    @overload
    def __call__(
        self, *values: _Column[Array] | Listed, **named: _Column[Array] | Listed
    ) -> tuple[Array, dict[str, Array]]: ...

    def __call__(self, *values: Any, **named: Any) -> tuple[Any, dict[str, Any]]:
        """Return the value and the derivative by each input in `wrt`."""

    def check(self, columns: Values | None = None, rows: int = 100) -> Report:
        """Check the function at `rows` rows of `columns`, without them at points spread over the positive numbers.

        Rows are compared with the interpreter, and the interpreter with sympy. Raises `UnknownNameError` for a name
        that is no input and for a missing value, `GraphgradError` where the columns cannot be broadcast together.

        >>> from graphgrad import parse
        >>> bool(parse("x*y").compile().check({"x": [1, 2, 3], "y": 5}))
        True
        """

    def blame(self, columns: Values, rows: int = 3) -> tuple[RowBlame, ...]:
        """Return what made a number nan, infinite, 0 or huge, in the first `rows` rows of columns that have one.

        Raises `UnknownNameError` for a name that is no input and for a missing value, and `GraphgradError` where the
        columns cannot be broadcast together.

        >>> from graphgrad import parse
        >>> f = parse("exp(x)*y").compile()
        >>> [(row, blame.sentence) for row, blame in f.blame({"x": [1, 800], "y": 2})][0]
        (1, 'the value is infinite because exp(x) at column 1 overflows at x = 800')
        """


def compiled(graph: GraphData, wrt: Iterable[str] | None = None) -> Compiled:
    """Return a function that computes a graph's value and gradient; by all inputs unless `wrt` names some.

    Raises `UnknownNameError` where `wrt` names no input.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> f = compiled(build("x*y", parse("x*y")))
    >>> f(3.0, 5.0)
    (15.0, {'x': 5.0, 'y': 3.0})
    """
    fallback = _Fallback(graph, choose_wrt(graph, wrt))
    if fallback.is_on_numbers:
        small = len(graph.spans) <= LARGEST
        fallback.fast_path = _point_function(fallback) if small else _tape_function(fallback)
    return _presented(fallback)


def _point_function(fallback: _Fallback) -> Callable[..., Any]:
    graph, wrt = fallback.graph, fallback.wrt
    source = function_source(fallback.tape, Point(), Signature("compiled", graph.source, wrt))
    scope = {**vars(math), **vars(special), "_fallback": fallback}
    exec(compile(source, "<graphgrad>", "exec"), scope)  # noqa: S102  generated from a tape, its names escaped
    return cast("Callable[..., Any]", scope["compiled"])


def _tape_function(fallback: _Fallback) -> Callable[..., Any]:
    with collector_paused():
        run = jitted(fallback.tape) or interpreted(fallback.tape)

    def function(*values: Any, out: Any = float) -> Results:
        if out is float and all(type(x) is float for x in values):
            results = run(values)
            if results is not None:
                return results[0], dict(zip(fallback.wrt, results[1:], strict=True))
        return fallback(*values, out=out)

    return function


class _Fallback:
    """The general call: columns, numbers other than floats, and points without a finite result.

    `fast_path` is the function of floats, None where the graph has operations on arrays.
    """

    def __init__(self, graph: GraphData, wrt: tuple[str, ...]) -> None:
        self.graph, self.wrt = graph, wrt
        self.fast_path: Callable[..., Any] | None = None

    @cached_property
    def is_on_numbers(self) -> bool:
        """Whether every operation works entry by entry, so that columns can be computed block by block."""
        return not any(op.on_arrays for op in {step.op for step in self.graph.steps})

    @cached_property
    def runs_whole(self) -> bool:
        """Whether the graph becomes one function of whole arrays."""
        return not self.is_on_numbers and len(self.graph.steps) <= LARGEST

    @cached_property
    def names(self) -> frozenset[str]:
        """The inputs' names."""
        return frozenset(self.graph.inputs)

    @cached_property
    def tape(self) -> Tape:
        """The value and the gradient as one tape."""
        return differentiated(self.graph, self.wrt)

    @cached_property
    def planner(self) -> Planner:
        """The plans for columns; loads NumPy."""
        return Planner(self.tape)

    @cached_property
    def program(self) -> Program:
        """The function of whole arrays; loads NumPy."""
        return Program(self.tape)

    def __call__(self, *values: Any, out: Any = float) -> Results:
        out = float if out is None else out
        given = {name: x for name, x in zip(self.graph.inputs, values, strict=True) if x is not None}
        at = {**self.graph.defaults, **given}
        if self.is_on_numbers and any(map(is_column, given.values())):
            return self.columns(at, out)
        if out is not float:
            raise GraphgradError("out= needs columns, and these are numbers", hint="give arrays, or leave it out")
        if self.fast_path and len(at) == len(values) and any(type(x) is not float for x in values):
            floats = _floats(at[name] for name in self.graph.inputs)
            if floats:
                return self.fast_path(*floats)  # type: ignore[no-any-return]
        results = self.program(at, self.wrt) if self.runs_whole else None
        if results is not None:
            return results
        passes = backprop(self.graph, at, self.wrt)
        return passes.value, passes.grad

    def columns(self, at: dict[str, Any], out: Any) -> Results:
        """Return value and gradient row by row, in the library of the first array that is not NumPy's."""
        missing = [name for name in self.tape.inputs if name not in at]
        if missing and not _unused(self.tape).issuperset(missing):
            backprop(self.graph, dict.fromkeys(at, 1), self.wrt)  # raises an error that names the missing inputs
        library = library_of(at.values())
        if library is None:
            return columns(self.planner, at, self.wrt, None if out is float else out)
        if out is not float:
            raise GraphgradError("out= needs NumPy arrays", hint="leave it out")
        return run_in(library, self.tape, at, self.wrt)

    def bound(self, *values: Any, **named: Any) -> Results:
        """Call with arguments bound by position or name, for inputs that cannot be names of Python parameters."""
        inputs = self.graph.inputs
        if self.runs_whole and not values and named.keys() == self.names and (results := self.program(named, self.wrt)):
            return results
        out: Any = float if "out" in inputs else named.pop("out", float)
        at = dict(zip(inputs, values, strict=False))
        for name in named:
            if name not in inputs or name in at:
                fault = "has two values" if name in at else "is not an input of the expression"
                raise UnknownNameError(f"'{name}' {fault}", self.graph.source)
        at |= named
        if len(values) > len(inputs):
            raise TypeError(f"{len(inputs)} inputs, but {len(values)} values")
        return (self.fast_path or self)(*(at.get(name) for name in inputs), out=out)


def _unused(tape: Tape) -> set[str]:
    """Return the inputs that the results do not depend on."""
    used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
    return {name for name, register in tape.inputs.items() if register not in used}


def _floats(values: Iterable[Any]) -> list[float]:
    """Return numbers as floats; an empty list where one is no finite number."""
    try:
        floats = [float(x) for x in values]
    except (TypeError, ValueError, OverflowError):
        return []
    return floats if all(map(math.isfinite, floats)) else []


def _presented(fallback: _Fallback) -> Compiled:
    """Return the function with its attributes: the fast path itself if its parameters have the names of the inputs."""
    fast_path, inputs = fallback.fast_path, fallback.graph.inputs
    parameters = fast_path.__code__.co_varnames[: len(inputs)] if fast_path else ()
    function: Any = fast_path if fast_path and parameters == inputs else partial(fallback.bound)
    function.__name__ = function.__qualname__ = "compiled"
    function.__doc__ = f"Value and gradient of {fallback.graph.source}."
    function.inputs, function.wrt = inputs, fallback.wrt

    def check(columns: Values | None = None, rows: int = 100) -> Report:
        from graphgrad.compile.self_check import check_rows

        return check_rows(fallback.graph, function, columns, rows)

    def blame(columns: Values, rows: int = 3) -> tuple[RowBlame, ...]:
        from graphgrad.compile.blame_rows import blame_rows

        return blame_rows(fallback.graph, function, columns, rows)

    function.check, function.blame = check, blame
    return cast("Compiled", function)
