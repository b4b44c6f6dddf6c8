"""The roles of operands: what a picture writes at operands that could be mistaken for each other."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from graphgrad.namespaces.floats import Floats
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from graphgrad.ops.op import Op

SEVERAL = [op for op in OPS.values() if op.arity > 1]
ON_NUMBERS = [op for op in SEVERAL if not op.on_arrays]
ON_ARRAYS = [op for op in SEVERAL if op.on_arrays]


def symmetric(op: Op) -> bool:
    """Tell whether an operation on numbers has the same value with its operands in any order."""
    for operands in ([1.0, 2.0, 0.5], [0.0, 2.0, 1.0]):
        values = [Floats().value(op, list(order)) for order in permutations(operands[: op.arity])]
        if len({str(value) for value in values}) > 1:
            return False
    return True


@pytest.mark.parametrize("op", ON_NUMBERS, ids=lambda op: op.name)
def test_operands_have_roles_where_their_order_matters(op: Op) -> None:
    """An operation on numbers names the role of each of its operands, unless these can be swapped."""
    assert len(op.roles) == (0 if symmetric(op) else op.arity)
    assert len(set(op.roles)) == len(op.roles)


@pytest.mark.parametrize("op", ON_ARRAYS, ids=lambda op: op.name)
def test_operands_on_arrays_have_roles(op: Op) -> None:
    """So does an operation on arrays; the roles differ."""
    assert len(op.roles) == len(set(op.roles)) == op.arity


def test_further_operands_are_counted() -> None:
    """An operation on any number of operands counts those beyond the first two."""
    assert [OPS["concat"].role(position) for position in range(5)] == ["1st", "2nd", "3rd", "4th", "5th"]
