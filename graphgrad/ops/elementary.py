"""Declare the operations on numbers: a table of derivatives as in a textbook, one row each.

`m` is the namespace that a rule is read in, `z` the value of the operation, and `x`, `y`, … are its operands. The
derivatives are written by hand, never taken from sympy, so that sympy can check them (see `graphgrad.check`).
Sources: DLMF §4 (elementary functions), §5 (gamma), §7 (error function), https://dlmf.nist.gov/.
"""

from __future__ import annotations

import math
from typing import Any, Final

from graphgrad.ops.kink import Kink
from graphgrad.ops.op import Interval, Naturals, Op, nothing

__all__ = [
    "ABOVE_1",
    "COMPARISON",
    "CONJUNCTION",
    "COUNT",
    "DISJUNCTION",
    "EXCLUSION",
    "FAMILIES",
    "LOGICAL",
    "NEGATION",
    "POSITIVE",
    "POWER",
    "PRODUCT",
    "SIGN",
    "SUM",
    "UNIT",
    "UNIT_POSITIVE",
    "R",
]

R: Final = Interval(-math.inf, math.inf)
POSITIVE: Final = Interval(0, math.inf)
ABOVE_1: Final = Interval(1, math.inf)
ABOVE_MINUS_1: Final = Interval(-1, math.inf)
UNIT: Final = Interval(-1, 1)
UNIT_POSITIVE: Final = Interval(0, 1)
ACUTE: Final = Interval(0, math.pi / 2)
COUNT: Final = Naturals()

# Binding powers (left, right): equal ones do not chain (a < b < c), a weaker right one chains to the right (a**b**c).
DISJUNCTION, EXCLUSION, CONJUNCTION, NEGATION = (6, 7), (7, 8), (8, 9), (10, 10)
COMPARISON, SUM, PRODUCT, SIGN, POWER = (11, 11), (20, 21), (30, 31), (40, 40), (51, 50)

LOGICAL: Final = frozenset({DISJUNCTION, EXCLUSION, CONJUNCTION, NEGATION})
"""The binding powers of the operators on what is true or false."""

JUMP: Final = Kink(lambda m, x, y: m.eq(x, y), "it jumps where both sides are equal; the derivative taken is 0")
PULSE: Final = Kink(
    lambda m, x, y: m.eq(x, y),
    "it changes at this point only; the derivative taken is 0, and that of a "
    "branch taken only here may not be the function's",
    isolated=True,
)

SLOPE_TERMS: Final = 11
"""The terms of the series of the derivative of sin(x)/x for 5*x**2 < 4, where the next one is below 1e-24."""

MANY_SLOPE_TERMS: Final = 28
"""The same for 70 digits."""

PAIR: Final = 2


def _slope_of_sin_over_x(m: Any, x: Any, terms: int) -> Any:
    """Return (cos(x) - sin(x)/x)/x, near 0 by its series."""
    series = 1
    for k in range(terms, 0, -1):
        series = 1 - x**2 * series / (2 * k * (2 * k + 3))
    near = m.lt(5 * x**2, 4)
    return m.where(near, -x * series / 3, (m.cos(x) - m.sin_over_x(x)) / m.where(near, 1, x))


def _bend_of_sin_over_x(m: Any, z: Any, x: Any) -> Any:
    """Return the second derivative, near 0 by its series, which has derivatives of every order there."""
    series = 1
    for k in range(MANY_SLOPE_TERMS, 0, -1):
        series = 1 - x**2 * series * (2 * k + 1) / (2 * k * (2 * k - 1) * (2 * k + 3))
    near = m.lt(5 * x**2, 4)
    return m.where(near, -series / 3, -m.sin_over_x(x) - 2 * z / m.where(near, 1, x))


def _is_chosen(m: Any, beats: Any, z: Any, x: Any, *xs: Any) -> Any:
    """Return 1 where x is the one that is chosen, of two by the comparison that it must win."""
    return beats(x, _other(x, *xs)) if len(xs) == PAIR else m.eq(x, z)


MANY: Final = 16
"""More operands than this are counted for the chosen ones alone."""


