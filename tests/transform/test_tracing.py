"""Python functions as graphs: what their arithmetic and NumPy's functions record, and what they may not ask."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from test_properties import SMOOTH, expressions, gradient_or_reject, points, shape

import graphgrad as gg
from graphgrad.graph import build
from graphgrad.text import parse

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x, y: -2 * x**2 + y / 3 - 1.5 * np.sin(x * y), "-2*x**2 + y/3 - 1.5*sin(x*y)"),
        (lambda x: np.where(x > 0, np.log(x), 0), "where(x > 0, log(x), 0)"),
        (lambda x, y: np.maximum(x, y) - np.minimum(x, 1), "max(x, y) - min(x, 1)"),
        (lambda x, y: np.add(x, np.divide(x, y)) - np.negative(y), "x + x/y - -y"),
        (lambda y, x: np.arctan2(y, x) + np.hypot(x, y), "atan2(y, x) + hypot(x, y)"),
        (lambda x: np.pi * abs(x), "pi*abs(x)"),
        (lambda x: math.floor(x) + math.ceil(x), "floor(x) + ceil(x)"),
        (lambda x: (x == 1) + (x != 2), "(x == 1) + (x != 2)"),
        (lambda x: 3 * ((x > 0) & (x < 1)) + ~(x > 2), "3*(x > 0 ∧ x < 1) + (¬x > 2)"),
        (lambda x: 3 * ((x > 0) | (x < 1)) + 2 * ((x > 2) ^ True), "3*(x > 0 ∨ x < 1) + 2*((x > 2) != 1)"),
        (lambda x: x % 2 + 7 // x, "mod(x, 2) + floordiv(7, x)"),
        (lambda x, y: divmod(x, y)[0] - divmod(7, x)[1], "floordiv(x, y) - mod(7, x)"),
        (
            lambda x, y: np.clip(x, a_min=1, a_max=y) + np.clip(x, None, 2) + x.clip(0),
            "min(max(x, 1), y) + min(x, 2) + max(x, 0)",
        ),
        (lambda x: np.var(np.array([x, 1.0])), "((x - (x + 1)/2)*(x - (x + 1)/2) + (1 - (x + 1)/2)*(1 - (x + 1)/2))/2"),
        (lambda x: np.max(x, 0) + np.min(x, axis=-1), "max(x, axis=0) + min(x, axis=-1)"),
        (lambda x: np.linalg.norm(x, None, 0) + np.linalg.norm(x, ord=2, axis=0), "norm(x, axis=0) + norm(x, axis=0)"),
        (
            lambda x, y: np.concatenate((x, y), 1) + x.sum(0, None, None, True),
            "concat(x, y, axis=1) + sum(x, axis=0, keepdims=True)",
        ),
        (lambda x: x.reshape(2, -1) @ x.transpose(1, 0), "reshape(x, shape=(2, -1))@transpose(x, axes=(1, 0))"),
        (lambda x: np.clip(x, 0, 1) + np.square(x), "min(max(x, 0), 1) + x**2"),
        (lambda x: np.float64(2) * x + np.int64(3), "2*x + 3"),
        (lambda x: scipy.special.erf(x) + scipy.special.expit(x), "erf(x) + sigmoid(x)"),
        (lambda x: scipy.special.gammaln(x) - scipy.special.psi(x), "lgamma(x) - digamma(x)"),
        (lambda x, y: np.dot(np.array([2.0, 3.0]), np.array([x, y])), "2*x + 3*y"),
        (lambda x, y: np.sum(np.exp(np.array([x, y]))), "exp(x) + exp(y)"),
        (lambda x: np.sum(np.array([2.0, 3.0]) * x), "2*x + 3*x"),
        (lambda x: 5, "5"),
        (lambda x, w, b: np.sum(np.tanh(x @ w + b) ** 2), "sum(tanh(x@w + b)**2)"),
        (lambda x, y: np.dot(x, y) + np.matmul(x, y), "x@y + x@y"),
        (lambda x: np.sum(x, axis=0) + np.mean(x, 1, keepdims=True), "sum(x, axis=0) + mean(x, axis=1, keepdims=True)"),
        (lambda x: np.max(x) - x.min() + x.sum(axis=1), "max(x) - min(x) + sum(x, axis=1)"),
        (lambda x: np.reshape(x, (2, -1)) @ np.transpose(x) @ x.T, "reshape(x, shape=(2, -1))@x.T@x.T"),
        (lambda x, y: np.concatenate([x, y]) + np.linalg.norm(x), "concat(x, y) + norm(x)"),
        (lambda x, y: np.vdot(x, y) * np.trace(x), "vdot(x, y)*sum(diag(x))"),
        (lambda x, y: np.einsum("ij,jk->ik", x, y, optimize=True), 'einsum(x, y, subscripts="ij,jk->ik")'),
        (lambda x: np.var(x, correction=1), "var(x, ddof=1)"),
        (lambda x: np.linalg.cholesky(x) * 2, "cholesky(tril(x) + tril(x, k=-1).T)*2"),
    ],
)
def test_what_a_function_does_is_the_graph(function: Callable[..., Any], text: str) -> None:
    """The graph is that of the same formula as text."""
    traced, parsed = gg.trace(function), gg.parse(text)
    assert str(traced) == text
    assert set(parsed.inputs) <= set(traced.inputs)


FUNCTIONS = {name: getattr(np, name, None) or getattr(scipy.special, name, None) for name in SMOOTH} | {
    "sigmoid": scipy.special.expit,
    "softplus": lambda x: x.softplus(),  # neither library has it: every operand knows every operation
}
LITERAL = re.compile(r"(?<!\*\*)(?<![\w.])[\d.]+(e-1)?%?")


@given(expressions(), points)
def test_a_function_and_its_text_are_one_graph(text: str, at: dict[str, float]) -> None:
    """Tracing a function is parsing its text, after its inputs: the same nodes, the same edges, the same numbers."""
    python = LITERAL.sub("x", text.replace("×", "*"))  # of constants alone, Python would make one
    parsed = gg.parse(python)
    function = eval(f"lambda {', '.join(parsed.inputs)}: {python}", dict(FUNCTIONS))
    traced = gg.trace(function, *parsed.inputs)
    assert shape(traced) == shape(gg.Graph(build(python, parse(python), inputs=parsed.inputs)))
    ours, theirs = gradient_or_reject(python, at), traced.backprop({name: at[name] for name in parsed.inputs})
    assert (theirs.value, theirs.grad) == (ours.value, ours.grad)


def test_parameters_name_the_inputs_and_give_defaults() -> None:
    """Names are the parameters' unless given; a parameter's default value is the graph's."""

    def bill(apple: float, n: float = 5, tax: float = 1.08) -> float:
        return apple * n * tax

    graph = gg.trace(bill)
    assert graph.inputs == ("apple", "n", "tax")
    assert graph.defaults == {"n": 5, "tax": Fraction("1.08")}
    assert graph.backprop({"apple": 100}).grad["apple"] == 5.4
    assert gg.trace(bill, "りんご", "n").inputs == ("りんご", "n")
    assert gg.trace(lambda *xs: xs[0] - xs[1], "b", "a").inputs == ("b", "a")


