"""MATLAB and Octave as a dialect: values worked out by hand after their documentation, or a refusal where it stands.

The precedence of operators is that of the page "Operator Precedence" of MATLAB's documentation, which Octave's page
"Operator Precedence" agrees with but where a comment says so.
"""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from refusals import error_of, pointed_at, random_texts, refused

import graphgrad as gg
from graphgrad.text.dialects.precedence import precedence_notes

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
    "[1, 2, 3]": [1, 2, 3],
    "[1 2 3]": [1, 2, 3],
    "[x y-n]": [1.5, -3.75],
    "[1 - 2, 3-4]": [-1, -1],
    "[1, 2; 3, 4]": [[1, 2], [3, 4]],
    "[1 2\n 3 4]": [[1, 2], [3, 4]],
    "[1 2;\n 3 4;]": [[1, 2], [3, 4]],
    "[\n1 2\n3 4\n]": [[1, 2], [3, 4]],
    "[1, ...\n 2]": [1, 2],
    "[1; 2; 3]": [1, 2, 3],
    "[sin(0) u(1) (b + 1)]": [0, 3, 3],
    "w = [1 2]; w(2)": 2,
    "w = [1; 2]; w'*u": 11,
    "[u(1) v(2)]'": [3, 2],
    "round(2.5) - round(-2.5)": 6,
    "round(1.25, 1) + round(1234, -2)": 1201.3,
    "fix(-2.7) + rem(-7, 3) + mod(-7, 3)": -1,
    "std(v) + var(v)": math.sqrt(0.5) + 0.5,
    "var(v, 1) + var(v, 0)": 0.75,
    "var(A, 0, 2)": [0.5, 0.5],
    "var(A, [], 2)": [0.5, 0.5],
    "std(A, 1, 'all')": math.sqrt(1.25),
    "prod(v) + prod(u)": 14,
    "prod(A)": [3, 8],
    "cumsum(A)": [[1, 2], [4, 6]],
    "cumsum(A, 2)": [[1, 3], [3, 7]],
    "cumprod(A, 1)": [[1, 2], [3, 8]],
    "det(A)": -2,
    "inv([2 0; 0 4])": [[0.5, 0], [0, 0.25]],
    "trace(A)": 5,
    "dot(u, v)": 11,
    "dot(A, A)": [10, 20],
    "cross([1 0 0], [0 1 0])": [0, 0, 1],
    "norm(u, 2)": 5,
    "norm(A, 'fro')": math.sqrt(30),
    "diag(v)": [[1, 0], [0, 2]],
    "tril(A) + triu(A)": [[2, 2], [3, 8]],
    "chol([4 2; 2 5])": [[2, 1], [0, 2]],
    "[2 0; 0 4] \\ u": [1.5, 1],
    "linsolve([2 0; 0 4], u)": [1.5, 1],
    "factorial(5) + nchoosek(5, 2)": 130,
    "beta(2, 3) + betaln(1, 1)": 1 / 12,
    "gammainc(0.5, 1)": 1 - math.exp(-0.5),
    "gammainc(a, 1, 'upper')": math.exp(-0.25),
    "betainc(a, 1, 1)": 0.25,
    "erfinv(0) + erfcinv(1)": 0,
    "expint(1)": 0.21938393439552026,
    "besselj(0, 1)": 0.7651976865579666,
    "bessely(0, 1)": 0.08825696421567697,
    "besseli(0, 1)": 1.2660658777520082,
    "besselk(0, 1)": 0.42102443824070834,
    "psi(1) + psi(1, 1)": -0.5772156649015329 + math.pi**2 / 6,
    "sind(30) + cosd(60) + tand(45)": 2,
    "asind(1) + acosd(0) + atand(1) + atan2d(1, 1)": 270,
    "deg2rad(180) + rad2deg(pi)": math.pi + 180,
    "nthroot(-27, 3)": -3,
    "sinc(0.5)": 2 / math.pi,
    "pow2(3) + pow2(1, 2)": 12,
    "normpdf(0) + normcdf(0)": 1 / math.sqrt(2 * math.pi) + 0.5,
    "normpdf(1, 1, 2)": 0.5 / math.sqrt(2 * math.pi),
    "normcdf(3, 1, 2)": 0.8413447460685429,
    "norminv(0.5, 1, 2)": 1,
    "max(A, [], 2)": [2, 4],
    "min(A, [], 1)": [1, 2],
    "max(A, [], 'all')": 4,
    "sum(A, 'all')": 10,
    "sum(A(:))": 10,
    "A(:)": [1, 3, 2, 4],
    "u(end-1)": 3,
    "u(1:end-1)": [3],
    "u(1:2:end)": [3],
    "flip(u)": [4, 3],
    "and(1, 0) + or(1, 0) + not(0) + xor(1, 1)": 2,
    "true + false": 1,
    "x--y": 0.75,
    "f = @(t) t^2; f(3)": 9,
    "f = @(t) t^2; g = @(s, t) f(s) + t; g(2, x)": 5.5,
    "f = @(t) t^2; @(x) f(x) + 1": 3.25,
    "gamma = @(t) t + 1; gamma(3)": 4,
    "sum = [1 2]; sum(2)": 2,
    "i = 2; i*3": 6,
    "%{\n1 +\n%}\nx": 1.5,
    "%{\n1 +\n  %{\n2 +\n  %}\n3 +\n%}\nx": 1.5,
    "%{1 +\nx": 1.5,
    "(x > 1)*x + (x <= 1)*y": 1.5,
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
    "{1}": ("{", "write ( )"),
    "1:3": (":", "x(1, 2:3)"),
    "sum((1:3).^2)": (":", "write the array out"),
    "A.\\b": (".\\", "write b./a"),
    "'text'": ("'", "transposes"),
    '"text"': ('"', "without quotes"),
    "x + @(y) y": ("@(y)", "give it a name"),
    "if x, y": ("if", "function handle"),
    "for i = x": ("for", "function handle"),
    "function y = f(x)": ("function", "function handle"),
    "u(0)": ("u(0)", "x(1)"),
    "sin(1:3)": ("sin(1:3)", "an index stands"),
    "@(x, 2) x": ("2", "write its name"),
    "[1 -2]": ("1 -2", "write [1, -2…], or [1 - 2…]"),
    "[f (3)]": ("f (", "write f(…), or f, (…)"),
    "[x (1)]": ("x (", "write x(…), or x, (…)"),
    "[1 2; 3]": ("3", ""),
    "[]": ("]", "for example"),
    "[[1 2]; 3]": ("[", "with semicolons"),
    "x[1]": ("[", "in parentheses"),
    "0 < x < 1": ("<", "write (0 < x) < …, as MATLAB reads it, or 0 < x & x < …"),
    "f(x) = x^2": ("f(x)", "f = @(x) x^2"),
    "3 + 4i": ("4i", "real numbers"),
    "i*x": ("i", "imaginary unit"),
    "e*x": ("e", "exp(1)"),
    "Inf": ("Inf", "no infinity"),
    "eps": ("eps", "2^-52"),
    "x += 1": ("+=", "a name of its own"),
    "x++": ("++", "a name of its own"),
    "x{1}": ("{", "write ( )"),
    "x\n%{\ny": ("%{", "where it ends"),
    "log(x, 2)": ("log(x, 2)", ""),
    "norm(A, 1)": ("1", "sum(abs(x))"),
    "numel(u)": ("numel", "write the number"),
    "ones(3)": ("ones", "write the array out"),
    "conv(u, v)": ("conv", "write it out"),
    "reshape(A, 1, 4)": ("reshape", "by columns"),
    "legendre(2, x)": ("legendre", "the polynomial that is meant"),
    "max(x, y, n)": ("max(x, y, n)", "max(max(a, b), c)"),
    "sum(A, 0)": ("0", "the first axis is 1"),
    "sum(A, n)": ("sum(A, n)", "write the number"),
    "u(k)": ("u(k)", "write u(2)"),
    "f = @(x) f(x); f(1)": ("f", "before it"),
    "f = @(x, y) x*y; f(1)": ("f(1)", "its parameters are x, y"),
    "f = @(x) x; f(1, 2)": ("f(1, 2)", "it is defined as f(x)"),
    "x ~y": ("~", "x & ~y"),
    "sum(x, 'omitnan')": ("'omitnan'", "without quotes"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_pointed_at(text: str) -> None:
    """The hint says what to write instead."""
    where, hint = REFUSED[text]
    error = refused(text, "matlab")
    assert (pointed_at(text, error), hint in str(error)) == (where, True)


@pytest.mark.parametrize(
    "text",
    ["A*u", "u*v", "A/A", "A^A", "x + A*u", "A^2", "2^A", "A**2", "2/u", "u'/A", "(A + A)^2", "[1 2]*u", "[1 2]^2"],
)
def test_the_operators_of_matrices_are_refused_for_arrays(text: str) -> None:
    """A*u is the product of matrices there, and of entries here: neither is taken."""
    graph = gg.parse(text, dialect="matlab")
    with pytest.raises(gg.ShapeError, match="is the operation of matrices") as caught:
        graph.backprop({name: AT[name] for name in graph.inputs}, wrt=[])
    assert text[slice(*caught.value.span)] in {"*", "/", "^", "**"}


MATRICES = {
    "u + u'": "a row and a column",
    "[1 2] + [1; 2]": "a row and a column",
    "[1 2]'*u": "a row and a column",
    "w = [1 2]; w'*u": "a row and a column",
    "mtimes(A, u) + u'": "a row and a column",
    "sum(A, 2) + sum(A)": "a row and a column",
    "A(1, :) + A(:, 1)": "a row and a column",
    "A(2)": "by columns",
    "u(1:5)": "beyond the end",
    "[u v]": "brackets join",
    "[u; v]": "brackets join",
    "r = [1 x]; [r r]": "brackets join",
    "norm(A)": "another function of a matrix",
}


@pytest.mark.parametrize("text", MATRICES)
def test_what_arrays_make_mean_something_else_is_refused(text: str) -> None:
    """MATLAB's vectors are rows or columns, and its matrices are counted by columns."""
    graph = gg.parse(text, dialect="matlab")
    with pytest.raises(gg.ShapeError, match=MATRICES[text]):
        graph.backprop({name: AT[name] for name in graph.inputs if name not in graph.defaults}, wrt=[])


def test_a_matrix_of_one_row_is_summed_along_an_axis_that_is_named() -> None:
    """MATLAB's sum is along its row, NumPy's along its first axis."""
    with pytest.raises(gg.ShapeError, match="a matrix with one row"):
        gg.parse("sum(R)", dialect="matlab").backprop({"R": [[1, 2, 3]]}, wrt=[])
    assert gg.parse("sum(R, 2)", dialect="matlab").backprop({"R": [[1, 2, 3]]}, wrt=[]).value.tolist() == [6]


def test_a_guarded_graph_can_be_pickled() -> None:
    """The guard is there again."""
    graph = pickle.loads(pickle.dumps(gg.parse("A*u", dialect="matlab").data))
    with pytest.raises(gg.ShapeError, match="of matrices"):
        graph.guard({"A": (2, 2), "u": (2,)})


NOTES = {
    "2^3^2": ("as in MATLAB, 2^3^2 is (2^3)^2: powers chain to the left",),
    "2^-2^x": ("as in MATLAB, 2^-2^x is (2^-2)^x: powers chain to the left",),
    "~x == 0": ("as in MATLAB, ~x == 0 is (~x) == 0: a logical 'not' binds more tightly than a comparison",),
    "(2^3)^2 - x^2": (),
    "-x^2": (),
    "f = @(t) t^2^3; f(x)": ("as in MATLAB, t^2^3 is (t^2)^3: powers chain to the left",),
}


@pytest.mark.parametrize("text", NOTES)
def test_another_precedence_than_ours_is_told(text: str) -> None:
    """The answer has a sentence for each such place."""
    assert precedence_notes(text, "matlab") == NOTES[text]


def test_rows_of_one_s_own_are_called() -> None:
    """By the name that they have in the table."""
    swish = gg.Op("swish", lambda m, x: x / (1 + m.exp(-x)), d=(lambda _m, _z, x: x * 0 + 1,), about="")
    graph = gg.parse("f = @(t) 2*swish(t); f(x)", dialect="matlab", operations=gg.OPERATIONS.with_(swish))
    assert graph.backprop({"x": 0.0}, wrt=[]).value == 0


@pytest.mark.parametrize("seed", range(4))
def test_any_tokens_are_a_graph_or_an_error_in_the_text(seed: int) -> None:
    """2000 random sequences of tokens."""
    for text in random_texts(TOKENS, seed, 500):
        error_of(text, "matlab")


TOKENS = (
    *"xyAfi123+-*/^'()[],;=<>~!&|:.\\\n",
    *(
        ".*",
        ".^",
        "==",
        "~=",
        "&&",
        "||",
        "end",
        "@(x)",
        "sin(",
        "sum(",
        "max(",
        "std(",
        "f(",
        "x(1)",
        "A(:,1)",
        "x(:)",
    ),
    *("'all'", ", []", "...", "%", "{", "true", "Inf", "if", "gammainc(", "normcdf(", "f = ", ";\n"),
)


def test_an_array_and_a_number_are_multiplied() -> None:
    """So they are in MATLAB."""
    assert gg.parse("b*A/b", dialect="matlab").backprop({"b": 2, "A": AT["A"]}, wrt=[]).value.tolist() == AT["A"]


def test_the_gradient_of_a_function_handle_is_by_its_parameters() -> None:
    """In their order."""
    graph = gg.parse("@(v, u) sum((u - v).^2)", dialect="matlab")
    r = graph.backprop({"u": [3, 4], "v": [1, 2]})
    assert (graph.inputs, r.grad["u"].tolist(), bool(r.check())) == (("v", "u"), [4, 4], True)
