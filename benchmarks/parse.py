"""Measure whether the time of parsing is linear in the length of the text: long sums, deep nesting, long towers.

    python benchmarks/parse.py [REPEATS]

Each text is parsed at three sizes; parsing is linear where the time per character stays the same. The fastest of
several repeats counts, since other load on the machine only adds time.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING, Final

import graphgrad as gg
from graphgrad.text import parse

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SIZES: Final = (10_000, 100_000, 200_000)
REPEATS: Final = 3

TEXTS: Final[dict[str, Callable[[int], str]]] = {
    "sum of n terms": lambda n: "+".join(["x"] * n),
    "sum of n products": lambda n: "+".join(f"{i}*x" for i in range(n)),
    "n nested parentheses": lambda n: "(" * n + "x" + ")" * n,
    "n nested sums": lambda n: "(x+" * n + "x" + ")" * n,
    "n nested calls": lambda n: "sin(" * n + "x" + ")" * n,
    "n minus signs": lambda n: "-" * n + "x",
    "tower of n powers": lambda n: "x" + "**x" * n,
}
READERS: Final[dict[str, Callable[[str], object]]] = {"text → statements": parse, "text → graph": gg.parse}


def seconds(read: Callable[[str], object], text: str, repeats: int) -> float:
    """Return the fastest of several times."""
    return min(_once(read, text) for _ in range(repeats))


def _once(read: Callable[[str], object], text: str) -> float:
    gc.collect()
    start = time.perf_counter()
    read(text)
    return time.perf_counter() - start


def line(name: str, read: Callable[[str], object], repeats: int) -> str:
    """Return a row: the time for each size, and the growth of the time per character from first to last."""
    texts = [TEXTS[name](n) for n in SIZES]
    times = [seconds(read, text, repeats) for text in texts]
    per_character = [time / len(text) for time, text in zip(times, texts, strict=True)]
    cells = "".join(f"{time * 1e3:9.0f} ms" for time in times)
    return f"{name:<22}{cells}{per_character[-1] / per_character[0]:12.2f}"


def main() -> None:
    """Print a table for each reader."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    for title, read in READERS.items():
        print(f"{title:<22}{''.join(f'{n:>12,}' for n in SIZES)}{'growth':>12}")
        for name in TEXTS:
            print(line(name, read, repeats))
        print()


if __name__ == "__main__":
    main()
