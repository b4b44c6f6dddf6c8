"""Arrays of huge and tiny numbers: norms without overflow, and overflows that are reported by the project alone."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import graphgrad as gg

HUGE = (
    *("sum(x)", "mean(x)", "sum(sum(x, axis=0))", "x[0]@x[1]", "sum(x*x)", "mean(x**2)", "sum(outer(x[0], x[1]))"),
    *("mean_squared_error(x, -x)", "sum(affine(x, x, 1))", "sum(exp(x))", "softmax(x)[0, 0]", "logsumexp(x)"),
    *("log_softmax(x)[0, 0]", "norm(x)", "sum(x.T@x)"),
)


@pytest.mark.parametrize("size", [1.0, 1e200, 1e307, 1e-170, 1e-200, 1e-310])
@pytest.mark.parametrize("text", ["norm(x)", "sum(norm(x, axis=1))", "sum(norm(x, axis=0, keepdims=True))"])
def test_a_norm_neither_overflows_nor_vanishes(text: str, size: float) -> None:
    """Value and gradient are those of the same array of ordinary size, in the interpreter and compiled."""
    x = np.array([[3.0, -4.0], [0.0, 12.0]])
    graph = gg.parse(text)
    usual = graph.backprop({"x": x})
    result = graph.backprop({"x": x * size})
    value, grad = graph.compile()(x=x * size)
    for found, slopes in ((result.value, result.grad["x"]), (value, grad["x"])):
        assert found == pytest.approx(usual.value * size, rel=1e-13)
        np.testing.assert_allclose(slopes, usual.grad["x"], rtol=1e-12, atol=1e-300)


def test_a_norm_as_hypot() -> None:
    """Of two entries it is what hypot gives."""
    for x in ((3e200, 4e200), (1e-170, 1e-170), (5e-324, 0.0), (1e308, 1e308), (0.0, 2.5)):
        number = gg.parse("hypot(x, y)").backprop(dict(zip("xy", x, strict=True)))
        array = gg.parse("norm(x)").backprop({"x": list(x)})
        assert array.value == pytest.approx(number.value, rel=1e-15)
        assert array.grad["x"].tolist() == pytest.approx([number.grad["x"], number.grad["y"]], rel=1e-15)


def test_the_norm_s_gradient_graph_is_as_robust() -> None:
    """Also the second derivative of a tiny array is finite."""
    graph = gg.parse("norm(x)").gradient("x")
    assert np.isfinite(graph.backprop({"x": [3e-200, 4e-200]}, [], seed=1).value).all()


def test_the_norm_of_nothing_has_no_derivative() -> None:
    """At 0 there is none, and the value is 0."""
    assert gg.parse("norm(x)").backprop({"x": [0.0, 0.0]}, []).value == 0
    with pytest.raises(gg.DomainError):
        gg.parse("norm(x)").backprop({"x": [0.0, 0.0]})


@pytest.mark.parametrize("text", HUGE)
@pytest.mark.parametrize("compiled", [False, True])
def test_no_warning_but_ours(text: str, *, compiled: bool) -> None:
    """An overflow is infinity and a sentence in `warnings`; NumPy's own warnings are not seen."""
    at = {"x": np.full((2, 2), 1e308)}
    graph = gg.parse(text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if compiled:
            value = graph.compile()(**at)[0]
            assert not math.isnan(value)
            return
        result = graph.backprop(at)
    assert math.isinf(result.value) == any("overflow" in line for line in result.warnings)


def test_an_overflow_inside_a_loss_is_infinite() -> None:
    """Not undefined, as a power of Python's floats would have it."""
    result: Any = gg.parse("mean_squared_error(x, y)").backprop({"x": [1e300, 0], "y": [0, 0]}, ["x"])
    assert result.value == math.inf
