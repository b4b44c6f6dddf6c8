"""The check of arrays of any size: no false alarm by small, large, equal or cancelling entries, and no fault missed."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from planting import plant
from programs import EACH

import graphgrad as gg
from graphgrad.backprop import shapes_of
from graphgrad.check.array_gradients import array_whole_rows
from graphgrad.check.array_nodes import array_rows
from graphgrad.namespaces import shape_of
from graphgrad.ops import OPS, ArrayOp, nothing
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.check.report import Row

FIXED = {"cross_entropy": "pt", "softmax_cross_entropy": "t", "one_hot": "t", "one_hot_back": "t"}
"""The operands that hold probabilities or classes, whose sizes are not changed."""

ELIMINATED = ("cofactors", "inv", "logdet")
"""Operations of a matrix whose rounding is bounded by its largest entries, beside which those of all sizes are lost."""

SIZES: dict[str, Callable[[np.random.Generator, Any], Any]] = {
    "tiny": lambda _, x: x * 1e-25,
    "huge": lambda _, x: x * 1e25,
    "of all sizes": lambda random, x: x * 10.0 ** random.uniform(-25, 25, x.shape),
    "some 0": lambda random, x: np.where(random.random(x.shape) < 0.5, 0.0, x),
    "integers": lambda _, x: np.round(x),
    "equal": lambda _, x: np.full(x.shape, 0.1),
    "far apart": lambda random, x: x * 10.0 ** random.uniform(0, 3, x.shape),
    "cancelling": lambda random, x: np.round(x * 3) * random.choice([1e16, 1.0, 1e-16], x.shape),
}


def scaled(name: str, sizes: str) -> dict[str, Any]:
    """Return the point of a program with entries of other sizes."""
    random = np.random.default_rng(zlib.crc32(f"{name} {sizes}".encode()))
    fixed = FIXED.get(name, "")
    return {n: x if n in fixed else SIZES[sizes](random, np.array(x, float)) for n, x in EACH[name][1].items()}


def run(text: str, at: dict[str, Any]) -> gg.Backprop[Any] | None:
    """Return both passes, with a seed where the output is an array; None where a number is beyond float64."""
    graph = gg.parse(text)
    shape = shapes_of(graph.data, lower(graph.data), {n: shape_of(np.asarray(x)) for n, x in at.items()})[-1]
    try:
        return graph.backprop(at, seed=np.random.default_rng(3).uniform(0.5, 2, shape) if shape else None)
    except gg.DomainError:
        return None


def numeric_rows(result: gg.Backprop[Any]) -> list[Row]:
    """Return the rows that hold numbers, without those of the rules."""
    rows = array_rows(result.passes)
    return rows + array_whole_rows(result.passes, result.grad, rows)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", EACH)
def test_no_size_of_entries_raises_an_alarm(name: str, sizes: str) -> None:
    """What lies within the bound of its rounding is rounding."""
    result = run(EACH[name][0], scaled(name, sizes))
    if result is not None:
        assert [str(row) for row in numeric_rows(result) if row.status == "failed"] == []


def at_largest(r: Any, x: Any) -> Any:
    """Return factors that change the largest entry by a millionth."""
    r = np.broadcast_to(r, np.shape(x))
    return np.where(np.abs(r) == np.abs(r).max(initial=0.0), 1 + 1e-6, 1.0)


FAULTS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a factor": lambda _m, r, _x: r * (1 + 1e-6),
    "a sign": lambda _m, r, _x: -r,
    "a missing term": lambda m, _r, x: m.broadcast_like(0, x),
    "one entry": lambda _m, r, x: r * at_largest(r, x) if isinstance(r, np.ndarray) else r,
}


@pytest.mark.parametrize("sizes", ["of all sizes", "some 0", "far apart"])
@pytest.mark.parametrize("name", [name for name in EACH if OPS[name].rule(0) is not nothing])
def test_a_fault_of_a_millionth_is_caught_at_any_size(name: str, sizes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the node and in the whole: a factor of 1 + 1e-6, of one entry or all, a wrong sign, a term left out."""
    op = OPS[name]
    assert isinstance(op, ArrayOp)
    if name in ELIMINATED and sizes == "of all sizes":
        pytest.skip("a millionth of the small entries is below the rounding of the large ones")
    right, at = op.vjp[0], scaled(name, sizes)
    first = next(iter(at))
    gradient = run(EACH[name][0], at)
    if gradient is None or not np.any(gradient.grad[first]):
        pytest.skip("the adjoint is 0, whatever its factor is")
    for fault in FAULTS.values():

        def wrong(m: Any, g: Any, z: Any, *rest: Any, fault: Any = fault, **params: Any) -> Any:
            return fault(m, right(m, g, z, *rest, **params), rest[1 + rest[0]] if op.variadic else rest[0])

        plant(monkeypatch, replace(op, vjp=(wrong, *op.vjp[1:]), stable_d=None))
        result = run(EACH[name][0], at)
        assert result is not None
        found = {row.level for row in numeric_rows(result) if row.status == "failed"}
        if fault is not FAULTS["one entry"] or np.any(result.grad[first] != gradient.grad[first]):
            assert found >= ({"direction"} if result.passes.kinks else {"direction", "whole direction"})


