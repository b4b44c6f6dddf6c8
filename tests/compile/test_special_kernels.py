"""The special functions in pairs of floats: right to a few ulp, in each language that brings them along."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest
from table import called, differentiable, points
from test_source import run

import graphgrad as gg
from graphgrad.namespaces import Floats
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.special_floats import KERNELS
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MOST: Final = 4
"""The largest distance from the value in 60 digits, in units in the last place."""

SAMPLES: Final[dict[tuple[str, ...], Callable[[Random], tuple[float, ...]]]] = {
    ("factorial",): lambda r: (r.uniform(-20.0, 170.0),),
    ("binomial",): lambda r: (r.uniform(-5.0, 200.0), r.uniform(-5.0, 60.0)),
    ("beta", "betaln", "digamma_step"): lambda r: (10 ** r.uniform(-3, 2), 10 ** r.uniform(-3, 2)),
    ("gammainc", "gammaincc", "gamma_density"): lambda r: (10 ** r.uniform(-2, 2.3), 10 ** r.uniform(-3, 2.4)),
    ("betainc", "beta_density"): lambda r: (10 ** r.uniform(-2, 2), 10 ** r.uniform(-2, 2), r.random()),
    ("erfinv",): lambda r: (r.uniform(-1.0, 1.0),),
    ("erfcinv",): lambda r: (10 ** r.uniform(-290, 0.3),),
    ("erfcx", "erfcx_slope"): lambda r: (r.uniform(-20.0, 40.0),),
    ("exp1", "expi"): lambda r: (10 ** r.uniform(-3, 2.5),),
    ("lambertw", "lambertw_plus_1"): lambda r: (r.uniform(-0.3678, 20.0),),
    ("jv", "yv", "iv", "kv"): lambda r: (r.choice((float(r.randint(0, 9)), r.uniform(0, 30))), r.uniform(0, 60)),
}
"""Points of the domain that people use."""


def ulps(found: float, right: Any) -> float:
    """Return by how many units in the last place a number is off."""
    return float(abs(found - right) / math.ulp(float(right)))


@pytest.mark.parametrize("name", KERNELS)
def test_values_are_right_to_a_few_units_in_the_last_place(name: str) -> None:
    """Held against mpmath at random points."""
    sample = next(sample for names, sample in SAMPLES.items() if name in names)
    random, m = Random(name), Mpmath(digits=110)
    for _ in range(60):
        xs = sample(random)
        right = m.value(OPS[name], [m.context.mpf(x) for x in xs])
        if 1e-290 < abs(right) < 1e300:
            assert ulps(float(Floats().value(OPS[name], xs)), right) <= MOST, xs


@pytest.mark.parametrize("language", ["JavaScript", "C"])
@pytest.mark.parametrize("name", KERNELS)
def test_translations_are_as_good_as_python(name: str, language: str, tmp_path: Path) -> None:
    """The functions written in C and JavaScript have Python's numbers, but for their exp and erfc."""
    op, wrt = OPS[name], differentiable(OPS[name])
    graph = gg.parse(called(op))
    [numbers] = run(language, [(graph, tuple(wrt), points(op))], tmp_path)
    for point, (value, grad) in zip(points(op), numbers, strict=True):
        expected = graph.backprop(point, wrt)
        pairs: Sequence[tuple[float, float]] = [(value, expected.value), *((grad[x], expected.grad[x]) for x in wrt)]
        assert max(abs(ours - theirs) / math.ulp(theirs) for ours, theirs in pairs) <= MOST


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("factorial(x)", {"x": -2}),
        ("beta(x, 1)", {"x": 0}),
        ("gammainc(x, 1)", {"x": 0}),
        ("gammaincc(2, x)", {"x": -1}),
        ("betainc(2, 3, x)", {"x": 1.5}),
        ("erfinv(x)", {"x": 1}),
        ("erfcinv(x)", {"x": 0}),
        ("exp1(x)", {"x": 0}),
        ("expi(x)", {"x": 0}),
        ("lambertw(x)", {"x": -0.4}),
        ("yv(0, x)", {"x": 0}),
        ("kv(0, x)", {"x": -1}),
        ("jv(0.5, x)", {"x": -1}),
    ],
)
def test_outside_the_domain_there_is_no_value(text: str, at: dict[str, float]) -> None:
    """At a pole, and where the function is no real number, floats and many digits refuse alike."""
    for settings in ({}, {"precision": 30}):
        with pytest.raises(gg.DomainError):
            gg.parse(text).backprop(at, [], **settings)


@pytest.mark.parametrize("text", ["gammainc(x, 2)", "betainc(x, 2, 0.5)", "betainc(2, x, 0.5)", "jv(x, 2)", "kv(x, 2)"])
def test_by_a_parameter_there_is_no_derivative(text: str) -> None:
    """The shape of an incomplete function and the order of a Bessel function must be constants."""
    with pytest.raises(gg.DomainError, match="must be a constant"):
        gg.parse(text).backprop({"x": 1.5})


def test_whole_binomials_and_factorials_are_exact() -> None:
    """They are whole numbers, as Python's are."""
    for n in range(30):
        assert Floats().value(OPS["factorial"], [float(n)]) == float(math.factorial(n))
        for k in range(35):
            assert Floats().value(OPS["binomial"], [float(n), float(k)]) == math.comb(n, k)
