"""The command over a table: what it writes and prints, what it refuses, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pictures import texts
from planting import plant

from graphgrad.cli import command as cli
from graphgrad.cli.options import OPTIONS
from graphgrad.cli.table_options import OF_PICTURES, TABLE_OPTIONS, WITH_A_TABLE
from graphgrad.ops import OPS

BOOK = "(apple*n + orange*m)*tax"
ORDERS = """\
order,apple,n,orange,m
1,100,2,150,3
2,105,1,150,
3,n/a,4,145,2
4,98,0,160,1
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what runs the command beside a table, and gives its status, its output and its messages."""
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(ORDERS, encoding="utf-8")

    def command(*argv: str) -> tuple[int, str, str]:
        status = cli.main(argv)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


def test_the_main_job(run: Any) -> None:
    """It writes the value and the partials beside the columns, and says what it met."""
    status, out, err = run(BOOK, "--at", "tax=1.5", "--data", "orders.csv", "--out", "bills.csv")
    assert (status, err) == (0, "")
    assert Path("bills.csv").read_text(encoding="utf-8").splitlines() == [
        "order,apple,n,orange,m,value,∂apple,∂n,∂orange,∂m,∂tax",
        "1,100,2,150,3,975,3,150,4.5,225,650",
        "2,105,1,150,,,,,,,",
        "3,n/a,4,145,2,,,,,,",
        "4,98,0,160,1,240,0,147,1.5,240,160",
    ]
    assert out.startswith(
        "4 rows, 2 without a result\n"
        "  m is null in 1 row\n"
        "  apple is no number in 1 row, first in row 3: 'n/a'\n"
        "2 rows checked against sympy: "
    )
    assert out.endswith("\n\nwrote bills.csv\n")


def test_json_is_one_object_and_nothing_else(run: Any) -> None:
    """It has all that the text has."""
    status, out, err = run("log(n)*apple", "--data", "orders.csv", "--summary", "--json")
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert answer["rows"] == 4
    assert answer["wrong"] == {"apple": {"rows": 1, "first": 3, "example": "n/a"}}
    assert answer["not_finite"]["rows"] == 1
    assert answer["not_finite"]["first"][0]["row"] == 4
    assert "log(0) is not defined" in answer["not_finite"]["first"][0]["blame"][0]["sentence"]
    assert answer["check"]["ok"] is True
    assert answer["summary"]["inputs"].keys() == {"n", "apple"}


def test_an_aggregate_has_a_value_and_a_gradient(run: Any) -> None:
    """In text and in JSON."""
    argv = ["sum(orange*n)*tax", "--at", "tax=1.5", "--data", "orders.csv"]
    assert run(*argv)[1].startswith("value = 1545\n∂/∂tax = 1030\n\n4 rows\n4 rows checked against sympy: ")
    answer = json.loads(run(*argv, "--json")[1])
    assert (answer["value"], answer["grad"]) == (1545, {"tax": 1030})


def test_options_are_those_of_the_library(run: Any) -> None:
    """Condition, kept columns, names and errors, in one."""
    argv = ["--where", "n > 1", "--keep", "order", "--value-name", "total", "--partial-prefix", "d_", "--wrt", "n"]
    status, _, _ = run("n*orange", "--data", "orders.csv", "--out", "o.csv", *argv, "--error", "n=±0.5,orange=0.1*n")
    assert status == 0
    assert Path("o.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        "order,total,error,d_n",
        "1,300,75.00106665908159,150",
    ]


def test_an_error_may_stand_in_at(run: Any) -> None:
    """As at a single point."""
    run("n*tax", "--data", "orders.csv", "--out", "o.csv", "--at", "tax=2±0.5", "--keep", "")
    assert Path("o.csv").read_text(encoding="utf-8").splitlines()[:2] == ["value,error,∂n,∂tax", "4,1,2,2"]


def test_standard_output_has_the_table_alone() -> None:
    """The report goes to standard error, and standard input may be the table."""
    argv = [sys.executable, "-m", "graphgrad", "2*x", "--data", "-", "--out", "-"]
    done = subprocess.run(argv, input=b"x\n1\n2\n", capture_output=True, check=True)
    assert done.stdout.decode() == "x,value,∂x\n1,2,2\n2,4,2\n"
    assert done.stderr.decode().startswith("2 rows\n")


def test_a_failing_check_ends_in_status_1(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is written nevertheless: the report says which row and number differ."""
    wrong = replace(OPS["sin"], d=(lambda m, z, x: -m.cos(x),))
    plant(monkeypatch, wrong)
    status, out, _ = run("sin(n)", "--data", "orders.csv", "--out", "o.csv")
    assert (status, Path("o.csv").exists()) == (1, True)
    assert "failed: row 1: ∂/∂n" in out
    assert run("sin(n)", "--data", "orders.csv", "--out", "p.csv", "--check", "off")[0] == 0


