"""A workbook's cell as a graph: its formulas, names, ranges, lookups, and what is refused with its cell."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

from hypothesis import given
from hypothesis import strategies as st
from workbooks import F, write_workbook

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODEL: Mapping[str, Mapping[str, Any]] = {
    "In": {"A1": "price", "E1": 12, "A2": "volume", "E2": 100, "A3": "tax", "E3": 0.2, "A4": "rate", "E4": 0.05},
    "My Sheet": {
        "B1": F("In!E1*In!E2", 1200),
        "B2": F("B1*In!$E$3", 240),
        "B3": F("SUM(B1)-B2", 960),
        "C1": F("IF(B3>500,B3*(1-In!E4),B3)", 912),
    },
    "Summary": {"B10": F("ROUND('My Sheet'!C1,2)+AVERAGE(In!A1:E2)", 968), "B11": F("'My Sheet'!C1/In!E1", 76)},
}


def model(tmp_path: Path, cell: str = "Summary!B11", **options: Any) -> gg.WorkbookGraph:
    """Return a cell of the workbook above."""
    return gg.from_workbook(write_workbook(tmp_path / "model.xlsx", MODEL, **options), cell)


def cell_of(tmp_path: Path, formula: str, cells: Mapping[str, Any], **options: Any) -> gg.WorkbookGraph:
    """Return the graph of a formula in cell Z1 of a sheet S with some cells."""
    sheets: dict[str, dict[str, Any]] = {"S": {**cells, "Z1": F(formula)}}
    return gg.from_workbook(write_workbook(tmp_path / "one.xlsx", sheets, **options), "S!Z1")


def value(tmp_path: Path, formula: str, cells: Mapping[str, Any]) -> float:
    """Return the value of a formula over some cells."""
    return cell_of(tmp_path, formula, cells).backprop({}, []).value


def test_inputs_are_the_constant_cells_in_their_order(tmp_path: Path) -> None:
    """They are named by their addresses, and have the workbook's numbers as defaults."""
    graph = model(tmp_path)
    assert graph.inputs == ("In!E1", "In!E2", "In!E3", "In!E4")
    result = graph.backprop()
    assert result.value == 76
    assert result.grad["In!E2"] == pytest.approx(0.76)
    assert result.grad["In!E1"] == pytest.approx(0, abs=1e-12)
    assert result.check()


def test_names_of_the_workbook_name_the_inputs(tmp_path: Path) -> None:
    """A cell with a name is called by it, in the formulas and in the gradient; its address still means it."""
    sheets: dict[str, dict[str, Any]] = {"In": {"E1": 12, "E2": 100}, "S": {"A1": F("Price*volume + In!E1*fee", 0)}}
    names = {"price": "In!$E$1", "volume": "In!$E$2", "bottom_line": "S!$A$1", "fee": "0.5"}
    graph = gg.from_workbook(write_workbook(tmp_path / "n.xlsx", sheets, names), "bottom_line")
    assert graph.backprop().grad == {"fee": 12, "price": 100.5, "volume": 12}
    assert (graph.cell, graph.data.output_name) == ("S!A1", "bottom_line")
    assert (graph.name_of("in!$e$1"), graph.name_of("PRICE"), graph.name_of("In!E9")) == ("price", "price", "In!E9")


def test_what_a_cell_is_called(tmp_path: Path) -> None:
    """Case and dollars do not matter, quotes may be left out, and a sheet that is missing is asked for."""
    for cell in ("summary!b11", "Summary!$B$11", "'Summary'!B11"):
        assert model(tmp_path, cell).cell == "Summary!B11"
    assert model(tmp_path, "My Sheet!C1").cell == model(tmp_path, "'My Sheet'!C1").cell == "'My Sheet'!C1"
    for cell, message in {
        "B11": "on which sheet",
        "Sumary!B11": "no sheet 'Sumary'",
        "In!E1": "In!E1 holds no formula",
        "Summary!Z9": "Summary!Z9 holds no formula",
        "profit": "'profit' is no cell",
    }.items():
        with pytest.raises(gg.GraphgradError, match=message):
            model(tmp_path, cell)


