"""What each row gets: value, partials and error, nulls, conditions, and what is reported of it."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any, ClassVar

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.tables import reporting
from graphgrad.tables.options import TableOptions, task_of
from graphgrad.tables.reporting import report_of
from graphgrad.tables.rows import RowFunction
from graphgrad.tables.tally import Tally

ORDERS = {"apple": [100.0, 105.0, None, 98.0], "n": [2, 1, 4, 0]}


def run(text: str, table: Any, size: int = 1000, **options: Any) -> tuple[dict[str, list[Any]], Tally]:
    """Return the columns of the result, and the tally, of a table that is read so many rows at a time."""
    table = table if isinstance(table, pa.Table) else pa.table(table)
    function = RowFunction(task_of(gg.parse(text).data, TableOptions(**options)), table.schema)
    tally, batches = Tally(), []
    for batch in table.to_batches(max_chunksize=size):
        result, part = function(batch.select(function.needed), tally.rows)
        batches.append(result)
        tally += part
    return pa.Table.from_batches(batches, function.schema).to_pydict(), tally


def report(text: str, table: Any, size: int = 1000, **options: Any) -> gg.TableReport:
    """Return the report on a table."""
    return report_of(task_of(gg.parse(text).data, TableOptions(**options)), run(text, table, size, **options)[1])


def test_a_large_table_without_machine_code_says_what_would_be_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line of the report, and only where there are many rows and the extra is missing."""
    monkeypatch.setattr(reporting, "MANY", 4)
    monkeypatch.setattr(reporting, "has_llvm", lambda: False)
    [note] = report("apple*n", ORDERS).notes
    assert re.fullmatch(r"machine code computes large tables faster: .*pip install .*\[llvm\]\"", note)
    assert not report("apple*n", pa.table(ORDERS)[:3]).notes
    monkeypatch.setattr(reporting, "has_llvm", lambda: True)
    assert not report("apple*n", ORDERS).notes


def test_a_null_makes_the_whole_row_null() -> None:
    """Also the partials that do not need that column."""
    columns, tally = run("apple + n", ORDERS)
    assert columns["value"] == [102, 106, None, 98]
    assert columns["∂apple"] == columns["∂n"] == [1, 1, None, 1]
    assert (tally.without, tally.nulls) == (1, {"apple": 1})


def test_a_null_in_a_column_that_is_no_input_changes_nothing() -> None:
    """Only what the formula reads counts."""
    columns, tally = run("2*n", ORDERS)
    assert (columns["value"], tally.without) == ([4, 2, 8, 0], 0)


def test_nan_in_nan_out() -> None:
    """It is a number, and its row is reported as not finite."""
    columns, tally = run("x*2", {"x": pa.array([1.0, math.nan])})
    assert math.isnan(columns["value"][1])
    assert (tally.without, tally.not_finite, tally.first[0].row) == (0, 1, 1)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_rows_are_named_by_their_numbers_in_the_table(size: int) -> None:
    """However many are read at a time, and whatever the condition leaves out."""
    texts = ["1", "0", "x", "", "0", "2", "y"]
    table = {"a": texts, "b": [1, 0, 1, 1, 1, 1, 1]}
    found = report("log(a)*b", table, size, where="b")
    assert (found.rows, found.left_out, found.without, found.not_finite) == (7, 1, 3, 1)
    assert found.wrong == {"a": gg.WrongTexts(2, 3, "x")}
    assert found.nulls == {"a": 1}
    assert [row.row for row in found.blame] == [5]
    assert "log(0) is not defined" in str(found.blame[0])


def test_five_rows_are_named() -> None:
    """Of more, only the number."""
    found = report("1/x", {"x": [1.0, *[0.0] * 9]}, 3)
    assert found.not_finite == 9
    assert [row.row for row in found.blame] == [2, 3, 4, 5, 6]


def test_a_finite_value_with_an_infinite_partial_is_named() -> None:
    """As sqrt has at 0."""
    found = report("sqrt(x)", {"x": [1.0, 0.0]})
    assert found.not_finite == 1
    assert found.blame[0].row == 2


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["1", "n/a"], "row 2: the column 'x' is 'n/a', which is no number"),
        (["1", ""], "row 2: the column 'x' is null"),
        (["1", "3", None], "row 3: the column 'x' is null"),
        (["1", "0"], "row 2: the value is infinite because 1/0 is not defined: here x = 0"),
        (["1", "nan"], "row 2: the value is nan because x = nan is not a finite number"),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_strict_ends_at_the_first_such_row(texts: list[str], message: str, size: int) -> None:
    """The error names column and row, and what is to blame."""
    with pytest.raises(gg.GraphgradError, match="row") as caught:
        run("1/x", {"x": texts}, size, strict=True)
    assert caught.value.message == message


