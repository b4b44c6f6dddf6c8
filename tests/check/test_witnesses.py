"""What holds a rule: the row's witness of the value, and probes on every branch of the rules."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from planting import plant
from programs import EACH

import graphgrad as gg
from graphgrad.backprop import shapes_of
from graphgrad.check import array_rule_rows, rule_rows, value_rule_rows
from graphgrad.check.probes import probes
from graphgrad.namespaces import shape_of
from graphgrad.ops import NUMERIC, OPS, ArrayOp, Op, nothing
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.check import Report


def checked(monkeypatch: pytest.MonkeyPatch, op: Op, text: str, level: Any = "full", /, **at: Any) -> Report:
    """Return the report on a program whose table has this row."""
    plant(monkeypatch, op)
    return gg.parse(text).backprop(at).check(level)


def failed(report: Report) -> set[str]:
    """Return the levels on which a check fails."""
    return {row.level for row in report.failures}


# ---- witnesses


def test_every_row_names_a_witness() -> None:
    """No value of the table is held against nothing."""
    assert [name for name, op in OPS.items() if op.witness is None] == []


@pytest.mark.parametrize(
    ("name", "f", "d"),
    [
        ("csc", lambda m, x: 1 / m.cos(x), lambda m, z, x: z * m.tan(x)),
        ("sinh", lambda m, x: m.cosh(x), lambda m, z, x: m.sinh(x)),
        ("erf", lambda m, x: m.erfc(x), lambda m, z, x: -2 / m.sqrt(m.pi) * m.exp(-(x**2))),
        ("log2", lambda m, x: m.log(x), lambda m, z, x: 1 / x),
        ("gelu", lambda m, x: x * m.sigmoid(1.702 * x), None),
    ],
)
def test_another_function_with_its_own_derivative_is_caught(
    name: str, f: Any, d: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row whose value and derivative fit each other, but not its name, fails as a rule and at the node."""
    wrong = replace(OPS[name], f=f, d=(d,) if d else OPS[name].d, stable_f=None, stable_d=None)
    report = checked(monkeypatch, wrong, f"{name}(x)", x=0.7)
    assert failed(report) >= {"value rule", "value"}


