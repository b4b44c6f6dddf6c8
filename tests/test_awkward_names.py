"""Names of all kinds through everything that writes or reads a name."""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pytest
import sympy
from awkward import ANY_NAME, NAMES, quoted
from hypothesis import given
from pictures import texts

import graphgrad as gg
from graphgrad.base.terminal_text import printable
from graphgrad.cli import main
from graphgrad.ext.block import read
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Sequence

EACH = pytest.mark.parametrize("name", NAMES, ids=ascii)


def graph_of(name: str) -> gg.Graph:
    """Return a graph with an intermediate, an input and an output of awkward names."""
    text = "{0} = {1}*y; {2} = {0}*{1} + sin({0})".format(*map(quoted, (f"{name}'", name, f"{name}''")))
    return gg.parse(text)


def result_of(name: str) -> gg.Backprop[Any]:
    """Return both passes of this graph."""
    return graph_of(name).backprop({name: 3, "y": 2})


def names_of(graph: gg.Graph) -> list[str]:
    """Return all names of a graph by its nodes, and the output's."""
    return [*dict(graph.dag.nodes(data="name")).values(), graph.dag.graph["output_name"]]


@given(ANY_NAME, ANY_NAME)
def test_text_holds_a_graph_with_any_names(a: str, b: str) -> None:
    """The text of a graph parses to the same graph: its inputs, its intermediates, its output."""
    if len({a, b, "n"}) < 3:
        return
    graph = gg.parse(f"{quoted(a)} = n*2; {quoted(b)} = {quoted(a)}**n + sin({quoted(a)})")
    again = gg.parse(str(graph))
    assert names_of(again) == names_of(graph)
    assert list(again.dag.edges(keys=True)) == list(graph.dag.edges(keys=True))


@EACH
def test_text_and_json_hold_the_graph(name: str) -> None:
    """What is read back has the same names and the same numbers."""
    graph, result = graph_of(name), result_of(name)
    assert gg.parse(str(graph)).inputs == graph.inputs == (name, "y")
    assert gg.parse(str(graph)).backprop({name: 3, "y": 2}).grad == result.grad
    loaded: Any = gg.from_json(result.to_json())
    assert loaded.grad == result.grad
    assert set(json.loads(json.dumps(dict(result.grad)))) == {name, "y"}


@EACH
def test_sympy_has_symbols_of_these_names(name: str) -> None:
    """The expression has them as its symbols, and they come back as the inputs."""
    formula = graph_of(name).to_sympy()
    assert {str(symbol.name) for symbol in formula.free_symbols} == {name, "y"}
    assert gg.from_sympy(formula).backprop({name: 3, "y": 2}).grad == pytest.approx(dict(result_of(name).grad))
    assert gg.from_sympy(sympy.Symbol(name) * sympy.pi).inputs == (name,)


@EACH
def test_derivatives_are_graphs_of_these_names(name: str) -> None:
    """Their texts parse; a direction has new names."""
    graph, at = graph_of(name), {name: 3.0, "y": 2.0}
    slope = result_of(name).grad[name]
    entry = gg.parse(str(graph.gradient(name)))
    assert entry.backprop(at).value == pytest.approx(slope)
    along = graph.jvp()
    assert along.inputs == (name, "y", f"d{name}", "dy")
    assert along.backprop({**at, f"d{name}": 1, "dy": 0}).value == pytest.approx(slope)
    assert str(graph.gradient()).split("\n")[-2].startswith(f"∂/∂{written(name)} = ")
    assert gg.parse(str(graph.hvp()[name])).inputs


@EACH
def test_compiled_functions_take_them(name: str) -> None:
    """By position, by name, with columns; the gradient has them as keys."""
    f, grad = graph_of(name).compile(), dict(result_of(name).grad)
    assert f(3.0, 2.0)[1] == f(**{name: 3.0, "y": 2.0})[1] == grad
    _, columns = f(**{name: np.array([3.0, 3.0]), "y": np.array(2.0)})
    assert columns[name].tolist() == pytest.approx([grad[name]] * 2)
    assert f.check({name: [1.0, 2.0], "y": 2.0})
    assert graph_of(name).compile(wrt=name).wrt == (name,)
    assert graph_of(name).compile(wrt=f"y, {quoted(name)}").wrt == ("y", name)


