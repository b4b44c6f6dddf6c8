"""The score of planted faults: every rule of every row, wrong in ten ways, and none of them passes."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from planted import Planted, planted_in_arrays, planted_in_numbers
from programs import EACH

import graphgrad as gg
from graphgrad.backprop import shapes_of
from graphgrad.check import array_rule_rows, array_value_rule_rows, rule_rows, value_rule_rows
from graphgrad.namespaces import shape_of
from graphgrad.ops import NUMERIC, OPS
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.check import Row
    from graphgrad.ops import Op

DOCS = Path(__file__).parents[2] / "docs" / "checking.rst"


def rows_of_numbers(op: Op) -> Iterator[Row]:
    """Yield what the check finds on the rules of a row on numbers."""
    tape: Any = replace(lower(gg.parse("x").data), steps=(step(op, op.arity),))
    return chain(value_rule_rows(tape), rule_rows(tape))


def step(op: Op, count: int) -> Any:
    """Return a step of a tape."""
    [found] = lower(gg.parse("exp(x)").data).steps
    return found._replace(op=op, operands=tuple(range(count)))


def program(name: str) -> tuple[Op, tuple[tuple[int, ...], ...]]:
    """Return the row of an operation on arrays with its options fixed, and the shapes of its operands."""
    text, at = EACH[name]
    data = gg.parse(text).data
    tape = lower(data)
    shapes = shapes_of(data, tape, {n: shape_of(np.asarray(x)) for n, x in at.items()})
    [found] = [step for step in tape.steps if step.op.name == name]
    return found.op, tuple(shapes[i] for i in found.operands)


def rows_of_arrays(op: Op, shapes: tuple[tuple[int, ...], ...]) -> Iterator[Row]:
    """Yield what the check finds on the rules of a row on arrays."""
    tape: Any = replace(lower(gg.parse("x").data), steps=(step(op, len(shapes)),))
    return chain(array_value_rule_rows(tape, shapes), array_rule_rows(tape, shapes))


def passed(faults: Iterator[Planted], rows: Any) -> list[str]:
    """Return the faults that the check does not find."""
    return [str(fault) for fault in faults if not any(row.status == "failed" for row in rows(fault.op))]


SOME_PASS: Final = {
    **dict.fromkeys(
        ("bounded", "heaviside_with", "round_half_away"), "a derivative that is not 0 at a kink or tie alone"
    ),
    **dict.fromkeys(
        ("iv", "jv", "kl_div", "nthroot", "rel_entr"), "wrong where no probe is: far out, or on one of its branches"
    ),
}
"""The rows in which the check does not find each planted fault, and why."""


@pytest.mark.parametrize("op", NUMERIC.values(), ids=lambda op: op.name)
def test_every_fault_in_a_row_on_numbers_is_caught(op: Op) -> None:
    """Sign, factors, a small number more, another operand, one branch, far out, no number: in value and derivatives."""
    if op.name in SOME_PASS:
        pytest.xfail(SOME_PASS[op.name])
    assert passed(planted_in_numbers(op), rows_of_numbers) == []


@pytest.mark.parametrize("name", EACH)
def test_every_fault_in_a_row_on_arrays_is_caught(name: str) -> None:
    """The same in every rule on arrays, those of helpers too."""
    op, shapes = program(name)
    assert passed(planted_in_arrays(op, shapes), lambda wrong: rows_of_arrays(wrong, shapes)) == []


def test_faults_are_planted_in_every_row() -> None:
    """No row is left out: each has faults that make a difference, and most have dozens."""
    on_arrays = {name: len([*planted_in_arrays(*program(name))]) for name in EACH}
    assert EACH.keys() == OPS.keys() - NUMERIC.keys()
    assert min(on_arrays.values()) > 5
    assert all(any(planted_in_numbers(op)) for op in NUMERIC.values())


def test_the_documentation_tells_the_score() -> None:
    """How many faults are planted stands in the documentation, as it is counted here."""
    on_numbers = sum(len([*planted_in_numbers(op)]) for op in NUMERIC.values())
    on_arrays = sum(len([*planted_in_arrays(*program(name))]) for name in EACH)
    assert f"{on_numbers:,} faults in the rows on numbers and {on_arrays:,} in those on arrays" in " ".join(
        DOCS.read_text("utf-8").split()
    )
