"""The four verdicts of a check: failed, not checked, partly checked, checked; wherever one is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from intervals import INTERVALS
from threads import refused

import graphgrad as gg
from graphgrad.check import check
from graphgrad.check.report import Row
from graphgrad.cli import main
from graphgrad.ext.block import read

if TYPE_CHECKING:
    from collections.abc import Callable


def checked(text: str, at: dict[str, Any], wrt: list[str] | None = None) -> gg.Report:
    """Return the report on both passes at a point."""
    return gg.parse(text).backprop(at, wrt).check()


def wrong() -> gg.Report:
    """Return the report on passes of which one derivative was changed."""
    result = gg.parse("x*y").backprop({"x": 3, "y": 5})
    result.grad["x"] = 5.5
    return result.check()


def too_large() -> gg.Report:
    """Return the check of a graph of more nodes than are checked one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphgrad.check.nodes.MAX_NODES", 100)
        return checked("+".join(f"x*{i}" for i in range(1_000)), {"x": 0.5}, [])


NOTHING: dict[str, Callable[[], gg.Report]] = {
    "the value overflows": lambda: checked("exp(x)", {"x": 800}),
    "every operation overflows": lambda: checked("cosh(x)*exp(y)", {"x": 800, "y": 900}),
    "an array overflows": lambda: checked("sum(exp(x))", {"x": [800, 900]}),
    "a kind that sympy lacks": lambda: check(
        replace(gg.parse("x*y").backprop({"x": 1, "y": 2}).passes, kind=INTERVALS)
    ),
    "a number alone": lambda: checked("7", {}),
    "an input alone": lambda: checked("x", {"x": 1}, []),
    "a check that is off": lambda: gg.parse("x").backprop({"x": 1}).check("off"),
}
PARTIAL: dict[str, Callable[[], gg.Report]] = {
    "a branch not taken": lambda: checked("where(x > 0, x, exp(y))*y", {"x": 2, "y": 900}),
    "a part that overflows": lambda: checked("exp(x)*y + x*y", {"x": 800, "y": 1}),
    "too many nodes": too_large,
    "a row outside the domain": lambda: gg.parse("log(x)").compile().check({"x": [-1.0, 2.0]}),
}
COMPLETE: dict[str, Callable[[], gg.Report]] = {
    "numbers": lambda: checked("x*sin(y)", {"x": 3, "y": 5}),
    "arrays": lambda: checked("sum(x*y)", {"x": [1, 2], "y": [3, 4]}),
    "a kink": lambda: checked("abs(x)*y", {"x": 0, "y": 2}),
    "an input that is the output": lambda: checked("x", {"x": 1}),
    "constants": lambda: checked("2 + sqrt(3)", {}),
    "columns": lambda: gg.parse("log(x)").compile().check({"x": [1.5, 2.0]}),
    "a gradient by hand": lambda: gg.check_grad(lambda x: x**3, lambda x: 3 * x**2, at={"x": 2}),
}
FAILED: dict[str, Callable[[], gg.Report]] = {
    "a number that was changed": wrong,
    "a gradient by hand": lambda: gg.check_grad(lambda x: x**3, lambda x: 3 * x, at={"x": 2}),
}


@pytest.mark.parametrize("report", NOTHING.values(), ids=NOTHING)
def test_where_no_number_was_held_the_verdict_is_neither(report: Callable[[], gg.Report]) -> None:
    """The report is neither ok nor wrong, nothing failed, and the first line says why."""
    made = report()
    assert (made.ok, made.complete, made.failures) == (None, False, ())
    assert str(made).startswith("not checked: ")


@pytest.mark.parametrize("report", PARTIAL.values(), ids=PARTIAL)
def test_a_partial_check_says_how_much_was_left_out(report: Callable[[], gg.Report]) -> None:
    """Nothing failed, and the first line counts what was not attempted."""
    made = report()
    assert (bool(made), made.ok, made.complete) == (True, True, False)
    assert made.summary.startswith("partly checked: ")
    assert "; not attempted: " in made.summary
    assert made.coverage.not_attempted == sum(row.stands_for for row in made.not_attempted) > 0


@pytest.mark.parametrize("report", COMPLETE.values(), ids=COMPLETE)
def test_a_complete_check_left_nothing_out(report: Callable[[], gg.Report]) -> None:
    """All is well and complete."""
    made = report()
    assert (bool(made), made.ok, made.complete, made.coverage.not_attempted) == (True, True, True, 0)
    assert made.summary.startswith("checked against sympy: ")
    assert made.coverage.held > 0


@pytest.mark.parametrize("report", FAILED.values(), ids=FAILED)
def test_a_failed_check_is_not_ok(report: Callable[[], gg.Report]) -> None:
    """One failed row is enough."""
    made = report()
    assert (bool(made), made.ok) == (False, False)
    assert made.summary.startswith("check FAILED: ")


def test_the_counts_are_those_of_the_rows() -> None:
    """A row for 999 nodes counts as 999, and proofs are not counted as numbers."""
    report = too_large()
    nodes = sum(row.level == "value" for row in report.having("ok"))
    [row] = report.not_attempted
    assert row.stands_for == int(row.subject.split()[0]) == report.coverage.not_attempted
    assert f"{nodes} values" in report.summary
    assert f"not attempted: {row.stands_for} nodes" in report.summary
    assert report.coverage.proven == sum(row.level == "rule" for row in report.rows)


