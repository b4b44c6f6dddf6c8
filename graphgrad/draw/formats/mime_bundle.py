"""Give a notebook a picture in the formats that it shows and prints."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from textwrap import indent, wrap
from typing import Final

from graphgrad.base.errors import RenderError
from graphgrad.draw.formats.pdf import pdf
from graphgrad.draw.formats.svg_style import families
from graphgrad.draw.theme import Theme

__all__ = ["mime_bundle"]


COLUMN: Final = 68
"""The most characters of a line of a message."""


def mime_bundle(picture: str) -> dict[str, str]:
    """Return an SVG by its MIME type, and beside it the PDF that `nbconvert --to latex` takes, where PDFs can be drawn.

    Where no font of this machine has a character, the PDF says so: without any, nbconvert fails, as it has no Inkscape.

    For reStructuredText, nbconvert would choose the PDF, and write nothing: it gets the SVG under a type of its own.

    >>> list(mime_bundle('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'))
    ['image/svg+xml', 'application/pdf', 'text/x-rst']
    """
    bundle = {"image/svg+xml": picture}
    try:
        printed = _printed(picture)
    except RenderError:
        return bundle
    return bundle | {"application/pdf": printed, "text/x-rst": f".. raw:: html\n\n{indent(picture, '   ')}"}


def _printed(picture: str) -> str:
    try:
        drawn = pdf(picture)
    except RenderError as error:
        drawn = pdf(_message(error))
    return b64encode(drawn).decode()


def _message(error: RenderError) -> str:
    """Return an SVG that tells an error, with codes for characters that no font may have."""
    told = str(error).encode("ascii", "backslashreplace").decode()
    lines = [line for paragraph in told.splitlines() for line in wrap(paragraph, COLUMN)]
    head = f'width="420" height="{16 * len(lines) + 8}" font-family="{families(Theme())}" font-size="12"'
    texts = "".join(f'<text x="4" y="{16 * row}">{escape(line)}</text>' for row, line in enumerate(lines, 1))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{texts}</svg>'
