"""Laws that hold for every expression, on expressions that Hypothesis makes up."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import networkx as nx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.namespaces import Fault, Mpmath
from graphgrad.ops import NUMERIC, OPS
from graphgrad.tape import forward, lower

NAMES = ("x", "y", "りんご")
SMOOTH = ("sin", "cos", "tanh", "exp", "atan", "sigmoid", "softplus", "asinh", "erf")
points = st.fixed_dictionaries({name: st.integers(-40, 40).map(lambda n: n / 16) for name in NAMES})


def expressions(*, calls: bool = True) -> st.SearchStrategy[str]:
    """Return expressions of the inputs, small constants, arithmetic and smooth functions."""
    leaves = st.sampled_from(NAMES) | st.sampled_from(["2", "0.5", "1e-1", "3%", "7"])
    grow = lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", " - ", "×"]), inner).map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("({})**2".format),
        inner.map("({})**3".format),
        *([st.tuples(st.sampled_from(SMOOTH), inner).map(lambda p: f"{p[0]}({p[1]})")] if calls else []),
    )
    return st.recursive(leaves, grow, max_leaves=12)


def gradient_or_reject(text: str, at: dict[str, float]) -> gg.Backprop:
    """Return both passes where they exist and stay moderate."""
    graph = gg.parse(text)
    try:
        result = graph.backprop({name: at[name] for name in graph.inputs})
    except gg.DomainError:
        assume(False)
        raise
    assume(not result.warnings)
    assume(all(abs(v) < 1e6 for v in [result.value, *result.grad.values()]))
    return result


@given(expressions(), points)
def test_the_gradient_is_that_of_fifty_digit_differences(text: str, at: dict[str, float]) -> None:
    """Backprop agrees with central differences of the same expression in high precision."""
    result = gradient_or_reject(text, at)
    for name, partial in result.grad.items():
        assert partial == pytest.approx(difference(result, name), rel=1e-7, abs=1e-7)


def difference(result: gg.Backprop, name: str) -> float:
    """Return a central difference in 60 digits."""
    m, h, values = Mpmath(), Fraction(1, 10**18), []
    for step in (-h, h):
        at = {k: m.const(Fraction(x) + step * (k == name)) for k, x in result.at.items()}
        values.append(forward(result.passes.tape, m, at)[result.passes.graph.output])
    with mpmath.workdps(60):
        return float((values[1] - values[0]) / m.const(2 * h))


@settings(max_examples=25, deadline=None)
@given(expressions(), points)
def test_the_check_raises_no_false_alarm(text: str, at: dict[str, float]) -> None:
    """Every gradient of a right graph passes the check against sympy."""
    report = gradient_or_reject(text, at).check()
    assert not report.failures, str(report)


@given(expressions(), points)
def test_the_value_is_pythons_own(text: str, at: dict[str, float]) -> None:
    """Arithmetic means what it means in Python."""
    assume(not any(name + "(" in text for name in SMOOTH if not hasattr(math, name)))
    result = gradient_or_reject(text, at)
    python = text.replace("×", "*").replace("3%", "0.03")
    names = {name: getattr(math, name) for name in SMOOTH if hasattr(math, name)}
    ours = eval(python, names | at)
    assert result.value == pytest.approx(ours, rel=1e-13, abs=1e-13)


@given(expressions())
def test_text_to_graph_to_text_to_graph(text: str) -> None:
    """A graph's own text parses to the same graph."""
    graph = gg.parse(text)
    again = gg.parse(str(graph))
    assert again.inputs == graph.inputs
    assert shape(again) == shape(graph)
    assert str(again) == str(graph)


def shape(graph: gg.Graph) -> list[object]:
    """Return a graph's nodes and edges, without where they stood in the text."""
    nodes = [
        (kind, graph.dag.nodes[n]["op"], graph.dag.nodes[n].get("number")) for n, kind in graph.dag.nodes(data="kind")
    ]
    return [nodes, sorted(graph.dag.edges(keys=True))]


