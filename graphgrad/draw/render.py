"""Draw a graph in a format: view, scene, layout, then text or bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from graphgrad.backprop.blame import blames
from graphgrad.backprop.closed_passes import for_people, shares_of
from graphgrad.backprop.passes import Passes
from graphgrad.base.arguments import chosen, path_of
from graphgrad.base.errors import RenderError
from graphgrad.base.files import make_folder, write_whole
from graphgrad.base.suggestion import suggestion
from graphgrad.draw.scene.outline import EVERYTHING, outlined
from graphgrad.draw.view import view_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import networkx as nx

    from graphgrad.draw.layout.drawing import Drawing
    from graphgrad.draw.options import DrawOptions, FrameOptions, PictureOptions
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.view import View
    from graphgrad.graph.calls import Calls
    from graphgrad.graph.data import GraphData

__all__ = ["DATA", "FORMATS", "description", "draw", "frames", "note", "refuse_format", "rendered", "stepped"]

Options = TypeVar("Options", bound="DrawOptions")

PAGE: Final = "html"
"""The format of the interactive page around the picture."""


def draw(source: GraphData | Passes, path: str | Path | None, options: PictureOptions) -> str | None:
    """Draw a graph, or both passes on it, into a file of the suffix's format; without a path, return the DOT source.

    Raises `RenderError` where it cannot be drawn.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.options import PictureOptions
    >>> print(draw(parse("x*y").backprop({"x": 3, "y": 5}).passes, None, PictureOptions()).splitlines()[0])
    digraph {
    """
    if path is None:
        return rendered(source, "dot", options).decode()
    write_whole(path, rendered(source, _format(path), options))
    return None


def rendered(source: GraphData | Passes, form: str, options: PictureOptions) -> bytes:
    """Return a graph, or both passes on it, in one of the `FORMATS`, as a page around its picture, or as plain `DATA`.

    Raises `RenderError` where it cannot be drawn.
    """
    if not chosen(form, KNOWN):
        hint = suggestion(str(form), KNOWN, f"take one of {', '.join(KNOWN)}")
        raise RenderError(f"no picture can be drawn as {form!r}", hint=hint)
    if form in DATA:
        return DATA[form](source)
    view, options = _shown(source, options)
    if form == PAGE:
        return _page(view, options)
    return _figure(view, form, options)


def _shown(source: GraphData | Passes, options: Options) -> tuple[View, Options]:
    """Return what is drawn: calls of functions are closed, but those of the functions that `expand` names.

    The options name only what remains to be opened.
    """
    calls = (source.graph if isinstance(source, Passes) else source).calls
    if calls is None:
        return _view(source, options, None), options
    functions = calls.functions if EVERYTHING in options.expand else {*options.expand} & {*calls.functions}
    source = for_people(source, functions)
    rest = tuple(name for name in options.expand if name not in functions)
    return _view(source, options, calls), replace(options, expand=rest)


def _view(source: GraphData | Passes, options: DrawOptions, calls: Calls | None) -> View:
    view = view_of(source).noted(options.notes or {})
    view = view.shaded(shares_of(calls, options.lens.shares, view.nodes)) if options.lens else view
    return _blamed(view, source) if options.blame and isinstance(source, Passes) else view


def _blamed(view: View, passes: Passes) -> View:
    """Return the view with the paths from what made the value or a derivative infinite, 0 or huge."""
    found = blames(passes)
    edges = {edge: line for blame in found for edge, line in blame.edges.items()}
    nodes = {node for blame in found for node in blame.nodes}
    return view.with_path(nodes, edges, (blame.sentence for blame in found))


def frames(source: GraphData | Passes, folder: str | Path, options: FrameOptions) -> list[Path]:
    """Draw both passes step by step into a folder, and return the files' paths; see `Backprop.frames`."""
    from graphgrad.draw.formats.svg import svg

    folder = path_of(folder, "a folder", RenderError)
    drawing = stepped(_drawing(*_shown(source, options)))
    count = len(drawing.scene.words)
    write = STEPS[options.format]
    pictures = {
        f"step-{step:0{len(str(count - 1))}}.{options.format}": write(drawing.at(step), options)
        for step in range(count)
    }
    pictures["animated.svg"] = svg(drawing, prefix=options.prefix, plays=True).encode()
    make_folder(folder)
    for name, picture in pictures.items():
        write_whole(folder / name, picture)
    return [folder / name for name in pictures]


def stepped(drawing: Drawing) -> Drawing:
    """Return a drawing whose steps are drawn, with room for the longest caption."""
    return drawing.with_room_for(max(drawing.scene.captions, key=len))


def _svg_step(drawing: Drawing, options: FrameOptions) -> bytes:
    from graphgrad.draw.formats.svg import svg

    return svg(drawing, prefix=options.prefix).encode()


def _png_step(drawing: Drawing, options: FrameOptions) -> bytes:
    from graphgrad.draw.formats.png import png
    from graphgrad.draw.formats.svg import svg

    return png(svg(drawing), options.png_dpi)


STEPS: Final[dict[str, Callable[[Drawing, FrameOptions], bytes]]] = {"svg": _svg_step, "png": _png_step}
"""How a step is drawn, by the format of frames."""


def _figure(view: View, form: str, options: PictureOptions) -> bytes:
    """Return a graph drawn in one of the `FORMATS`."""
    if form in SOURCES:
        return SOURCES[form](_scene(view, options), options)
    return FORMATS[form](_drawing(view, options), options)


def note(source: GraphData | Passes, options: DrawOptions, *, placed: bool = True) -> str:
    """Return a sentence on the closed boxes in a picture of a graph; empty where none is closed.

    `placed` says that the picture is laid out here, and not by the program that reads it.
    """
    from graphgrad.draw.choice import closes

    view, options = _shown(source, options)
    if placed and closes(view, options):
        return _drawing(view, options).scene.caption
    return outlined(view, options.expand).note


def description(source: GraphData | Passes, options: DrawOptions) -> str:
    """Return the words for those who cannot see the picture of a graph."""
    view, options = _shown(source, options)
    drawn = _scene(view, options)
    try:
        return _drawing(view, options).scene.description
    except RenderError:  # no engine lays it out here; a reader's program will
        return drawn.description


def refuse_format(path: str | Path) -> None:
    """Raise `RenderError` where a path's suffix names no format that can be drawn."""
    _format(path)


def _format(path: str | Path) -> str:
    form = path_of(path, error=RenderError).suffix.lower().removeprefix(".")
    if form not in KNOWN:
        hint = f"take a name that ends in {', '.join('.' + each for each in KNOWN)}"
        raise RenderError(f"no picture can be drawn into {str(path)!r}: its suffix names no format", hint=hint)
    return form


def _dag(source: GraphData | Passes) -> nx.MultiDiGraph[int]:
    from graphgrad.backprop.annotated_dag import annotated

    return annotated(source) if isinstance(source, Passes) else source.dag


def _json(source: GraphData | Passes) -> bytes:
    from graphgrad.backprop.stored_json import to_json

    return to_json(_dag(source)).encode()


def _graphml(source: GraphData | Passes) -> bytes:
    from graphgrad.backprop.graphml import graphml

    return graphml(_dag(source))


DATA: Final[dict[str, Callable[[GraphData | Passes], bytes]]] = {"json": _json, "graphml": _graphml}
"""How a graph with its numbers becomes a file for programs, by the file's suffix."""


def _scene(view: View, options: DrawOptions) -> Scene:
    from graphgrad.draw.scene.scene import scene

    return scene(view, options)


def _drawing(view: View, options: DrawOptions) -> Drawing:
    """Return a graph laid out, as the options and the width of the column say."""
    from graphgrad.draw.choice import chosen_drawing

    return chosen_drawing(view, options)


def _dot(drawn: Scene, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.dot import dot

    return dot(drawn, options.style).encode()


def _mermaid(drawn: Scene, _options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.mermaid import mermaid

    return mermaid(drawn).encode()


def _svg(drawing: Drawing, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.svg import svg

    return svg(drawing, prefix=options.prefix).encode()


def _tikz(drawing: Drawing, _options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.tikz import tikz

    return tikz(drawing).encode()


def _typst(drawing: Drawing, _options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.typst import typst

    return typst(drawing).encode()


def _moving(form: str, drawing: Drawing, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.moving import moving

    return moving(stepped(drawing), form, options.dpi)


def _page(view: View, options: PictureOptions) -> bytes:
    """Return a page around the picture of a graph, laid out with room for wide numbers.

    A page scrolls, so that the picture is not changed to be narrower.
    """
    from graphgrad.draw.formats.svg import svg
    from graphgrad.draw.layout.arranged import arranged
    from graphgrad.draw.page.facts import facts
    from graphgrad.draw.page.page import page
    from graphgrad.draw.page.program import lesson, roomy

    made = lesson(replace(view, letters=True))
    options = replace(options, expand=(EVERYTHING,), nary=False)
    drawn = _scene(made.view, options)
    wide = drawn if options.style.cells or made.program == "null" else _scene(roomy(made.view), options)
    drawing = replace(arranged(wide, options.style, options.engine), scene=drawn)
    return page(facts(made.view, drawn, options), made, svg(drawing), drawn, options.style).encode()


def _png(drawing: Drawing, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.png import png

    return png(_svg(drawing, options).decode(), options.dpi)


def _pdf(drawing: Drawing, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.pdf import pdf

    return pdf(_svg(drawing, options).decode())


SOURCES: Final[dict[str, Callable[[Scene, PictureOptions], bytes]]] = {"dot": _dot, "mmd": _mermaid}
"""The functions that write a scene for another program to lay out, by the file's suffix."""

FORMATS: Final[dict[str, Callable[[Drawing, PictureOptions], bytes]]] = {
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "tex": _tikz,
    "typ": _typst,
    "gif": partial(_moving, "gif"),
    "apng": partial(_moving, "apng"),
    "mp4": partial(_moving, "mp4"),
}
"""The functions that write a drawing, by the file's suffix."""

KNOWN: Final = (*tuple(FORMATS)[:3], *SOURCES, *tuple(FORMATS)[3:], PAGE, *DATA)
"""All formats, in the order in which messages list them."""
