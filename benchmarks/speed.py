"""Measure the README's table: the times of other tools divided by graphgrad's, in one run of the benchmarks.

    python benchmarks/speed.py

The figures are measured by `small_calls.py`, `point.py`, `columns.py`, `network.py` and `big_graphs.py`, which describe
how. The tools come with `pip install ".[bench]"`; a missing one leaves its cells empty.
"""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import geometric_mean, median
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import big_graphs
import columns
import network
import point
import small_calls

from graphgrad.compile.columns import ufunc_plan as plan

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__: list[str] = []

TOOLS: Final = {
    "by hand": ("written by hand", network.HAND),
    "lambdify": ("sympy lambdify, cse",),
    "CasADi": ("CasADi", "casadi", big_graphs.BUFFERED),
    "JAX": ("JAX jit", "JAX, jit"),
    "PyTorch": ("PyTorch", "PyTorch, eager", "torch"),
    "autograd": ("HIPS autograd",),
    "micrograd": ("micrograd, smaller", "micrograd"),
    "numexpr": ("numexpr",),
    "numba": ("numba, fused",),
}
"""The tools, and their names in the benchmarks."""

COLUMNS: Final = ("by hand", "JAX", "PyTorch")
"""The tools with a column of their own; the last column has the others, so that the table fits a code host's page."""

ROUNDS: Final = 5
TEN: Final = 10
TIMES: Final = "\N{NO-BREAK SPACE}×"

FORMULAS: Final = {
    f"`{columns.CHEAP}`": columns.CHEAP,
    "`a*sin(n)*cos(o) + m*sin(t*a)`": "a*sin(n)*cos(o) + m*sin(t*a)",
    "Black–Scholes with `erf`": point.FORMULA,
    "Black–Scholes with `tanh`": columns.LONG,
}
"""The formulas of columns by their titles: the cheapest, and those with functions that are hard."""

Row = tuple[str, dict[str, float]]
"""A row's title with graphgrad's time, and the other tools' times divided by it."""


def rows() -> Iterator[Row]:
    """Measure and yield the rows."""
    yield with_every_number()
    yield at_a_point()
    for title, text in FORMULAS.items():
        yield titled(f"{title}, 1,000,000 rows", columns.timed(text, columns.ROWS, ROUNDS), 1e3, "ms")
    yield of_the_corpus()
    yield of_a_network()
    yield titled("100,000 operations: text to gradient by 100 inputs", large(), 1.0, "s")
    again = big_graphs.timed_again(big_graphs.prepared(), ROUNDS)
    yield titled("its gradient again", {"graphgrad": again.pop(big_graphs.JITTED), **again}, 1e3, "ms")


def titled(title: str, seconds: dict[str, float], factor: float, unit: str) -> Row:
    """Return a row of times."""
    own = seconds["graphgrad"]
    return f"{title} | {own * factor:.3g}\N{NO-BREAK SPACE}{unit}", {name: took / own for name, took in seconds.items()}


def medians(times: list[dict[str, float]], own: str) -> dict[str, float]:
    """Return every tool's median; `own` is graphgrad's name in the benchmark."""
    return {"graphgrad" if name == own else name: median(t[name] for t in times) for name in times[0]}


def with_every_number() -> Row:
    """Measure both passes on a small graph, whose result has the number of every node and edge."""
    times = medians(small_calls.timed(small_calls.ROUNDS), "backprop, and its gradient")
    return titled("`backprop` of `(apple*n + orange*m)*tax`, and its gradient", times, 1e6, "µs")


def at_a_point() -> Row:
    """Measure one point."""
    calls = {name: call for name, (call, _) in point.prepared().items()}
    times = medians(point.timed(calls, point.ROUNDS), "graphgrad")
    return titled("Black–Scholes, value and five derivatives, one point", times, 1e6, "µs")


def of_the_corpus() -> Row:
    """Measure formulas of the corpus."""
    times = columns.timed_corpus(columns.EVERY, columns.ROWS, ROUNDS).values()
    ratios = {
        peer: geometric_mean(t[peer] / t["graphgrad"] for t in times if peer in t)
        for peer in columns.PEERS
        if any(peer in t for t in times)
    }
    return f"{len(times)} published formulas, 1,000,000 rows, geometric mean | ", ratios


def of_a_network() -> Row:
    """Measure a network's gradient."""
    runs, _ = network.made(network.point())
    return titled(
        "a network, 64–50–10, a batch of 100", medians(network.timed(runs, network.ROUNDS), network.OURS), 1e6, "µs"
    )


def large() -> dict[str, float]:
    """Measure a large program."""
    best = big_graphs.timed(big_graphs.present(), ROUNDS)
    return {name: stages[big_graphs.TOTAL] for name, stages in best.items()}


def line(row: Row) -> str:
    r"""Return a row as Markdown.

    >>> line(("a sum | 2 ms", {"JAX, jit": 2.06, "numexpr": 2.4, "numba, fused": 12.3}))
    '| a sum | 2 ms |  | 2.1\xa0× |  | numexpr 2.4\xa0×, numba 12\xa0× |'
    """
    title, ratios = row
    times = {
        tool: f"{ratios[name]:.0f}{TIMES}" if ratios[name] >= TEN else f"{ratios[name]:.2g}{TIMES}"
        for tool, names in TOOLS.items()
        for name in [name for name in names if name in ratios][:1]
    }
    others = ", ".join(f"{tool} {time}" for tool, time in times.items() if tool not in COLUMNS)
    return f"| {title} | {' | '.join(times.get(tool, '') for tool in COLUMNS)} | {others} |"


PACKAGES: Final = (
    "graphgrad",
    "numpy",
    "scipy",
    "llvmlite",
    "numba",
    "sympy",
    "jax",
    "torch",
    "casadi",
    "autograd",
    "micrograd",
    "numexpr",
)
"""The libraries whose versions are printed, where they are installed."""


def machine() -> str:
    """Return the machine in words: the processor and its cores, the system, and the versions of the libraries."""
    versions = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        with suppress(PackageNotFoundError):
            versions.append(f"{package} {version(package)}")
    cores = os.cpu_count() or 1
    system = f"{platform.system()} {platform.machine()}"
    return f"{processor()}, {cores} core{'s' * (cores > 1)}, {system}; {', '.join(versions)}"


def processor() -> str:
    """Return the processor's name, as the system tells it."""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if names:
            return names[0]
    with suppress(OSError, subprocess.CalledProcessError):  # macOS
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()
    return platform.processor() or platform.machine()


def main() -> None:
    """Print the table, and the machine."""
    print(f"| value and gradient | graphgrad | {' | '.join(COLUMNS)} | others |")
    print(f"| --- {'| --: ' * (1 + len(COLUMNS))}| --- |")
    with patch.object(plan, "WORTH_COMPILING", (0, 0)):
        for row in rows():
            print(line(row), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    big_graphs.in_a_deep_stack(main)