@pytest.mark.parametrize("kind", [{}, {"exact": True}])
def test_a_wrong_value_is_caught_among_fractions_too(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact numbers are held against the witness as well."""
    wrong = replace(OPS["mul"], f=lambda m, x, y: x * y + y, d=(lambda m, z, x, y: y, lambda m, z, x, y: x + 1))
    plant(monkeypatch, wrong)
    report = gg.parse("x*y").backprop({"x": 2, "y": 3}, **kind).check()
    assert failed(report) >= {"value rule", "value"}


@pytest.mark.parametrize("name", EACH)
def test_a_wrong_value_of_arrays_is_caught_at_the_node(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entries of a small array are held against the witness, whatever its rule says in higher precision."""
    op, (text, at) = OPS[name], EACH[name]
    assert isinstance(op, ArrayOp)
    data = gg.parse(text).data
    shape = shapes_of(data, lower(data), {n: shape_of(np.asarray(x)) for n, x in at.items()})[-1]
    wrong = replace(op, f=lambda m, *xs, **params: op.f(m, *xs, **params) + 1e-6, stable_f=None)
    if op.kink:  # no entry is the largest any more, and the adjoint is divided among none
        wrong = replace(op, f=wrong.f, vjp=(nothing,))
    plant(monkeypatch, wrong)
    report = gg.parse(text).backprop(at, seed=np.ones(shape) if shape else None).check("local")
    assert failed(report) >= {"array value rule", "value"}


def test_an_operation_without_a_witness_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row may go without: nothing fails, and the report says what that means."""
    report = checked(monkeypatch, replace(OPS["gelu"], witness=None), "gelu(x)", x=3)
    assert report
    [row] = report.not_attempted
    assert (row.level, row.subject) == ("value rule", "gelu(x)")
    assert "not held against anything" in str(report)


@pytest.mark.parametrize(
    ("witness", "holds"),
    [
        (lambda mp, x: 1 - mp.erf(x), True),
        (lambda mp, x: 1 + mp.erf(x), False),
        ("sin", False),
        ("no_such_function", None),
        (lambda mp, x: None, None),
    ],
)
def test_the_witness_decides(witness: Any, holds: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a name of mpmath or a function; one that gives no number holds nothing, and the report says so."""
    report = checked(monkeypatch, replace(OPS["erfc"], witness=witness), "erfc(x)", "local", x=0.5)
    status = {row.status for row in report.rows if row.level == "value rule"}
    assert status == {{True: "ok", False: "failed", None: "not attempted"}[holds]}


def test_an_operation_on_arrays_without_a_witness_is_said_to_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a row on arrays."""
    report = checked(monkeypatch, replace(OPS["mean"], witness=None), "mean(x)", x=[1, 2, 3])
    assert report
    assert [row.level for row in report.not_attempted] == ["array value rule"]


# ---- branches


def _where(holds: Callable[..., Any]) -> Any:
    return lambda m, z, x: m.where(holds(m, x), 2 * m.cos(x), m.cos(x))


@pytest.mark.parametrize(
    "holds",
    [
        lambda m, x: m.gt(x, 100),
        lambda m, x: m.lt(x, -100),
        lambda m, x: m.gt(x, 54_321),
        lambda m, x: m.gt(m.abs(x), 100),
        lambda m, x: m.gt(x * x, 12_345),
        lambda m, x: m.where(m.gt(x, 17.5), m.lt(x, 17.75), 0),
        lambda m, x: m.lt(m.max(x, -250), -240),
        lambda m, x: m.eq(x, 7.3),
        lambda m, x: m.lt(m.abs(x - 33), 0.01),
        lambda m, x: m.ge(m.floor(x), 4_000),
        lambda m, x: m.where(m.lt(x, 1e-3), m.gt(x, 0), 0),
        lambda m, x: m.lt(m.exp(x), 1e-40),
        lambda m, x: m.relu(x - 2_000),
    ],
)
def test_a_rule_that_is_wrong_on_one_branch_only_is_caught(
    holds: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far out, narrow or hidden in a computation its condition is: probes follow from the condition."""
    report = checked(monkeypatch, replace(OPS["sin"], d=(_where(holds),)), "sin(x)", "local", x=0.7)
    assert failed(report) == {"rule at points"}


@pytest.mark.parametrize("position", [1, 2])
@pytest.mark.parametrize("far", [0, 100])
def test_both_rules_of_a_choice_are_probed_on_both_sides(
    position: int, far: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A factor of 2 where the condition is true, or where it is false, fails, also beyond 100 only."""
    right = OPS["where"].d[position]
    assert right is not None

    def wrong(m: Any, z: Any, c: Any, x: Any, y: Any) -> Any:
        d = right(m, z, c, x, y)
        return m.where(m.gt((x, y)[position - 1], far), 2 * d, d) if far else 2 * d

    op = replace(OPS["where"], d=(*OPS["where"].d[:position], wrong, *OPS["where"].d[position + 1 :]))
    report = checked(monkeypatch, op, "where(x > y, x, y)", "local", x=2, y=1)
    assert "rule at points" in failed(report)


@pytest.mark.parametrize("end", [1 - 1e-5, -1 + 1e-5])
def test_a_rule_that_is_wrong_near_an_end_of_its_domain_is_caught(end: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any condition to read, the ends of the domain are probed."""
    right = OPS["asin"].d[0]
    assert right is not None
    hidden = replace(
        OPS["asin"],
        d=(lambda m, z, x: right(m, z, x) * (2 if abs(float(x)) > abs(end) else 1),),
        stable_d=None,
    )
    assert "rule at points" in failed(checked(monkeypatch, hidden, "asin(x)", "local", x=0.5))


@pytest.mark.parametrize(("low", "high"), [(100, 1e4), (-1e4, -100), (0, 1e-5), (1e5, 1e7)])
def test_a_rule_that_is_wrong_at_some_magnitude_is_caught(
    low: float, high: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any condition to read, large and small numbers of both signs are probed."""
    hidden = replace(OPS["sin"], d=(lambda m, z, x: m.cos(x) * (2 if low < float(x) < high else 1),))
    assert "rule at points" in failed(checked(monkeypatch, hidden, "sin(x)", "local", x=0.5))


def test_wrong_shares_of_a_tie_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a kink the number taken lies between the one-sided derivatives, which are taken at a tie, too."""
    op = replace(OPS["max"], d=(lambda m, z, x, *xs: m.where(m.eq(x, z), 3 - sum(m.eq(t, z) for t in xs), 0) - 1,))
    assert "rule at points" in failed(checked(monkeypatch, op, "max(x, y)", "local", x=2, y=1))


def test_the_number_of_points_is_the_true_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row counts the points at which there is something to compare: no others, and none twice."""
    seen: set[Any] = set()

    def witness(_mp: Any, x: Any) -> Any:
        seen.add(x)
        return -x if x > 0 else None

    op = replace(OPS["neg"], witness=witness)
    report = checked(monkeypatch, op, "-x", "local", x=3)
    [row] = [row for row in report.rows if row.level == "value rule"]
    assert row.points == len({x for [x] in probes(op, 1) if x > 0 and float(x) in map(float, seen)}) > 0
    [held] = [row for row in report.rows if row.level.startswith("rule")]
    assert held.points in {0, row.points}


def test_the_report_names_the_fewest_and_the_most_points() -> None:
    """Rules held at different numbers of points are counted together, with both numbers."""
    report = gg.parse("max(x, y)*floor(x)").backprop({"x": 1.5, "y": 0.5}).check()
    points = [row.points for row in report.rows if row.level == "rule at points"]
    assert f"2 rules held at {min(points)} to {max(points)} points" in str(report)


# ---- nonsense


def _raises(*_args: Any, **_params: Any) -> Any:
    raise RecursionError


NONSENSE: dict[str, Any] = {
    "raises": _raises,
    "None": lambda m, *xs: None,
    "text": lambda m, *xs: "1",
    "nan": lambda m, *xs: float("nan"),
    "infinite": lambda m, *xs: float("inf"),
    "another number": lambda m, *xs: sum(xs) + 1,
    "far away": lambda m, *xs: m.where(m.gt(xs[0], 100), 0, xs[0]),
}


@pytest.mark.parametrize("name", [name for name, op in NUMERIC.items() if op.arity])
@pytest.mark.parametrize("wrong", NONSENSE)
def test_a_rule_of_nonsense_is_a_failed_row(name: str, wrong: str) -> None:
    """Whatever a value rule gives or raises, the check of the rules ends with a row that says failed."""
    op = OPS[name]
    tape = lower(gg.parse("exp(x)").data)
    step = tape.steps[0]._replace(op=replace(op, f=NONSENSE[wrong], stable_f=None), operands=tuple(range(op.arity)))
    tape = replace(tape, steps=(step,))
    [row] = value_rule_rows(tape)
    assert (row.level, row.status) == ("value rule", "failed")
    assert {row.status for row in rule_rows(tape)} <= {"ok", "failed", "not attempted"}


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("wrong", [1.001, -1.0, 0.0])
def test_a_wrong_maximum_ends_in_a_report(name: str, wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no operand is the value, the share of a tie is 1/0: a fault of the row, not of the check."""
    right = OPS[name].f
    op = replace(OPS[name], f=lambda m, *xs: m.where(m.gt(xs[0], 50), wrong * right(m, *xs), right(m, *xs)))
    assert failed(checked(monkeypatch, op, f"{name}(x, y)*x", x=1, y=2)) >= {"value rule"}


@pytest.mark.parametrize("wrong", [_raises, lambda m, g, z, x, y: None, lambda m, g, z, x, y: g, nothing])
def test_a_nonsensical_rule_on_arrays_is_a_failed_row(wrong: Any) -> None:
    """A rule that raises, gives nothing, or has another shape, fails as a rule."""
    op = OPS["matmul"]
    assert isinstance(op, ArrayOp)
    tape = lower(gg.parse("x @ y").data)
    step = tape.steps[0]._replace(op=replace(op, vjp=(wrong, op.vjp[1]), stable_d=None))
    rows = [*array_rule_rows(replace(tape, steps=(step,)), ((2, 3), (3, 2), (2, 2)))]
    assert [row.status for row in rows] == (["failed", "ok"] if wrong is not nothing else ["ok"])


def test_class_indices_have_a_witness_too() -> None:
    """A loss on class indices is held against its witness, which reads them as rows of 0 and 1."""
    report = (
        gg.parse("softmax_cross_entropy(x, t)").backprop({"x": [[1.0, 2, 0.5], [0, 1, 2]], "t": [2, 0]}, ["x"]).check()
    )
    assert report, str(report)
    assert [row.status for row in report.rows if row.level == "array value rule"] == ["ok"]


def test_exact_numbers_stay_exact() -> None:
    """The witness in mpmath's digits does not stand in the way of a fraction that sympy has exactly."""
    report = gg.parse("x/3 + y**2").backprop({"x": Fraction(1, 7), "y": Fraction(2, 3)}, exact=True).check()
    assert str(report).endswith("all exact")
