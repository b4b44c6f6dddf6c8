"""Calls of a text's functions in pictures, in the tree, in LaTeX and in explanations."""

from __future__ import annotations

import json
import re

import pytest

import graphgrad as gg
from graphgrad.backprop.closed_passes import for_people
from graphgrad.backprop.edge_formulas import Formulas
from graphgrad.draw.formats.tree import tree

TEXT = "f(x, y) = x**2 + y; f(3, a)*f(b, 1)"
AT = {"a": 2, "b": 4}
FORMATS = ("svg", "dot", "mmd", "tex", "typ", "html")


def boxes(source: str) -> list[str]:
    """Return the labels of the operations in a picture's DOT source, in order."""
    return re.findall(r'label="?([^" ]+)"? class=operation', source)


def dot(graph: gg.Graph, **options: object) -> str:
    """Return the DOT source of the picture of both passes."""
    return str(graph.backprop(AT).draw(**options))  # type: ignore[arg-type]  # one of the options of draw


def test_a_call_is_one_box() -> None:
    """The box has the function's name; what is within the body is not drawn."""
    assert boxes(dot(gg.parse(TEXT))) == ["f", "f", "×"]


@pytest.mark.parametrize("opens", [{"expand": "f"}, {"expand": "*"}])
def test_a_box_can_be_opened(opens: dict[str, str]) -> None:
    """By the function's name, and by the star that opens all."""
    assert "f" not in boxes(dot(gg.parse(TEXT), **opens))
    assert boxes(dot(gg.parse(TEXT), **opens)) == boxes(dot(gg.parse(TEXT).opened()))


def test_functions_are_opened_by_name() -> None:
    """The others stay closed, also within the body of the one that is opened."""
    graph = gg.parse("g(x) = sin(x)*x; f(x) = g(x) + 1; f(a)*g(b)")
    assert sorted(boxes(dot(graph.opened("f")))) == ["+", "g", "g", "×"]
    with pytest.raises(gg.GraphgradError, match="no function or composite operation 'h' to open"):
        graph.opened("h")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_draws_the_call(form: str) -> None:
    """The function's body is in none."""
    drawn = gg.parse(TEXT).backprop(AT).render(form).decode()
    opened = gg.parse(TEXT).opened().backprop(AT).render(form).decode()
    assert len(drawn) < len(opened)


def test_the_page_computes_the_call() -> None:
    """The page's own program has the values and the local derivatives of the calls."""
    page = gg.parse(TEXT).backprop(AT).render("html").decode()
    assert "sends back" in page


def test_a_derivative_is_shown_by_the_function_s_name() -> None:
    """On the edges of a call stand ∂f/∂x and ∂f/∂y."""
    passes = for_people(gg.parse(TEXT).backprop(AT).passes)
    formulas = Formulas(passes)
    [step] = [step for step in passes.tape.steps if step.op.name == "f"][1:]
    assert [formulas.phrase(step, i) for i in range(2)] == ["∂f/∂x", "∂f/∂y"]


def test_the_numbers_are_those_of_the_body() -> None:
    """The local derivatives of a call are the gradient of its body, and outer names are operands."""
    graph = gg.parse("k = 3; f(x, y) = k*x**2*y; f(a, b)*f(b, a)")
    passes = for_people(graph.backprop(AT).passes)
    first = passes.tape.steps[0]
    assert (first.op.name, [passes.graph.names[i] for i in first.operands]) == ("f", ["a", "b", "k"])
    assert passes.backward.partials.rows[first.target] == [48, 12, 16]
    assert passes.grad == graph.backprop(AT).grad


def test_arrays_flow_through_a_call() -> None:
    """A call of a function on arrays is drawn with its arrays."""
    r = gg.parse("f(w, x) = sum(w*x)**2; f(p, q)*2").backprop({"p": [1, 2], "q": [[3, 4], [5, 6]]})
    passes = for_people(r.passes)
    assert passes.grad["p"].tolist() == r.grad["p"].tolist() == [896, 1120]
    assert "f" in boxes(str(r.draw()))