TABLE = {
    "A1": 0,
    "B1": 0.1,
    "A2": 1000,
    "B2": 0.2,
    "A3": 5000,
    "B3": 0.3,
    "D1": "apple",
    "E1": 3,
    "D2": "pear",
    "E2": 5,
}


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("VLOOKUP(G1,A1:B3,2)", 0.2),
        ("VLOOKUP(G1,A1:B3,2,TRUE)", 0.2),
        ("VLOOKUP(5000,A1:B3,2,FALSE)", 0.3),
        ('VLOOKUP("Pear",D1:E2,2,FALSE)', 5),
        ("VLOOKUP(G2,D1:E2,2,0)", 3),
        ("LOOKUP(G1,A1:A3,B1:B3)", 0.2),
        ("XLOOKUP(5000,A1:A3,B1:B3)", 0.3),
        ("_xlfn.XLOOKUP(G1,A1:A3,B1:B3,,-1)", 0.2),
        ("XLOOKUP(G1,A1:A3,B1:B3,,1)", 0.3),
        ("XLOOKUP(7,A1:A3,B1:B3,99)", 99),
        ('XLOOKUP("plum",D1:D2,E1:E2,-1)', -1),
        ("INDEX(B1:B3,MATCH(G1,A1:A3))", 0.2),
        ("INDEX(B1:B3,MATCH(1000,A1:A3,0))", 0.2),
        ('INDEX(E1:E2,MATCH("pear",D1:D2,0))', 5),
        ("INDEX(A1:B3,3,2)", 0.3),
        ("SUM(INDEX(B1:B3,2),1)", 1.2),
        ("HLOOKUP(G1,H1:J2,2)", 8),
        ("MATCH(G1,A1:A3,1)", 2),
        ("CHOOSE(MATCH(G1,A1:A3),10,20,30)", 20),
        ('IF(G2="apple",1,2)', 1),
        ('IF(ISBLANK(G9),7,G9*"x")', 7),
        ('IF(G9="",7,1)', 7),
        ('IF(D1="x",D1*2,4)', 4),
        ('SUMIF(D1:D2,"apple",E1:E2)', 3),
        ("SUMIF(D1:D2,G2,E1:E2)", 3),
        ('COUNTIF(D1:E2,"<>apple")', 3),
        ("COUNTA(D1:E9)", 4),
        ("SUM(D1:E9)", 8),
        ("AVERAGE(D1:E9)", 4),
        ("SUMPRODUCT(D1:D2,E1:E2)", 0),
        ("MIN(D1:E9)", 3),
        ("MAX(D9:E9)", 0),
        ("COUNT(A:A)", 3),
        ("SUM(A:B)", 6000.6),
        ("SUM(1:2)", 1000.3 + 8 + 2500 + 0 + 4000 + 6 + 8 + 7),
        ("G9+1", 1),
        ("G8+1", 2),
        ("SUM(G8,1)", 1),
        ("IF(G8,3,4)", 3),
        ("K1-K2", 31),
    ],
)
def test_lookups_texts_and_blanks(tmp_path: Path, formula: str, wanted: float) -> None:
    """Keys choose cells; texts and blanks are left out of sums and averages, and blanks are 0 elsewhere."""
    cells = TABLE | {"G1": 2500, "G2": "apple", "G8": True, "H1": 0, "I1": 2000, "J1": 2000, "H2": 6, "I2": 7, "J2": 8}
    cells |= {"K1": 45658, "K2": 45627}
    cells = {address: x for address, x in cells.items() if not (formula == "SUM(1:2)" and address[0] == "K")}
    formula_cell = "Z9" if formula == "SUM(1:2)" else "Z1"
    path = write_workbook(tmp_path / "t.xlsx", {"S": {**cells, formula_cell: F(formula)}})
    assert gg.from_workbook(path, f"S!{formula_cell}").backprop({}, []).value == pytest.approx(wanted)


def test_a_lookup_by_a_computed_key(tmp_path: Path) -> None:
    """The derivative by the chosen cell is 1, by the key 0; a note says so, and another key is followed."""
    graph = cell_of(tmp_path, "VLOOKUP(G1*1,A1:B3,2)*G1", TABLE | {"G1": 2500})
    result = graph.backprop()
    assert (result.grad["S!B2"], result.grad["S!B3"], result.grad["S!G1"]) == (2500, 0, 0.2)
    assert graph.backprop({"S!G1": 6000}, []).value == 1800
    assert graph.notes == (
        "S!Z1: a lookup by a computed key is constant between the keys of its table: its derivative by the key is 0",
    )
    with pytest.raises(gg.DomainError, match=r"0/0 is not defined"):
        graph.backprop({"S!G1": -1})


def test_a_literal_key_is_a_reference(tmp_path: Path) -> None:
    """Nothing of the table but the chosen cell is an input."""
    graph = cell_of(tmp_path, "VLOOKUP(1000,A1:B3,2,FALSE)*2", TABLE)
    assert graph.backprop().grad == {"S!B2": 2}


def test_dates_are_numbers_of_days(tmp_path: Path) -> None:
    """A date that openpyxl writes is the number that Excel computes with."""
    from openpyxl import Workbook

    book, noon = Workbook(), dt.datetime.fromisoformat("2025-01-01T12:00")
    book.active["A1"], book.active["A2"], book.active["A3"] = dt.date(2025, 2, 1), noon, "=A1-A2"
    book.save(tmp_path / "dates.xlsx")
    graph = gg.from_workbook(tmp_path / "dates.xlsx", "A3")
    assert graph.backprop({}, []).value == 30.5
    assert graph.defaults["Sheet!A2"] == 45658.5


