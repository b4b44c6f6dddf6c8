"""The formula on an arrow is the number beside it: for every operation, the corpus, networks and random expressions."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from pictures import shown_by
from programs import EACH, NUMBERS, B, T, W, X
from test_properties import expressions

import graphgrad as gg
from graphgrad.backprop.annotated_dag import edge_numbers
from graphgrad.backprop.class_indices import stands_for_rows
from graphgrad.backprop.edge_formulas import Formulas
from graphgrad.ops import NUMERIC, OPS, nothing
from graphgrad.printing import called
from graphgrad.printing.names import ReadingNames
from graphgrad.typeset.phrase import Phrase

CORPUS = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "open.jsonl").read_text().splitlines()]
PLACED = re.compile(r"(?P<g>g\d*) at \[(?P<at>.*)\], 0 elsewhere")
STACK = NUMBERS.uniform(-2, 2, (5, 2, 3))

LAYER = "h = relu(affine(x, w, b)); y = affine(h, v, c); E = softmax_cross_entropy(y, t)"
NETWORKS: list[tuple[str, dict[str, Any]]] = [
    (LAYER, {"x": X, "w": W, "b": B, "v": W.T, "c": X[0], "t": T}),
    (LAYER, {"x": X, "w": W, "b": B, "v": W.T, "c": X[0], "t": [0, 2]}),
    (LAYER, {"x": X[:1], "w": W, "b": B, "v": W.T, "c": X[0], "t": [1]}),
    (LAYER, {"x": X, "w": W, "b": B, "v": W.T, "c": X[0], "t": T / 3}),
    ("cross_entropy(softmax(x @ w), t)", {"x": X, "w": W, "t": [0, 1]}),
    ("mean_squared_error(sigmoid(x @ w + b), y)", {"x": X, "w": W, "b": B, "y": X @ W}),
    ("sum(softmax(x)*x)", {"x": X[0]}),
    ("sum(softmax(x)*x, axis=1) @ b", {"x": X, "b": B}),
    ("norm(x, axis=1) @ b + logsumexp(x)", {"x": X, "b": B}),
    ("log_softmax(x, axis=0)[0] @ c", {"x": X, "c": X[0]}),
    ("mean(x, axis=0) @ c + mean(x, axis=1) @ b", {"x": X, "b": B, "c": X[0]}),
    ("sum(concat(x, y, axis=1)[:, 1:4]) + sum(stack(x, y)*2)", {"x": X, "y": X + 1}),
    ("sum(outer(b, c) @ c)", {"b": B, "c": X[0]}),
]
FACTORS: list[tuple[Any, Any]] = [
    (X, W),
    (X, X[0]),
    (X[0], W),
    (X[0], X[0]),
    (STACK, W),
    (STACK, X[0]),
    (X[1], STACK.transpose(0, 2, 1)),
]


def numbers(value: Any) -> Any:
    """Return a number or an array as NumPy has it."""
    return np.asarray(value, dtype=float)


def evaluated(text: str, known: dict[str, Any], like: Any) -> Any:
    """Return the value of a formula by the values of its names; `like` has the shape of the operand."""
    placed = PLACED.fullmatch(text)
    if placed:
        whole = np.zeros(np.shape(like))
        whole[eval(f"np.s_[{placed['at']}]")] = known[placed["g"]]
        return whole
    graph = gg.parse(text)
    if "zeros" in graph.inputs:  # the rest of what was cut along the first axis
        known = known | {"zeros": np.zeros((len(like) - len(known["g"]), *np.shape(like)[1:]))}
    result = graph.backprop({name: known[name] for name in graph.inputs}, [])
    return numbers(result.value)


def one_hot(t: Any, rows: Any) -> Any:
    """Return class indices as rows of 0 and 1."""
    return np.eye(np.shape(rows)[-1])[numbers(t).astype(int)]


def check_every_edge(result: gg.Backprop[Any]) -> int:
    """Assert that each edge's formula is its number, and return how many were looked at."""
    passes, formulas = result.passes, Formulas(result.passes)
    names = ReadingNames(passes.graph, passes.tape)
    known = {name: passes.values[node] for name, node in passes.graph.nodes.items()}
    known |= {name: passes.values[node] for node, name in names.all.items()}
    seen = 0
    for step in passes.tape.steps:
        operands = [passes.values[i] for i in step.operands]
        hot = {
            passes.graph.names[operand]: one_hot(operands[i], operands[1 - i])
            for i, operand in enumerate(step.operands)
            if stands_for_rows(passes, step, i)
        }
        for position, (partial, contribution, differentiable) in enumerate(edge_numbers(passes, step)):
            if not differentiable or contribution is None or type(contribution) is int:
                continue
            g = passes.backward.adjoints.get(step.target)
            text, whole = formulas.partial(step, position), step.op.on_arrays
            if step.op.textbook.get(position, text) is None:  # the row says that there is no short one
                continue
            assert text is not None
            ours = evaluated(text, known | hot | ({formulas.adjoint: g} if whole else {}), operands[position])
            theirs = numbers(contribution if whole else partial)
            expected = np.broadcast_to(theirs, np.broadcast_shapes(np.shape(theirs), np.shape(ours)))
            assert not whole or np.shape(expected) == np.shape(operands[position])
            np.testing.assert_allclose(np.broadcast_to(ours, np.shape(expected)), expected, rtol=1e-6, atol=1e-9)
            seen += 1
    return seen


