"""A Python function → a graph: called once on operands that record what is done to them.

NumPy hands its functions over by its protocols `__array_ufunc__` (NEP 13) and `__array_function__` (NEP 18).
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache, partial
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, NoReturn

from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.array_values import is_array, unboxed
from graphgrad.namespaces.floats import Floats
from graphgrad.ops.table import NUMERIC, OPS
from graphgrad.ops.targets import NUMPY
from graphgrad.printing.program import statements_of
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Ref, Writer
from graphgrad.transform.raising import Recorder, raised, refuse_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["Decision", "Traced", "trace", "trace_vector"]

COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "bitwise_and": lambda m, x, y: x * y,
    "bitwise_or": lambda m, x, y: m.max(x, y),
    "clip": lambda m, x, low, high: m.min(m.max(x, low), high),
    "deg2rad": lambda m, x: x * m.pi / 180,
    "exp2": lambda m, x: 2**x,
    "fabs": lambda m, x: m.abs(x),
    "float_power": lambda m, x, y: x**y,
    "floor_divide": lambda m, x, y: m.floor(x / y),
    "fmax": lambda m, x, y: m.max(x, y),
    "fmin": lambda m, x, y: m.min(x, y),
    "heaviside": lambda m, x, middle: m.where(m.eq(x, 0), middle, m.gt(x, 0)),
    "invert": lambda m, x: 1 - x,
    "logical_and": lambda m, x, y: m.ne(x, 0) * m.ne(y, 0),
    "logical_not": lambda m, x: m.eq(x, 0),
    "logical_or": lambda m, x, y: m.max(m.ne(x, 0), m.ne(y, 0)),
    "positive": lambda m, x: x,
    "rad2deg": lambda m, x: x * 180 / m.pi,
    "reciprocal": lambda m, x: 1 / x,
    "remainder": lambda m, x, y: x - y * m.floor(x / y),
    "square": lambda m, x: x**2,
}
"""What NumPy has as one function and the table of rules says in several operations; `m` records them."""

FUNCTIONS: Final[Spellings] = {
    **{name: (function,) for name, function in NUMPY.items()},
    "add": ("add",),
    "sub": ("subtract",),
    "mul": ("multiply",),
    "div": ("divide", "true_divide"),
    "neg": ("negative",),
    "lt": ("less",),
    "le": ("less_equal",),
    "gt": ("greater",),
    "ge": ("greater_equal",),
    "eq": ("equal",),
    "ne": ("not_equal",),
    "where": ("where",),
    "abs": ("absolute",),
    "sign": ("sign",),
    "min": ("minimum", "min"),
    "max": ("maximum", "max"),
    "erf": ("erf",),
    "erfc": ("erfc",),
    "gamma": ("gamma",),
    "lgamma": ("gammaln", "loggamma"),
    "digamma": ("digamma", "psi"),
    "polygamma": ("polygamma",),
    "sigmoid": ("expit",),
    "xlogy": ("xlogy",),
    "matmul": ("matmul", "dot"),
    "outer": ("outer",),
    "sum_along": ("sum",),
    "mean": ("mean",),
    "amax": ("amax", "max"),
    "amin": ("amin", "min"),
    "norm": ("norm",),
    "transpose": ("transpose",),
    "reshape": ("reshape",),
    "concat": ("concatenate", "concat"),
    "stack": ("stack",),
    "softmax": ("softmax",),
    "log_softmax": ("log_softmax",),
    "logsumexp": ("logsumexp",),
}
"""What the functions of NumPy and SciPy that are recorded as an operation call themselves."""

SYNONYMS: Final = {"degrees": "rad2deg", "radians": "deg2rad"}


class Decision(NamedTuple):
    """What a function asked of a condition while it was traced at a point, and whether that lay on the very edge."""

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
    """Return the graph of what a function does to its arguments; their names by default its parameters'.

    Traced `at` a point, the function may ask whether a condition holds; the graph is that of the branches taken there,
    and what was asked is put into `decisions`.

    >>> import numpy as np
    >>> trace(lambda apple, n: np.sin(apple) * n + 1).source
    'sin(apple)*n + 1'
    """
    names, defaults = (_accepted(function, names), {}) if names else _parameters(function)
    for name in names:
        refuse_name(name)
    if len(set(names)) < len(names):
        raise GraphgradError(f"two inputs have the same name: {', '.join(names)}")
    m = _Tracer() if at is None else _PathTracer(at, [] if decisions is None else decisions)
    output = _single(m, function(*map(m.input, names)))
    return replace(raised(m.tape([output]), names), defaults=defaults)


def _accepted(function: Callable[..., Any], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, if the function takes so many arguments."""
    try:
        _signature(function).bind(*names)
    except TypeError as error:
        raise GraphgradError(f"the function does not take {len(names)} inputs: {error}") from None
    return tuple(names)


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except ValueError:  # written in C, it may not say
        return inspect.signature(lambda *_: None)


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Fraction]]:
    """Return the names of a function's parameters, and the numbers that are their defaults."""
    parameters = _signature(function).parameters.values()
    needed = [p for p in parameters if p.default is p.empty]
    if not needed or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in needed):
        raise GraphgradError("the function does not say how its inputs are called", hint='write trace(f, "x", "y")')
    settled = [p for p in parameters if p.kind is not p.KEYWORD_ONLY and isinstance(p.default, Real)]
    return tuple(p.name for p in [*needed, *settled]), {p.name: exact(p.default) for p in settled}


