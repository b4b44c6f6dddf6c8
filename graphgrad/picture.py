"""Annotated graph in, picture out: scene, plan, layout, drawing, each by its own module."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphgrad.draw.theme import TEXTBOOK
from graphgrad.errors import RenderError

if TYPE_CHECKING:
    import networkx as nx

    from graphgrad.draw.scene import Scene
    from graphgrad.draw.theme import Theme

__all__ = ["DPI", "FORMATS", "draw", "figure", "refuse_format", "rendered"]

FORMATS: Final = ("svg", "png", "pdf", "dot")

DPI: Final = 192.0
"""Dots per inch of a PNG, twice those of a plain screen."""


def draw(dag: nx.MultiDiGraph[int], path: str | Path | None = None, **how: Any) -> str | None:  # noqa: ANN401
    """Draw an annotated graph into a file, its format by its suffix; without a path, return its DOT source.

    `how` are the options of `rendered`. Raises `RenderError` where it cannot be drawn.

    >>> from graphgrad import parse
    >>> print(draw(parse("x*y").backprop({"x": 3, "y": 5}).dag).splitlines()[0])
    digraph {
    """
    if path is None:
        return rendered(dag, "dot", **how).decode()
    _write(Path(path), rendered(dag, _format(path), **how))
    return None


def rendered(  # noqa: PLR0913  each is an option of the picture
    dag: nx.MultiDiGraph[int],
    form: str,
    *,
    passes: str = "both",
    fold: bool = False,
    local: bool = False,
    title: str | None = None,
    theme: Theme = TEXTBOOK,
    engine: str = "auto",
    dpi: float = DPI,
) -> bytes:
    """Return an annotated graph drawn in one of the `FORMATS`.

    `passes` is "forward", "backward" or "both"; `fold` draws constants inside their operation; `local` adds the local
    derivatives; `engine` is "auto", "system" or "embedded". Raises `RenderError` where it cannot be drawn.
    """
    from graphgrad.draw.scene import scene  # noqa: PLC0415  a run that draws nothing loads nothing of it

    drawn = scene(dag, passes=passes, fold=fold, local=local, title=title)
    return figure(drawn, form, theme=theme, engine=engine, dpi=dpi)


def figure(drawn: Scene, form: str, *, theme: Theme = TEXTBOOK, engine: str = "auto", dpi: float = DPI) -> bytes:
    """Return a scene drawn in one of the `FORMATS`; DOT alone takes no engine."""
    from graphgrad.draw.dot import dot, plan  # noqa: PLC0415  likewise, and the graphviz package
    from graphgrad.draw.engine import render  # noqa: PLC0415
    from graphgrad.draw.layout import parse_layout  # noqa: PLC0415
    from graphgrad.draw.svg import svg  # noqa: PLC0415
    from graphgrad.draw.tidy import tidied  # noqa: PLC0415

    if form == "dot":
        return dot(drawn, theme).encode()
    found = parse_layout(drawn, render(plan(drawn, theme), "json", engine=engine))
    layout = tidied(drawn, found, theme)
    data = render(dot(drawn, theme, layout), form, engine=engine, placed=True, dpi=dpi if form == "png" else None)
    return svg(data, drawn, theme).encode() if form == "svg" else data


def refuse_format(path: str | Path) -> None:
    """Raise `RenderError` where a path's suffix names no format that can be drawn."""
    _format(path)


def _format(path: str | Path) -> str:
    form = Path(path).suffix.lower().removeprefix(".")
    if form not in FORMATS:
        hint = f"take a name that ends in {', '.join('.' + each for each in FORMATS)}"
        raise RenderError(f"no picture can be drawn into {str(path)!r}: its suffix names no format", hint=hint)
    return form


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise RenderError(f"cannot write {str(path)!r}: {error.strerror}") from None
