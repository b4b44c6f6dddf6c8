"""The check: what it proves, what it catches, what it does not claim."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from planting import plant

import graphgrad as gg
from graphgrad.ops import OPS, nothing

if TYPE_CHECKING:
    from collections.abc import Callable


def checked(text: str, level: Any = "full", /, **at: float) -> Any:
    """Return the report on both passes at a point."""
    return gg.parse(text).backprop(at).check(level)


def test_each_level_says_what_was_checked() -> None:
    """Rules, values, local derivatives and gradients are counted, and the furthest one is named with its distance."""
    report = checked("(apple*n + orange*m)*tax", apple=100, n=2, orange=150, m=3, tax=1.1)
    assert str(report) == (
        "checked against sympy: 4 rules proven, 2 value rules held, 4 values, 8 local derivatives, "
        "1 value of the whole, 5 gradients; "
        "furthest: ∂/∂m, 0.469 ulp off (relative 8.1e-17)"
    )


def test_the_local_level_leaves_the_whole_gradient_out() -> None:
    """`local` differentiates no whole expression."""
    levels = {row.level for row in checked("sin(x)*x", "local", x=1).rows}
    assert levels == {"rule", "value rule", "value", "local"}


WRONG: dict[str, tuple[str, Callable[..., Any]]] = {
    "mul": ("x*y", lambda m, z, x, y: x),
    "pow": ("x**y", lambda m, z, x, y: (y + 1) * m.pow(x, y - 1)),
    "exp": ("exp(x)*y", lambda m, z, x: x),
    "log10": ("log10(x)*y", lambda m, z, x: 1 / x),
    "sin": ("sin(x*y)", lambda m, z, x: -m.cos(x)),
    "tanh": ("tanh(x)*y", lambda m, z, x: 1 - z),
    "asinh": ("asinh(x)*y", lambda m, z, x: 1 / m.sqrt(x**2 - 1)),
    "erf": ("erf(x)*y", lambda m, z, x: m.exp(-(x**2))),
    "gamma": ("gamma(x)*y", lambda m, z, x: m.digamma(x)),
    "abs": ("abs(x)*y", lambda m, z, x: 1.001 * m.sign(x)),
    "max": ("max(x, y)*y", lambda m, z, x, *xs: 1),
    "where": ("where(y > 0, y, x)", lambda m, z, c, x, y: m.where(c, 0, 1)),
    "sigmoid": ("sigmoid(x)*y", lambda m, z, x: z * (1 + z)),
}  # the second row of each pair is a wrong derivative by the operand below


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_caught_on_every_level(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong derivative fails as a rule, at the node, and in the gradient, whose row names that node."""
    text, rule = WRONG[name]
    op = OPS[name]
    position = 1 if name == "where" else 0
    wrong = replace(op, d=(*op.d[:position], rule, *op.d[position + 1 :]), stable_d=None)
    plant(monkeypatch, wrong)
    report = checked(text, x=1.5, y=2.25)
    assert not report
    assert {row.level for row in report.failures} >= {"local", "whole"}
    assert any(row.level.startswith("rule") for row in report.failures)
    assert "the first node to disagree is" in report.failures[-1].note


def test_a_wrong_stable_reading_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading for floats is held against the plain rule and against sympy."""
    wrong = replace(OPS["tanh"], stable_d={0: lambda m, z, x: 1 / m.cosh(x)})
    plant(monkeypatch, wrong)
    assert {row.level for row in checked("tanh(x)", x=1).failures} >= {"rule", "local", "whole"}


def test_a_rule_wrongly_declared_flat_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that moves is not piecewise constant."""
    plant(monkeypatch, replace(OPS["sin"], d=(nothing,)))
    assert any("piecewise constant" in row.note for row in checked("sin(x)", x=1).failures)


def test_a_wrong_value_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only derivatives: a value that differs from sympy's fails too."""
    plant(monkeypatch, replace(OPS["softplus"], stable_f=lambda m, x: m.log1p(m.exp(x)) + 1e-6))
    assert {row.level for row in checked("softplus(x)", x=1).failures} >= {"value"}


