"""Collect the rule table: every operation by its name; one row declares all of an operation."""

from __future__ import annotations

import copyreg
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.ops import arrays, elementary, network
from graphgrad.ops.elementary import COMPARISON, POWER, PRODUCT, SIGN, SUM
from graphgrad.ops.op import ArrayOp, Op

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ABS",
    "ALIASES",
    "COMPARISON",
    "FAMILIES",
    "NEG",
    "NUMERIC",
    "OPS",
    "POWER",
    "PRODUCT",
    "SIGN",
    "SOFTMAX",
    "SUM",
    "SUM_ALONG",
    "SUM_LIKE",
    "TRANSPOSE",
]

FAMILIES: Final[dict[str, tuple[Op, ...]]] = {**elementary.FAMILIES, **arrays.FAMILIES, **network.FAMILIES}
"""The rows by the title of their family, as lists of operations show them."""

ROWS: Final = tuple(op for rows in FAMILIES.values() for op in rows)


def by_name(rows: Iterable[Op]) -> dict[str, Op]:
    """Return operations by name. Raises `GraphgradError` for a name that `m.name` cannot spell, or that two rows have.

    >>> by_name(FAMILIES["Arithmetic"][:1]).keys()
    dict_keys(['add'])
    """
    table: dict[str, Op] = {}
    for op in rows:
        if not op.name.isidentifier() or iskeyword(op.name) or op.name.startswith("_"):
            hint = "take letters, digits and underscores, a letter first, and no word of Python's own"
            raise GraphgradError(f"{op.name!r} cannot be the name of an operation", hint=hint)
        if op.name in table:
            raise GraphgradError(f"two operations are called {op.name!r}", hint="give one another name")
        table[op.name] = op
    return table


OPS: Final[dict[str, Op]] = by_name(ROWS)
NUMERIC: Final[dict[str, Op]] = {name: op for name, op in OPS.items() if not op.on_arrays}
"""The operations on numbers, which work entry by entry on arrays."""

ABS, NEG, SOFTMAX, SUM_ALONG, SUM_LIKE = (OPS[name] for name in ("abs", "neg", "softmax", "sum_along", "sum_like"))
"""Rows that a tape's writers look for, or write, themselves."""

TRANSPOSE: Final = OPS["transpose"].with_params({})
"""The transposition of a matrix, which undoes itself."""

ALIASES: Final[dict[str, str]] = {alias: op.name for op in ROWS for alias in op.aliases}


def _reduced(op: Op) -> Any:
    """Return what pickle and copy take: a row's name and parameters, since its rules have no names of their own."""
    known, params = OPS.get(op.name), dict(op.params)
    is_of_the_table = known is not None and known.with_params(params) is op
    return (_found, (op.name, params)) if is_of_the_table else op.__reduce_ex__(2)


def _found(name: str, params: dict[str, Any]) -> Op:
    return OPS[name].with_params(params)


copyreg.pickle(Op, _reduced)
copyreg.pickle(ArrayOp, _reduced)
