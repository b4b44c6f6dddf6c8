"""Draw all pictures of this folder anew: those of its programs, and more.

The embedded engine lays them out, so that they look the same on every machine.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from runpy import run_path
from typing import TYPE_CHECKING, Any, Final

import graphgrad

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIGURES", "PROGRAMS", "Figure", "draw", "main", "run"]


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


HERE: Final = Path(__file__).resolve().parent

PROGRAMS: Final = ("article", "neuron", "greeks", "calibration", "error_budget", "report")
"""The programs of this folder that draw pictures of their own."""

FRUITS: Final = "(apple*n + orange*m)*tax"
BOOK: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
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
    "book": Figure(FRUITS, BOOK),
    "japanese": Figure("りんご = 100; 個数 = 5; 消費税 = 8%; 小計 = りんご*個数; 合計 = 小計*(1 + 消費税)"),
    "heating": Figure(HEATING, table="buildings.csv"),
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
        table = HERE / figure.table
        if summary := graph.map_file(table, summary=True, at=figure.at, check=0).summary:
            at, notes = summary.means, summary.notes
    result = graph.backprop(at, figure.wrt)
    if path.suffix:
        result.draw(path, engine="embedded", notes=notes, **figure.options)
    else:
        result.frames(path, engine="embedded", **figure.options)


def run(program: str, folder: Path) -> str:
    """Return what a program of this folder prints; its pictures go into the folder given."""
    printed = StringIO()
    with redirect_stdout(printed):
        run_path(str(HERE / f"{program}.py"))["main"](folder)
    return printed.getvalue()


def main(folder: Path) -> None:
    """Draw everything into a folder."""
    for name, figure in FIGURES.items():
        draw(figure, folder / f"{name}.svg")
    draw(FIGURES["apple"], folder / FRAMES)
    for program in PROGRAMS:
        run(program, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE, help="where they go (default: beside this file)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (graphgrad.GraphgradError, OSError) as error:
        sys.exit(str(error))
