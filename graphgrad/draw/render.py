"""Annotated graph in, picture out: scene, plan, layout, drawing, each by its own module."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.base.files import make_folder, write_whole
from graphgrad.draw.scene.outline import EVERYTHING, outlined
from graphgrad.draw.theme import TEXTBOOK, Theme, theme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import networkx as nx

    from graphgrad.draw.layout.layout import Layout
    from graphgrad.draw.scene.model import Scene

__all__ = [
    "DATA",
    "DPI",
    "FORMATS",
    "Look",
    "draw",
    "figure",
    "frames",
    "note",
    "refuse_format",
    "rendered",
]

PAGE: Final = "html"
"""The format that is a page around the picture."""

DPI: Final = 192.0
"""Dots per inch of a PNG, twice those of a plain screen."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a scene is drawn; see `rendered`."""

    theme: Theme
    engine: str
    dpi: float
    prefix: str


def draw(dag: nx.MultiDiGraph[int], path: str | Path | None = None, **how: Any) -> str | None:
    """Draw an annotated graph into a file, its format by its suffix; without a path, return its DOT source.

    `how` are the options of `rendered`. Raises `RenderError` where it cannot be drawn.

    >>> from graphgrad import parse
    >>> print(draw(parse("x*y").backprop({"x": 3, "y": 5}).dag).splitlines()[0])
    digraph {
    """
    if path is None:
        return rendered(dag, "dot", **how).decode()
    write_whole(path, rendered(dag, _format(path), **how))
    return None


def rendered(  # noqa: PLR0913  each is an option of the picture
    dag: nx.MultiDiGraph[int],
    form: str,
    *,
    passes: str = "both",
    fold: bool = False,
    local: bool = False,
    values: bool = False,
    notes: Mapping[str | None, str] | None = None,
    title: str | None = None,
    theme: Theme | str = TEXTBOOK,
    engine: str = "auto",
    dpi: float = DPI,
    prefix: str = "",
    expand: Collection[str] = (),
) -> bytes:
    """Return an annotated graph drawn in one of the `FORMATS`, as a page around its picture, or as plain `DATA`.

    `passes` is "forward", "backward" or "both"; `fold` draws constants inside their operation; `local` adds the local
    derivatives; `values` writes small arrays out; `notes` stand beside the inputs of these names, under None beside the
    output; `theme` is "textbook", "record", "minimal" or a `Theme` of your own; `engine` is "auto", "system" or
    "embedded"; `dpi` are the dots per inch of a PNG; `prefix` stands before every id in an SVG. Of a large graph, named
    intermediates and repeated structure are closed into boxes; `expand` names those to open, "*" all. Raises
    `RenderError` where it cannot be drawn.
    """
    from graphgrad.draw.scene.graph_queries import noted
    from graphgrad.draw.scene.scene import scene

    def shown(dag: nx.MultiDiGraph[int]) -> Scene:
        how: dict[str, Any] = {"passes": passes, "fold": fold, "local": local, "values": values, "title": title}
        return scene(noted(dag, notes or {}), cells=look.theme.cells, expand=opened, **how)

    if form in DATA:
        return DATA[form](dag)
    opened = (EVERYTHING,) if form == PAGE else expand
    look = Look(theme_of(theme), engine, dpi, prefix)
    return _page(dag, shown, passes, look) if form == PAGE else FORMATS[form](shown(dag), look)


def frames(  # noqa: PLR0913  likewise
    dag: nx.MultiDiGraph[int],
    folder: str | Path,
    *,
    notes: Mapping[str | None, str] | None = None,
    theme: Theme | str = TEXTBOOK,
    engine: str = "auto",
    prefix: str = "",
    **how: Any,
) -> list[Path]:
    """Draw an annotated graph step by step into a folder, and return the files' paths; see `Backprop.frames`."""
    from graphgrad.draw.formats.svg import svg
    from graphgrad.draw.layout.strokes import bounds
    from graphgrad.draw.scene.graph_queries import noted
    from graphgrad.draw.scene.scene import scene

    look = Look(theme_of(theme), engine, DPI, prefix)
    drawn = scene(noted(dag, notes or {}), cells=look.theme.cells, **how)
    layout = _layout(drawn, look)
    edges = bounds(replace(drawn, caption=max(drawn.captions, key=len)), layout, look.theme)
    digits = len(str(len(drawn.words) - 1))
    pictures = {
        f"step-{step:0{digits}}.svg": svg(drawn.at(step), layout, look.theme, edges, prefix=prefix)
        for step in range(len(drawn.words))
    }
    pictures["animated.svg"] = svg(drawn, layout, look.theme, edges, prefix=prefix, plays=True)
    make_folder(folder)
    for name, picture in pictures.items():
        write_whole(Path(folder) / name, picture.encode())
    return [Path(folder) / name for name in pictures]