def test_shared_formulas_are_formulas_of_their_cells(tmp_path: Path) -> None:
    """A formula that was filled down is stored once, and moves with each cell."""
    cells = {"A1": 1, "A2": 2, "A3": 3, "B1": F("A1*2+$A$1", 3, 't="shared" ref="B1:B3" si="0"')}
    cells |= {f"B{i}": F("", None, 't="shared" si="0"') for i in (2, 3)}
    assert value(tmp_path, "B1*100+B2*10+B3", cells) == 300 + 50 + 7


def test_array_formulas(tmp_path: Path) -> None:
    """One with a single result is read with ranges as arrays; the results of one with several are not."""
    cells = {"A1": 1, "A2": 2, "B1": 3, "B2": 4, "C1": F("SUM(A1:A2*B1:B2)", 11, 't="array" ref="C1"')}
    assert value(tmp_path, "C1", cells) == 11
    cells["C1"], cells["C2"] = F("A1:A2*2", 2, 't="array" ref="C1:C2"'), 4
    with pytest.raises(gg.GraphgradError, match="S!C2 holds one of the results of the formula over"):
        value(tmp_path, "C2", cells)


def test_circles_are_named(tmp_path: Path) -> None:
    """The error has the cells of the circle in their order, also across sheets and through ranges."""
    sheets = {"S": {"A1": F("B2+1"), "B2": F("SUM(T!A1:A3)"), "C1": F("A1*2")}, "T": {"A2": F("S!A1")}}
    path = write_workbook(tmp_path / "circle.xlsx", sheets)
    with pytest.raises(gg.GraphgradError, match="S!A1 → S!B2 → T!A2 → S!A1"):
        gg.from_workbook(path, "S!C1")
    with pytest.raises(gg.GraphgradError, match="S!Z1 → S!Z1"):
        cell_of(tmp_path, "Z1+1", {})