def test_strict_does_not_mind_what_the_condition_leaves_out() -> None:
    """A condition is there to leave out such rows."""
    columns, _ = run("1/x", {"x": [1.0, None, 0.0]}, strict=True, where="x > 0")
    assert columns["value"] == [1]


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("n > 0", [2, 1, 4]),
        ("n", [2, 1, 4]),
        ("apple > 0", [2, 1, 0]),
        ("(n > 0)*(apple < 103)", [2]),
        ("n > low", [2, 4]),
        ("log(n) >= 0", [2, 1, 4]),
        ("sqrt(n - 2)", [4]),
        ("n > 100", []),
    ],
)
def test_a_condition_leaves_rows_out(where: str, left: list[int]) -> None:
    """Where it is 0, null or nan; it may read constants, too."""
    at = {"low": 1} if "low" in where else {}
    columns, tally = run("2*n", ORDERS, where=where, at=at)
    assert columns["n"] == left
    assert columns["value"] == [2 * n for n in left]
    assert tally.left_out == 4 - len(left)


@pytest.mark.parametrize(
    ("keep", "names"),
    [(None, ["apple", "n"]), (["n"], ["n"]), ("n, apple", ["n", "apple"]), ([], []), ("", [])],
)
def test_columns_are_kept_as_named(keep: Any, names: list[str]) -> None:
    """In that order, and the table's others are not read."""
    columns, _ = run("2*n", ORDERS, keep=keep)
    assert [*columns] == [*names, "value", "∂n"]


def test_columns_that_nobody_needs_are_not_read() -> None:
    """So a wide table costs no more."""
    schema = pa.schema({name: pa.float64() for name in "abcdef"})
    task = task_of(gg.parse("a*b").data, TableOptions(keep="f", where="c", error={"a": "d"}))
    assert RowFunction(task, schema).needed == ["a", "b", "c", "d", "f"]


def test_new_columns_can_be_named() -> None:
    """For tools that take plain names."""
    columns, _ = run(
        "2*n", ORDERS, keep="", value_name="total", partial_prefix="d_", error={"n": 1}, error_name="sigma"
    )
    assert [*columns] == ["total", "sigma", "d_n"]


@pytest.mark.parametrize(
    ("table", "options", "hint"),
    [
        ({"value": [1.0], "x": [1.0]}, {}, "--value-name"),
        ({"∂x": [1.0], "x": [1.0]}, {}, "--partial-prefix"),
        ({"error": [1.0], "x": [1.0]}, {"error": {"x": 1}}, "--error-name"),
        ({"x": [1.0]}, {"partial_prefix": ""}, "--partial-prefix"),
        ({"x": [1.0]}, {"keep": "", "value_name": "∂x"}, "--value-name"),
    ],
)
def test_no_column_is_overwritten(table: Any, options: dict[str, Any], hint: str) -> None:
    """A name that is taken is an error that says how to take another."""
    with pytest.raises(gg.GraphgradError, match="already") as caught:
        run("2*x", table, **options)
    assert hint in caught.value.hint


def test_a_column_that_is_not_kept_may_be_replaced() -> None:
    """Its name is free, even where the formula reads it."""
    assert run("2*value", {"value": [1.0]}, keep="")[0]["value"] == [2]


