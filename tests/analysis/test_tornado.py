"""The table of a tornado chart: the output at both ends of each input, the widest swing first."""

from __future__ import annotations

import math

import pytest

import graphgrad as gg
from graphgrad.draw.options import PictureOptions
from graphgrad.draw.tornado import rendered


def test_both_ends_are_computed_anew() -> None:
    """Where the output is curved, they are not what the gradient predicts."""
    bar = gg.parse("x**2").backprop({"x": 10}).tornado("±20%").bars[0]
    assert (bar.low, bar.high, bar.predicted, bar.swing) == (64, 144, 40, 80)


def test_the_widest_swing_comes_first() -> None:
    """The order is that of the swings, not of the derivatives."""
    result = gg.parse("100*a + b**3").backprop({"a": 1, "b": 10})
    assert [bar.name for bar in result.tornado().bars] == ["b", "a"]
    assert [bar.name for bar in result.tornado("±0.1").bars] == ["b", "a"]
    assert [bar.name for bar in result.tornado("±0.01").bars] == ["b", "a"]
    assert [bar.name for bar in result.tornado(changes={"a": 1, "b": "±0.1%"}).bars] == ["a", "b"]


def test_changes_of_single_inputs_leave_the_others_out() -> None:
    """A sign before an amount does not matter: both directions are tried."""
    tornado = gg.parse("a*b*c").backprop({"a": 1, "b": 2, "c": 3}).tornado(changes={"b": "-10%"})
    assert [(bar.name, bar.change) for bar in tornado.bars] == [("b", 0.2)]


def test_inputs_beyond_the_most_are_counted() -> None:
    """Those that the gradient says are small are not tried."""
    result = gg.parse("+".join(f"{i}*x{i}" for i in range(50))).backprop({f"x{i}": 1 for i in range(50)})
    tornado = result.tornado(most=5)
    assert [bar.name for bar in tornado.bars] == ["x49", "x48", "x47", "x46", "x45"]
    assert tornado.left_out == 45
    assert str(tornado).endswith("and 45 more inputs, with smaller swings")


def test_a_point_without_a_value_is_said() -> None:
    """A bar that reaches outside the domain has one end."""
    tornado = gg.parse("log(x - 9.5)").backprop({"x": 10}).tornado()
    assert tornado.bars[0].low is None
    assert tornado.bars[0].high == pytest.approx(math.log(1.5))
    assert "none" in str(tornado)
    assert b"no value" in rendered(tornado, "svg", PictureOptions())


def test_fractions_and_many_digits() -> None:
    """Other kinds of numbers are shown as floats."""
    for options in ({"exact": True}, {"precision": 30}):
        bar = gg.parse("x**2").backprop({"x": 10}, **options).tornado().bars[0]
        assert (bar.low, bar.high) == (81, 121)


@pytest.mark.parametrize("change", ["ten", "±inf", float("nan"), None])
def test_wrong_amounts(change: object) -> None:
    """What is no amount is refused."""
    with pytest.raises(gg.GraphgradError):
        gg.parse("x**2").backprop({"x": 10}).tornado(change)  # type: ignore[arg-type]


def test_arrays_have_no_bars() -> None:
    """An array has no single value to change."""
    with pytest.raises(gg.GraphgradError, match="bars of a tornado chart"):
        gg.parse("sum(x)").backprop({"x": [1, 2]}).tornado()
    with pytest.raises(gg.UnknownNameError):
        gg.parse("x**2").backprop({"x": 10}).tornado(changes={"y": 1})


def test_outputs_have_enough_digits_to_tell_them_apart() -> None:
    """Six digits do not, where the swings are small against the output."""
    tornado = gg.parse("1000000 + x").backprop({"x": 12.5}).tornado()
    assert (tornado.shown(tornado.bars[0].low), tornado.shown(tornado.bars[0].high)) == ("1000011.25", "1000013.75")
    assert gg.parse("1e20 + x").backprop({"x": 1}).tornado().shown(1e20) == "1e+20"
