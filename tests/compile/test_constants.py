"""Constants: those beyond the floats, jumps at them, and products with 0 are on every path what the interpreter has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from every_path import EACH, TOGETHER

import graphgrad as gg
from graphgrad.tape import differentiated

BEYOND = (
    "x*10**400",
    "10**1e300 - x",
    "x/2**1100",
    "x*2**600/2**-600",
    "(-10)**401*x",
    "x*2**-1100",
    "x + 3**700/7**-300",
)
IN_PYTHON = [path for path in EACH if path not in {"exact", "precise", "sympy", "Python", "array API"}]


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")  # to_python(numpy=True) is NumPy's own code
@pytest.mark.parametrize("text", BEYOND)
@pytest.mark.parametrize("path", [*IN_PYTHON, *TOGETHER])
def test_a_constant_beyond_the_floats_is_infinite(path: str, text: str) -> None:
    """Or 0, where it is too small; no path fails."""
    job = gg.parse(text), {"x": 3.0}
    value, grad = TOGETHER[path]([job])[0] if path in TOGETHER else EACH[path](*job)
    expected = job[0].backprop(job[1])
    if path == "flat interpreter" and math.isnan(value):
        return  # it leaves what overflows to the interpreter
    assert (value, grad) == (expected.value, expected.grad)


def test_the_interpreter_warns_of_a_constant_beyond_the_floats() -> None:
    """In fractions it is exact."""
    graph = gg.parse("x*10**400")
    assert graph.backprop({"x": 3}).warnings == ("overflow: 10**400 is beyond float64, taken as infinity",)
    assert graph.backprop({"x": 3}, exact=True).grad == {"x": 10**400}
    assert str(graph.gradient("x")) == "10**400"


JUMPS = (
    "where(0.1 + 0.2 == 0.3, x, 2*x)",
    "where(0.1 + 0.2 - 0.3, x, 2*x)",
    "floor(0.29*100)*x",
    "ceil(1.1*1.1*100)*x",
    "sign(0.3 - 0.1*3)*x",
    "where(sqrt(26)**2 > 26, x, 2*x)",
    "step(0.1*3 - 0.3)*x + where(floor(4.35*100) == 434, x**2, x)",
)


@pytest.mark.parametrize("text", JUMPS)
def test_a_jump_at_a_constant_is_decided_by_floats(text: str) -> None:
    """The compiled function takes the interpreter's branch, which in fractions may be another."""
    graph = gg.parse(text)
    result = graph.backprop({"x": 3})
    assert graph.compile()(3.0) == (result.value, result.grad)
    value, grad = graph.compile()(np.array([3.0]))
    assert (value[0], grad["x"][0]) == (result.value, result.grad["x"])


@pytest.mark.parametrize(
    ("text", "x"),
    [("0*log(x)", -1.0), ("0*exp(x)", 1000.0), ("0/log(x)", 1.0), ("log(x)**0", -1.0), ("1**sqrt(x)", -1.0)],
)
def test_a_product_with_zero_is_refused_where_its_factor_is(text: str, x: float) -> None:
    """It is not folded to 0 before anything runs."""
    graph = gg.parse(text)
    for run in (lambda: graph.backprop({"x": x}), lambda: graph.compile()(x)):
        with pytest.raises(gg.DomainError):
            run()


def test_a_derivative_graph_folds_products_with_zero() -> None:
    """It may exist where its function does not."""
    assert str(gg.parse("0*log(x)").gradient("x")) == "0"


def test_operations_on_constants_are_done_once() -> None:
    """Constants within the floats are folded."""
    assert [step.op.name for step in differentiated(gg.parse("x*(2**600/3 + 1)").data, ["x"]).steps] == ["mul"]


def test_an_operation_on_arrays_of_constants_is_compiled() -> None:
    """It has no inputs, and no fast path."""
    assert gg.parse("2*sum(3)").compile()() == (6.0, {})
