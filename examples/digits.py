"""Train a network on handwritten digits with graphgrad's gradient, and compare its time with numerical differentiation.

The network is that of "Deep Learning from Scratch", chapters 4 and 5, on scikit-learn's digits: 64 pixels, 50 hidden
units, 10 digits. The graph and the curves of loss, accuracy and time are drawn. `pip install ".[digits]"` in the clone
installs what this program needs.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import graphgrad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Parameters = dict[str, Array]

__all__ = [
    "Comparison",
    "Digits",
    "Epoch",
    "compare",
    "digits",
    "main",
    "numerical",
    "parameters",
    "train",
    "train_by_adam",
]

PROGRAM: Final = """\
# from 64 pixels to 10 digits, and how wrong they are
a1 = affine(x, W1, b1)
z1 = sigmoid(a1)
a2 = affine(z1, W2, b2)
E = softmax_cross_entropy(a2, t)
"""
DESCENT: Final = "w - rate*g"
SCORES: Final = "affine(sigmoid(affine(x, W1, b1)), W2, b2)"

PARAMETERS: Final = ("W1", "b1", "W2", "b2")
PIXELS, HIDDEN, CLASSES = 64, 50, 10
BATCH: Final = 50
EPOCHS: Final = 100
RATE: Final = 2.0
SEED: Final = 0
TEST_PART: Final = 0.2
STEP: Final = 1e-4
SIZES: Final = (5, 10, 20, 50, 100)
LIBRARIES: Final = {"matplotlib": "matplotlib", "scikit-learn": "sklearn", "tqdm": "tqdm"}
"""The libraries that the program needs, by their names for pip."""


@dataclass(frozen=True)
class Digits:
    """Images as rows of 64 numbers from −1 to 1, and their digits."""

    x: Array
    labels: NDArray[np.int64]

    @property
    def one_hot(self) -> Array:
        """The digits as rows of ten numbers: 1 at the digit, 0 elsewhere."""
        return np.eye(CLASSES)[self.labels]

    def some(self, rows: NDArray[np.int64]) -> Digits:
        """Return these rows."""
        return Digits(self.x[rows], self.labels[rows])


@dataclass(frozen=True)
class Epoch:
    """The state after a number of epochs: the mean loss, and the accuracies on training and test digits."""

    number: int
    loss: float
    train_accuracy: float
    test_accuracy: float


@dataclass(frozen=True)
class Comparison:
    """A comparison of both gradients of one network: its number of parameters, both times in seconds, and differences.

    `differences` has the mean absolute difference for each array of parameters, as in the book; `furthest` is the
    largest difference of all.
    """

    parameters: int
    backprop: float
    numerical: float
    differences: dict[str, float]
    furthest: float

    @property
    def ratio(self) -> float:
        """The time of numerical differentiation divided by backpropagation's."""
        return self.numerical / self.backprop


def digits(seed: int = SEED) -> tuple[Digits, Digits]:
    """Return the digits for training and those for testing, shuffled by a seed."""
    from sklearn.datasets import load_digits

    data = load_digits()
    every = Digits(2 * data.data / data.data.max() - 1, data.target)
    order = np.random.default_rng(seed).permutation(len(every.x))
    split = int(len(order) * TEST_PART)
    return every.some(order[split:]), every.some(order[:split])


def parameters(hidden: int = HIDDEN, seed: int = SEED) -> Parameters:
    """Return random weights, scaled by one over the root of the number of inputs, and biases of 0."""
    rng = np.random.default_rng(seed)
    shapes = {"W1": (PIXELS, hidden), "b1": (hidden,), "W2": (hidden, CLASSES), "b2": (CLASSES,)}
    return {
        name: rng.normal(size=shape) / np.sqrt(shape[0]) if len(shape) > 1 else np.zeros(shape)
        for name, shape in shapes.items()
    }


