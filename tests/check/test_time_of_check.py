"""How long a check may take: one watcher for all of it, and the same verdicts where nothing can watch."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from terminal import Terminal
from threads import refused, starts_of_threads

import graphgrad as gg
from graphgrad.base import shown_on
from graphgrad.check import WholeExpression
from graphgrad.check.gradients import _WholeCheck
from graphgrad.namespaces import Sympy
from graphgrad.ops import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops import Op

BILL = {"apple": 100.0, "n": 2.0, "orange": 150.0, "m": 3.0, "tax": 1.1}

VERDICTS = """
import json, sys, threading
import graphgrad as gg
from graphgrad.check import rule_rows
from graphgrad.ops import NUMERIC
from graphgrad.tape import lower
from table import called
from threads import refused

if sys.argv[1] == "threadless":
    threading.Thread.start = refused
points = json.load(sys.stdin)
reports = [str(gg.parse(text).backprop(at).check()) for text, at in points.items()]
reports += [str(row) for op in NUMERIC.values() for row in rule_rows(lower(gg.parse(called(op)).data))]
print(json.dumps(reports))
"""

ORDINARY: dict[str, dict[str, Any]] = {
    "(apple*n + orange*m)*tax": BILL,
    "x**y*log(x) + abs(x - y)": {"x": 2, "y": 2},
    "relu(x - 1) + max(x, y, 3)*where(x > y, x, y)": {"x": 2, "y": 0.5},
    "gamma(x)*erf(y)/sigmoid(x*y)": {"x": 2.5, "y": 0.3},
    "+".join(f"{i}*sin(x{i})" for i in range(20)): {f"x{i}": i / 7 for i in range(20)},
    "softmax_cross_entropy(affine(x, W, b), t)": {
        "x": [[1, 2, 0.5]],
        "W": [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]],
        "b": [0.1, 0.2],
        "t": [[0, 1]],
    },
}


def test_the_check_starts_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """One watcher is enough for all rules, nodes and gradients."""
    result = gg.parse("(apple*n + orange*m)*tax").backprop(BILL)
    started = starts_of_threads(monkeypatch)
    assert result.check()
    assert len(started) <= 1


def test_without_threads_the_verdicts_are_the_same() -> None:
    """Where no thread can be started, ordinary graphs and all rules of the table are checked as ever."""
    with_threads, without = (_verdicts(mode) for mode in ("threads", "threadless"))
    assert without == with_threads
    assert len(without) > len(NUMERIC)


def _verdicts(mode: str) -> list[str]:
    """Return what a fresh interpreter, which has no verdict in its cache, says."""
    command = [sys.executable, "-c", VERDICTS, mode]
    paths = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    run = subprocess.run(command, input=json.dumps(ORDINARY), capture_output=True, text=True, env=paths, check=False)
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


NESTED = {
    "relu": lambda y: f"relu({y}*z - x) + z",
    "max": lambda y: f"max({y}, x - z) + z",
    "abs": lambda y: f"abs({y}*z - x) - z",
    "where": lambda y: f"where({y} > x, {y}*z, z*x)",
    "sin": lambda y: f"sin({y}*z)",
    "div": lambda y: f"x/({y} + z)",
}  # each takes sympy minutes where it is nested some dozens deep


@pytest.mark.parametrize("name", NESTED)
def test_without_threads_what_is_too_large_for_one_formula_is_chained(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can stop sympy, the gradient of what nests too deep is held against its operations, chained."""
    monkeypatch.setattr("threading.Thread.start", refused)
    steps = "; ".join(["y0 = x + z", *(f"y{i + 1} = {NESTED[name](f'y{i}')}" for i in range(30))])
    report = gg.parse(steps).backprop({"x": 1.5, "z": 1.25}).check()
    assert report
    assert not report.not_attempted
    assert len([row for row in report.rows if row.level == "whole"]) == 2


def endless(*_: object) -> None:
    """Stand for a witness that never comes to an end."""
    while True:
        pass


