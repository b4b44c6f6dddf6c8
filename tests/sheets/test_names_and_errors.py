"""Inputs by address and by name, what is said of others, and cells that hold errors and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

from workbooks import F, write_workbook

import graphgrad as gg

if TYPE_CHECKING:
    from pathlib import Path

SHEETS: dict[str, dict[str, Any]] = {
    "In": {"A1": "growth", "B1": 0.5, "B2": 100, "B3": 7, "B4": "#N/A"},
    "It's My Plan": {"B1": F("Units*(1+In!B1)", 150), "B2": F("B1*In!C9", 0), "C3": 3, "Z1": F("SUM(B1:C3)", 153)},
}
NAMES = {"Units": "In!$B$2", "both": "In!$B$1:$B$2"}


@pytest.fixture
def graph(tmp_path: Path) -> gg.WorkbookGraph:
    """Return the graph of Z1."""
    return gg.from_workbook(write_workbook(tmp_path / "plan.xlsx", SHEETS, NAMES), "It's My Plan!Z1")


@pytest.mark.parametrize("spelling", ["Units", "units", "In!B2", "in!$b$2", "'In'!B2"])
def test_an_input_is_given_by_its_name_or_its_address(graph: gg.WorkbookGraph, spelling: str) -> None:
    """Wherever the library takes a name."""
    result = graph.backprop({spelling: 200}, [spelling])
    assert (result.value, result.grad) == (303, {"Units": 1.5})


@pytest.mark.parametrize("spelling", ["'It''s My Plan'!C3", "It's My Plan!C3", "C3", "it's my plan!$C$3"])
def test_a_sheet_s_name_needs_no_quotes(graph: gg.WorkbookGraph, spelling: str) -> None:
    """And no sheet means that of the cell that is asked for."""
    assert graph.backprop({spelling: 4}).value == 154


def test_an_input_is_given_once(graph: gg.WorkbookGraph) -> None:
    """By its name or by its address."""
    with pytest.raises(gg.UnknownNameError, match="Units is given twice"):
        graph.backprop({"Units": 1, "In!B2": 2})


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Inn!B2", "did you mean In!B2?"),
        ("It's My Plan!B2", "'It''s My Plan'!B2 holds a formula"),
        ("It's My Plan!B3", "'It''s My Plan'!B3 is blank"),
        ("In!A1", 'In!A1 holds the text "growth"'),
        ("In!B3", "does not depend on In!B3"),
        ("In!B4", "In!B4 holds #N/A"),
        ("both", r"it means In!\$B\$1:\$B\$2"),
        ("Unit", "did you mean 'Units'?"),
        ("something else", "the inputs are: "),
        ("Nowhere At All!B2", "the sheets are: In, It's My Plan"),
    ],
)
def test_what_is_no_input_says_why(graph: gg.WorkbookGraph, text: str, hint: str) -> None:
    """The hint says what the cell holds, or which one was meant."""
    with pytest.raises(gg.UnknownNameError, match="is not an input of 'It''s My Plan'!Z1") as caught:
        graph.backprop({text: 1})
    assert hint.replace("\\", "") in caught.value.hint


def test_an_address_without_its_sheet_suggests_that_of_an_input(tmp_path: Path) -> None:
    """Where the cell on the own sheet is none."""
    graph = gg.from_workbook(write_workbook(tmp_path / "plan.xlsx", SHEETS, NAMES), "It's My Plan!Z1")
    with pytest.raises(gg.UnknownNameError) as caught:
        graph.backprop({"B1": 1})
    assert caught.value.hint == "did you mean In!B1?"


@pytest.mark.parametrize("value", [0, 4])
def test_an_error_in_another_cell_is_caught(tmp_path: Path, value: float) -> None:
    """Of formulas that were filled down, each by its own cells."""
    rows = range(1, 6)
    cells: dict[str, Any] = {f"A{i}": value if i == 3 else i for i in rows} | {"Y1": 12}
    cells |= {f"B{i}": F(f"$Y$1/A{i}") for i in rows} | {f"C{i}": F(f"IFERROR(B{i}*2,$Y$1)") for i in rows}
    cells["Z1"] = F("SUM(C1:C5)")
    graph = gg.from_workbook(write_workbook(tmp_path / "e.xlsx", {"S": cells}), "S!Z1")
    wanted = sum(12 / x * 2 if x else 12 for x in (1, 2, value, 4, 5))
    assert graph.backprop().value == pytest.approx(wanted)


def test_error_cells_and_lookups_that_find_nothing_are_caught(tmp_path: Path) -> None:
    """IFNA catches #N/A alone."""
    cells = {"A1": 2, "A2": "#N/A", "A3": "#DIV/0!", "B1": 1, "C1": 5}
    values = {"IFERROR(A2,A1)": 2, "IFERROR(A3,A1)": 2, "IFNA(A2,A1)": 2, "IFNA(VLOOKUP(7,B1:C1,2,0),A1)": 2}
    values |= {
        "IFERROR(INDEX(C1:C1,MATCH(7,B1:B1,0)),A1)": 2,
        "IF(ISNA(A2),A1,9)": 2,
        "IFNA(VLOOKUP(A1,B1:C1,2,0),9)": 9,
    }
    for formula, wanted in values.items():
        path = write_workbook(tmp_path / "e.xlsx", {"S": {**cells, "Z1": F(formula)}})
        assert gg.from_workbook(path, "S!Z1").backprop({}, []).value == wanted
    path = write_workbook(tmp_path / "e.xlsx", {"S": {**cells, "Z1": F("IFNA(A3,A1)")}})
    with pytest.raises(gg.ExpressionError, match="A3 holds #DIV/0!"):
        gg.from_workbook(path, "S!Z1")


def test_a_text_that_numbers_choose(tmp_path: Path) -> None:
    """The cell has no number there, as the workbook stored none; elsewhere it has its value, and a note says so."""
    cells = {"A1": 0, "A2": 4, "B1": F('IF(A1=0,"",8/A1)', ""), "B2": F('IF(A2=0,"none",8/A2)', 2)}
    path = write_workbook(tmp_path / "t.xlsx", {"S": {**cells, "Z1": F("B2+IF(A1=0,1,B1)", 3)}})
    graph = gg.from_workbook(path, "S!Z1")
    assert graph.backprop().value == 3
    assert graph.comparison.differences == ()
    assert 'S!B1: where its condition gives the text "", the cell has no number' in graph.notes
    with pytest.raises(gg.DomainError):
        graph.backprop({"S!A2": 0})


def test_a_remark_names_the_cell_that_it_is_about(tmp_path: Path) -> None:
    """Also behind a formula of several lines."""
    cells = {"A1": 1, "B1": F("A1+\n2*\nA1"), "B2": F("EXP(B1*200)"), "Z1": F("B2*1")}
    graph = gg.from_workbook(write_workbook(tmp_path / "t.xlsx", {"S": cells}), "S!Z1")
    assert "at S!B2 overflows" in graph.backprop({"S!A1": 2}).blame[0].sentence
