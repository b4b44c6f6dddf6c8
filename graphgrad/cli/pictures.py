"""Draw the files that the command is asked for: a picture, and the frames of both passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.draw.options import FrameOptions
from graphgrad.draw.render import note
from graphgrad.draw.words import NARY
from graphgrad.text.quoted_names import listed_names

if TYPE_CHECKING:
    import argparse

    from graphgrad.analysis.lens import Lens
    from graphgrad.api.result import Backprop
    from graphgrad.api.tornado import Tornado
    from graphgrad.draw.options import DrawKeywords, Notes

__all__ = ["drawn"]


def drawn(
    result: Backprop[Any],
    options: argparse.Namespace,
    notes: Notes | None = None,
    lens: Lens | None = None,
    *,
    tornado: Tornado | None = None,
) -> str:
    """Draw the picture and the frames asked for; return the paths written, and a note on closed boxes.

    With a tornado chart, that is drawn in the formats that it has, unless the graph is asked for.
    """
    expand = () if options.expand is None else tuple(listed_names(options.expand))
    keywords: DrawKeywords = {
        "passes": options.passes,
        "fold": options.fold,
        "local": options.local,
        "values": options.values,
        "theme": options.theme,
        "scheme": options.scheme,
        "notes": notes,
        "lens": lens,
        "expand": expand,
        "direction": options.direction,
        "nary": NARY[options.nary],
        "width": options.width,
    }
    written, graphs = [], bool(options.frames)
    for path in options.output:
        if tornado is not None and _has_chart(path, options):
            tornado.draw(path, dpi=options.dpi, theme=options.theme, scheme=options.scheme)
            written.append(path)
            continue
        result.draw(path, dpi=options.dpi, **keywords)
        graphs = True
        written.append(path + _requirement(result, path))
    if options.frames:
        paths = result.frames(options.frames, format=options.steps, png_dpi=options.dpi, **keywords)
        written.append(f"{paths[0]} to {paths[-2].name} and {paths[-1].name}")
    closed = note(result.passes, FrameOptions(**keywords)) if graphs else ""
    return "\nwrote ".join(written) + (f"\n{closed}" if closed else "")


def _has_chart(path: str, options: argparse.Namespace) -> bool:
    """Whether a file gets the tornado chart: by its format, or because it is asked for."""
    from graphgrad.draw.tornado import FORMATS

    is_chart = path.lower().rpartition(".")[2] in FORMATS
    return options.picture == "tornado" or (options.picture is None and is_chart)


def _requirement(result: Backprop[Any], path: str) -> str:
    """Return what a written document needs to be compiled, in parentheses; empty where that is nothing special."""
    if not path.lower().endswith(".tex"):
        return ""
    from graphgrad.draw.formats.tikz import required

    graph = result.passes.graph
    needed = required(graph.source + "".join(graph.names.values()))
    return f" ({needed})" if needed else ""