@given(expressions(), expressions(), points)
def test_the_gradient_is_linear(f: str, g: str, at: dict[str, float]) -> None:
    """The gradient of 2f + 3g is twice that of f plus three times that of g."""
    both = gradient_or_reject(f"2*({f}) + 3*({g})", at).grad
    left, right = gradient_or_reject(f, at).grad, gradient_or_reject(g, at).grad
    for name, partial in both.items():
        assert partial == pytest.approx(2 * left.get(name, 0) + 3 * right.get(name, 0), rel=1e-9, abs=1e-9)


@given(expressions(), expressions(), points)
def test_the_chain_rule(f: str, g: str, at: dict[str, float]) -> None:
    """Naming an intermediate and differentiating by it, times its own gradient, gives the gradient of the whole."""
    inner = gradient_or_reject(g, at)
    whole = gradient_or_reject(f"mid = 1*({g}); k = ({f})*mid; k", at)
    outer = gradient_or_reject(f"({f})*mid", at | {"mid": inner.value})
    for name, partial in whole.grad.items():
        expected = outer.grad.get(name, 0) + outer.grad["mid"] * inner.grad.get(name, 0)
        assert partial == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(expressions(calls=False), points)
def test_exact_numbers_round_to_the_floats(text: str, at: dict[str, float]) -> None:
    """Fractions and floats are two readings of one tape."""
    graph = gg.parse(text)
    here = {name: at[name] for name in graph.inputs}
    floats, exact = graph.backprop(here), graph.backprop(here, exact=True)
    assume(abs(exact.value) < 10**9)
    assert floats.value == pytest.approx(float(exact.value), rel=1e-9, abs=1e-9)
    for name, partial in exact.grad.items():
        assert isinstance(partial, Fraction)
        assert floats.grad[name] == pytest.approx(float(partial), rel=1e-9, abs=1e-6)


@settings(deadline=None)
@given(expressions(), points)
def test_the_derivative_graph_has_the_gradients_value(text: str, at: dict[str, float]) -> None:
    """The backward sweep read on the tape is the derivative: same numbers, and again an acyclic graph."""
    result = gradient_or_reject(text, at)
    graph = gg.parse(text)
    for name in graph.inputs:
        derived = graph.gradient(name)
        assert nx.is_directed_acyclic_graph(derived.dag)
        value = derived.backprop(result.at, []).value
        assert value == pytest.approx(result.grad[name], rel=1e-9, abs=1e-9)


@given(st.text(max_size=40))
def test_no_text_crashes_the_parser(text: str) -> None:
    """Whatever is typed is a graph or an ExpressionError with a span inside the text."""
    error = refusal(text)
    assert error is None or 0 <= error.span[0] <= len(text)
    assert error is None or str(error)


def refusal(text: str) -> gg.ExpressionError | None:
    """Return the error that a text meets, if any."""
    try:
        gg.parse(text)
    except gg.ExpressionError as error:
        return error
    return None


@given(st.text(alphabet="xy12.e+-*/^%()=,;<>! \nsincoπ", max_size=30), points)
def test_no_expression_crashes_the_passes(text: str, at: dict[str, float]) -> None:
    """What parses, runs or says why not; a gradient is never nan."""
    try:
        graph = gg.parse(text)
        result = graph.backprop({name: at.get(name, 0.5) for name in graph.inputs})
    except gg.ExpressionError:
        return
    value: object = result.value
    assert not isinstance(value, Fault)
    assert not any(math.isnan(x) for x in [result.value, *result.grad.values()])


@pytest.mark.parametrize("name", sorted(name for name, op in NUMERIC.items() if op.arity > 1))
def test_lowering_keeps_the_order_of_operands(name: str) -> None:
    """The tape's operands are in the order of the text."""
    op = OPS[name]
    from graphgrad.printing import Notation, Text

    text = Notation().value(op, [Text(n) for n in "abc"[: op.arity]]).string
    [step] = lower(gg.parse(text).data).steps
    assert step.operands == tuple(range(op.arity))
