"""The page of the documentation that describes the language says what the parser does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import graphgrad as gg

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text("utf-8")
REFUSED = [
    text.replace("\\|", "|")
    for table in re.split(r"\n\n", PAGE)
    if table.startswith("| refused |")
    for row in table.splitlines()[2:]
    for text in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", row)[1])
]
SAME = [
    ("2x^2", "2*x**2"),
    ("x*2y", "x*(2*y)"),
    ("√x/2", "sqrt(x)/2"),
    ("∜x", "sqrt(sqrt(x))"),
    ("sin²(x)", "sin(x)**2"),
    ("‖v‖", "norm(v)"),
    ("0 < x <= 1", "0 < x and x <= 1"),
    ("a < b > c", "a < b and b > c"),
    ("not a < b", "not (a < b)"),
    ("if(c, a, b)", "a if c else b"),
    ("x₁₂ + σₓ", "x_12 + σ_x"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_page_says_is_refused_is(text: str) -> None:
    """With a hint."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse(text)
    assert caught.value.hint


@pytest.mark.parametrize(("text", "same"), SAME)
def test_what_the_page_says_is_the_same_is(text: str, same: str) -> None:
    """Both are printed alike."""
    assert str(gg.parse(text)) == str(gg.parse(same))