def _number_of(m: Any, z: Any, xs: Any) -> Any:
    """Return how many operands are equal to a value."""
    return sum(m.eq(t, z) for t in xs)


def _split(m: Any, is_chosen: Any, z: Any, xs: Any) -> Any:
    """Return an equal share of 1 among the chosen operands.

    Of many, none is looked at for a float that is not chosen: the time for all their derivatives is linear.
    """
    return (
        0
        if len(xs) > MANY and type(is_chosen) is float and not is_chosen
        else m.where(is_chosen, 1 / _number_of(m, z, xs), 0)
    )


def _share(m: Any, beats: Any, z: Any, x: Any, *xs: Any) -> Any:
    """Return the same, and in a tie an equal share of 1."""
    if len(xs) == PAIR:
        return beats(x, _other(x, *xs)) + m.eq(x, _other(x, *xs)) / 2
    return m.eq(x, z) / _number_of(m, z, xs)


def _other(x: Any, first: Any, second: Any) -> Any:
    return second if x is first else first


# fmt: off
ARITHMETIC: Final = (
    Op("add", lambda m, x, y: x + y, d=(lambda m, z, x, y: 1, lambda m, z, x, y: 1),
       glyph="+", symbols=("+",), binds=SUM, joins=("+", "+", ""), dunder="add", neutral={0: 0, 1: 0},
       negated={0: lambda m, x, y: y - x, 1: lambda m, x, y: x - y}, witness="fadd", series="sum", about="sum"),
    Op("sub", lambda m, x, y: x - y, d=(lambda m, z, x, y: 1, lambda m, z, x, y: -1),
       glyph="−", symbols=("-", "−"), binds=SUM, joins=("+", "−", "minus"), dunder="sub", neutral={1: 0},
       negated={1: lambda m, x, y: x + y}, witness="fsub",
       roles=("1st", "2nd"), about="difference"),
    Op("mul", lambda m, x, y: x * y, d=(lambda m, z, x, y: y, lambda m, z, x, y: x),
       glyph="×", symbols=("*", "×", "·", "⋅", "∗"), binds=PRODUCT, joins=("×", "×", ""), dunder="mul",
       neutral={0: 1, 1: 1}, absorbing={0: (0, 0), 1: (0, 0)},
       negated={0: lambda m, x, y: -(x * y), 1: lambda m, x, y: -(x * y)}, tex=r"#1 \cdot #2", witness="fmul",
       series="prod", about="product"),
    Op("div", lambda m, x, y: x / y, d=(lambda m, z, x, y: 1 / y, lambda m, z, x, y: -x / y**2), on=(R, POSITIVE),
       stable_d={1: lambda m, z, x, y: -z / y},
       glyph="÷", symbols=("/", "÷"), binds=PRODUCT, joins=("×", "÷", "divided by"), dunder="truediv",
       neutral={1: 1}, absorbing={0: (0, 0)},
       negated={0: lambda m, x, y: -(x / y), 1: lambda m, x, y: -(x / y)}, tex=r"\frac{#1}{#2}", witness="fdiv",
       roles=("numerator", "denominator"), about="quotient"),
    Op("neg", lambda m, x: -x, d=(lambda m, z, x: -1,),
       glyph="−", symbols=("-", "−"), binds=SIGN, dunder="neg", negated={0: lambda m, x: x},
       rounding=0,
       witness="fneg", about="sign change"),
    Op("pow", lambda m, x, y: m.pow(x, y),
       d=(lambda m, z, x, y: y * x**(y - 1), lambda m, z, x, y: z * m.log(x)), on=(POSITIVE, R),
       stable_d={0: lambda m, z, x, y: y * m.pow(m.where(y, x, m.where(x, x, 1)), y - 1),
                 1: lambda m, z, x, y: z * m.log(m.where(z, x, 1))},
       glyph="xⁿ", symbols=("**", "^"), binds=POWER, dunder="pow", neutral={1: 1}, absorbing={1: (0, 1), 0: (1, 1)},
       tex="#1^{#2}", witness="power",
       roles=("base", "exponent"), about="power, with 0**0 = 1; of a negative base, whole exponents only"),
    Op("pi", lambda m: m.pi, glyph="π", aliases=("π",), tex=r"\pi", witness="pi", about="the circle constant"),
)

