"""The one reader of options: every tool's block of text becomes the same question, with the same messages."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from pictures import classes, texts
from pictures import read as svg_root

import graphgrad as gg
from graphgrad.ext.block import OPTIONS, header, line_of, read
from graphgrad.ext.pieces import paragraphs

if TYPE_CHECKING:
    from graphgrad.ext.block import Answer


def answer(text: str, line: str = "") -> Answer:
    """Return what a block asks for, its options in one line."""
    return read(text, header(line)).answer()


def svg(text: str, line: str = "") -> str:
    """Return the picture of a block."""
    return answer(text, line).picture().decode()


def test_the_options_are_those_of_the_command() -> None:
    """A point, names, the passes to draw: all in one line."""
    found = answer("a*b", 'at="a=2, b=3" wrt="a" pass="backward"')
    assert found.result.grad == {"a": 3}
    assert classes(found.picture().decode())["forward"] == 0


def test_values_may_be_arrays() -> None:
    """An array stands in brackets; where the output is one, so does its adjoint."""
    found = answer("x*y", 'at="x=[1, 2], y=3" seed="[10, 0]"')
    assert found.result.grad["x"].tolist() == [30, 0]
    assert "2 entries" in texts(found.svg)


def test_literals_are_named_by_wrt() -> None:
    """As on the command line, names go to the literals where there is no variable."""
    assert answer("100*5*1.08", "wrt=apple").result.grad == {"apple": 5.4}


def test_a_flag_stands_alone() -> None:
    """A flag is its name; it changes the picture, or the numbers."""
    assert "×2" in texts(svg("x*2", "at=x=3 fold"))
    assert sum(text.startswith("∂") for text in texts(svg("x*2", "at=x=3 local"))) == 1
    assert str(answer("x/3", "at=x=1 exact").result.value) == "1/3"
    assert len(answer("(x*x)+(x*x)", "at=x=1 tree").graph.dag) == 1 + 3


def test_the_way_a_picture_is_drawn_may_be_asked_for() -> None:
    """A direction, sums and products of many operands, and the width are options; the words say the direction."""
    assert "minus" in texts(svg("a - b + c", 'at="a=1, b=2, c=3" nary=yes'))
    down = answer("x*2", "at=x=3 direction=down")
    assert "from top to bottom" in down.alt
    assert "from top to bottom" in down.picture().decode()
    assert "from top to bottom" in answer("exp(x) + exp(y)*z", 'at="x=1, y=2, z=3" width=200').alt


@pytest.mark.parametrize("line", ["nary=maybe", "width=wide", "direction=up", "width=0"])
def test_a_way_that_there_is_not_is_refused(line: str) -> None:
    """The message says what there is."""
    with pytest.raises(gg.GraphgradError):
        svg("x*2", f"at=x=3 {line}")


def test_the_alternative_text_is_the_writer_s_or_told_from_the_graph() -> None:
    """Whoever cannot see the picture gets the writer's words, or else the graph's numbers."""
    assert answer("x*2", "at=x=3").alt.endswith("At x = 3: E = 6. Gradient: ∂/∂x = 2.")
    assert answer("x*2", "at=x=3 alt='Twice three'").alt == "Twice three"
    assert svg_root(svg("x*2", "at=x=3 alt='Twice three'")).attrib["aria-label"] == "Twice three"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (" \n", "", "there is no expression to draw"),
        ("x", "capton=x", "there is no option 'capton'\ndid you mean 'caption'?"),
        ("x", "zzz=x", f"options: {', '.join(OPTIONS)}"),
        ("x", "fold=yes", "the option 'fold' takes no value"),
        ("x", 'alt="x', "a quotation mark is not closed"),
        ("x", "at=x=1 at=x=2", "the option 'at' stands there twice"),
        ("x", "at=x", "at x: not NAME=VALUE"),
        ("x", "at=x=1 wrt=,", "wrt ,: a name is missing"),
        ("x", "at=x=1 check=some", "unknown level of checking 'some'"),
        ("x", "at=x=1 pass=sideways", "there is no pass 'sideways' to draw"),
        ("sine(x)", "", "did you mean 'sin'?"),
    ],
)
def test_every_fault_is_told(text: str, line: str, message: str) -> None:
    """What is wrong is said in the writer's words, with what to write instead."""
    with pytest.raises(gg.GraphgradError) as caught:
        svg(text, line)
    assert message in str(caught.value)


def test_a_fault_has_a_line() -> None:
    """In a program of several lines, the fault is found in its own."""
    text = "a = 1\nb = 2\nsine(a)"
    with pytest.raises(gg.GraphgradError) as caught:
        answer(text)
    assert line_of(caught.value, text) == 2


def test_a_fault_of_an_option_is_in_no_line_of_the_program() -> None:
    """What is wrong in `at` is told for the block as a whole."""
    with pytest.raises(gg.GraphgradError) as caught:
        answer("(a\n+ b)", "at='a=\n2x'")
    assert "2x" in str(caught.value)
    assert line_of(caught.value, "(a\n+ b)") is None


def test_a_block_can_be_kept() -> None:
    """A tool may store a block and draw it in another process."""
    block = read("x*2", {"at": "x=3"})
    assert pickle.loads(pickle.dumps(block)).answer().result.value == 6


def test_what_is_explained() -> None:
    """The inputs that `explain` names, or all of the gradient, or none."""
    assert [each.chain.name.text for each in answer("a*b", "at=a=2,b=3 explain=b").explanations()] == ["b"]
    assert len(answer("a*b", "at=a=2,b=3 explain").explanations()) == 2
    assert answer("a*b", "at=a=2,b=3").explanations() == []


def test_an_explanation_in_pieces() -> None:
    """Headings, prose and formulas keep their order, and nothing of their text is lost or escaped twice."""
    [explanation] = answer("p_1 = abs(q); p_1*2", "at=q=0 explain").explanations()
    found = list(paragraphs(explanation))
    assert {paragraph.kind for paragraph in found} == {"heading", "prose", "display"}
    assert found[0].kind == "heading"
    assert all(r"\begin{aligned}" in p.pieces[0].text for p in found if p.kind == "display")
    words = "".join(text for p in found for kind, text in p.pieces if kind == "words")
    assert "(kink: p_1 at q = 0" in words
    assert "$" not in words
    assert "*" not in words


def test_an_explanation_as_html() -> None:
    """A notebook gets the picture and, below it, formulas that it typesets; what looks like a tag stays text."""
    bundle = answer("a < b", "at=a=2,b=3 explain=a")._repr_mimebundle_()
    assert bundle["text/html"].startswith(bundle["image/svg+xml"])
    assert "<p><strong>The chain rule for " in bundle["text/html"]
    assert "a &lt; b" in bundle["text/html"]
    assert "text/html" not in answer("2*3")._repr_mimebundle_()
