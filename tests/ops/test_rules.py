"""Every row of the table, each in the same way: a new row is tested by being there."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import mpmath
import pytest
from table import TABLE, called, differentiable, points

import graphgrad as gg
from graphgrad.check import rule_rows
from graphgrad.graph import build
from graphgrad.namespaces import Floats, Mpmath
from graphgrad.ops import NUMERIC
from graphgrad.tape import lower
from graphgrad.text import parse

if TYPE_CHECKING:
    from graphgrad.ops import Op


@TABLE
def test_it_is_parsed(op: Op) -> None:
    """Its own notation parses to it."""
    graph = gg.parse(called(op))
    assert graph.dag.nodes[graph.data.output]["op"] == op.name


@TABLE
def test_its_rules_hold_against_sympy(op: Op) -> None:
    """Each declared derivative is proven, or held at points, by sympy."""
    rows = list(rule_rows(lower(build(called(op), parse(called(op))))))
    assert [row for row in rows if row.status != "ok"] == []
    assert len(rows) == (len(op.d) if not op.variadic else 1) - op.d.count(None)


@TABLE
def test_its_floats_are_those_of_fifty_digits(op: Op) -> None:
    """Value and derivatives agree with mpmath's, read from the same row, to 1e-13."""
    floats, referee = Floats(), Mpmath()
    for point in points(op):
        xs = list(point.values())
        precise = [referee.const(Fraction(x)) for x in xs]
        z, exact = floats.value(op, xs), referee.value(op, precise)
        assert float(z) == pytest.approx(float(exact), rel=1e-13, abs=1e-15)
        for i in range(op.arity):
            if op.rule(i) is not None:
                ours, theirs = floats.partial(op, i, float(z), xs), referee.partial(op, i, exact, precise)
                assert float(ours) == pytest.approx(float(theirs), rel=1e-13, abs=1e-300)


@TABLE
def test_its_derivatives_are_those_of_differences(op: Op) -> None:
    """Both passes agree with central differences in 50 digits: a referee that knows no rules."""
    wrt = differentiable(op)
    graph = gg.parse(called(op))
    with mpmath.workdps(50):
        for point in points(op)[:3]:
            grad = graph.backprop(point, wrt).grad
            for name in wrt:
                assert grad[name] == pytest.approx(difference(op, point, name), rel=1e-12, abs=1e-15)


def difference(op: Op, point: dict[str, float], name: str) -> float:
    """Return the central difference of an operation's value along one operand."""
    m, h = Mpmath(), Fraction(1, 10**20)
    sides = []
    for step in (-h, h):
        moved = {other: Fraction(x) + step * (other == name) for other, x in point.items()}
        sides.append(m.value(op, [m.const(x) for x in moved.values()]))
    return float((sides[1] - sides[0]) / m.const(2 * h))


@TABLE
def test_its_gradient_is_checked_end_to_end(op: Op) -> None:
    """The full check is true at a point of its domain."""
    report = gg.parse(called(op)).backprop(points(op)[2], differentiable(op)).check()
    assert report, str(report)
    assert not report.not_attempted


@TABLE
def test_its_derivative_is_a_graph(op: Op) -> None:
    """The derivative graph has the value that the backward pass gives."""
    graph, point = gg.parse(called(op)), points(op)[4]
    for name in differentiable(op):
        expected = graph.backprop(point, [name]).grad[name]
        assert graph.gradient(name).backprop(point, []).value == pytest.approx(expected, rel=1e-12, abs=1e-300)


@TABLE
def test_its_picture_and_documentation_name_it(op: Op) -> None:
    """It has a glyph, a sentence on what it is, and a domain for every operand."""
    assert op.glyph
    assert op.about
    assert all(op.domain(i).probes(3) for i in range(op.arity))


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity and not op.variadic and None not in op.d])
def test_values_agree_with_python(op: Op) -> None:
    """A function of that name in math has the same value, to the last bit but for lgamma, which loses some there."""
    function = getattr(math, op.name, None)
    if function is None:
        pytest.skip("Python has no function of this name")
    if op.name == "factorial":
        pytest.skip("Python's takes whole numbers alone, of the type int")
    for point in points(op):
        value = float(function(*point.values()))
        near = pytest.approx(value, rel=0, abs=2e-15 if op.name == "lgamma" else 0)
        assert Floats().value(op, list(point.values())) == near
