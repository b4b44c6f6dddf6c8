"""Sympy's expressions as instructions: the numbers are those of sympy, to many digits, and in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import sympy
from table import points

from graphgrad.check.sympy_witness import agree, exact_number, witness
from graphgrad.namespaces.formulas import Formula, reals
from graphgrad.ops import NUMERIC, OPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.ops import Op

DIGITS = 150
"""The digits of sympy's numbers: of a rational power it would factor the integers."""

x, y = sympy.symbols("x y", real=True)


def expressions(op: Op) -> Iterator[tuple[sympy.Expr, Sequence[sympy.Symbol]]]:
    """Yield sympy's expression of an operation, and its derivatives."""
    sympys = witness(op, op.arity)
    yield sympys.expression, sympys.symbols
    for position in range(op.arity):
        if op.rule(position) is not None:
            yield sympys.derivative(position), sympys.symbols


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_the_numbers_are_those_of_sympy(op: Op) -> None:
    """At points of its domain, each operation and derivative has the value that sympy itself computes, to 25 digits."""
    for point in points(op):
        at = [Fraction(number) for number in point.values()]
        for expression, symbols in expressions(op):
            numbers = {s: sympy.Float(float(t), DIGITS) for s, t in zip(symbols, at, strict=True)}
            theirs = exact_number(sympy.N(expression, 30, subs=numbers))
            ours = Formula(expression, symbols).number(at)
            assert theirs is not None
            assert ours is not None
            assert agree(ours, theirs, 1e-25)


@pytest.mark.parametrize(
    ("expression", "number", "value"),
    [
        (sympy.log(1 + x), Fraction(1, 10**300), 1e-300),
        (1 - sympy.cos(x), Fraction(1, 10**30), 5e-61),
        (sympy.exp(x) - 1, Fraction(2) ** -1000, 2.0**-1000),
        (sympy.cosh(x) ** 2 - sympy.sinh(x) ** 2, Fraction(300), 1.0),
        (sympy.Abs(x) - x, Fraction(3), 0.0),
    ],
)
def test_what_cancels_is_computed_with_more_digits(expression: sympy.Expr, number: Fraction, value: float) -> None:
    """Terms that cancel raise the precision, by hundreds of digits where they must."""
    assert float(Formula(expression, [x]).number([number]) or 0) == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("expression", "point", "value"),
    [
        (x / y, (1, 3), Fraction(1, 3)),
        (sympy.sqrt(x) + y**2, (4, Fraction(1, 2)), Fraction(9, 4)),
        (sympy.Max(x, y) + sympy.floor(x), (Fraction(7, 2), 2), Fraction(13, 2)),
        (sympy.Piecewise((sympy.log(x), x > 0), (y, True)), (-1, 5), 5),
        (sympy.sqrt(x), (2, 0), None),
        (sympy.sin(x), (1, 0), None),
        (x**y, (3, 10**9), None),
        (1 / x, (0, 0), None),
    ],
)
def test_fractions_stay_fractions(expression: sympy.Expr, point: tuple[Fraction, ...], value: Fraction | None) -> None:
    """A rational value is exact; there is none where it is irrational, undefined, or has too many digits."""
    assert Formula(expression, [x, y]).exactly([*map(Fraction, point)]) == value


@pytest.mark.parametrize("expression", [sympy.log(x), sympy.sqrt(x), sympy.asin(x - 5), 1 / (x + 1), x**sympy.pi])
def test_what_is_no_real_number_has_none(expression: sympy.Expr) -> None:
    """Off its domain an expression has no number, rather than a complex one."""
    assert Formula(expression, [x]).number([Fraction(-1)]) is None


def test_a_branch_that_is_not_taken_has_no_effect() -> None:
    """The value of a choice exists where the branch taken has one."""
    choice = sympy.Piecewise((sympy.log(x), x > 0), (x, True))
    assert Formula(choice, [x]).number([Fraction(-2)]) == -2


def test_shared_parts_are_computed_once() -> None:
    """Forty squarings of one expression are forty instructions, although the tree has 2**40 operations."""
    expression = x + y
    for _ in range(40):
        expression = sympy.Add(sympy.Mul(expression, expression, evaluate=False), 1, evaluate=False)
    assert len(Formula(expression, [x, y]).code) < 100


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("sin", (1e300,)),
        ("exp", (1e300,)),
        ("lgamma", (-1e15 - 0.5,)),
        ("lgamma", (1e300,)),
        ("digamma", (-1e15 - 0.5,)),
        ("polygamma", (10.0**6, 0.5)),
        ("polygamma", (1.0, -1e15 - 0.5)),
        ("pow", (1e300, 1e300)),
        ("tanh", (1e300,)),
    ],
)
def test_far_arguments_take_no_time(name: str, point: tuple[float, ...]) -> None:
    """Where sympy itself computes for hours, values and derivatives come at once, with or without a number."""
    sympys = witness(OPS[name], len(point))
    at = [Fraction(number) for number in point]
    sympys.value(at)
    sympys.partial(len(point) - 1, at)


def test_the_context_of_the_user_stays_as_it_is() -> None:
    """mpmath's global precision is neither read nor written."""
    import mpmath

    before = mpmath.mp.prec
    with mpmath.workprec(20):
        third = Formula(x / 3, [x]).number([Fraction(1)])
    assert mpmath.mp.prec == before
    assert third is not None
    assert agree(third, Fraction(1, 3), 1e-30)


def test_a_precision_that_was_left_behind_is_set_again() -> None:
    """An exception that ends a function of mpmath may leave another precision in its context."""
    reals(106).context.prec = 7
    assert reals(106).context.prec == 106