def test_strict_checking_must_be_complete(run: Any) -> None:
    """Rows without finite results are none that can be checked."""
    Path("zero.csv").write_text("x\n0\n", encoding="utf-8")
    argv = ["log(x)", "--data", "zero.csv", "--out", "o.csv", "--force"]
    assert run(*argv)[0] == 0
    assert run(*argv, "--check", "strict")[0] == 1


@pytest.mark.parametrize(("count", "checked"), [("1", "1 row"), ("3", "3 rows"), ("9", "4 rows")])
def test_so_many_rows_are_checked(count: str, checked: str, run: Any) -> None:
    """As many as there are, at most."""
    assert (
        f"\n{checked} checked against sympy"
        in run("2*n", "--data", "orders.csv", "--summary", "--check-rows", count)[1]
    )


@pytest.mark.parametrize("argv", [["--check", "off"], ["--strict", "--check", "off"]])
def test_nothing_need_be_checked(argv: list[str], run: Any) -> None:
    """The report says so."""
    assert "\nnot checked\n" in run("2*n", "--data", "orders.csv", "--summary", *argv)[1]


OTHERS = {*WITH_A_TABLE, *OF_PICTURES, "pass", "version", "operations", "completion"}
SINGLE_POINT = {
    flags[-1]: settings.get("action") != "store_true"
    for flags, settings in OPTIONS.items()
    if flags not in TABLE_OPTIONS
    and flags[-1].lstrip("-")
    not in {*WITH_A_TABLE, *OF_PICTURES, "version", "operations", "completion", "pass", "from"}
}
VALUES = {
    "precision": "9",
    "dpi": "9",
    "theme": "minimal",
    "pass": "forward",
    "explain-as": "latex",
    "language": "ja",
    "picture": "graph",
}


@pytest.mark.parametrize("flag", SINGLE_POINT)
def test_options_of_a_single_point_are_refused(flag: str, run: Any) -> None:
    """None is silently ignored."""
    value = [VALUES.get(flag[2:], "x=1")] if SINGLE_POINT[flag] else []
    status, _, err = run("2*n", "--data", "orders.csv", "--summary", flag, *value)
    assert (status, f"{flag} does not go with --data" in err) == (2, True)


@pytest.mark.parametrize(
    "argv", [["-o", "x.svg"], ["--frames", "x"], ["--summary", "--fold"], ["--summary", "--dpi", "9"]]
)
def test_options_of_pictures_need_one(argv: list[str], run: Any) -> None:
    """A table has one with a summary; none is silently ignored."""
    status, _, err = run("2*n", "--data", "orders.csv", "--out", "x.csv", *argv)
    assert (status, "is for a picture, and there is none" in err) == (2, True)


def test_a_summary_is_drawn_at_the_means(run: Any, tmp_path: Path) -> None:
    """Beside each input stand its spread and its share in the variance."""
    status, out, _ = run("2*n + 0*m", "--data", "orders.csv", "--summary", "-o", "x.svg", "--fold")
    assert (status, "\nwrote x.svg" in out) == (0, True)
    assert "n ± 2 (100 %)" in texts((tmp_path / "x.svg").read_text("utf-8"))


def test_a_picture_of_the_means_needs_all_of_them(run: Any, tmp_path: Path) -> None:
    """Before anything is written."""
    status, _, err = run("n*m", "--data", "orders.csv", "--summary", "--wrt", "n", "--out", "x.csv", "-o", "x.svg")
    assert (status, "needs those of all inputs" in err, [*tmp_path.glob("x.*")]) == (2, True, [])


@pytest.mark.parametrize("flag", [flags[-1] for flags in TABLE_OPTIONS if flags[-1] != "--data"])
def test_options_of_a_table_need_one(flag: str, run: Any) -> None:
    """None is silently ignored."""
    takes_value = TABLE_OPTIONS[flag,].get("action") != "store_true"
    status, _, err = run("2*n", "--at", "n=1", flag, *(["1"] * takes_value))
    assert (status, f"{flag} is for a table" in err) == (2, True)


