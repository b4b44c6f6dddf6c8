"""The lens: which node's rounding the error of a value or a derivative comes from."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scripts import script

import graphgrad as gg
from graphgrad.cli import main
from graphgrad.draw import tree

if TYPE_CHECKING:
    from types import ModuleType

CANCELLED = "(exp(x) - 1)/x"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the benchmark as a module."""
    return script("benchmarks/lens.py")


def test_planted_cancellations_are_found_in_values_and_gradients(benchmark: ModuleType) -> None:
    """Of 2 × 60 planted formulas the guilty node is named in 95 %; estimates add up; the bound covers the error."""
    for score in benchmark.scores(60).values():
        assert score.of >= 120
        assert score.held >= 0.95 * score.of


def test_the_sentence_names_the_node_its_place_and_what_magnifies_it() -> None:
    """The guilty rounding is exp at column 2; the difference at column 9 magnifies it 9e14 times."""
    result = gg.parse(CANCELLED).backprop({"x": 1e-15})
    clause = "is the rounding of exp(x) at column 2, which the difference at column 9 magnifies 9e+14 times"
    assert result.lens().sentence == f"99.99 % of the possible error of the value {clause}"
    assert result.lens("x").sentence == f"99.99 % of the possible error of ∂/∂x {clause}"


def test_names_of_a_program_are_those_of_the_sentence() -> None:
    """The output is named, and a place in a program of several lines has its line."""
    result = gg.parse("s = a + 0.1\nE = s - a").backprop({"a": 1e9})
    assert result.lens().sentence == (
        "99.99 % of the possible error of E is the rounding of s at line 1, column 5, "
        "which the difference at line 2, column 7 magnifies 1e+10 times"
    )
    assert result.lens("a").sentence == "∂E/∂a is exact: nothing on the way is rounded"


def test_a_derivative_may_lose_digits_where_the_value_does_not() -> None:
    """In x*(x + 1) - x*x, by x, two products cancel: the error of the derivative is that of the backward pass."""
    result = gg.parse("log(1 + x)*1e3 + 1e3/(1 + x)").backprop({"x": 1e-9})
    assert result.lens().doubted == 0
    assert result.lens("x").doubted > 5


def test_rows_have_bound_estimate_and_condition() -> None:
    """The shares add up to 1, the bounds to the whole bound, and the estimates to the error that happened."""
    result = gg.parse("sqrt(x + 1) - sqrt(x)").backprop({"x": 1e14})
    lens = result.lens()
    assert sum(row.share for row in lens.rows) == pytest.approx(1)
    assert sum(row.ulps for row in lens.rows) == pytest.approx(lens.ulps)
    assert sum(row.error or 0 for row in lens.rows) == pytest.approx(lens.error)
    assert abs(lens.error or 0) == pytest.approx(result.ulps().value, rel=0.1)
    assert lens.rows[0].condition == pytest.approx(2e14, rel=0.01)


def test_a_literal_that_is_no_float_is_a_row() -> None:
    """0.1 is rounded when it is read."""
    lens = gg.parse("x*0.1").backprop({"x": 1}).lens()
    assert [row.name for row in lens.rows] == ["0.1"]


def test_exact_fractions_have_no_rows() -> None:
    """Fractions are never rounded, and integers are not, either."""
    exact = gg.parse("x/3").backprop({"x": Fraction(1, 7)}, exact=True)
    assert exact.lens().worst.ulps == 0
    assert exact.lens("x").sentence == "∂/∂x is exact: fractions are never rounded"
    assert [row.ulps for row in gg.parse("x*y").backprop({"x": 3, "y": 5}).lens().rows] == [0]


def test_many_digits_have_a_lens_of_their_own() -> None:
    """With 30 digits the same node is guilty; as many are computed with as leave these 30 right."""
    lens = gg.parse(CANCELLED).backprop({"x": Fraction(1, 10**15)}, precision=30).lens()
    assert lens.worst.name == "exp(x)"
    assert (lens.doubted, lens.digits) == (0, 30)


def test_an_array_shows_its_worst_entry() -> None:
    """The entry whose digits die is looked at, in the value and in a gradient."""
    result = gg.parse("(x + 1e9) - 1e9").backprop({"x": [1e9, 0.1, 5]}, seed=1)
    assert result.lens().of == "value[1]"
    assert gg.parse("sum(x - mean(x))").backprop({"x": [1.0, 2.0, 4.0]}).lens("x").of.startswith("∂/∂x[")


