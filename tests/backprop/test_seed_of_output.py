"""A seed is the adjoint of the output: it multiplies the gradient and nothing else, on every path that reads it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest

import graphgrad as gg
from graphgrad.backprop import backprop
from graphgrad.namespaces import Floats
from graphgrad.tape import forward
from graphgrad.tape.transcript import transcript

FORMULAS: Final = [
    ("x*n", {"x": 100, "n": 2}),
    ("sin(x)/y + x", {"x": 0.5, "y": 3}),
    ("abs(x)*y", {"x": 0, "y": 3}),
    ("(x + y) - x", {"x": 1e9, "y": 0.3}),
    ("sqrt(x) - sqrt(y)", {"x": 2, "y": 2.0000000001}),
    ("x", {"x": 7}),
]
SEEDS: Final = [2, -3, 0.1, 0, 1e-200]

each = pytest.mark.parametrize(("text", "at"), FORMULAS)
seeded = pytest.mark.parametrize("seed", SEEDS)


def read_back(stored: str) -> gg.Backprop[Any, Any]:
    """Return stored passes."""
    result = gg.from_json(stored)
    assert isinstance(result, gg.Backprop)
    return result


@each
@seeded
@pytest.mark.parametrize("kind", [{}, {"precision": 30}], ids=["floats", "digits"])
def test_the_check_multiplies_its_witness_by_the_seed(
    text: str, at: dict[str, float], seed: float, kind: dict[str, Any]
) -> None:
    """Right gradients pass the check, whatever the seed is."""
    result = gg.parse(text).backprop(at, seed=seed, **kind)
    assert result.check(), str(result.check())


@seeded
def test_an_exact_seed_is_checked_exactly(seed: float) -> None:
    """Fractions times a seed are fractions, and all of them agree with sympy's."""
    result = gg.parse("x*n/(x + n)").backprop({"x": 100, "n": 2}, exact=True, seed=seed)
    assert result.grad["x"] == Fraction(str(seed)) * Fraction(4, 102**2)
    report = result.check()
    assert report
    assert all(row.relative == 0 for row in report.rows)


def test_a_wrong_gradient_fails_under_a_seed() -> None:
    """The gradient of seed 1 is no gradient of seed 2."""
    graph = gg.parse("x*n")
    report = graph.backprop({"x": 100, "n": 2}, seed=2)
    stored = report.to_json().replace('"adjoint": 4.0', '"adjoint": 2.0')
    assert not read_back(stored).check()


@each
@seeded
def test_uses_of_derivatives_do_not_depend_on_the_seed(text: str, at: dict[str, float], seed: float) -> None:
    """Errors, elasticities and the chain rule are those of the output, not of its multiple."""
    graph = gg.parse(text)
    plain, times = graph.backprop(at), graph.backprop(at, seed=seed)
    errors = dict.fromkeys(at, 0.25)
    assert times.propagate(errors) == plain.propagate(errors)
    assert times.sensitivity(errors) == plain.sensitivity(errors)
    assert times.explain("x").chain == plain.explain("x").chain


def test_an_explanation_ends_with_the_seed() -> None:
    """The entry of the gradient is the seed times the derivative that is explained."""
    result = gg.parse("x*n").backprop({"x": 100, "n": 2}, seed=-3)
    assert "(−3) · ∂E/∂x = (−3) · 2 = −6" in str(result.explain("x"))
    assert "seed" not in str(gg.parse("x*n").backprop({"x": 100, "n": 2}).explain("x"))


@pytest.mark.parametrize("seed", [2, 0.1, -1e-200])
def test_distances_from_many_digits_take_the_seed(seed: float) -> None:
    """The gradient in 50 digits is multiplied by the same seed: floats are a few ulps away."""
    distances = gg.parse("sin(x)*y").backprop({"x": 0.5, "y": 3}, seed=seed).ulps()
    assert all(distance is not None and distance < 4 for distance in distances.grad.values())


@pytest.mark.parametrize(
    ("text", "at", "seed", "kind"),
    [
        ("x*n", {"x": 100, "n": 2}, 2, {}),
        ("x/n", {"x": 1, "n": 3}, Fraction(1, 7), {"exact": True}),
        ("sin(x)*n", {"x": 1, "n": 3}, 0.1, {"precision": 30}),
        ("x*n", {"x": [1, 2], "n": 2}, [1, 0], {}),
        ("softmax(x)", {"x": [1, 2, 3]}, 2, {}),
        ("softmax(x)", {"x": [1, 2, 3]}, [0.5, 0, 1], {"precision": 30}),
    ],
)
def test_a_seed_is_read_back_from_json(text: str, at: dict[str, Any], seed: Any, kind: dict[str, Any]) -> None:
    """Stored passes have the seed they were run with: equal, and right to the check."""
    result = gg.parse(text).backprop(at, seed=seed, **kind)
    again = read_back(result.to_json())
    assert again == result
    assert again.check()


@each
@seeded
def test_a_page_starts_its_backward_pass_with_the_seed(text: str, at: dict[str, float], seed: float) -> None:
    """The program of a page computes the adjoints that the passes have, bit for bit."""
    passes = backprop(gg.parse(text).data, at, seed=seed)
    both = transcript(passes.tape, set(), lambda _op: True, Fraction(passes.seed))
    registers = forward(both.tape, Floats(), passes.inputs)
    ours = dict(passes.backward.adjoints.items())
    assert {node: registers[both.adjoints[node]] for node in ours} == pytest.approx(ours, rel=0, abs=0)


def test_a_page_s_program_has_the_seed() -> None:
    """A slider's new gradient is multiplied by the seed, as the first one is."""
    page = gg.parse("x*n").backprop({"x": 100, "n": 2}, seed=123.25).render("html").decode()
    assert "123.25 * " in page or "* 123.25" in page


def test_a_picture_s_description_names_the_seed() -> None:
    """Who cannot see the adjoint of the output reads it."""
    result = gg.parse("x*n").backprop({"x": 100, "n": 2}, seed=2)
    assert "Gradient times the seed 2: ∂/∂x = 4, ∂/∂n = 200." in result.describe()