def test_the_tree_has_the_call() -> None:
    """With the numbers of the passes, and the operands below it."""
    assert tree(gg.parse(TEXT).backprop(AT).passes).splitlines()[2].split() == ["├─", "f", "11", "17"]


def test_a_fault_within_a_call_is_shown_at_the_call() -> None:
    """Passes that a fault has stopped are shown as far as they came."""
    with pytest.raises(gg.DomainError) as caught:
        gg.parse("f(x) = log(x); 2*f(a - b)").backprop(AT)
    assert caught.value.passes is not None
    assert "f" in tree(caught.value.passes, passes="forward")


def test_the_explanation_calls_the_function() -> None:
    """Its steps are the calls."""
    steps = gg.parse(TEXT).backprop(AT).explain("a").chain.steps
    assert [step.formula.text for step in steps] == ["f(3, a)", "s*f(b, 1)"]


def test_a_call_that_adds_no_node_has_no_box() -> None:
    """As that of f(x) = x, of a constant, and of a function whose value was there before its operand."""
    for text in ("f(x) = x; f(a)*b", "f(x) = sin(2); f(a)*b", "f(x, y) = x**2; s = a**2; f(a, s + 1)*s*b"):
        graph = gg.parse(text)
        assert for_people(graph.backprop(AT).passes).grad == graph.backprop(AT).grad


def test_the_lens_adds_up_what_is_within_a_call() -> None:
    """The share of a call in the error is that of its whole body."""
    r = gg.parse("f(x) = (exp(x) - 1)/x; f(a)*b").backprop({"a": 1e-10, "b": 1})
    lines = tree(r.passes, shares=r.lens().shares).splitlines()
    assert "100 %" in next(line for line in lines if " f " in line)


class TestLatex:
    """LaTeX has the functions, or writes them out, whichever is shorter."""

    def test_a_short_one_is_written_out(self) -> None:
        """A call that is used once is no shorter."""
        assert gg.parse("f(x) = x**2; f(a)").to_latex() == "a^{2}"

    def test_a_long_one_is_defined(self) -> None:
        """The definition stands before its first use, and after what it uses."""
        text = "s = a*b; g(t) = s*exp(-t**2/2)/sqrt(2*pi); g(a) + g(b)*g(a + b)"
        tex = gg.parse(text).to_latex().splitlines()
        assert [line.split("&")[0].strip() for line in tex[1:-1]] == ["s", r"g\left(t\right)", ""]
        assert r"g\left(a\right) + g\left(b\right) \cdot g\left(a + b\right)" in tex[3]


class TestText:
    """The text of a graph has its functions."""

    @pytest.mark.parametrize(
        "text",
        [
            "f(x, y) = x**2 + y\nf(3, a)*f(b, 1)",
            "k = 3\nf(x) = k*x\nf(a) + f(b)",
            "s = a*b\ng(t) = s*t\nf(x) = g(x) + g(2)\nr = f(a)\nr*g(r)",
        ],
    )
    def test_it_reads_back(self, text: str) -> None:
        """As it was."""
        assert str(gg.parse(text)) == text

    def test_functions_are_written_out_where_names_clash(self) -> None:
        """An outer name that a parameter hides cannot be written within the body."""
        graph = gg.parse("q = x; f(x) = x*q; f(3)")
        assert str(graph) == "3*x"


def test_generated_code_computes_the_calls() -> None:
    """Python, C and JavaScript write the calls out, and the compiled function has their numbers."""
    graph = gg.parse(TEXT)
    value, grad = graph.compile()(**AT)
    assert (value, grad) == (graph.backprop(AT).value, graph.backprop(AT).grad)
    for code in (graph.to_python(), graph.to_c(), graph.to_javascript()):
        assert not re.search(r"\bf\(3", code.replace(TEXT, ""))
    assert str(graph.gradient("b")) == str(graph.opened().gradient("b"))


def test_json_has_the_nodes_of_the_bodies() -> None:
    """A graph that is read from JSON is the same, with its calls written out."""
    r = gg.parse(TEXT).backprop(AT)
    assert gg.from_json(r.to_json()) == r
    ops = [node["op"] for node in json.loads(r.to_json())["nodes"]]
    assert "f" not in ops
