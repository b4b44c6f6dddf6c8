"""The SVG: a picture for every page and every reader."""

from __future__ import annotations

import re
import shutil

import pytest
from pictures import SVG, classes, read, texts

import graphgrad
from graphgrad.draw.scene import scene
from graphgrad.picture import figure


def picture(text: str, engine: str = "embedded", title: str | None = None) -> str:
    """Return the SVG of an expression whose inputs are all 2."""
    graph = graphgrad.parse(text)
    dag = graph.backprop(dict.fromkeys(graph.inputs, 2)).dag
    return figure(scene(dag, title=title), "svg", engine=engine).decode()


def test_it_is_described() -> None:
    """The picture has a role, a title and a description for those who cannot see it."""
    root = read(picture("x*y", title="<Area>"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == "<Area>"
    assert "∂/∂x = 2" in (root.findtext(f"{SVG}desc") or "")


def test_text_stays_text() -> None:
    """Names and numbers can be searched and copied."""
    assert sorted(texts(picture("apple*n"))) == ["1", "2", "2", "2", "2", "4", "apple", "n", "output", "×"]


def test_boxes_and_arrows_have_classes() -> None:
    """Every box and arrow says what it is, so that a page can style it."""
    assert classes(picture("x*3")) == {"": 1, "input": 1, "constant": 1, "operation": 1, "output": 1} | {
        "forward": 3,
        "backward": 2,
    }


def test_it_follows_a_dark_page() -> None:
    """On a dark page the card and the ink change, and no colour is written but in the style sheet."""
    svg = picture("x*y")
    assert "@media (prefers-color-scheme: dark)" in svg
    assert not re.search("#[0-9a-f]{6}", svg.split("</style>")[1])


def test_styles_stay_inside() -> None:
    """Placed within a page, the style sheet touches nothing but the picture, and no id can clash."""
    svg = picture("x*y")
    rules = re.findall(r"^(\S.*) \{", svg.split("<style>")[1].split("</style>")[0], flags=re.MULTILINE)
    assert all(part.strip().startswith(".graphgrad") for rule in rules for part in rule.split(",") if "@" not in part)
    assert " id=" not in svg


def test_it_is_the_same_every_time() -> None:
    """The same expression gives the same bytes, without the name of an engine."""
    assert picture("x*y + sin(x)") == picture("x*y + sin(x)")
    assert "<!--" not in picture("x*y")


@pytest.mark.skipif(shutil.which("dot") is None, reason="the system has no Graphviz")
def test_engines_agree() -> None:
    """Both engines draw the same texts and arrows."""
    one, other = picture("x*y + sin(x)", "embedded"), picture("x*y + sin(x)", "system")
    assert texts(one) == texts(other)
    assert classes(one) == classes(other)
