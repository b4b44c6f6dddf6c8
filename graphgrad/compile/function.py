"""Compile a graph's value and gradient to a function, with a fast path for floats and a fallback for all else."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, cast

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.arguments import mapping_of, quoted
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.compile.columns.array_libraries import library_of, run_in
from graphgrad.compile.columns.named_arrays import NamedArrays, each_name
from graphgrad.compile.columns.partitions import by_partition, by_series, is_partitioned
from graphgrad.compile.columns.run_columns import columns, is_column
from graphgrad.compile.columns.tabular import is_frame, is_of_tables
from graphgrad.compile.columns.ufunc_plan import Planner
from graphgrad.compile.columns.whole_arrays import Program
from graphgrad.compile.languages.language import Signature
from graphgrad.compile.languages.language import function as function_source
from graphgrad.compile.languages.python_point import Point
from graphgrad.compile.presented import presented
from graphgrad.compile.row_methods import RowMethods
from graphgrad.graph.array_defaults import in_floats
from graphgrad.namespaces import special
from graphgrad.namespaces.array_values import as_array
from graphgrad.namespaces.special_floats import kernels_in
from graphgrad.tape.gradient import differentiated
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphgrad.compile.languages.language import Language
    from graphgrad.compile.protocol import Compiled
    from graphgrad.graph.data import GraphData
    from graphgrad.tape.tape import Tape

__all__ = ["LARGEST", "compiled", "restored"]

LARGEST: Final = 5_000
"""The most nodes of a graph that becomes one Python function; a larger one runs in batches, or is interpreted."""

PLAIN: Final = frozenset({bool, float, Fraction, int, str, type(None)})
"""The types of arguments that are numbers for sure."""

FLOAT: Final = frozenset({float})


Results = tuple[Any, dict[str, Any]]


def compiled(graph: GraphData, wrt: Iterable[str] | None = None) -> Compiled:
    """Return a function that computes a graph's value and gradient; by all inputs unless `wrt` names some.

    Raises `UnknownNameError` where `wrt` names no input.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> f = compiled(build("x*y", parse("x*y")))
    >>> f(3.0, 5.0)
    (15.0, {'x': 5.0, 'y': 3.0})
    """
    return cast("Compiled", restored(graph, choose_wrt(graph, wrt)).compiled)


def restored(graph: GraphData, wrt: tuple[str, ...]) -> _Fallback:
    """Return what a compiled function is a method of; it is pickled as these arguments.

    >>> from pickle import dumps, loads
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> loads(dumps(compiled(build("x*y", parse("x*y")))))(3.0, 5.0)
    (15.0, {'x': 5.0, 'y': 3.0})
    """
    fallback = _Fallback(graph, wrt)
    if fallback.is_on_numbers:
        small = len(graph.spans) <= LARGEST
        fallback.fast_path = _point_function(fallback) if small else _tape_function(fallback)
    fallback.compiled = presented(fallback)
    return fallback


def _point_function(fallback: _Fallback) -> Callable[..., Any]:
    return MethodType(fallback.written(Point(), "compiled"), fallback)


def _tape_function(fallback: _Fallback) -> Callable[..., Any]:
    from graphgrad.compile.batches.joined import joined
    from graphgrad.compile.batches.program import batched
    from graphgrad.compile.interpreter import interpreted

    graph, wrt = fallback.graph, fallback.wrt
    with collector_paused():
        tape = lower(graph)
        tape = replace(tape, inputs={name: tape.inputs[name] for name in graph.inputs})
        wanted = [tape.inputs[name] for name in wrt]
        fallback.run = run = batched(tape, wanted) or interpreted(joined(tape, wanted) or fallback.tape)

    def function(*values: Any, out: Any = float, names: Any = None) -> Any:
        if out is float and _are_finite_floats(values):
            results = run(values)
            if results is not None:
                return results[0], dict(zip(wrt, results[1:], strict=True))
        return fallback(*values, out=out, names=names)

    return function


class _Fallback(RowMethods):
    """The general call: columns, numbers other than floats, and points without a finite result.

    `fast_path` is the function of floats, None where the graph has operations on arrays; `run` is that of a tape, None
    where the graph is small enough for a function in Python.
    """

    def __init__(self, graph: GraphData, wrt: tuple[str, ...]) -> None:
        self.graph, self.wrt = graph, wrt
        self.fast_path: Callable[..., Any] | None = None
        self.compiled: Any = None
        self.run: Callable[[Sequence[float]], list[float] | None] | None = None
        self.scope: dict[str, Any] = {}

    def __reduce__(self) -> tuple[Any, tuple[GraphData, tuple[str, ...]]]:
        """Return the graph, which is compiled again where it is loaded."""
        return restored, (self.graph, self.wrt)

    def __deepcopy__(self, _memo: Any) -> _Fallback:
        """Return itself: it does not change."""
        return self

    @cached_property
    def is_on_numbers(self) -> bool:
        """Whether every operation works entry by entry, so that columns can be computed block by block."""
        return not any(op.on_arrays for op in {step.op for step in self.graph.steps})

    @cached_property
    def runs_whole(self) -> bool:
        """Whether the graph becomes one function of whole arrays."""
        return not self.is_on_numbers and len(self.graph.steps) <= LARGEST

    @cached_property
    def maps_names(self) -> bool:
        """Whether the graph becomes one program of all arrays in dicts by name."""
        is_plain = self.is_on_numbers and len(self.graph.steps) <= LARGEST and not self.wrt
        return is_plain and (*self.planner.tape.inputs,) == self.graph.inputs

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The values that the text gives to inputs: exact numbers, and arrays of floats."""
        defaults = self.graph.defaults
        return {name: as_array(in_floats(x)) if isinstance(x, tuple) else x for name, x in defaults.items()}

    @cached_property
    def tape(self) -> Tape:
        """The value and the gradient as one tape."""
        return differentiated(self.graph, self.wrt)

    @property
    def raw(self) -> Callable[..., Any]:
        """As `Compiled` says."""
        return self.compiled.raw  # type: ignore[no-any-return]

    def written(self, language: Language, name: str) -> Callable[..., Any]:
        """Return the function of floats that a language of Python's writes; all of them have the same globals."""
        source = function_source(self.tape, language, Signature(name, self.graph.source, self.wrt))
        self.scope |= {**vars(math), **vars(special), **kernels_in(source), "__name__": __name__}
        exec(compile(source, "<graphgrad>", "exec"), self.scope)  # noqa: S102  generated from a tape, its names escaped
        return self.scope[name]  # type: ignore[no-any-return]

    @cached_property
    def planner(self) -> Planner:
        """The plans for columns; loads NumPy."""
        return Planner(self.tape)

    @cached_property
    def named_arrays(self) -> NamedArrays:
        """The values for arrays by name; loads NumPy."""
        return NamedArrays(self.planner)

    @cached_property
    def program(self) -> Program:
        """The function of whole arrays; loads NumPy."""
        return Program(self.tape, self.wrt)

    def __call__(self, *values: Any, out: Any = float, names: Any = None, named: Any = None) -> Any:
        """Return value and gradient, or a frame with them; `named` is for the first input, beside a frame."""
        inputs = self.graph.inputs
        planner = self.__dict__.get("planner") if names is None and named is None else None
        if planner and planner.repeated.names == inputs and (results := planner.repeated(values, self.wrt, out)):
            return results
        kinds = {*map(type, values)} - PLAIN
        is_first_alone = named is None and len(values) == len(inputs)
        if dict in kinds and self.maps_names and is_first_alone and names is None and out is float:
            results = self.named_arrays(values)
            if results is not None:
                return results
        if names is not None or not is_first_alone or (kinds and is_frame(values[0])):
            return self.on_frame(*(values or (None,)), out=out, names=names, named=named)
        if dict in kinds:
            return self.on_names(values, out)
        return self.on_values(values, float if out is None else out, maybe_columns=bool(kinds))

    def on_values(self, values: Sequence[Any], out: Any, *, maybe_columns: bool) -> Any:
        """Return value and gradient for numbers, arrays and series in the order of the inputs, None for a default."""
        inputs = self.graph.inputs
        given = {name: x for name, x in zip(inputs, values, strict=True) if x is not None}
        at = {**self.defaults, **given}
        if maybe_columns and self.is_on_numbers and any(map(is_column, given.values())):
            return self.columns(at, out)
        if out is not float:
            raise GraphgradError("out= needs columns, and these are numbers", hint="give arrays, or leave it out")
        if self.fast_path and len(at) == len(values) and any(type(x) is not float for x in values):
            floats = _floats(at[name] for name in self.graph.inputs)
            if floats:
                return self.fast_path(*floats)
        at = self.whole(at)
        return (self.program(at) if self.runs_whole else None) or self.interpreted(at)

    def interpreted(self, at: dict[str, Any]) -> Results:
        """Return value and gradient by both passes, which explain what has no finite result."""
        passes = backprop(self.graph, at, self.wrt)
        return passes.value, passes.grad

    def on_names(self, values: Sequence[Any], out: Any) -> Results:
        """Return value and gradient for dicts of arrays: by their names, as if called for each."""
        if out is not float and out is not None:
            raise GraphgradError("out= is for arrays, and these are dicts", hint="leave it out")
        inputs = self.graph.inputs
        return each_name(lambda **each: self(*map(each.get, inputs)), inputs, values, self.wrt)

    def run_as_tuple(self, *values: Any) -> tuple[Any, ...]:
        """Return value and gradient of a large graph as one tuple."""
        if self.run and len(values) == len(self.graph.inputs) and _are_finite_floats(values):
            results = self.run(values)
            if results is not None:
                return tuple(results)
        return self.as_tuple(*values)

    def as_tuple(self, *values: Any) -> tuple[Any, ...]:
        """Return value and gradient as one tuple, of inputs by position."""
        if len(values) > len(self.graph.inputs):
            raise TypeError(f"raw() takes at most {len(self.graph.inputs)} values, and here are {len(values)}")
        if any(map(is_frame, values)):
            raise GraphgradError("raw() takes numbers and arrays, and this is a frame", hint="f(frame) takes it")
        value, grad = self.compiled(*values)
        return value, *(grad[name] for name in self.wrt)

    def on_frame(self, first: Any, *others: Any, out: Any = float, names: Any = None, named: Any = None) -> Any:
        """Return a frame with the value and the derivatives added; the others are for inputs that are no columns of it.

        Raises `TypeError` for a first argument that is no frame, but a second value of the first input.
        """
        inputs = self.graph.inputs
        if not is_frame(first):
            if first is None and not inputs and names is None:
                return self(out=out)
            if names is not None:
                hint = "give a frame first, or leave them out"
                raise GraphgradError("names= are those of a frame's new columns, and there is no frame", hint=hint)
            raise TypeError(f"compiled() got multiple values for argument '{inputs[0]}'" if inputs else "no inputs")
        if out is not float and out is not None:
            raise GraphgradError("out= is for arrays, and this is a frame", hint="leave it out")
        more = {name: x for name, x in zip(inputs, (named, *others), strict=False) if x is not None}
        return self.on_rows(first, more, names)

    def map_frame(self, frame: Any, *, at: Any = None, names: Any = None) -> Any:
        """As `Compiled` says."""
        if not is_frame(frame):
            raise GraphgradError(f"map_frame takes a frame, and {quoted(frame)} is none", hint="give a frame: f(df)")
        return self.on_rows(frame, mapping_of(at, "at"), names)

    def on_rows(self, frame: Any, named: Mapping[str, Any], names: Any) -> Any:
        """Return a frame with the value and the derivatives added; `named` are inputs that it lacks."""
        from graphgrad.compile.rows import Given, values_and_partials

        if is_partitioned(frame):
            return by_partition(self.compiled, "map_frame", frame, {"at": named, "names": names})
        return Given(self.graph, frame, named, names).apply(lambda rows: values_and_partials(rows, self.by_row))

    def by_row(self, numbers: dict[str, Any]) -> Results:
        """Return value and gradient for NumPy arrays and numbers, of which one is an array if there is any."""
        return columns(self.planner, numbers, self.wrt) if numbers else self()

    def whole(self, at: dict[str, Any]) -> dict[str, Any]:
        """Return the inputs with series as arrays; raise `GraphgradError` for one that holds nulls or is a frame."""
        if not any(map(is_of_tables, {*map(type, at.values())})):
            return at
        from graphgrad.compile.rows import without_nulls

        return without_nulls(at)

    def columns(self, at: dict[str, Any], out: Any) -> Results:
        """Return value and gradient row by row, in the library of the first array that is not NumPy's."""
        missing = [name for name in self.tape.inputs if name not in at]
        if missing and not _unused(self.tape).issuperset(missing):
            backprop(self.graph, dict.fromkeys(at, 1), self.wrt)  # raises an error that names the missing inputs
        kinds = {*map(type, at.values())} - PLAIN
        if any(map(is_of_tables, kinds)):
            return self.series(at, out)
        library = library_of(at.values()) if kinds != {self.planner.ufuncs.numpy.ndarray} else None
        if library is None:
            return columns(self.planner, at, self.wrt, None if out is float else out)
        if out is not float:
            raise GraphgradError("out= needs NumPy arrays", hint="leave it out")
        if any(map(is_partitioned, at.values())):
            return by_series(self.compiled, self.wrt, at)
        return run_in(library, self.tape, at, self.wrt)

    def series(self, at: dict[str, Any], out: Any) -> Results:
        """Return value and gradient as series of the first one's library."""
        if out is not float:
            raise GraphgradError("out= needs NumPy arrays", hint="leave it out")
        from graphgrad.compile.rows import on_columns

        return on_columns(self.graph, self.by_row, at)

    def bound(self, *values: Any, **named: Any) -> Any:
        """Call with arguments bound by position or name, for inputs that cannot be names of Python parameters."""
        inputs = self.graph.inputs
        if self.fast_path and not values and len(named) == len(inputs) and all(map(named.__contains__, inputs)):
            return self.fast_path(*[named[name] for name in inputs])
        if self.runs_whole and not values and (results := self.program.fast(named)):
            return results
        options = {key: named.pop(key) for key in ("out", "names") if key in named and key not in inputs}
        frame = values[0] if values and is_frame(values[0]) else None
        at = dict(zip(inputs, values, strict=False))
        if frame is not None and inputs:
            del at[inputs[0]]
        for name in named:
            if name not in inputs or name in at:
                fault = "has two values" if name in at else "is not an input of the expression"
                raise UnknownNameError(f"'{name}' {fault}", self.graph.source)
        at |= named
        if len(values) > len(inputs):
            raise TypeError(f"{len(inputs)} inputs, but {len(values)} values")
        given = [at.get(name) for name in inputs]
        if frame is not None:
            return self.on_frame(frame, *given[1:], **options, named=next(iter(given), None))
        return (self.fast_path or self)(*given, **options)

    def derived_by(self, names: tuple[str, ...]) -> Callable[[dict[str, Any]], Results]:
        """Return the function of arrays with the derivatives by these inputs."""
        return (self if {*names} <= {*self.wrt} else restored(self.graph, names)).by_row


def _are_finite_floats(values: Sequence[Any]) -> bool:
    """Whether all values are finite floats, and nothing else."""
    return {*map(type, values)} <= FLOAT and all(map(math.isfinite, values))


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
