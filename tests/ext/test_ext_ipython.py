"""The magic, and what shows itself, in a notebook that a real kernel executes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from planting import plant

import graphgrad as gg
from graphgrad.ext.ipython import CellError, graphgrad
from graphgrad.ops import OPS

CELLS = [
    "import graphgrad as gg\ng = gg.parse('(apple*n + orange*m)*tax')\ng",
    "g.backprop({'apple': 100, 'n': 2, 'orange': 150, 'm': 3, 'tax': 1.1})",
    "%load_ext graphgrad",
    "%%graphgrad at=\"x=3\" pass=forward alt='The square of <three>'\ns = x*x\ns",
    "assert _.result.value == 9 and _.report and _.graph.inputs == ('x',)",
    "%%graphgrad fold\n2*sine(x)",
]


@pytest.fixture(scope="module")
def outputs() -> list[Any]:
    """Return what the cells show, in order."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    return [cell.outputs for cell in notebook.cells]


def test_a_graph_shows_itself(outputs: list[Any]) -> None:
    """The last expression of a cell, a graph or a result, is a picture."""
    graph, result = outputs[0][0].data, outputs[1][0].data
    assert graph["text/plain"].startswith("<Graph of 9 nodes")
    assert ">orange</text>" in graph["image/svg+xml"]
    assert result["text/plain"].startswith("<Backprop value=715.0")
    assert ">715</text>" in result["image/svg+xml"]


@pytest.mark.parametrize(
    ("form", "shown"),
    [("latex", r"\.pdf\}"), ("markdown", r"\(\w+\.svg\)"), ("rst", "<svg "), ("html", "jp-RenderedSVG jp-OutputArea")],
)
def test_a_notebook_can_be_exported(outputs: list[Any], form: str, shown: str) -> None:
    """`jupyter nbconvert` finds a format that it takes for each picture, and needs no other program."""
    from nbconvert import get_exporter

    cells = [nbformat.v4.new_code_cell("", outputs=outputs[i]) for i in (1, 3)]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    exporter = get_exporter(form)()  # type: ignore[no-untyped-call]
    text, files = exporter.from_notebook_node(notebook)
    assert len(re.findall(shown, text)) == 2
    assert {content[:4] for content in (files.get("outputs") or {}).values()} <= {b"%PDF", b"<svg"}


def test_the_magic_shows_a_cell_s_program(outputs: list[Any]) -> None:
    """The cell is the program, the magic's line holds the options."""
    assert outputs[2] == []
    picture = outputs[3][0].data["image/svg+xml"]
    assert ">s = 9</text>" in picture or ">9</text>" in picture
    assert 'class="gg-backward"' not in picture
    assert "The square of &lt;three&gt;" in picture


def test_the_magic_s_result_can_be_used(outputs: list[Any]) -> None:
    """The next cell has the result as `_`."""
    assert outputs[4] == []


def test_a_wrong_cell_is_told_without_a_traceback(outputs: list[Any]) -> None:
    """The cell fails with the message alone: what, where, what to write instead."""
    [error] = outputs[5]
    assert error.output_type == "error"
    assert error.ename == "CellError"
    assert error.traceback == ["unknown function 'sine'", "  2*sine(x)", "    ^^^^", "  did you mean 'sin'?"]


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [("at", "x", "give x=…"), ("theme=baroque", "2*3", "no theme 'baroque'"), ('alt="', "2*3", "quotation mark")],
)
def test_a_fault_of_the_options_is_a_fault_of_the_cell(line: str, cell: str, message: str) -> None:
    """What cannot be drawn fails the cell, not only its display."""
    with pytest.raises(CellError, match=message):
        graphgrad(line, cell)


def test_numbers_that_are_wrong_fail_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails is an error, so that a notebook run in CI fails."""
    plant(monkeypatch, replace(OPS["tanh"], d=(lambda m, z, x: 1 + z**2,), stable_d=None))
    with pytest.raises(CellError, match="check FAILED"):
        graphgrad("", "x = 0.5\ntanh(x)")


def test_the_root_is_the_extension() -> None:
    """`%load_ext graphgrad` finds what IPython calls."""
    registered = dict[str, Any]()

    class Shell:
        def register_magic_function(self, function: Any, **how: Any) -> None:
            registered.update(how, function=function)

    gg.load_ipython_extension(Shell())
    assert registered == {"magic_kind": "cell", "magic_name": "graphgrad", "function": graphgrad}
