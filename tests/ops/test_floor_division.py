"""Whole quotients and remainders of floats: Python's, on every path."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg

TENTHS = st.integers(-10_000, 10_000).map(lambda n: n / 10)
DIVISORS = st.one_of(TENTHS.filter(bool), st.floats(1e-3, 1e3), st.floats(-1e3, -1e-3))


@given(TENTHS, DIVISORS)
def test_both_are_pythons(x: float, y: float) -> None:
    """In floats 1//0.1 is 9 and 1 % 0.1 almost 0.1, as the float 0.1 is more than a tenth."""
    point = {"x": x, "y": y}
    assert gg.parse("floor_div(x, y)").backprop(point, []).value == x // y
    assert gg.parse("floor_mod(x, y)").backprop(point, []).value == x % y


@pytest.mark.parametrize(("x", "y"), [(1.0, 0.1), (-1.0, 0.1), (7.0, -2.0), (1e16, 3.0), (0.0, 5.0), (1e300, 7e299)])
def test_compiled_code_columns_and_generated_code_agree(x: float, y: float) -> None:
    """One point, columns, and the source of a Python function give the same numbers."""
    for text, right in (("floor_div(x, y)", x // y), ("floor_mod(x, y)", x % y)):
        graph = gg.parse(text)
        compiled = graph.compile()
        scope: dict[str, object] = {}
        exec(graph.to_python(), scope)
        generated = scope["f"]
        assert callable(generated)
        assert compiled(x, y)[0] == compiled([x], [y])[0][0] == generated(x, y)[0] == right


def test_a_traced_function_computes_what_python_does() -> None:
    """`//`, `%` and divmod of a traced function are Python's."""
    graph = gg.trace(lambda x, y: x // y + 10 * (x % y) + divmod(x, y)[1])
    assert graph.backprop({"x": 1.0, "y": 0.1}, []).value == 1.0 // 0.1 + 10 * (1.0 % 0.1) + 1.0 % 0.1


def test_derivatives_are_those_beside_a_jump() -> None:
    """By x the remainder has the derivative 1, by y minus the whole quotient; the quotient has none."""
    result = gg.parse("floor_mod(x, y) + floor_div(x, y)").backprop({"x": 7.5, "y": 2.0})
    assert result.grad == {"x": 1.0, "y": -3.0}
    assert result.check().ok
    assert gg.parse("floor_mod(x, y)").backprop({"x": 6, "y": 2}).warnings[0].startswith("kink: ")


def test_fractions_and_many_digits_are_exact() -> None:
    """A tenth is a tenth there, and 1 is ten of them."""
    graph = gg.parse("floor_mod(x, y)")
    point = {"x": Fraction(1), "y": Fraction(1, 10)}
    assert graph.backprop(point, [], exact=True).value == 0
    assert (
        abs(
            graph.backprop({"x": 1, "y": Fraction(3, 10)}, [], precision=30).value
            - gg.parse("0.1").backprop({}, precision=30).value
        )
        < 1e-30
    )
    assert math.isclose(graph.backprop({"x": 1, "y": 0.3}, []).value, 0.1)
