"""The first-order bound of rounding: it covers the true error, and is not much larger."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from mpmath import mp

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import JUDGED, GradientErrors, direction_bound, gradient_bounds, value_bound
from graphgrad.backprop.traced_gradient import traced_gradient
from graphgrad.check.sympy_witness import exact_number
from graphgrad.graph.builder import build
from graphgrad.namespaces.arrays import Arrays, Entrywise
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.kinds import FRACTIONS
from graphgrad.namespaces.many_digits import ManyDigits, Mpmath
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.op import Naturals
from graphgrad.ops.table import OPS
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

U = 2.0**-53
CORPUS = Path(__file__).parents[1] / "data" / "open.jsonl"
EXACT = Mpmath(stable=True)


def passes_of(text: str, /, **at: Any) -> Passes:
    """Return both passes at a point."""
    return backprop(build(text, parse(text)), at)


def test_the_bound_covers_every_error_of_the_corpus_and_is_tight() -> None:
    """No error of a value or a derivative is beyond the bound, which is 10 to 20 times the error in the median."""
    ratios = []
    for formula in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()):
        for point in formula["points"]:
            passes = passes_of(formula["expr"], **{name: float(x) for name, x in point["at"].items()})
            bounds = gradient_bounds(passes)
            judged = [(passes.value, point["value"], value_bound(passes))]
            judged += [(passes.grad[name], point["grad"][name], bounds[name]) for name in bounds]
            for ours, text, bound in judged:
                right = Fraction(text)
                error = abs(Fraction(ours) - right)
                if error > abs(right) / 10**39:  # the published digits end there
                    assert bound.covers(error)
                    ratios.append(float(Fraction(bound.total) / error) if bound.total else math.inf)
    assert min(ratios) > 1 / JUDGED
    assert np.median(ratios) < 20


@pytest.mark.parametrize(
    ("text", "x", "right", "guilty"),
    [
        ("sqrt(x + 1) - sqrt(x)", 1e14, Fraction(5, 10**8), "sqrt"),
        ("(1 - cos(x))/x**2", 1e-8, Fraction(1, 2), "cos"),
        ("(exp(x) - 1)/x", 1e-15, Fraction(1), "exp"),
        ("(1e16 + x) - 1e16", 1.0, Fraction(1), "add"),
        ("x + (1 - x)", 1e17, Fraction(1), "sub"),
    ],
)
def test_the_worst_register_is_the_one_whose_digits_die(text: str, x: float, right: Fraction, guilty: str) -> None:
    """In a cancellation the bound names the operation whose rounding the subtraction magnifies."""
    passes = passes_of(text, x=x)
    bound = value_bound(passes)
    error = abs(Fraction(passes.value) - right)
    assert error / 4 <= bound.total <= 100 * error
    assert bound.worst is not None
    assert passes.tape.step(bound.worst).op.name == guilty


def test_a_gradient_has_a_bound_of_its_own() -> None:
    """The derivative of (1 - cos(x))/x**2 is off by 1e8 where the value is off by 0.5; cos is guilty of both."""
    passes = passes_of("(1 - cos(x))/x**2", x=1e-8)
    errors = GradientErrors.of(passes, ["x"])
    bound = errors.bounds()["x"]
    assert errors.traced is not None
    assert 1e8 < bound.total < 1e9
    assert bound.worst is not None
    assert passes.tape.step(bound.worst).op.name == "cos"


def test_the_recorded_sweep_computes_the_gradient_bit_for_bit() -> None:
    """The values of the record are the numbers of both passes, for every formula of the corpus."""
    for formula in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()):
        at = {name: float(x) for name, x in formula["points"][0]["at"].items()}
        passes = backprop(build(formula["expr"], parse(formula["expr"])), at, seed=0.3)
        traced = traced_gradient(passes, passes.wrt)
        recorded = [traced.values[output] for output in traced.tape.outputs]
        assert recorded == [passes.grad[name] for name in traced.names]


@pytest.mark.parametrize("text", ["3*x + 2", "x*x - x", "-abs(x)", "max(x, 2*x)", "where(x > 1, x, 7)", "x**(3 - 2)"])
def test_nothing_is_rounded_where_all_numbers_are_small_integers(text: str) -> None:
    """Sums and products of integers, signs and choices are exact: the bound is 0."""
    passes = passes_of(text, x=3.0)
    assert value_bound(passes).total == 0
    assert gradient_bounds(passes)["x"].total == 0


def test_a_literal_that_is_no_float_counts_as_rounded() -> None:
    """0.1 in a text is 1/10, and the float is another number; an input is taken as the float that it is."""
    assert value_bound(passes_of("x + 0.1", x=1)).total > 1.1 * U
    assert value_bound(passes_of("x + 0.5", x=1)).total == 1.5 * U
    assert value_bound(passes_of("-x", x=0.1)).total == 0


def test_fractions_never_round_and_many_digits_round_in_theirs() -> None:
    """The unit roundoff is that of the kind of number: 0 for fractions, about 1e-60 for 50 digits and 10 more."""
    graph = build("x/3 + y/7", parse("x/3 + y/7"))
    at = {"x": Fraction(1), "y": Fraction(1)}
    assert value_bound(backprop(graph, at, kind=FRACTIONS)).total == 0
    assert 1e-62 < value_bound(backprop(graph, at, kind=ManyDigits(50))).total < 1e-59


def test_the_seed_scales_the_bound_of_a_gradient() -> None:
    """A gradient is the seed times the derivative, and so is its bound."""
    graph = build("x*y*0.1", parse("x*y*0.1"))
    at = {"x": 0.3, "y": 0.7}
    once = gradient_bounds(backprop(graph, at))["x"].total
    assert 4 * once <= gradient_bounds(backprop(graph, at, seed=4))["x"].total <= 8 * once


def test_an_underflow_counts_as_the_smallest_float() -> None:
    """A product that underflows to 0 is off by up to the smallest float, however small the unit roundoff makes it."""
    passes = passes_of("x*x*1e300", x=1e-170)
    assert passes.value == 0
    assert value_bound(passes).covers(Fraction(1, 10**40))


def test_what_is_not_finite_has_no_bound() -> None:
    """Where a derivative on the way is infinite, the bound is None, and covers nothing."""
    text = "sqrt(x - 0.1*y)*z"
    passes = backprop(build(text, parse(text)), {"x": 0.1, "y": 1, "z": 1}, ["z"])
    bound = value_bound(passes)
    assert bound.total is None
    assert not bound.covers(0)


def test_many_derivatives_are_bounded_by_one_forward_sweep() -> None:
    """For a sum of 2,000 products each derivative has a bound, not much larger than one from a sweep of its own."""
    names = [f"x{i}" for i in range(2000)]
    text = " + ".join(f"sin({name})*0.1" for name in names)
    passes = passes_of(text, **dict.fromkeys(names, 0.3))
    bounds = gradient_bounds(passes)
    own = gradient_bounds(passes, ["x7"])["x7"].total
    assert own <= bounds["x7"].total <= 3 * own


def test_an_array_has_a_bound_along_each_direction() -> None:
    """The sum of [1e16, 1, -1e16] loses the 1; the bound says so, and its gradient is exact."""
    passes = passes_of("sum(x)", x=[1e16, 1.0, -1e16])
    assert 1 < value_bound(passes).total < 10
    assert direction_bound(passes, "x", np.array([1.0, 0.5, 0.25])).total == 0
    cancelled = passes_of("sum(x - mean(x)*0.1)", x=[0.1, 0.2, 0.3])
    assert 0 < direction_bound(cancelled, "x", np.array([1.0, 0.0, 0.0])).total < 10 * U


def test_the_gradient_of_an_array_with_a_seed_has_a_bound() -> None:
    """The seed of an array's gradient is an array, too."""
    graph = build("x*0.1", parse("x*0.1"))
    passes = backprop(graph, {"x": [1.0, 2.0]}, seed=[3.0, 4.0])
    assert direction_bound(passes, "x", np.array([1.0, 0.0])).total == pytest.approx(3 * 0.1 * 2 * U, rel=1)


