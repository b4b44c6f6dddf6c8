"""The tornado chart: well-formed, described, within its card, and for light and dark pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import graphgrad as gg
from graphgrad.draw.options import PictureOptions
from graphgrad.draw.tornado import rendered
from graphgrad.typeset.widths import text_width

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
MODELS: list[tuple[str, dict[str, float] | None]] = [
    ("(price - cost)*volume - fixed", {"price": 12, "cost": 7.5, "volume": 1200, "fixed": 900}),
    ("x**2", {"x": 0.001}),
    ("1e9 + `a name that is far too long to be written beside its bar in full`*y", None),
    ("x*0", {"x": 1}),
    ("-exp(x)*y", {"x": 5, "y": 1e-9}),
    ("log(x - 9.5)", {"x": 10}),
]


def chart(text: str, at: dict[str, float] | None) -> ET.Element:
    """Return the chart of a model as XML."""
    graph = gg.parse(text)
    result = graph.backprop(at or dict.fromkeys(graph.inputs, 1.0))
    return ET.fromstring(rendered(result.tornado(), "svg", PictureOptions()))


@pytest.mark.parametrize(("text", "at"), MODELS, ids=lambda value: str(value)[:20])
def test_everything_is_within_the_card(text: str, at: dict[str, float] | None) -> None:
    """No bar and no text is cut off, or runs into a bar's name."""
    drawn = chart(text, at)
    width, height = (float(drawn.get(side, "")) for side in ("width", "height"))
    assert width >= 390
    names = 0.0
    for node in drawn.iter(f"{SVG}text"):
        x, y, long = float(node.get("x", "")), float(node.get("y", "")), text_width(node.text or "", 13)
        left = x - long if node.get("text-anchor") == "end" else x
        assert 10 <= left <= left + long <= width - 10
        assert 10 <= y <= height - 5
        if node.get("text-anchor") is None and x == 16 and "gg-muted" not in node.get("class", "") and y > 60:
            names = max(names, left + long)
        if node.get("text-anchor") == "end":
            assert left > names
    for node in drawn.iter(f"{SVG}rect"):
        x, wide = float(node.get("x", "")), float(node.get("width", ""))
        assert 0 <= x <= x + wide <= width


def test_it_has_a_title_and_a_description() -> None:
    """Readers who cannot see it get the numbers."""
    drawn = chart(*MODELS[0])
    assert drawn.findtext(f"{SVG}title") == "E = 4500"
    description = drawn.findtext(f"{SVG}desc") or ""
    assert description.startswith("Tornado chart. E = 4500. price: 3060, 5940; cost: ")


def test_dark_pages_have_other_colours() -> None:
    """The style sheet follows the page, and a scheme fixes it."""
    result = gg.parse("x*y").backprop({"x": 2, "y": 3})
    light, dark, auto = (
        rendered(result.tornado(), "svg", PictureOptions.read({"scheme": scheme})).decode()
        for scheme in ("light", "dark", "auto")
    )
    assert "prefers-color-scheme" in auto
    assert "prefers-color-scheme" not in light + dark
    assert 'fill="#1b1f24"' in dark


def test_names_are_escaped() -> None:
    """A name may hold what XML has a meaning for."""
    drawn = chart('`a<b>&"c"`*2', None)
    assert 'a<b>&"c"' in {node.text for node in drawn.iter(f"{SVG}text")}


def test_formats(tmp_path: Path) -> None:
    """SVG, PNG and PDF by the suffix; others are refused before anything is written."""
    tornado = gg.parse("x*y").backprop({"x": 2, "y": 3}).tornado()
    tornado.draw(tmp_path / "t.svg")
    tornado.draw(tmp_path / "t.png", dpi=96)
    assert (tmp_path / "t.png").read_bytes()[:4] == b"\x89PNG"
    assert re.match(r"<svg ", (tmp_path / "t.svg").read_text(encoding="utf-8"))
    with pytest.raises(gg.RenderError, match="cannot be drawn as 'dot'"):
        tornado.draw(tmp_path / "t.dot")
    with pytest.raises(gg.RenderError):
        tornado.draw(tmp_path / "t.svg", colour="red")  # type: ignore[call-arg]


def test_texts_have_the_widths_that_they_were_measured_with() -> None:
    """In whichever font the viewer has, no name runs into a number."""
    texts = [*chart(*MODELS[0]).iter(f"{SVG}text")]
    assert all(
        float(node.get("textLength", "")) == pytest.approx(text_width(node.text or "", 13), abs=0.01) for node in texts
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x + floor(y) + floor(z)", "2 more inputs have no effect"),
        ("x + floor(y)", "1 more input has no effect"),
        ("+".join(f"x{i}" for i in range(25)), "5 more inputs have smaller swings"),
        (
            "floor(x) + " + "+".join(f"x{i}" for i in range(21)),
            "1 more input has smaller swings; 1 more input has no effect",
        ),
    ],
)
def test_inputs_without_a_bar_are_counted(text: str, words: str) -> None:
    """Those with smaller swings, and those that do nothing."""
    graph = gg.parse(text)
    result = graph.backprop(dict.fromkeys(graph.inputs, 1.5))
    drawn = ET.fromstring(rendered(result.tornado(), "svg", PictureOptions()))
    assert words in [node.text for node in drawn.iter(f"{SVG}text")]
