"""A program on one line is the same program, without its comments."""

from __future__ import annotations

import pytest

import graphgrad as gg
from graphgrad.text.source_lines import one_line, program_line

LONG = 10_000

PROGRAMS = [
    "x*y",
    "a = x + y\nb = a*2\nb + a",
    "a=x;b=a*2\n\n# a comment\n  b+a  # and another\n",
    "a = (x  # within brackets\n  + y)\nb = max(a,\n 2); b**2",
    "`a # b`*2  # no comment within backquotes",
    "a = x\t*\u3000y\r\na**2",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_line_is_the_same_program(text: str) -> None:
    """Read again, it gives the same graph."""
    line = program_line(text, LONG)
    assert "\n" not in line
    assert str(gg.parse(line)) == str(gg.parse(text))


@pytest.mark.parametrize("most", [1, 5, 12])
def test_a_long_program_is_cut(most: int) -> None:
    """It has as many characters as are allowed, and says that more follow."""
    line = program_line("first = x*y  # a comment\nfirst**2", most)
    assert len(line) == most
    assert line.endswith("…")


def test_a_comment_within_an_expression_is_left_out() -> None:
    """What follows it is not taken for the comment's own."""
    assert one_line("(x + # why\n y)") == "(x + y)"