def test_what_is_left_of_all_gradients_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the time of the check is over, what is done counts, and the rest is told by number."""
    monkeypatch.setattr("graphgrad.check.levels.SECONDS", 1.0)
    row = _WholeCheck.row
    monkeypatch.setattr(
        _WholeCheck, "row", lambda self, name, *more: (endless if name == "m" else row)(self, name, *more)
    )
    report = gg.parse("(apple*n + orange*m)*tax").backprop(BILL).check()
    [left] = report.not_attempted
    assert (left.level, left.subject) == ("whole", "2 gradients")
    assert left.note == "the check took more than its share of 1 s"
    assert len([row for row in report.having("ok") if row.level == "whole"]) == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda result: [result.check(), *map(result.explain, result.grad)],
        lambda result: [*map(result.explain, result.grad), result.check()],
    ],
)
def test_the_whole_expression_is_built_once(ask: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The check and the explanations of all inputs ask sympy for one expression, operation by operation once."""
    asked = operations_asked(monkeypatch)
    result = gg.parse("(apple*n + orange*m)*tax").backprop(BILL)
    ask(result)
    assert len(asked) == len(result.passes.tape.steps)


def test_all_rows_of_a_compiled_function_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The expression of a graph is the same in every row that is checked."""
    f = gg.parse("x*y + tanh(x)").compile()
    f.check({"x": [0.5], "y": [2.0]})
    asked = operations_asked(monkeypatch)
    assert f.check({"x": [1.0, 2.0, 3.0], "y": [2.0, 3.0, 4.0]})
    assert len(asked) == 3


def operations_asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets each operation read in sympy's namespace, from now on, for a whole expression."""
    asked: list[str] = []

    class Counted(Sympy):
        def value(self, op: Op, operands: Sequence[Any]) -> Any:
            asked.append(op.name)
            return super().value(op, operands)

    monkeypatch.setattr("graphgrad.check.whole_expression.Sympy", Counted)
    return asked


def test_the_point_of_a_whole_expression_is_in_its_order() -> None:
    """Inputs stand in the order of the expression's names, whatever that of the values."""
    whole = WholeExpression.of(gg.parse("x - y").backprop({"y": 1, "x": 2}).passes)
    _, witness = whole.witness
    position, point = whole.place({"y": 0.25, "x": 3.0}, "y")
    assert witness is not None
    assert float(witness.value(point) or 0) == 2.75
    assert float(witness.partial(position, point) or 0) == -1


def interrupting(*_: object) -> None:
    """Stand for somebody who presses Ctrl-C."""
    raise KeyboardInterrupt


def test_an_interrupt_passes_through_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is interrupted in a check is interrupted."""
    monkeypatch.setattr(_WholeCheck, "row", interrupting)
    with pytest.raises(KeyboardInterrupt):
        gg.parse("x*y").backprop({"x": 3, "y": 5}).check()


@pytest.mark.parametrize(
    ("place", "left", "kept"),
    [
        (
            "graphgrad.check.gradients._WholeCheck.row",
            {"2 gradients"},
            {"value rule", "rule", "value", "local", "whole value"},
        ),
        ("graphgrad.check.nodes._node_rows", {"1 further node", "value and gradient"}, {"value rule", "rule"}),
    ],
)
def test_on_a_terminal_an_interrupt_leaves_what_was_found(
    place: str, left: set[str], kept: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody is shown what the check is at, Ctrl-C ends it, and the report says what is missing."""
    monkeypatch.setattr(place, interrupting)
    with shown_on(Terminal()):
        report = gg.parse("x*y").backprop({"x": 3, "y": 5}).check()
    assert {row.subject for row in report.not_attempted} == left
    assert {row.note for row in report.not_attempted} == {"the check was interrupted"}
    assert {row.level for row in report.having("ok")} == kept


FAR: dict[str, dict[str, float]] = {
    "lgamma(x)": {"x": -1e15 - 0.5},
    "lgamma(x) + 0*y": {"x": 20000.5, "y": 1},
    "digamma(x)": {"x": -1e7 - 0.5},
    "polygamma(1000000, x)": {"x": 0.5},
    "gamma(x)*y": {"x": -1e5 - 0.5, "y": 2},
    "x**y": {"x": 1e300, "y": 1e300},
    "sin(x**y)": {"x": 10, "y": 300},
    "exp(exp(x))": {"x": 6},
}  # each took sympy, or mpmath, from half a minute to for ever


@pytest.mark.parametrize("kind", [{}, {"precision": 50}], ids=["floats", "50 digits"])
@pytest.mark.parametrize("text", FAR)
def test_far_points_are_answered(text: str, kind: dict[str, Any]) -> None:
    """No call into sympy or mpmath is without an end, whatever a stranger asks for."""
    result = gg.parse(text).backprop(FAR[text], **kind)
    assert not result.check().failures
    for name in result.grad:
        result.explain(name)
