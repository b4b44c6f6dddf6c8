"""Compare each workload on this checkout with another commit, in one run, and print what got slower.

    python benchmarks/against.py [COMMIT] [--rounds ROUNDS] [--only TEXT]

COMMIT is the parent of the newest commit by default; its files are extracted into a temporary folder. In every round
each workload runs on both, each in a process of its own; the order alternates, so that load on the machine affects
both alike. A ratio is the median over the rounds of this checkout's time divided by the other's, with its quartiles
beside it. What got slower has a ratio above 1.05 whose lower quartile is above 1; it is listed once more at the end.
`--only` chooses the workloads whose names contain a text. They use only public names, so that both checkouts have them;
one of them is measured in bytes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
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

FIRST: Final = 5
"""How often it is called before, since functions are compiled after some calls."""

MANY: Final = 20
"""How often a workload of some microseconds is called for one measurement."""

BILL: Final = "(apple*n + orange*m)*tax"
AT: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
ROWS, FEW_ROWS = 1_000_000, 1_000

FORMULAS: Final = {
    "(a*n + o*m)*t": "(a*n + o*m)*t",
    "sin and cos": "a*sin(n)*cos(o) + m*sin(t*a)",
    "erf": "erf(a)*n + erfc(m*a)",
    "powers": "a**n + m**1.5",
    "exp and log": "exp(-a*n)*log(m) + tanh(a)",
    "Black–Scholes": BLACK_SCHOLES,
}
"""The formulas of columns: the cheapest, those with functions that are hard, and a long one."""

MEMORY: Final = "memory"
"""The word in the name of a workload that is measured in bytes."""

READ: Final = 200_000
"""The operations of the program whose memory is measured."""


def again(call: Callable[[], Any]) -> float:
    """Return the shortest time of many calls."""
    for _ in range(FIRST):
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


def often(call: Callable[[], Any]) -> float:
    """Return the shortest mean time of a few calls."""
    return again(lambda: [call() for _ in range(MANY)]) / MANY


def columns(text: str, rows: int = ROWS) -> float:
    """Time a compiled function on columns of the formula's inputs."""
    rng, graph = np.random.default_rng(0), gg.parse(text)
    at = {name: rng.uniform(0.5, 1.5, rows) for name in graph.inputs}
    f = graph.compile()
    return again(lambda: f(**at))


def bill() -> gg.Graph:
    """Return the graph of a bill."""
    return gg.parse(BILL)


def large() -> gg.Graph:
    """Return a graph of 100,000 operations."""
    return gg.parse(big_graphs.program(big_graphs.OPERATIONS))


def one_point(*, raw: bool = False) -> float:
    """Time the compiled formula at a point; `raw` by its method of that name, where there is one."""
    f, at = gg.parse(BLACK_SCHOLES).compile(), [*POINT.values()]
    call = getattr(f, "raw", f) if raw else f
    return often(lambda: call(*at))


def network() -> float:
    """Time the compiled gradient of a network."""
    f, at = gg.parse(NETWORK).compile(wrt=["W1", "b1", "W2", "b2"]), network_point()
    return again(lambda: f(**at))


def large_again() -> float:
    """Time the compiled gradient of a large graph, called again."""
    f = large().compile()
    return again(lambda: f(**big_graphs.AT))


