"""Names and a point, as people write them beside an expression."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import graphgrad as gg
from graphgrad.api import names, point
from graphgrad.api.text_arguments import graph
from graphgrad.backprop import rational


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


@pytest.mark.parametrize("how", [{}, {"exact": True}, {"precision": 20}])
def test_a_number_is_computed_forward_only(how: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A value is what both passes would give, without them; in many digits it has more of them."""
    texts = ["3", "2.5", "8%", "-1/3", "max(1, 2)**2"]
    expected = [gg.parse(text).backprop(**how).value for text in texts]
    monkeypatch.setattr("graphgrad.backprop.constants.backprop", lambda *_, **__: pytest.fail("both passes ran"))
    computed = [point(f"x={text}", **how)["x"] for text in texts]
    tolerance = Fraction(1, 10**30) if "precision" in how else 0
    assert all(abs(rational(a) - rational(b)) <= tolerance for a, b in zip(computed, expected, strict=True))
    assert [*map(type, computed)] == [*map(type, expected)] or tolerance


def test_a_number_that_does_not_exist_is_an_error_as_ever() -> None:
    """The error is that of the expression alone, with its span."""
    with pytest.raises(gg.DomainError, match=r"1/0 is not defined") as caught:
        point("x=1/0")
    assert caught.value.span == (0, 3)
    with pytest.raises(gg.DomainError):
        point("x=pi", exact=True)
    with pytest.raises(gg.GraphgradError, match="a precision of 0 digits"):
        point("x=1", precision=0)
