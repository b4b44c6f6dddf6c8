"""Draw the article's figures of backpropagation: apples and oranges, bought with tax.

The last one is explained as well: the chain rule, factor by factor.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]


class Figure(NamedTuple):
    """A program, the options of its picture, the inputs' values, and names for its literals."""

    program: str
    options: gg.PictureKeywords
    at: Mapping[str, float] = {}
    names: Sequence[str] = ()


BILL: Final = "100*5*1.08"
FRUITS: Final = "(apple*n + orange*m)*tax"
CHAIN: Final = "x = 100; y = 5; t = 800; v = 1.08; s = x*y; u = s + t; E = u*v"

FIGURES: Final = {
    "1-one-input": Figure(BILL, {"passes": "forward", "fold": True}, names=["apple"]),
    "2-all-inputs": Figure(BILL, {"passes": "forward"}, names=["apple", "count", "tax"]),
    "3-two-fruits": Figure(FRUITS, {"passes": "forward"}, {"apple": 100, "n": 5, "orange": 80, "m": 3, "tax": 1.08}),
    "4-backward": Figure(BILL, {"fold": True}, names=["apple"]),
    "5-addition": Figure("z = x + y", {"passes": "backward", "local": True}, {"x": 10, "y": 5}),
    "6-multiplication": Figure("z = x*y", {"local": True}, {"x": 10, "y": 5}),
    "7-chain-rule": Figure(CHAIN, {"local": True}),
}


def main(folder: Path) -> None:
    """Draw each figure into a folder, and explain the derivative that the last one shows."""
    for name, (program, options, at, names) in FIGURES.items():
        result = gg.parse(program, name_literals=names).backprop(at)
        result.draw(folder / f"{name}.svg", **options)
        print(f"{name}: {result.value:g}, {'checked' if result.check() else 'wrong'}")
    print(f"\n{result.explain('x')}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the pictures go (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
