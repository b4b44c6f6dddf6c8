"""Names and a point, as people write them beside an expression."""

from __future__ import annotations

from fractions import Fraction

import pytest

import graphgrad as gg
from graphgrad.api import names, point
from graphgrad.api.text_arguments import graph


def test_commas_in_parentheses_do_not_separate() -> None:
    """A value may be a call with several arguments."""
    assert point("x=max(1, 2), y = 3") == {"x": 2, "y": 3}


def test_nothing_is_no_point() -> None:
    """An empty text gives no values."""
    assert point("") == {}


def test_exact_values_are_fractions() -> None:
    """Where the run is exact, so are the values: 10% is one tenth."""
    assert point("x=10%", exact=True) == {"x": Fraction(1, 10)}


def test_names_are_those_the_parser_reads() -> None:
    """A name in full-width letters is the same name, as in the expression itself."""
    assert names("ｘ, y") == list(gg.parse("ｘ*y").inputs)


def test_literals_are_named_only_where_there_is_no_variable() -> None:
    """`wrt` names literals of an expression that holds nothing else to differentiate by."""
    assert graph("2*3", ["a", "b"]).inputs == ("a", "b")
    assert graph("2*x", ["x"]).inputs == ("x",)


@pytest.mark.parametrize("text", ["x", "=1", "x=", "x=1,,y=2"])
def test_what_is_no_assignment_is_told_in_the_writer_s_words(text: str) -> None:
    """The message names the option as the writer knows it."""
    with pytest.raises(gg.GraphgradError, match=r"--at .*: not NAME=VALUE\nwrite --at a=100,b=5"):
        point(text, "--at")
