"""Pictures in pages that are light or dark by a switch of their own, by the system, or that style what is theirs."""

from __future__ import annotations

import re
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from browser import in_browser

import graphgrad as gg
from graphgrad.draw.theme import DARK, LIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]

RESULT = gg.parse("E = x*3 + sin(x)").backprop({"x": 2})
SVG = RESULT.render("svg").decode()

SWITCHES: dict[Scheme, list[tuple[str, str]]] = {
    "light": [
        ('class="no-js"', 'data-theme="light"'),
        ('data-theme="light" data-mode="light"', ""),
        ("", 'data-md-color-scheme="default" data-md-color-primary="indigo"'),
        ('data-bs-theme="light"', ""),
        ("", 'data-jp-theme-light="true" data-jp-theme-name="JupyterLab Light"'),
        ('class="light"', ""),
    ],
    "dark": [
        ('class="no-js"', 'data-theme="dark"'),
        ('data-theme="dark" data-mode="dark"', ""),
        ("", 'data-md-color-scheme="slate" data-md-color-primary="indigo"'),
        ('data-bs-theme="dark"', ""),
        ("", 'data-jp-theme-light="false" data-jp-theme-name="JupyterLab Dark"'),
        ('class="dark"', ""),
    ],
}
"""Attributes of <html> and of <body> in furo, pydata, Material, Bootstrap, JupyterLab, and VitePress."""

UNDECIDED = [("", ""), ('class="no-js"', 'data-theme="auto"'), ('data-mode="auto" data-bs-theme="auto"', "")]

SITE = """
.card { display: none; background: red; } .forward, .backward, .line, .value, .group, .input { opacity: 0; }
.operation, .constant, .output, .caption, .branch, .hot, .blamed { visibility: hidden; } .s1, .t1 { display: none; }
"""
"""A style sheet that hides elements by the names that sites use, as Bootstrap's .card."""

SHOWN = """() => Object.fromEntries(['.gg-card', '.gg-operation text', '.gg-forward path', '.gg-backward text'].map(
    place => [place, (style => [style.fill, style.stroke])(getComputedStyle(document.querySelector(place)))]))"""


def opened(browser: Browser, of_html: str = "", of_body: str = "", *, system: Scheme = "light", head: str = "") -> Page:
    """Return a page around the picture, with attributes of <html> and <body>."""
    page = browser.new_page(color_scheme=system, viewport={"width": 735, "height": 400})
    page.set_content(f"<!doctype html><html {of_html}><head>{head}</head><body {of_body}>{SVG}</body></html>")
    return page


def colours(page: Page) -> dict[str, list[str]]:
    """Return the colours of the card, of an operation's text, and of the lines."""
    found: dict[str, list[str]] = page.evaluate(SHOWN)
    return {
        place: ["none" if colour == "none" else _written(colour) for colour in both] for place, both in found.items()
    }


def _written(colour: str) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in re.findall(r"\d+", colour)[:3])


def expected(scheme: Scheme) -> dict[str, list[str]]:
    """Return the colours on light or on dark pages."""
    palette = {"light": LIGHT, "dark": DARK}[scheme]
    return {
        ".gg-card": [palette.card, palette.rim],
        ".gg-operation text": [palette.ink, "none"],
        ".gg-forward path": ["none", palette.ink],
        ".gg-backward text": [palette.backward, "none"],
    }


@in_browser
@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize(("scheme", "page"), [(scheme, page) for scheme, pages in SWITCHES.items() for page in pages])
def test_a_page_s_switch_wins(browser: Browser, scheme: Scheme, page: tuple[str, str], system: Scheme) -> None:
    """Whatever the system is, the picture is light on a page that is switched to light, and dark on a dark one."""
    assert colours(opened(browser, *page, system=system)) == expected(scheme)


