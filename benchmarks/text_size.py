"""Measure how large the text of pictures is in a column: of published formulas, in the ways chosen for them.

    python benchmarks/text_size.py [WIDTH]

Every formula of `tests/data/open.jsonl` is drawn at its first point, with both passes and the default options, for a
column of WIDTH pixels, 735 by default. A row of the table has the formulas with so many operations: how many there are,
how many have labels at least 8 pixels high from left to right without any choice, and how many in the way chosen.
"""

from __future__ import annotations

import json
import sys
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

import graphgrad as gg
from graphgrad.draw.choice import SMALLEST, chosen_drawing
from graphgrad.draw.options import FrameOptions
from graphgrad.draw.view import View, view_of

if TYPE_CHECKING:
    from graphgrad.draw.layout.drawing import Drawing

__all__: list[str] = []

FORMULAS: Final = Path(__file__).parents[1] / "tests" / "data" / "open.jsonl"
CLASSES: Final = ((0, 5), (6, 10), (11, 20), (21, 40), (41, 1000))
"""The numbers of operations of each row."""

MOST: Final = 40
"""The most operations of the formulas that the goal is about."""

GOAL: Final = 0.95
"""The least part of these formulas that should have large enough labels."""


def views() -> list[tuple[int, View]]:
    """Return the number of operations and the view of each formula."""
    found = []
    for line in map(json.loads, FORMULAS.read_text(encoding="utf-8").splitlines()):
        graph = gg.parse(line["expr"])
        at = {name: float(number) for name, number in line["points"][0]["at"].items()}
        found.append((len(graph.data.steps), view_of(graph.backprop(at).passes)))
    return found


def is_large(drawing: Drawing, width: float) -> bool:
    """Tell whether a drawing's labels are large enough where it is scaled to a column."""
    return drawing.theme.label_size * min(1.0, width / drawing.size[0]) >= SMALLEST


def main(width: float) -> int:
    """Print the table; return 1 where the goal is missed."""
    usual, chosen = FrameOptions(width=inf), FrameOptions(width=width)
    rows = [
        (steps, is_large(chosen_drawing(view, usual), width), is_large(chosen_drawing(view, chosen), width))
        for steps, view in views()
    ]
    print("operations  formulas  left to right  as chosen")
    for low, high in CLASSES:
        each = [row for row in rows if low <= row[0] <= high]
        print(f"{low:>4} to {high:<5}{len(each):>7}{sum(r[1] for r in each):>15}{sum(r[2] for r in each):>11}")
    small = [row for row in rows if row[0] <= MOST]
    parts = [sum(row[i] for row in small) / len(small) for i in (1, 2)]
    print(f"up to {MOST} operations, left to right: {parts[0]:.1%}; as chosen: {parts[1]:.1%}, the goal is {GOAL:.0%}")
    return int(parts[1] < GOAL)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 735.0))
