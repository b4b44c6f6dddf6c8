"""Measure a 64–50–10 network: its gradient, and training steps with SGD and with Adam.

    pip install ".[bench]"
    python benchmarks/network.py [ROUNDS]

Two affine layers with a sigmoid between them, softmax with cross-entropy, float64, in batches of 1, 100 and 1,000.
Beside graphgrad are hand-written NumPy, which updates the weights in place, and the frameworks that are installed.
Every round runs all tools in turn, a few times each, so that load on the machine affects them alike; a ratio is the
median over the rounds. Before any timing, all results must agree. `training.py` measures a whole training.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import graphgrad

if TYPE_CHECKING:
    Arrays = dict[str, Any]
    Gradient = Callable[[Any, Any, Arrays], tuple[Any, Arrays]]
    """A function of images, targets and weights that returns the loss and its gradient."""
    Step = Callable[[Any, Any], tuple[Any, Arrays]]
    """A function of images and targets that changes its own weights, and returns the loss and the weights."""

__all__: list[str] = []

PROGRAM: Final = """\
a1 = affine(x, W1, b1)
z1 = sigmoid(a1)
a2 = affine(z1, W2, b2)
softmax_cross_entropy(a2, t)
"""
WEIGHTS: Final = ("W1", "b1", "W2", "b2")
BATCHES: Final = (1, 100, 1000)
PIXELS, HIDDEN, CLASSES = 64, 50, 10
ROUNDS: Final = 100
LONGEST: Final = 0.001
"""About how many seconds one tool takes in a round."""

SGD_RATE, ADAM_RATE = 0.1, 0.001
DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-8

SGD: Final = "w - rate*g"
ADAM: Final = {
    "m": "0.9*m + 0.1*g",
    "v": "0.999*v + 0.001*g**2",
    "w": "w - rate*(m/(1 - 0.9**k))/(sqrt(v/(1 - 0.999**k)) + 1e-8)",
}

OURS, HAND = "graphgrad", "hand-written NumPy"
GOAL: Final = 1.1
"""The highest ratio of graphgrad's time to that of what is written by hand."""


def weights() -> Arrays:
    """Return random weights, by a fixed seed."""
    rng = np.random.default_rng(0)
    return {
        "W1": rng.normal(size=(PIXELS, HIDDEN)) / 8,
        "b1": rng.normal(size=HIDDEN),
        "W2": rng.normal(size=(HIDDEN, CLASSES)) / 7,
        "b2": rng.normal(size=CLASSES),
    }


def point() -> Arrays:
    """Return a batch of 100 and weights, by name."""
    x, t = batch(100)
    return {"x": x, "t": t, **weights()}


def copied(arrays: Arrays) -> Arrays:
    """Return a copy of each array."""
    return {name: each.copy() for name, each in arrays.items()}


def batch(size: int) -> tuple[Any, Any]:
    """Return images, and their digits as rows of 0 and 1, by a fixed seed."""
    rng = np.random.default_rng(1)
    return rng.random((size, PIXELS)), np.eye(CLASSES)[rng.integers(CLASSES, size=size)]


# ---- graphgrad


def our_gradient() -> Gradient:
    """Return the compiled gradient."""
    gradient = graphgrad.parse(PROGRAM).compile(wrt=WEIGHTS)
    return lambda x, t, w: gradient(x=x, t=t, **w)


def our_sgd(start: Arrays, rate: float) -> Step:
    """Return a step of gradient descent."""
    gradient, update, w = our_gradient(), graphgrad.parse(SGD).compile(wrt=[]), start

    def step(x: Any, t: Any) -> Any:
        nonlocal w
        loss, grad = gradient(x, t, w)
        w, _ = update(w=w, g=grad, rate=rate)
        return loss, w

    return step


def our_adam(start: Arrays, rate: float) -> Step:
    """Return a step of Adam."""
    gradient = our_gradient()
    mean, square, update = (graphgrad.parse(formula).compile(wrt=[]) for formula in ADAM.values())
    w, k = start, 0
    m = {name: np.zeros_like(each) for name, each in w.items()}
    v = m

    def step(x: Any, t: Any) -> Any:
        nonlocal w, m, v, k
        k += 1
        loss, grad = gradient(x, t, w)
        m, _ = mean(m=m, g=grad)
        v, _ = square(v=v, g=grad)
        w, _ = update(w=w, m=m, v=v, k=k, rate=rate)
        return loss, w

    return step


# ---- hand-written NumPy


def hand_gradient() -> Gradient:
    """Return the gradient as one would write it with NumPy."""

    def gradient(x: Any, t: Any, w: Arrays) -> tuple[float, Arrays]:
        z = 1 / (1 + np.exp(-(x @ w["W1"] + w["b1"])))
        scores = z @ w["W2"] + w["b2"]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1, keepdims=True)
        loss = (np.log(sums).sum() - (t * scores).sum()) / len(x)
        g = (powers / sums - t) / len(x)
        h = (g @ w["W2"].T) * z * (1 - z)
        return loss, {"W1": x.T @ h, "b1": h.sum(axis=0), "W2": z.T @ g, "b2": g.sum(axis=0)}

    return gradient