def memory_of_reading() -> float:
    """Return the peak memory of a process that reads a large program, in bytes."""
    gg.parse(big_graphs.program(READ))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024)


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
    "parse, a bill": lambda: often(bill),
    "backprop, a bill": lambda: timed(often, bill, lambda g: g.backprop(AT)),
    "backprop and gradient, a bill": lambda: timed(often, bill, lambda g: g.backprop(AT).grad),
    "backprop by one input, a bill": lambda: timed(often, bill, lambda g: g.backprop(AT, ["tax"]).grad),
    "backprop and gradient, Black–Scholes": lambda: timed(
        often, lambda: gg.parse(BLACK_SCHOLES), lambda g: g.backprop(POINT).grad
    ),
    "gradient graphs at a point, a bill": lambda: timed(often, lambda: bill().gradient(), lambda d: d.at(AT)),
    "exact, a bill": lambda: timed(often, bill, lambda g: g.backprop(AT, exact=True).grad),
    "30 digits, a bill": lambda: timed(again, bill, lambda g: g.backprop(AT, precision=30).grad),
    "check, a bill": lambda: timed(again, lambda: bill().backprop(AT), lambda r: r.check()),
    "first check, a bill": lambda: timed(once, lambda: bill().backprop(AT), lambda r: r.check()),
    "parse, backprop and check, 100*5*1.08": lambda: again(
        lambda: gg.parse("100*5*1.08", name_literals=["apple"]).backprop().check()
    ),
    "parse, backprop and check, a bill": lambda: again(lambda: bill().backprop(AT).check()),
    "explain, a bill": lambda: timed(again, lambda: bill().backprop(AT), lambda r: str(r.explain("apple"))),
    "SVG, a bill": lambda: timed(again, bill, lambda g: g.backprop(AT).render("svg")),
    "page, a bill": lambda: timed(again, bill, lambda g: g.backprop(AT).render("html")),
    "gradient graph, Black–Scholes": lambda: timed(
        again, lambda: gg.parse(BLACK_SCHOLES), lambda g: str(g.gradient("spot"))
    ),
    "compile and first result, Black–Scholes": lambda: once(lambda: gg.parse(BLACK_SCHOLES).compile()(*POINT.values())),
    "one point, Black–Scholes": one_point,
    "one point, raw, Black–Scholes": lambda: one_point(raw=True),
    **{
        f"{rows:,} rows, {name}": partial(columns, text, rows)
        for rows in (ROWS, FEW_ROWS)
        for name, text in FORMULAS.items()
    },
    "network, batch 100": network,
    "read 100,000 operations": lambda: once(large),
    "backprop of 100,000 operations": lambda: timed(once, large, lambda g: g.backprop(big_graphs.AT)),
    "compile 100,000 operations": lambda: timed(once, large, lambda g: g.compile()(**big_graphs.AT)),
    "gradient of 100,000 operations again": large_again,
    f"{MEMORY} of reading {READ:,} operations": memory_of_reading,
}


WIDTH: Final = max(map(len, WORKLOADS))


def child(tree: Path, name: str) -> float:
    """Return a workload's time on a checkout, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    run = [sys.executable, __file__, "--workload", name]
    done = subprocess.run(run, check=True, capture_output=True, text=True, env=environment, cwd=tree)
    return float(done.stdout)


def extracted(commit: str, folder: Path) -> Path:
    """Extract the files of a commit into a folder, and return that."""
    archive = subprocess.run(["git", "archive", commit], check=True, capture_output=True, cwd=ROOT)  # noqa: S607  on PATH
    subprocess.run(["tar", "-x", "-C", str(folder)], check=True, input=archive.stdout)  # noqa: S607  on PATH
    return folder


def line(name: str, rounds: list[tuple[float, float]]) -> tuple[str, bool]:
    """Return a workload's row of the table, and whether it got slower."""
    ours, theirs = (median(times) for times in zip(*rounds, strict=True))
    ratios = [our / their for our, their in rounds]
    low, ratio, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    slower = low > 1 and ratio > SLOWER
    factor, unit = (1e-6, "MB") if name.startswith(MEMORY) else (1e3, "ms")
    cells = f"{ours * factor:10.4g} {unit} {theirs * factor:10.4g} {unit} {ratio:6.2f}  {low:.2f}–{high:.2f}"
    return f"{name:<{WIDTH}} {cells}{'  slower' * slower}", slower


def options() -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(description="Compare this checkout with another commit.")
    parser.add_argument("commit", nargs="?", default="HEAD~1")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="")
    parser.add_argument("--workload", choices=WORKLOADS, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Print the table and what got slower, or one workload's time."""
    given = options()
    if given.workload:
        print(WORKLOADS[given.workload]())
        return
    slower = []
    with tempfile.TemporaryDirectory() as folder:
        trees = (ROOT, extracted(given.commit, Path(folder)))
        for tree in trees:
            subprocess.run([sys.executable, "-m", "compileall", "-q", str(tree / "graphgrad")], check=True)
        print(f"{f'{given.rounds} rounds':<{WIDTH}} {'here':>13} {given.commit[:12]:>13} {'ratio':>6}  quartiles")
        for name in (name for name in WORKLOADS if given.only in name):
            rounds = []
            for k in range(given.rounds):
                times = {tree: child(tree, name) for tree in (trees if k % 2 else trees[::-1])}
                rounds.append((times[trees[0]], times[trees[1]]))
            row, got_slower = line(name, rounds)
            slower += [name] * got_slower
            print(row, flush=True)
    print(f"\nslower: {', '.join(slower) or 'nothing'}")


if __name__ == "__main__":
    main()
