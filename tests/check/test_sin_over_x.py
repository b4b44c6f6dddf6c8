"""sin(x)/x with 1 at 0: derivatives of every order are right at 0 and beside it."""

from __future__ import annotations

import pytest
import sympy
from mpmath import MPContext

import graphgrad as gg

POINTS = (0.0, 1e-300, 1e-9, -0.3, 0.89, 0.9, -1.5, 3.0, 40.0)


@pytest.fixture(scope="module")
def graphs() -> list[gg.Graph]:
    """Return the function, as it comes from sympy, and its derivatives up to the sixth."""
    found = [gg.from_sympy(sympy.sinc(sympy.Symbol("x")))]
    for _ in range(6):
        found.append(found[-1].gradient("x"))
    return found


@pytest.mark.parametrize("order", range(7))
def test_derivatives_are_those_of_mpmath(graphs: list[gg.Graph], order: int) -> None:
    """The n-th derivative of the series: the sum of (−1)**k*x**(2*k − n)/((2*k + 1)*(2*k − n)!)."""
    m = MPContext()
    m.dps = 60
    compiled = graphs[order].compile(wrt=[])
    for x in POINTS:
        powers = range(order % 2, 200, 2)
        signs = ((-1) ** ((power + order) // 2) for power in powers)
        terms = zip(signs, powers, strict=True)
        expected = m.fsum(sign * m.mpf(x) ** n / ((n + order + 1) * m.factorial(n)) for sign, n in terms)
        for ours in (graphs[order].backprop({"x": x}, wrt=[]).value, compiled(x)[0]):
            assert abs(ours - expected) <= 1e-14 * 4**order * abs(expected) + 1e-40


@pytest.mark.parametrize("x", POINTS)
def test_its_second_derivative_is_checked(graphs: list[gg.Graph], x: float) -> None:
    """At 0 it is −1/3, without a kink."""
    result = graphs[1].backprop({"x": x})
    assert result.check(), result.check()
    assert not result.warnings
    assert x or abs(result.grad["x"] + 1 / 3) < 1e-16


@pytest.mark.parametrize("x", ["0", "1e-30", "0.001", "0.3", "0.89", "3"])
def test_many_digits_are_right(x: str) -> None:
    """The series near 0 is one of floats; 50 digits are those of the quotient."""
    m = MPContext()
    m.dps = 150
    number = m.mpf(x)
    expected = (m.cos(number) - m.sin(number) / number) / number if number else number
    slope = gg.parse("sinc(x)").backprop({"x": x}, precision=50).grad["x"]
    assert abs(m.mpf(str(slope)) - expected) <= 1e-49 * abs(expected)
