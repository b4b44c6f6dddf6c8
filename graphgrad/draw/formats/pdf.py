"""Draw an SVG as a PDF, by Typst and the shipped fonts."""

from __future__ import annotations

from json import dumps
from typing import Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.base.extras import install
from graphgrad.draw.formats.fonts import FOLDER, lettered, refuse_undrawn

__all__ = ["pdf"]

PAGES: Final = b"""\
#set document(date: none)
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#for picture in json(bytes(sys.inputs.pictures)) {
  page(scale(100% * 4 / 3, reflow: true, image(bytes(picture), format: "svg")))
}
"""
"""A page for each picture, of its size: for Typst, a pixel of an SVG is 3/4 of a point, for graphgrad a point."""


def pdf(picture: str) -> bytes:
    """Return an SVG drawn as a PDF of one page, whose texts can be searched and selected.

    Raises `RenderError` where no font has a character, or Typst is not installed.

    >>> pdf('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')[:4]
    b'%PDF'
    """
    drawn, by_system, foreign = lettered(picture)
    refuse_undrawn(foreign, _images)
    return bytes(_compiled([drawn], format="pdf", timestamp=0, ignore_system_fonts=not by_system))


def _images(pictures: list[str]) -> list[bytes]:
    images = _compiled(pictures, format="png")
    return images if isinstance(images, list) else [images]


def _compiled(pictures: list[str], **options: Any) -> Any:
    try:
        import typst
    except ImportError:
        hint = f"{install('print')}, or draw a PNG or an SVG"
        raise RenderError("a PDF is drawn by typst, which is not installed", hint=hint) from None
    try:
        return typst.compile(PAGES, sys_inputs={"pictures": dumps(pictures)}, font_paths=[str(FOLDER)], **options)
    except typst.TypstError as error:
        raise RenderError(f"the PDF cannot be drawn: {error}", hint="draw an SVG") from None
