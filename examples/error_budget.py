"""Draw up an error budget: gravity, measured with a pendulum, and the uncertainty that each instrument brings.

The derivatives say which measurement to improve, and what that gains.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import graphgrad as gg

__all__ = ["main"]

GRAVITY: Final = """\
T = t/50                            # a period, from the time of 50 swings
L = l + d/2                         # the length, to the middle of the bob
g = 4*pi**2*L/T**2*(1 + theta**2/8)  # larger swings take longer
"""
MEASURED: Final = {"t": 100.16, "l": 0.982, "d": 0.0238, "theta": 0.07}
ERRORS: Final[dict[str, float | str]] = {"t": 0.15, "l": "±0.5%", "d": 0.0001, "theta": "±20%"}
BETTER: Final[dict[str, float | str]] = {**ERRORS, "l": 0.001}


def main(folder: Path) -> None:
    """Print the budget, draw it, and print what a better ruler would gain."""
    result = gg.parse(GRAVITY).backprop(MEASURED)
    budget = result.propagate(ERRORS)
    print(budget)
    result.draw(folder / "error-budget.svg", notes=budget.notes, fold=True)
    print(f"\nwith the length to a millimetre: g = {result.value:.3f} ± {result.propagate(BETTER).error:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the picture goes (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
