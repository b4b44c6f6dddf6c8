"""Evaluate the witness of an operation's value in mpmath: the second definition that its row names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError
from graphgrad.check.sympy_witness import agree, exact_number, witness
from graphgrad.namespaces.many_digits import MPMATH_DIGITS, Mpmath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.namespaces.arrays import Entrywise
    from graphgrad.ops.op import Op

__all__ = [
    "attempt",
    "defined_value",
    "real_number",
    "referee",
    "witness_array",
    "witness_number",
    "witness_value",
]


FLOAT_BITS: Final = 64
"""Numbers of so many bits are exact in `MPMATH_DIGITS` digits, with many to spare."""

EXACT_AGREEMENT: Final = 1e-25
"""The relative tolerance within which the witness has sympy's rational number."""


@lru_cache(maxsize=8)
def referee(digits: int = MPMATH_DIGITS, *, stable: bool = False) -> Mpmath:
    """Return a namespace of so many digits; making one costs more than most of what it computes."""
    return Mpmath(stable=stable, digits=digits)


def attempt(compute: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a rule computes; None where it raises, since any rule may be wrong in any way.

    >>> attempt(lambda: 1 / 0), attempt(lambda: 1 / 4)
    (None, 0.25)
    """
    try:
        return compute(*args, **kwargs)
    except DeadlineError:
        raise
    except Exception:  # noqa: BLE001  a rule is code of the user's
        return None


def real_number(m: Mpmath, compute: Callable[..., Any], *args: Any) -> Any:
    """Return a finite real number of the namespace; None where the computation raises or gives anything else.

    >>> m = referee()
    >>> real_number(m, lambda: m.context.mpc(1, 2)), real_number(m, lambda: "1"), real_number(m, lambda: 2)
    (None, None, mpf('2.0'))
    """
    number = attempt(lambda: m.context.mpf(compute(*args) + 0))
    return number if number is not None and m.context.isfinite(number) else None


def witness_value(op: Op, m: Mpmath, xs: Sequence[Any]) -> Any:
    """Return the value of an operation on numbers by its row's witness; None where there is none.

    >>> from graphgrad.ops.table import OPS
    >>> print(witness_value(OPS["sqrt"], referee(20), [4]))
    2.0
    """
    named = op.witness
    if named is None:
        return None
    if callable(named):
        return real_number(m, named, m.context, *xs)
    return real_number(m, lambda: getattr(m.context, named)(*xs))


def witness_number(op: Op, point: Sequence[Fraction]) -> Fraction | None:
    """Return the value of an operation at a point by its row's witness, as a fraction; None where there is none.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> witness_number(OPS["mul"], [Fraction(3), Fraction(1, 2)])
    Fraction(3, 2)
    """
    m = referee(_digits_for(point))
    value = witness_value(op, m, [m.const(x) for x in point]) if op.witness else None
    return None if value is None else exact_number(value)


def _digits_for(point: Sequence[Fraction]) -> int:
    """Return the digits that hold these numbers and `MPMATH_DIGITS` more; those alone for floats, and small fractions.

    >>> from fractions import Fraction
    >>> _digits_for([Fraction(1, 3)]), _digits_for([Fraction(0.1)]), _digits_for([1 - Fraction(1, 2**300)])
    (60, 60, 180)
    """
    numerators = [abs(x.numerator) for x in point]
    bits = (n.bit_length() - (n & -n).bit_length() for n in numerators)  # those of the mantissa
    most = max((count for count in bits if count > FLOAT_BITS), default=0)
    return MPMATH_DIGITS * (1 + -(-most * 3 // 10 // MPMATH_DIGITS))


def defined_value(op: Op, point: Sequence[Fraction], *, exact: bool) -> Fraction | None:
    """Return the value that an operation must have at a point: by its witness, and by sympy where the row has none.

    Where `exact`, it is sympy's rational number, unless the witness has another.
    """
    theirs = witness_number(op, point)
    if theirs is not None and not exact:
        return theirs
    sympys = witness(op, len(point), exact=exact).value(point)
    is_same = theirs is None or (sympys is not None and agree(sympys, theirs, EXACT_AGREEMENT))
    return sympys if is_same else theirs


def witness_array(op: Op, m: Entrywise, operands: Sequence[Any]) -> Any:
    """Return the value of an operation on arrays by its row's witness; None where it has none or fails.

    `m` computes with the entries, which are mpmath's numbers.

    >>> from graphgrad.namespaces.arrays import Entrywise
    >>> from graphgrad.ops.table import OPS
    >>> m = Entrywise(referee())
    >>> x = m.np.array([[1, 2], [3, 4]], dtype=object)
    >>> witness_array(OPS["matmul"], m, [x, x]).tolist()
    [[7, 10], [15, 22]]
    """
    named, np, entries = op.witness, m.np, m.entries
    if not callable(named) or not isinstance(entries, Mpmath):
        return None
    arrays = [np.asarray(x, dtype=object) for x in operands]
    return attempt(lambda: np.asarray(named(np, entries.context, *arrays), dtype=object))
