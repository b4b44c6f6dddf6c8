"""The SVG: a picture for every page and every reader."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from pictures import SVG, classes, read, texts

import graphgrad
from graphgrad.draw import TEXTBOOK, THEMES, Theme

if TYPE_CHECKING:
    from graphgrad.draw import EngineName


def picture(
    text: str, engine: EngineName = "embedded", title: str | None = None, *, theme: Theme = TEXTBOOK, prefix: str = ""
) -> str:
    """Return the SVG of an expression whose inputs are all 2."""
    graph = graphgrad.parse(text)
    result = graph.backprop(dict.fromkeys(graph.inputs, 2))
    return result.render("svg", title=title, theme=theme, engine=engine, prefix=prefix).decode()


def ids(svg: str) -> list[str]:
    """Return all ids of a picture."""
    return [element.attrib["id"] for element in read(svg).iter() if "id" in element.attrib]


def test_it_is_described() -> None:
    """The picture has a role, a title and a description for those who cannot see it."""
    root = read(picture("x*y", title="<Area>"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == "<Area>"
    assert "∂/∂x = 2" in (root.findtext(f"{SVG}desc") or "")


def test_text_stays_text() -> None:
    """Names and numbers can be searched and copied."""
    assert sorted(texts(picture("apple*n"))) == ["1", "2", "2", "2", "2", "4", "E", "apple", "n", "×"]


def test_boxes_and_arrows_have_classes() -> None:
    """Every box and arrow says what it is, so that a page can style it."""
    assert classes(picture("x*3")) == {"": 1, "input": 1, "constant": 1, "operation": 1, "output": 1} | {
        "forward": 3,
        "backward": 2,
    }


def test_styles_stay_inside() -> None:
    """Placed within a page, the style sheet touches nothing but the picture, and no id can clash."""
    svg = picture("x*y")
    selectors = re.findall(r"^([^@\n]+?) \{", svg.split("<style>")[1].split("</style>")[0], flags=re.MULTILINE)
    outside_brackets = [re.sub(r":(is|not)\(.*\)", "", selector) for selector in selectors]
    assert len(selectors) > 8
    assert all(part.strip().startswith(".graphgrad") for rule in outside_brackets for part in rule.split(","))


def test_two_themes_share_a_page() -> None:
    """Each theme's rules hold for its own pictures alone."""
    one, other = (read(picture("x*y", theme=THEMES[name])).attrib["class"] for name in ("textbook", "minimal"))
    assert one != other


def test_ids_come_from_the_graph() -> None:
    """Every box and line has an id, and adding to an expression's end leaves the ids of what was there before."""
    before, after = (set(ids(picture(text))) for text in ("x*y", "x*y + z"))
    assert {"n0", "n1", "n2", "e0_2_0-forward", "e0_2_0-backward", "e1_2_1-forward"} <= before & after


@pytest.mark.parametrize("theme", THEMES)
def test_ids_are_unique(theme: str) -> None:
    """No id stands twice, not even where an operation takes the same operand twice."""
    found = ids(picture("s = x*x; s*s + 2*2", theme=THEMES[theme]))
    assert len(set(found)) == len(found)


def test_pictures_share_a_page() -> None:
    """A prefix keeps the ids of several pictures apart."""
    one, other = (set(ids(picture("x*y", prefix=prefix))) for prefix in ("a-", "b-"))
    assert not one & other


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


def test_labels_are_typeset() -> None:
    """A picture's texts are mathematics: italic variables, raised and lowered scripts, a true minus."""
    result = graphgrad.parse("E = sigma_x*nu**2 - 1e-25*rate").backprop({"sigma_x": 0.5, "nu": -3e8, "rate": 1})
    picture = result.render("svg", fold=True).decode()
    assert {"σx", "ν", "rate", "x2", "−3 × 108", "×(1 × 10−25)"} <= {*texts(picture)}
    italic = {element.text for element in read(picture).iter() if element.get("font-style") == "italic"}
    assert italic == {"σ", "x", "ν", "E"}


def test_runs_of_a_label_keep_their_places_in_another_font() -> None:
    """A run beside others, a lone sign too, and a long text have the lengths that they were measured with."""
    result = graphgrad.parse("rate*x**2 + atan2(x, y)").backprop({"rate": 1, "x": 3e8, "y": 2})
    elements = [*read(result.render("svg", local=True, nary=False).decode()).iter()]
    texts = [element for element in elements if element.tag == f"{SVG}text"]
    runs = [element for element in elements if element.tag == f"{SVG}tspan"]
    assert {"rate", "9 × 10"} <= {element.text for element in (*texts, *runs) if element.get("textLength")}
    assert {"+", "x"} <= {element.text for element in runs if element.get("textLength")}
    assert all(element.get("textLength") for element in runs)
    assert [element.get("textLength") for element in texts if element.text == "y"] == [None]


def test_matrices_are_grids() -> None:
    """A small matrix stands in brackets, which are polygons as heads are; a long one is its shape."""
    result = graphgrad.parse("sum(x*x)").backprop({"x": [[1, 2], [3, -4]]})
    written, bare = (read(result.render("svg", values=values).decode()) for values in (True, False))
    count = [sum(element.tag == f"{SVG}polygon" for element in each.iter()) for each in (written, bare)]
    assert count[0] > count[1]
    assert "2×2" in texts(result.render("svg").decode())