def _single(m: _Tracer, result: Any) -> Ref:
    # A function of NumPy's may return an array that holds the one result.
    result = unboxed(result)
    if isinstance(result, Traced | Real | Decimal):
        return m.lift(result)
    kind = "nothing" if result is None else f"a {type(result).__name__}"
    raise GraphgradError(f"the function returned {kind}", hint="let it return one number")


class Traced(Ref):
    """An argument of a traced function, or what became of it: arithmetic, comparisons and NumPy's functions record."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say what it is: it has no value."""
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

    def __and__(self, other: object) -> Any:
        return COMPOSED["bitwise_and"](self.writer, self, other)

    def __or__(self, other: object) -> Any:
        return COMPOSED["bitwise_or"](self.writer, self, other)

    def __invert__(self) -> Any:
        return COMPOSED["invert"](self.writer, self)

    def __mod__(self, other: object) -> Any:
        return COMPOSED["remainder"](self.writer, self, other)

    def __rmod__(self, other: object) -> Any:
        return COMPOSED["remainder"](self.writer, other, self)

    def __floordiv__(self, other: object) -> Any:
        return COMPOSED["floor_divide"](self.writer, self, other)

    def __rfloordiv__(self, other: object) -> Any:
        return COMPOSED["floor_divide"](self.writer, other, self)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """Record one of NumPy's functions, element by element where an operand is an array."""
        if method != "__call__" or any(value is not None for value in options.values()):
            raise _unknown(f"np.{ufunc.__name__} with options", "call it with the operands alone")
        read = _reading(ufunc)
        if not any(map(is_array, operands)):
            return read(self.writer, *operands)
        if ufunc.signature:  # no function of single elements
            raise _unknown(f"np.{ufunc.__name__} with an array", "pass the array as an argument")
        return _elementwise(partial(read, self.writer), operands)

    def __array_function__(self, function: Any, _types: Any, operands: Any, options: Any) -> Any:
        """Record a function of NumPy's that is no ufunc, such as `np.where`."""
        return _reading(function)(self.writer, *operands, **options)

    def __getattr__(self, name: str) -> Any:
        """Be called as arrays are, `x.sum()`, and by NumPy, as an element of one that it does not know: `x.sin()`."""
        ops = [op for op in _methods(name) if op.arity == 1 and not op.variadic]
        if not ops:
            raise AttributeError(name)
        return partial(_record, ops, name, self.writer, self)

    def __bool__(self) -> bool:
        """Answer `if`, `and`, `or`, `not`, `min`, `max`, a < b < c and `in`, which ask for a truth, at a point only."""
        return self.writer.truth(self)  # type: ignore[no-any-return]

    def _refuse(self, *_: object) -> NoReturn:
        raise GraphgradError(
            "a traced value stands for any number and is none: functions of Python's math cannot take it",
            hint="write np.sin for math.sin, np.exp for math.exp, and so on",
        )

    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = _refuse

    def __iter__(self, *_: object) -> NoReturn:
        """Refuse to be an array."""
        raise GraphgradError("a traced value is one number and has no elements", hint="give each element a name")

    __len__ = __getitem__ = __setitem__ = __iter__


class _Tracer(Recorder):
    """Records on operands that a user's function can hold."""

    ref: ClassVar[type[Ref]] = Traced

    def lift(self, operand: Any) -> Ref:
        """Return a number of the function as an operand."""
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
        """Refuse to say whether a condition holds."""
        raise GraphgradError(
            "a traced value is neither true nor false: if, and, or, not, min, max and a < b < c cannot look at it",
            hint="write np.where(condition, a, b), np.minimum, np.maximum, or (a < b) & (b < c)",
        )


