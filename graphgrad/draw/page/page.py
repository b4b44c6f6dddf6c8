"""Write the HTML page: the picture, both passes step by step, the chain rule at each edge, sliders on the inputs.

One file that needs no network: style, script and picture are in it, and its content security policy lets nothing else
in, and nothing out.
"""

from __future__ import annotations

import html
from base64 import b64encode
from dataclasses import fields
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.terminal_text import printable
from graphgrad.compile.languages.javascript import literal
from graphgrad.draw.formats.svg_style import DARK_PAGES, LIGHT_PAGES
from graphgrad.typeset.html import STYLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.draw.page.program import Lesson
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Palette, Theme

__all__ = ["page"]

FOLDER: Final = "html"
"""The folder of the page's parts."""

SCRIPTS: Final = (
    "numerals.js",
    "maths.js",
    "facts.js",
    "words.js",
    "notices.js",
    "picture.js",
    "panel.js",
    "focus.js",
    "steps.js",
    "sliders.js",
    "scheme.js",
    "frame.js",
    "begin.js",
)
"""The page's scripts; each uses those before it."""

SCRIPT: Final = """\
"use strict";
(() => {{
const FACTS = {facts};
const PASSES = {program};
const SCHEMES = {schemes};
{behaviour}}})();"""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src '{hash}'; img-src data:; base-uri 'none'"
"""The content security policy: only this script runs, and it may set styles."""

LIGHT: Final = {"page": "#fafbfc", "warn": "#9a5b00", "focus": "#1d6fd8"}
DARK: Final = {"page": "#121519", "warn": "#f2b84b", "focus": "#7db4ff"}
"""The colours of a page besides its picture's: background, warnings, focus."""


def page(facts: Mapping[str, Any], made: Lesson, picture: str, drawn: Scene, theme: Theme) -> str:
    """Return the page of a graph from its facts, its passes as a program, and its picture as SVG."""
    schemes = literal({"light": LIGHT_PAGES, "dark": DARK_PAGES})
    behaviour = "\n".join(map(_part, SCRIPTS))
    script = SCRIPT.format(facts=literal(facts), program=made.program, schemes=schemes, behaviour=behaviour)
    return Template(_part("page.html")).substitute(
        policy=_text(POLICY.format(hash=_hash(script))),
        title=_text(drawn.title),
        source=_text(facts["source"]),
        summary=_text(drawn.description),
        hint=_text(made.hint),
        style=_style(theme) + _part("page.css") + STYLE,
        picture=picture,
        script=script,
    )


def _part(name: str) -> str:
    return (files(__package__) / FOLDER / name).read_text(encoding="utf-8")


def _text(text: str) -> str:
    """Return a text escaped for HTML, between tags and in quotes."""
    return html.escape("\n".join(map(printable, text.split("\n"))))


def _hash(script: str) -> str:
    """Return a script's hash for a content security policy (W3C, Content Security Policy Level 3, section 2.3.1)."""
    digest = sha256(f"\n{script}\n".encode()).digest()
    return f"sha256-{b64encode(digest).decode()}"


def _style(theme: Theme) -> str:
    families = ", ".join(f'"{family}"' if " " in family else family for family in theme.families)
    light, dark = _variables(theme.light, LIGHT), _variables(theme.dark, DARK)
    return (
        f":root {{ color-scheme: light dark; --families: {families}; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}\n"
        f":root[data-theme=light] {{ color-scheme: light; }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
    )


def _variables(palette: Palette, page: Mapping[str, str]) -> str:
    colours = {each.name: getattr(palette, each.name) for each in fields(palette)}
    return " ".join(f"--{name}: {colour};" for name, colour in {**colours, **page}.items())