# ---- what the rows declare


def drawn(random: Random, domain: Any) -> Any:
    """Return a random point of a domain."""
    if isinstance(domain, Naturals):
        return float(random.randrange(5))
    if math.isinf(domain.high):
        size = 10 ** random.uniform(-8, 2.5)
        return random.choice([-1, 1]) * size if math.isinf(domain.low) else domain.low + size
    return domain.low + (domain.high - domain.low) * random.random()


NUMBERS = [op for op in OPS.values() if op.arity and not op.on_arrays]


@pytest.mark.parametrize("op", NUMBERS, ids=lambda op: op.name)
def test_a_row_rounds_by_no_more_than_it_declares(op: Any) -> None:
    """At 100 random points of the domain the value is within `JUDGED` times the declared rounding of 60 digits."""
    m, random = Floats(), Random(op.name)
    for _ in range(100):
        xs = [drawn(random, op.domain(i)) for i in range(op.arity)]
        z = m.value(op, xs)
        if isinstance(z, Fault) or not math.isfinite(z) or abs(z) < 1e-290:
            continue
        right = exact_number(EXACT.value(op, [EXACT.const(Fraction(x)) for x in xs]))
        assert right is not None
        assert abs(Fraction(z) - right) <= JUDGED * U * op.rounding_error(m.operations, z, *xs), xs


ARRAY_CALLS = [
    "x @ y",
    "outer(x, y)",
    "sum(x)",
    "sum(a, axis=0)",
    "mean(a, axis=1)",
    "mean(x)",
    "norm(a, axis=0)",
    "norm(x)",
    "softmax(a)",
    "log_softmax(a)",
    "logsumexp(a, axis=1)",
    "logsumexp(x)",
    "a @ b",
    "affine(a, b, x)",
    "cross_entropy(a*a + 0.1, b)",
    "softmax_cross_entropy(a, softmax(b))",
    "mean_squared_error(x, y)",
    "max(a, axis=1)",
    "a.T",
    "concat(x, y)",
    "a[0]",
]


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e3])
@pytest.mark.parametrize("text", ARRAY_CALLS)
def test_an_array_row_rounds_by_no_more_than_it_declares(text: str, size: float) -> None:
    """The last operation on random arrays is within `JUDGED` times its declared rounding, entry by entry."""
    random = np.random.default_rng(len(text))
    shapes = {"x": (4,), "y": (4,), "a": (4, 4), "b": (4, 4)}
    graph = build(text, parse(text))
    passes = backprop(graph, {name: random.normal(size=shapes[name]) * size for name in graph.inputs}, seed=1)
    step, m = passes.tape.steps[-1], Entrywise(EXACT)
    xs = [passes.values[i] for i in step.operands]
    right = np.asarray(m.value(step.op, [m.lift(x) for x in xs]), dtype=object)
    sizes = np.broadcast_to(step.op.rounding_error(Arrays().operations, passes.value, *xs), right.shape)
    for ours, theirs, rounding in zip(np.ravel(passes.value), right.flat, sizes.flat, strict=True):
        assert abs(mp.mpf(float(ours)) - theirs) <= JUDGED * (U * rounding + math.ulp(0.0))
