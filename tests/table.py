"""What tests that loop over the table share: each operation on inputs, points of its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphgrad.ops import NUMERIC
from graphgrad.printing import Notation, Text

if TYPE_CHECKING:
    from graphgrad.ops import Op

TABLE = pytest.mark.parametrize("op", NUMERIC.values(), ids=lambda op: op.name)


def called(op: Op) -> str:
    """Return an operation on as many inputs as it takes."""
    return Notation().value(op, [Text(name) for name in "xyz"[: op.arity]]).string


def points(op: Op) -> list[dict[str, float]]:
    """Return points of the operation's domain, no two coordinates alike."""
    probes = [op.domain(i).probes(8 + 2 * i) for i in range(op.arity)]
    return [
        {name: p[(k + 2 * i) % len(p)] for i, (name, p) in enumerate(zip("xyz", probes, strict=False))}
        for k in range(8)
    ]


def differentiable(op: Op) -> list[str]:
    """Return the operands by which the row declares a derivative."""
    return [name for i, name in enumerate("xyz"[: op.arity]) if op.rule(i) is not None]