def hand_sgd(start: Arrays, rate: float) -> Step:
    """Return a step of gradient descent, in place."""
    gradient, w = hand_gradient(), copied(start)

    def step(x: Any, t: Any) -> tuple[float, Arrays]:
        loss, grad = gradient(x, t, w)
        for name, g in grad.items():
            w[name] -= rate * g
        return loss, w

    return step


def hand_adam(start: Arrays, rate: float) -> Step:
    """Return a step of Adam, in place."""
    gradient, w, k = hand_gradient(), copied(start), 0
    ms, vs = ({name: np.zeros_like(each) for name, each in w.items()} for _ in range(2))

    def step(x: Any, t: Any) -> tuple[float, Arrays]:
        nonlocal k
        k += 1
        loss, grad = gradient(x, t, w)
        for name, g in grad.items():
            m, v = ms[name], vs[name]
            m *= DECAY
            m += (1 - DECAY) * g
            v *= SQUARE_DECAY
            v += (1 - SQUARE_DECAY) * g**2
            w[name] -= rate * (m / (1 - DECAY**k)) / (np.sqrt(v / (1 - SQUARE_DECAY**k)) + EPSILON)
        return loss, w

    return step


# ---- PyTorch


def _torch_tensors(torch: Any, arrays: Arrays) -> Arrays:
    return {name: torch.tensor(value, requires_grad=True) for name, value in arrays.items()}


def _torch_loss(torch: Any, x: Any, t: Any, w: Arrays) -> Any:
    z = torch.sigmoid(torch.addmm(w["b1"], torch.from_numpy(x), w["W1"]))
    return torch.nn.functional.cross_entropy(torch.addmm(w["b2"], z, w["W2"]), torch.from_numpy(t))


def torch_gradient() -> Gradient:
    """Return PyTorch's gradient, eager."""
    torch: Any = import_module("torch")
    tensors = _torch_tensors(torch, weights())

    def gradient(x: Any, t: Any, _w: Arrays) -> tuple[float, Arrays]:
        loss = _torch_loss(torch, x, t, tensors)
        return float(loss.detach()), dict(zip(WEIGHTS, torch.autograd.grad(loss, tensors.values()), strict=True))

    return gradient


def _torch_step(start: Arrays, optimizer: Callable[[Any, Any], Any]) -> Step:
    torch: Any = import_module("torch")
    tensors = _torch_tensors(torch, start)
    descent = optimizer(torch.optim, [*tensors.values()])

    def step(x: Any, t: Any) -> tuple[float, Arrays]:
        descent.zero_grad()
        loss = _torch_loss(torch, x, t, tensors)
        loss.backward()
        descent.step()
        return float(loss.detach()), {name: each.detach() for name, each in tensors.items()}

    return step


def torch_sgd(start: Arrays, rate: float) -> Step:
    """Return a step of PyTorch's gradient descent."""
    return _torch_step(start, lambda optim, w: optim.SGD(w, rate))


def torch_adam(start: Arrays, rate: float) -> Step:
    """Return a step of PyTorch's Adam."""
    return _torch_step(start, lambda optim, w: optim.Adam(w, rate, (DECAY, SQUARE_DECAY), EPSILON))


# ---- JAX


def _jax_gradient() -> tuple[Any, Any]:
    jax: Any = import_module("jax")
    jax.config.update("jax_enable_x64", val=True)

    def loss(w: Arrays, x: Any, t: Any) -> Any:
        z = jax.nn.sigmoid(x @ w["W1"] + w["b1"])
        return -(t * jax.nn.log_softmax(z @ w["W2"] + w["b2"])).sum() / len(x)

    return jax, jax.value_and_grad(loss)


def jax_gradient() -> Gradient:
    """Return JAX's gradient, compiled."""
    jax, gradient = _jax_gradient()
    compiled = jax.jit(gradient)
    return lambda x, t, w: jax.block_until_ready(compiled(w, x, t))


def _jax_step(start: Arrays, update: Callable[[Any, Arrays, Arrays], Arrays], **state: Any) -> Step:
    jax, gradient = _jax_gradient()

    def whole(held: Arrays, x: Any, t: Any) -> tuple[Any, Arrays]:
        loss, grad = gradient(held["w"], x, t)
        return loss, update(jax, held, grad)

    compiled, held = jax.jit(whole), {"w": jax.tree.map(jax.numpy.asarray, start), **state}

    def step(x: Any, t: Any) -> tuple[float, Arrays]:
        nonlocal held
        loss, held = jax.block_until_ready(compiled(held, x, t))
        return float(loss), held["w"]

    return step


def jax_sgd(start: Arrays, rate: float) -> Step:
    """Return a step of gradient descent, compiled by JAX as a whole."""

    def update(jax: Any, held: Arrays, grad: Arrays) -> Arrays:
        return {"w": jax.tree.map(lambda w, g: w - rate * g, held["w"], grad)}

    return _jax_step(start, update)


