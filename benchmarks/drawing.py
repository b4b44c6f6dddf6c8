"""Measure the drawing of 1,000 nodes, compared with `dot` for the same DOT source.

Needs an installed Graphviz (`apt install graphviz`):

    python benchmarks/drawing.py [ROUNDS]

Every round draws each graph in full and with boxes closed, and has `dot -Tsvg` draw the DOT source of the same picture.
A ratio is the median over the rounds of our time divided by dot's in the same round. Our time is that of
`Backprop.draw` from both passes to the written file; both include starting `dot` once.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

GOAL: Final = 1.2
"""The highest ratio to dot's time that a drawing should have."""

ROUNDS: Final = 5

LAYERS: Final = "h0 = sin(x)\n" + "\n".join(f"h{i} = tanh(w{i}*h{i - 1} + b{i})" for i in range(1, 201)) + "\nh200"


def halved(terms: list[str]) -> str:
    """Return the sum of terms as a balanced tree."""
    while len(terms) > 1:
        terms = [f"({' + '.join(terms[i : i + 2])})" for i in range(0, len(terms), 2)]
    return terms[0]


GRAPHS: Final = {"neurons": halved([f"v{i}*tanh(w{i}*x{i} + b{i})" for i in range(112)]), "named layers": LAYERS}


def run(text: str) -> gg.Backprop:
    """Return both passes of a program, its inputs at 0.1 to 0.7."""
    graph = gg.parse(text)
    return graph.backprop({name: (i % 7 + 1) / 10 for i, name in enumerate(graph.inputs)})


def seconds(job: Callable[[], object]) -> float:
    """Return the run time of a job."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def one_round(result: gg.Backprop, folder: Path, expand: list[str]) -> tuple[float, float]:
    """Return our time and dot's for one picture."""
    (folder / "picture.dot").write_text(result.draw(expand=expand) or "", encoding="utf-8")
    dot = ["dot", "-Tsvg", "-o", str(folder / "dot.svg"), str(folder / "picture.dot")]
    ours = seconds(lambda: result.draw(folder / "ours.svg", engine="system", expand=expand))
    return ours, seconds(lambda: subprocess.run(dot, check=True))


def line(name: str, rounds: list[tuple[float, float]]) -> str:
    """Return a picture's row of the table."""
    ours, dots = (median(times) for times in zip(*rounds, strict=True))
    ratio = median(our / dot for our, dot in rounds)
    verdict = f"≤ {GOAL} {'met' if ratio <= GOAL else 'MISSED'}"
    return f"{name:<40} {ours * 1e3:7.0f} ms {dots * 1e3:7.0f} ms {ratio:7.2f}  {verdict}"


def main() -> None:
    """Print the table."""
    if shutil.which("dot") is None:
        print("not measured: there is no installed Graphviz to measure against")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"{f'{count} rounds':<40} {'ours':>10} {'dot':>10} {'ratio':>7}  goal")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in GRAPHS.items():
            result = run(text)
            nodes = len(result.dag)
            for title, expand in {"in full": ["*"], "closed": []}.items():
                rounds = [one_round(result, Path(folder), expand) for _ in range(count)]
                print(line(f"{name}, {nodes} nodes, {title}", rounds))


if __name__ == "__main__":
    main()
