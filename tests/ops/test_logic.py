"""Logic: what is true where, what decides first, how it binds, and what it says in other languages."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = (-2.5, 0.0, 1.0, 1e-300)
OPERATIONS: dict[str, Callable[[float, float], bool]] = {
    "x ∧ y": lambda x, y: bool(x) and bool(y),
    "x ∨ y": lambda x, y: bool(x) or bool(y),
    "x ⊻ y": lambda x, y: bool(x) != bool(y),
    "¬x + 0*(y > 0)": lambda x, _: not x,
}


@pytest.mark.parametrize("text", OPERATIONS)
def test_a_number_is_true_where_it_is_not_0(text: str) -> None:
    """As in Python, C and Excel; the result is 1 or 0, in every kind of number and on columns, the derivative 0."""
    graph, expected = gg.parse(text), OPERATIONS[text]
    pairs = list(itertools.product(NUMBERS, repeat=2))
    columns, _ = graph.compile()(*np.array(pairs).T)
    for (x, y), column in zip(pairs, columns, strict=True):
        result = graph.backprop({"x": x, "y": y})
        assert (result.value, result.grad) == (expected(x, y), {"x": 0, "y": 0})
        assert column == graph.compile()(x, y)[0] == expected(x, y)
        at = {"x": Fraction(x), "y": Fraction(y)}
        assert graph.backprop(at, exact=True).value == graph.backprop(at, precision=30).value == expected(x, y)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a ∨ b ∧ c", "a ∨ (b ∧ c)"),
        ("a ∧ b ∧ c", "(a ∧ b) ∧ c"),
        ("¬a ∧ b", "(¬a) ∧ b"),
        ("¬a > b", "¬(a > b)"),
        ("a < b ∧ b <= c", "(a < b) ∧ (b <= c)"),
        ("a ∨ ¬b", "a ∨ (¬b)"),
        ("¬¬a", "¬(¬a)"),
        ("a ∨ b ⊻ c ∧ a", "a ∨ (b ⊻ (c ∧ a))"),
        ("a ⊻ b ⊻ c ∨ a", "((a ⊻ b) ⊻ c) ∨ a"),
        ("a + b ∨ c*a", "(a + b) ∨ (c*a)"),
    ],
)
def test_they_bind_less_than_comparisons(text: str, same: str) -> None:
    """Not before and, and before or; what needs no brackets is written without."""
    assert str(gg.parse(same)) == str(gg.parse(text)) == text


@pytest.mark.parametrize("text", ["2*(x ∨ y)", "(x ∧ y)**2", "(¬x) + 1", "(a ∨ b) ∧ c", "¬(a ∧ b)", "(¬x) < 2"])
def test_brackets_that_are_needed_are_written(text: str) -> None:
    """The printed text parses to the same graph."""
    assert str(gg.parse(text)) == text


def test_the_first_operand_decides() -> None:
    """Then the second one needs no value: not at a point, not on columns, and not for the witness."""
    graph = gg.parse("where(x > 0 ∧ log(x) < 1 ∨ x < -5, x, 2*x)")
    result = graph.backprop({"x": -1.0})
    assert (result.value, result.grad) == (-2, {"x": 2})
    assert result.check()
    values, _ = graph.compile()(x=np.array([-7.0, -1.0, 1.0, 9.0]))
    assert [*values] == [-7, -2, 1, 18]
    with pytest.raises(gg.DomainError):
        gg.parse("log(x) < 1 ∧ x > 0").backprop({"x": -1.0})


def test_no_sign_is_mistaken_for_a_minus() -> None:
    """The sign before one operand is another one than −: of a number, in code, and in a sum."""
    graph = gg.parse("(¬2) + 3*(¬x)")
    assert graph.backprop({"x": 0.0}).value == graph.compile()(0.0)[0] == 3


def test_code_branches_as_a_programmer_would() -> None:
    """A comparison is not compared with 0 again."""
    assert "x > 0.0 ? (double)(y < 1.0) : 0.0" in gg.parse("x > 0 ∧ y < 1").to_c()


def test_they_are_sympys() -> None:
    """And back."""
    graph = gg.parse("where(x > 0 ∧ ¬(y > 1), x, y)")
    assert "(y <= 1) & (x > 0)" in str(graph.to_sympy())
    assert gg.from_sympy(graph.to_sympy()).backprop({"x": 2.0, "y": 0.5}).value == 2
