"""Draw the figures of this folder with the embedded engine: `python examples/figures.py [FOLDER]`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import graphgrad

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIGURES", "Figure", "draw"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A program, the point at which it is drawn, and the options of the picture.

    With a `table`, a file of this folder, the point is that of its columns' means, and `at` is for what it lacks.
    """

    text: str
    at: Mapping[str, float] = field(default_factory=dict)
    table: str = ""
    wrt: tuple[str, ...] | None = None
    name_literals: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


FRUITS: Final = "(apple*n + orange*m)*tax"
BOOK: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
CHAIN: Final = "x = 100; y = 5; t = 800; v = 1.08; s = x*y; u = s + t; E = u*v"
HEATING: Final = "area*u*`degree hours`/efficiency*price"
NEURONS: Final = range(8)
NETWORK: Final = " + ".join(f"v{i}*tanh(w{i}*x + b{i})" for i in NEURONS)
NETWORK_AT: Final = {"x": 0.5} | {f"{name}{i}": (3 * i + k) / 10 for i in NEURONS for k, name in enumerate("vwb")}

LAYERS: Final = (
    "h0 = sin(x)\n" + "\n".join(f"h{i} = tanh(w{i}*h{i - 1} + b{i})" for i in range(1, 31)) + "\n(h30 - t)**2"
)
LAYERS_AT: Final = {"x": 1, "t": 0.5} | {f"{name}{i}": (i % 7 + 1) / 10 for i in range(1, 31) for name in "wb"}

FRAMES: Final = "frames"
"""The folder for the frames of the figure that is also drawn step by step."""

FIGURES: Final = {
    "apple": Figure("100*5*1.08", name_literals=("apple",)),
    "1-one-input": Figure("100*5*1.08", name_literals=("apple",), options={"passes": "forward", "fold": True}),
    "2-all-inputs": Figure("100*5*1.08", name_literals=("apple", "count", "tax"), options={"passes": "forward"}),
    "3-two-fruits": Figure(
        FRUITS, {"apple": 100, "n": 5, "orange": 80, "m": 3, "tax": 1.08}, options={"passes": "forward"}
    ),
    "4-backward": Figure("100*5*1.08", name_literals=("apple",), options={"fold": True}),
    "5-addition": Figure("z = x + y", {"x": 10, "y": 5}, options={"passes": "backward", "local": True}),
    "6-multiplication": Figure("z = x*y", {"x": 10, "y": 5}, options={"local": True}),
    "7-chain-rule": Figure(CHAIN, options={"local": True}),
    "book": Figure(FRUITS, BOOK),
    "japanese": Figure("りんご = 100; 個数 = 5; 消費税 = 8%; 小計 = りんご*個数; 合計 = 小計*(1 + 消費税)"),
    "heating": Figure(HEATING, table="buildings.csv", options={"fold": True}),
    "square": Figure("x*x", {"x": 3}),
    "fan-out": Figure("x**2 + x*sin(x) - exp(-x/2)", {"x": 2}),
    "long-sum": Figure(" + ".join(f"x{i}" for i in range(1, 11)), {f"x{i}": i for i in range(1, 11)}),
    "sixty-nodes": Figure(NETWORK, NETWORK_AT),
    "layers": Figure(LAYERS, LAYERS_AT, options={"expand": ["h30"]}),
    "theme-record": Figure("L = (a*b + c)*f", {"a": 2, "b": -3, "c": 10, "f": -2}, options={"theme": "record"}),
    "theme-minimal": Figure(FRUITS, BOOK, options={"theme": "minimal"}),
}


def draw(figure: Figure, path: Path) -> None:
    """Draw a figure into a file, or its frames into a folder where the path has no suffix."""
    graph = graphgrad.parse(figure.text, name_literals=figure.name_literals)
    at, notes = figure.at, None
    if figure.table:
        table = Path(__file__).with_name(figure.table)
        if summary := graph.map_file(table, summary=True, at=figure.at, check=0).summary:
            at, notes = summary.means, summary.notes
    result = graph.backprop(at, figure.wrt)
    if path.suffix:
        result.draw(path, engine="embedded", notes=notes, **figure.options)
    else:
        result.frames(path, engine="embedded", **figure.options)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if sys.argv[1:] else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    for name, figure in FIGURES.items():
        draw(figure, folder / f"{name}.svg")
    draw(FIGURES["apple"], folder / FRAMES)
