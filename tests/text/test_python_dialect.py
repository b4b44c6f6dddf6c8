"""Python as a dialect: each text has the value that Python itself gives it, or is refused where it stands."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

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
    expected = eval(text, {"math": math, "np": np, "numpy": np}, dict(AT))
    graph = gg.parse(text, dialect="python")
    value = graph.backprop({name: AT[name] for name in graph.inputs}, wrt=[]).value
    assert value == pytest.approx(float(expected), rel=1e-14)


FUNCTIONS: dict[str, tuple[tuple[str, ...], dict[str, float], str]] = {
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
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_is_read(text: str) -> None:
    """Its parameters are the inputs, in their order; what it returns is the output."""
    inputs, defaults, same = FUNCTIONS[text]
    graph = gg.parse(text, dialect="python")
    assert (graph.inputs, {name: in_floats(value) for name, value in graph.defaults.items()}) == (inputs, defaults)
    at = {name: AT.get(name, 0.5) for name in inputs}
    assert graph.backprop(at).value == gg.parse(same).backprop({n: at[n] for n in gg.parse(same).inputs}).value


REFUSED = {
    "x ^ 2": ("^", "write **"),
    "x & y": ("&", "write a and b"),
    "x | y": ("|", "write a or b"),
    "~x": ("~", "write not x"),
    "x << 2": ("<<", "multiply by a power of 2"),
    "x += 1": ("+=", "a name of its own"),
    "x := 3": (":=", "name = expression"),
    "np.sinc(x)": ("np.sinc", "sin(pi*x)"),
    "math.remainder(x, 2)": ("math.remainder", "x % y"),
    "np.tau*x": ("np.tau", "for a variable write tau"),
    "if x > 2:\n    y": ("if", "a if condition else b"),
    "for i in x:\n    y": ("for", "one return"),
    "while x: y": ("while", "one return"),
    "pass": ("pass", "write return"),
    "x + lambda y: y": ("lambda", "begins the text"),
    "lambda x: lambda y: x": ("lambda y:", "leave the others out"),
    "def f(x):\n    return x\ndef g(y):\n    return y": ("def g(y):", "leave the others out"),
    "def f(*x):\n    return x": ("*x", "write its name"),
    "def f(x=[]):\n    return x": ("x=[]", "write its name"),
    "np.foo(x)": ("np.foo", "unknown function"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_pointed_at(text: str) -> None:
    """The hint says what to write instead."""
    where, hint = REFUSED[text]
    with pytest.raises(gg.ExpressionError) as refused:
        gg.parse(text, dialect="python")
    assert (text[slice(*refused.value.span)], hint in str(refused.value)) == (where, True)


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
