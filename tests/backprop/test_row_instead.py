"""An expression that spells an operation out and fails: the message names the operation that has a value there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from table import TABLE

import graphgrad as gg
from graphgrad.namespaces import Fault, Floats

if TYPE_CHECKING:
    from graphgrad.ops import Op


def told(text: str, at: dict[str, Any]) -> str:
    """Return all that is said about a point: the error with its hint, or the warnings."""
    try:
        return "; ".join(gg.parse(text).backprop(at, seed=1).warnings)
    except gg.DomainError as error:
        return str(error)


@pytest.mark.parametrize(
    ("text", "at", "advice"),
    [
        ("1/(1+exp(-x))", {"x": -1000}, "write sigmoid(x)"),
        ("exp(x)/(exp(x)+1)", {"x": 1000}, "write sigmoid(x)"),
        ("3*(1/(1+exp(-(x*y))))", {"x": -1000, "y": 2}, "write sigmoid(x*y)"),
        ("log(1+exp(x))", {"x": 1000}, "write softplus(x)"),
        ("log(exp(2*x)+1)**2", {"x": 1000}, "write softplus(2*x)"),
        ("log(exp(x)+exp(y))", {"x": 1000, "y": 990}, "write logaddexp(x, y)"),
        ("log(exp(x)+exp(y))", {"x": -1000, "y": -990}, "write logaddexp(x, y)"),
        ("(exp(x)-exp(-x))/(exp(x)+exp(-x))", {"x": -1000}, "write tanh(x)"),
        ("2/(1+exp(-2*x))-1", {"x": -1000}, "write tanh(x)"),
        ("sqrt(x**2+y**2)", {"x": 1e200, "y": 3e200}, "write hypot(x, y)"),
        ("log(x+sqrt(x**2+1))", {"x": 1e200}, "write asinh(x)"),
        ("exp(x)/sum(exp(x))", {"x": [1000.0, 0.0]}, "write softmax(x)"),
        ("log(sum(exp(x)))", {"x": [1000.0, 0.0]}, "write logsumexp(x)"),
        ("sqrt(sum(x**2))", {"x": [1e200, 3e200]}, "write norm(x)"),
        ("sum(1/(1+exp(-x)))", {"x": [-1000.0, 3.0]}, "write sigmoid(x)"),
    ],
)
def test_the_message_names_the_operation(text: str, at: dict[str, Any], advice: str) -> None:
    """It is found by its values, however the expression is written."""
    assert advice in told(text, at)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1/x", {"x": 0}),
        ("log(x)", {"x": -1}),
        ("exp(x)", {"x": 800}),
        ("exp(x)/(2+exp(x))", {"x": 1000}),
        ("log(2+exp(x))", {"x": 1000}),
        ("x*exp(y)*z", {"x": 1, "y": 1000, "z": 1}),
        ("acos(x)", {"x": 2}),
    ],
)
def test_no_advice_where_there_is_no_such_operation(text: str, at: dict[str, Any]) -> None:
    """Neither where the operation itself has no value, nor for what only resembles one."""
    assert "write" not in told(text, at)


def test_what_is_advised_has_a_value() -> None:
    """The advice, followed, gives value and gradient."""
    result = gg.parse("logaddexp(x, y)").backprop({"x": 1000, "y": 990})
    assert result.value == 1000 + math.log1p(math.exp(-10))
    assert result.grad["x"] == pytest.approx(1 / (1 + math.exp(-10)), rel=1e-15)
    assert gg.parse("sigmoid(x)").backprop({"x": -1000}).grad == {"x": 0.0}


def test_opposite_infinities_are_told() -> None:
    """A gradient that is the sum of both infinities is an error, not nan."""
    with pytest.raises(gg.DomainError, match="opposite sign"):
        gg.parse("mean((x - mean(x))**2)").backprop({"x": [1e308, 1e308]})


@TABLE
@pytest.mark.parametrize("x", [20.0, -20.0, 800.0, -800.0, 1e5, -1e5])
def test_derivatives_of_derivatives_saturate(op: Op, x: float) -> None:
    """Where value and gradient exist far out, so do the second and third derivatives, which are graphs of the rules."""
    if op.arity != 1 or isinstance(Floats().value(op, [x]), Fault):
        pytest.skip("not a function of one number there")
    graph = gg.parse(f"{op.name}(x)")
    beyond = math.isinf(float(Floats().value(op, [x])))
    for _ in range(3):
        graph = graph.gradient("x")
        at = dict.fromkeys(graph.inputs, x)
        if not beyond:
            assert math.isfinite(graph.backprop(at, []).value)
