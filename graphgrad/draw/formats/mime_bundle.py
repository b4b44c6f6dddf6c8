"""Give a notebook a picture in the formats that it shows and prints."""

from __future__ import annotations

from base64 import b64encode
from textwrap import indent

from graphgrad.base.errors import RenderError
from graphgrad.draw.formats.pdf import pdf

__all__ = ["mime_bundle"]


def mime_bundle(picture: str) -> dict[str, str]:
    """Return an SVG by its MIME type, and beside it the PDF that `nbconvert --to latex` takes, where one can be drawn.

    For reStructuredText, nbconvert would choose the PDF, and write nothing: it gets the SVG under a type of its own.

    >>> list(mime_bundle('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'))
    ['image/svg+xml', 'application/pdf', 'text/x-rst']
    """
    bundle = {"image/svg+xml": picture}
    try:
        printed = b64encode(pdf(picture)).decode()
    except RenderError:
        return bundle
    return bundle | {"application/pdf": printed, "text/x-rst": f".. raw:: html\n\n{indent(picture, '   ')}"}
