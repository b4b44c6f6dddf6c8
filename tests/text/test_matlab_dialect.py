"""MATLAB and Octave as a dialect: values worked out by hand after their documentation, or a refusal where it stands.

The precedence of operators is that of the page "Operator Precedence" of MATLAB's documentation, which Octave's page
"Operator Precedence" agrees with but where a comment says so.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import graphgrad as gg

AT: dict[str, Any] = {
    "x": 1.5,
    "y": -0.75,
    "n": 3.0,
    "a": 0.25,
    "b": 2.0,
    "u": [3, 4],
    "v": [1, 2],
    "A": [[1, 2], [3, 4]],
}

VALUES: dict[str, Any] = {
    "x + y - n": -2.25,
    "x*y/n": -0.375,
    "x^2": 2.25,
    "2^3^2": 64,
    "-2^2": -4,
    "2^-1": 0.5,
    "2^-2^2": 0.0625,
    "x**2": 2.25,  # Octave's
    "-x^2": -2.25,
    "2^b*3": 12,
    "b^-n": 0.125,
    "a.*b": 0.5,
    "a./b": 0.125,
    "b.^n": 8,
    "2.*x": 3,
    "2./b": 1,
    "2.^b": 4,
    "2.5.*b": 5,
    "1e3*x": 1500,
    "1d3*x": 1500,
    "1.5e-1 + .5": 0.65,
    "3 % 2": 3,
    "x # a comment": 1.5,
    "x + ... the rest\n  y": 0.75,
    "x < y": 0,
    "x > y": 1,
    "x >= 1.5": 1,
    "x <= 1.5": 1,
    "x == 1.5": 1,
    "x ~= 1.5": 0,
    "x != 1.5": 0,
    "~(x > y)": 0,
    "~x": 0,
    "!x": 0,
    "~x == 0": 1,
    "(x > 0) & (y > 0)": 0,
    "(x > 0) | (y > 0)": 1,
    "x > 0 && y < 0": 1,
    "x > 0 || y > 0": 1,
    "1 | 0 & 0": 1,
    "1 | 1 && 0": 0,
    "0 && 0 || 1": 1,
    "0 & 1 == 1": 0,
    "sin(x)": math.sin(1.5),
    "asin(a) + acos(a) + atan(a)": math.asin(0.25) + math.acos(0.25) + math.atan(0.25),
    "atan2(y, x)": math.atan2(-0.75, 1.5),
    "sqrt(x) + exp(y)": math.sqrt(1.5) + math.exp(-0.75),
    "log(x) + log2(b) + log10(100)": math.log(1.5) + 3,
    "log1p(x) + expm1(y)": math.log1p(1.5) + math.expm1(-0.75),
    "abs(y) + sign(y)": -0.25,
    "mod(-1, 3)": 2,
    "mod(5, -3)": -1,
    "floor(x) + ceil(y)": 1,
    "max(x, y) - min(x, y)": 2.25,
    "hypot(3, 4)": 5,
    "power(b, 3) + times(2, 3)": 14,
    "plus(1, 2) + minus(1, 2) + rdivide(1, 2) + uminus(1)": 1.5,
    "erf(x) + erfc(x)": 1,
    "gamma(5) + gammaln(1)": 24,
    "pi*x": math.pi * 1.5,
    "sinh(x)/cosh(x) - tanh(x)": 0,
    "a = 3, b = 4; sqrt(a^2 + b^2);": 5,
    "s = x*b\ns^2": 9,
    "f = @(x, b) x*b": 3,
    "@(x) x^2 + b": 4.25,
    "sum(u)": 7,
    "sum(u.*v)": 11,
    "sum(u.^2)": 25,
    "u'*v": 11,
    "u.'*v": 11,
    "sum(A)": [4, 6],
    "sum(A, 1)": [4, 6],
    "sum(A, 2)": [3, 7],
    "mean(u)": 3.5,
    "max(u)": 4,
    "min(A, 1)": [[1, 1], [1, 1]],
    "mtimes(A, u)": [11, 25],
    "A'": [[1, 3], [2, 4]],
    "A.'": [[1, 3], [2, 4]],
    "transpose(A)": [[1, 3], [2, 4]],
    "2*u": [6, 8],
    "u/2": [1.5, 2],
    "u.*v": [3, 8],
    "u(1)": 3,
    "u(end)": 4,
    "u(1:2)": [3, 4],
    "u(2:end)": [4],
    "A(1, 2)": 2,
    "A(:, 2)": [2, 4],
    "A(2, :)": [3, 4],
    "max(1, 2)": 2,
    "atan2(1, 2)": math.atan2(1, 2),
    "norm(u)": 5,
}


@pytest.mark.parametrize("text", VALUES)
def test_a_line_has_the_value_that_matlab_gives_it(text: str) -> None:
    """In numbers and in arrays."""
    graph = gg.parse(text, dialect="matlab")
    result = graph.backprop({name: AT[name] for name in graph.inputs if name not in graph.defaults}, wrt=[])
    assert result.value == pytest.approx(np.asarray(VALUES[text]), rel=1e-14, abs=1e-15)


REFUSED = {
    "2x": ("2x", "write 2*x"),
    "x y": ("y", "write x*y"),
    "[1, 2]": ("[", "as a value"),
    "{1}": ("{", "write ( )"),
    "1:3": (":", "x(1, 2:3)"),
    "A\\b": ("\\", "write b/a"),
    "A.\\b": (".\\", "write b./a"),
    "'text'": ("'", "transposes"),
    '"text"': ('"', "without quotes"),
    "x + @(y) y": ("@(y)", "one function is read"),
    "if x, y": ("if", "function handle"),
    "for i = x": ("for", "function handle"),
    "function y = f(x)": ("function", "function handle"),
    "gammainc(x, 2)": ("gammainc", "gammainc(a, x)"),
    "gammainc(1, 2)": ("gammainc", "gammainc(a, x)"),
    "sinc(x)": ("sinc", "sin(pi*x)"),
    "u(0)": ("u(0)", "x(1)"),
    "sin(1:3)": ("sin(1:3)", "an index stands"),
    "@(x, 2) x": ("2", "write its name"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_pointed_at(text: str) -> None:
    """The hint says what to write instead."""
    where, hint = REFUSED[text]
    with pytest.raises(gg.ExpressionError) as refused:
        gg.parse(text, dialect="matlab")
    assert (text[slice(*refused.value.span)], hint in str(refused.value)) == (where, True)


@pytest.mark.parametrize("text", ["A*u", "u*v", "A/A", "A^A", "x + A*u"])
def test_the_operators_of_matrices_are_refused_for_two_arrays(text: str) -> None:
    """A*u is the product of matrices there, and of entries here: neither is taken."""
    graph = gg.parse(text, dialect="matlab")
    with pytest.raises(gg.ShapeError, match="is the operation of matrices") as refused:
        graph.backprop({name: AT[name] for name in graph.inputs}, wrt=[])
    assert text[slice(*refused.value.span)] in "*/^"


def test_an_array_and_a_number_are_multiplied() -> None:
    """So they are in MATLAB."""
    assert gg.parse("b*A/b", dialect="matlab").backprop({"b": 2, "A": AT["A"]}, wrt=[]).value.tolist() == AT["A"]


def test_the_gradient_of_a_function_handle_is_by_its_parameters() -> None:
    """In their order."""
    graph = gg.parse("@(v, u) sum((u - v).^2)", dialect="matlab")
    r = graph.backprop({"u": [3, 4], "v": [1, 2]})
    assert (graph.inputs, r.grad["u"].tolist(), bool(r.check())) == (("v", "u"), [4, 4], True)
