"""Compiled functions: the interpreter's numbers and errors, at the speed of generated code."""

from __future__ import annotations

import builtins
import inspect
import math
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table import TABLE, called, differentiable
from table import points as domain_points
from test_corpus import FORMULAS, each, floats, is_near
from test_properties import expressions

import graphgrad as gg
from graphgrad.compile import LARGEST, Point, Signature
from graphgrad.compile.languages.language import function
from graphgrad.ops import NUMERIC
from graphgrad.tape import differentiated

BOOK = "(apple*n + orange*m)*tax"


@each(FORMULAS)
def test_published_formulas_have_their_numbers(line: dict[str, Any]) -> None:
    """Value and gradient are within the line's own bound, at each of its points."""
    f = gg.parse(line["expr"]).compile()
    for point in line["points"]:
        near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
        value, grad = f(**floats(point["at"]))
        assert near(value, point["value"])
        assert [name for name, d in point["grad"].items() if not near(grad[name], d)] == []


@TABLE
def test_every_operation_is_compiled(op: Any) -> None:
    """Each row of the table has the interpreter's value and derivatives."""
    graph = gg.parse(called(op))
    wrt = differentiable(op)
    f = graph.compile(wrt)
    for at in domain_points(op) if op.arity else [{}]:
        result = graph.backprop(at, wrt)
        value, grad = f(**at)
        assert value == pytest.approx(result.value, rel=1e-13, abs=1e-14)
        assert grad == pytest.approx(result.grad, rel=1e-12, abs=1e-14)
        assert all(type(number) is float for number in (value, *grad.values()))


AWKWARD = [
    0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 1e-320, 1e308, -1e308, 710.0, -746.0, math.pi, math.inf, math.nan,
]  # fmt: skip


@TABLE
def test_errors_and_extremes_are_the_interpreters(op: Any) -> None:
    """Where a value or a derivative is missing, infinite or at a kink, both answer alike."""
    text = f"({called(op)})*1"
    graph = gg.parse(text)
    f = graph.compile(differentiable(op))
    for i, x in enumerate(AWKWARD):
        at = {name: AWKWARD[(i + k * 5) % len(AWKWARD)] if k else x for k, name in enumerate(graph.inputs)}
        assert same(answer(partial(f, **at)), answer(lambda: numbers(graph, at, differentiable(op))))  # noqa: B023  it is called in the same round of the loop


def numbers(graph: gg.Graph, at: dict[str, float], wrt: list[str]) -> tuple[float, dict[str, float]]:
    """Return what the interpreter computes."""
    result = graph.backprop(at, wrt)
    return result.value, result.grad


def answer(call: Any) -> Any:
    """Return a call's result, or its error's text."""
    try:
        return call()
    except gg.GraphgradError as error:
        return f"{type(error).__name__}: {error}"


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two answers are alike, up to rounding."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return bool(ours == theirs)
    return bool(
        ours[0] == pytest.approx(theirs[0], rel=1e-12, abs=1e-300)
        and ours[1] == pytest.approx(theirs[1], rel=1e-12, abs=1e-300)
    )


@given(expressions(), st.dictionaries(st.sampled_from(["x", "y", "りんご"]), st.floats(-4, 4), min_size=3))
def test_compiled_is_interpreted(text: str, at: dict[str, float]) -> None:
    """On any expression both give the same numbers, or the same error."""
    graph = gg.parse(text)
    here = {name: at[name] for name in graph.inputs}
    ours, theirs = answer(partial(graph.compile(), **here)), answer(lambda: numbers(graph, here, [*graph.inputs]))
    if isinstance(theirs, str):
        assert ours == theirs
    else:
        assert ours[0] == pytest.approx(theirs[0], rel=1e-9, abs=1e-9)
        assert ours[1] == pytest.approx(theirs[1], rel=1e-9, abs=1e-9)


def test_it_is_called_by_position_or_by_name() -> None:
    """The inputs' order is that of `g.inputs`, and only what was asked for is differentiated."""
    f = gg.parse(BOOK).compile(["apple", "tax"])
    assert f(100, 2, 150, 3, 1.1) == f(tax=1.1, m=3, orange=150, n=2, apple=100)
    assert list(f(100, 2, 150, 3, 1.1)[1]) == ["apple", "tax"]
    assert (f.inputs, f.wrt) == (("apple", "n", "orange", "m", "tax"), ("apple", "tax"))


def test_defaults_may_be_left_out() -> None:
    """An input that the text gives a value needs none, wherever it stands."""
    f = gg.parse("x = 3; x*y").compile()
    assert f(y=2) == (6.0, {"x": 2.0, "y": 3.0})
    assert f(4, 2) == (8.0, {"x": 2.0, "y": 4.0})


def test_a_missing_input_is_named() -> None:
    """A call without a value for an input says which."""
    with pytest.raises(gg.UnknownNameError, match="no value for 'n'"):
        gg.parse(BOOK).compile()(apple=100, orange=150, m=3, tax=1.1)


@pytest.mark.parametrize("number", [2, True, np.float64(2), np.float32(2), np.int8(2), Fraction(2), Decimal(2)])
def test_any_number_becomes_a_float(number: Any) -> None:
    """Integers, fractions and NumPy's scalars are taken as floats, and floats come out."""
    value, grad = gg.parse("x*x").compile()(number)
    assert value == float(number) ** 2
    assert type(value) is type(grad["x"]) is float


def test_huge_integers_are_rounded_once() -> None:
    """Integers are floats from the start, as in the interpreter."""
    graph = gg.parse("x*x - y")
    at = {"x": 10**17 + 1, "y": 10**34}
    assert graph.compile()(**at)[0] == graph.backprop(at).value


