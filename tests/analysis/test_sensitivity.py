"""What a stated change does to the output: predicted by the gradient, recomputed, and the difference."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg


def at(text: str, /, **inputs: float) -> gg.Backprop:
    """Return both passes at a point."""
    return gg.parse(text).backprop(inputs)


def test_the_seeds_question_is_answered() -> None:
    """If an apple costs 1 yen more, the bill grows by 5.4: predicted and recomputed."""
    found = at("apple*n*tax", apple=100, n=5, tax=1.08).sensitivity({"apple": 1})
    assert str(found) == (
        "       value  derivative  % per %  change  predicted  recomputed  difference\n"
        "apple    100         5.4        1      +1       +5.4        +5.4\n"
        "n          5         108        1\n"
        "tax     1.08         500        1"
    )
    assert found["apple"].change is not None
    assert found["apple"].change.linear


def test_a_curve_shows_as_a_difference() -> None:
    """Where the output is no straight line, the prediction misses, and by how much is said."""
    change = at("x**2", x=3).sensitivity({"x": 0.5})["x"].change
    assert change is not None
    assert (change.predicted, change.recomputed, change.difference) == (3.0, 3.25, 0.25)
    assert not change.linear


@pytest.mark.parametrize(
    ("change", "moved"), [(2, 2), ("2", 2), ("+2", 2), ("-2", -2), ("+10%", 5), ("-10 %", -5), (Fraction(1, 2), 0.5)]
)
def test_a_change_is_how_much_an_input_moves(change: Any, moved: float) -> None:
    """It is a number or a text, absolute or in percent of the value."""
    found = at("3*x", x=50).sensitivity({"x": change})["x"].change
    assert found is not None
    assert found.moved == {"x": moved}
    assert found.recomputed == 3 * moved


def test_several_changes_are_also_made_together() -> None:
    """What each does alone does not add up where inputs are multiplied: the last row makes all of them at once."""
    found = at("x*y", x=10, y=10).sensitivity({"x": 1, "y": 1})
    assert [row.change and row.change.recomputed for row in found.rows] == [10, 10]
    assert found.together is not None
    assert (found.together.predicted, found.together.recomputed) == (20, 21)
    assert "all together" in str(found)


def test_an_elasticity_is_percent_per_percent() -> None:
    """The exponent of a power law is its elasticity; where the output is 0 there is none."""
    assert at("7*x**3", x=2).sensitivity()["x"].elasticity == 3
    assert at("x - 2", x=2).sensitivity()["x"].elasticity is None


def test_a_change_out_of_the_domain_is_predicted_only() -> None:
    """Where the changed point has no value, the reason stands in its place."""
    found = at("log(x)", x=1).sensitivity({"x": -2})
    change = found["x"].change
    assert change is not None
    assert (change.predicted, change.recomputed, change.difference) == (-2, None, None)
    assert "log(-1) is not defined" in str(found)


def test_an_input_outside_wrt_can_change() -> None:
    """A change of an input that was not differentiated by has its derivative found."""
    result = gg.parse("x*y").backprop({"x": 3, "y": 5}, wrt=["x"])
    assert [row.name for row in result.sensitivity({"y": 1}).rows] == ["x", "y"]


def test_fractions_stay_fractions() -> None:
    """In exact mode the whole table is exact."""
    result = gg.parse("x**2").backprop({"x": "1/3"}, exact=True)
    change = result.sensitivity({"x": "10%"})["x"].change
    assert change is not None
    assert change.difference == Fraction(1, 900)


@pytest.mark.parametrize("change", ["a lot", "", "%", None, [1]])
def test_what_is_no_amount_is_refused(change: Any) -> None:
    """An amount is a number."""
    with pytest.raises(gg.GraphgradError, match="is no amount"):
        at("x", x=1).sensitivity({"x": change})


def test_an_unknown_input_is_refused() -> None:
    """A change needs an input."""
    with pytest.raises(gg.UnknownNameError):
        at("x", x=1).sensitivity({"y": 1})


@given(expressions(), points, st.floats(-1, 1))
def test_recomputed_is_the_difference_of_two_runs(text: str, point: dict[str, float], by: float) -> None:
    """The recomputed change is what two runs differ by, and the prediction the derivative times the change."""
    result = gradient_or_reject(f"{text} + 0*x", point)
    name = next(iter(result.grad))
    change = result.sensitivity({name: by})[name].change
    assert change is not None
    assert change.predicted == result.grad[name] * by
    if change.recomputed is not None:
        moved = gg.parse(f"{text} + 0*x").backprop(result.at | {name: result.at[name] + by}, [])
        assert change.recomputed == moved.value - result.value


def test_arrays_are_refused() -> None:
    """Changes, errors and ulps are for numbers; that they are not for arrays is said."""
    result = gg.parse("sum(x**2)").backprop({"x": [1, 2]})
    for ask in (result.sensitivity, lambda: result.propagate({"x": 1}), result.ulps):
        with pytest.raises(gg.GraphgradError, match="values here are arrays"):
            ask()
