"""Jumps and kinks within rounding: where floats may be on the other side of what is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphgrad.backprop.both_passes import backprop
from graphgrad.check.near_kinks import jumps_within_rounding, kinks_within_rounding
from graphgrad.graph.builder import build
from graphgrad.namespaces.rationals import FRACTIONS
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

JUMPS: list[tuple[str, dict[str, Any], str]] = [
    ("floor(x*y)", {"x": 0.29, "y": 100}, "floor"),
    ("ceil(x/y)", {"x": 0.3, "y": 0.1}, "ceil"),
    ("sign(x*y - 0.06)", {"x": 0.2, "y": 0.3}, "sign"),
    ("where(x + y > 0.3, 1, 2)*x", {"x": 0.1, "y": 0.2}, "gt"),
    ("where(x + y <= 0.3, 1, 2)*x", {"x": 0.1, "y": 0.2}, "le"),
    ("x + y == 0.3", {"x": 0.1, "y": 0.2}, "eq"),
    ("x + y != 0.3", {"x": 0.1, "y": 0.2}, "ne"),
    ("where(x + y - 0.3, 1, x)", {"x": 0.1, "y": 0.2}, "where"),
    ("x - y*floor(x/y)", {"x": 1, "y": 0.1}, "floor"),
]

KINKS: list[tuple[str, dict[str, Any], str]] = [
    ("max(x + y, 0.3)", {"x": 0.1, "y": 0.2}, "max"),
    ("max(x, y, z*3)", {"x": 0.3, "y": 0.1, "z": 0.1}, "max"),
    ("relu(x + y - 0.3)", {"x": 0.1, "y": 0.2}, "relu"),
    ("abs(x - y*3)", {"x": 0.3, "y": 0.1}, "abs"),
]

FAR: list[tuple[str, dict[str, Any]]] = [
    ("floor(x*y)", {"x": 0.5, "y": 5}),
    ("floor(x)", {"x": 2}),
    ("floor(x*y)", {"x": 2, "y": 3}),
    ("x == y", {"x": 0.1, "y": 0.1}),
    ("where(x > 0, x, -x)", {"x": 1e-300}),
    ("max(x*y, z)", {"x": 0.1, "y": 3, "z": 0.31}),
    ("where(x > 0, log(x), floor(3.3*x))", {"x": -1}),
    ("sin(x)*y", {"x": 1, "y": 2}),
]
"""Expressions whose operands are exact at the jump, or farther from it than their rounding."""


def passes(text: str, at: dict[str, Any], **options: Any) -> Passes:
    """Return both passes."""
    return backprop(build(text, parse(text)), at, **options)


def names(nodes: tuple[int, ...], of: Passes) -> list[str]:
    """Return the operations of nodes."""
    return [of.tape.step(node).op.name for node in nodes]


@pytest.mark.parametrize(("text", "at", "name"), JUMPS)
def test_a_jump_within_rounding_is_found(text: str, at: dict[str, Any], name: str) -> None:
    """The rounding of the operands reaches the jump."""
    result = passes(text, at)
    assert names(jumps_within_rounding(result), result) == [name]


@pytest.mark.parametrize(("text", "at", "name"), [*KINKS, *JUMPS])
def test_a_kink_within_rounding_is_found(text: str, at: dict[str, Any], name: str) -> None:
    """A kink without a jump is one of the derivative only."""
    result = passes(text, at)
    assert names(kinks_within_rounding(result), result) == [name]


@pytest.mark.parametrize(("text", "at", "name"), KINKS)
def test_a_kink_is_no_jump(text: str, at: dict[str, Any], name: str) -> None:
    """The value of a max does not jump where its operands are equal."""
    assert name
    assert jumps_within_rounding(passes(text, at)) == ()


@pytest.mark.parametrize(("text", "at"), FAR)
def test_what_rounding_does_not_reach_is_not_named(text: str, at: dict[str, Any]) -> None:
    """An exact operand at a jump is on its own side of it."""
    assert kinks_within_rounding(passes(text, at)) == ()


@pytest.mark.parametrize(("text", "at", "name"), [*KINKS, *JUMPS[:4]])
def test_entries_of_arrays_are_looked_at(text: str, at: dict[str, Any], name: str) -> None:
    """One entry within rounding is enough."""
    result = passes(f"sum({text})", {key: [value, 0.7] for key, value in at.items()})
    assert names(kinks_within_rounding(result), result) == [name]


def test_fractions_are_never_within_rounding() -> None:
    """Nothing is rounded in them."""
    assert jumps_within_rounding(passes("floor(x*y)", {"x": "0.29", "y": 100}, kind=FRACTIONS)) == ()
