"""Polygamma functions of any order, far from 0 and on both sides of it, against mpmath and against sums."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest

import graphgrad as gg
from graphgrad.namespaces.contexts import context_of
from graphgrad.namespaces.polygamma_series import polygamma_of_order


@pytest.mark.parametrize("order", [1, 2, 3, 7, 20, 201, 250])
@pytest.mark.parametrize("x", [1e-3, 0.5, 1, 2.5, 100.25, 1e4, -0.25, -0.5, -3.7, -20.3])
def test_the_value_is_mpmath_s(order: int, x: float) -> None:
    """It is that of mpmath, which steps from the operand to one beyond four times the order."""
    ours = polygamma_of_order(context_of(106), order, x)
    with mpmath.workprec(1000):
        theirs = mpmath.psi(order, mpmath.mpf(x))
        assert abs(ours - theirs) <= abs(theirs) * mpmath.mpf(10) ** -29


@pytest.mark.parametrize(
    ("order", "x", "value"),
    [
        (1, -1e7 - 0.5, math.pi**2 - 1e-7),  # π²/sin²(πx) − ψ′(1 − x), and ψ′(y) is 1/y to first order
        (1, -1e15 - 0.5, math.pi**2),
        (1, 1e300, 1e-300),
        (3, 1e100, 2e-300),
        (2, 1e150, -1e-300),
        (7, 1e44, math.factorial(6) * 1e-308),
        (10**6, 0.5, -math.inf),
        (10**6 + 1, 0.5, math.inf),
        (10**6, 1e9, 0.0),
        (10**300, 1e300, 0.0),
        (300, -1e10 - 0.25, math.inf),
        (10**6, -1000.25, math.inf),
        (10**6, -1000.5, -math.inf),
        (150, -20.5, -3.6235955148391522e61),
    ],
)
def test_far_values_are_those_of_the_first_terms(order: int, x: float, value: float) -> None:
    """Neither a large order nor a large operand takes more time; the values follow from the first terms."""
    assert gg.parse(f"polygamma({order}, x)").backprop({"x": x}, wrt=[]).value == pytest.approx(value, rel=1e-13, abs=0)


@pytest.mark.parametrize(("order", "x"), [(1, 0), (1, -3), (-1, 0.5), (0.5, 0.5), (2, math.nan)])
def test_poles_and_other_orders_have_no_value(order: float, x: float) -> None:
    """There is none at 0 and the negative integers, nor for an order that is no natural number."""
    with pytest.raises(ValueError, match="no value"):
        polygamma_of_order(context_of(53), order, x)


@pytest.mark.parametrize(
    ("order", "x"), [(0, 1e200), (0, 1e300), (1, 1e100), (1, 1e150), (2, 1e16), (3, 1e75), (6, 3e40)]
)
def test_no_path_underflows_before_the_number_does(order: int, x: float) -> None:
    """For large x the derivative n!/xⁿ⁺¹ is right wherever it is a float, by every path."""
    graph = gg.parse(f"polygamma({order}, x)" if order else "digamma(x)")
    right = pytest.approx(
        (-1) ** order * float(mpmath.factorial(order) / mpmath.mpf(x) ** (order + 1)), rel=1e-13, abs=0
    )
    module: dict[str, Any] = {}
    exec(graph.to_python(), module)
    compiled = graph.compile()
    assert graph.backprop({"x": x}).grad["x"] == right
    assert compiled(x=x)[1]["x"] == right
    assert compiled(x=np.array([x, 1.0]))[1]["x"][0] == right
    assert module["f"](x)[1]["x"] == right