def test_an_input_may_go_unused() -> None:
    """The inputs are the parameters, in their order, whether the function uses them or not."""
    assert gg.trace(lambda unused, x: x**2).backprop({"x": 3}).grad == {"unused": 0, "x": 6}


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: 2 * math.sin(x), "write np.sin for math.sin"),
        (lambda x: float(x) + 1, "write np.sin for math.sin"),
        (lambda x: 1 if x > 0 else 0, "write np.where(condition, a, b)"),
        (lambda x: max(x, 1), "np.maximum"),
        (lambda x: 0 < x < 1, "(a < b) & (b < c)"),
        (lambda x: [1, 2][x], "stands for any number"),
        (lambda x: x[0], "has no elements"),
        (lambda x: np.frexp(x)[0], "np.frexp cannot be recorded"),
        (lambda x: 2 * np.linalg.slogdet(x), "np.slogdet cannot be recorded"),
        (lambda x: np.sin(x, out=np.zeros(1)), "with options"),
        (lambda x: np.eye(2) @ x, "pass the array as an argument"),
        (lambda x: np.sum(x, dtype=int), "np.sum with dtype"),
        (lambda x: 1 + np.add.reduce(x), "np.add"),
        (lambda x: x + "a", "a str cannot be recorded"),
        (lambda x: x * 1j, "a complex cannot be recorded"),
        (lambda x: x * math.nan, "nan is no number"),
        (lambda x: None, "returned nothing"),
        (lambda x: (x, x), "returned a tuple"),
        (lambda *xs: 1, 'write trace(f, "x", "y")'),
    ],
)
def test_what_cannot_be_recorded_is_said(function: Callable[..., Any], told: str) -> None:
    """A function that asks for a number, or does what no operation is, is told what to write instead."""
    with pytest.raises(gg.GraphgradError) as caught:
        gg.trace(function)
    assert told in str(caught.value)


def test_a_parameter_may_be_called_like_a_constant() -> None:
    """It is written in backquotes, so that the text holds the same graph."""
    graph = gg.trace(lambda pi: pi * np.pi)
    assert graph.inputs == gg.parse(str(graph)).inputs == ("pi",)


def test_names_have_to_suit_the_function() -> None:
    """As many names as arguments, each only once."""
    with pytest.raises(gg.GraphgradError, match="does not take 2 inputs"):
        gg.trace(lambda x: x, "x", "y")
    with pytest.raises(gg.GraphgradError, match="two inputs have the same name"):
        gg.trace(lambda x, y: x + y, "x", "x")


def test_a_value_of_another_trace_is_refused() -> None:
    """What a function kept from an earlier trace does not come into the next."""
    kept: list[Any] = []

    def hoarding(x: Any) -> Any:
        kept.append(x)
        return kept[0] * x

    assert str(gg.trace(hoarding)) == "x*x"
    with pytest.raises(gg.GraphgradError, match="another trace"):
        gg.trace(hoarding)


def test_a_loop_may_be_long() -> None:
    """A function of 100,000 steps is a graph of as many nodes."""

    def repeated(x: Any) -> Any:
        for _ in range(50_000):
            x = 2 * x + 1
        return x

    assert len(gg.trace(repeated).dag) == 100_003