@pytest.mark.parametrize(
    ("argv", "status", "message"),
    [
        (["2*n", "--data", "orders.csv"], 2, "there is nothing to do with the results"),
        (["2*n", "--data", "orders.csv", "--summary", "--check", "local"], 2, "--check local is for a single point"),
        (["2*n", "--data", "orders.csv", "--summary", "--check-rows", "0"], 2, "that is none"),
        (["2*n", "--data", "orders.csv", "--summary", "--at", "n=[1,2]"], 2, "a constant is one number"),
        (["2*nn", "--data", "orders.csv", "--summary"], 2, "did you mean 'n'?"),
        (["2*n", "--data", "orders.csv", "--summary", "--error", "n=x y"], 2, "an operator is missing"),
        (["-", "--data", "-", "--summary"], 2, "cannot both come from standard input"),
        (
            ["2*n", "--data", "orders.csv", "--out", "o.csv", "--strict", "--where", "apple"],
            2,
            "'n/a', which",
        ),
        (["2*n", "--data", "orders.csv", "--out", "o.csv", "--where", "n = 2"], 2, "a comparison is written =="),
        (["2*n", "--data", "orders.csv", "--out", "o.csv", "--where", "k=2; n = k"], 2, "gives n a value"),
        (
            ["2*n", "--data", "orders.csv", "--out", "o.csv", "--where", "n > 2", "--where", "m"],
            2,
            "write --where '(n > 2)*(m)'",
        ),
        (["2*N", "--data", "orders.csv", "--out", "o.csv"], 2, "did you mean 'n'?"),
        (["sum(n)", "--data", "orders.csv", "--out", "o.csv"], 2, "nothing to write for its rows"),
        (["2*n", "--data", "orders.csv", "--out", "orders.csv", "--force"], 3, "is the input"),
        (["2*n", "--data", "orders.csv", "--out", "no/such/o.csv"], 3, "cannot write"),
        (["2*n", "--data", "orders.csv", "--out", "o.xlsx"], 3, "names no format"),
        (["2*n", "--data", "none.parquet", "--out", "o.csv"], 3, "cannot read"),
    ],
)
def test_what_is_wrong_is_said(argv: list[str], status: int, message: str, run: Any) -> None:
    """By a sentence and by the status, and nothing is written."""
    found, _, err = run(*argv)
    assert (found, "Traceback" in err) == (status, False)
    assert message in err
    assert [path.name for path in Path().iterdir()] == ["orders.csv"]


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("apple;n", "it has a column `apple;n`: separate the values by commas, not by ';'"),
        ("apple\tn", "separate the values by commas, not by '\\t'"),
        ("apple | n", "not by '|'"),
        (" apple, n", "did you mean ` apple`?"),
        ("Apple,n", "did you mean 'Apple'?"),
    ],
)
def test_a_column_that_is_there_in_another_way_is_pointed_at(header: str, hint: str, run: Any) -> None:
    """Where the values are separated otherwise, and where the name has blanks or other letters."""
    Path("odd.csv").write_text(f"{header}\n1,2\n", encoding="utf-8")
    status, _, err = run("apple*n", "--data", "odd.csv", "--out", "o.csv")
    assert (status, hint in err) == (2, True)


def test_a_formula_without_inputs_is_the_same_in_each_row(run: Any) -> None:
    """It is checked as others are."""
    status, out, err = run("2*3", "--data", "orders.csv", "--out", "o.csv", "--keep", "n")
    assert (status, err) == (0, "")
    assert "4 rows checked against sympy" in out
    assert Path("o.csv").read_text(encoding="utf-8") == "n,value\n2,6\n1,6\n4,6\n0,6\n"


def test_a_closed_standard_output_is_an_error() -> None:
    """As a shell's `>&-` leaves it."""
    argv = [sys.executable, "-m", "graphgrad", "2*n", "--data", "-", "--out", "-"]
    script = f"import os, sys; os.close(1); os.execv(sys.executable, {argv!r})"
    done = subprocess.run([sys.executable, "-c", script], input=b"n\n1\n", capture_output=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (3, b"graphgrad: standard output is closed")


def test_an_error_in_json_says_its_kind(run: Any) -> None:
    """Another program tells a missing file from a wrong formula by it."""
    assert json.loads(run("2*n", "--data", "none.csv", "--summary", "--json")[1])["error"]["kind"] == "file_error"


def test_names_in_the_report_are_those_of_an_expression(run: Any) -> None:
    """A derivative has its name in backquotes, as for a single point, and nothing reaches the terminal's controls."""
    status, out, _ = run("sum(n)*`tax, %`", "--at", "`tax, %`=2", "--data", "orders.csv")
    assert (status, "∂/∂`tax, %` = 7\n" in out) == (0, True)
    Path("odd.csv").write_text("\x1b[31mn,m\n1,1\n,1\n", encoding="utf-8")
    status, out, _ = run("`\x1b[31mn`*x", "--at", "x=0", "--data", "odd.csv", "--summary", "--check", "off")
    assert (status, "\x1b" in out, "\n  �[31mn is null in 1 row\n" in out) == (0, False, True)
