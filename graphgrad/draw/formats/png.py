"""Draw an SVG as a PNG, by resvg and the shipped fonts."""

from __future__ import annotations

import re
import struct
from math import floor, sqrt
from typing import Final
from zlib import crc32

from graphgrad.base.errors import RenderError
from graphgrad.draw.formats.fonts import FOLDER, lettered, refuse_undrawn

__all__ = ["POINTS", "png"]

POINTS: Final = 72
"""The points of an inch: a picture's lengths are in points."""

METRE: Final = 39.3701
"""The inches of a metre."""

MOST_PIXELS: Final = 200_000_000
"""The most pixels of a PNG: for each of them, four bytes of memory are needed."""

SIZE: Final = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"')

AFTER_HEADER: Final = 8 + 25
"""Where the second chunk of a PNG begins: after the signature and the header's chunk."""


def png(picture: str, dpi: float) -> bytes:
    r"""Return an SVG drawn as a PNG of that resolution.

    Raises `RenderError` where no font has a character, it would be too large, or this machine has no resvg.

    >>> png('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>', dpi=144)[:4]
    b'\x89PNG'
    """
    _refuse_large(picture, dpi)
    drawn, by_system, foreign = lettered(picture)
    refuse_undrawn(foreign, _images)
    return _with_resolution(_drawn(drawn, dpi / POINTS, by_system=by_system), dpi)


def _refuse_large(picture: str, dpi: float) -> None:
    size = SIZE.search(picture)
    width, height = map(float, size.groups()) if size else (0.0, 0.0)
    if width * height * (dpi / POINTS) ** 2 > MOST_PIXELS:
        pixels = f"{width * dpi / POINTS:,.0f} by {height * dpi / POINTS:,.0f} pixels"
        most = floor(POINTS * sqrt(MOST_PIXELS / width / height))
        raise RenderError(
            f"a PNG of {pixels} is too large to draw", hint=f"give a dpi of {most} at most, or draw an SVG"
        )


def _images(pictures: list[str]) -> list[bytes]:
    return [_drawn(picture) for picture in pictures]


def _drawn(picture: str, zoom: float = 1.0, *, by_system: bool = True) -> bytes:
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        hint = "pip install resvg_py; where it has no wheel, draw an SVG"
        raise RenderError("a PNG is drawn by resvg_py, which is not installed", hint=hint) from None
    fonts = [str(path) for path in FOLDER.glob("*.ttf")]
    try:
        return bytes(svg_to_bytes(picture, zoom=zoom, skip_system_fonts=not by_system, font_files=fonts))
    except ValueError as error:
        raise RenderError(f"the PNG cannot be drawn: {error}", hint="draw an SVG") from None


def _with_resolution(image: bytes, dpi: float) -> bytes:
    """Return a PNG that tells its resolution (W3C, Portable Network Graphics, chunk pHYs)."""
    metre = round(dpi * METRE)
    content = b"pHYs" + struct.pack(">IIB", metre, metre, 1)
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", crc32(content))
    return image[:AFTER_HEADER] + chunk + image[AFTER_HEADER:]
