"""Measure how long checks and explanations take: the goal is 2 s up to 1,000 operations, and 5 s for any graph.

    python benchmarks/checks.py

Each graph is checked in a fresh interpreter, so that the times include the import of sympy and the proofs of the rules.
CPU time is shown, which the load of the machine does not change. The last line is the slowest formula of the corpus.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

CORPUS: Final = Path(__file__).parents[1] / "tests" / "data" / "open.jsonl"


def chained(count: int) -> tuple[str, dict[str, float]]:
    """Return statements of which each uses the one before."""
    steps = [f"t{i + 1} = t{i}*0.999 + sin(y)*{i}" for i in range(count // 3)]
    return "; ".join(["t0 = x", *steps]), {"x": 1.5, "y": 0.3}


def sharing(count: int) -> tuple[str, dict[str, float]]:
    """Return statements of which each uses the two before: as a tree they are countless."""
    first = ["t1 = sin(x1*x2) + x3*0.5", "t2 = sin(x2*t1) + x1*0.5"]
    rest = [f"t{i} = sin(t{i - 1}*t{i - 2}) + x{i % 3 + 1}*0.5" for i in range(3, count // 3 + 1)]
    return "; ".join([*first, *rest]), {"x1": 0.3, "x2": 0.7, "x3": 1.1}


def wide(count: int) -> tuple[str, dict[str, float]]:
    """Return a sum with an input in each term."""
    terms = count // 3
    return "+".join(f"x{i}*sin(x{i + 1})" for i in range(terms)), {f"x{i}": i / 7 + 0.1 for i in range(terms + 1)}


FAMILIES: Final[dict[str, Callable[[int], tuple[str, dict[str, float]]]]] = {
    "chained statements": chained,
    "statements that share": sharing,
    "one sum, many inputs": wide,
}
SIZES: Final = (300, 1_000, 2_079, 10_000, 100_000)

FAR: Final[dict[str, dict[str, float]]] = {
    "lgamma(x)": {"x": -1e15 - 0.5},
    "digamma(x)": {"x": -1e7 - 0.5},
    "polygamma(1000000, x)": {"x": 0.5},
    "sin(x*1e300)": {"x": 1.1},
}


def measured(text: str, at: dict[str, Any]) -> tuple[float, float, str]:
    """Return the CPU times of the check and of one explanation, and what was left out."""
    result = gg.parse(text).backprop(at)
    start = time.process_time()
    report = result.check()
    middle = time.process_time()
    result.explain(next(iter(result.grad)))
    left = ", ".join(row.subject for row in report.not_attempted) or "all attempted"
    return middle - start, time.process_time() - middle, left


def slowest(_: object) -> tuple[float, float, str]:
    """Return the times of the formula of the corpus that takes longest, the rules being proven already."""
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    points = [(line, {name: float(x) for name, x in line["points"][0]["at"].items()}) for line in lines]
    times = [(*measured(line["expr"], at)[:2], line["id"]) for line, at in points]
    return max(times, key=sum_of_times)


def sum_of_times(measurement: tuple[float, float, str]) -> float:
    """Return the time of check and explanation together."""
    return measurement[0] + measurement[1]


def main() -> None:
    """Print a line for each graph."""
    graphs = [(f"{name}, {size:,}", *make(size)) for name, make in FAMILIES.items() for size in SIZES]
    graphs += [(f"{text} at {at['x']:g}", text, at) for text, at in FAR.items()]
    print(f"{'graph':40}{'check':>9}{'explain':>9}")
    context = multiprocessing.get_context("spawn")
    for name, text, at in graphs:
        with context.Pool(1) as pool:
            check, explanation, left = pool.apply(measured, (text, at))
        print(f"{name:40}{check:7.2f} s{explanation:7.2f} s  {left}")
    with context.Pool(1) as pool:
        check, explanation, name = pool.apply(slowest, (None,))
    print(f"{'slowest of the corpus: ' + name:40}{check:7.2f} s{explanation:7.2f} s")


if __name__ == "__main__":
    main()
