"""Record calls of NumPy's and SciPy's functions and methods as operations of the table."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import OPS
from graphgrad.ops.targets import NUMPY
from graphgrad.tape.writer import Ref
from graphgrad.transform.numpy_calls import CLIP, DIAGONAL, FACTOR, LETTERS, SIGNATURES, bound, cannot_record, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.writer import Writer

__all__ = ["COMPOSED", "elementwise", "method_of", "record", "recorder_of"]


def _clip(m: Writer, a: Any, a_min: Any, a_max: Any) -> Any:
    """Record a number between two bounds, of which one may be None."""
    above = a if a_min is None else m.max(a, a_min)
    return above if a_max is None else m.min(above, a_max)


def _from_below(m: Writer, a: Any) -> Any:
    """Record the symmetric matrix that NumPy takes a factor of: that of the lower triangle."""
    return m.tril(a, k=0) + m.transpose(m.tril(a, k=-1), axes=None)


def _by_letters(name: str, m: Writer, subscripts: Any, *operands: Any, **keywords: Any) -> Any:
    """Record a sum of products; how NumPy is told to compute it makes no difference."""
    if not isinstance(subscripts, str) or "." in subscripts:
        raise cannot_record(f"np.{name} without letters for all axes", f'write np.{name}("ij,jk->ik", a, b)')
    keywords.pop("optimize", None)
    bound(name, LETTERS, (), keywords)
    return m.einsum(*operands, subscripts=subscripts)


def _condition(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return the recorder of a function whose result is true or false."""
    return lambda m, *operands: m.as_condition(rule(m, *operands))


def _of_conditions(rule: Callable[..., Any]) -> Callable[..., Any]:
    """Return the recorder of a function on bits, which are recorded of conditions alone."""
    return _condition(lambda m, *operands: rule(m, *map(m.condition, operands)))


COMPOSED: Final[dict[str, Callable[..., Any]]] = {
    "bitwise_and": _of_conditions(lambda m, x, y: m.logical_and(x, y)),
    "bitwise_or": _of_conditions(lambda m, x, y: m.logical_or(x, y)),
    "bitwise_xor": _of_conditions(lambda m, x, y: m.ne(x, y)),
    "clip": lambda m, *arguments, **keywords: _clip(m, *bound("clip", CLIP, arguments, keywords)[0]),
    "conjugate": lambda m, x: x,
    "divmod": lambda m, x, y: (m.floor_div(x, y), m.floor_mod(x, y)),
    "fabs": lambda m, x: m.abs(x),
    "float_power": lambda m, x, y: x**y,
    "floor_divide": lambda m, x, y: m.floor_div(x, y),
    "fmax": lambda m, x, y: m.max(x, y),
    "fmin": lambda m, x, y: m.min(x, y),
    "invert": _of_conditions(lambda m, x: m.logical_not(x)),
    "positive": lambda m, x: x,
    "reciprocal": lambda m, x: 1 / x,
    "square": lambda m, x: x**2,
    "remainder": lambda m, x, y: m.floor_mod(x, y),
    "sinc": lambda m, x: m.sin_over_x(m.pi * x),
}
"""Functions of NumPy's that are recorded as several operations by the tape writer `m`."""

