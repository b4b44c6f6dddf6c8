"""Measure many small calls: both passes on a small graph, compared with micrograd, and the check of the main command.

    python benchmarks/small_calls.py [ROUNDS]

The graph is that of a bill, (apple*n + orange*m)*tax; micrograd builds it and runs backward at each call, which is all
that it can do. graphgrad's call reads the point, runs both passes, and returns the gradient as a dict of names; the
values of all nodes and edges can be read from its result. Times are CPU times. In every round all calls run in turn, so
that load on the machine affects them alike; a ratio is the median over the rounds. Without micrograd
(`pip install ".[bench]"`), the times are shown alone.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import point

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

BILL: Final = "(apple*n + orange*m)*tax"
AT: Final = {"apple": 100.0, "n": 2.0, "orange": 150.0, "m": 3.0, "tax": 1.1}
COUNTS: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
MAIN: Final = "100*5*1.08"

ROUNDS: Final = 40
SECONDS: Final = 0.01
"""How long a call is repeated in each round."""

PEER: Final = "micrograd"
GOALS: Final = {"backprop": 1.5, "backprop, and its gradient": 1.5, "the same, of whole numbers": 1.5}
"""The highest ratios to micrograd's time."""


def calls() -> dict[str, Callable[[], Any]]:
    """Return the calls by name; micrograd's only where it is installed."""
    graph = gg.parse(BILL)
    result = graph.backprop(AT)
    own: dict[str, Callable[[], Any]] = {
        "backprop": lambda: graph.backprop(AT),
        "backprop, and its gradient": lambda: graph.backprop(AT).grad,
        "the same, of whole numbers": lambda: graph.backprop(COUNTS).grad,
        "parse": lambda: gg.parse(BILL),
        "check": result.check,
        f"parse, backprop, check of {MAIN}": lambda: gg.parse(MAIN, name_literals=["apple"]).backprop().check(),
    }
    try:
        return {PEER: point.micrograd(AT), **own}
    except ImportError:
        return own


def seconds(call: Callable[[], Any], count: int) -> float:
    """Return the mean time of `count` calls."""
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count


def timed(rounds: int) -> list[dict[str, float]]:
    """Return the seconds of each call, round by round."""
    found = calls()
    counts = {name: max(int(SECONDS / min(seconds(call, 3) for _ in range(3))), 1) for name, call in found.items()}
    return [{name: seconds(call, counts[name]) for name, call in found.items()} for _ in range(rounds)]


def main() -> None:
    """Print the table."""
    rounds = timed(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    print(f"{f'{len(rounds)} rounds':<38}{'median':>11}{'ratio':>8}  goal")
    for name in rounds[0]:
        took = median(times[name] for times in rounds)
        ratio = median(times[name] / times[PEER] for times in rounds) if PEER in rounds[0] else None
        goal = GOALS.get(name)
        verdict = f"  ≤ {goal} {'met' if ratio <= goal else 'MISSED'}" if goal and ratio else ""
        print(f"{name:<38}{took * 1e6:8.2f} µs{'' if ratio is None else f'{ratio:8.2f}'}{verdict}")


if __name__ == "__main__":
    main()
