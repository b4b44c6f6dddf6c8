"""The dialect of Excel and LibreOffice: a table of formulas with documented values, and one of refusals."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import pointed_at, refused

import graphgrad as gg
from graphgrad.ops.table import OPERATIONS
from graphgrad.text.dialects.excel.functions import FUNCTIONS, MOST
from graphgrad.text.dialects.excel.grammar import formula_grammar
from graphgrad.text.dialects.excel.references import Area, Cell, area_in, cell_in
from graphgrad.text.dialects.excel.repeated import FormulaParser
from graphgrad.text.dialects.excel.terms import Arithmetic, Term
from graphgrad.text.dialects.excel.unread import UNREAD
from graphgrad.text.parser import parse

LINES = [json.loads(line) for line in (Path(__file__).parent.parent / "data" / "excel.jsonl").read_text().splitlines()]
VALUES = [line for line in LINES if "value" in line]
REFUSED = [line for line in LINES if "refused" in line]


@pytest.mark.parametrize("line", VALUES, ids=lambda line: line["formula"])
def test_a_formula_has_the_value_that_excel_documents(line: dict[str, Any]) -> None:
    """The value agrees in all of the decimals that are written."""
    graph = gg.parse(line["formula"], dialect="excel")
    given = dict.fromkeys(graph.inputs, 1) | {name: x for name, x in line.get("at", {}).items() if name in graph.inputs}
    value = gg.parse(line["formula"], dialect="excel").backprop(given, []).value
    decimals = len(line["value"].partition(".")[2])
    assert value == pytest.approx(float(line["value"]), abs=0.51 * 10.0**-decimals if decimals else 1e-9)


@pytest.mark.parametrize("line", VALUES, ids=lambda line: line["formula"])
def test_a_formula_is_written_as_text_that_gives_the_same_graph(line: dict[str, Any]) -> None:
    """What the plain language prints of it is read back to the same value."""
    graph = gg.parse(line["formula"], dialect="excel")
    again = gg.parse(str(graph))
    given = dict.fromkeys(graph.inputs, 1.5) | {
        name: x for name, x in line.get("at", {}).items() if name in graph.inputs
    }
    inputs = {name: value for name, value in given.items() if name in again.inputs}
    assert again.backprop(inputs, []).value == graph.backprop(given, []).value


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: line["formula"])
def test_what_is_refused_is_pointed_at(line: dict[str, Any]) -> None:
    """The message says what is not read, and the span is the part of the text."""
    error = refused(line["formula"], line.get("dialect", "excel"))
    assert line["refused"] in error.message
    assert pointed_at(line["formula"], error) == line["at_text"]
    assert line.get("hint", "") in error.hint


def test_each_function_has_a_line() -> None:
    """But for lookups, which need a workbook."""
    written = set(re.findall(r"[A-Z][A-Z0-9.]*(?=\()", " ".join(line["formula"] for line in LINES).upper()))
    missing = FUNCTIONS.keys() - written
    assert missing == {"HLOOKUP", "LOOKUP", "XLOOKUP", "MATCH", "COUNTA", "ISBLANK", "ISNUMBER", "N"}


def test_the_table_is_long_enough() -> None:
    """Sixty lines were promised."""
    assert len(VALUES) >= 60
    assert len(REFUSED) >= 40


def test_each_cell_of_a_range_is_an_input() -> None:
    """The inputs are in the order of the range, and dollars make no other cell."""
    assert gg.parse("=SUM(B1:C2)*$B$1", dialect="excel").inputs == ("B1", "C1", "B2", "C2")


def test_semicolons_and_the_decimal_comma_are_a_dialect_of_their_own() -> None:
    """A decimal point is read there, too."""
    graph = gg.parse("=IF(A1>1,5;A1*2,25;0.5)", dialect="excel;")
    assert graph.backprop({"A1": 2}, []).value == 4.5
    assert graph.backprop({"A1": 1}, []).value == 0.5


def test_derivatives_of_a_formula() -> None:
    """A formula is differentiated as any other expression, and checked."""
    result = gg.parse("=SUMPRODUCT(A1:A2,B1:B2)/(1+C1%)", dialect="excel").backprop(
        {"A1": 1, "A2": 2, "B1": 3, "B2": 4, "C1": 25}
    )
    assert result.grad["B2"] == pytest.approx(1.6)
    assert result.check()


def test_a_long_formula_takes_linear_space() -> None:
    """Deep nesting and many terms are read without recursion."""
    many = "=" + "+".join(f"A{i}" for i in range(1, 5001))
    assert len(gg.parse(many, dialect="excel").inputs) == 5000
    deep = "=" + "ABS(" * 2000 + "A1" + ")" * 2000
    assert gg.parse(deep, dialect="excel").backprop({"A1": -1}, []).value == 1


def test_a_formula_that_grows_when_it_is_written_out_is_limited() -> None:
    """Standard deviations within standard deviations double with each step, as text would."""
    formula = "A1"
    for _ in range(40):
        formula = f"VAR.P({formula},B1)"
    with pytest.raises(gg.LimitError, match="too large once it is written out"):
        gg.parse(f"={formula}", dialect="excel")


@given(st.integers(1, 1_048_576), st.integers(1, 16_384), st.sampled_from(["", "In", "My Sheet", "It's", "A1", "R"]))
def test_addresses_are_read_back(row: int, column: int, sheet: str) -> None:
    """Each cell of a sheet has an address that means it, with a sheet in quotes where it needs them."""
    cell = Cell(sheet, row, column)
    assert cell_in(str(cell)) == cell
    assert area_in(str(cell)) == Area(sheet, row, column, row, column)


@given(st.lists(st.sampled_from(["A9", "$B$10", "In!C100", "'a b'!D7", "A1:B2"]), min_size=2, max_size=4))
def test_formulas_that_were_filled_down_are_parsed_alike(references: list[str]) -> None:
    """A formula that is known but for its references has the code and the spans that parsing gives."""
    parsed = FormulaParser(OPERATIONS)
    parsed('=SUM(A1:A2)+B1*"x"' if len(references) < 3 else "=IF(A1>2,SUM(B1),MAX(C1,3))^D1")
    x, y, *rest = references
    formulas = [f"=SUM({x}, {y})*2 - {x}%", f'=IF({y}="{x}",{x},{y})', f"={x}+{'+'.join([y, *rest])}"]
    for formula in [*formulas, *formulas]:
        shifted = formula.replace("9", "1234")
        for text in (formula, shifted):
            [fresh] = parse(text, formula_grammar(OPERATIONS))
            assert parsed(text)[0] == fresh


EXCEL = (Path(__file__).parent.parent / "data" / "excel_functions.txt").read_text().split()


@pytest.mark.parametrize("name", EXCEL)
def test_each_function_of_excel_is_read_or_refused_by_name(name: str) -> None:
    """What is not read says what to write instead, not that the name is unknown."""
    if name in FUNCTIONS:
        assert name not in UNREAD
        return
    with pytest.raises(gg.ExpressionSyntaxError, match=f"{re.escape(name)} is not read") as caught:
        gg.parse(f"={name}(A1)", dialect="excel")
    assert caught.value.hint


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_numbers_are_sorted(count: int) -> None:
    """Each place of the order holds the number that sorting puts there, with a derivative by that number alone."""
    numbers = {f"A{i}": float((7 * i) % 13) + i / 100 for i in range(1, count + 1)}
    for k, wanted in enumerate(sorted(numbers.values()), 1):
        result = gg.parse(f"=SMALL(A1:A{count},{k})", dialect="excel").backprop(numbers)
        assert result.value == wanted
        assert {numbers[name] for name, d in result.grad.items() if d} == {wanted}


@pytest.mark.parametrize("at", [{"A1": 0.0, "B1": 4.0}, {"A1": 2.0, "B1": 4.0}, {"A1": -1.0, "B1": -4.0}])
@pytest.mark.parametrize(
    "formula", ["A1/B1+B1/A1", "SQRT(A1)*LN(B1)", "B1^A1", "A1^-2", "ACOSH(B1)/MOD(B1,A1)", "ASIN(A1)"]
)
def test_iferror_takes_the_second_operand_where_the_first_has_no_value(formula: str, at: dict[str, float]) -> None:
    """It has the value of the first operand wherever there is one, and else value and derivatives of the second."""
    graph = gg.parse(f"=IFERROR({formula},99+A1)", dialect="excel")
    plain = gg.parse(f"={formula}", dialect="excel")
    given = {name: at[name] for name in graph.inputs}
    value = graph.backprop(given, []).value
    try:
        wanted = plain.backprop({name: at[name] for name in plain.inputs}, []).value
    except gg.DomainError:
        assert value == 99 + at["A1"]
        assert graph.backprop(given).grad["A1"] == 1
    else:
        assert value == wanted


OF_MANY: Final = [name for name, function in FUNCTIONS.items() if function.least == 1 and function.most == MOST]


@pytest.mark.parametrize("name", OF_MANY)
def test_twice_as_many_cells_take_about_twice_as_many_operations(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all cells share, such as their mean, is added once; sorting takes a little more than twice as many."""
    counts: list[int] = []
    apply = Arithmetic.apply

    def counted(m: Arithmetic, *given: Any) -> Term:
        counts[-1] += 1
        return apply(m, *given)

    monkeypatch.setattr(Arithmetic, "apply", counted)
    for cells in (100, 200):
        counts.append(0)
        with suppress(gg.LimitError):  # of what is written out, when all operations have been added
            gg.parse(f"={name}(A1:A{cells})", dialect="excel")
    assert counts[1] <= 3 * counts[0]