def jax_adam(start: Arrays, rate: float) -> Step:
    """Return a step of Adam, compiled by JAX as a whole."""

    def update(jax: Any, held: Arrays, grad: Arrays) -> Arrays:
        each, k = jax.tree.map, held["k"] + 1
        m = each(lambda m, g: DECAY * m + (1 - DECAY) * g, held["m"], grad)
        v = each(lambda v, g: SQUARE_DECAY * v + (1 - SQUARE_DECAY) * g**2, held["v"], grad)
        moved = each(
            lambda w, m, v: w - rate * (m / (1 - DECAY**k)) / (jax.numpy.sqrt(v / (1 - SQUARE_DECAY**k)) + EPSILON),
            held["w"],
            m,
            v,
        )
        return {"w": moved, "m": m, "v": v, "k": k}

    zeros = {name: np.zeros_like(each) for name, each in start.items()}
    return _jax_step(start, update, m=zeros, v=zeros, k=0.0)


# ---- HIPS autograd


def autograd_gradient() -> Gradient:
    """Return HIPS autograd's gradient."""
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import logsumexp

    def loss(w: Arrays, x: Any, t: Any) -> Any:
        z = 1 / (1 + anp.exp(-(x @ w["W1"] + w["b1"])))
        scores = z @ w["W2"] + w["b2"]
        return (anp.sum(logsumexp(scores, axis=1)) - anp.sum(t * scores)) / len(x)

    gradient = autograd.value_and_grad(loss)
    return lambda x, t, w: gradient(w, x, t)


# ---- comparisons

GRADIENTS: Final[dict[str, Callable[[], Gradient]]] = {
    OURS: our_gradient,
    HAND: hand_gradient,
    "PyTorch, eager": torch_gradient,
    "JAX, jit": jax_gradient,
    "HIPS autograd": autograd_gradient,
}
STEPS: Final[dict[str, dict[str, Callable[[Arrays, float], Step]]]] = {
    "SGD": {OURS: our_sgd, HAND: hand_sgd, "PyTorch, eager": torch_sgd, "JAX, jit": jax_sgd},
    "Adam": {OURS: our_adam, HAND: hand_adam, "PyTorch, eager": torch_adam, "JAX, jit": jax_adam},
}
RATES: Final = {"SGD": SGD_RATE, "Adam": ADAM_RATE}
TASKS: Final = ("gradient", *STEPS)

Run = Callable[[], "tuple[Any, Arrays]"]


def runs_of(task: str, size: int) -> dict[str, Run]:
    """Return the run of each tool that is installed: the loss, and the gradient or the weights after a step."""
    x, t = batch(size)
    runs: dict[str, Run] = {}
    for name in STEPS.get(task, GRADIENTS):
        try:
            runs[name] = run_of(task, name, x, t)
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return runs


def run_of(task: str, name: str, x: Any, t: Any) -> Run:
    """Return a tool's run on a batch."""
    start = weights()
    if task in STEPS:
        return partial(STEPS[task][name](start, RATES[task]), x, t)
    return partial(GRADIENTS[name](), x, t, start)


def agree(runs: dict[str, Run]) -> None:
    """Assert that all results equal those of what is written by hand, three times in turn."""
    for _ in range(3):
        loss, arrays = runs[HAND]()
        for run in runs.values():
            if run is runs[HAND]:
                continue
            own, others = run()
            np.testing.assert_allclose(float(own), float(loss), rtol=1e-9)
            for name, array in arrays.items():
                np.testing.assert_allclose(np.asarray(others[name]), array, rtol=1e-7, atol=1e-9)


def seconds(run: Run, times: int) -> float:
    """Return the seconds of one run, averaged over so many; two before them are not counted."""
    run()
    run()
    start = time.perf_counter()
    for _ in range(times):
        run()
    return (time.perf_counter() - start) / times


def timed(runs: dict[str, Run], rounds: int) -> list[dict[str, float]]:
    """Return each tool's seconds, round by round; each time another one begins: threads of the last may still spin."""
    times = max(1, int(LONGEST / min(seconds(runs[HAND], 1) for _ in range(5))))
    names, results = [*runs], []
    for i in range(rounds):
        first = i % len(names)
        results.append({name: seconds(runs[name], times) for name in names[first:] + names[:first]})
    return results


def compared(task: str, size: int, rounds: int) -> None:
    """Print a task's table at one size of the batch."""
    runs = runs_of(task, size)
    agree(runs)
    results = timed(runs, rounds)
    print(f"\n{f'{task}, batch {size:,}':<26}{'median':>10}{'least':>10}{'graphgrad / it':>16}")
    for name in runs:
        ratio = median(each[OURS] / each[name] for each in results)
        goal = GOAL if name == HAND else 1.0
        verdict = "" if name == OURS else f"  ≤ {goal:.1f} {'met' if ratio <= goal else 'MISSED'}"
        each = sorted(result[name] * 1e6 for result in results)
        print(f"{name:<26}{median(each):7.0f} µs{each[0]:7.0f} µs{ratio:16.2f}{verdict}")


def main() -> None:
    """Print the tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for task in TASKS:
        for size in BATCHES:
            compared(task, size, rounds)


if __name__ == "__main__":
    main()