def test_a_long_chain_of_cells_needs_no_recursion(tmp_path: Path) -> None:
    """Each of 20,000 cells adds to the one above."""
    cells: dict[str, Any] = {"A1": 1} | {f"A{i}": F(f"A{i - 1}+$B$1") for i in range(2, 20_001)} | {"B1": 0.5}
    assert value(tmp_path, "A20000", cells) == 1 + 19_999 * 0.5


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("A1+Sales[Price]", "S!Z1: references to columns of tables"),
        ("[1]Book!A1*2", "S!Z1: another workbook is not read"),
        ("A1*B1", 'S!Z1: the text "many" stands where a number is expected'),
        ("B9*2", "S!B9: RAND is not read"),
        ("C1+1", "S!Z1: S!C1 holds #DIV/0!"),
        ("Other!A1", "S!Z1: the workbook has no sheet 'Other'"),
        ("prise*2", "S!Z1: the workbook has no name 'prise'"),
        ("computed+1", "S!Z1: the name 'computed' means SUM"),
        ("OFFSET(A1,1,1)", "S!Z1: OFFSET is not read"),
        ("VLOOKUP(2,A1:A9,2)", "S!Z1: the table has no column 2"),
        ("VLOOKUP(7,D1:E2,2,FALSE)", "S!Z1: #N/A"),
        ("VLOOKUP(A1,D1:E2,2)", "S!Z1: the keys of this table are not sorted"),
        ("VLOOKUP(A1,F1:G2,2)", "S!Z1: S!F1 holds no constant"),
        ('B1&"x"', "S!Z1: & joins texts"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_cell(tmp_path: Path, formula: str, message: str) -> None:
    """The error names the cell, and points into its formula."""
    cells = {"A1": 1, "B1": "many", "B9": F("RAND()"), "C1": "#DIV/0!", "D1": 3, "D2": 2, "E1": 1, "E2": 1}
    cells |= {"F1": F("A1*2"), "F2": 5, "G1": 1, "G2": 2}
    with pytest.raises(gg.GraphgradError) as caught:
        cell_of(tmp_path, formula, cells, names={"computed": "SUM(S!$A$1:$A$3)*2", "price": "S!$A$1"})
    assert message in caught.value.message
    assert isinstance(caught.value, gg.ExpressionError)
    assert caught.value.source.startswith("=")


def test_a_fault_points_into_the_formula_of_a_cell(tmp_path: Path) -> None:
    """The line of the message is the cell with its formula."""
    graph = cell_of(tmp_path, "A2*2", {"A1": 0, "A2": F("1/A1")})
    with pytest.raises(gg.DomainError) as caught:
        graph.backprop()
    assert "S!A2 =1/A1" in str(caught.value)


def test_a_branch_that_is_not_taken_may_hold_anything(tmp_path: Path) -> None:
    """A condition that the cells' kinds decide takes its branch, whatever is in the other one."""
    assert value(tmp_path, 'IF(ISNUMBER(B1),B1*2,A1+IF(TRUE,1,RADIANS("x")))', {"A1": 1, "B1": "n/a"}) == 2


def test_values_are_compared_with_those_stored(tmp_path: Path) -> None:
    """Each formula's value is held against the stored one, and differences have an address."""
    sheets: dict[str, dict[str, Any]] = {name: dict(cells) for name, cells in MODEL.items()}
    sheets["My Sheet"]["B2"] = F("B1*In!$E$3", 241)
    sheets["My Sheet"]["B3"] = F("SUM(B1)-B2")
    path = write_workbook(tmp_path / "m.xlsx", sheets)
    comparison = gg.from_workbook(path, "Summary!B11").comparison
    assert comparison.differences == (gg.CellDifference("'My Sheet'!B2", 240, 241),)
    assert (comparison.compared, comparison.without) == (4, 1)
    assert str(comparison).splitlines()[0] == "3 cells have the values that the workbook stored; 1 cell has none stored"
    assert "'My Sheet'!B2   240     241" in str(comparison)
    assert gg.from_workbook(write_workbook(path, MODEL), "Summary!B11").comparison.differences == ()


def test_rounding_is_no_difference(tmp_path: Path) -> None:
    """A sum that cancels is as far from 0 as its terms are rounded."""
    cells = {"A1": 1.1, "A2": 1.0, "A3": 0.1, "Z1": F("A1-A2-A3", 0)}
    path = write_workbook(tmp_path / "r.xlsx", {"S": cells})
    assert gg.from_workbook(path, "S!Z1").comparison.differences == ()


def test_equal_parts_of_cells_are_one_node(tmp_path: Path) -> None:
    """Cells with the same formula share it, and both are compared."""
    graph = cell_of(tmp_path, "B1+B2", {"A1": 2, "B1": F("A1^2", 4), "B2": F("A1^2", 5)})
    assert len(graph.data.steps) == 2
    assert [each.cell for each in graph.comparison.differences] == ["S!B2"]


def test_sums_of_columns_with_a_cell_far_down(tmp_path: Path) -> None:
    """A whole column, or a sheet, has as many terms as it has filled cells."""
    cells = {"A1": 1, "A3": 2, "A1048576": 4, "XFD1048576": 8}
    assert value(tmp_path, "SUM(A:A)", cells) == 7
    assert value(tmp_path, "SUM(2:1048576)+COUNT(A2:XFD1048576)", cells) == 14 + 3
    with pytest.raises(gg.LimitError, match="more than 200000 cells"):
        value(tmp_path, "SUMPRODUCT(A:A,A:A)", cells)


@given(st.data())
def test_formulas_that_were_filled_down_are_read_alike(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever the cells hold, each row has the value that its formula has alone in a workbook."""
    held = st.sampled_from([1.5, 2, -3, 0.25, True, "text", None, F("$Y$1*2"), F("$Y$1>1"), F("5")])
    cells: dict[str, Any] = {"Y1": 1.25}
    for row in range(1, 6):
        cells |= {f"{column}{row}": data.draw(held) for column in "AB"}
    formula = data.draw(
        st.sampled_from(
            [
                "SUM(A{0}:B{0})*2+$Y$1",
                "IF(N(A{0})>1,N(B{0})^2,N(A{0}))",
                "AVERAGE(A{0}:B{0},3)-COUNT(A{0},B{0})",
                "IF(ISNUMBER(A{0}),A{0}*$Y$1,-1)+N(B{0})",
                "INDEX($A$1:$A$5,{0})*1",
                "IF(A{0}=B{0},1,2)+N(A{0})*N(A{0})",
            ]
        )
    )
    folder = tmp_path_factory.mktemp("filled")
    rows = range(1, 6)
    down = cells | {f"C{row}": F(formula.format(row)) for row in rows}
    whole = write_workbook(folder / "whole.xlsx", {"S": down | {"Z1": F("SUM(C1:C5)")}})
    for row in rows:
        alone = write_workbook(folder / "alone.xlsx", {"S": cells | {f"C{row}": F(formula.format(row))}})
        assert outcome(whole, f"S!C{row}") == outcome(alone, f"S!C{row}")
    total = [outcome(whole, f"S!C{row}") for row in rows]
    if all(isinstance(each, float) for each in total):
        model = gg.from_workbook(whole, "S!Z1")
        values = model.backprop({}, []).passes.values
        assert [values[node] for cell, node in sorted(model.model.nodes.items()) if cell.column == 3] == total


def outcome(path: Path, cell: str) -> float | str:
    """Return the value of a cell, or the message of its error."""
    try:
        return gg.from_workbook(path, cell).backprop({}, []).value
    except gg.GraphgradError as error:
        return error.message
