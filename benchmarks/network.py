"""Measure the gradient of a 64–50–10 network, compared with hand-written NumPy and the frameworks.

    pip install ".[bench]"
    python benchmarks/network.py [ROUNDS]

Two affine layers with a sigmoid between them, softmax with cross-entropy, batch 100, float64: the loss and its gradient
by all weights and biases. Every round runs all tools in turn, a few times each, so that load on the machine affects
them alike; a ratio is the median over the rounds. Compiling and warming up are timed apart. Before any timing, all
gradients must agree.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import graphgrad

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[], tuple[float, dict[str, Any]]]

__all__: list[str] = []

PROGRAM: Final = """\
a1 = affine(x, W1, b1)
z1 = sigmoid(a1)
a2 = affine(z1, W2, b2)
softmax_cross_entropy(a2, t)
"""
WEIGHTS: Final = ("W1", "b1", "W2", "b2")
BATCH, PIXELS, HIDDEN, CLASSES = 100, 64, 50, 10
ROUNDS: Final = 60
TIMES: Final = 20
"""How often each tool runs in a round."""

OURS, HAND = "graphgrad", "hand-written NumPy"
GOAL: Final = 1.1
"""The highest ratio of graphgrad's time to the hand-written gradient's."""


def point() -> dict[str, Any]:
    """Return a batch of images with their digits, and the weights, by a fixed seed."""
    rng = np.random.default_rng(0)
    return {
        "x": rng.random((BATCH, PIXELS)),
        "W1": rng.normal(size=(PIXELS, HIDDEN)) / 8,
        "b1": rng.normal(size=HIDDEN),
        "W2": rng.normal(size=(HIDDEN, CLASSES)) / 7,
        "b2": rng.normal(size=CLASSES),
        "t": np.eye(CLASSES)[rng.integers(CLASSES, size=BATCH)],
    }


def with_graphgrad(at: dict[str, Any]) -> Run:
    """Return the compiled gradient."""
    gradient = graphgrad.parse(PROGRAM).compile(wrt=WEIGHTS)
    return lambda: gradient(**at)


def by_hand(at: dict[str, Any]) -> Run:
    """Return the gradient as one would write it with NumPy."""

    def gradient(x: Any, W1: Any, b1: Any, W2: Any, b2: Any, t: Any) -> tuple[float, dict[str, Any]]:  # noqa: N803, PLR0913, PLR0917  the book's names
        z = 1 / (1 + np.exp(-(x @ W1 + b1)))
        scores = z @ W2 + b2
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        loss = (np.log(sums).sum() - (t * scores).sum()) / len(x)
        g = (powers / sums - t) / len(x)
        h = (g @ W2.T) * z * (1 - z)
        return loss, {"W1": x.T @ h, "b1": h.sum(axis=0), "W2": z.T @ g, "b2": g.sum(axis=0)}

    return lambda: gradient(**at)


def with_torch(at: dict[str, Any]) -> Run:
    """Return PyTorch's gradient, eager."""
    torch: Any = import_module("torch")

    tensors = {name: torch.tensor(value, requires_grad=name in WEIGHTS) for name, value in at.items()}
    wanted = [tensors[name] for name in WEIGHTS]

    def gradient() -> tuple[float, dict[str, Any]]:
        z = torch.sigmoid(torch.addmm(tensors["b1"], tensors["x"], tensors["W1"]))
        scores = torch.addmm(tensors["b2"], z, tensors["W2"])
        loss = torch.nn.functional.cross_entropy(scores, tensors["t"])
        return float(loss.detach()), dict(zip(WEIGHTS, torch.autograd.grad(loss, wanted), strict=True))

    return gradient


def with_jax(at: dict[str, Any]) -> Run:
    """Return JAX's gradient, compiled."""
    jax: Any = import_module("jax")

    jax.config.update("jax_enable_x64", val=True)

    def loss(weights: dict[str, Any], x: Any, t: Any) -> Any:
        z = jax.nn.sigmoid(x @ weights["W1"] + weights["b1"])
        return -(t * jax.nn.log_softmax(z @ weights["W2"] + weights["b2"])).sum() / len(x)

    gradient = jax.jit(jax.value_and_grad(loss))
    arrays = {name: jax.numpy.asarray(value) for name, value in at.items()}
    weights, x, t = {name: arrays[name] for name in WEIGHTS}, arrays["x"], arrays["t"]
    return lambda: jax.block_until_ready(gradient(weights, x, t))


def with_autograd(at: dict[str, Any]) -> Run:
    """Return HIPS autograd's gradient."""
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def loss(weights: dict[str, Any]) -> Any:
        z = 1 / (1 + anp.exp(-(at["x"] @ weights["W1"] + weights["b1"])))
        scores = z @ weights["W2"] + weights["b2"]
        return (anp.sum(logsumexp(scores, axis=1)) - anp.sum(at["t"] * scores)) / BATCH

    gradient = autograd.value_and_grad(loss)
    weights = {name: at[name] for name in WEIGHTS}
    return lambda: gradient(weights)


MAKERS: Final[dict[str, Callable[[dict[str, Any]], Run]]] = {
    OURS: with_graphgrad,
    HAND: by_hand,
    "PyTorch, eager": with_torch,
    "JAX, jit": with_jax,
    "HIPS autograd": with_autograd,
}


def made(at: dict[str, Any]) -> tuple[dict[str, Run], dict[str, float]]:
    """Return the installed tools' runs, and each one's seconds until its first result."""
    runs, firsts = {}, {}
    for name, maker in MAKERS.items():
        start = time.perf_counter()
        try:
            runs[name] = maker(at)
        except ImportError as error:
            print(f"{name} is left out: {error}")
            continue
        runs[name]()
        firsts[name] = time.perf_counter() - start
    return runs, firsts


def agree(runs: dict[str, Run]) -> None:
    """Assert that every gradient equals the one written by hand."""
    _, expected = runs[HAND]()
    for run in runs.values():
        _, grad = run()
        for name, array in expected.items():
            np.testing.assert_allclose(np.asarray(grad[name]), array, rtol=1e-9, atol=1e-12)


def seconds(run: Run) -> float:
    """Return the seconds of one run, averaged over `TIMES`."""
    start = time.perf_counter()
    for _ in range(TIMES):
        run()
    return (time.perf_counter() - start) / TIMES


def timed(runs: dict[str, Run], count: int) -> list[dict[str, float]]:
    """Return each tool's seconds, round by round."""
    return [{name: seconds(run) for name, run in runs.items()} for _ in range(count)]


def main() -> None:
    """Print the table."""
    runs, firsts = made(point())
    agree(runs)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    rounds = timed(runs, count)
    print(f"{f'{count} rounds':<22}{'median':>10}{'first call':>12}{'graphgrad / it':>16}  goal")
    for name in runs:
        ratio = median(times[OURS] / times[name] for times in rounds)
        goal = None if name == OURS else GOAL if name == HAND else 1.0
        verdict = (
            ""
            if goal is None
            else f"  {'≤' if name == HAND else '<'} {goal:.1f} {'met' if ratio <= goal else 'MISSED'}"
        )
        print(f"{name:<22}{median(t[name] for t in rounds) * 1e6:7.0f} µs{firsts[name]:10.2f} s{ratio:16.2f}{verdict}")


if __name__ == "__main__":
    main()
