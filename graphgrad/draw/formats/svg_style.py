"""Colour an SVG: attributes for every viewer, and a style sheet with which browsers follow a page into the dark."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape
from zlib import crc32

from graphgrad.draw.theme import LIT, shade

if TYPE_CHECKING:
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Palette, Theme

__all__ = [
    "DARK_PAGES",
    "LIGHT_PAGES",
    "NAMESPACE",
    "coloured",
    "drawn_line",
    "families",
    "filled",
    "outlined",
    "style",
]

NAMESPACE: Final = "http://www.w3.org/2000/svg"
"""The XML namespace of SVG."""

FILLS: Final = {"backward": "backward", "constant": "muted", "caption": "muted"}
"""The colour of the texts and heads of a kind of boxes or lines, where it is not ink."""

LINES: Final = {"backward": "backward", "line": "muted"}
"""The colour of a kind of lines, where it is not ink."""

BLAMED_TEXTS: Final = ("forward", "backward", "input")
"""The kinds whose texts have the colour of the path to blame where they lie on it."""

DASHES: Final = {"dashed": "5 2", "dotted": "1 3"}
"""SVG's dashes for DOT's line styles."""

COLOURS: Final = """\
& {max-width:100%;height:auto;overflow:visible}
& > g {fill:var(--gg-ink)}
& .gg-card {fill:var(--gg-card);stroke:var(--gg-rim)}
& path {stroke:var(--gg-ink)}
& .gg-operation ellipse,& .gg-value rect,& .gg-group rect {fill:var(--gg-disc);stroke:var(--gg-ink)}
& .gg-constant,& .gg-caption {fill:var(--gg-muted)}
& .gg-line path {stroke:var(--gg-muted)}
& .gg-backward {fill:var(--gg-backward)}
& .gg-backward path {stroke:var(--gg-backward)}
"""
"""The style sheet; & is the picture. It repeats what attributes say, in variables that a dark page changes."""

SHADES: Final = """\
& .gg-hot ellipse,& .gg-hot rect {fill:var(--gg-hot)}
"""
"""The style of nodes with a share in an error; only pictures that have some have it."""

LIT_PATH: Final = """\
& .gg-blamed path,& .gg-blamed ellipse,& .gg-blamed rect {stroke:var(--gg-blamed)}
& .gg-forward.gg-blamed,& .gg-backward.gg-blamed,& .gg-input.gg-blamed {fill:var(--gg-blamed)}
"""
"""The style of the path to blame; only pictures that have one have it."""

LIGHT_PAGES: Final = (
    "[data-theme=light],[data-md-color-scheme=default],[data-bs-theme=light],[data-color-mode=light],"
    "[data-jp-theme-light=true],html.light,body.vscode-light,body.quarto-light"
)
DARK_PAGES: Final = (
    "[data-theme=dark],[data-md-color-scheme=slate],[data-bs-theme=dark],[data-color-mode=dark],"
    "[data-jp-theme-light=false],html.dark,body.vscode-dark,body.quarto-dark"
)
"""How pages say what they are: furo, pydata, Docusaurus; Material; Bootstrap; JupyterLab; VitePress; and others."""

SHEET: Final = """\
@supports (color:var(--gg-ink)) {{
& {{{light}}}
{dark}{rules}}}
"""
"""Programs that know no variables know no @supports either, and leave out all of it."""

DARK: Final = """\
@media (prefers-color-scheme:dark) {{
&:not(:is({light_pages}) *) {{{colours}}}
}}
@media screen {{
:is({dark_pages}) & {{{colours}}}
}}
"""
"""A page's own switch wins over the system's; where neither says anything, and on paper, pictures are light."""


def style(theme: Theme, scene: Scene, steps: int | None) -> tuple[str, str]:
    """Return the style sheet of a picture, and the class of the pictures that have it.

    Each has its own class, so that themes on a page do not interfere. `steps` is an animation's last step.
    """
    sheet, scope = coloured(theme, _extra_rules(scene), steps)
    if steps is None:
        return sheet, scope
    from graphgrad.draw.formats.svg_animation import motion

    return sheet + motion(steps, scope), scope


def coloured(theme: Theme, rules: str, steps: int | None = None) -> tuple[str, str]:
    """Return the style sheet of a picture with further rules, and the class of the pictures that have it."""
    light, dark = map(_variables, (theme.light, theme.dark))
    darkness = DARK.format(colours=dark, light_pages=LIGHT_PAGES, dark_pages=DARK_PAGES) if dark != light else ""
    sheet = SHEET.format(light=light, dark=darkness, rules=COLOURS + rules)
    scope = f"graphgrad-{crc32(f'{sheet}{steps}'.encode()):08x}"
    return sheet.replace("&", f".{scope}"), scope


def _extra_rules(scene: Scene) -> str:
    """Return the style of shades and of the path to blame, as far as a scene has them."""
    shaded = any(shade(box.share) for box in scene.boxes)
    lit = any(box.lit for box in scene.boxes) or any(arrow.lit for arrow in scene.arrows)
    return SHADES * shaded + LIT_PATH * lit


def _variables(palette: Palette) -> str:
    return ";".join(f"--gg-{each.name}:{getattr(palette, each.name)}" for each in fields(palette))


def families(theme: Theme) -> str:
    """Return the families of a theme's fonts as the value of SVG's attribute font-family.

    >>> from graphgrad.draw.theme import Theme
    >>> families(Theme(families=("Courier New", "monospace")))
    "'Courier New', monospace"
    """
    named = ", ".join(f"'{family}'" if " " in family else family for family in theme.families)
    return escape(named, {'"': "&quot;"})


def filled(kind: str, theme: Theme, *, lit: bool = False) -> str:
    """Return the attribute of a group for its texts and heads; empty where they are of ink."""
    role = "blamed" if lit and kind in BLAMED_TEXTS else FILLS.get(kind)
    return f' fill="{getattr(theme.light, role)}"' if role else ""


def drawn_line(kind: str, theme: Theme, *, lit: bool = False) -> str:
    """Return the attributes of a line."""
    dashes = DASHES.get(theme.backward_style) if kind == "backward" else None
    role = "blamed" if lit else LINES.get(kind, "ink")
    return f' fill="none"{_stroked(role, theme, lit=lit)}' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def outlined(kind: str, theme: Theme, share: float, *, lit: bool) -> str:
    """Return the attributes of a box's outline; that of a branch is a dot of ink."""
    opacity = shade(share)
    colour = theme.light.hot if opacity else None if kind == "branch" else theme.light.disc
    inner = (f' fill="{colour}"' if colour else "") + (f' fill-opacity="{opacity:g}"' if opacity else "")
    return inner + (_stroked("blamed" if lit else "ink", theme, lit=lit) if lit or kind != "branch" else "")


def _stroked(role: str, theme: Theme, *, lit: bool) -> str:
    width = f' stroke-width="{LIT * theme.stroke:g}"' if lit else ""
    return f' stroke="{getattr(theme.light, role)}"{width}'
