"""Compare the time of each workload on this checkout and on another commit.

    python benchmarks/against.py [COMMIT] [ROUNDS]

COMMIT is the parent of the newest commit by default; its files are extracted into a temporary folder. In every round
each workload runs on both, each in a process of its own; the order alternates. A ratio is the median over the rounds of
this checkout's time divided by the other's. Workloads use only public names, so that both have them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

import big_graphs
import numpy as np
from network import PROGRAM as NETWORK
from network import point as network_point
from point import FORMULA as BLACK_SCHOLES
from point import POINT

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

ROOT: Final = Path(__file__).parents[1]
ROUNDS: Final = 7
SLOWER: Final = 1.05
"""A ratio beyond this is marked."""

SECONDS: Final = 0.3
"""How long a repeated workload is called in each process."""

BILL: Final = "(apple*n + orange*m)*tax"
AT: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
ROWS: Final = 1_000_000


def again(call: Callable[[], Any]) -> float:
    """Return the shortest time of many calls."""
    call()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def once(call: Callable[[], Any]) -> float:
    """Return the time of a first call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def columns(text: str) -> Callable[[], Any]:
    """Return the call of a compiled function on columns of the formula's inputs."""
    rng, graph = np.random.default_rng(0), gg.parse(text)
    at = {name: rng.uniform(0.5, 1.5, ROWS) for name in graph.inputs}
    f = graph.compile()
    for _ in range(5):
        f(**at)
    return lambda: f(**at)


def bill() -> gg.Graph:
    """Return a graph of five operations."""
    return gg.parse(BILL)


def large() -> gg.Graph:
    """Return a graph of 100,000 operations."""
    return gg.parse(big_graphs.program(big_graphs.OPERATIONS))


def one_point() -> float:
    """Time the compiled formula at a point."""
    f, at = gg.parse(BLACK_SCHOLES).compile(), [*POINT.values()]
    return again(lambda: [f(*at) for _ in range(100)]) / 100


def network() -> float:
    """Time the compiled gradient of a network."""
    f, at = gg.parse(NETWORK).compile(wrt=["W1", "b1", "W2", "b2"]), network_point()
    return again(lambda: f(**at))


def command(*arguments: str) -> float:
    """Time the command from a cold start."""
    run = [sys.executable, "-m", "graphgrad", "100*5*1.08", "--wrt", "apple", *arguments]
    return min(once(lambda: subprocess.run(run, check=True, stdout=subprocess.DEVNULL)) for _ in range(3))


def timed(timer: Callable[[Callable[[], Any]], float], make: Callable[[], Any], call: Callable[[Any], Any]) -> float:
    """Time a call on an object that is made beforehand, untimed."""
    made = make()
    return timer(lambda: call(made))


WORKLOADS: Final[dict[str, Callable[[], float]]] = {
    "the command": command,
    "the command, --check off": lambda: command("--check", "off"),
    "parse, 5 operations": lambda: again(bill),
    "backprop, 5 operations": lambda: timed(again, bill, lambda g: g.backprop(AT)),
    "exact, 5 operations": lambda: timed(again, bill, lambda g: g.backprop(AT, exact=True)),
    "check, 5 operations": lambda: timed(again, lambda: bill().backprop(AT), lambda r: r.check()),
    "explain, 5 operations": lambda: timed(again, lambda: bill().backprop(AT), lambda r: str(r.explain("apple"))),
    "SVG, 5 operations": lambda: timed(again, bill, lambda g: g.backprop(AT).render("svg")),
    "page, 5 operations": lambda: timed(again, bill, lambda g: g.backprop(AT).render("html")),
    "gradient graph, Black–Scholes": lambda: timed(
        again, lambda: gg.parse(BLACK_SCHOLES), lambda g: str(g.gradient("spot"))
    ),
    "compile and first result, Black–Scholes": lambda: once(lambda: gg.parse(BLACK_SCHOLES).compile()(*POINT.values())),
    "one point, Black–Scholes": one_point,
    "columns, (a*n + o*m)*t": lambda: again(columns("(a*n + o*m)*t")),
    "columns, Black–Scholes": lambda: again(columns(BLACK_SCHOLES)),
    "network, batch 100": network,
    "read 100,000 operations": lambda: once(large),
    "backprop of 100,000 operations": lambda: timed(once, large, lambda g: g.backprop(big_graphs.AT)),
    "compile 100,000 operations": lambda: timed(once, large, lambda g: g.compile()(**big_graphs.AT)),
}


def child(tree: Path, name: str) -> float:
    """Return a workload's time on a checkout, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    run = [sys.executable, __file__, "--workload", name]
    done = subprocess.run(run, check=True, capture_output=True, text=True, env=environment, cwd=tree)
    return float(done.stdout)


def extracted(commit: str, folder: Path) -> Path:
    """Extract the files of a commit into a folder, compile them, and return the folder."""
    archive = subprocess.run(["git", "archive", commit], check=True, capture_output=True, cwd=ROOT)  # noqa: S607  on PATH
    subprocess.run(["tar", "-x", "-C", str(folder)], check=True, input=archive.stdout)  # noqa: S607  on PATH
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder / "graphgrad")], check=True)
    return folder


def line(name: str, rounds: list[tuple[float, float]]) -> str:
    """Return a workload's row of the table."""
    ours, theirs = (median(times) for times in zip(*rounds, strict=True))
    ratios = [our / their for our, their in rounds]
    low, ratio, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    mark = "  slower" if low > 1 and ratio > SLOWER else ""
    return f"{name:<42} {ours * 1e3:10.4g} ms {theirs * 1e3:10.4g} ms {ratio:6.2f}  {low:.2f}–{high:.2f}{mark}"


def main() -> None:
    """Print the table, or one workload's time."""
    if sys.argv[1:2] == ["--workload"]:
        print(WORKLOADS[sys.argv[2]]())
        return
    commit = next(iter(sys.argv[1:]), "HEAD~1")
    count = int(next(iter(sys.argv[2:]), ROUNDS))
    with tempfile.TemporaryDirectory() as folder:
        trees = (ROOT, extracted(commit, Path(folder)))
        print(f"{f'{count} rounds':<42} {'here':>13} {commit[:12]:>13} {'ratio':>6}  quartiles")
        for name in WORKLOADS:
            rounds = []
            for k in range(count):
                times = {tree: child(tree, name) for tree in (trees if k % 2 else trees[::-1])}
                rounds.append((times[trees[0]], times[trees[1]]))
            print(line(name, rounds), flush=True)


if __name__ == "__main__":
    main()
