"""Propagation of uncertainties agrees with the `uncertainties` package; shares and correlations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import texts
from test_corpus import FORMULAS, each, floats
from test_properties import expressions, gradient_or_reject, points
from uncertainties import correlated_values, ufloat, umath

import graphgrad as gg
from graphgrad.namespaces import Ordered
from graphgrad.namespaces.namespace import ORDERED
from graphgrad.ops.targets import LIBM
from graphgrad.tape import forward

if TYPE_CHECKING:
    from fractions import Fraction

    from graphgrad.draw import ThemeName
    from graphgrad.ops.targets import Spellings

RELATIVE = 0.01
"""The standard deviation given to each input of the corpus, relative to its value."""


def at(text: str, /, **inputs: float) -> gg.Backprop:
    """Return both passes at a point."""
    return gg.parse(text).backprop(inputs)


UMATH: Final[Spellings] = {
    **ORDERED,
    **LIBM,
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "lgamma": "lgamma",
    "pi": lambda _m: math.pi,
    "pow": lambda _m, x, y: x**y,
    "cbrt": lambda _m, x: x ** (1 / 3) if x >= 0 else -((-x) ** (1 / 3)),
    "log2": lambda _m, x: umath.log(x) / math.log(2),
}


class Uncertainties(Ordered):
    """Evaluates rules with the functions of the `uncertainties` package, whose numbers carry their derivatives."""

    library = umath
    spellings = UMATH

    def const(self, number: Fraction) -> float:
        """Return the nearest float."""
        return float(number)


@pytest.mark.filterwarnings("ignore:AffineScalarFunc:FutureWarning")
@each(FORMULAS)
def test_the_corpus_agrees_with_the_uncertainties_package(line: dict[str, Any]) -> None:
    """Every published formula has the package's standard deviation."""
    point = floats(line["points"][0]["at"])
    errors = {name: RELATIVE * abs(value) for name, value in point.items()}
    result = gg.parse(line["expr"]).backprop(point)
    inputs = {name: ufloat(value, errors[name]) for name, value in point.items()}
    theirs = forward(result.passes.tape, Uncertainties(), inputs)[result.passes.graph.output]
    ours = result.propagate(errors)
    assert ours.value == pytest.approx(theirs.nominal_value, rel=1e-9)
    assert ours.error == pytest.approx(theirs.std_dev, rel=1e-5, abs=1e-9 * abs(ours.value))


def test_the_seeds_bill_has_an_error() -> None:
    """The bill's error follows from those of the prices, and the table has their shares."""
    propagation = at("apple*tax", apple=500, tax=1.08).propagate({"apple": "±10", "tax": "+-0.005"})
    assert str(propagation) == (
        "value = 540 ± 11.0856\n"
        "\n"
        "       value      ±  derivative  gives ±   share\n"
        "apple    500     10        1.08     10.8  94.9 %\n"
        "tax     1.08  0.005         500      2.5  5.09 %"
    )


def test_shared_nodes_are_counted_right() -> None:
    """x − x has no error, and x + x has twice that of x: uses of one input are correlated."""
    assert at("x - x", x=3).propagate({"x": 1}).error == 0
    assert at("s = x + y; s + s - 2*x", x=3, y=1).propagate({"x": 1, "y": 1}).error == 2


def test_correlated_inputs() -> None:
    """Fully correlated errors add up, opposite ones cancel; the package agrees in between."""
    result = at("x + y", x=3, y=4)
    both = {"x": 2.0, "y": 2.0}
    assert result.propagate(both, {("x", "y"): 1}).error == 4
    assert result.propagate(both, {("x", "y"): -1}).error == 0
    product = at("x*y", x=3, y=4).propagate(both, {("x", "y"): 0.5})
    x, y = correlated_values([3, 4], [[4, 2], [2, 4]])
    assert product.error == pytest.approx((x * y).std_dev)


@given(expressions(), points, st.floats(-1, 1))
def test_shares_add_up(text: str, point: dict[str, float], rho: float) -> None:
    """The shares of all inputs add up to 1, correlated or not."""
    result = gradient_or_reject(text, point)
    errors = dict.fromkeys(result.grad, 0.5)
    pair = tuple(result.grad)[:2]
    propagation = result.propagate(errors, {pair: rho} if len(pair) == 2 else None)
    shares = [share for share in propagation.shares.values() if share is not None]
    assert not shares or math.fsum(shares) == pytest.approx(1)
    assert bool(shares) == (propagation.error > 0)


@pytest.mark.parametrize("error", [0.5, "0.5", "±0.5", "+-0.5", "+/-0.5", "± 5 %", "5%"])
def test_an_error_is_a_number_or_percent(error: Any) -> None:
    """Errors may be numbers or texts; percent are relative to the input's value."""
    assert at("2*x", x=10).propagate({"x": error}).error == 1


@pytest.mark.parametrize("theme", ["textbook", "record", "minimal"])
def test_the_picture_has_errors_and_shares(theme: ThemeName) -> None:
    """With the notes, the picture has each input's error and share beside its name."""
    result = at("x*y", x=3, y=4)
    svg = result.render("svg", theme=theme, notes=result.propagate({"x": 0.3, "y": 0.4}).notes).decode()
    assert {"x ± 0.3 (50 %)", "y ± 0.4 (50 %)", "E ± 1.69706"} <= set(texts(svg))
    with pytest.raises(gg.RenderError, match="'z'"):
        result.draw(notes={"z": "?"})


@pytest.mark.parametrize(
    ("errors", "correlations", "message"),
    [
        ({"x": -1}, {}, "an error of -1 is none"),
        ({"x": "inf"}, {}, "is no amount"),
        ({"x": math.inf}, {}, "an error of inf is none"),
        ({"x": 1}, {("x", "y"): 0.5}, "both have to have an error"),
        ({"x": 1, "y": 1}, {("x", "x"): 0.5}, "to be two inputs"),
        ({"x": 1, "y": 1}, {("x", "y"): 1.5}, "contradict each other"),
        (dict.fromkeys("xyz", 1), dict.fromkeys([("x", "y"), ("y", "z"), ("x", "z")], -0.9), "contradict each other"),
    ],
)
def test_impossible_errors_are_refused(errors: Any, correlations: Any, message: str) -> None:
    """A negative standard deviation and contradictory correlations are errors."""
    with pytest.raises(gg.GraphgradError, match=message):
        at("x + y + z", x=1, y=2, z=3).propagate(errors, correlations)
