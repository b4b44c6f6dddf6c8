"""Reads pictures back, for the tests that look at them."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from graphgrad.draw import PictureOptions, find, view_of
from graphgrad.draw.layout.arranged import arranged
from graphgrad.draw.layout.clearance import Track, nearest, obstacles
from graphgrad.draw.layout.drawing import Drawing
from graphgrad.draw.layout.strokes import bounds
from graphgrad.draw.scene.scene import scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Unpack

    import graphgrad as gg
    from graphgrad.draw import PictureKeywords, Scene
    from graphgrad.draw.layout.clearance import Near
    from graphgrad.draw.layout.layout import Layout

__all__ = [
    "SVG",
    "classes",
    "crossed_starts",
    "drawn_by",
    "drawn_by_graphviz",
    "random_program",
    "read",
    "shown_by",
    "texts",
]

SVG = "{http://www.w3.org/2000/svg}"

START = 16
"""The length of a line's beginning in points: what crosses it there reads as if it began there, too."""

NAMES = ("x", "y", "z", "a", "b", "c", "nu", "sigma", "rate", "volatility", "m0")
FUNCTIONS = ("exp", "sin", "tanh", "sqrt", "log", "cos")
CALLS, CHOICES, POWERS, NAMED, SPLIT = 0.28, 0.33, 0.9, 0.85, 0.3
"""How often a random program has a call, a choice, another operation than a power, a name, intermediates."""


def shown_by(result: gg.Backprop[Any], **options: Unpack[PictureKeywords]) -> Scene:
    """Return what a picture of both passes shows."""
    return scene(view_of(result.passes), PictureOptions(**options))


def read(svg: str) -> ET.Element:
    """Return a picture's root element."""
    return ET.fromstring(svg)


def drawn_by_graphviz(source: str) -> str:
    """Return a DOT source drawn as SVG by the embedded engine itself."""
    _, path = find("embedded")
    done = subprocess.run([path, "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def texts(svg: str) -> list[str]:
    """Return all texts of a picture, in order."""
    return ["".join(element.itertext()) for element in read(svg).iter(f"{SVG}text")]


def classes(svg: str) -> Counter[str]:
    """Return how many boxes and arrows of each kind a picture has, lit, shaded, or not."""
    kinds = (element.attrib.get("class", "").split() for element in read(svg).iter(f"{SVG}g"))
    return Counter(kind[0].removeprefix("gg-") if kind else "" for kind in kinds)


def drawn_by(
    result: gg.Backprop[Any],
    layout: Callable[[Scene, PictureOptions], Layout] | None = None,
    **options: Unpack[PictureKeywords],
) -> Drawing:
    """Return a picture of both passes, with all its places; `layout` makes another layout than pictures have."""
    chosen = PictureOptions(**options)
    shown = scene(view_of(result.passes).noted(chosen.notes or {}), chosen)
    if layout is None:
        return arranged(shown, chosen.style, chosen.engine)
    made = layout(shown, chosen)
    return Drawing(shown, made, chosen.style, bounds(shown, made, chosen.style))


def crossed_starts(drawing: Drawing) -> list[Near]:
    """Return the lines that cross another input's line where it begins, or are within 6 px of that."""
    inputs = {box.key for box in drawing.scene.boxes if box.kind == "input"}
    ends = {arrow.key: (arrow.key, arrow.tail, arrow.head) for arrow in drawing.scene.arrows}
    starts = (
        each._replace(right=each.right + START)
        for each in obstacles(drawing.scene, drawing.layout, drawing.theme)
        if each.owner in inputs
    )
    lines = (Track(each.key, ends[each.key.rpartition("-")[0]], each.route) for each in drawing.strokes)
    return list(nearest(lines, starts))


def random_program(seed: int) -> str:
    """Return a random program of 3 to 28 operations on 2 to 6 inputs."""
    numbers = random.Random(seed)
    names = numbers.sample(NAMES, numbers.randint(2, 6))
    count = numbers.choice((3, 4, 5, 6, 8, 10, 12, 15, 20, 28))
    if numbers.random() < SPLIT and count > len(FUNCTIONS):
        parts = [_expression(numbers, count // 3, [*names, *more]) for more in ((), ("s",), ("s", "u"))]
        return f"s = {parts[0]}; u = s*{parts[1]}; u/{parts[2]}"
    return _expression(numbers, count, names)


def _expression(numbers: random.Random, count: int, names: Sequence[str]) -> str:
    if count <= 0:
        return numbers.choice(names if numbers.random() < NAMED else ("2", "3", "0.5", "1"))
    kind, first = numbers.random(), numbers.randint(0, count - 1)
    rest = count - 1 - first
    if kind < CALLS:
        return f"{numbers.choice(FUNCTIONS)}({_expression(numbers, count - 1, names)})"
    left, right = _expression(numbers, first, names), _expression(numbers, rest, names)
    if kind < CHOICES:
        return f"where({left} > 1, {right}, {numbers.choice(names)})"
    return f"({left} {numbers.choice('+-*/+*') if kind < POWERS else '**'} {right})"
