"""Compare columns with the machine's limit: loops of `limit.c`, derived, fused and vectorized by hand and by gcc.

    python benchmarks/limit.py [ROWS] [ROUNDS]

Value and five derivatives of three formulas, by graphgrad (into new arrays, and into those of `out=`) and by C on as
many threads, into the same arrays in every call. All run in turn; the fastest of all rounds counts, by the clock and by
the processor. It needs gcc and glibc on x86.
"""

from __future__ import annotations

import ctypes
import math
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np

import graphgrad as gg
from graphgrad.compile.columns import ufunc_plan as plan

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

FLAGS: Final = (
    "-O3 -march=native -ffast-math -fopenmp-simd "
    "-fdisable-tree-sincos "  # else sin and cos of one number become a call that is not vectorized
    "-shared -fPIC"
)
BLACK_SCHOLES: Final = """
d1 = (log(spot/strike) + (rate + vol**2/2)*years)/(vol*sqrt(years))
d2 = d1 - vol*sqrt(years)
spot*(1 + erf(d1/sqrt(2)))/2 - strike*exp(-rate*years)*(1 + erf(d2/sqrt(2)))/2
"""
FORMULAS: Final = {
    "black_scholes": (BLACK_SCHOLES, ("spot", "strike", "rate", "vol", "years"), 1.5),
    "waves": ("a*sin(n)*cos(o) + m*sin(t*a)", ("a", "n", "o", "m", "t"), 1.5),
    "products": ("(a*n + o*m)*t", ("a", "n", "o", "m", "t"), 1.15),
}
"""By the function of `limit.c`: the same formula, its inputs in the function's order, and the goal."""

ROWS: Final = 1_000_000
ROUNDS: Final = 25
AT_A_TIME: Final = 3


def compiled(folder: str) -> Any:
    """Return the library that gcc makes of `limit.c`."""
    library = Path(folder) / "limit.so"
    source = Path(__file__).with_name("limit.c")
    command = ["gcc", *FLAGS.split(), str(source), "-o", str(library), "-lmvec", "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return ctypes.CDLL(str(library))


def in_c(function: Any, columns: list[Any], pool: ThreadPoolExecutor, threads: int) -> Callable[[], Any]:
    """Return a call of a function of `limit.c`, a part of the rows on each thread."""
    rows = len(columns[0])
    ends = [rows * k // threads for k in range(threads + 1)]
    places = [ctypes.c_void_p(x.ctypes.data) for x in columns]

    def run(k: int) -> None:
        function(ctypes.c_long(ends[k]), ctypes.c_long(ends[k + 1]), *places)

    def call() -> None:
        others = [pool.submit(run, k) for k in range(1, threads)]
        run(0)
        for other in others:
            other.result()

    return call


def fastest(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, float]]:
    """Return each call's least time by the clock and by the processor, in seconds."""
    best = dict.fromkeys(calls, (math.inf, math.inf))
    for _ in range(rounds):
        for name, call in calls.items():
            for _ in range(AT_A_TIME):
                clock, processor = time.perf_counter(), time.process_time()
                call()
                took = time.perf_counter() - clock, time.process_time() - processor
                best[name] = min(best[name][0], took[0]), min(best[name][1], took[1])
    return best


def main() -> None:
    """Print a table for each formula."""
    given = [int(x) for x in sys.argv[1:3]]
    rows, rounds = [*given, *(ROWS, ROUNDS)[len(given) :]]
    rng, threads = np.random.default_rng(0), len(os.sched_getaffinity(0))
    with TemporaryDirectory() as folder, ThreadPoolExecutor(threads) as pool:
        library = compiled(folder)
        for name, (text, inputs, goal) in FORMULAS.items():
            at = {x: rng.random(rows) + 0.5 for x in inputs}
            f, results = gg.parse(text).compile(), [np.empty(rows) for _ in range(1 + len(inputs))]
            limit = in_c(getattr(library, name), [*at.values(), *results], pool, threads)
            out = f(**at)
            limit()
            for ours, theirs in zip((out[0], *(out[1][x] for x in inputs)), results, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)
            calls: dict[str, Callable[[], Any]] = {
                "limit": limit,
                "graphgrad, out=": partial(f, **at, out=out),
                "graphgrad": partial(f, **at),
            }
            best = fastest(calls, rounds)
            print(f"\n{name}, {rows:,} rows, {threads} threads{'clock':>18}{'processor':>20}")
            for call, (clock, processor) in best.items():
                ratio = clock / best["limit"][0]
                verdict = f"  ≤ {goal:.2f} {'met' if ratio <= goal else 'MISSED'}" if call != "limit" else ""
                print(
                    f"{call:<18}{clock * 1e3:>9.2f} ms{ratio:>7.2f}{processor * 1e3:>9.2f} ms"
                    f"{processor / best['limit'][1]:>7.2f}{verdict}"
                )


if __name__ == "__main__":
    with patch.object(plan, "WORTH_COMPILING", (0, 0)):
        main()
