"""Trace a Python function into a graph: call it once on operands that record every operation.

NumPy calls them back through its protocols `__array_ufunc__` (NEP 13) and `__array_function__` (NEP 18).
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from itertools import takewhile
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn

from graphgrad.base.arguments import quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.array_values import is_array, unboxed
from graphgrad.namespaces.floats import Floats
from graphgrad.ops.table import NUMERIC
from graphgrad.printing.program import statements_of
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Ref
from graphgrad.text.quoted_names import written_names
from graphgrad.transform.numpy_calls import cannot_record
from graphgrad.transform.numpy_functions import COMPOSED, elementwise, method_of, recorder_of
from graphgrad.transform.probes import refuse_other_values
from graphgrad.transform.raising import Recorder, raised, refuse_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op

__all__ = ["Decision", "Traced", "trace", "trace_vector"]


class Decision(NamedTuple):
    """A condition that a function branched on while traced at a point, and whether the point lay on its edge."""

    condition: str
    holds: bool
    on_edge: bool


def trace(
    function: Callable[..., Any],
    names: Sequence[str] = (),
    *,
    at: Mapping[str, float] | None = None,
    decisions: list[Decision] | None = None,
) -> GraphData:
    """Return the graph of a function; the inputs are called `names`, by default like its parameters.

    Traced `at` a point, the function may branch on conditions; the graph is that of the branches taken there, and each
    condition is appended to `decisions`. Raises `GraphgradError` for what cannot be recorded.

    >>> import numpy as np
    >>> trace(lambda apple, n: np.sin(apple) * n + 1).source
    'sin(apple)*n + 1'
    """
    if not callable(function):
        raise GraphgradError(f"{function!r} is no function", hint="write trace(lambda x, y: x*y)")
    names, defaults = (_accepted(function, names), {}) if names else _parameters(function)
    for name in names:
        refuse_name(name)
    if len({*names}) < len(names):
        raise GraphgradError(f"two inputs have the same name: {written_names(names)}")
    m = _Tracer() if at is None else _PathTracer(at, [] if decisions is None else decisions)
    output = _single(m, _called(function, [m.input(name) for name in names]))
    graph = replace(raised(m.tape([output]), names), defaults={**defaults})
    if at is None:
        refuse_other_values(function, graph)
    return graph


def _called(function: Callable[..., Any], operands: Sequence[Ref]) -> Any:
    """Return a function's result; raise `GraphgradError` where Python or NumPy cannot compute with the operands."""
    try:
        return function(*operands)
    except (TypeError, ValueError, AttributeError, LookupError, BufferError) as error:
        if isinstance(error, GraphgradError):
            raise
        hint = "operations that graphgrad --operations lists can be recorded, by Python's operators and NumPy's names"
        raise GraphgradError(f"the function cannot be recorded: {error}", hint=hint) from error


