"""Measure the training of a 64–50–10 network on handwritten digits, to 97 % of those that it has not seen.

    pip install ".[bench,digits]"
    python benchmarks/training.py [ROUNDS]

scikit-learn's digits, batches of 50 and gradient descent, as in `examples/digits.py`. Each tool starts from the same
weights and takes the same batches, so all take the same steps; the accuracy is computed after each epoch, with NumPy.
The first training includes loading the library.
"""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from network import CLASSES, HIDDEN, OURS, PIXELS, STEPS
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from network import Arrays, Step

__all__: list[str] = []

RECOGNISED: Final = 0.97
BATCH, RATE, MOST_EPOCHS, ROUNDS = 50, 2.0, 100, 10


def digits() -> tuple[Any, Any, Any, Any]:
    """Return the images and the digits to train on, and those for the test."""
    data = load_digits()
    x = 2 * data.data / data.data.max() - 1
    order = np.random.default_rng(0).permutation(len(x))
    split = len(x) // 5
    return x[order[split:]], np.eye(CLASSES)[data.target[order[split:]]], x[order[:split]], data.target[order[:split]]


def weights() -> Arrays:
    """Return random weights, scaled by one over the root of the number of inputs, and biases of 0."""
    rng = np.random.default_rng(0)
    shapes = {"W1": (PIXELS, HIDDEN), "b1": (HIDDEN,), "W2": (HIDDEN, CLASSES), "b2": (CLASSES,)}
    return {
        name: rng.normal(size=shape) / np.sqrt(shape[0]) if len(shape) > 1 else np.zeros(shape)
        for name, shape in shapes.items()
    }


def accuracy(w: Arrays, x: Any, labels: Any) -> float:
    """Return the share of the digits whose own score is the highest."""
    hidden = 1 / (1 + np.exp(-(x @ np.asarray(w["W1"]) + np.asarray(w["b1"]))))
    scores = hidden @ np.asarray(w["W2"]) + np.asarray(w["b2"])
    return float(np.mean(scores.argmax(axis=1) == labels))


def trained(step: Step) -> int:
    """Train until the digits of the test are recognised, and return the number of epochs."""
    x, t, test, labels = DIGITS
    rng = np.random.default_rng(0)
    for epoch in range(1, MOST_EPOCHS + 1):
        w: Arrays = {}
        for some in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            _, w = step(x[some], t[some])
        if accuracy(w, test, labels) >= RECOGNISED:
            return epoch
    return MOST_EPOCHS


DIGITS: Final = digits()


def main() -> None:
    """Print the table."""
    times: dict[str, list[float]] = {}
    epochs: dict[str, int] = {}
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for _ in range(rounds + 1):
        for name, maker in STEPS["SGD"].items():
            start = time.perf_counter()
            try:
                step = maker(weights(), RATE)
            except ImportError as error:
                print(f"{name} is left out: {error}")
                continue
            epochs[name] = trained(step)
            times.setdefault(name, []).append(time.perf_counter() - start)
    print(f"{f'{rounds} rounds':<22}{'epochs':>8}{'median':>10}{'first':>10}{'graphgrad / it':>16}")
    for name, (first, *others) in times.items():
        ratio = median(ours / its for ours, its in zip(times[OURS][1:], others, strict=True))
        print(f"{name:<22}{epochs[name]:8}{median(others) * 1e3:7.0f} ms{first * 1e3:7.0f} ms{ratio:16.2f}")


if __name__ == "__main__":
    main()
