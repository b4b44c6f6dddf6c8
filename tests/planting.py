"""Put a row into the default table for the time of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.ops import OPS
from graphgrad.ops.operations import Operations
from graphgrad.text import parser
from graphgrad.text.dialects import named

if TYPE_CHECKING:
    import pytest

    from graphgrad.ops import Op

__all__ = ["plant"]


def plant(monkeypatch: pytest.MonkeyPatch, op: Op) -> None:
    """Put a row in the place of that of its name: where rules look names up, and where the parser does."""
    monkeypatch.setitem(OPS, op.name, op)
    table = Operations.of_package(OPS.values())
    for module in (named, parser):
        monkeypatch.setattr(module, "OPERATIONS", table)
