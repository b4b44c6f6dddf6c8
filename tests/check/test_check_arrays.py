"""The check of programs on arrays: what is proven on which shape, what is held against differences, what it catches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from planting import plant
from programs import EACH, NUMBERS, W, X

import graphgrad as gg
from graphgrad.backprop import shapes_of
from graphgrad.check import array_rule_rows
from graphgrad.namespaces import shape_of
from graphgrad.ops import OPS, ArrayOp, nothing
from graphgrad.tape import lower

if TYPE_CHECKING:
    from graphgrad.check import Report

TABLE = pytest.mark.parametrize("name", EACH)


def checked(text: str, at: dict[str, Any], level: Literal["full", "local"] = "full") -> Report:
    """Return the report on both passes, whatever the shape of the output."""
    graph = gg.parse(text)
    shape = shapes_of(graph.data, lower(graph.data), {n: shape_of(np.asarray(x)) for n, x in at.items()})[-1]
    seed = np.random.default_rng(3).uniform(0.5, 2, shape)
    return graph.backprop(at, seed=seed if shape else None).check(level)


def test_each_operation_on_arrays_is_planted_wrong_once() -> None:
    """Nothing on arrays is left out of the table above."""
    assert set(EACH) == {name for name, op in OPS.items() if op.on_arrays}


@TABLE
def test_a_right_rule_passes_on_every_level(name: str) -> None:
    """The rules hold by sympy on arrays of symbols, at the nodes, and in the whole; nothing is left open."""
    report = checked(*EACH[name])
    assert report, str(report)
    assert not report.not_attempted, str(report)


@pytest.mark.parametrize("text", ["stack(a)", "stack(a, b, 2)", "stack(stack(a, 2), stack(3, b))", "concat(stack(a))"])
def test_a_list_of_numbers_is_held(text: str) -> None:
    """Numbers side by side are checked as arrays are, constants and a single one among them."""
    report = gg.parse(f"sum(({text})**2) + 0*a*b").backprop({"a": 1.5, "b": -2.0}).check()
    assert report, str(report)
    assert not report.not_attempted, str(report)


@TABLE
def test_a_wrong_rule_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adjoint that is a thousandth too large fails as a rule, at the node, and in the whole gradient."""
    op = OPS[name]
    assert isinstance(op, ArrayOp)
    right = op.vjp[0]

    def wrong(m: Any, g: Any, z: Any, *rest: Any, **params: Any) -> Any:
        x = rest[1 + rest[0]] if op.variadic else rest[0]
        return m.broadcast_like(1, x) if right is nothing else right(m, g, z, *rest, **params) * 1.001

    plant(monkeypatch, replace(op, vjp=(wrong, *op.vjp[1:]), stable_d=None))
    report = checked(*EACH[name])
    assert not report
    levels = {row.level.split(",")[0].removesuffix(" at points") for row in report.failures}
    assert levels >= {"array rule", "direction", "whole direction"}, str(report)


def test_a_wrong_stable_reading_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading for floats is held against the plain one: as a rule, at the node and in the value of the whole."""
    wrong = replace(OPS["log_softmax"], stable_f=lambda m, x, *, axis: x - m.amax(x, axis=axis, keepdims=True))
    plant(monkeypatch, wrong)
    assert {row.level for row in checked(*EACH["log_softmax"]).failures} == {"array value rule", "value", "whole value"}


def test_a_wrong_derivative_of_entries_is_caught_on_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation on numbers is held against sympy at entries, and against differences at all of them."""
    plant(monkeypatch, replace(OPS["tanh"], d=(lambda m, z, x: 1 - z,), stable_d=None))
    report = checked("sum(tanh(x))", {"x": X})
    assert {row.level for row in report.failures} >= {"rule at points", "local", "direction", "whole"}


def test_a_gradient_tampered_with_is_caught() -> None:
    """The check looks at the numbers it is given: one entry that is off by a millionth fails."""
    result = gg.parse("sum((x @ w)**2)").backprop({"x": X, "w": W})
    result.grad["w"][0, 0] *= 1 + 1e-6
    assert {row.subject for row in result.check().failures} >= {"∂/∂w[0, 0]", "∂/∂w along a direction"}


def test_the_report_says_on_which_shape_a_rule_was_proven() -> None:
    """A small node is proven on its own shape, a large one on a smaller shape of the same structure."""
    small, large = (
        checked("sum(x @ w)", {"x": X, "w": W}),
        checked("sum(x @ w)", {"x": X.repeat(50, 1), "w": W.repeat(50, 0)}),
    )
    assert "3 array rules proven, " in str(small)
    assert "2 array rules proven on smaller shapes" in str(large)
    subjects = [row.subject for row in large.rows if row.level == "array rule, smaller"]
    assert subjects[0] == "∂(x@y)/∂x on 2×3, 3×2 for 2×150, 150×2"


