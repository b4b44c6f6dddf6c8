"""Python as a dialect: each text has the value that Python itself gives it, or is refused where it stands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from refusals import error_of, pointed_at, random_texts, refused

import graphgrad as gg
from graphgrad.graph.array_defaults import in_floats

AT = {"x": 1.5, "y": -0.75, "n": 3.0, "a": 0.25, "b": 2.0}

EXPRESSIONS = """\
x + y - n
x - -y
x*y/n
x**2
-x**2
2**-x
2**3**x
(-2)**n
x/y/n
x//a
-x//a
x % b
-x % b
x % -b
x*b % n
x*b // n
+x
1_000*x
.5*x + 2.
1e-3*x + 1E3
math.sin(x)*math.cos(y)
math.sqrt(x) + math.exp(y)
math.log(x) + math.log2(x) + math.log10(x)
math.log1p(x) + math.expm1(y)
math.hypot(x, y)
math.atan2(y, x)
math.asin(a) + math.acos(a) + math.atan(a)
math.sinh(x) + math.cosh(x) + math.tanh(x)
math.asinh(x) + math.acosh(x) + math.atanh(a)
math.floor(x) + math.ceil(y)
math.fabs(y)
math.pow(x, b)
math.gamma(x) + math.lgamma(b)
math.erf(x) + math.erfc(x)
math.pi*x
math.e**x
abs(y)
max(x, y)
min(x, y, a)
pow(x, b)
np.sin(x) + numpy.cos(x)
np.exp(-x**2/2)/np.sqrt(2*np.pi)
np.arcsin(a) + np.arctan2(y, x)
np.maximum(x, y) - np.minimum(x, y)
np.absolute(y) + np.abs(y)
np.power(x, b)
np.where(x > y, x, y)
np.add(x, y) - np.subtract(x, y)*np.multiply(x, b)/np.divide(x, b)
np.negative(x)
np.floor_divide(x, a)
np.mod(-x, b)
np.logaddexp(x, y)
np.log1p(x)
np.sign(y)
np.e*x
np.sinc(x)
np.square(x) + np.reciprocal(b)
np.round(2.5) + np.around(x) + np.rint(0.5)
np.trunc(x) + np.fix(y)
np.clip(x, 0, 1)
np.heaviside(y, 0.5) + np.heaviside(0, 0.25)
np.exp2(x) + np.log1p(x) + np.cbrt(x)
np.remainder(-x, b) + np.fmod(-x, b)
np.degrees(x) + np.radians(x) + np.deg2rad(x)
np.copysign(x, y)
np.array([x, 2, y]) @ np.array([1, 2, 3])
np.linalg.norm([3, 4])
np.linalg.det([[x, 2], [3, 4]])
np.trace(np.array([[x, 2], [3, 4]]))
np.sum([[x, 2], [3, 4]]) + np.prod([x, 2])
np.var([1, x, 3]) + np.std([1, x, 3], ddof=1)
np.max([x, y]) + np.min([[x, y], [a, b]])
np.dot([x, y], [a, b]) + np.vdot([x, y], [a, b])
np.sum(np.cumsum([x, y, a]))
np.sum(np.einsum("i,j->ij", [x, y], [a, b]))
np.sum(np.einsum('ij,j->i', [[x, y], [a, b]], [1, 2]))
np.sum(np.concatenate([[x, y], [a, b]])*np.array([1, 2, 3, 4]))
np.sum(np.stack([[x, y], [a, b]], axis=1)[0])
np.i0(x)
math.log(x, 2)
math.factorial(5) + math.comb(5, 2) + math.perm(5, 2)
math.fmod(-x, b) + math.copysign(x, y) + math.trunc(y)
math.dist([x, y], [a, b]) + math.hypot(x, y, a)
math.fsum([x, y, a]) + math.prod([x, y])
math.tau*x
math.degrees(x) + math.radians(x) + math.exp2(x)
int(y) + float(x) + round(2.5) + round(x)
sum([x, y, a]) + max([x, y]) + min([x, y])
sum(i*x for i in range(4))
sum(i*x for i in range(1, 4))
sum(x**i for i in range(0))
sum(sum(i*j + x for j in range(i + 1)) for i in range(3))
math.prod(x + i for i in range(3))
max(x*i - i**2 for i in range(5))
x if y > 0 else -x
x if y > 0 else a if b > 3 else n
0 < x < 2
y < x == 1.5
x > 1 and y < 0
x > 1 or y > 0
not x > 1
not -x
x and y
x or y
0 or y
(x > 2) or n
(y > 2) and n
x > 1 and y and n
True + True
x*True
x < y
x <= y
x == 1.5
x != 1.5
(x > y)*x + (x <= y)*y
x*(1 +
   y)
x + \\
 y
