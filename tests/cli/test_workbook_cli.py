"""The command on a workbook: names, changes, pictures, JSON, and errors with their cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

from workbooks import F, write_workbook

from graphgrad.cli.command import main

if TYPE_CHECKING:
    from pathlib import Path

SHEETS: dict[str, dict[str, Any]] = {
    "In": {"E1": 12, "E2": 100, "E3": 0.2},
    "My Sheet": {"B1": F("In!E1*In!E2", 1200), "B2": F("B1*(1-In!E3)", 961)},
    "Summary": {"B10": F("'My Sheet'!B2-50", 910)},
}


@pytest.fixture
def book(tmp_path: Path) -> str:
    """Return the path of a workbook."""
    return str(write_workbook(tmp_path / "model.xlsx", SHEETS, {"price": "In!$E$1", "profit": "Summary!$B$10"}))


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Run the command; return its status and what it printed."""
    status = main(argv)
    out, err = capsys.readouterr()
    return status, out, err


def test_the_answer(capsys: pytest.CaptureFixture[str], book: str) -> None:
    """It has the value, the derivatives, what drives the value, the cells with other values, and the check."""
    status, out, _ = run(capsys, book, "--cell", "Summary!B10")
    assert status == 0
    assert out.startswith("profit (Summary!B10) = 910\n∂/∂price = 80\n∂/∂In!E2 = 9.6\n∂/∂In!E3 = -1200\n")
    assert ["price", "12", "±10%", "814", "1006", "192"] in [line.split() for line in out.splitlines()]
    assert "2 cells have the values that the workbook stored\n1 cell has another one:\n" in out
    assert "'My Sheet'!B2   960     961" in out
    assert "checked against sympy" in out


def test_names_and_addresses_mean_the_same(capsys: pytest.CaptureFixture[str], book: str) -> None:
    """`--wrt`, `--at`, `--change` and `--error` take the workbook's names, and addresses in any case."""
    for name in ("price", "In!E1", "in!$e$1"):
        status, out, _ = run(
            capsys, book, "--cell", "profit", "--wrt", name, "--at", f"{name}=10", "--change", f"{name}=+1", "--json"
        )
        answer = json.loads(out)
        assert (status, answer["value"], answer["grad"]) == (0, 750, {"price": 80})
        assert answer["sensitivity"]["inputs"]["price"]["change"]["recomputed"] == 80
        assert [bar["name"] for bar in answer["tornado"]["bars"]] == ["price"]
    _, out, _ = run(capsys, book, "--cell", "profit", "--error", "In!E2=±5%", "--json")
    assert json.loads(out)["error"]["error"] == pytest.approx(48)


def test_json_has_the_comparison(capsys: pytest.CaptureFixture[str], book: str) -> None:
    """With the addresses of the cells that differ."""
    _, out, _ = run(capsys, book, "--cell", "profit", "--json", "--check", "off")
    assert json.loads(out)["workbook"] == {
        "cell": "Summary!B10",
        "compared": 3,
        "differences": [{"cell": "'My Sheet'!B2", "ours": 960, "stored": 961}],
        "without": 0,
        "notes": [],
    }


def test_pictures(capsys: pytest.CaptureFixture[str], book: str, tmp_path: Path) -> None:
    """A picture of a workbook is the tornado chart; it is the graph where that is asked for, or by the format."""
    chart, graph, data = (str(tmp_path / name) for name in ("chart.svg", "graph.svg", "graph.json"))
    off = ("--check", "off")
    run(capsys, book, "--cell", "profit", "-o", chart, "-o", data, *off)
    assert "Tornado chart" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "directed" in json.loads((tmp_path / "graph.json").read_text(encoding="utf-8"))
    run(capsys, book, "--cell", "profit", "-o", graph, "--picture", "graph", *off)
    assert "Computational graph" in (tmp_path / "graph.svg").read_text(encoding="utf-8")
    run(capsys, "x*y", "--at", "x=2,y=3", "-o", chart, "--picture", "tornado", *off)
    assert "Tornado chart. E = 6" in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    status, _, err = run(capsys, "x*y", "--at", "x=2,y=3", "-o", "a.dot", "--picture", "tornado", *off)
    assert (status, "a tornado chart cannot be drawn as 'dot'" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "which cell of BOOK?\nname it: graphgrad BOOK --cell 'Summary!B10'"),
        (["--cell", "In!E1"], 2, "In!E1 holds no formula"),
        (["--cell", "Nowhere!E1"], 2, "the workbook has no sheet 'Nowhere'"),
        (["--cell", "profit", "--wrt", "In!E9"], 2, "In!E9 is not an input of Summary!B10\n  --wrt In!E9"),
        (["--cell", "profit", "--at", "prise=1"], 2, "did you mean 'price'?"),
        (["--cell", "profit", "--sql"], 2, "--sql does not go with a workbook"),
    ],
)
def test_wrong_arguments(
    capsys: pytest.CaptureFixture[str], book: str, arguments: list[str], status: int, message: str
) -> None:
    """The error says what to write."""
    found, _, err = run(capsys, book, *arguments)
    assert found == status
    assert message.replace("BOOK", book) in err


def test_a_workbook_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read has its own exit status, and a cell needs a workbook."""
    status, _, err = run(capsys, "no/such/model.xlsx", "--cell", "A1")
    assert (status, "cannot read 'no/such/model.xlsx'" in err) == (3, True)
    status, _, err = run(capsys, "--cell", "A1")
    assert (status, "--cell is for a workbook" in err) == (2, True)


def test_formulas_of_excel(capsys: pytest.CaptureFixture[str]) -> None:
    """`--from excel` reads a formula, and the answer says where the precedence is another one."""
    status, out, _ = run(capsys, "=-A1^2+SUM(B1:B2)", "--from", "excel", "--at", "A1=3,B1=1,B2=2")
    assert (status, "value = 12" in out) == (0, True)
    assert "as in Excel, -A1^2 is (-A1)^2: a sign binds more tightly than a power" in out
    _, out, _ = run(capsys, "=2^A1^2", "--from", "excel", "--at", "A1=3", "--json", "--check", "off")
    assert json.loads(out)["dialect"] == ["as in Excel, 2^A1^2 is (2^A1)^2: powers chain to the left"]
    _, out, _ = run(capsys, "=(-A1)^2", "--from", "excel", "--at", "A1=3", "--json", "--check", "off")
    assert "dialect" not in json.loads(out)
    status, out, _ = run(capsys, "=MAX(A1;1,5)", "--from", "excel;", "--at", "A1=1", "--check", "off")
    assert (status, "value = 1.5" in out) == (0, True)