def test_a_missing_column_is_pointed_at() -> None:
    """With the near name, or with all names."""
    with pytest.raises(gg.UnknownNameError, match="the table has no column 'aple'") as caught:
        run("2*aple", ORDERS)
    assert caught.value.span == (2, 6)
    assert "did you mean 'apple'?" in caught.value.hint
    with pytest.raises(gg.UnknownNameError) as caught:
        run("2*q", ORDERS)
    assert "its columns are: apple, n" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": "q > 1"}, "the table has no column 'q'"),
        ({"error": {"n": "q"}}, "the table has no column 'q'"),
        ({"error": {"q": 1}}, "'q' is not an input"),
        ({"keep": "q"}, "the table has no column 'q' to keep"),
        ({"at": {"q": 1}}, "'q' is not an input"),
        ({"at": {"n": 1}}, "'n' is a column of the table, and --at gives it a value, too"),
        ({"at": {"n": [1, 2]}}, "a constant is one number"),
        ({"wrt": "q"}, "'q' is not an input"),
        ({"error": {"n": "±-1"}}, "an error of ±-1 is none"),
        ({"error": {"n": "±"}}, "no amount"),
        ({"where": "sum(n)"}, "a condition is on one row at a time"),
        ({"error": {"n": "mean(n)"}}, "an error is one of its own row"),
        ({"error": {"n": "n @ n"}}, "an error is one of its own row"),
        ({"check": -1}, "check cannot be -1"),
        ({"vlaue_name": "x"}, "there is no option 'vlaue_name'"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    """Each in a sentence."""
    with pytest.raises(gg.GraphgradError) as caught:
        gg.parse("2*n").map_file("no.csv", summary=True, **options) if "vlaue_name" in options else run(
            "2*n", ORDERS, **options
        )
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 3], pa.uint64()),
        pa.array([True, False]),
        pa.array([0.1, 2.5], pa.float32()),
        pa.array([2**60 + 1, -(2**60)]),
        pa.array(["1e300", "-2"]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_results_are_float64(column: pa.Array) -> None:
    """Whatever the column is, alone and beside another one."""
    for text in ("x*2", "x*y"):
        columns, _ = run(text, {"x": column, "y": [2.0, 2.0]}, keep="")
        assert columns["value"] == [2 * float(x) for x in column.to_pylist()]


def test_a_column_goes_before_a_default() -> None:
    """A default is for what the table lacks, and the report says which was taken."""
    columns, _ = run("n = 5; tax = 2; n*tax", ORDERS)
    assert columns["value"] == [4, 2, 8, 0]
    assert report("n = 5; tax = 2; n*tax", ORDERS).notes == ("n is the table's column, not the formula's default",)


def test_a_formula_without_columns_is_the_same_in_each_row() -> None:
    """The constants are given by at."""
    columns, _ = run("2*tax", ORDERS, at={"tax": 3})
    assert columns["value"] == [6] * 4
    assert columns["∂tax"] == [2] * 4


def test_a_table_without_rows_gives_one() -> None:
    """With the new columns, and nothing to report."""
    columns, tally = run("2*x", {"x": pa.array([], pa.float64())}, summary=True)
    assert columns == {"x": [], "value": [], "∂x": []}
    assert (tally.rows, tally.moments) == (0, None)


@pytest.mark.parametrize("name", ["unit price", "∂x", "def", "x", "_fallback", "a.b"])
def test_any_name_may_be_a_constant_s(name: str) -> None:
    """Names that are none of Python's included."""
    graph = gg.parse("2*3", name_literals=[name])
    task = task_of(graph.data, TableOptions())
    batch = pa.record_batch({"y": [1.0]})
    assert RowFunction(task, batch.schema)(batch)[0].to_pydict() == {"y": [1], "value": [6], f"∂{name}": [3]}


def test_a_task_is_pickled_for_workers() -> None:
    """A condition, an error from columns and a graph too deep for recursion included."""
    text = "+".join(["x"] * 5_000)
    task = task_of(gg.parse(text).data, TableOptions(where="x > 0", error={"x": "0.1*s"}, at={}, summary=True))
    batch = pa.record_batch({"x": [1.0, 2.0, -1.0], "s": [0.5, None, 1.0]})
    result, tally = RowFunction(pickle.loads(pickle.dumps(task)), batch.schema)(batch)
    assert result["value"].to_pylist() == [5_000, 10_000]
    assert (result, tally) == RowFunction(task, batch.schema)(batch)
    assert pickle.loads(pickle.dumps(tally)) == tally


class TestError:
    """The column of the value's standard deviation."""

    TABLE: ClassVar[Any] = {"x": [3.0, 4.0, None, 6.0], "y": [5.0, -2.0, 1.0, 2.0], "s": [0.5, 0.1, 0.1, None]}

    def test_it_is_that_of_propagate(self) -> None:
        """Row by row: numbers, percentages, and formulas of columns."""
        columns, _ = run("x*y**2", self.TABLE, error={"x": "s", "y": "±5%"})
        for row in (0, 1):
            point = {name: self.TABLE[name][row] for name in "xy"}
            expected = gg.parse("x*y**2").backprop(point).propagate({"x": self.TABLE["s"][row], "y": "±5%"})
            assert columns["error"][row] == pytest.approx(expected.error, rel=1e-14)

    def test_it_is_null_where_an_error_is(self) -> None:
        """The value is not: it needs no error."""
        columns, tally = run("x*y", self.TABLE, error={"x": "s"})
        assert columns["error"][2:] == [None, None]
        assert columns["value"][2:] == [None, 12]
        assert tally.nulls == {"x": 1, "s": 1}

    def test_a_negative_error_is_none(self) -> None:
        """It is counted and named, and the row has no error."""
        columns, tally = run("x*y", self.TABLE, error={"x": "y - 3"})
        assert [error is None for error in columns["error"]] == [False, True, True, True]
        assert tally.wrong["error of x"][:2] == (3, 1)

    def test_it_takes_no_partial_that_is_not_asked_for(self) -> None:
        """It is computed by all inputs with an error, whatever wrt says."""
        columns, _ = run("x*y", self.TABLE, error={"y": 1}, wrt="x", keep="")
        assert columns["error"] == [3, 4, None, 6]
        assert [*columns] == ["value", "error", "∂x"]


@given(
    st.lists(st.tuples(st.none() | st.floats(-5, 5), st.sampled_from(["1", "2.5", "n/a", "", "-3"])), min_size=1),
    st.integers(1, 7),
)
def test_rows_are_computed_alike_in_batches_of_any_size(rows: list[tuple[float | None, str]], size: int) -> None:
    """Row by row, and together, they are the same columns and the same tally; the tally survives JSON."""
    table = {"a": pa.array([a for a, _ in rows], pa.float64()), "b": [b for _, b in rows]}
    options: dict[str, Any] = {"where": "a < 4", "check": 0}
    whole, parts = run("a/b", table, **options), run("a/b", table, size, **options)
    assert repr(whole) == repr(parts)
    assert Tally.from_dict(parts[1].as_dict()) == parts[1]