x*y  # a comment
(x)
""".replace("x*(1 +\n   y)\nx + \\\n y\n", "")


@pytest.mark.parametrize("text", [*EXPRESSIONS.splitlines(), "x*(1 +\n   y)", "x + \\\n y"])
def test_an_expression_has_the_value_that_python_gives_it(text: str) -> None:
    """Python evaluates the text of this file; graphgrad reads it."""
    expected = eval(text, {"math": math, "np": np, "numpy": np, **AT})
    graph = gg.parse(text, dialect="python")
    value = graph.backprop({name: AT[name] for name in graph.inputs}, wrt=[]).value
    assert value == pytest.approx(float(expected), rel=1e-14)


FUNCTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "lambda x, y: x - y": (("x", "y"), {}, "x - y"),
    "lambda y, x: x - y": (("y", "x"), {}, "x - y"),
    "f = lambda y, x: x - y": (("y", "x"), {}, "x - y"),
    "lambda x, y=2: x - y": (("x", "y"), {"y": 2}, "x - y"),
    "lambda: 3*x": (("x",), {}, "3*x"),
    "def f(x, y):\n    return x - y": (("x", "y"), {}, "x - y"),
    "def f(y, x):\n    s = x*x\n    t = s - y  # why\n    return s*t": (("y", "x"), {}, "s = x*x\ns*(s - y)"),
    "def f(x: float, n: int = -3) -> float:\n    return x*n\n": (("x", "n"), {"n": -3}, "x*n"),
    "import math\nfrom math import sin\n\ndef f(x):\n    return sin(x)": (("x",), {}, "sin(x)"),
    "def f(a, *, b=1e-3):\n    return a/b": (("a", "b"), {"b": 0.001}, "a/b"),
    "a = x*y\nb = a*a\na + b": (("x", "y"), {}, "a = x*y\na + a*a"),
    'def f(x):\n    """Say what it does.\n\n    return 3\n    """\n    return x*x': (("x",), {}, "x*x"),
    "def f(\n    x,\n    y,\n):\n    return (\n        x\n        - y\n    )": (("x", "y"), {}, "x - y"),
    "def f(x: list[float, int], y: dict[str, int] = 3) -> tuple[int, int]:\n    return x - y": (
        ("x", "y"),
        {"y": 3},
        "x - y",
    ),
    "s: float = x*x\ns - 1": (("x",), {}, "x*x - 1"),
    "f = lambda t: t**2\nf(3) - f(x)": (("x",), {}, "9 - x**2"),
    "f = lambda t, k=2: t*k; f(3) - f(x, 5)": (("x",), {}, "6 - x*5"),
    "def f(t, k=2):\n    return t*k\nf(x, k=3) + f(x)": (("x",), {}, "x*3 + x*2"),
    "def f(t):\n    s = t*t\n    r = s + s\n    return s*r\ndef g(x):\n    return f(x) + 1": (("x",), {}, "2*x**4 + 1"),
    "def f(t):\n    s = t*t\n    return sum(s*s for s in range(3)) + s\nf(x)": (("x",), {}, "5 + x*x"),
    "def f(n, t):\n    return sum(t*i for i in range(n))\nf(4, x)": (("x",), {}, "6*x"),
    "def sigmoid(t):\n    return t + 1\nsigmoid(x)": (("x",), {}, "x + 1"),
    "w = np.array([1, 2])\nnp.sum(w*x)": (("w", "x"), {"w": [1, 2]}, "3*x"),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_is_read(text: str) -> None:
    """Its parameters are the inputs, in their order; what it returns is the output."""
    inputs, defaults, same = FUNCTIONS[text]
    graph = gg.parse(text, dialect="python")
    assert (graph.inputs, {name: in_floats(value) for name, value in graph.defaults.items()}) == (inputs, defaults)
    at = {name: AT.get(name, 0.5) for name in inputs if not isinstance(defaults.get(name), list)}
    expected = gg.parse(same).backprop({n: at[n] for n in gg.parse(same).inputs}).value
    assert graph.backprop(at).value == pytest.approx(expected, rel=1e-15)


REFUSED = {
    "x ^ 2": ("^", "write **"),
    "x & y": ("&", "write a and b"),
    "x | y": ("|", "write a or b"),
    "~x": ("~", "write not x"),
    "x << 2": ("<<", "multiply by a power of 2"),
    "x += 1": ("+=", "a name of its own"),
    "x := 3": (":=", "name = expression"),
    "torch.exp(x)": ("torch.exp", "math, np and scipy.special are read: np.exp(…)"),
    "2*cmath.sqrt(x)": ("cmath.sqrt", "are read: np.sqrt(…)"),
    "mth.sqrt(x)": (".sqrt", "write np.sqrt(mth, …); did you mean 'math'?"),
    "x.clip(0, 1)": (".clip", "write np.clip(x, …)"),
    "x.sum( )": (".sum", "write np.sum(x)"),
    "math.remainder(x, 2)": ("math.remainder", "x % y"),
    "np.tau*x": ("np.tau", "for a variable write tau"),
    "if x > 2:\n    y": ("if", "a if condition else b"),
    "for i in x:\n    y": ("for", "one return"),
    "while x: y": ("while", "one return"),
    "pass": ("pass", "write return"),
    "x + lambda y: y": ("lambda", "a line of its own"),
    "lambda x: lambda y: x": ("lambda", "ends with its return"),
    "def f(x):\n    return x\n    x + 1": ("x + 1", "leave it out"),
    "def f(x):\n    y = x\ny + 1": ("y + 1", "write return"),
    "def f(x):\n    return f(x)\nf(2)": ("f", "before it"),
    "def f(x):\n    return g(x)\ndef g(x):\n    return x": ("g", "move its definition up"),
    "def f(x, x):\n    return x": ("x", "another name"),
    "f = lambda x, y: x*y\nf(1)": ("f(1)", "its parameters are x, y"),
    "f = lambda x: x\nf(1, 2)": ("f(1, 2)", "it is defined as f(x)"),
    "return x": ("return", "leave it out"),
    "x, y": (",", "one value"),
    "np.concatenate((x, y))": (",", "write an array"),
    "x.sum()": (".sum", "np.sum(x)"),
    "x.dot(y)": (".dot", "np.dot(x, …)"),
    "x.shape": (".shape", "a name has no dot"),
    "np.max(x, 0)": ("np.max(x, 0)", "np.max(x, axis=0); of two numbers np.maximum(x, y)"),
    "np.log(x, 2)": ("np.log(x, 2)", ""),
    "round(x, 2)": ("round(x, 2)", ""),
    "np.ones(3)": ("np.ones", "[1, 1, 1]"),
    "len(x)": ("len", "write it"),
    "f(x) = x**2": ("f(x)", "f = lambda x: x**2"),
    "math.inf": ("math.inf", "no infinity"),
    "2j": ("2j", "real numbers"),
    "None": ("None", "the number"),
    "f'{x}'": ("f'{x}'", "without quotes"),
    '"abc" + x': ('"abc"', "without quotes"),
    "{1: 2}": ("{", "a name"),
    "sum(x[i] for i in xs)": ("xs", "range(3)"),
    "sum(x[i] for i in range(0, 9, 2))": (",", "x[2*i]"),
    "sum(x[i] for i in range(3) if i)": ("if", "into the terms"),
    "sum([x[i] for i in range(3)])": ("for", "range(3)"),
    "sum(i for i in range(3) + 1)": ("1", "range(3)"),
    "np.sum(x[i] for i in range(3))": ("for", "sum"),
    "def f(*x):\n    return x": ("*x", "write its name"),
    "def f(x=[]):\n    return x": ("x=[]", "write its name"),
    "np.foo(x)": ("np.foo", "unknown function"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_pointed_at(text: str) -> None:
    """The hint says what to write instead."""
    where, hint = REFUSED[text]
    error = refused(text, "python")
    assert (pointed_at(text, error), hint in str(error)) == (where, True)


def test_a_function_that_returns_nothing_is_refused() -> None:
    """Its last assignment would be lost."""
    with pytest.raises(gg.ExpressionSyntaxError, match="the function returns nothing"):
        gg.parse("def f(x):\n    y = x**2", dialect="python")


def test_the_gradient_is_by_the_parameters() -> None:
    """A function that arrives as text is differentiated as any other expression."""
    graph = gg.parse("def f(x, y):\n    s = np.sin(x*y)\n    return s**2", dialect="python")
    r = graph.backprop({"x": 0.5, "y": 2.0})
    assert bool(r.check())
    assert r.grad["x"] == pytest.approx(2 * math.sin(1) * math.cos(1) * 2)


def test_an_array_keeps_python_s_operators() -> None:
    """@ and .T are Python's own."""
    graph = gg.parse("np.sum(A @ x, axis=0) + x.T @ x", dialect="python")
    at: dict[str, Any] = {"A": [[1, 2], [3, 4]], "x": [1, 2]}
    assert graph.backprop(at, wrt=[]).value == 21