EXPONENTIALS: Final = (
    Op("sqrt", lambda m, x: m.sqrt(x), d=(lambda m, z, x: 1 / (2 * z),), on=(POSITIVE,), glyph="√",
       tex=r"\sqrt{#1}", witness="sqrt", about="square root"),
    Op("cbrt", lambda m, x: m.cbrt(x), d=(lambda m, z, x: 1 / (3 * z**2),), on=(POSITIVE,), glyph="∛",
       tex=r"\sqrt[3]{#1}", rounding=4, witness=lambda mp, x: mp.sign(x) * mp.cbrt(abs(x)),
       about="real cube root, also of negative numbers"),
    Op("exp", lambda m, x: m.exp(x), d=(lambda m, z, x: z,), tex=r"\exp", witness="exp", about="exponential"),
    Op("expm1", lambda m, x: m.expm1(x), d=(lambda m, z, x: m.exp(x),),
       witness="expm1", about="exp(x) − 1, right near 0"),
    Op("log", lambda m, x: m.log(x), d=(lambda m, z, x: 1 / x,), on=(POSITIVE,), aliases=("ln",),
       tex=r"\log", witness="log", about="natural logarithm"),
    Op("log2", lambda m, x: m.log2(x), d=(lambda m, z, x: 1 / (x * m.log(2)),), on=(POSITIVE,),
       tex=r"\log_{2}", witness=lambda mp, x: mp.log(x, 2), about="logarithm to base 2"),
    Op("log10", lambda m, x: m.log10(x), d=(lambda m, z, x: 1 / (x * m.log(10)),), on=(POSITIVE,),
       tex=r"\log_{10}", witness="log10", about="logarithm to base 10"),
    Op("log1p", lambda m, x: m.log1p(x), d=(lambda m, z, x: 1 / (1 + x),), on=(ABOVE_MINUS_1,),
       witness="log1p", about="log(1 + x), right near 0"),
)

