"""Themes: a look is one declaration, and every format keeps to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from pictures import SVG, classes, drawn_by_graphviz, texts

import graphgrad as gg
from graphgrad.draw import MINIMAL, RECORD, TEXTBOOK, THEMES

if TYPE_CHECKING:
    from pathlib import Path

    from graphgrad.draw import Theme, ThemeName

HOSTILE = ["a|b", "{a}", "<b>", "a b", r"a\n", '"><script>', "]]>", "&lt;"]


def drawn(path: Path, text: str, theme: Theme | ThemeName, **how: Any) -> str:
    """Return the SVG of an expression whose inputs are all 2."""
    graph = gg.parse(text)
    graph.backprop(dict.fromkeys(graph.inputs, 2)).draw(path / "p.svg", theme=theme, engine="embedded", **how)
    return (path / "p.svg").read_text(encoding="utf-8")


def test_the_record_theme_has_one_box_per_value(tmp_path: Path) -> None:
    """As micrograd draws it: name, data and grad side by side, and one arrow from box to box."""
    svg = drawn(tmp_path, "s = x*3; s + x", "record")
    assert classes(svg) == {"": 1, "value": 3, "operation": 2, "constant": 1, "forward": 6}
    assert sorted(texts(svg)) == sorted(
        ["x", "data 2", "grad 4", "3", "×", "s", "data 6", "grad 1", "+", "E", "data 8", "grad 1"]
    )


@pytest.mark.parametrize(("passes", "missing"), [("forward", "grad"), ("backward", "data")])
def test_a_record_of_one_pass(tmp_path: Path, passes: str, missing: str) -> None:
    """A box holds the numbers of the pass that is drawn."""
    assert missing not in "".join(texts(drawn(tmp_path, "x*y", "record", passes=passes)))


def test_local_derivatives_on_records(tmp_path: Path) -> None:
    """With `local`, the local derivatives stand on arrows of their own."""
    assert texts(drawn(tmp_path, "x*3", "record", local=True)).count("∂E/∂x = 3") == 1


def test_an_input_alone(tmp_path: Path) -> None:
    """An output that is an input is one box."""
    assert texts(drawn(tmp_path, "x", "record")) == ["x", "data 2", "grad 1"]


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_draws_as_that_text(tmp_path: Path, name: str) -> None:
    """Nothing in a name has a meaning in a record, in SVG or in DOT."""
    result = gg.parse("1*2", name_literals=[name]).backprop()
    result.draw(tmp_path / "p.svg", theme="record", engine="embedded")
    assert name in texts((tmp_path / "p.svg").read_text(encoding="utf-8"))
    source = result.draw(theme="record") or ""
    assert name in texts(drawn_by_graphviz(source))


def test_an_engine_sets_records_side_by_side() -> None:
    """In PNG and PDF, too, name, data and grad stand at one height."""
    source = gg.parse("x*x").backprop({"x": 2}).draw(theme="record") or ""
    drawn = ET.fromstring(drawn_by_graphviz(source))
    heights = {
        text.attrib["y"] for text in drawn.iter(f"{SVG}text") if (text.text or "").strip() in {"x", "data 2", "grad 4"}
    }
    assert len(heights) == 1


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_draws_every_format(tmp_path: Path, theme: ThemeName) -> None:
    """A theme is for all formats."""
    for suffix in ("svg", "png", "dot"):
        gg.parse("x*x + 1").backprop({"x": 2}).draw(tmp_path / f"p.{suffix}", theme=theme, engine="embedded")


def test_a_theme_of_ones_own(tmp_path: Path) -> None:
    """A user's theme is a `Theme`, most simply another one with some of it replaced."""
    pink = replace(TEXTBOOK, light=replace(TEXTBOOK.light, ink="#ff00ff"))
    assert "#ff00ff" in drawn(tmp_path, "x*y", pink)
    assert "mark" in "".join(texts(drawn(tmp_path, "x*y", replace(RECORD, cells=(("value", "mark"),)))))


def test_minimal_has_no_card(tmp_path: Path) -> None:
    """The minimal theme leaves the page's own colour behind the picture."""
    assert MINIMAL.light.card == "none"
    assert 'fill="none" stroke="none"' in drawn(tmp_path, "x*y", "minimal")


def test_an_unknown_theme(tmp_path: Path) -> None:
    """A theme that does not exist is an error that names those that do."""
    with pytest.raises(gg.RenderError, match="textbook, record, minimal"):
        drawn(tmp_path, "x*y", "baroque")  # type: ignore[arg-type]  # it is refused