def test_the_operands_of_a_range_are_those_of_python() -> None:
    """The end is left out."""
    assert str(gg.parse("sum(x[i] for i in range(1, 3))", dialect="python")) == "x[1] + x[2]"


def test_values_within_a_function_are_computed_once() -> None:
    """Thirty lines that double would else be a thousand million calls."""
    lines = "\n".join(f"    s{i + 1} = s{i} + s{i}" for i in range(30))
    graph = gg.parse(f"def f(s0):\n{lines}\n    return s30\nf(x)", dialect="python")
    assert graph.backprop({"x": 1}).value == 2**30


def test_a_long_text_has_many_functions() -> None:
    """A text is split in parts of some thousand characters."""
    functions = "".join(f"def f{i + 1}(\n    x,\n):\n    s = 2*x\n    return s - f{i}(x)\n" for i in range(800))
    graph = gg.parse(f"def f0(x):\n    return x\n{functions}f800(y)", dialect="python")
    assert graph.backprop({"y": 3}).value == 3


def test_python_s_own_sum_adds_rows() -> None:
    """NumPy's adds all entries."""
    at = {"A": [[1, 2], [3, 4]]}
    assert gg.parse("sum(A)", dialect="python").backprop(at, wrt=[]).value.tolist() == [4, 6]
    assert gg.parse("np.sum(A)", dialect="python").backprop(at, wrt=[]).value == 10


