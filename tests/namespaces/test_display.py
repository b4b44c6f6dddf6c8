"""Numbers as text: six significant digits, and exact."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphgrad.namespaces import exact, short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (715.0000000000001, "715"),
        (5.4, "5.4"),
        (1.08, "1.08"),
        (1.5e-7, "1.5e-07"),
        (-0.0, "0"),
        (3, "3"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        (Fraction(540), "540"),
        (Fraction(27, 25), "1.08"),
        (Fraction(1, 3), "1/3"),
        (Fraction(10**9 + 1, 3 * 10**9), "0.333333"),
        (Fraction(10) ** 400, "1e+400"),
        (Fraction(-1, 10**400), "-1e-400"),
    ],
)
def test_short(value: float | Fraction, text: str) -> None:
    """Six significant digits, or a short fraction that they would round."""
    assert short(value) == text


@given(st.floats(allow_nan=False))
def test_exact_floats_read_back(value: float) -> None:
    """The exact text of a float reads back as the same float."""
    assert float(exact(value)) == value


@given(st.fractions())
def test_exact_fractions_read_back(value: Fraction) -> None:
    """The exact text of a fraction reads back as the same fraction."""
    assert Fraction(exact(value)) == value
