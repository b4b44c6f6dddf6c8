"""Collect the rule table: every operation by its name; one row declares all of an operation."""

from __future__ import annotations

import copyreg
from typing import Any, Final

from graphgrad.ops import (
    activations,
    arrays,
    degrees,
    elementary,
    layers,
    linear_algebra,
    logic,
    network,
    powers,
    probability,
    reductions,
    rounding,
    special,
)
from graphgrad.ops.elementary import COMPARISON, POWER, PRODUCT, SIGN, SUM
from graphgrad.ops.op import ArrayOp, Op
from graphgrad.ops.operations import Operations

__all__ = [
    "ABS",
    "ALIASES",
    "COMPARISON",
    "FAMILIES",
    "NEG",
    "NUMERIC",
    "OPERATIONS",
    "OPS",
    "POW",
    "POWER",
    "PRODUCT",
    "SIGN",
    "SOFTMAX",
    "STACK",
    "SUM",
    "SUM_ALONG",
    "SUM_LIKE",
    "TRANSPOSE",
]

FAMILIES: Final[dict[str, tuple[Op, ...]]] = {
    **elementary.FAMILIES,
    **powers.FAMILIES,
    **degrees.FAMILIES,
    **rounding.FAMILIES,
    **logic.FAMILIES,
    **special.FAMILIES,
    **probability.FAMILIES,
    **arrays.FAMILIES,
    **reductions.FAMILIES,
    **linear_algebra.FAMILIES,
    **network.FAMILIES,
    **activations.FAMILIES,
    **layers.FAMILIES,
}
"""The rows by the title of their family, as lists of operations show them."""

ROWS: Final = tuple(op for rows in FAMILIES.values() for op in rows)


OPERATIONS: Final = Operations.of_package(ROWS)
"""The default table."""

OPS: Final[dict[str, Op]] = dict(OPERATIONS)
"""The same as a dictionary, which is faster to look into."""

NUMERIC: Final[dict[str, Op]] = {name: op for name, op in OPS.items() if not op.on_arrays}
"""The operations on numbers, which work entry by entry on arrays."""

ABS, NEG, POW, SOFTMAX, SUM_ALONG, SUM_LIKE = (
    OPS[name] for name in ("abs", "neg", "pow", "softmax", "sum_along", "sum_like")
)
STACK: Final = OPS["stack"].with_params({})
"""Rows that a tape's writers look for, or write, themselves."""

TRANSPOSE: Final = OPS["transpose"].with_params({})
"""The transposition of a matrix, which undoes itself."""

ALIASES: Final = OPERATIONS.aliases


def _reduced(op: Op) -> Any:
    """Return what pickle takes: a row's name and parameters, since its rules have no names of their own."""
    known, params = OPS.get(op.name), dict(op.params)
    if known is not None and known.with_params(params) is op:
        return _found, (op.name, params)
    from graphgrad.ops.own import is_own, reference

    return (_found_again, (reference(op), params)) if is_own(op) else op.__reduce_ex__(2)


def _found(name: str, params: dict[str, Any]) -> Op:
    return OPS[name].with_params(params)


def _found_again(where: tuple[str, str, str, str], params: dict[str, Any]) -> Op:
    from graphgrad.ops.own import found_again

    row: Op = found_again(*where)
    return row.with_params(params)


copyreg.pickle(Op, _reduced)
copyreg.pickle(ArrayOp, _reduced)