def train(data: Digits, test: Digits, epochs: int = EPOCHS, seed: int = SEED) -> Iterator[Epoch]:
    """Train, and yield the state after each epoch; each step is ω ← ω − η ∂E/∂ω on a batch."""
    gradient = graphgrad.parse(PROGRAM).compile(wrt=PARAMETERS)
    descent = graphgrad.parse(DESCENT).compile(wrt=[])
    scores = graphgrad.parse(SCORES).compile(wrt=[])
    weights, rng = parameters(seed=seed), np.random.default_rng(seed)
    for number in range(1, epochs + 1):
        losses = []
        for rows in np.array_split(rng.permutation(len(data.x)), len(data.x) // BATCH):
            batch = data.some(rows)
            loss, grad = gradient(x=batch.x, t=batch.one_hot, **weights)
            weights, _ = descent(w=weights, g=grad, rate=RATE)
            losses.append(float(loss))
        known = [accuracy(scores(x=each.x, **weights)[0], each) for each in (data, test)]
        yield Epoch(number, float(np.mean(losses)), *known)


def train_by_adam(data: Digits, epochs: int = 20, seed: int = SEED) -> Parameters:
    """Train with Adam's steps, and return the weights: D. Kingma and J. Ba, https://arxiv.org/abs/1412.6980."""
    gradient = graphgrad.parse(PROGRAM).compile(wrt=PARAMETERS)
    mean = graphgrad.parse("0.9*m + 0.1*g").compile(wrt=[])
    square = graphgrad.parse("0.999*v + 0.001*g**2").compile(wrt=[])
    step = "w - rate*(m/(1 - 0.9**k))/(sqrt(v/(1 - 0.999**k)) + 1e-8)"
    adam = graphgrad.parse(step).compile(wrt=[])
    weights, rng, k = parameters(seed=seed), np.random.default_rng(seed), 0
    m = v = {name: np.zeros_like(w) for name, w in weights.items()}
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(len(data.x)), len(data.x) // BATCH):
            batch, k = data.some(rows), k + 1
            _, grad = gradient(x=batch.x, t=batch.one_hot, **weights)
            m, _ = mean(m=m, g=grad)
            v, _ = square(v=v, g=grad)
            weights, _ = adam(w=weights, m=m, v=v, k=k, rate=0.01)
    return weights


def accuracy(scores: Array, data: Digits) -> float:
    """Return the share of the digits whose own score is the highest."""
    return float(np.mean(np.argmax(scores, axis=1) == data.labels))


def numerical(loss: Callable[..., Any], weights: Parameters) -> Parameters:
    """Return the gradient by central differences: two forward passes for each parameter."""
    return {name: _differences(loss, weights, name) for name in weights}


def _differences(loss: Callable[..., Any], weights: Parameters, name: str) -> Array:
    moved = {**weights, name: weights[name].copy()}
    gradient = np.empty_like(weights[name])
    for index in np.ndindex(gradient.shape):
        here = moved[name][index]
        moved[name][index] = here + STEP
        above = loss(**moved)
        moved[name][index] = here - STEP
        gradient[index] = (above - loss(**moved)) / (2 * STEP)
        moved[name][index] = here
    return gradient


def compare(data: Digits, hidden: int = HIDDEN, repeats: int = 20) -> Comparison:
    """Compare both gradients of a network's loss on one batch."""
    graph, weights = graphgrad.parse(PROGRAM), parameters(hidden)
    batch = {"x": data.x[:BATCH], "t": data.one_hot[:BATCH]}
    gradient, forward = graph.compile(wrt=PARAMETERS), graph.compile(wrt=[])
    grad = gradient(**batch, **weights)[1]
    fast = median(_seconds(lambda: gradient(**batch, **weights)) for _ in range(repeats))
    start = time.perf_counter()
    slow_grad = numerical(lambda **moved: forward(**batch, **moved)[0], weights)
    slow = time.perf_counter() - start
    far = {name: np.abs(grad[name] - slow_grad[name]) for name in weights}
    means = {name: float(np.mean(difference)) for name, difference in far.items()}
    return Comparison(
        sum(w.size for w in weights.values()), fast, slow, means, max(float(d.max()) for d in far.values())
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main(folder: Path) -> None:
    """Train, compare, and draw everything into a folder."""
    from tqdm import tqdm

    data, test = digits()
    draw(data, folder)
    epochs = list(tqdm(train(data, test), total=EPOCHS, unit="epoch"))
    last = epochs[-1]
    print(f"loss {last.loss:.4f}, accuracy {last.train_accuracy:.1%}, of the test {last.test_accuracy:.1%}")
    comparisons = [compare(data, hidden) for hidden in SIZES]
    print("\nparameters   backprop   numerical      ratio   furthest difference")
    for each in comparisons:
        times = f"{each.backprop * 1e3:7.2f} ms {each.numerical * 1e3:8.0f} ms {each.ratio:10.0f}"
        print(f"{each.parameters:10d} {times}   {each.furthest:.1e}")
    means = ", ".join(f"{name} {mean:.1e}" for name, mean in compare(data).differences.items())
    print(f"\nmean absolute differences: {means}")
    plot(epochs, comparisons, folder)


def draw(data: Digits, folder: Path) -> None:
    """Draw the graph of the loss."""
    at = {"x": data.x[:BATCH], "t": data.one_hot[:BATCH], **parameters()}
    graphgrad.parse(PROGRAM).backprop(at, PARAMETERS).draw(folder / "digits-graph.svg")


def plot(epochs: list[Epoch], comparisons: list[Comparison], folder: Path) -> None:
    """Plot loss and accuracy by epoch, and the gradients' times by the number of parameters."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    black, red = "#1f2328", "#c62828"
    numbers = [epoch.number for epoch in epochs]
    sizes = [each.parameters for each in comparisons]
    with rc_context({"svg.hashsalt": "graphgrad", "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(10, 3.4), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        left.plot(numbers, [epoch.loss for epoch in epochs], color=black)
        left.set(xlabel="epoch", title="loss", ylim=(0, None))
        middle.plot(numbers, [epoch.train_accuracy for epoch in epochs], color=black, label="trained on")
        middle.plot(numbers, [epoch.test_accuracy for epoch in epochs], color=red, ls="--", label="test")
        middle.set(xlabel="epoch", title="accuracy", ylim=(0.8, 1.005))
        middle.legend(frameon=False)
        right.loglog(sizes, [each.numerical for each in comparisons], "s--", color=red, label="central differences")
        right.loglog(sizes, [each.backprop for each in comparisons], "o-", color=black, label="backprop")
        right.set(xlabel="parameters", title="seconds for one gradient")
        right.set_xticks(sizes, [f"{size:,}" for size in sizes])
        right.minorticks_off()
        right.legend(frameon=False)
        figure.savefig(folder / "digits-training.svg", metadata={"Date": None})


def require_libraries() -> None:
    """Exit with a message where a library is missing, before the network is trained."""
    for name, library in LIBRARIES.items():
        try:
            import_module(library)
        except ImportError:
            sys.exit(f'{name} is not installed\nin the clone: pip install ".[digits]"')


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where the pictures go (default: here)")
    folder = parser.parse_args().folder
    require_libraries()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (graphgrad.GraphgradError, OSError) as error:
        sys.exit(str(error))