def test_errors_name_the_node() -> None:
    """Outside the domain the error is the interpreter's, with the node and its operands."""
    with pytest.raises(gg.DomainError, match=r"(?s)log\(-1\) is not defined.*here x - 3 = -1"):
        gg.parse("y*log(x - 3)").compile()(y=1, x=2)
    with pytest.raises(gg.DomainError, match="the derivative of sqrt"):
        gg.parse("sqrt(x)").compile()(0.0)


def test_a_nan_is_not_hidden_by_a_comparison() -> None:
    """Infinity minus infinity is an error, even where only a comparison sees it."""
    with pytest.raises(gg.DomainError, match="indeterminate"):
        gg.parse("where(x*10 - x*10 > 0, 1, 2)").compile()(1e308)
    with pytest.raises(gg.DomainError, match="indeterminate"):
        gg.parse("(x*10 - x*10)**y").compile()(1e308, 0.0)


def test_overflow_is_infinity() -> None:
    """What is beyond float64 is infinity, as in the interpreter."""
    assert gg.parse("exp(x)").compile([])(1000.0) == (math.inf, {})
    assert gg.parse("1/(1 + exp(x))").compile([])(1000.0) == (0.0, {})


def test_what_shows_in_another_result_is_looked_at_once() -> None:
    """A product that is infinite makes all infinite that are made of it: each is noticed, and so is a nan."""
    graph = gg.parse("x*y*z")
    source = function(differentiated(graph.data, graph.inputs), Point(), Signature("f", "", graph.inputs))
    [line] = [line for line in source.splitlines() if "total = " in line]
    assert line.count("+") == 2  # the value, y*z and x*z: x*y is a factor of the value
    f = graph.compile()
    for at in [(1e200, 1e200, 0.0), (1e200, 0.0, 1e200), (0.0, 1e200, 1e200), (1e200, 1e200, 1e-300)]:
        named = dict(zip("xyz", at, strict=True))
        assert answer(partial(f, *at)) == answer(lambda: numbers(graph, named, ["x", "y", "z"]))  # noqa: B023  it is called in the same round of the loop


def test_the_branch_not_taken_is_not_computed() -> None:
    """Neither its value nor its derivatives may stop the function."""
    f = gg.parse("where(x > 0, log(x)*sqrt(x), x)").compile()
    assert f(-2.0) == (-2.0, {"x": 1.0})
    assert f(4.0)[0] == math.log(4) * 2


@pytest.mark.parametrize("name", ["lambda", "out", "value", "total", "_fallback", "type", "float", "exp", "d0_", "v1"])
def test_any_name_can_be_an_input(name: str) -> None:
    """Keywords, Python's functions, and names that the generated code uses itself."""
    f = gg.parse(f"exp({name})*exp({name})*y").compile()
    assert f(**{name: 0.5, "y": 2.0}) == f(0.5, 2.0)
    assert f(0.5, 2.0)[1].keys() == {*f.inputs}
    with pytest.raises((TypeError, gg.UnknownNameError), match="nosuch"):
        f(nosuch=1)


def test_a_name_that_is_no_identifier_can_be_an_input() -> None:
    """A literal's name goes into the result as it is."""
    f = gg.parse("3*4", name_literals=["a b"]).compile()
    assert f(5.0) == (20.0, {"a b": 4.0})


def test_constant_expressions_compile() -> None:
    """Without inputs there is still a value."""
    assert gg.parse("2*pi").compile()() == (2 * math.pi, {})


def test_a_derivative_that_is_not_known_is_refused() -> None:
    """What cannot be differentiated is refused at once."""
    with pytest.raises(gg.DomainError, match="polygamma"):
        gg.parse("polygamma(n, x)").compile()
    with pytest.raises(gg.UnknownNameError, match="'w' is not an input"):
        gg.parse("x").compile(["w"])


def test_large_graphs_are_interpreted() -> None:
    """Beyond the size of one Python function there are the same numbers."""
    f = gg.parse("+".join(f"{i}*x" for i in range(LARGEST))).compile()
    assert f(x=2.0)[1]["x"] == sum(range(LARGEST))


def test_many_threads_may_call_it() -> None:
    """Each call has its own intermediate results."""
    f = gg.parse("x*sin(x*y) + exp(y)").compile()
    points = [(i / 7, i / 13) for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda p: f(*p), points * 5)) == [f(*p) for p in points] * 5


def test_operations_are_bound_once() -> None:
    """The code looks nothing up in a module: every name that it calls stands in its own scope."""
    f: Any = gg.parse(
        "*".join(f"{op.name}(x)" for op in NUMERIC.values() if op.arity == 1 and not op.symbols)
    ).compile()
    assert "math" not in f.__code__.co_names
    assert {"exp", "sin"} <= set(f.__code__.co_names) <= set(f.__globals__) | set(dir(builtins))


def test_the_signature_shows_the_inputs() -> None:
    """For help and editors; how a frame is told from the first input is not shown."""
    f = gg.parse("x*y").compile()
    assert str(inspect.signature(f)) == "(x=None, y=None, out=<class 'float'>, names=None)"


@pytest.mark.parametrize("text", ["x*y", "x + sin(y)"])
def test_an_input_is_given_once(text: str) -> None:
    """By position or by name, as Python has it."""
    f: Any = gg.parse(text).compile()
    assert f(3.0, 5.0) == f(3.0, y=5.0) == f(x=3.0, y=5.0) == f(y=5, x=3)
    for values, named in (((3.0, 5.0), {"x": 3.0}), ((3.0, 5.0), {"y": 3.0}), ((np.ones(2),), {"x": 1.0, "y": 1.0})):
        with pytest.raises(TypeError, match="multiple values"):
            f(*values, **named)
