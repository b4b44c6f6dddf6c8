"""How a picture looks: colours on a light and on a dark page, fonts, sizes, distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DARK", "LIGHT", "TEXTBOOK", "Palette", "Theme"]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a page."""

    card: str
    rim: str
    disc: str
    ink: str
    muted: str
    backward: str


LIGHT: Final = Palette("#ffffff", "#e1e4e8", "#f5f6f8", "#1f2328", "#667080", "#c62828")
DARK: Final = Palette("#1b1f24", "#3a414b", "#282e36", "#e8eaed", "#9aa5b1", "#ff8a80")


@dataclass(frozen=True, slots=True)
class Theme:
    """A look, declared; lengths are in points.

    >>> from dataclasses import replace
    >>> replace(TEXTBOOK, gap=60.0).gap
    60.0
    """

    light: Palette = LIGHT
    dark: Palette = DARK
    font: str = "Helvetica"
    families: tuple[str, ...] = (
        "Helvetica Neue",
        "Helvetica",
        "Arial",
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


TEXTBOOK: Final = Theme()
"""Black values above black arrows, red adjoints under dashed red ones, as a textbook prints them."""
