"""Record calls of NumPy's and SciPy's functions and methods as operations of the table."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.ops.table import OPS
from graphgrad.ops.targets import NUMPY
from graphgrad.tape.writer import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.writer import Writer

__all__ = ["COMPOSED", "cannot_record", "elementwise", "methods", "record", "recorder_of"]

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
"""Functions of NumPy's that are recorded as several operations by the tape writer `m`."""

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
"""The `__name__` of each function of NumPy's and SciPy's that is recorded as one operation."""

SYNONYMS: Final = {"degrees": "rad2deg", "radians": "deg2rad"}
"""Second names of functions in `COMPOSED`."""


def cannot_record(what: str, hint: str = "") -> GraphgradError:
    """Return the error for a call that has no counterpart among the operations."""
    return GraphgradError(f"{what} cannot be recorded", hint=hint or "graphgrad --operations lists what can")


@lru_cache(maxsize=1000)
def recorder_of(function: Any) -> Callable[..., Any]:
    """Return the recorder of a NumPy or SciPy function; it takes the tape writer and the operands of a call.

    >>> import numpy as np
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> tape = m.tape([recorder_of(np.reciprocal)(m, m.input("x"))])
    >>> [step.op.name for step in tape.steps]
    ['div']
    """
    name = function.__name__
    ops = tuple(OPS[op] for op, names in FUNCTIONS.items() if name in names)
    composed = COMPOSED.get(SYNONYMS.get(name, name))
    if not ops and composed is None:
        raise cannot_record(f"np.{name}")
    return partial(record, ops, name) if ops else composed  # type: ignore[return-value]


@lru_cache(maxsize=1000)
def methods(name: str) -> tuple[Op, ...]:
    """Return the operations that a method of this name may record, named so by NumPy or else by the text.

    There may be several: `max` is that of several numbers, and that of an array's entries.
    """
    import numpy as np

    ufunc = getattr(np, name, None)
    is_ufunc = isinstance(ufunc, np.ufunc) and ufunc.__name__ == name  # NumPy then calls the method of each element

    def is_called(op: Op) -> bool:
        return name in FUNCTIONS.get(op.name, ()) or (not is_ufunc and name in (op.name, op.spoken, *op.aliases))

    return tuple(filter(is_called, OPS.values()))


def record(ops: Sequence[Op], name: str, m: Writer, *operands: Any, **options: Any) -> Any:
    """Record the first operation that accepts these operands and options; options may be positional after operands."""
    given = tuple(operands[0]) if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    for op in ops:
        positional = {} if op.variadic else dict(zip(op.options, given[op.arity :], strict=False))
        operands_alone = given[: len(given) - len(positional)]
        if op.takes(len(operands_alone)) and {*positional, *options} <= {*op.options}:
            return m.value(op.with_params({**positional, **options}) if op.options else op, operands_alone)
    wrong = "with these options" if options else f"of {len(given)} operand{'s' * (len(given) != 1)}"
    raise cannot_record(f"np.{name} {wrong}", ops[0].about)


def elementwise(function: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """Apply a function to each element of broadcast arrays; return an array of the results."""
    import numpy as np

    arrays = []
    for operand in operands:
        array = np.empty(np.shape(operand) if not isinstance(operand, Ref) else (), dtype=object)
        array[...] = operand
        arrays.append(array)
    return np.frompyfunc(function, len(operands), 1)(*arrays)
