"""The words that options of pictures take, and their defaults: what the command's help needs, without the options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AUTO",
    "BOTH",
    "DIRECTIONS",
    "DPI",
    "ENGINE_NAMES",
    "FORMAT",
    "FRAME_FORMATS",
    "NARY",
    "PASSES",
    "SCHEMES",
    "THEME",
    "THEME_NAMES",
    "WIDTH",
    "Direction",
    "EngineName",
    "FrameFormat",
    "Pass",
    "SchemeName",
    "ThemeName",
]

Pass = Literal["forward", "backward", "both"]
Direction = Literal["auto", "right", "down", "rows"]
ThemeName = Literal["textbook", "record", "minimal"]
EngineName = Literal["auto", "system", "embedded"]
SchemeName = Literal["auto", "light", "dark"]
FrameFormat = Literal["svg", "png"]

PASSES: Final = {"forward": (True, False), "backward": (False, True), "both": (True, True)}
"""Whether values are drawn, and whether adjoints."""

NARY: Final[Mapping[str, bool | Literal["auto"]]] = {"auto": "auto", "yes": True, "no": False}
"""The words for whether sums and products of many operands are one node."""

DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
THEME_NAMES: Final[tuple[ThemeName, ...]] = get_args(ThemeName)
ENGINE_NAMES: Final[tuple[EngineName, ...]] = get_args(EngineName)
SCHEMES: Final[tuple[SchemeName, ...]] = get_args(SchemeName)
FRAME_FORMATS: Final[tuple[FrameFormat, ...]] = get_args(FrameFormat)

AUTO: Final = "auto"
"""The value of options that are chosen for each picture."""

BOTH: Final = "both"
THEME: Final = "textbook"
FORMAT: Final = "svg"
WIDTH: Final = 735.0
DPI: Final = 192.0
"""The other defaults."""
