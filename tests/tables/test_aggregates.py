"""Formulas of sums, means and extremes over the rows of a table: their values and gradients by constants."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import graphgrad as gg
from graphgrad.tables.bound import bound
from graphgrad.tables.options import TableOptions, task_of
from graphgrad.tables.reporting import report_of
from graphgrad.tables.tally import Tally

RANDOM = np.random.default_rng(0)
A, B = RANDOM.normal(3, 1, 500), RANDOM.uniform(1, 2, 500)
TABLE = pa.table({"a": A, "b": B, "k": np.arange(500) % 7})
CONSTANTS = {"tax": 1.08, "mu": 2.5}


def over(text: str, table: pa.Table = TABLE, size: int = 64, **options: Any) -> gg.TableReport:
    """Return the report on a formula over a table that is read so many rows at a time."""
    graph = gg.parse(text)
    at = {name: value for name, value in CONSTANTS.items() if name in graph.inputs and name not in graph.defaults}
    task = task_of(graph.data, TableOptions(**({"at": at} | options)))
    function, tally = bound(task, table.schema), Tally()
    for batch in table.to_batches(max_chunksize=size):
        tally += function(batch.select(function.needed), tally.rows)[1]
    return report_of(task, Tally.from_dict(tally.as_dict()))


FORMULAS = [
    "sum(a*b*tax)",
    "sum(a*b)/sum(b)*tax",
    "sqrt(mean((a - mu)**2))",
    "mean(a*tax**2)*tax",
    "max(a*tax) - min(b/tax)",
    "max(k*tax)",
    "s = sum(a*tax); n = mean(b); s*s/n + tax",
    "log(sum(exp(a - mu))) + mu",
    "sum(tax*a) + sum(a*tax)",
    "sum(where(a > mu, a*tax, 0))",
    "sum(k)",
    "tax = 2; sum(a)*tax",
]


@pytest.mark.parametrize("size", [1, 7, 500])
@pytest.mark.parametrize("text", FORMULAS)
def test_value_and_gradient_are_those_of_arrays(text: str, size: int) -> None:
    """Row by row in one pass as on whole arrays, however the rows are cut; and sympy agrees."""
    graph = gg.parse(text)
    columns = {name: TABLE[name].to_numpy() for name in ("a", "b", "k") if name in graph.inputs}
    constants = [name for name in graph.inputs if name not in columns]
    at = columns | {name: CONSTANTS[name] for name in constants if name not in graph.defaults}
    expected = graph.backprop(at, constants)
    report = over(text, size=size)
    assert report.value == pytest.approx(expected.value, rel=1e-12)
    assert report.grad == pytest.approx(expected.grad, rel=1e-12)
    assert report
    assert report.checked


def test_batches_change_no_digit_that_rounding_leaves() -> None:
    """Sums of many batches keep what their own rounding loses."""
    values = {over("sum(a*b*tax)", size=size).value for size in (1, 2, 3, 50, 128, 500)}
    exact = math.fsum(A * B * 1.08)
    assert max(abs((value or 0) - exact) for value in values) <= 4 * math.ulp(exact)


def test_each_aggregate_is_checked_in_as_many_rows() -> None:
    """A bare column has nothing to check, and makes the check no less complete."""
    report = over("sum(a*b)*mean(a)/sum(b*tax)", check=5)
    assert (report.checked, report.check.complete) == (5, True)
    compiled = [row for row in report.check.rows if row.level == "compiled"]
    assert len(compiled) == 5 * len(["a*b", "b*tax", "∂/∂tax"])


def test_a_row_with_a_null_is_left_out_of_all_sums() -> None:
    """A weighted mean would be wrong if its weights were of more rows than its values."""
    table = pa.table({"a": [1.0, None, 3.0], "b": [1.0, 100.0, 1.0]})
    report = over("sum(a*b)/sum(b)", table)
    assert (report.value, report.without, report.nulls) == (2, 1, {"a": 1})


def test_a_condition_leaves_rows_out_of_the_sums() -> None:
    """As where does for rows."""
    assert over("sum(k)", where="k > 5").value == sum(k for k in range(7) if k > 5) * (500 // 7)


def test_rows_that_are_not_finite_are_named() -> None:
    """The value is nan then."""
    report = over("sum(log(a))", pa.table({"a": [1.0, 0.0, -1.0]}))
    assert math.isnan(report.value or 0)
    assert (report.not_finite, [row.row for row in report.blame]) == (2, [2, 3])


@pytest.mark.parametrize(("text", "value"), [("sum(a)", 0), ("sum(a) + tax", 1.08)])
def test_the_sum_of_no_rows_is_0(text: str, value: float) -> None:
    """A table may be empty."""
    assert over(text, TABLE.slice(0, 0)).value == value


@pytest.mark.parametrize("text", ["mean(a)", "max(a)", "min(a)"])
def test_no_rows_have_no_mean_and_no_extremes(text: str) -> None:
    """The error says of what."""
    with pytest.raises(gg.GraphgradError, match="there is no row to take it of") as caught:
        over(text, TABLE.slice(0, 0))
    assert text in caught.value.message


def test_an_impossible_outer_step_is_pointed_at() -> None:
    """As at a single point."""
    with pytest.raises(gg.DomainError, match="is not defined") as caught:
        over("sum(a)/(sum(k) - sum(k))")
    assert "sum(k) - sum(k) = 0" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message", "marked"),
    [
        ("sum((a - mean(a))**2)", "that takes two passes", "sum((a - mean(a))**2)"),
        ("a/sum(a)", "that takes two passes", "a/sum(a)"),
        ("softmax(a)", "this works on arrays", "softmax(a)"),
        ("1 + a @ b", "this works on arrays", "a @ b"),
        ("sum(a, axis=0)", "this works on arrays", "sum(a, axis=0)"),
        ("1 + sum(tax)", "nothing in this changes from row to row", "sum(tax)"),
        ("sum(sum(a))", "nothing in this changes from row to row", "sum(sum(a))"),
    ],
)
def test_what_one_pass_cannot_do_is_pointed_at(text: str, message: str, marked: str) -> None:
    """With what to write instead."""
    with pytest.raises(gg.ExpressionError, match=message) as caught:
        over(text)
    start, end = caught.value.span
    assert text[start:end] == marked
    assert caught.value.hint


def test_a_derivative_by_a_column_is_one_number_per_row() -> None:
    """The error points at the column, and says what gives those numbers."""
    with pytest.raises(
        gg.ExpressionError, match="the derivative by the column 'a' is one number for each row"
    ) as caught:
        over("sum(a*tax)", wrt="tax, a")
    assert caught.value.span == (4, 5)


@pytest.mark.parametrize("options", [{"error": {"a": 1}}, {"summary": True}, {"keep": "a"}])
def test_what_is_for_rows_is_refused(options: dict[str, Any]) -> None:
    """It would be ignored."""
    with pytest.raises(gg.GraphgradError, match="is for a result in each row"):
        over("sum(a)", **options)


def test_there_is_nothing_to_write() -> None:
    """An output for one number is refused before anything is read."""
    with pytest.raises(gg.GraphgradError, match="nothing to write for its rows"):
        gg.parse("sum(a)").map_file("none.csv", "out.csv")


@pytest.mark.parametrize("size", [1, 2, 3, 100, 20_000])
@pytest.mark.parametrize("scale", [1.0, 1e290, 1e-290])
@pytest.mark.parametrize("apart", [0.0, 1e-9, 1.0])
def test_a_sum_is_as_exact_as_a_float(size: int, scale: float, apart: float) -> None:
    """Whatever cancels, however large the numbers, and however the rows are cut into batches."""
    x = RANDOM.normal(0, 1, 5000) * 10.0 ** RANDOM.integers(-8, 8, 5000) * scale
    x = RANDOM.permutation(np.concatenate([x, -x * (1 + apart)]))[: 101 if size < 4 else None]
    exact = sum(map(Fraction, x.tolist()), Fraction(0))
    found = over("sum(a)", pa.table({"a": x}), size).value
    assert found is not None
    assert abs(Fraction(found) - exact) <= abs(exact) * Fraction(2) ** -52 + Fraction(float(abs(x).max())) / 10**22


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize(("text", "value"), [("sum(a)", 1e308), ("mean(a)", 1e308 / 3), ("sum(a*b)/sum(b)", 1e308 / 3)])
def test_a_sum_may_overflow_on_its_way(text: str, value: float, size: int) -> None:
    """Only the result has to be within the range of floats."""
    found = over(text, pa.table({"a": [1e308, 1e308, -1e308], "b": [1.0, 1.0, 1.0]}), size)
    assert found.value == pytest.approx(value, rel=1e-15)
    assert not found.notes


@pytest.mark.parametrize("size", [1, 100])
def test_a_sum_that_overflows_is_infinite_and_said_to_be_so(size: int) -> None:
    """Though each row is finite; with strict it is an error."""
    table = pa.table({"a": [1e308, 1e308]})
    found = over("sum(a)*tax", table, size)
    assert (found.value, found.grad) == (math.inf, {"tax": math.inf})
    assert found.notes == ("sum(a): the sum over the rows overflows",)
    with pytest.raises(gg.GraphgradError, match="the sum over the rows overflows"):
        over("sum(a)*tax", table, size, strict=True)


@pytest.mark.parametrize(("odd", "value"), [(math.inf, math.inf), (-math.inf, -math.inf), (math.nan, math.nan)])
@pytest.mark.parametrize("text", ["sum(a)*tax", "mean(a*tax)", "sum(a)/sum(b)*tax"])
def test_what_is_not_finite_goes_through_as_ieee_has_it(text: str, odd: float, value: float) -> None:
    """The row is named, and the sum is what the numbers make it."""
    found = over(text, pa.table({"a": [1.0, odd], "b": [1.0, 2.0]}))
    assert [found.value, found.grad["tax"]] == pytest.approx([value, value], nan_ok=True)
    assert (found.not_finite, found.blame[0].row, found.notes) == (1, 2, ())


def test_an_unused_sum_does_not_matter() -> None:
    """A program's output is what counts."""
    assert over("s = sum(a); sum(b)").value == pytest.approx(B.sum())


def test_each_part_of_a_formula_is_taken_out_by_itself() -> None:
    """Shared nodes, defaults, constants of programs and names in between stay as they are."""
    text = "s = a*b; k2 = 3; mean(s*k2 + s) + sum(s/k2)*tax + max(a)"
    found = over(text, at={"tax": 1.08}, wrt=["k2", "tax"])
    assert found.value == pytest.approx((A * B * 4).mean() + (A * B / 3).sum() * 1.08 + A.max())
    assert found.grad == pytest.approx({"k2": (A * B).mean() - (A * B / 9).sum() * 1.08, "tax": (A * B / 3).sum()})
    assert found
