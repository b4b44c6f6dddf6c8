"""A graph and its passes show themselves where a front end asks for rich output."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from pictures import classes, texts

import graphgrad as gg
from graphgrad.draw.formats import fonts
from graphgrad.draw.scene import outline

if TYPE_CHECKING:
    from collections.abc import Callable

GRAPH = gg.parse("s = x*y; s + x")


def test_a_result_shows_both_passes() -> None:
    """A notebook gets the picture of both passes, a terminal one line."""
    bundle = GRAPH.backprop({"x": 3, "y": 5})._repr_mimebundle_()
    assert bundle["text/plain"] == "<Backprop value=18.0 grad={'x': 6.0, 'y': 3.0}>"
    assert {"forward", "backward"} <= set(classes(bundle["image/svg+xml"]))


def test_a_graph_shows_its_shape() -> None:
    """A graph without numbers is drawn without numbers, from left to right."""
    bundle = GRAPH._repr_mimebundle_(include=None, exclude=None)
    assert bundle["text/plain"] == repr(GRAPH)
    assert sorted(texts(bundle["image/svg+xml"])) == ["+", "E", "s", "x", "y", "×"]
    assert "backward" not in classes(bundle["image/svg+xml"])


@pytest.mark.parametrize("name", ["温", "ราคา", "दर"])
def test_a_pdf_says_which_font_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A notebook is printed even where no font has a name's characters: the message stands in the picture's place."""
    monkeypatch.setattr(fonts, "_undrawn", lambda foreign, _draw: foreign[0])
    bundle = gg.parse(f"{name}*2").backprop({name: 3})._repr_mimebundle_()
    [page] = pytest.importorskip("pymupdf").open(stream=b64decode(bundle["application/pdf"]), filetype="pdf")
    assert name in bundle["image/svg+xml"]
    assert f"no font on this machine draws '\\u{ord(name[0]):04x}'" in page.get_text()
    assert "apt install fonts-noto-" in page.get_text()


def test_a_graph_shows_its_formula() -> None:
    """Beside the picture stands the formula: in LaTeX, and in HTML for front ends that would show only one of both."""
    bundle = gg.parse("a/b < c")._repr_mimebundle_()
    assert bundle["text/latex"] == r"$\displaystyle \frac{a}{b} < c$"
    assert bundle["text/html"].startswith(bundle["image/svg+xml"])
    assert bundle["text/html"].endswith(r"<p>$\displaystyle \frac{a}{b} &lt; c$</p>")


def test_a_large_graph_shows_its_outline() -> None:
    """Of a graph of thousands of nodes, a notebook gets a picture with most of it closed."""
    bundle = gg.parse("+".join(f"x{i}" for i in range(1_000)))._repr_mimebundle_()
    assert classes(bundle["image/svg+xml"])["group"] == 1