FALSE_ALARMS: list[tuple[str, dict[str, Any]]] = [
    ("sum(softmax(x))", {"x": [1, 2, 3]}),
    ("mean_squared_error(x, y)", {"x": [1, 2], "y": [1, 2]}),
    ("mean((a*x + b - y)**2)", {"a": 2, "b": 1, "x": [1, 2, 3], "y": [3, 5, 7]}),
    ("sum(x - mean(x))", {"x": [0.1, 0.2, 0.7]}),
    ("softmax_cross_entropy(x, t)", {"x": [0, 0], "t": [0.5, 0.5]}),
    ("sum(log_softmax(x)) + 3*logsumexp(x)", {"x": [0.1, 0.2, 0.4]}),
    ("sum(1/x)", {"x": [1.6e-19]}),
    ("norm(x)", {"x": [1e-25, 1e-25]}),
    ("sum(log(x))", {"x": [1.38e-23, 1e200]}),
    ("sum(x*1e-200*x)", {"x": [1e200, 1e-200]}),
    ("sum(tanh(x))", {"x": [1e-20, 3, 1e21]}),
    ("sum(sigmoid(x))", {"x": [1000, -1000]}),
    ("mean(x)", {"x": [0.1, 0.2, -0.3]}),
    ("softmax_cross_entropy(x, t)", {"x": [40, 0], "t": [1, 0]}),
    ("cross_entropy(softmax(x), t)", {"x": [40, 0], "t": [1, 0]}),
    ("sum(exp(x - 1e16 + 1e16))", {"x": [1, 2]}),
    ("sum(sqrt(x + 1) - sqrt(x))", {"x": [1e14, 1e15]}),
]


@pytest.mark.parametrize(("text", "at"), FALSE_ALARMS)
def test_right_numbers_are_not_called_wrong(text: str, at: dict[str, Any]) -> None:
    """Gradients that are 0, small and large quantities, underflow and cancellation: all held, nothing left open."""
    report = gg.parse(text).backprop(at).check()
    assert not report.failures, str(report)
    assert not report.not_attempted, str(report)


def test_a_sum_that_loses_its_digits_is_said_to() -> None:
    """0 where 1 is right is rounding, and of the 16 digits of a float none is left."""
    report = gg.parse("sum(x)").backprop({"x": [1e16, 1, -1e16]}).check()
    [row] = [row for row in report.rows if row.level == "whole value"]
    assert (row.status, row.ours, row.theirs) == ("rounding", 0, 1)
    assert "all 16 digits" in row.note


def test_the_value_of_the_whole_is_held() -> None:
    """A value that is off by a millionth fails, although the values of all nodes fit to their operands."""
    result = gg.parse("sum(x*x)").backprop({"x": [1.0, 2]})
    result.passes.inputs["x"][0] += 1e-6
    rows = array_whole_rows(result.passes, {}, [])
    assert [(row.level, row.status) for row in rows] == [("whole value", "failed")]


@pytest.mark.parametrize(("text", "kinks"), [("sum(relu(x))", 1), ("sum(abs(x))", 1), ("max(x) + min(x)", 2)])
def test_at_a_kink_the_other_entries_are_held(text: str, kinks: int) -> None:
    """The entries at a kink are between the slopes to both sides; all others are compared along a direction."""
    report = gg.parse(text).backprop({"x": [0, 1, 2, 2]}).check()
    assert report, str(report)
    rows = [row for row in report.rows if row.level == "whole direction"]
    assert len([row for row in rows if row.status == "kink"]) == kinks
    assert ("∂/∂x along a direction", "ok") in [(row.subject, row.status) for row in rows]


def test_a_derivative_outside_the_slopes_of_a_kink_fails() -> None:
    """At 0 the slopes of abs are -1 and 1."""
    result = gg.parse("sum(abs(x))").backprop({"x": [0.0, 1]})
    result.grad["x"][0] = 1.5
    assert "∂/∂x[0]" in {row.subject for row in result.check().failures}
