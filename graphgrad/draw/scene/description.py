"""Describe a picture in words, for those who cannot see it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.terminal_text import isolated, printable
from graphgrad.draw.scene.labels import shown
from graphgrad.namespaces.array_values import is_array
from graphgrad.text.quoted_names import written
from graphgrad.text.source_lines import program_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.draw.view import View

__all__ = ["alt", "source_line"]

MAX_SOURCE: Final = 120
"""The most characters of the program's text in a description."""

MAX_INPUTS: Final = 12
"""The most inputs whose numbers a description names."""

ARROWS: Final = {
    "forward": "Arrows from {first} to {last} carry the values.",
    "backward": "Dashed arrows from {last} to {first} carry the adjoints.",
    "both": "Solid arrows from {first} to {last} carry the values, dashed arrows from {last} to {first} the adjoints.",
}

ENDS: Final = {False: {"first": "left", "last": "right"}, True: {"first": "top", "last": "bottom"}}
"""Where the arrows of values begin and end, by whether the picture is laid out downwards."""


def alt(view: View, passes: str, note: str = "", *, down: bool = False) -> str:
    """Return a few sentences that describe the picture of a graph; `note` is a sentence on closed boxes.

    The picture is laid out from left to right, or `down`.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> alt(view_of(parse("z = x*y").backprop({"x": 3, "y": 5}).passes), "forward")
    'Computational graph of z = x*y. Arrows from left to right carry the values. At x = 3, y = 5: z = 15.'
    """
    inputs = sorted(view.inputs.values(), key=lambda node: node.number)
    sentences = [f"Computational graph of {source_line(view)}.", ARROWS[passes].format(**ENDS[down])]
    value = view.nodes[view.output].value
    if value is not None:
        values = _listed((written(node.name or ""), node.value) for node in inputs)
        sentences.append(f"{f'At {values}: ' if values else ''}{written(view.output_name)} = {shown(value)}.")
    gradient = (
        _listed((f"∂/∂{written(node.name or '')}", node.adjoint) for node in inputs) if passes != "forward" else ""
    )
    seed = view.nodes[view.output].adjoint
    times = "" if seed is None or is_array(seed) or seed == 1 else f" times the seed {shown(seed)}"
    sentences += [f"Gradient{times}: {gradient}."] * bool(gradient) + [f"{note}."] * bool(note)
    return isolated(printable(" ".join(sentences)))


def source_line(view: View) -> str:
    """Return the program's text on one line, cut to a limit."""
    return program_line(view.source, MAX_SOURCE)


def _listed(numbers: Iterable[tuple[str, Any]]) -> str:
    known = [*islice((f"{name} = {shown(number)}" for name, number in numbers if number is not None), MAX_INPUTS + 1)]
    return ", ".join(known[:MAX_INPUTS] + ["…"] * (len(known) > MAX_INPUTS))
