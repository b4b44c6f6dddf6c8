"""Draw graphs for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.backprop.passes import Passes
from graphgrad.base.errors import RenderError

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData

__all__ = ["shown"]


def shown(source: GraphData | Passes) -> dict[str, str]:
    """Return a graph's picture by its MIME types, for a notebook; an empty dict where it cannot be drawn."""
    from graphgrad.draw.formats.mime_bundle import mime_bundle
    from graphgrad.draw.options import PictureOptions
    from graphgrad.draw.render import rendered

    options = PictureOptions(passes="both" if isinstance(source, Passes) else "forward")
    try:
        return mime_bundle(rendered(source, "svg", options).decode())
    except RenderError:
        return {}