@EACH
def test_analyses_have_them_as_keys(name: str) -> None:
    """Sensitivity, error propagation, a lens, ulps, minimisation, and the check of a gradient written by hand."""
    result = result_of(name)
    assert result.sensitivity({name: "+1%"})[name].change
    assert result.propagate({name: "±1"}).shares == {name: 1.0}
    assert result.lens(name).of == f"∂/∂{name}"
    assert name in result.ulps().grad
    valley = gg.parse(f"({quoted(name)} - 3)**2")
    assert gg.minimize(valley, {name: 0.0}).x == pytest.approx({name: 3})
    assert gg.check_grad(graph_of(name), dict(result.grad), at={name: 3, "y": 2})
    assert gg.trace(lambda a, b: a * b, name, "y").inputs == (name, "y")


@EACH
def test_reports_and_sentences_show_them_as_the_text_does(name: str) -> None:
    """The check, the chain rule, a blame and an error name the input in backquotes where the text needs them."""
    result, shown = result_of(name), printable(written(name))
    report = result.check()
    assert report
    assert f"∂/∂{name}" in {row.subject for row in report.rows}
    explanation = result.explain(name)
    assert f"{shown} = 3" in str(explanation)
    assert explanation.sympy.value is not None
    assert [blame.sentence for blame in gg.parse(f"exp({quoted(name)})").backprop({name: 800}).blame]
    with pytest.raises(gg.DomainError) as caught:
        gg.parse(f"log({quoted(name)})").backprop({name: -1})
    assert f"here {shown} = -1" in str(caught.value)
    with pytest.raises(gg.UnknownNameError) as missing:
        graph_of(name).backprop({"y": 1})
    assert f"give {shown}=…" in str(missing.value)


@EACH
def test_pictures_show_them(name: str) -> None:
    """As they are, but for Greek letters, with what cannot be seen replaced; every format is well-formed."""
    result = result_of(name)
    shown = printable({"lambda": "λ"}.get(name, name)).strip(" ")
    assert not shown or shown in texts(result.render("svg", local=True).decode())
    stored = nx.read_graphml(io.BytesIO(result.render("graphml")))
    assert printable(name) in {printable(str(each)) for _, each in stored.nodes(data="name")}
    page = result.render("html").decode()
    assert page.count("<script") == page.count("</script>") == 1
    for form in ("dot", "mmd", "tex"):
        assert result.render(form, local=True)
    assert f"At {printable(written(name))} = 3, y = 2: " in result.describe()


@EACH
def test_the_command_takes_them(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the expression and in the options beside it, where a name in backquotes is one name."""
    if "\0" in name:
        return
    inside = quoted(name)
    arguments = [f"{inside}*y", "--at", f"{inside}=3±0.1,y=2", "--wrt", f"y,{inside}", "--change", f"{inside}=+1"]
    answer = _json_of([*arguments, "--error", "y=0.1"], capsys)
    assert answer["grad"] == {"y": 3, name: 2}
    assert answer["at"][name] == 3
    assert answer["sensitivity"]["inputs"][name]
    assert set(answer["error"]["inputs"]) == {name, "y"}
    assert main(arguments) == 0
    assert f"∂/∂{printable(written(name))} = 2" in capsys.readouterr().out


def _json_of(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@EACH
def test_blocks_in_documents_take_them(name: str) -> None:
    """The options of a block read them as the command does."""
    inside = quoted(name)
    answer = read(f"{inside}*y", {"at": f"{inside}=3, y=2", "wrt": inside, "explain": inside}).answer()
    assert answer.result.grad == {name: 2}
    assert answer.explanations()


def test_blanks_within_a_name_need_no_backquotes_beside_an_expression(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing else that they could mean."""
    answer = _json_of(["`unit price`*n", "--at", "unit price = 3, n=2", "--wrt", "unit price"], capsys)
    assert answer["grad"] == {"unit price": 2}
    assert dict(gg.parse("`unit price`*n").backprop({"unit price": 3, "n": 2}, wrt="unit price, n").grad) == {
        "unit price": 2,
        "n": 3,
    }


def test_a_name_is_told_from_what_it_looks_like() -> None:
    """A variable called pi beside the constant, one called 2 beside the number: in text, LaTeX and numbers."""
    graph = gg.parse("`pi`*pi + `2`*2")
    assert graph.to_latex() == r"\mathrm{pi} \cdot \pi + \textit{2} \cdot 2"
    assert graph.backprop({"pi": 1, "2": 5}).value == pytest.approx(math.pi + 10)


def test_a_box_is_expanded_by_its_name(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    """The option reads a list of names in backquotes or without."""
    for expand in ("net total", "`net total`"):
        path = tmp_path / "picture.svg"
        arguments = ["`net total` = x*2; `net total`*y", "--at", "x=1,y=2", "-o", str(path), "--expand", expand]
        assert main(arguments) == 0
        assert path.exists()
    assert "wrote" in capsys.readouterr().out