def _accepted(function: Callable[..., Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names; raise `GraphgradError` unless the function takes this number of arguments."""
    try:
        _signature(function).bind(*names)
    except TypeError as error:
        raise GraphgradError(f"the function does not take {len(names)} inputs: {error}") from None
    return tuple(names)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except ValueError:  # a function written in C may have none
        return inspect.signature(lambda *_: None)


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Fraction]]:
    """Return the names of a function's parameters, and their numeric defaults."""
    parameters = _signature(function).parameters.values()
    needed = [p for p in parameters if p.default is p.empty]
    if not needed or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in needed):
        raise GraphgradError("the function does not say how its inputs are called", hint='write trace(f, "x", "y")')
    optional = [p for p in parameters if p.default is not p.empty]
    settled = [*takewhile(lambda p: p.kind is not p.KEYWORD_ONLY and isinstance(p.default, Real), optional)]
    return tuple(p.name for p in [*needed, *settled]), {p.name: exact(p.default) for p in settled}


def _single(m: _Tracer, result: Any) -> Ref:
    """Return a function's result as one reference."""
    # A function of NumPy's may return an array with the result as its one element.
    result = unboxed(result) if hasattr(result, "item") else result
    if isinstance(result, Traced | Real | Decimal):
        return m.lift(result)
    kind = "nothing" if result is None else f"a {type(result).__name__}"
    raise GraphgradError(f"the function returned {kind}", hint="let it return one number")


NO_NUMBER: Final = "it stands for any number, or for an array of any shape; pass what is asked for as an argument"


class _NoAttributeError(GraphgradError, AttributeError):
    """A traced value lacks an attribute; `hasattr` and `getattr` with a default take it as an `AttributeError`."""


class Traced(Ref):
    """A reference that records arithmetic, comparisons and NumPy's functions, passed to a traced function."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return a text without a value: there is none."""
        return "<traced value>"

    def __eq__(self, other: object) -> Any:
        return self.writer.eq(self, other)

    def __ne__(self, other: object) -> Any:
        return self.writer.ne(self, other)

    __hash__ = object.__hash__

    def __abs__(self) -> Any:
        return self.writer.abs(self)

    def __floor__(self) -> Any:
        return self.writer.floor(self)

    def __ceil__(self) -> Any:
        return self.writer.ceil(self)

    def __pos__(self) -> Traced:
        return self

    def __pow__(self, exponent: object, modulus: object = None) -> Any:
        if modulus is not None:
            raise cannot_record("a power with a modulus")
        return self.writer.pow(self, exponent)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """Record one of NumPy's functions, element by element where an operand is an array."""
        if method != "__call__" or any(value is not None for value in options.values()):
            raise cannot_record(f"np.{ufunc.__name__} with options", "call it with the operands alone")
        recorder = recorder_of(ufunc)
        if not any(map(is_array, operands)):
            return recorder(self.writer, *operands)
        if ufunc.signature or ufunc.nout > 1:  # no function of single elements to single elements
            raise cannot_record(f"np.{ufunc.__name__} with an array", "pass the array as an argument")
        return elementwise(partial(recorder, self.writer), operands)

    def __array_function__(self, function: Any, _types: Any, operands: Any, options: Any) -> Any:
        """Record a function of NumPy's that is no ufunc, such as `np.where`."""
        return recorder_of(function)(self.writer, *operands, **options)

    def __getattr__(self, name: str) -> Any:
        """Return a method that records: `x.sum()` as of arrays, `x.sin()` as NumPy calls it on array elements."""
        recorder = None if name.startswith("__") else method_of(name)
        if recorder is None:
            raise _NoAttributeError(f"a traced value has no .{name}", hint=NO_NUMBER)
        return partial(recorder, self.writer, self)

    def __bool__(self) -> bool:
        """Return whether the condition holds at the point, for `if`, `and`, `or`, `not`, `min`, a < b < c, `in`."""
        return self.writer.truth(self)  # type: ignore[no-any-return]

    def _refuse(self, *_: object) -> NoReturn:
        raise GraphgradError(
            "a traced value stands for any number and is none: functions of Python's math cannot take it",
            hint="write np.sin for math.sin, np.exp for math.exp, and so on",
        )

    def __invert__(self) -> Any:
        return COMPOSED["invert"](self.writer, self)

    def _shift(self, _other: object) -> NoReturn:
        raise cannot_record("a shift of bits", "multiply by 2**n, or divide and take np.floor")

    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _shift

    @property
    def real(self) -> Traced:
        """The value itself: all numbers are real."""
        return self

    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = _refuse

    def __iter__(self, *_: object) -> NoReturn:
        """Raise `GraphgradError`: a traced value is one number."""
        raise GraphgradError("a traced value is one number and has no elements", hint="give each element a name")

    __len__ = __getitem__ = __setitem__ = __iter__


def _operator(name: str, *, reflected: bool = False) -> Callable[[Any, Any], Any]:
    """Return the method of an operator that is recorded as NumPy's function of this name."""
    if reflected:
        return lambda self, other: COMPOSED[name](self.writer, other, self)
    return lambda self, other: COMPOSED[name](self.writer, self, other)


for _name, _function in {
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "mod": "remainder",
    "floordiv": "floor_divide",
    "divmod": "divmod",
}.items():
    setattr(Traced, f"__{_name}__", _operator(_function))
    setattr(Traced, f"__r{_name}__", _operator(_function, reflected=True))


class _Tracer(Recorder):
    """Writes a tape by operands that a user's function computes with."""

    ref: ClassVar[type[Ref]] = Traced

    def lift(self, operand: Any) -> Ref:
        """Return a number, or a reference to this tape, as an operand."""
        if isinstance(operand, Ref):
            if operand.writer is not self:
                raise GraphgradError("a value of another trace has come in", hint="pass it on as an argument")
            return operand
        operand = unboxed(operand)
        if isinstance(operand, Ref):
            return operand
        constant = _constants().get(operand) if isinstance(operand, float) else None
        return self.value(constant, []) if constant else self.const(exact(operand))

    def truth(self, _condition: Ref) -> bool:
        """Raise `GraphgradError`: without a point no condition has a truth value."""
        raise GraphgradError(
            "a traced value is neither true nor false: if, and, or, not, min, max and a < b < c cannot look at it",
            hint="write np.where(condition, a, b), np.minimum, np.maximum, or (a < b) & (b < c)",
        )


class _PathTracer(_Tracer):
    """Traces at a point, where each condition is evaluated."""

    def __init__(self, at: Mapping[str, float], decisions: list[Decision]) -> None:
        super().__init__()
        self._at, self._decisions = at, decisions

    def truth(self, condition: Ref) -> bool:
        """Return whether a condition holds at the point, and note the decision."""
        tape, m = self.tape([condition]), Floats()
        values = forward(tape, m, {name: float(self._at[name]) for name in tape.inputs})
        value = values[condition.register]
        holds = bool(value)  # a fault raises its error
        last = next((step for step in tape.steps if step.target == condition.register), None)
        kink = last and last.op.kink
        on_edge = bool(kink and kink.at(m.operations, *(values[i] for i in last.operands))) if last else not value
        _, [text] = statements_of(tape, {})
        self._decisions.append(Decision(text.string, holds, on_edge))
        return holds


@cache
def _constants() -> dict[Any, Op]:
    """Return the table's constants by their float values, so that `np.pi` is recorded as π."""
    return {Floats().value(op, []): op for op in NUMERIC.values() if not op.arity}


def exact(number: Any) -> Fraction:
    """Return a number as a fraction; a float as the decimal that it is printed as.

    >>> exact(1.1)
    Fraction(11, 10)
    """
    try:
        if isinstance(number, Rational | Decimal):
            return Fraction(number)
        if isinstance(number, Real):
            return Fraction(repr(float(number)))
    except (ValueError, OverflowError):
        raise GraphgradError(f"{number} is no number that a graph can hold") from None
    kind = type(number).__name__
    raise GraphgradError(f"a {kind} cannot be recorded", hint="a traced function computes with numbers")


def trace_vector(
    function: Callable[..., Any], at: Sequence[float], *, decisions: list[Decision] | None = None
) -> tuple[GraphData, Any]:
    """Return the graph of a function of one array, traced at a point, with inputs x0, x1, …; and the point as an array.

    >>> graph, point = trace_vector(lambda x: x[0] * x[1], [2.0, 3.0])
    >>> graph.source, graph.inputs
    ('x0*x1', ('x0', 'x1'))
    """
    import numpy as np

    try:
        point = np.asarray(at, dtype=float)
    except (TypeError, ValueError, OverflowError):
        hint = "give numbers in one flat array, or values by name"
        raise GraphgradError(f"the point cannot be {quoted(at)}", hint=hint) from None
    if point.ndim != 1:
        raise GraphgradError(f"the point has {point.ndim} axes, not 1", hint="let the function take one flat array")
    named = {f"x{i}": number for i, number in enumerate(map(float, point))}
    return trace(lambda *xs: function(np.array(xs, dtype=object)), [*named], at=named, decisions=decisions), point
