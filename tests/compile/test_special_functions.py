"""The gamma functions: right to a few ulp along the whole axis, in every language that brings its own."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from test_source import run

import graphgrad as gg
from graphgrad.namespaces import Floats
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

mpmath = pytest.importorskip("mpmath")

NAMES: Final = ("gamma", "lgamma", "digamma")

ZEROS: Final = {
    "gamma": (),
    "lgamma": (1.0, 2.0, -2.4570247382208006, -2.7476826467274127, -3.1435808883499798, -3.9552942848585979),
    "digamma": (1.4616321449683622, -0.50408300826445541, -1.5734984731623905, -10.7, -99.86),
}
"""Floats at and around which the value is small."""

DIGITS: Final = 2.0**-98
"""The rounding of pairs of floats, which is what remains at the floats next to a zero below 0."""


def axis(name: str) -> list[float]:
    """Return points along the axis and in every neighbourhood of the zeros and poles."""
    spread = [k / 7 for k in range(-140, 141) if k % 7] + [0.5, 1.5, 2.5, 10.0, 30.5, 99.5, -30.3, -30.7, -51.5]
    near = [sign * 10.0**-k for k in range(1, 16, 2) for sign in (1, -1)]
    closest = [x for zero in ZEROS[name] for x in (math.nextafter(zero, 9), math.nextafter(zero, -99))]
    around = [zero + small for zero in (*ZEROS[name], -3.0, 0.0) for small in near]
    return [x for x in spread + around + closest + [*ZEROS[name]] if x > 0 or x % 1]


def truth(name: str, *xs: float) -> Any:
    """Return the value at the floats themselves, in 60 digits."""
    m = mpmath.MPContext()
    m.dps = 60
    if name == "polygamma":
        return m.psi(int(xs[0]), m.mpf(xs[1]))
    value = getattr(m, "digamma" if name == "digamma" else "gamma")(m.mpf(xs[0]))
    return m.log(abs(value)) if name == "lgamma" else value


def ulps(found: float, right: Any) -> float:
    """Return by how many ulp a number is off, beyond the rounding of pairs of floats."""
    distance = abs(Fraction(found) - as_fraction(right))
    return float(max(distance - Fraction(DIGITS), Fraction(0)) / Fraction(math.ulp(float(right))))


def worst(name: str, points: Sequence[Sequence[float]], found: Sequence[float]) -> tuple[float, Sequence[float]]:
    """Return the largest distance, and where it is."""
    return max((ulps(z, truth(name, *xs)), xs) for xs, z in zip(points, found, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_in_the_interpreter(name: str) -> None:
    """Also next to the zeros, where the terms of the usual formulas cancel."""
    points = [(x,) for x in axis(name)]
    found = [float(Floats().value(OPS[name], xs)) for xs in points]
    assert worst(name, points, found)[0] <= 8, worst(name, points, found)


@pytest.mark.parametrize("language", ["Python", "JavaScript", "C"])
@pytest.mark.parametrize("name", NAMES)
def test_in_each_language(name: str, language: str, tmp_path: Path) -> None:
    """The functions that generated code brings along are as good as the interpreter's."""
    points = [(x,) for x in axis(name)]
    [numbers] = run(language, [(gg.parse(f"{name}(x)"), (), [{"x": x} for (x,) in points])], tmp_path)
    assert worst(name, points, [value for value, _ in numbers])[0] <= 8


@pytest.mark.parametrize("language", ["Python", "JavaScript", "C"])
def test_polygamma_of_large_numbers_in_each_language(language: str, tmp_path: Path) -> None:
    """It is (n - 1)!/xⁿ to first order wherever that is a float, also where xⁿ⁺¹ is not."""
    points = [(1, 1e16), (1, 1e160), (1, 1e300), (2, 1e150), (3, 1e100), (7, 1e43)]
    given = [{"n": float(n), "x": x} for n, x in points]
    [numbers] = run(language, [(gg.parse("polygamma(n, x)"), ("x",), given)], tmp_path)
    for (n, x), (value, _) in zip(points, numbers, strict=True):
        assert value == pytest.approx((-1) ** (n + 1) * math.gamma(n) / x**n, rel=1e-13, abs=0)


@pytest.mark.parametrize("language", ["Python", "JavaScript", "C"])
def test_polygamma_of_any_order(language: str, tmp_path: Path) -> None:
    """Low orders on either side of 0; high ones where a factorial is beyond the floats and its quotient is not."""
    points = [(float(n), x) for n in (1, 3, 7) for x in (-20.3, -1.7, -0.1, 1e-5, 0.3, 1.0, 2.5, 15.0, 40.0, 1e4, 1e9)]
    points += [
        (2.0, -800.5),
        (6.0, -3.5),
        (2.0, 0.7),
        (2.0, 30.0),
        (50.0, 33.3),
        (170.0, 100.0),
        (171.0, 80.5),
        (300.0, 250.0),
        (500.0, 400.0),
    ]
    graph = gg.parse("polygamma(n, x)")
    [numbers] = run(language, [(graph, ("x",), [{"n": n, "x": x} for n, x in points])], tmp_path)
    assert worst("polygamma", points, [value for value, _ in numbers])[0] <= 32
    slopes = [grad["x"] for _, grad in numbers]
    assert worst("polygamma", [(n + 1, x) for n, x in points], slopes)[0] <= 32


@pytest.mark.parametrize(
    ("n", "x", "expected"),
    [(1e6, 0.5, -math.inf), (1e9, 5e8, 0.0), (1e9, -800.5, -math.inf), (3.0, 1e200, 0.0), (1.0, -1e7 - 0.5, None)],
)
def test_no_order_or_size_takes_long(n: float, x: float, expected: float | None) -> None:
    """The number of terms is bounded, whatever the order and the operand."""
    found = Floats().value(OPS["polygamma"], [n, x])
    assert found == pytest.approx(math.pi**2 if expected is None else expected, rel=1e-6)


def test_far_below_0() -> None:
    """Between two far poles the value is that of a cotangent and a logarithm."""
    assert Floats().value(OPS["digamma"], [-1e7 - 0.5]) == pytest.approx(math.log(1e7), rel=1e-6)
    x = -1e15 - 0.5
    assert Floats().value(OPS["lgamma"], [x]) == pytest.approx(-(1e15 * (math.log(1e15) - 1)), rel=1e-12)


@pytest.mark.parametrize("name", ["lgamma"])
def test_on_columns(name: str) -> None:
    """SciPy's function loses digits around its zeros; a column does not."""
    pytest.importorskip("scipy")
    points = [(x,) for x in axis(name)]
    value, _ = gg.parse(f"{name}(x)").compile(wrt=[])(x=np.array([x for (x,) in points]))
    assert worst(name, points, value.tolist())[0] <= 16
