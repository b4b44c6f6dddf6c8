"""Sensitivities: the effect of a change as predicted by the gradient, recomputed, and their difference."""

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
    table = at("apple*n*tax", apple=100, n=5, tax=1.08).sensitivity({"apple": 1})
    assert str(table) == (
        "       value  derivative  % per %  change  predicted  recomputed  difference\n"
        "apple    100         5.4        1      +1       +5.4        +5.4\n"
        "n          5         108        1\n"
        "tax     1.08         500        1"
    )
    assert table["apple"].change is not None
    assert table["apple"].change.linear


def test_a_curve_shows_as_a_difference() -> None:
    """Where the output is not linear, the table has the error of the prediction."""
    change = at("x**2", x=3).sensitivity({"x": 0.5})["x"].change
    assert change is not None
    assert (change.predicted, change.recomputed, change.difference) == (3.0, 3.25, 0.25)
    assert not change.linear


@pytest.mark.parametrize(
    ("change", "moved"), [(2, 2), ("2", 2), ("+2", 2), ("-2", -2), ("+10%", 5), ("-10 %", -5), (Fraction(1, 2), 0.5)]
)
def test_a_change_is_how_much_an_input_moves(change: Any, moved: float) -> None:
    """A change is a number or a text, absolute or in percent of the value."""
    effect = at("3*x", x=50).sensitivity({"x": change})["x"].change
    assert effect is not None
    assert effect.moved == {"x": moved}
    assert effect.recomputed == 3 * moved


def test_several_changes_are_also_made_together() -> None:
    """The last row has the effect of all changes at once, which is not the sum of the effects of each."""
    table = at("x*y", x=10, y=10).sensitivity({"x": 1, "y": 1})
    assert [row.change and row.change.recomputed for row in table.rows] == [10, 10]
    assert table.together is not None
    assert (table.together.predicted, table.together.recomputed) == (20, 21)
    assert "all together" in str(table)


def test_an_elasticity_is_percent_per_percent() -> None:
    """The elasticity of a power law is its exponent; where the output is 0 there is none."""
    assert at("7*x**3", x=2).sensitivity()["x"].elasticity == 3
    assert at("x - 2", x=2).sensitivity()["x"].elasticity is None


def test_a_change_out_of_the_domain_is_predicted_only() -> None:
    """Where the changed point has no value, the table has the reason."""
    table = at("log(x)", x=1).sensitivity({"x": -2})
    change = table["x"].change
    assert change is not None
    assert (change.predicted, change.recomputed, change.difference) == (-2, None, None)
    assert "log(-1) is not defined" in str(table)


def test_an_input_outside_wrt_can_change() -> None:
    """The derivative by a changed input is computed, also if it was not in `wrt`."""
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
    """A change that is no amount is an error."""
    with pytest.raises(gg.GraphgradError, match="is no amount"):
        at("x", x=1).sensitivity({"x": change})


def test_an_unknown_input_is_refused() -> None:
    """A change of an unknown input is an error."""
    with pytest.raises(gg.UnknownNameError):
        at("x", x=1).sensitivity({"y": 1})


@given(expressions(), points, st.floats(-1, 1))
def test_recomputed_is_the_difference_of_two_runs(text: str, point: dict[str, float], by: float) -> None:
    """The recomputed change is the difference of two runs, the predicted one is derivative times change."""
    result = gradient_or_reject(f"{text} + 0*x", point)
    name = next(iter(result.grad))
    change = result.sensitivity({name: by})[name].change
    assert change is not None
    assert change.predicted == result.grad[name] * by
    if change.recomputed is not None:
        moved = gg.parse(f"{text} + 0*x").backprop(result.at | {name: result.at[name] + by}, [])
        assert change.recomputed == moved.value - result.value


def test_arrays_are_refused() -> None:
    """Changes, errors and ulps of arrays are errors with a clear message."""
    result = gg.parse("sum(x**2)").backprop({"x": [1, 2]})
    for ask in (result.sensitivity, lambda: result.propagate({"x": 1}), result.ulps):
        with pytest.raises(gg.GraphgradError, match="values here are arrays"):
            ask()
