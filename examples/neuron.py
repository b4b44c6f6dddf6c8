"""Teach a neuron the logical AND by the compiled gradient: ω ← ω − η ∂E/∂ω.

The graph that is drawn for one example is compiled for all four at once, as columns.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

import graphgrad as gg

__all__ = ["main"]

NEURON: Final = "u = w1*x1 + w2*x2 + b; y = sigmoid(u)"
LOSS: Final = f"{NEURON}; E = (y - t)**2"

X: Final = {"x1": np.array([0.0, 0, 1, 1]), "x2": np.array([0.0, 1, 0, 1])}
T: Final = np.array([0.0, 0, 0, 1])
START: Final = {"w1": 0.5, "w2": -0.5, "b": 0.0}
RATE: Final = 5.0
STEPS: Final = 500


def train(weights: dict[str, float]) -> dict[str, float]:
    """Return the trained weights, and print how the loss falls."""
    gradient = gg.parse(LOSS).compile(wrt=list(weights))
    print("step    loss")
    for step in range(STEPS + 1):
        loss, grad = gradient(**X, **weights, t=T)
        if step % 100 == 0:
            print(f"{step:4}  {np.mean(loss):.4f}")
        weights = {name: weight - RATE * float(np.mean(grad[name])) for name, weight in weights.items()}
    return weights


def main(folder: Path) -> None:
    """Draw the untrained neuron at one example, train it, and print what it answers."""
    before = gg.parse(LOSS).backprop({**START, "x1": 1, "x2": 1, "t": 1}, list(START))
    before.draw(folder / "neuron.svg", fold=True)
    weights = train(START)
    answers, _ = gg.parse(NEURON).compile(wrt=[])(**X, **weights)
    print("\nx1  x2     y")
    for x1, x2, y in zip(*X.values(), answers, strict=True):
        print(f"{x1:2.0f}  {x2:2.0f}  {y:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the picture goes (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
