"""Write the style sheet of an SVG that plays both passes step by step without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.draw.formats.decimals import coordinates
from graphgrad.draw.layout.travel import HOLD, PACE, TRAVEL, journey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.draw.layout.layout import Point
    from graphgrad.draw.layout.strokes import Stroke

__all__ = ["motion", "travelling"]

EASED: Final = "animation-timing-function: cubic-bezier(0.65, 0, 0.35, 1);"
"""The rule of CSS whose curve is next to `eased`."""


def motion(count: int, scope: str) -> str:
    """Return the rules for elements of the classes gg-s0 to gg-s`count`, which appear at that step, and for captions.

    An element with a way travels along it when it appears. Captions have the classes gg-t0 to gg-t`count` and replace
    each other. A pointer on the picture pauses it. Where the reader prefers no motion, or the viewer has no animations,
    everything is visible and in its place. `scope` is the picture's class.

    >>> print(motion(1, "gg").splitlines()[3])
    .gg .gg-t0 { animation: 7.2s step-end infinite gg-t0; }
    """
    whole = count + 1 + HOLD
    lines = []
    for step in range(count + 1):
        begin, end = 100 * step / whole, 100 * (step + 1) / whole
        arrival = begin + 100 * TRAVEL / PACE / whole
        hidden, shown = {0.0: f"opacity: {int(step == 0)};"}, "opacity: 1;"
        travels = {begin: f"{shown} offset-distance: 0%; {EASED}", arrival: f"{shown} offset-distance: 100%;"}
        last = {} if step == count else {end: "opacity: 0;"}
        for name, steps in {f"s{step}": travels if step else {}, f"t{step}": {begin: shown, **last}}.items():
            lines.append(f".{scope} .gg-{name} {{ animation: {PACE * whole:g}s step-end infinite {scope}-{name}; }}")
            lines.append(_keyframes(f"{scope}-{name}", {**hidden, **steps}))
    lines.append(f".{scope}:hover * {{ animation-play-state: paused; }}")
    return "\n".join(["@media (prefers-reduced-motion: no-preference) {", *lines, "}", ""])


def _keyframes(name: str, rules: dict[float, str]) -> str:
    steps = " ".join(f"{at:.3f}% {{ {rule} }}" for at, rule in rules.items())
    return f"@keyframes {name} {{ {steps} }}"


def travelling(stroke: Stroke, labels: Sequence[str], size: float) -> list[str]:
    """Return the labels of an arrow's line, of a font size, with the one that travels in a group that knows its way.

    The way ends where the label stands, so that the group stands still in a viewer that moves nothing.
    """
    path = journey(stroke, size)
    if path is None or stroke.moving is None:
        return list(labels)
    place = stroke.labels[stroke.moving].place
    first, *rest = (_from(place, point) for point in path)
    way = f"offset-path:path('M{first}C{' '.join(rest)}');offset-distance:100%;offset-rotate:0deg"
    moved = f'<g class="gg-s{stroke.step}" style="{way}">{labels[stroke.moving]}</g>'
    return [*labels[: stroke.moving], moved, *labels[stroke.moving + 1 :]]


def _from(place: Point, point: Point) -> str:
    """Return where a point is seen from another one, in SVG's coordinates, in which heights grow downwards."""
    return coordinates(point[0] - place[0], place[1] - point[1])