def test_what_is_too_large_to_draw_shows_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph beyond all limits must not break the notebook that names it."""
    monkeypatch.setattr(outline, "MAX_NODES", 3)
    assert list(GRAPH._repr_mimebundle_()) == ["text/plain"]


def test_the_bytes_are_those_of_the_file() -> None:
    """`render` returns what `draw` writes."""
    result = GRAPH.backprop({"x": 3, "y": 5})
    assert result.render("dot", fold=True).decode() == result.draw(fold=True)


def result() -> gg.Backprop[float, float]:
    """Return a result with errors of rounding."""
    return gg.parse("s = x*y; s + sin(x)").backprop({"x": 3, "y": 5})


def summary() -> gg.Summary:
    """Return a summary of two rows."""
    return gg.Summary(2, 3.0, 2.0, 4.0, 6.0, 1.4, (gg.Driver("x", 1.5, 0.7, 2.0, 1.0, 1.0),), 0.0)


RESULTS: dict[str, Callable[[], Any]] = {
    "a check": lambda: result().check(),
    "a check of a function": lambda: gg.check_grad(lambda x: x**2, lambda x: 3 * x, at={"x": 2.0}),
    "a check of compiled code": lambda: GRAPH.compile(wrt=["x"]).check({"x": 3, "y": 4}),
    "a check of nothing": lambda: GRAPH.backprop({"x": 3, "y": 5}).check("off"),
    "a lens": lambda: result().lens(),
    "distances": lambda: result().ulps(),
    "a sensitivity": lambda: result().sensitivity({"x": "+1", "y": "+1"}),
    "an influence": lambda: result().sensitivity()["x"],
    "a change": lambda: result().sensitivity({"x": "+1"})["x"].change,
    "a propagation": lambda: result().propagate({"x": 0.1, "y": 0.2}),
    "a part": lambda: result().propagate({"x": 0.1})["x"],
    "a minimum": lambda: gg.minimize(gg.parse("(x - 1)**2"), {"x": 3}),
    "a summary": summary,
    "a driver": lambda: summary()["x"],
    "a report on a table": lambda: gg.TableReport(rows=20, nulls={"n": 1}, check=result().check(), summary=summary()),
}
"""What methods return besides numbers and graphs: each is a dataclass."""


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_no_dataclass_in_a_notebook(name: str) -> None:
    """Whatever a method returns is shown as text and tables; each form is what its front end asks for."""
    found = RESULTS[name]()
    bundle = found._repr_mimebundle_(include=None, exclude=None)
    assert list(bundle) == ["text/plain", "text/markdown", "text/html"]
    assert bundle["text/html"] == found._repr_html_()
    assert type(found).__name__ + "(" not in "".join(bundle.values())
    ET.fromstring(f"<div>{bundle['text/html'].replace('&nbsp;', ' ')}</div>")


def test_every_result_with_a_text_of_its_own_is_among_them() -> None:
    """No public dataclass that says itself in words is forgotten: only what is given to graphgrad."""
    worded = {
        name
        for name in gg.__all__
        if is_dataclass(kind := getattr(gg, name))
        and "__str__" in vars(kind)
        and not hasattr(kind, "_repr_mimebundle_")
    }
    assert worded == {"Interval", "Naturals"}


def test_a_check_is_a_short_table() -> None:
    """A line with the verdict, then a row for each kind of comparison: how many held, and the furthest in ulps."""
    html = result().check()._repr_html_()
    assert html.startswith("<p>checked against sympy</p>\n<table>")
    rows = ["".join(f"{cell.text or ''}|" for cell in row) for row in ET.fromstring(f"<a>{html}</a>").iter("tr")]
    assert rows[:2] == ["|held|ulps at most|furthest|", "rules proven|5|||"]
    assert "local derivatives|5|0.379|∂(sin(x))/∂x|" in rows
    assert "gradients|2|0.297|∂/∂x|" in rows


@pytest.mark.parametrize(
    ("text", "at", "verdict", "head"),
    [
        ("exp(x)", {"x": 800}, "not checked: exp(x): its value, or an operand's, is beyond float64", "not attempted"),
        ("exp(x)*y + x*y", {"x": 800, "y": 1}, "partly checked", "not attempted"),
    ],
)
def test_a_check_that_is_not_complete_says_so(text: str, at: dict[str, float], verdict: str, head: str) -> None:
    """The verdict stands first, and a column counts what was left out."""
    html = gg.parse(text).backprop(at, list(at)[-1:]).check()._repr_html_()
    assert html.startswith(f"<p>{escape(verdict)}")
    assert f">{head}</th>" in html
    assert ">failed</th>" not in html


def test_a_failed_check_shows_what_failed() -> None:
    """Below the table stands each comparison that failed, with both numbers."""
    html = gg.check_grad(lambda x: x**2, lambda x: 3 * x, at={"x": 2.0})._repr_html_()
    assert html.startswith("<p>check FAILED</p>")
    assert ">failed</th>" in html
    assert "<p>failed: ∂/∂x = 6, sympy 4" in html


def test_what_failed_is_not_listed_without_end() -> None:
    """A hundred rows that are not ok are counted, so that the display stays short."""
    rows = tuple(gg.Row("local", f"∂/∂x{i}", "failed", 1.0, 2.0) for i in range(100))
    assert gg.Report(rows)._repr_html_().endswith("<p>and 88 more</p>")


def test_names_are_escaped() -> None:
    """A name with markup is text in HTML and in Markdown."""
    found = gg.parse("`<b>|x*y`*2").backprop({"<b>|x*y": 3}).sensitivity()
    assert "&lt;b&gt;|x*y</td>" in found._repr_html_()
    assert r"| \<b\>\|x\*y |" in found._repr_markdown_()


def test_an_explanation_is_no_dataclass_in_a_terminal() -> None:
    """A console that shows no formulas gets the explanation as plain text."""
    bundle = result().explain("x", "markdown")._repr_mimebundle_()
    assert bundle["text/plain"].startswith("The chain rule for E by x")
    assert bundle["text/markdown"].startswith("**The chain rule for $E$ by $x$**")


def test_derivatives_are_formulas() -> None:
    """A Hessian is shown as equations; one of thousands of operations as their number, which is soon written."""
    bundle = gg.parse("x*x*y").hessian()._repr_mimebundle_()
    assert bundle["text/plain"].splitlines()[0] == "∂²/∂x∂x = 2*y"
    assert bundle["text/latex"].startswith(
        "$$\n\\begin{aligned}\n\\frac{\\partial^{2}}{\\partial x \\, \\partial x} &= 2 \\cdot y"
    )
    large = gg.parse("*".join(f"sin(x{i})" for i in range(30))).hessian()
    assert large._repr_mimebundle_() == {"text/plain": repr(large)}