@pytest.mark.parametrize("name", [name for name, op in NUMERIC.items() if {*op.rules} - {None, nothing}])
def test_every_operation_on_numbers(name: str) -> None:
    """At points of its domain, the formula of each local derivative is the derivative."""
    op = OPS[name]
    operands = "xyz"[: op.arity]
    points = zip(*(op.domain(i).probes(5) for i in range(op.arity)), strict=True)
    graph, wrt = gg.parse(called(op)), [operand for i, operand in enumerate(operands) if op.rule(i)]
    seen = 0
    for point in points:
        with suppress(gg.DomainError):  # as hypot has no derivative at 0, 0
            seen += check_every_edge(graph.backprop(dict(zip(operands, point, strict=True)), wrt))
    assert seen


@pytest.mark.parametrize("name", EACH)
def test_every_operation_on_arrays(name: str) -> None:
    """The formula, of the adjoint g, is what flows back."""
    text, at = EACH[name]
    check_every_edge(gg.parse(text).backprop(at, seed=1.5))


@pytest.mark.parametrize(("text", "at"), NETWORKS)
def test_networks(text: str, at: dict[str, Any]) -> None:
    """So it is in networks, with vectors, stacks of matrices, batches and class indices."""
    assert check_every_edge(gg.parse(text).backprop(at)) > 1


@pytest.mark.parametrize(("x", "y"), FACTORS)
def test_matrix_products(x: Any, y: Any) -> None:
    """So it is for products of vectors, matrices and stacks of them."""
    assert check_every_edge(gg.parse("sum((x @ y)*2)").backprop({"x": x, "y": y})) > 1


@pytest.mark.parametrize("line", [pytest.param(line, id=line["id"]) for line in CORPUS])
def test_published_formulas(line: dict[str, Any]) -> None:
    """So it is in published formulas, with letters for intermediates that have no name."""
    point = line["points"][0]
    check_every_edge(gg.parse(line["expr"]).backprop({k: float(v) for k, v in point["at"].items()}, wrt=point["grad"]))


@settings(max_examples=150, deadline=None)
@given(expressions())
def test_random_expressions(text: str) -> None:
    """So it is in any expression that has a gradient."""
    graph = gg.parse(text)
    try:
        result = graph.backprop({name: 0.3 + i / 7 for i, name in enumerate(graph.inputs)})
    except gg.GraphgradError:
        return
    if math.isfinite(result.value) and all(map(math.isfinite, result.grad.values())):
        check_every_edge(result)


TEXTBOOK = {
    "x/y": ("1/y", "−x/y²"),
    "x**y": ("y·xʸ⁻¹", "xʸ·log(x)"),
    "sqrt(x)": ("1/(2·√x)",),
    "log(x)": ("1/x",),
    "expm1(x)": ("exp(x)",),
    "tan(x)": ("1 + tan(x)²",),
    "cot(x)": ("−csc(x)²",),
    "sec(x)": ("sec(x)·tan(x)",),
    "csc(x)": ("−csc(x)·cot(x)",),
    "asin(x)": ("1/√(1 − x²)",),
    "atan(x)": ("1/(1 + x²)",),
    "asec(x)": ("1/(|x|·√(x² − 1))",),
    "acsc(x)": ("−1/(|x|·√(x² − 1))",),
    "atan2(y, x)": ("x/(x² + y²)", "−y/(x² + y²)"),
    "hypot(x, y)": ("x/hypot(x, y)", "y/hypot(x, y)"),
    "tanh(x)": ("1 − tanh(x)²",),
    "coth(x)": ("−csch(x)²",),
    "sech(x)": ("−sech(x)·tanh(x)",),
    "csch(x)": ("−csch(x)·coth(x)",),
    "erf(x)": ("2/√π·exp(−x²)",),
    "gamma(x)": ("Γ(x)·ψ(x)",),
    "abs(x)": ("sgn(x)",),
    "floor(x)": ("0",),
    "max(x, y)": ("[x > y]", "[y > x]"),
    "min(x, y)": ("[x < y]", "[y < x]"),
    "max(x, 0)": ("[x > 0]",),
    "min(x, y, z)": ("[x = min(x, y, z)]", "[y = min(x, y, z)]", "[z = min(x, y, z)]"),
    "where(c > 0, x, y)": ("[c > 0]", "1 − [c > 0]"),
    "where(c, x, y)": ("[c ≠ 0]", "1 − [c ≠ 0]"),
    "relu(x)": ("[x > 0]",),
    "sigmoid(x)": ("σ(x)·(1 − σ(x))",),
    "softplus(x)": ("σ(x)",),
}
"""Derivatives as tables have them (DLMF 4.7, 4.20, 4.24, 4.34, 4.40, 5.2, 7.2); [ ] is 1 where it holds, and else 0."""