TRIGONOMETRIC: Final = (
    Op("sin", lambda m, x: m.sin(x), d=(lambda m, z, x: m.cos(x),), tex=r"\sin", witness="sin", about="sine"),
    Op("cos", lambda m, x: m.cos(x), d=(lambda m, z, x: -m.sin(x),), tex=r"\cos", witness="cos", about="cosine"),
    Op("tan", lambda m, x: m.tan(x), d=(lambda m, z, x: 1 + z**2,), on=(ACUTE,), tex=r"\tan", witness="tan",
       about="tangent"),
    Op("cot", lambda m, x: 1 / m.tan(x), d=(lambda m, z, x: -m.csc(x)**2,), on=(ACUTE,),
       stable_d={0: lambda m, z, x: -(1 + z**2)}, tex=r"\cot", witness="cot", about="cotangent"),
    Op("sec", lambda m, x: 1 / m.cos(x), d=(lambda m, z, x: z * m.tan(x),), on=(ACUTE,), tex=r"\sec", witness="sec",
       about="secant"),
    Op("csc", lambda m, x: 1 / m.sin(x), d=(lambda m, z, x: -z * m.cot(x),), on=(ACUTE,),
       stable_d={0: lambda m, z, x: -z / m.tan(x)}, tex=r"\csc", witness="csc", about="cosecant"),
    Op("asin", lambda m, x: m.asin(x), d=(lambda m, z, x: 1 / m.sqrt(1 - x**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: 1 / m.sqrt((1 - x) * (1 + x))}, aliases=("arcsin",), tex=r"\arcsin",
       witness="asin", about="inverse sine"),
    Op("acos", lambda m, x: m.acos(x), d=(lambda m, z, x: -1 / m.sqrt(1 - x**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: -1 / m.sqrt((1 - x) * (1 + x))}, aliases=("arccos",), tex=r"\arccos",
       witness="acos", about="inverse cosine"),
    Op("atan", lambda m, x: m.atan(x), d=(lambda m, z, x: 1 / (1 + x**2),),
       stable_d={0: lambda m, z, x: 1 / (1 + x * x)}, aliases=("arctan",), tex=r"\arctan",
       witness="atan", about="inverse tangent"),
    Op("acot", lambda m, x: m.atan(1 / x), d=(lambda m, z, x: -1 / (1 + x**2),), on=(POSITIVE,),
       stable_d={0: lambda m, z, x: -1 / (1 + x * x)}, aliases=("arccot",),
       tex=r"\operatorname{arccot}", witness="acot", about="inverse cotangent, odd: atan(1/x)"),
    Op("asec", lambda m, x: m.acos(1 / x), d=(lambda m, z, x: 1 / (m.abs(x) * m.sqrt(x**2 - 1)),), on=(ABOVE_1,),
       stable_f=lambda m, x: m.atan2(m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1), m.sign(x)),
       stable_d={0: lambda m, z, x: 1 / (m.abs(x) * m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1))},
       aliases=("arcsec",), tex=r"\operatorname{arcsec}",
       rounding=lambda m, z, x: m.abs(z) + 1 / (m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1)),
       witness="asec", about="inverse secant"),
    Op("acsc", lambda m, x: m.asin(1 / x), d=(lambda m, z, x: -1 / (m.abs(x) * m.sqrt(x**2 - 1)),), on=(ABOVE_1,),
       stable_f=lambda m, x: m.atan2(m.sign(x), m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1)),
       stable_d={0: lambda m, z, x: -1 / (m.abs(x) * m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1))},
       aliases=("arccsc",), tex=r"\operatorname{arccsc}",
       rounding=lambda m, z, x: m.abs(z) + 1 / (m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) + 1)),
       witness="acsc", about="inverse cosecant"),
    Op("atan2", lambda m, y, x: m.atan2(y, x),
       d=(lambda m, z, y, x: x / (x**2 + y**2), lambda m, z, y, x: -y / (x**2 + y**2)), on=(POSITIVE, POSITIVE),
       stable_d={0: lambda m, z, y, x: x / m.hypot(x, y) / m.hypot(x, y),
                 1: lambda m, z, y, x: -y / m.hypot(x, y) / m.hypot(x, y)},
       aliases=("arctan2",), witness="atan2",
       roles=("height", "width"), about="angle of the point x high and y wide"),
    Op("hypot", lambda m, x, y: m.hypot(x, y), d=(lambda m, z, x, y: x / z, lambda m, z, x, y: y / z),
       witness="hypot", about="length of the vector (x, y)"),

    Op("sin_over_x", lambda m, x: m.where(x, m.sin(x) / m.where(x, x, 1), 1),
       d=(lambda m, z, x: m.where(x, (m.cos(x) - z) / m.where(x, x, 1), 0),),
       stable_d={0: lambda m, z, x: m.sin_over_x_slope(x)},
       textbook={0: lambda m, z, x: m.where(x, (m.cos(x) - z) / x, 0)},
       witness=lambda mp, x: mp.sinc(x), glyph="sinc", spoken="sinc", aliases=("sin_over_x",),
       tex=r"\operatorname{sinc}", about="sin(x)/x, and 1 at 0; NumPy's sinc(x) is sinc(pi*x) here"),
    Op("sin_over_x_slope", lambda m, x: _slope_of_sin_over_x(m, x, MANY_SLOPE_TERMS), d=(_bend_of_sin_over_x,),
       stable_f=lambda m, x: _slope_of_sin_over_x(m, x, SLOPE_TERMS), helper="sin_over_x_slope",
       tex=r"\operatorname{sinc}'", rounding=4,
       witness=lambda mp, x: -x / 3 * mp.hyp0f1(2.5, -x * x / 4), about="derivative of sinc(x), right near 0"),
)

