"""Lines of prose fit a terminal: they are broken where a reader pauses."""

from __future__ import annotations

import io

import pytest

from graphgrad.base.terminal_text import folded, width_of

LINES = [
    "checked against sympy: 2 rules proven, 1 value rule held, 2 values; furthest: f(x, y), 3 ulp off (relative 6e-17)",
    "  of the value about 8 of 16 digits are in doubt: the rounding of x**2 at column 1, which the output magnifies",
    "    rounding: value[0, 1] = 0, more digits give 1",
    "りんごの値段は百円です; " * 5 + "以上",
    "",
]


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("line", LINES)
def test_no_line_is_wider_and_no_word_is_lost(line: str, width: int) -> None:
    """The lines hold the same words in the same order, below the first one's margin."""
    first, *rest = folded(line, width).split("\n")
    margin = len(line) - len(line.lstrip())
    assert " ".join([first, *(text.strip() for text in rest)]) == line
    assert all(text[: margin + 3].isspace() is False and text.startswith(" " * (margin + 2)) for text in rest)
    assert all(len(text) <= width for text in [first, *rest] if text.isascii())


def test_brackets_stay_on_one_line() -> None:
    """A comma between brackets is no place to break where there are others."""
    lines = folded("furthest: ∂/∂W[0, 1], 0.664 ulp off", width=24).split("\n")
    assert lines == ["furthest: ∂/∂W[0, 1],", "  0.664 ulp off"]


def test_rows_of_a_table_stay_whole() -> None:
    """Two blanks within a line separate columns."""
    assert folded("area  1569.57  717.383; 1", width=10) == "area  1569.57  717.383; 1"


def test_what_is_no_terminal_has_the_width_of_a_page() -> None:
    """A pipe or a file gets the same lines on every machine."""
    assert width_of(io.StringIO()) == width_of(io.TextIOWrapper(io.BytesIO())) == 96