SCIPY = """\
scipy.special.expit(x) + scipy.special.logit(a)
scipy.special.gammainc(a, x) + scipy.special.gammaincc(a, x)
scipy.special.betainc(a, b, 0.25) + scipy.special.betaln(a, b)
scipy.special.jv(0, x) + scipy.special.yn(1, x) + scipy.special.iv(1, x) + scipy.special.kn(1, x)
scipy.special.j0(x) + scipy.special.k1(x) + scipy.special.i0(x)
scipy.special.erfinv(a) + scipy.special.erfcinv(a) + scipy.special.erfcx(x)
scipy.special.exp1(x) + scipy.special.expi(x)
scipy.special.ndtr(x) + scipy.special.ndtri(a)
scipy.special.xlogy(x, a) + scipy.special.entr(a)
scipy.special.binom(5, 2) + scipy.special.comb(5, 2) + scipy.special.poch(x, 2)
scipy.special.polygamma(1, x) + scipy.special.psi(x)
scipy.special.sindg(30) + scipy.special.cosm1(x) + scipy.special.boxcox(x, a)
scipy.stats.norm.cdf(x) + scipy.stats.norm.pdf(x) + scipy.stats.norm.ppf(a) + scipy.stats.norm.sf(x)
scipy.stats.norm.cdf(x, 1, 2) + scipy.stats.norm.pdf(x, 1, 2)
scipy.stats.norm.ppf(a, 1, 2) + scipy.stats.norm.sf(x, 1)
"""


@pytest.mark.parametrize("text", SCIPY.splitlines())
def test_functions_of_scipy_have_its_values(text: str) -> None:
    """Where it is installed."""
    scipy = pytest.importorskip("scipy")
    pytest.importorskip("scipy.special")
    pytest.importorskip("scipy.stats")
    expected = eval(text, {"scipy": scipy, **AT})
    graph = gg.parse(text, dialect="python")
    assert graph.backprop({name: AT[name] for name in graph.inputs}, wrt=[]).value == pytest.approx(expected, rel=1e-12)


def test_softmax_is_that_of_its_module() -> None:
    """SciPy's is over all entries, JAX's along the last axis."""
    at = {"A": [[0, 0], [0, 0]]}
    assert gg.parse("scipy.special.softmax(A)", dialect="python").backprop(at, wrt=[]).value[0, 0] == 0.25
    assert gg.parse("jax.nn.softmax(A)", dialect="python").backprop(at, wrt=[]).value[0, 0] == 0.5


def test_rows_of_one_s_own_are_called() -> None:
    """By the name that they have in the table."""
    swish = gg.Op("swish", lambda m, x: x / (1 + m.exp(-x)), d=(lambda _m, _z, x: x * 0 + 1,), about="")
    text = "f = lambda t: 2*swish(t)\nf(x) + np.sin(x)"
    graph = gg.parse(text, dialect="python", operations=gg.OPERATIONS.with_(swish))
    assert graph.backprop({"x": 0.0}, wrt=[]).value == 0


@pytest.mark.parametrize("seed", range(4))
def test_any_tokens_are_a_graph_or_an_error_in_the_text(seed: int) -> None:
    """2000 random sequences of tokens."""
    for text in random_texts(TOKENS, seed, 500):
        error_of(text, "python")


TOKENS = (
    *"xyfgi123+-*/@()[],=<>:%\n",
    *(
        "**",
        "//",
        "==",
        "!=",
        " and ",
        " or ",
        " not ",
        " if ",
        " else ",
        " for ",
        " in ",
        "range(",
        "range(3)",
        "sum(",
    ),
    *(
        "lambda x:",
        "def f(x):\n    ",
        "def g(x, y=2):\n    ",
        "return ",
        "np.array(",
        "math.pi",
        "f(",
        "g(",
        "x[i]",
        "[0]",
    ),
    *("axis=0", ".T", "True", "2j", '"a"', '"""', "#", "math.prod(", "np.max(", "norm.cdf(", "+=", ".sum("),
)