@in_browser
@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("page", UNDECIDED)
def test_where_the_page_says_nothing_the_system_decides(
    browser: Browser, page: tuple[str, str], system: Scheme
) -> None:
    """A switch on "auto" is none."""
    assert colours(opened(browser, *page, system=system)) == expected(system)


@in_browser
def test_a_dark_page_is_printed_light(browser: Browser) -> None:
    """Nobody wants a black box on paper."""
    page = opened(browser, 'data-theme="dark"')
    page.emulate_media(media="print")
    assert colours(page) == expected("light")


@in_browser
def test_a_site_s_classes_leave_pictures_alone(browser: Browser) -> None:
    """What a site calls card, line or value is not what is so called in a picture."""
    page = opened(browser, head=f"<style>{SITE}</style>")
    hidden = """() => [...document.querySelectorAll('svg *')].filter(part => (style =>
        style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0')(getComputedStyle(part)))
        .map(part => part.outerHTML).filter(text => !/^<(title|desc|style)/.test(text))"""
    assert page.evaluate(hidden) == []
    assert colours(page) == expected("light")


@pytest.mark.parametrize("form", ["svg", "html"])
def test_every_class_of_a_picture_has_a_prefix(form: str) -> None:
    """Also what frames, shades and paths to blame add."""
    drawn = gg.parse("E = exp(x*9)*y + 3").backprop({"x": 99, "y": 2}).render(form).decode()
    picture = drawn[drawn.index("<svg xmlns=") :]
    names = {
        name for each in re.findall(r'class="([^"]*)"', picture[: picture.index("</svg>")]) for name in each.split()
    }
    assert {"gg-card", "gg-blamed"} <= names
    assert {name for name in names if not name.startswith(("gg-", "graphgrad"))} == set()


@in_browser
@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_framed_page_follows_the_page_around_it(browser: Browser, system: Scheme) -> None:
    """The page of both passes takes the switch of the page that it is framed in, also when it is turned."""
    page = browser.new_page(color_scheme=system)
    frame = f'<iframe srcdoc="{escape(RESULT.render("html").decode())}"></iframe>'
    page.set_content(f'<!doctype html><html data-theme="dark"><body>{frame}</body></html>')
    card = page.frame_locator("iframe").locator(".stage")
    background = "stage => getComputedStyle(stage).backgroundColor"
    for scheme, palette in {"dark": DARK, "light": LIGHT, "auto": {"light": LIGHT, "dark": DARK}[system]}.items():
        page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
        page.wait_for_timeout(50)
        assert _written(card.evaluate(background)) == palette.card


@in_browser
@pytest.mark.parametrize("width", [389.5, 500.3, 640.7, 735])
def test_the_card_s_edges_are_whole(browser: Browser, width: float) -> None:
    """At any width, all four edges of the card are drawn as strong as each other."""
    head = f"<style>body {{ margin: 10.3px; }} div {{ width: {width}px; }} svg {{ display: block; }}</style>"
    page = browser.new_page(viewport={"width": 800, "height": 400})
    page.set_content(f"<!doctype html>{head}<div>{SVG}</div>")
    box = page.locator("svg").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    edges = {
        "left": (box["x"] - 3, y, 8, 1),
        "right": (box["x"] + box["width"] - 5, y, 8, 1),
        "top": (x, box["y"] - 3, 1, 8),
        "bottom": (x, box["y"] + box["height"] - 5, 1, 8),
    }
    dark = {name: darkness(page, *clip) for name, clip in edges.items()}
    assert min(dark.values()) > 0.8 * max(dark.values()) > 0


def darkness(page: Page, x: float, y: float, width: float, height: float) -> float:
    """Return how much darker than white a part of the page is, summed over its pixels."""
    image = pytest.importorskip("PIL.Image")
    clip: Any = {"x": round(x), "y": round(y), "width": width, "height": height}
    shot = image.open(BytesIO(page.screenshot(clip=clip))).convert("L")
    return float((255 - np.asarray(shot, dtype=float)).sum())
