"""Lay out a scene: sizes, the engine's places, lines made regular; to the right, downwards, or in rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphgrad.base.errors import RenderError
from graphgrad.draw.layout.channels import cleared
from graphgrad.draw.layout.drawing import Drawing
from graphgrad.draw.layout.layout import parse_layout
from graphgrad.draw.layout.order import misread
from graphgrad.draw.layout.plan import plan
from graphgrad.draw.layout.sizes import measured
from graphgrad.draw.layout.strokes import bounds

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphgrad.draw.layout.layout import Layout
    from graphgrad.draw.layout.rows import Rows
    from graphgrad.draw.options import LayoutFunction
    from graphgrad.draw.scene.model import Scene
    from graphgrad.draw.theme import Theme

__all__ = ["arranged", "cut_into"]


def arranged(scene: Scene, theme: Theme, engine: str | LayoutFunction = "auto") -> Drawing:
    """Return a scene with all its places.

    Raises `RenderError` where there is no engine, or where it fails.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.scene.scene import scene
    >>> from graphgrad.draw.theme import TEXTBOOK
    >>> from graphgrad.draw.view import view_of
    >>> drawing = arranged(scene(view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes)), TEXTBOOK)
    >>> [panel.key for panel in drawing.panels]
    ['n0', 'n1', 'n2', 'output']
    """
    layout = _layout(scene, theme, engine)
    return Drawing(scene, layout, theme, bounds(scene, layout, theme))


def cut_into(drawing: Drawing, rows: Rows) -> Drawing:
    """Return a drawing that runs to the right cut into rows, unless that cuts too many lines."""
    from graphgrad.draw.layout.rows import in_rows

    layout = in_rows(drawing.scene, drawing.layout, drawing.theme, rows)
    if layout is None:
        return drawing
    return replace(drawing, layout=layout, bounds=bounds(drawing.scene, layout, drawing.theme))


def _layout(scene: Scene, theme: Theme, engine: str | LayoutFunction, marked: Collection[int] = ()) -> Layout:
    """Return the places of boxes and lines, as an engine lays them out.

    A picture that runs down is laid out from left to right, with widths and heights exchanged, and then mirrored. Where
    operands are out of order, it is made anew, with room for their roles beside their arrows, which are `marked`.
    """
    from graphgrad.draw.layout.engine import lay_out

    given = measured(scene, theme, marked)
    sizes = given.turned if scene.down else given
    answer = lay_out(plan(scene, sizes, theme), engine)
    try:
        layout = parse_layout(scene, sizes, answer)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise RenderError("the engine's answer is no layout", hint="answer in JSON, as dot -Tjson0 does") from None
    layout = cleared(scene, layout, theme)
    wrong = misread(scene, layout) | given.marked
    if wrong != given.marked:
        return _layout(scene, theme, engine, wrong)
    return layout.mirrored(given) if scene.down else layout
