"""Compiled programs of arrays: the interpreter's numbers, shapes and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphgrad as gg

rng = np.random.default_rng(0)
AT: dict[str, Any] = {
    "X": rng.random((6, 4)) + 0.5,
    "W": rng.normal(size=(4, 3)),
    "b": rng.normal(size=3),
    "T": np.eye(3)[[0, 1, 2, 0, 1, 2]],
    "v": rng.random(4) + 0.1,
    "s": 0.7,
}
PROGRAMS = [
    "cross_entropy(softmax(X@W + b), T)",
    "h = relu(X@W + b); mean(sum((h - T)**2, axis=1))",
    "sum(sigmoid(X@W + b)*T)*s",
    "sum(exp(-X*s)*v)",
    "X@v@X@v",
    "sum(where(X > 1, log(X), 0)*v) + max(s, 0.5)",
    "sum(max(X@W, 0, s))",
    "sum((X@W).T@(X@W))",
    "mean(X, axis=0)@v",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_it_gives_what_the_interpreter_gives(text: str) -> None:
    """Value and every gradient agree, shape by shape."""
    graph = gg.parse(text)
    at = {name: AT[name] for name in graph.inputs}
    result, (value, grad) = graph.backprop(at), graph.compile()(**at)
    assert value == pytest.approx(result.value, rel=1e-12)
    assert {name: np.shape(d) for name, d in grad.items()} == {name: np.shape(x) for name, x in at.items()}
    for name, d in grad.items():
        assert d == pytest.approx(result.grad[name], rel=1e-10, abs=1e-13)


def test_errors_are_the_interpreters() -> None:
    """Shapes that do not go together, entries outside the domain and missing inputs are told alike."""
    for text, at in [
        ("sum(X@W)", {"X": np.ones((2, 3)), "W": np.ones((2, 3))}),
        ("sum(log(X)@W)", {"X": -np.ones((2, 2)), "W": np.ones((2, 2))}),
        ("sum(X@W)", {"X": np.ones((2, 2))}),
        ("sum(X@W)", {"X": np.full((2, 2), np.nan), "W": np.ones((2, 2))}),
    ]:
        graph = gg.parse(text)
        with pytest.raises(gg.GraphgradError) as theirs:
            graph.backprop(at)
        with pytest.raises(gg.GraphgradError) as ours:
            graph.compile()(**at)
        assert str(ours.value) == str(theirs.value)


def test_only_what_is_asked_for_is_differentiated() -> None:
    """`wrt` names the gradients; inputs are left alone."""
    f = gg.parse("cross_entropy(softmax(X@W + b), T)").compile(["W", "b"])
    before = AT["X"].copy()
    _, grad = f(X=AT["X"], W=AT["W"], b=AT["b"], T=AT["T"])
    assert list(grad) == ["W", "b"]
    assert np.array_equal(AT["X"], before)
