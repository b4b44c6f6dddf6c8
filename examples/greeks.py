"""Price a call option after Black and Scholes, with its greeks: derivatives of the first and second order.

Derivatives are graphs again, so that they can be derived once more, drawn and compiled.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

import graphgrad as gg

Floats = npt.NDArray[np.float64]

__all__ = ["main"]

CALL: Final = """\
d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))
d2 = d1 - sigma*sqrt(T)
N1 = erfc(-d1/sqrt(2))/2  # the normal distribution up to d1
N2 = erfc(-d2/sqrt(2))/2
price = S*N1 - K*exp(-r*T)*N2
"""
MARKET: Final = {"S": 100.0, "r": 0.03, "sigma": 0.2, "T": 1.0}
STRIKES: Final[Floats] = np.array([80.0, 90, 100, 110, 120])

SECOND: Final = {"gamma": ("S", "S"), "vanna": ("S", "sigma"), "volga": ("sigma", "sigma")}


def greeks(call: gg.Graph, strikes: Floats) -> dict[str, Floats]:
    """Return the columns of a table: price and greeks for each strike."""
    price, by = call.compile(wrt=["S", "sigma", "T", "r"])(**MARKET, K=strikes)
    columns = {"strike": strikes, "price": price, "delta": by["S"], "vega": by["sigma"]}
    columns |= {"theta": -by["T"], "rho": by["r"]}
    hessian = call.hessian(["S", "sigma"])
    for name, pair in SECOND.items():
        columns[name], _ = hessian[pair].compile(wrt=[])(**MARKET, K=strikes)
    return columns


def main(folder: Path) -> None:
    """Print the table, and draw the price at the money with all its first derivatives."""
    call = gg.parse(CALL)
    columns = greeks(call, STRIKES)
    print("  ".join(f"{name:>8}" for name in columns))
    for row in zip(*columns.values(), strict=True):
        print("  ".join(f"{number:8.3f}" for number in row))
    result = call.backprop({**MARKET, "K": 100})
    result.draw(folder / "greeks.svg", fold=True)
    print(f"\n{'checked against sympy' if result.check() else 'the check FAILED'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the picture goes (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
