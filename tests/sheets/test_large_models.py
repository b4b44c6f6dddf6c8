"""A generated model of 10,000 cells: all partials in one backward pass, equal to re-evaluation cell by cell."""

from __future__ import annotations

import pickle
import random
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

from workbooks import F, write_workbook

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = 1_430

Cells = dict[str, float]


def _first(a: str, b: str, more: int) -> Callable[[Cells], float]:
    return lambda v: v[a] * v[b] ** 2 + more


def _second(a: str, x: str) -> Callable[[Cells], float]:
    return lambda v: v[x] * (1 - v["In!E1"]) if v[x] > v["In!E2"] else max(v[x], v[a], 3) * 0.9


def _half(x: str, y: str) -> Callable[[Cells], float]:
    return lambda v: (v[x] + v[y]) / 2


def _running(before: str, names: tuple[str, ...]) -> Callable[[Cells], float]:
    return lambda v: v[before] * 0.5 + sum(v[name] for name in names) / len(names)


def _squared(z: str, x: str) -> Callable[[Cells], float]:
    return lambda v: float((-(v[z] ** 0.5)) ** 2 / v[x])


def _product(x: str, y: str) -> Callable[[Cells], float]:
    return lambda v: v[x] * v[y]


def generated() -> tuple[dict[str, dict[str, Any]], list[tuple[str, Callable[[Cells], float]]]]:
    """Return a model of sheets, and its formulas in their order as functions of the values of earlier cells."""
    source = random.Random(5)
    sheets: dict[str, dict[str, Any]] = {"In": {}, "Model": {}, "Summary": {}}
    formulas: list[tuple[str, Callable[[Cells], float]]] = []

    def formula(sheet: str, address: str, text: str, compute: Callable[[Cells], float]) -> None:
        sheets[sheet][address] = F(text)
        formulas.append((f"{sheet}!{address}", compute))

    sheets["In"]["E1"], sheets["In"]["E2"] = 0.08, 25.0
    for r in range(1, ROWS + 1):
        sheets["In"][f"A{r}"] = round(source.uniform(1, 10), 2)
        sheets["In"][f"B{r}"] = round(source.uniform(0.5, 2), 3)
        a, b = f"In!A{r}", f"In!B{r}"
        x, y, z, before = (f"Model!{cell}" for cell in (f"A{r}", f"B{r}", f"C{r}", f"C{r - 1}"))
        formula("Model", f"A{r}", f"{a}*{b}^2+{r % 7}", _first(a, b, r % 7))
        formula("Model", f"B{r}", f"IF(A{r}>In!$E$2,A{r}*(1-In!$E$1),MAX(A{r},{a},3)*0.9)", _second(a, x))
        running = "SUM(A1:B1)/2" if r == 1 else f"C{r - 1}*0.5+AVERAGE(A{r}:B{r},In!B{r})"
        formula("Model", f"C{r}", running, _half(x, y) if r == 1 else _running(before, (x, y, b)))
        formula("Model", f"D{r}", f"-SQRT(C{r})^2/A{r}", _squared(z, x))
        formula("Model", f"E{r}", f"D{r}*{b}", _product(f"Model!D{r}", b))
    columns = {column: [f"Model!{column}{r}" for r in range(1, ROWS + 1)] for column in "BE"}
    formula("Summary", "B10", f"SUM(Model!E1:E{ROWS})+MIN(Model!B1:B{ROWS})*In!E1", lambda v: bottom_line(v, columns))
    return sheets, formulas


def bottom_line(values: Cells, columns: dict[str, list[str]]) -> float:
    """Return the sum of one column and a share of the least of another, added from the left."""
    total = 0.0
    for name in columns["E"]:
        total += values[name]
    return total + min(values[name] for name in columns["B"]) * values["In!E1"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[gg.WorkbookGraph, Cells, Any]:
    """Return the graph of the bottom line, the constant cells, and the formulas."""
    sheets, formulas = generated()
    assert sum(map(len, sheets.values())) > 10_000
    path = write_workbook(tmp_path_factory.mktemp("large") / "model.xlsx", sheets)
    constants = {
        f"{sheet}!{address}": value
        for sheet, cells in sheets.items()
        for address, value in cells.items()
        if not isinstance(value, F)
    }
    return gg.from_workbook(path, "Summary!B10"), constants, formulas


def evaluated(constants: Cells, formulas: Any) -> Cells:
    """Return the values of all cells, computed one by one."""
    values = dict(constants)
    for address, compute in formulas:
        values[address] = compute(values)
    return values


def test_every_cell_has_the_value_of_evaluation_cell_by_cell(model: tuple[gg.WorkbookGraph, Cells, Any]) -> None:
    """The forward pass gives each of the formulas its value."""
    graph, constants, formulas = model
    values = evaluated(constants, formulas)
    assert set(graph.inputs) == set(constants)
    result = graph.backprop()
    assert result.value == pytest.approx(values["Summary!B10"], rel=1e-13)
    for cell, node in graph.model.nodes.items():
        assert result.passes.values[node] == pytest.approx(values[str(cell)], rel=1e-12)
    assert len(graph.model.nodes) == len(formulas)


def test_all_partials_are_those_of_evaluation_anew(model: tuple[gg.WorkbookGraph, Cells, Any]) -> None:
    """One backward pass gives every partial; some are held against differences of cell by cell evaluation."""
    graph, constants, formulas = model
    grad = graph.backprop().grad
    assert len(grad) == len(constants)
    for name in ["In!E1", *random.Random(3).sample(sorted(constants), 12)]:
        step = 1e-6 * max(1, abs(constants[name]))
        high, low = (
            evaluated(constants | {name: constants[name] + by}, formulas)["Summary!B10"] for by in (step, -step)
        )
        assert grad[name] == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-6)


def test_what_drives_the_bottom_line(model: tuple[gg.WorkbookGraph, Cells, Any]) -> None:
    """The bars of the tornado chart are those of evaluation anew, and the widest swing is first."""
    graph, constants, formulas = model
    tornado = graph.backprop().tornado("±1%")
    assert (len(tornado.bars), tornado.left_out) == (20, len(constants) - 20)
    assert [bar.swing for bar in tornado.bars] == sorted((bar.swing for bar in tornado.bars), reverse=True)
    for bar in tornado.bars[:3]:
        changed = constants | {bar.name: constants[bar.name] * 1.01}
        assert bar.high == pytest.approx(evaluated(changed, formulas)["Summary!B10"], rel=1e-12)


def test_a_graph_of_a_workbook_can_be_pickled(model: tuple[gg.WorkbookGraph, Cells, Any]) -> None:
    """With its file, so that the comparison can still be made."""
    graph = model[0]
    again = pickle.loads(pickle.dumps(graph))
    assert again == graph
    assert again.comparison == graph.comparison