class _PathTracer(_Tracer):
    """Records at a point, and says whether conditions hold there."""

    def __init__(self, at: Mapping[str, float], decisions: list[Decision]) -> None:
        super().__init__()
        self._at, self._decisions = at, decisions

    def truth(self, condition: Ref) -> bool:
        tape, m = self.tape([condition]), Floats()
        values = forward(tape, m, {name: float(self._at[name]) for name in tape.inputs})
        value = values[condition.register]
        holds = bool(value)  # a fault raises itself
        last = next((step for step in tape.steps if step.target == condition.register), None)
        kink = last and last.op.kink
        on_edge = bool(kink and kink.at(m.operations, *(values[i] for i in last.operands))) if last else not value
        _, [text] = statements_of(tape, {})
        self._decisions.append(Decision(text.string, holds, on_edge))
        return holds


@cache
def _constants() -> dict[Any, Op]:
    """Return the constants of the table by their floats: `np.pi` is π."""
    return {Floats().value(op, []): op for op in NUMERIC.values() if not op.arity}


def exact(number: Any) -> Fraction:
    # A float stands for the decimal it is written as: 1.1 is 11/10.
    try:
        if isinstance(number, Rational | Decimal):
            return Fraction(number)
        if isinstance(number, Real):
            return Fraction(repr(float(number)))
    except (ValueError, OverflowError):
        raise GraphgradError(f"{number} is no number that a graph can hold") from None
    kind = type(number).__name__
    raise GraphgradError(f"a {kind} cannot be recorded", hint="a traced function computes with numbers")


def _unknown(what: str, hint: str = "") -> GraphgradError:
    return GraphgradError(f"{what} cannot be recorded", hint=hint or "graphgrad --operations lists what can")


@lru_cache(maxsize=1000)
def _reading(function: Any) -> Callable[..., Any]:
    """Return how one of NumPy's (or SciPy's) functions is recorded."""
    name = function.__name__
    ops = tuple(OPS[op] for op, names in FUNCTIONS.items() if name in names)
    composed = COMPOSED.get(SYNONYMS.get(name, name))
    if not ops and composed is None:
        raise _unknown(f"np.{name}")
    return partial(_record, ops, name) if ops else composed  # type: ignore[return-value]


@lru_cache(maxsize=1000)
def _methods(name: str) -> tuple[Op, ...]:
    """Return the operations that a method of that name records: those that NumPy, or else the text, calls so.

    `max` is the largest of several numbers, and of an array's entries.
    """
    import numpy as np

    ufunc = getattr(np, name, None)
    is_ufunc = isinstance(ufunc, np.ufunc) and ufunc.__name__ == name  # it calls this method of an array's elements

    def is_called(op: Op) -> bool:
        return name in FUNCTIONS.get(op.name, ()) or (not is_ufunc and name in (op.name, op.spoken, *op.aliases))

    return tuple(filter(is_called, OPS.values()))


def _record(ops: Sequence[Op], name: str, m: Writer, *operands: Any, **options: Any) -> Any:
    """Record the first operation that takes so many operands and such options, which may also stand behind them."""
    given = tuple(operands[0]) if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    for op in ops:
        behind = {} if op.variadic else dict(zip(op.options, given[op.arity :], strict=False))
        whole = given[: len(given) - len(behind)]
        if op.takes(len(whole)) and {*behind, *options} <= {*op.options}:
            return m.value(op.with_params({**behind, **options}) if op.options else op, whole)
    wrong = "with these options" if options else f"of {len(given)} operand{'s' * (len(given) != 1)}"
    raise _unknown(f"np.{name} {wrong}", ops[0].about)


def _elementwise(function: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """Return an array of what a function makes of each element."""
    import numpy as np

    arrays = []
    for operand in operands:
        array = np.empty(np.shape(operand) if not isinstance(operand, Ref) else (), dtype=object)
        array[...] = operand
        arrays.append(array)
    return np.frompyfunc(function, len(operands), 1)(*arrays)


def trace_vector(
    function: Callable[..., Any], at: Sequence[float], *, decisions: list[Decision] | None = None
) -> tuple[GraphData, Any]:
    """Return the graph of a function of one array at a point, its elements called x0, x1, …; and the array.

    >>> graph, point = trace_vector(lambda x: x[0] * x[1], [2.0, 3.0])
    >>> graph.source, graph.inputs
    ('x0*x1', ('x0', 'x1'))
    """
    import numpy as np

    point = np.asarray(at, dtype=float)
    if point.ndim != 1:
        raise GraphgradError(f"the point has {point.ndim} axes, not 1", hint="let the function take one flat array")
    named = {f"x{i}": number for i, number in enumerate(map(float, point))}
    return trace(lambda *xs: function(np.array(xs, dtype=object)), [*named], at=named, decisions=decisions), point
