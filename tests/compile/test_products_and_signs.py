"""Tapes rewritten for a machine: the same numbers from fewer operations."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cancelling_sums import BLACK_SCHOLES, outputs
from test_corpus import FORMULAS, each
from test_properties import NAMES, expressions

import graphgrad as gg
from graphgrad.compile import CommutativeWriter, Python, lowered, simplified
from graphgrad.tape import differentiated


def glyphs(*outputs: Any, m: CommutativeWriter) -> str:
    """Return the operations that are left of what was written."""
    return " ".join(step.op.glyph for step in simplified(m.tape(outputs)).steps)


def symbols(m: CommutativeWriter) -> list[Any]:
    """Return three inputs."""
    return [m.input(name) for name in "xyz"]


def test_signs_go_into_sums() -> None:
    """A sign costs nothing where there is a sum, or another sign, that takes it up."""
    m = CommutativeWriter()
    x, y, z = symbols(m)
    assert glyphs(-x * y + z, m=m) == "× −"
    assert glyphs(z - (-x) * y, m=m) == "× +"
    assert glyphs(-x * y, -x * z + y, m=m) == "× − × −"
    assert glyphs((0 - x * y) * z + x, m=m) == "× × −"
    assert glyphs(m.exp(-2 * x * y), m=m) == "× × exp"


def test_signs_stay_where_turning_them_takes_more() -> None:
    """What several need with its sign keeps it."""
    m = CommutativeWriter()
    x, y, z = symbols(m)
    assert glyphs(-x * y, -x * z, m.exp(-x), m=m) == "− × × exp"
    assert glyphs(y - x, m.exp(x - y), m=m) == "− − exp"


def test_products_are_made_of_products_that_are_there() -> None:
    """Factors meet in the order in which they meet elsewhere."""
    m = CommutativeWriter()
    x, y, z = symbols(m)
    assert glyphs((x * y) * z, m.exp(y * z), m=m) == "× × exp"
    assert glyphs((x * y) * 0.5, m.exp(0.5 * y), m=m) == "× × exp"
    assert glyphs((x * y) * z, x * y, m.exp(y * z), m=m) == "× × × exp"  # x*y is there as well


def test_common_factors_are_drawn_out() -> None:
    """A sum of products with a common factor, or of quotients by one divisor, is one of them."""
    m = CommutativeWriter()
    x, y, z = symbols(m)
    assert glyphs(x * y + z * x, m=m) == "+ ×"
    assert glyphs(x * y - z * x, m=m) == "− ×"
    assert glyphs(3 * y - 3 * x, m=m) == "− ×"
    assert glyphs(x / z + y / z, m=m) == "+ ÷"
    assert glyphs(x * y + z * x, x * y, m=m) == "× × +"  # x*y is needed anyway


def test_the_gradient_of_black_and_scholes_is_as_short_as_a_textbooks() -> None:
    """The price and its five derivatives take seven functions and some thirty operations."""
    graph = gg.parse(BLACK_SCHOLES).data
    tape = lowered(differentiated(graph, graph.inputs), Python().knows, Python.title)
    counts = Counter("function" if step.op.glyph.isalpha() else "sign" for step in tape.steps)
    assert counts["function"] <= 6
    assert counts["sign"] <= 37


@settings(deadline=None)
@given(expressions(), st.lists(st.floats(-4, 4), min_size=3, max_size=3))
def test_the_same_is_computed(text: str, at: list[float]) -> None:
    """Value and gradient are the same in many digits, in no more steps."""
    graph = gg.parse(text).data
    tape = differentiated(graph, graph.inputs)
    shorter = simplified(tape)
    point = dict(zip(NAMES, at, strict=True))
    assert len(shorter.steps) <= len(tape.steps)
    assert outputs(shorter, point) == pytest.approx(outputs(tape, point), rel=1e-13, abs=1e-300)


@each(FORMULAS)
def test_published_formulas_become_no_longer(line: dict[str, Any]) -> None:
    """The gradient of a published formula takes no more steps than its plain sweeps."""
    graph = gg.parse(line["expr"]).data
    tape = differentiated(graph, graph.inputs)
    assert len(simplified(tape).steps) <= len(tape.steps)
