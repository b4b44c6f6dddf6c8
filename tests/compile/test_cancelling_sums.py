"""Sums that are 0 whatever the inputs are: found, and left out with all that only they need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import NAMES, expressions

import graphgrad as gg
from graphgrad.compile import without_zeros
from graphgrad.namespaces import Fault, Mpmath
from graphgrad.tape import differentiated, forward, lower

if TYPE_CHECKING:
    from graphgrad.tape import Tape

BLACK_SCHOLES = """
d1 = (log(spot/strike) + (rate + vol**2/2)*years)/(vol*sqrt(years))
d2 = d1 - vol*sqrt(years)
spot*(1 + erf(d1/sqrt(2)))/2 - strike*exp(-rate*years)*(1 + erf(d2/sqrt(2)))/2
"""


def operations(text: str) -> tuple[list[str], list[str]]:
    """Return what is computed for a derivative of such a text, and what is left of it."""
    tape = lower(gg.parse(text).data)
    tape = replace(tape, outputs=(tape.inputs["x"], *tape.outputs))
    return [step.op.name for step in tape.steps], [step.op.name for step in without_zeros(tape).steps]


WITH_NORMCDF = BLACK_SCHOLES.replace("(1 + erf(d1/sqrt(2)))/2", "Phi(d1)").replace("(1 + erf(d2/sqrt(2)))/2", "Phi(d2)")


@pytest.mark.parametrize(("text", "density"), [(BLACK_SCHOLES, "exp_minus_square"), (WITH_NORMCDF, "normpdf")])
def test_the_gradient_of_black_and_scholes_is_the_textbooks(text: str, density: str) -> None:
    """The densities at d1 and at d2 cancel, and with the one goes its exponential."""
    graph = gg.parse(text).data
    tape = differentiated(graph, graph.inputs)
    names = [[step.op.name for step in some.steps] for some in (tape, without_zeros(tape))]
    assert [some.count("exp") for some in names] == [1, 1]
    assert [some.count(density) for some in names] == [2, 1]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("x + (y - y)", []),
        ("y*exp(x) + (exp(2*x) - exp(x)*exp(x))", ["exp", "mul"]),
        ("x*log(y) + (exp(x + log(y)) - y*exp(x))", ["log", "mul"]),
        ("sqrt(x)*y + (sqrt(x)**2 - x)", ["sqrt", "mul"]),
        ("y + ((x + y)**2 - x**2 - 2*x*y - y**2)", []),
        ("y + (x*pi - pi*x)/3", []),
    ],
)
def test_what_cancels_is_left_out(text: str, left: list[str]) -> None:
    """A sum that is 0 for algebra, powers, roots, exponentials or logarithms is not computed."""
    assert operations(text)[1] == left


@pytest.mark.parametrize(
    "text",
    [
        "sqrt((x + 9)**2) - (x + 9)",  # not where x < -9
        "exp(log((x + 9)**2)/2) - (x + 9)",
        "log((x + 9)**2) - 2*log(x + 9)",
        "abs(x + 9) - (x + 9)",
        "where(x > -9, x, 2) - x",
        "min(x, 9) - x",
        "erf(x + 9) - 1",
        "(1e60 + x) - 1e60",
        "1 + exp(-99 - x*x) - 1",
        "sqrt(x)*sqrt(y) - sqrt(x*y)",
        "sin(x) - x",
    ],
)
def test_what_cancels_but_here_and_there_is_kept(text: str) -> None:
    """What is 0 only for some inputs, or only as far as floats can tell, is computed."""
    before, after = operations(text)
    assert after == before


@pytest.mark.parametrize("text", ["y + (1/x - 1/x)", "y + (sqrt(x) - sqrt(x))", "(log(x) - log(x))*y + y"])
def test_what_fails_still_fails(text: str) -> None:
    """Nothing is left out that would have told a point where there is no derivative."""
    before, after = operations(text)
    assert after == before


def test_a_function_is_computed_as_it_is_written() -> None:
    """What its author wrote down cancels at no point but where it does in floats."""
    with pytest.raises(gg.DomainError, match="indeterminate"):
        gg.parse("x*10 - x*10").compile()(1e308)


@settings(deadline=None)
@given(expressions(), expressions(), st.lists(st.floats(-4, 4), min_size=3, max_size=3))
def test_the_same_is_computed(f: str, g: str, at: list[float]) -> None:
    """Without what cancels, value and gradient are the same in many digits."""
    graph = gg.parse(f"({f}) + (({g})*({f}) - ({f})*({g}))").data
    tape = differentiated(graph, graph.inputs)
    point = dict(zip(NAMES, at, strict=True))
    for ours, theirs in zip(outputs(without_zeros(tape), point), outputs(tape, point), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def outputs(tape: Tape, at: dict[str, float]) -> list[float]:
    """Return a tape's outputs, computed in many digits."""
    m = Mpmath()
    values = forward(tape, m, {name: m.context.mpf(at[name]) for name in tape.inputs})
    assert not any(isinstance(values[register], Fault) for register in tape.outputs)
    return [float(values[register]) for register in tape.outputs]


def test_the_price_is_computed_as_before() -> None:
    """The shorter gradient is that of the interpreter."""
    graph = gg.parse(BLACK_SCHOLES)
    at = {"spot": 100.0, "strike": 105.0, "rate": 0.02, "vol": 0.25, "years": 1.5}
    theirs = graph.backprop(at)
    value, grad = graph.compile()(**at)
    assert value == pytest.approx(theirs.value, rel=1e-15)
    assert grad == pytest.approx(theirs.grad, rel=1e-14)