READ_OTHERWISE: Final[Spellings] = {
    "cholesky": lambda m, *xs, **given: m.cholesky(_from_below(m, *bound("cholesky", FACTOR, xs, given)[0])),
    "einsum": lambda m, *xs, **given: _by_letters("einsum", m, *xs, **given),
    "trace": lambda m, *xs, **given: m.sum_along(m.diag(*bound("trace", DIAGONAL, xs, given)[0])),
}
"""Functions of NumPy's that are called as an operation is, but whose operands or arguments NumPy reads otherwise."""

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
    "exp2": ("exp2",),
    "exp10": ("exp10",),
    "cosm1": ("cosm1",),
    "boxcox": ("boxcox",),
    "deg2rad": ("deg2rad", "radians"),
    "rad2deg": ("rad2deg", "degrees"),
    "sind": ("sindg",),
    "cosd": ("cosdg",),
    "tand": ("tandg",),
    "round": ("rint",),
    "trunc": ("trunc", "fix"),
    "rem": ("fmod",),
    "heaviside_with": ("heaviside",),
    "copysign": ("copysign",),
    "normcdf": ("ndtr",),
    "logit": ("logit",),
    "log_expit": ("log_expit",),
    "logaddexp": ("logaddexp",),
    "xlog1py": ("xlog1py",),
    "entr": ("entr",),
    "rel_entr": ("rel_entr",),
    "kl_div": ("kl_div",),
    "huber": ("huber",),
    "pseudo_huber": ("pseudo_huber",),
    "logical_and": ("logical_and",),
    "logical_not": ("logical_not",),
    "logical_or": ("logical_or",),
    "logical_xor": ("logical_xor",),
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
    **{name: (name,) for name in ("var", "std", "prod", "cumsum", "cumprod", "flip", "roll", "tril", "triu", "diag")},
    **{name: (name,) for name in ("inv", "det", "solve", "cross", "vdot")},
    "transpose": ("transpose",),
    "reshape": ("reshape",),
    "concat": ("concatenate", "concat"),
    "stack": ("stack",),
    "softmax": ("softmax",),
    "log_softmax": ("log_softmax",),
    "logsumexp": ("logsumexp",),
}
"""The `__name__` of each function of NumPy's and SciPy's that is recorded as one operation."""

SYNONYMS: Final = {"conj": "conjugate"}
"""Second names of functions in `COMPOSED`."""


@lru_cache(maxsize=1000)
def recorder_of(function: Any) -> Callable[..., Any]:
    """Return the recorder of a NumPy or SciPy function; it takes the tape writer and the operands of a call.

    >>> import numpy as np
    >>> from graphgrad.transform.raising import Recorder
    >>> m = Recorder()
    >>> tape = m.tape([recorder_of(np.reciprocal)(m, m.input("x"))])
    >>> [step.op.name for step in tape.steps]
    ['div']
    """
    name = function.__name__
    ops = tuple(OPS[op] for op, names in FUNCTIONS.items() if name in names)
    composed = COMPOSED.get(SYNONYMS.get(name, name)) or READ_OTHERWISE.get(name)
    if not ops and composed is None:
        raise cannot_record(f"np.{name}")
    return _called_by(name, ops) or (partial(record, ops, name) if ops else composed)  # type: ignore[return-value]


def _called_by(name: str, ops: Iterable[Op]) -> Callable[..., Any] | None:
    """Return the recorder of calls as NumPy reads them; None where an operation has operands alone."""
    op = next((op for op in ops if op.name in SIGNATURES), None)
    return None if op is None else partial(_record_call, name, op)


def _record_call(name: str, op: Op, m: Writer, *arguments: Any, **keywords: Any) -> Any:
    operands, params = bound(name, SIGNATURES[op.name], arguments, keywords)
    if any(operand is None for operand in operands):
        raise cannot_record(f"np.{name} of {len(arguments)} argument{'s' * (len(arguments) != 1)}")
    return record((op,), name, m, *operands, **params)


def _record_method(name: str, op: Op, m: Writer, x: Any, *arguments: Any, **keywords: Any) -> Any:
    return _record_call(name, op, m, x, *packed(SIGNATURES[op.name], arguments), **keywords)


@lru_cache(maxsize=1000)
def method_of(name: str) -> Callable[..., Any] | None:
    """Return the recorder of an array's method, which takes the tape writer, the operand and arguments; None without.

    An operation is a method by NumPy's name, and by its own where NumPy has no ufunc of that name.
    """
    import numpy as np

    ops = tuple(_methods(name))
    if hasattr(np.ndarray, name):
        op = next((op for op in ops if op.name in SIGNATURES), None)
        return COMPOSED.get(SYNONYMS.get(name, name)) if op is None else partial(_record_method, name, op)
    unary = [op for op in ops if op.arity == 1 and not op.variadic]
    return partial(record, unary, name) if unary else None


def _methods(name: str) -> Iterator[Op]:
    import numpy as np

    ufunc = getattr(np, name, None)
    is_ufunc = isinstance(ufunc, np.ufunc) and ufunc.__name__ == name  # NumPy then calls the method of each element

    def is_called(op: Op) -> bool:
        return name in FUNCTIONS.get(op.name, ()) or (not is_ufunc and name in (op.name, op.spoken, *op.aliases))

    return filter(is_called, OPS.values())


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
