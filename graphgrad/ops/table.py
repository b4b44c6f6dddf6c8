"""Collect the rule table: every operation by its name; one row declares all of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.ops import arrays, elementary, network
from graphgrad.ops.elementary import COMPARISON, POWER, PRODUCT, SIGN, SUM

if TYPE_CHECKING:
    from graphgrad.ops.op import Op

__all__ = ["ALIASES", "COMPARISON", "NUMERIC", "OPS", "POWER", "PRODUCT", "SIGN", "SUM"]

ROWS: Final = (*elementary.ROWS, *arrays.ROWS, *network.ROWS)

OPS: Final[dict[str, Op]] = {op.name: op for op in ROWS}
NUMERIC: Final[dict[str, Op]] = {name: op for name, op in OPS.items() if not op.on_arrays}
"""The operations on numbers, which work entry by entry on arrays."""

ALIASES: Final[dict[str, str]] = {alias: op.name for op in ROWS for alias in op.aliases}