@pytest.mark.parametrize("text", TEXTBOOK)
def test_derivatives_of_a_textbook(text: str) -> None:
    """Each local derivative is written as in a table of derivatives, by the operands that vary."""
    graph, small = gg.parse(text), 2.5 if text in {"asec(x)", "acsc(x)"} else 0.25
    passes = graph.backprop({name: {"c": 1.0, "x": small}.get(name, 2.5) for name in graph.inputs}).passes
    step, formulas = passes.tape.steps[-1], Formulas(passes)
    varying = [i for i, operand in enumerate(step.operands) if passes.graph.names.get(operand) in {"x", "y", "z"}]
    assert tuple(Phrase.of(phrase.tex) for i in varying if (phrase := formulas.phrase(step, i))) == TEXTBOOK[text]


TIES: list[tuple[str, dict[str, Any]]] = [
    ("max(x, y)", {"x": 2.0, "y": 2.0}),
    ("min(x, y)", {"x": 2.0, "y": 2.0}),
    ("max(x, x)", {"x": 2.0}),
    ("max(x, 0)", {"x": 0.0}),
    ("min(x, y, z)", {"x": 1.0, "y": 1.0, "z": 5.0}),
    ("sum(max(x, y))", {"x": X, "y": X.copy()}),
    ("sum(max(x, y))", {"x": X, "y": X + 1}),
    ("max(x)*2", {"x": np.array([1.0, 3.0, 3.0])}),
    ("sum(min(x, axis=1))", {"x": np.array([[1.0, 1.0], [2.0, 3.0]])}),
    ("relu(x) + abs(x)", {"x": 0.0}),
    ("sin_over_x(x)*x", {"x": 0.0}),
]


@pytest.mark.parametrize(("text", "at"), TIES)
def test_at_a_kink(text: str, at: dict[str, Any]) -> None:
    """At a kink, too, the formula is the derivative taken: in a tie it says the share."""
    assert check_every_edge(gg.parse(text).backprop(at))


def test_the_share_in_a_tie() -> None:
    """Only in a tie the formula of a largest operand says what is taken there."""
    texts = []
    for y in (2, 1):
        shown = shown_by(gg.parse("max(x, y)").backprop({"x": 1, "y": y}), local=True)
        texts.append({below for arrow in shown.arrows for below in arrow.below if "∂" in below})
    assert texts == [
        {"∂E/∂x = [x > y] = 0", "∂E/∂y = [y > x] = 1"},
        {"∂E/∂x = [x > y] + [x = y]/2 = 0.5", "∂E/∂y = [y > x] + [y = x]/2 = 0.5"},
    ]


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("x**-2", "−2·x⁻³ = −0.25"),
        ("x**-0.5", "−0.5·x^(−1.5)"),
        ("x/-4", "∂E/∂x = −0.25"),
        ("atan2(x, -2)", "−2/(4 + x²)"),
    ],
)
def test_a_constant_with_a_sign_is_a_number_in_a_derivative(text: str, formula: str) -> None:
    """The power rule of x⁻² has x⁻³, as that of x² has x, and no −2 − 1."""
    arrows = shown_by(gg.parse(f"E = {text}").backprop({"x": 2}), local=True).arrows
    assert formula in " ".join(below for arrow in arrows for below in arrow.below)


@pytest.mark.parametrize("text", ["cross_entropy(softmax(y), t)", "2*softmax_cross_entropy(y, t)"])
@pytest.mark.parametrize("t", [[0, 2], T])
def test_class_indices_in_any_formula_are_told_to_be_one_hot(text: str, t: Any) -> None:
    """A formula that computes with class indices says that it takes their one-hot rows, and no other says so."""
    arrows = shown_by(gg.parse(text).backprop({"y": X, "t": t}, ["y"]), local=True).arrows
    formulas = [below for arrow in arrows for below in arrow.below if "g" in below and "t" in below.split(", ")[0]]
    assert formulas
    assert all(formula.endswith(", t one-hot") is (t is not T) for formula in formulas)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ({"y": X, "t": T}, "(softmax(y) − t)/2"),
        ({"y": X, "t": [0, 2]}, "(softmax(y) − t)/2, t one-hot"),
        ({"y": X[:1], "t": T[:1]}, "softmax(y) − t"),
        ({"y": X[0], "t": 1}, "softmax(y) − t, t one-hot"),
        ({"y": X[:1], "t": T[:1] * 2}, "softmax(y)·sum_(axis=−1)(t) − t"),
    ],
)
def test_the_loss_is_told_as_the_book_tells_it(at: dict[str, Any], text: str) -> None:
    """On the arrow of the logits stands softmax(y) − t, over the size of a batch, whose targets sum to 1."""
    result = gg.parse("softmax_cross_entropy(y, t)").backprop(at, ["y"])
    assert text in [below for arrow in shown_by(result).arrows for below in arrow.below]