def test_a_derivative_on_the_way_that_is_infinite_has_no_bound() -> None:
    """The lens says so instead of guessing."""
    result = gg.parse("sqrt(x - 0.1*y)*z").backprop({"x": 0.1, "y": 1, "z": 1}, ["z"])
    assert result.lens().sentence == "the value has no bound of its error: a derivative on the way is not finite"


def test_a_name_that_is_no_input_is_refused() -> None:
    """The error suggests the input that was meant."""
    with pytest.raises(gg.UnknownNameError, match="did you mean 'apple'"):
        gg.parse("apple*2").backprop({"apple": 1}).lens("aple")


def test_the_tree_has_a_column_of_shares() -> None:
    """Each node that rounds has its share of the error."""
    result = gg.parse(CANCELLED).backprop({"x": 1e-15})
    lines = tree(result.passes, shares=result.lens().shares).splitlines()
    assert lines[0].split() == ["value", "adjoint", "error"]
    assert next(line for line in lines if "exp" in line).endswith("99.99 %")


@pytest.mark.parametrize(
    ("form", "mark"),
    [
        ("svg", 'class="gg-operation gg-hot"><ellipse'),
        ("dot", 'fillcolor="#f08c00"'),
        ("tex", "fill=hot!100!disc"),
        ("mmd", "style n1 fill:#f08c00ff"),
        ("html", 'class="gg-operation gg-hot"><ellipse'),
    ],
)
def test_pictures_shade_the_guilty_node(form: str, mark: str) -> None:
    """Every format and the page shade it; without a lens nothing is shaded."""
    result = gg.parse(CANCELLED).backprop({"x": 1e-15})
    assert mark in result.render(form, lens=result.lens()).decode()
    assert mark not in result.render(form).decode()


def test_only_a_lens_can_be_drawn_as_one() -> None:
    """A wrong value is an error that says what is taken."""
    result = gg.parse("x*0.1").backprop({"x": 3})
    options: dict[str, Any] = {"lens": 3}
    with pytest.raises(gg.RenderError, match="what `lens\\(\\)` returns"):
        result.draw(**options)


def test_the_command_shows_lenses_in_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--lens` looks at the value and at each derivative."""
    arguments = [CANCELLED, "--at", "x=1e-15", "--check", "off", "--lens"]
    assert main(arguments) == 0
    assert "99.99 % of the possible error of ∂/∂x is the rounding of exp(x)" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    lens = json.loads(capsys.readouterr().out)["lens"]
    assert lens["value"]["rows"][0]["name"] == "exp(x)"
    assert lens["grad"]["x"]["rows"][0]["span"] == [1, 7]


def test_the_estimates_of_a_dot_product_add_up() -> None:
    """Products, sums and softmax of arrays are measured entry by entry."""
    rng = np.random.default_rng(0)
    result = gg.parse("sum(softmax(a@x)*y)").backprop(
        {"a": rng.normal(size=(3, 4)), "x": rng.normal(size=4), "y": [1, 2, 3]}
    )
    right = gg.parse("sum(softmax(a@x)*y)").backprop(result.at, precision=40)
    lens = result.lens()
    assert lens.error is not None
    assert lens.ulps
    assert lens.error * float(lens.bound) / lens.ulps == pytest.approx(float(result.value - right.value), rel=0.01)


@pytest.mark.parametrize("name", [None, "x"])
def test_a_lens_on_fractions_says_exact(name: str | None) -> None:
    """The value and the derivatives of exact numbers are off by nothing."""
    lens = gg.parse("(1 + x)**2 - 1").backprop({"x": "1/3"}, exact=True).lens(name)
    assert (lens.bound, lens.ulps, lens.error) == (0, 0, 0)
    assert "fractions are never rounded" in str(lens)
    assert "no bound" not in str(lens)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [None, "x"])
@pytest.mark.parametrize(("text", "x"), [("sum(x)", []), ("exp(x)", [800.0, 1.0]), ("exp(x)", [])])
def test_a_lens_on_odd_arrays(text: str, x: list[float], name: str | None) -> None:
    """An array without entries, and one with infinite ones, has a lens without an error or a warning."""
    lens = gg.parse(text).backprop({"x": x}, seed=1).lens(name)
    assert lens.ulps in {None, 0}


def test_a_number_that_nothing_rounds_has_no_shares() -> None:
    """Where all is exact, no node is shaded and no share is written beside it."""
    assert gg.parse("x*y").backprop({"x": 2, "y": 3}).lens().shares == {}