def figure(  # noqa: PLR0913  each is an option of the picture
    drawn: Scene, form: str, *, theme: Theme = TEXTBOOK, engine: str = "auto", dpi: float = DPI, prefix: str = ""
) -> bytes:
    """Return a scene drawn in one of the `FORMATS`; see `draw`."""
    return FORMATS[form](drawn, Look(theme, engine, dpi, prefix))


def note(dag: nx.MultiDiGraph[int], expand: Collection[str] = ()) -> str:
    """Return a sentence on what is closed in a picture of a large graph; empty where all is drawn."""
    return outlined(dag, expand).note


def refuse_format(path: str | Path) -> None:
    """Raise `RenderError` where a path's suffix names no format that can be drawn."""
    _format(path)


def _format(path: str | Path) -> str:
    form = Path(path).suffix.lower().removeprefix(".")
    known = (*FORMATS, PAGE, *DATA)
    if form not in known:
        hint = f"take a name that ends in {', '.join('.' + each for each in known)}"
        raise RenderError(f"no picture can be drawn into {str(path)!r}: its suffix names no format", hint=hint)
    return form


def _json(dag: nx.MultiDiGraph[int]) -> bytes:
    from graphgrad.backprop.stored_json import to_json

    return to_json(dag).encode()


def _graphml(dag: nx.MultiDiGraph[int]) -> bytes:
    from graphgrad.backprop.graphml import graphml

    return graphml(dag)


DATA: Final[dict[str, Callable[[nx.MultiDiGraph[int]], bytes]]] = {"json": _json, "graphml": _graphml}
"""How a graph with its numbers becomes a file for programs, by the file's suffix."""


def _layout(drawn: Scene, look: Look) -> Layout:
    """Return where everything stands, as an engine finds it."""
    from graphgrad.draw.layout.engine import render
    from graphgrad.draw.layout.layout import parse_layout
    from graphgrad.draw.layout.plan import plan
    from graphgrad.draw.layout.tree_layout import tidied

    found = parse_layout(drawn, render(plan(drawn, look.theme), "json", engine=look.engine))
    return tidied(drawn, found, look.theme)


def _dot(drawn: Scene, look: Look) -> bytes:
    from graphgrad.draw.formats.dot import dot

    return dot(drawn, look.theme).encode()


def _svg(drawn: Scene, look: Look) -> bytes:
    from graphgrad.draw.formats.svg import svg
    from graphgrad.draw.layout.strokes import bounds

    layout = _layout(drawn, look)
    return svg(drawn, layout, look.theme, bounds(drawn, layout, look.theme), prefix=look.prefix).encode()


def _mermaid(drawn: Scene, _look: Look) -> bytes:
    from graphgrad.draw.formats.mermaid import mermaid

    return mermaid(drawn).encode()


def _tikz(drawn: Scene, look: Look) -> bytes:
    from graphgrad.draw.formats.tikz import tikz

    return tikz(drawn, _layout(drawn, look), look.theme).encode()


def _page(dag: nx.MultiDiGraph[int], shown: Callable[..., Scene], passes: str, look: Look) -> bytes:
    """Return a page around the picture of a graph, laid out such that there is room for other numbers."""
    from graphgrad.draw.formats.svg import svg
    from graphgrad.draw.layout.strokes import bounds
    from graphgrad.draw.page.facts import facts
    from graphgrad.draw.page.page import page
    from graphgrad.draw.page.program import lesson, roomy

    made = lesson(dag)
    drawn = shown(made.dag)
    wide = drawn if look.theme.cells or made.program == "null" else shown(roomy(made.dag))
    layout = _layout(wide, look)
    picture = svg(drawn, layout, look.theme, bounds(wide, layout, look.theme))
    return page(facts(made.dag, drawn, passes, look.theme.cells), made, picture, drawn, look.theme).encode()


def _by_engine(form: str, drawn: Scene, look: Look) -> bytes:
    from graphgrad.draw.formats.dot import dot
    from graphgrad.draw.layout.engine import render

    source = dot(drawn, look.theme, _layout(drawn, look))
    return render(source, form, engine=look.engine, placed=True, dpi=look.dpi if form == "png" else None)


FORMATS: Final[dict[str, Callable[[Scene, Look], bytes]]] = {
    "svg": _svg,
    "png": partial(_by_engine, "png"),
    "pdf": partial(_by_engine, "pdf"),
    "dot": _dot,
    "mmd": _mermaid,
    "tex": _tikz,
}
"""How a scene becomes a file, by the file's suffix."""
