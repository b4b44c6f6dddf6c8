"""Declare themes: colours for light and dark pages, fonts, sizes, distances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from graphgrad.base.errors import RenderError
from graphgrad.base.public import public
from graphgrad.base.suggestion import suggestion

__all__ = [
    "DARK",
    "LIGHT",
    "LIT",
    "MINIMAL",
    "RECORD",
    "TEXTBOOK",
    "THEMES",
    "Palette",
    "Theme",
    "shade",
    "steep",
    "theme_of",
    "tight",
]


@public
@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme on light or on dark pages, each "#rrggbb" or "none".

    `hot` shades the nodes that rounding errors come from; `blamed` is the path that made a number 0, nan or infinite.

    >>> import graphgrad as gg
    >>> from dataclasses import replace
    >>> blue = replace(gg.Theme().light, backward="#1565c0")
    >>> b"#1565c0" in gg.parse("x*y").backprop({"x": 3, "y": 5}).render("svg", theme=gg.Theme(light=blue))
    True
    """

    card: str
    rim: str
    disc: str
    ink: str
    muted: str
    backward: str
    hot: str = "#f08c00"
    blamed: str = "#e00030"


LIGHT: Final = Palette("#ffffff", "#e1e4e8", "#f5f6f8", "#1f2328", "#667080", "#c62828")
DARK: Final = Palette("#1b1f24", "#3a414b", "#282e36", "#e8eaed", "#9aa5b1", "#ff8a80", "#c77400", "#ff4d6a")


@public
@dataclass(frozen=True, slots=True)
class Theme:
    """The look of pictures: colours, fonts, and lengths in points.

    `cells` are the numbers in the box of a value, each ("value" or "adjoint") with the word before it; without cells,
    values have no boxes, and the numbers are drawn on the arrows.

    >>> import graphgrad as gg
    >>> wide = gg.Theme(gap=60.0)
    >>> picture = gg.parse("x*y").backprop({"x": 3, "y": 5}).render("svg", theme=wide)
    """

    light: Palette = LIGHT
    dark: Palette = DARK
    font: str = "Helvetica"
    families: tuple[str, ...] = (
        "Arial",  # first, because some viewers read no further
        "Helvetica",
        "Liberation Sans",
        "Hiragino Sans",
        "Yu Gothic",
        "Noto Sans CJK JP",
        "Noto Sans",
        "sans-serif",
    )
    glyph_size: float = 20.0
    text_size: float = 15.0
    label_size: float = 13.0
    line_height: float = 1.25
    disc: float = 36.0
    disc_margin: float = 11.0
    branch: float = 6.0
    text_margin: float = 5.0
    gap: float = 26.0
    fan_gap: float = 6.0
    lane_width: float = 110.0
    widest_fan: int = 8
    row_gap: float = 14.0
    label_gap: float = 3.5
    lane: float = 3.0
    arrow: float = 0.65
    stroke: float = 1.1
    backward_style: str = "dashed"
    margin: float = 16.0
    corner: float = 10.0
    cells: tuple[tuple[str, str], ...] = ()
    cell_margin: float = 9.0


TEXTBOOK: Final = Theme()
"""Black values above black arrows, red adjoints below dashed red arrows, as in a textbook."""

RECORD: Final = Theme(cells=(("value", "data"), ("adjoint", "grad")), glyph_size=17.0, disc=28.0, gap=20.0)
"""One box per value with its data and its gradient, as micrograd draws them."""

PLAIN: Final = replace(LIGHT, card="none", rim="none", disc="none")
PLAIN_DARK: Final = replace(DARK, card="none", rim="none", disc="none")
LIT: Final = 2.4
"""How many times thicker the lines of the path to blame are."""

LEAST_SHADE: Final = 0.005
"""The share in an error from which on a node is shaded."""

MINIMAL: Final = Theme(
    light=PLAIN,
    dark=PLAIN_DARK,
    glyph_size=16.0,
    text_size=13.0,
    label_size=10.5,
    disc=24.0,
    disc_margin=7.0,
    branch=4.0,
    gap=14.0,
    row_gap=8.0,
    label_gap=2.0,
    lane=2.0,
    arrow=0.5,
    stroke=0.8,
    margin=4.0,
    corner=0.0,
)
"""No card, no fill, small sizes and distances: for a picture within text."""

THEMES: Final = {"textbook": TEXTBOOK, "record": RECORD, "minimal": MINIMAL}
"""The themes by name."""


STEEP: Final = {"gap": 0.7, "fan_gap": 0.2}
"""What is left of the gaps between boxes and labels where they are one below the other."""

TIGHT: Final = {
    "gap": 0.6,
    "fan_gap": 0.5,
    "row_gap": 0.65,
    "disc": 0.84,
    "disc_margin": 0.65,
    "glyph_size": 0.85,
    "margin": 0.5,
}
"""What is left of lengths where there is little room."""


def shade(share: float) -> float:
    """Return how opaque the shade of a node is, from 0 to 1, by its share in an error.

    >>> [shade(share) for share in (0.001, 0.5, 1)]
    [0.0, 0.575, 1.0]
    """
    return round(0.15 + 0.85 * share, 3) if share >= LEAST_SHADE else 0.0


def tight(theme: Theme) -> Theme:
    """Return a theme with texts of the same size, and less room between and around them.

    >>> tight(TEXTBOOK).label_size == TEXTBOOK.label_size, tight(TEXTBOOK).gap < TEXTBOOK.gap
    (True, True)
    """
    narrower = {name: part * getattr(theme, name) for name, part in TIGHT.items()}
    return replace(theme, **narrower, lane_width=0.0)


def steep(theme: Theme) -> Theme:
    """Return a theme for a picture that runs down, where lines need less room to bend than between columns.

    >>> steep(TEXTBOOK).gap < TEXTBOOK.gap
    True
    """
    return replace(theme, **{name: part * getattr(theme, name) for name, part in STEEP.items()})


def theme_of(theme: object) -> Theme:
    """Return a theme, or the one of that name.

    Raises `RenderError` where there is none.

    >>> theme_of("record").cells
    (('value', 'data'), ('adjoint', 'grad'))
    """
    if isinstance(theme, Theme):
        return theme
    if not isinstance(theme, str) or theme not in THEMES:
        hint = suggestion(str(theme), THEMES, f"take {', '.join(THEMES)}, or give a Theme of your own")
        raise RenderError(f"there is no theme {theme!r}", hint=hint)
    return THEMES[theme]
