"""Holds arrays against sympy and against differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.check.report import Row

if TYPE_CHECKING:
    from graphgrad.passes import Passes

__all__ = ["array_rows"]


def array_rows(passes: Passes) -> list[Row]:
    """Return the rows of a program on arrays."""
    return [Row("value", f"{len(passes.tape.steps)} nodes", "not attempted", note="arrays are not checked one by one")]