def test_where_everything_takes_too_long_nothing_was_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time for anything, the verdict is neither."""
    monkeypatch.setattr("threading.Thread.start", refused)
    monkeypatch.setattr("graphgrad.check.levels.SECONDS", -1.0)
    report = checked("tan(x)*y", {"x": 1, "y": 2})
    assert (report.ok, report.complete) == (None, False)
    assert report.summary.startswith("not checked: ")


@pytest.mark.parametrize(
    ("argv", "ok", "complete", "status", "strict"),
    [
        (["x*y", "--at", "x=3,y=5"], True, True, 0, 0),
        (["exp(x)*y + x*y", "--at", "x=800,y=1"], True, False, 0, 1),
        (["exp(x)", "--at", "x=800"], None, False, 0, 1),
        (["7"], None, False, 0, 1),
        (["abs(x)", "--at", "x=0"], True, True, 0, 0),
    ],
)
def test_strict_fails_what_is_not_complete(  # noqa: PLR0913  one column of the table each
    argv: list[str], *, ok: bool | None, complete: bool, status: int, strict: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 0 where nothing failed; with `--check strict` only where nothing was left out."""
    assert main([*argv, "--json"]) == status
    answer = json.loads(capsys.readouterr().out)["check"]
    assert (answer["ok"], answer["complete"]) == (ok, complete)
    assert main([*argv, "--check", "strict"]) == strict
    assert answer["summary"] in " ".join(capsys.readouterr().out.split())


def test_json_without_a_check_is_neither(capsys: pytest.CaptureFixture[str]) -> None:
    """With the check off, it is neither ok nor complete."""
    assert main(["x", "--at", "x=1", "--check", "off", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["check"]
    assert (answer["ok"], answer["complete"], answer["summary"]) == (None, False, "not checked")


@pytest.mark.parametrize(("level", "is_fault"), [("full", False), ("strict", True), ("off", False)])
def test_documents_take_strict_as_the_command_does(level: str, is_fault: bool) -> None:
    """A block whose check is strict has a fault where its check is not complete."""
    answer = read("exp(x)*y + x*y", {"at": "x=800, y=1", "check": level}).answer()
    assert bool(answer.fault) == is_fault


def test_many_doubts_are_counted() -> None:
    """A few are written out, and the text says how many more there are."""
    report = checked(
        "(1e16 + x - 1e16)*(" + "+".join(f"a{i}" for i in range(9)) + ")", {f"a{i}": 1 for i in range(9)} | {"x": 1}
    )
    assert len(report.doubts) > 9
    assert str(report).count("digits are in doubt") == 6
    assert f"  {len(report.doubts) - 6} more numbers have digits in doubt" in str(report)


def test_a_changed_row_changes_the_verdict() -> None:
    """The verdict follows from the rows alone."""
    report = checked("x*y", {"x": 3, "y": 5})
    lost = [row._replace(status="not attempted", note="lost") if row.level != "rule" else row for row in report.rows]
    assert replace(report, rows=tuple(lost)).ok is None
    assert replace(report, rows=tuple(lost)).summary == "not checked: x*y: lost; 2 rules proven"
    assert replace(report, rows=(*report.rows, lost[-1])).complete is False


@pytest.mark.parametrize(
    ("text", "at", "ok", "cause"),
    [
        ("sqrt(x**2 + y**2)", {"x": 1e200, "y": 1e200}, False, "x**2 overflows"),
        ("x/(x*x + 1)*y", {"x": 1e200, "y": 1e250}, False, "x*x overflows"),
        ("x*x*y*z", {"x": 1e-200, "y": 1e300, "z": 1e300}, True, "x*x underflows"),
        ("exp(-x)*exp(y)*z", {"x": 800, "y": 700, "z": 2}, True, "exp(-x) underflows"),
    ],
)
def test_an_overflow_or_underflow_on_the_way_is_no_rounding(
    text: str, at: dict[str, float], *, ok: bool, cause: str
) -> None:
    """A derivative that is wrong because a number overflowed fails; one that an underflow took is said to be that."""
    report = checked(text, at)
    assert report.ok is ok, str(report)
    assert cause in str(report)
    assert "float64 rounding alone" not in str(report)


@pytest.mark.parametrize(
    ("level", "referee"),
    [
        ("value", "the witness"),
        ("local", "sympy"),
        ("whole", "sympy"),
        ("whole value", "more digits give"),
        ("direction", "the difference"),
        ("whole direction", "the difference"),
        ("compiled", "the interpreter"),
    ],
)
def test_a_row_names_what_its_number_is_held_against(level: str, referee: str) -> None:
    """The text of a row says who gave the other number: sympy, the operation's witness, a difference and so on."""
    row = Row(level, "x", "failed", 3.0, Fraction(2))
    assert f"x = 3, {referee} 2," in str(row)
    assert "x = 3, the graph 2," in str(row._replace(referee="the graph"))


def test_a_number_that_is_infinite_is_not_called_exact() -> None:
    """Beside the referee's finite number, an infinite one has no distance in the text."""
    failed = gg.parse("log(x*y)").backprop({"x": 1e200, "y": 1e200}).check().failures[0]
    assert "value = inf, more digits give 921.034: x*y overflows" in str(failed)


@pytest.mark.parametrize(("text", "x"), [("tanh(x)", 1000), ("tanh(x)*x", 1500), ("sum(tanh(x))", [1000, 2])])
def test_a_number_too_small_for_sympy_is_no_failure(text: str, x: Any) -> None:
    """With 20 digits the derivative is 1e-868; sympy's formula, 1 - tanh(x)**2, is 0 in its digits."""
    report = gg.parse(text).backprop({"x": x}, precision=20).check()
    assert report.failures == ()
    assert any("cannot be told from 0" in row.note for row in report.not_attempted)