def test_a_network_is_checked_in_seconds() -> None:
    """Rules on smaller shapes, nodes and the whole gradient along directions: all of it, nothing left open."""
    at: dict[str, Any] = {
        "x": NUMBERS.normal(size=(100, 64)),
        "w": NUMBERS.normal(size=(64, 50)),
        "b": NUMBERS.normal(size=50),
    }
    at |= {"v": NUMBERS.normal(size=(50, 10)), "c": NUMBERS.normal(size=10), "t": NUMBERS.integers(0, 10, 100)}
    report = checked("h = relu(affine(x, w, b)); softmax_cross_entropy(affine(h, v, c), t)", at)
    assert report, str(report)
    assert not report.not_attempted
    assert "5 gradients along directions" in str(report)


def test_kinks_of_arrays_raise_no_alarm() -> None:
    """At a kink the entries away from it are checked, and the report says what is not."""
    report = checked("sum(relu(x)*y) + max(x)", {"x": [[0, 1], [-1, 1]], "y": [[1, 2], [3, 4]]})
    assert report, str(report)
    assert "kink" in str(report)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("sum(max(x, axis=1)**2)", (3, 4)),
        ("sum(min(x, axis=(0, 2))**2)", (2, 3, 4)),
        ("sum(max_pool(x, size=(2, 2))**2)", (1, 4, 6)),
        ("sum(max_pool(x, size=(3,), stride=2)*w)", (7,)),
    ],
)
def test_ties_along_axes_are_checked_on_both_sides(text: str, shape: tuple[int, ...]) -> None:
    """A tie among entries that are reduced to one is found in the operand, whatever the shapes of both are."""
    x = np.round(np.random.default_rng(5).uniform(1, 4, shape))
    at = {"x": x, "w": np.array([1.0, 2, 3])}
    graph = gg.parse(text)
    report = graph.backprop({name: at[name] for name in graph.inputs}).check()
    assert report.ok
    assert report.complete
    assert report.having("kink")


def test_axes_of_a_small_shape_may_become_equal() -> None:
    """Where the smallest shape with different axes is too large, one with equal axes is taken."""
    report = gg.parse("sum(x**3)").backprop({"x": np.random.default_rng(5).uniform(1, 2, (2, 2, 4, 4))}).check()
    assert report.complete
    assert {row.subject for row in report.rows if "2×2×2×2 for 2×2×4×4" in row.subject}


def test_a_rule_without_a_small_shape_is_not_attempted() -> None:
    """Where the parameters fix large shapes, the report says so; differences hold it all the same."""
    report = checked("sum(reshape(x, shape=(30, 40)))", {"x": np.ones((40, 30))})
    assert {row.level for row in report.not_attempted} == {"array rule", "array value rule"}
    assert {row.note for row in report.not_attempted} == {"no small shape has its structure"}
    assert report.having("ok")


@pytest.mark.parametrize(
    ("x", "y"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 2, 3), (3, 2)), ((2, 1, 3), (3,))]
)
def test_products_of_vectors_and_stacks_are_proven_too(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    """The rule that is used on numbers holds for every rank."""
    graph = gg.parse("x @ y")
    tape = lower(graph.data)
    shapes = shapes_of(graph.data, tape, {"x": x, "y": y})
    assert [row.status for row in array_rule_rows(tape, shapes)] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("text", "at"), [("norm(x)", {"x": [1e308, 1e308]}), ("sum(x)/y", {"x": [-1.0, 1.0], "y": 1e-320})]
)
def test_an_overflow_beside_the_node_is_named_in_words(text: str, at: dict[str, Any]) -> None:
    """Where the differences of a node are beyond float64, the row is about them, and says so without Python's words."""
    left = gg.parse(text).backprop(at).check().not_attempted
    assert ("direction", "a number on the way is beyond float64") in {(row.level, row.note) for row in left}
    assert not [row for row in left if "Infinity" in row.note]


@pytest.mark.parametrize(
    "matrix",
    [
        [[1, 2, 3], [2, 4, 6], [3, 6, 9]],
        [[3, 1, 2], [6, 2, 4], [9, 3, 6]],
        [[0.1, 0.3, 0.7], [0.2, 0.6, 1.4], [0.7, 2.1, 4.9]],
        [[1, 2, 3, 4], [2, 4, 6, 8], [1, 1, 1, 1], [2, 2, 2, 2]],
    ],
)
def test_a_determinant_whose_cofactors_are_all_0(matrix: list[list[float]]) -> None:
    """What rounding leaves of it is of the second order, and no disagreement."""
    report = gg.parse("det(A)").backprop({"A": matrix}).check()
    assert report, report.failures