def test_the_check_looks_at_the_numbers_it_is_given() -> None:
    """A gradient tampered with after the passes fails, and the row has both numbers and their distance."""
    result = gg.parse("apple*n").backprop({"apple": 100, "n": 5})
    result.grad["apple"] = 5.0000001
    [row] = result.check().failures
    assert (row.subject, row.ours, row.theirs) == ("∂/∂apple", 5.0000001, 5)
    assert row.relative == pytest.approx(2e-8)
    assert row.note == "it is not what the graph gives"


def test_rounding_is_told_apart_from_a_fault() -> None:
    """Catastrophic cancellation is no wrong rule: the report says rounding, and how much was lost."""
    report = checked("(1 - cos(x))/x**2", x=1e-8)
    value, gradient = report.having("rounding")
    assert report
    assert (value.level, gradient.level) == ("whole value", "whole")
    assert value.relative == 1
    assert gradient.relative > 1
    assert "float64 rounding alone" in str(report)


def test_terms_that_cancel_are_no_alarm() -> None:
    """A gradient of exactly 0 that floats miss by an ulp of its terms is ok."""
    report = checked("sqrt((cos(t) + cos(t + s))**2 + (sin(t) + sin(t + s))**2)", t=0.7, s=1.1)
    assert report
    assert not report.having("rounding")


def test_a_convention_outside_the_one_sided_derivatives_fails() -> None:
    """relu(x) − relu(−x) is x, but its conventions at 0 add up to 0: the check does not hide it."""
    report = checked("relu(x) - relu(-x)", x=0)
    assert not report
    assert "∂/∂x = 0, sympy 1" in str(report)


def test_what_would_swell_is_checked_operation_by_operation() -> None:
    """Forty squarings are a tree of 2**40 operations: the gradient is held against sympy's derivatives, chained."""
    squarings = "; ".join(f"x{i + 1} = x{i}*x{i} - 1" for i in range(40))
    report = checked(f"{squarings}; x40/2", x0=0.5)
    assert report
    assert not report.not_attempted
    assert [row.status for row in report.rows if row.level == "whole"] == ["ok"]


def test_large_graphs_are_checked_in_part_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a stated number of nodes the rest is counted, not claimed."""
    monkeypatch.setattr("graphgrad.check.nodes.MAX_NODES", 100)
    report = checked("+".join(f"x*{i}" for i in range(2, 102)), x=0.5)
    assert "99 further nodes: the first 100 are checked one by one" in str(report)


def test_huge_constants_do_not_hang_sympy() -> None:
    """A power tower of constants is not worked out."""
    report = checked("x*2**-2**20 + x**0*3**-100000000", x=0.5)
    assert report
    assert not report.failures


def test_nothing_checked_is_not_ok() -> None:
    """A report of nothing is false."""
    assert not checked("x", "off", x=1)


def test_an_unknown_level_is_an_error() -> None:
    """The levels are named."""
    with pytest.raises(gg.GraphgradError, match="unknown level"):
        checked("x", "most", x=1)


def test_names_of_sympy_are_only_names() -> None:
    """Inputs called as sympy's own objects are checked like any other."""
    names = ["E", "I", "S", "N", "O", "Q", "beta", "gamma", "zeta", "lambda", "oo", "pi2", "Symbol", "sign"]
    report = checked("*".join(names), **dict.fromkeys(names, 2.0))
    assert report
    assert len([row for row in report.rows if row.level == "whole"]) == len(names)


@pytest.mark.parametrize(("text", "x"), [("erfc(x)", 30), ("sigmoid(x)", 800), ("log1p(x)", 1e-300), ("cbrt(x)", -8)])
def test_underflow_and_tiny_numbers_are_no_alarm(text: str, x: float) -> None:
    """What rounds to 0 in float64, or is told from 0 by hundreds of digits only, passes."""
    report = checked(text, x=x)
    assert report, str(report)
    assert not report.not_attempted


def test_a_gradient_that_should_be_zero_is_held_against_zero() -> None:
    """An input that the output does not use, without a value of its own, has the derivative 0 and no other."""
    result = gg.parse("x = 2; y = 3*z; x*x").backprop()
    assert result.check()
    result.grad["z"] = 1.0
    assert [row.subject for row in result.check().failures] == ["∂/∂z"]