HYPERBOLIC: Final = (
    Op("sinh", lambda m, x: m.sinh(x), d=(lambda m, z, x: m.cosh(x),), tex=r"\sinh", witness="sinh",
       about="hyperbolic sine"),
    Op("cosh", lambda m, x: m.cosh(x), d=(lambda m, z, x: m.sinh(x),), tex=r"\cosh", witness="cosh",
       about="hyperbolic cosine"),
    Op("tanh", lambda m, x: m.tanh(x), d=(lambda m, z, x: 1 - z**2,),
       stable_d={0: lambda m, z, x: m.sech(x)**2}, tex=r"\tanh", witness="tanh", about="hyperbolic tangent"),
    Op("coth", lambda m, x: 1 / m.tanh(x), d=(lambda m, z, x: -m.csch(x)**2,), on=(POSITIVE,),
       tex=r"\coth", witness="coth", about="hyperbolic cotangent"),
    Op("sech", lambda m, x: 1 / m.cosh(x), d=(lambda m, z, x: -z * m.tanh(x),), witness="sech",
       about="hyperbolic secant"),
    Op("csch", lambda m, x: 1 / m.sinh(x), d=(lambda m, z, x: -z * m.coth(x),), on=(POSITIVE,),
       stable_d={0: lambda m, z, x: -z / m.tanh(x)}, witness="csch", about="hyperbolic cosecant"),
    Op("asinh", lambda m, x: m.asinh(x), d=(lambda m, z, x: 1 / m.sqrt(1 + x**2),),
       stable_d={0: lambda m, z, x: 1 / m.hypot(1, x)}, aliases=("arcsinh",), tex=r"\operatorname{arsinh}",
       witness="asinh", about="inverse hyperbolic sine"),
    Op("acosh", lambda m, x: m.acosh(x), d=(lambda m, z, x: 1 / m.sqrt(x**2 - 1),), on=(ABOVE_1,),
       stable_d={0: lambda m, z, x: 1 / (m.sqrt(x - 1) * m.sqrt(x + 1))}, aliases=("arccosh",),
       tex=r"\operatorname{arcosh}", witness="acosh", about="inverse hyperbolic cosine"),
    Op("atanh", lambda m, x: m.atanh(x), d=(lambda m, z, x: 1 / (1 - x**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: 1 / ((1 - x) * (1 + x))}, aliases=("arctanh",),
       tex=r"\operatorname{artanh}", witness="atanh", about="inverse hyperbolic tangent"),
    Op("acoth", lambda m, x: m.atanh(1 / x), d=(lambda m, z, x: 1 / (1 - x**2),), on=(ABOVE_1,),
       stable_f=lambda m, x: m.sign(x) * m.log1p(2 / (m.sqrt(m.abs(x) - 1) * m.sqrt(m.abs(x) - 1))) / 2,
       stable_d={0: lambda m, z, x: 1 / ((1 - x) * (1 + x))}, aliases=("arccoth",),
       tex=r"\operatorname{arcoth}", rounding=lambda m, z, x: m.abs(z) + m.abs(x / ((1 - x) * (1 + x))),
       witness="acoth", about="inverse hyperbolic cotangent"),
    Op("asech", lambda m, x: m.acosh(1 / x), d=(lambda m, z, x: -1 / (x * m.sqrt(1 - x**2)),), on=(UNIT_POSITIVE,),
       stable_f=lambda m, x: m.asinh(m.sqrt((1 - x) * (1 + x) / x) / m.sqrt(x)),
       stable_d={0: lambda m, z, x: -1 / (x * m.sqrt((1 - x) * (1 + x)))}, aliases=("arcsech",),
       tex=r"\operatorname{arsech}", rounding=lambda m, z, x: m.abs(z) + 1 / m.sqrt((1 - x) * (1 + x)),
       witness="asech", about="inverse hyperbolic secant"),
    Op("acsch", lambda m, x: m.asinh(1 / x), d=(lambda m, z, x: -1 / (m.abs(x) * m.sqrt(1 + x**2)),), on=(POSITIVE,),
       stable_d={0: lambda m, z, x: -1 / (m.abs(x) * m.hypot(1, x))}, aliases=("arccsch",),
       tex=r"\operatorname{arcsch}", witness="acsch", about="inverse hyperbolic cosecant"),
)

SPECIAL: Final = (
    Op("erf", lambda m, x: m.erf(x), d=(lambda m, z, x: 2 / m.sqrt(m.pi) * m.exp(-x**2),), witness="erf",
       stable_d={0: lambda m, z, x: 2 / m.sqrt(m.pi) * m.exp_minus_square(x)},
       about="error function"),
    Op("erfc", lambda m, x: m.erfc(x), d=(lambda m, z, x: -2 / m.sqrt(m.pi) * m.exp(-x**2),),
       stable_d={0: lambda m, z, x: -2 / m.sqrt(m.pi) * m.exp_minus_square(x)},
       witness="erfc", about="1 − erf(x), right for large x"),
    Op("gamma", lambda m, x: m.gamma(x), d=(lambda m, z, x: z * m.digamma(x),), on=(POSITIVE,), glyph="Γ",
       tex=r"\Gamma", rounding=4, witness="gamma", about="gamma function"),
    Op("lgamma", lambda m, x: m.lgamma(x), d=(lambda m, z, x: m.digamma(x),), on=(POSITIVE,), glyph="ln Γ",
       tex=r"\log\left|\Gamma\left(#1\right)\right|", aliases=("gammaln", "loggamma"),
       rounding=lambda m, z, x: 4 * m.abs(z) + 2**-44,
       witness=lambda mp, x: mp.re(mp.loggamma(x)), about="logarithm of |gamma(x)|"),
    Op("digamma", lambda m, x: m.digamma(x), d=(lambda m, z, x: m.polygamma(1, x),), on=(POSITIVE,), glyph="ψ",
       tex=r"\psi", aliases=("psi",), rounding=lambda m, z, x: 4 * m.abs(z) + 2**-44, witness="digamma",
       about="logarithmic derivative of gamma"),
    Op("polygamma", lambda m, n, x: m.polygamma(n, x), d=(None, lambda m, z, n, x: m.polygamma(n + 1, x)),
       on=(COUNT, POSITIVE), glyph="ψⁿ", tex=r"\psi^{(#1)}\left(#2\right)",
       rounding=lambda m, z, n, x:
           4 * m.abs(z) + m.where(m.lt(x, 0), 8 * n * m.abs(m.polygamma(m.max(n - 1, 1), x)), 0),
       witness=lambda mp, n, x: (-1)**(int(n) + 1) * mp.factorial(n) * mp.zeta(n + 1, x) if n else mp.digamma(x),
       roles=("order", "at"), about="x-th derivative of digamma at y"),
)

PIECEWISE: Final = (
    Op("abs", lambda m, x: m.abs(x), d=(lambda m, z, x: m.sign(x),), glyph="|·|",
       kink=Kink(lambda m, x: m.eq(x, 0), "at 0 the derivative taken is 0"), tex=r"\left|#1\right|",
       rounding=0,
       witness="fabs", about="absolute value"),
    Op("sign", lambda m, x: m.sign(x), d=(nothing,), aliases=("sgn",),
       kink=Kink(lambda m, x: m.eq(x, 0), "it jumps at 0; the derivative taken is 0"), tex=r"\operatorname{sgn}",
       rounding=0,
       witness="sign", about="−1, 0 or 1"),
    Op("min", lambda m, *x: m.min(*x), variadic=True,
       d=(lambda m, z, x, *xs: _split(m, m.eq(x, z), z, xs),),
       textbook={0: lambda m, z, x, *xs: _share(m, m.lt, z, x, *xs)},
       kink=Kink(lambda m, *x: _number_of(m, m.min(*x), x) > 1,
                 "in a tie each of the smallest takes an equal share",
                 beside=lambda m, z, x, *xs: _is_chosen(m, m.lt, z, x, *xs)),
       aliases=("minimum",), tex=r"\min", rounding=0, witness=lambda mp, *x: min(x), series="min",
       about="smallest of two or more"),
    Op("max", lambda m, *x: m.max(*x), variadic=True,
       d=(lambda m, z, x, *xs: _split(m, m.eq(x, z), z, xs),),
       textbook={0: lambda m, z, x, *xs: _share(m, m.gt, z, x, *xs)},
       kink=Kink(lambda m, *x: _number_of(m, m.max(*x), x) > 1,
                 "in a tie each of the largest takes an equal share",
                 beside=lambda m, z, x, *xs: _is_chosen(m, m.gt, z, x, *xs)),
       aliases=("maximum",), tex=r"\max", rounding=0, witness=lambda mp, *x: max(x), series="max",
       about="largest of two or more"),
    Op("floor", lambda m, x: m.floor(x), d=(nothing,), glyph="⌊·⌋",
       kink=Kink(lambda m, x: m.eq(x, m.floor(x)), "it jumps at whole numbers; the derivative taken is 0"),
       tex=r"\left\lfloor #1 \right\rfloor", rounding=0, witness="floor", about="largest whole number not above x"),
    Op("ceil", lambda m, x: m.ceil(x), d=(nothing,), glyph="⌈·⌉", aliases=("ceiling",),
       kink=Kink(lambda m, x: m.eq(x, m.floor(x)), "it jumps at whole numbers; the derivative taken is 0"),
       tex=r"\left\lceil #1 \right\rceil", rounding=0, witness="ceil", about="smallest whole number not below x"),
    Op("where", lambda m, c, x, y: m.where(c, x, y),
       d=(nothing, lambda m, z, c, x, y: m.where(c, 1, 0), lambda m, z, c, x, y: m.where(c, 0, 1)),
       glyph="if", chooses=True, tex=r"\begin{cases} #2 & \text{if } #1 \\ #3 & \text{otherwise} \end{cases}",
       rounding=0,
       witness=lambda mp, c, x, y: y if c == 0 else x,
       roles=("if", "then", "else"), about="y where x is not 0, else z; the other one has no effect at all"),
)

COMPARISONS: Final = (
    Op("lt", lambda m, x, y: m.lt(x, y), d=(nothing, nothing), glyph="<", symbols=("<",), binds=COMPARISON,
       dunder="lt", kink=JUMP, rounding=0, witness=lambda mp, x, y: x < y,
       roles=("1st", "2nd"), about="1 where x < y, else 0"),
    Op("le", lambda m, x, y: m.le(x, y), d=(nothing, nothing), glyph="≤", symbols=("<=", "≤"), binds=COMPARISON,
       dunder="le", kink=JUMP, tex=r"#1 \le #2", rounding=0, witness=lambda mp, x, y: x <= y,
       roles=("1st", "2nd"), about="1 where x ≤ y, else 0"),
    Op("gt", lambda m, x, y: m.gt(x, y), d=(nothing, nothing), glyph=">", symbols=(">",), binds=COMPARISON,
       dunder="gt", kink=JUMP, rounding=0, witness=lambda mp, x, y: x > y,
       roles=("1st", "2nd"), about="1 where x > y, else 0"),
    Op("ge", lambda m, x, y: m.ge(x, y), d=(nothing, nothing), glyph="≥", symbols=(">=", "≥"), binds=COMPARISON,
       dunder="ge", kink=JUMP, tex=r"#1 \ge #2", rounding=0, witness=lambda mp, x, y: x >= y,
       roles=("1st", "2nd"), about="1 where x ≥ y, else 0"),
    Op("eq", lambda m, x, y: m.eq(x, y), d=(nothing, nothing), glyph="=", symbols=("==",), binds=COMPARISON,
       kink=PULSE, tex="#1 = #2", rounding=0, witness=lambda mp, x, y: x == y,
       about="1 where x and y are equal, else 0"),
    Op("ne", lambda m, x, y: m.ne(x, y), d=(nothing, nothing), glyph="≠", symbols=("!=", "≠"), binds=COMPARISON,
       kink=PULSE, tex=r"#1 \ne #2", rounding=0, witness=lambda mp, x, y: x != y,
       about="1 where x and y differ, else 0"),
)
# fmt: on

FAMILIES: Final = {
    "Arithmetic": ARITHMETIC,
    "Roots, exponentials, logarithms": EXPONENTIALS,
    "Trigonometric functions": TRIGONOMETRIC,
    "Hyperbolic functions": HYPERBOLIC,
    "Error and gamma functions": SPECIAL,
    "Piecewise functions": PIECEWISE,
    "Comparisons": COMPARISONS,
}
