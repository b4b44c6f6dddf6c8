"""A graph and its passes show themselves where a front end asks for rich output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pictures import classes, texts

import graphgrad as gg
from graphgrad.draw.scene import outline

if TYPE_CHECKING:
    import pytest

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
    assert sorted(texts(bundle["image/svg+xml"])) == ["+", "output", "s", "x", "y", "×"]
    assert "backward" not in classes(bundle["image/svg+xml"])


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
