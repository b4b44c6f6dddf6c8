"""Derivatives of any order as graphs: right, small, shared, and true to the conventions at kinks."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.api import Derivatives
from graphgrad.namespaces import Mpmath
from graphgrad.ops import OPS
from graphgrad.tape import DerivativeWriter, forward, lower

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parents[1] / "data" / "open.jsonl"
FORMULAS = [json.loads(line)["expr"] for line in CORPUS.read_text(encoding="utf-8").splitlines()]
GROWTH = 5
"""How many operations of a gradient there may be for each operation of the function."""

IN_TWO = [OPS["pow"], OPS["atan2"]]
"""Operations that are several in one, where both of their operands vary."""

STEP = Fraction(1, 10**18)
NAMES = ("x", "y")
SMOOTH = ("sin", "cos", "tanh", "exp", "atan", "sigmoid", "softplus", "asinh", "erf")
points = st.fixed_dictionaries({name: st.integers(-24, 24).map(lambda n: n / 16) for name in NAMES})


def expressions() -> st.SearchStrategy[str]:
    """Return smooth expressions of x and y."""
    leaves = st.sampled_from(NAMES) | st.sampled_from(["2", "0.5", "3"])
    grow = lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*"]), inner).map("".join).map("({})".format),
        inner.map("-{}".format),
        inner.map("({})**2".format),
        inner.map("1/(3 + {}**2)".format),
        st.tuples(st.sampled_from(SMOOTH), inner).map(lambda p: f"{p[0]}({p[1]})"),
    )
    return st.recursive(leaves, grow, max_leaves=8).map("{} + 0*x*y".format).map(lambda text: f"({text})*x + y*0")


def piecewise() -> st.SearchStrategy[str]:
    """Return expressions of x and y with kinks, choices, and branches that are not defined everywhere."""
    leaves = st.sampled_from([*NAMES, "1", "2", "0"])
    forms = ["({} + {})", "({} - {})", "{}*{}", "max({}, {})", "min({}, {})", "abs({})", "relu({})", "(-{})"]
    forms += ["where({0} > {1}, log({0} - {1}), {1})", "where({0}, 1/{0}, {1})", "where({0} >= 0, sqrt({0}), {1})"]
    grow = lambda x: st.builds(str.format, st.sampled_from(forms), x, x)
    return st.recursive(leaves, grow, max_leaves=8)


def derivatives_at(graph: gg.Graph, at: dict[str, float]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Return gradient and Hessian at a point, where they stay moderate."""
    gradient, hessian = graph.gradient().at(at), graph.hessian().at(at)
    assume(all(abs(number) < 1e6 for number in [*gradient.values(), *hessian.values()]))
    return gradient, hessian


@pytest.mark.parametrize(
    ("text", "derivative"),
    [
        ("x**3 + 2*x", "2 + 3*x**2"),
        ("x + x", "2"),
        ("x*x*x", "3*(x*x)"),
        ("a - b*cos(x)", "b*sin(x)"),
        ("5/x", "-(5/x)/x"),
        ("log(x)*a", "a/x"),
        ("-(-x)", "1"),
        ("(x - 2)*(x - -3)", "x - 2 + (x + 3)"),
        ("0*x + y", "0"),
        ("where(x > 0, x**2, 3*x)", "where(x > 0, 2*x, 3)"),
    ],
)
def test_a_derivative_is_simplified(text: str, derivative: str) -> None:
    """0 and 1 are folded, signs and like terms drawn together, a factor 1/x becomes a division."""
    assert str(gg.parse(text).gradient("x")) == derivative


def test_names_of_intermediates_are_kept() -> None:
    """A derivative speaks the program's language."""
    assert str(gg.parse("s = x*y; u = s + t; E = u*v").gradient("v")) == "s = x*y\nu = s + t\nu"


@pytest.mark.parametrize("name", sorted(name for name, op in OPS.items() if op.negated))
def test_the_declared_signs_are_right(name: str) -> None:
    """An operation of an opposite is what its row says it is."""
    op, m = OPS[name], Mpmath()
    operands = [m.const(Fraction(n, 7)) for n in (3, 5)[: op.arity]]
    for position, rule in op.negated.items():
        opposite = [-x if i == position else x for i, x in enumerate(operands)]
        assert rule(m, *operands) == m.value(op, opposite)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_gradient_swells(text: str) -> None:
    """A derivative has at most five operations for each one of its function, over all published formulas.

    So have all of them together, where x**y and atan2(y, x) are taken for the three operations of exp(y*log(x)).
    """
    graph = gg.parse(text)
    steps, constants = lower(graph.data).steps, graph.data.constants
    alone = {name: graph.gradient([name]).size for name in graph.inputs}
    assert [name for name, size in alone.items() if size > GROWTH * len(steps)] == []
    in_two = [s for s in steps if len({*s.operands} - {*constants}) > 1 and s.op in IN_TWO]
    assert graph.gradient().size <= GROWTH * (len(steps) + 2 * len(in_two))


def test_the_hessian_shares_what_it_has_in_common() -> None:
    """All second derivatives together stay within a small multiple of the function, however deep it is shared."""
    steps = [f"s{i + 1} = sin(s{i})*s{i}" for i in range(30)]
    graph = gg.parse("\n".join(["s0 = x*y", *steps]))
    assert graph.gradient().size < 5 * 61
    assert graph.hessian().size < 40 * 61
    assert graph.hvp().size < 20 * 61


def test_depth_is_no_limit() -> None:
    """A chain of 20,000 operations is differentiated without recursion."""
    graph = gg.parse("\n".join(["s0 = x*1.5", *(f"s{i + 1} = s{i}*y" for i in range(20_000))]))
    assert graph.gradient().at({"x": 1, "y": 1}) == {"x": 1.5, "y": 30_000}


@settings(max_examples=60, deadline=None)
@given(expressions(), points)
def test_the_gradient_is_that_of_the_backward_pass(text: str, at: dict[str, float]) -> None:
    """Both read the same rules."""
    graph = gg.parse(text)
    gradient, _ = derivatives_at(graph, at)
    assert gradient == pytest.approx(graph.backprop(at).grad, rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(expressions(), points)
def test_the_hessian_is_symmetric(text: str, at: dict[str, float]) -> None:
    """In whichever order it is differentiated, the mixed derivative is the Hessian's."""
    graph = gg.parse(text)
    _, hessian = derivatives_at(graph, at)
    for first, second in hessian:
        twice = graph.gradient(first).gradient(second).backprop(at, []).value
        assert twice == pytest.approx(hessian[first, second], rel=1e-8, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(expressions(), points)
def test_the_hessian_is_that_of_fifty_digit_differences(text: str, at: dict[str, float]) -> None:
    """A central difference of the first derivative, in sixty digits, gives the second one."""
    graph = gg.parse(text)
    _, hessian = derivatives_at(graph, at)
    for first, second in hessian:
        with mpmath.workdps(60):
            above, below = (exactly(graph.gradient(first), at, second, h) for h in (STEP, -STEP))
            difference = float((above - below) / mpmath.mpf(2) * STEP.denominator)
        assert hessian[first, second] == pytest.approx(difference, rel=1e-7, abs=1e-7)


def exactly(graph: gg.Graph, at: dict[str, float], moved: str, step: Fraction) -> mpmath.mpf:
    """Return a graph's value in sixty digits, one input moved by a step."""
    m = Mpmath()
    inputs = {name: m.const(Fraction(x) + step * (name == moved)) for name, x in at.items()}
    return mpmath.mpf(forward(lower(graph.data), m, inputs)[graph.data.output])


@settings(max_examples=60, deadline=None)
@given(expressions(), points, points)
def test_jvp_and_hvp_are_the_products(text: str, at: dict[str, float], v: dict[str, float]) -> None:
    """The derivative along v is the gradient times v, and its gradient the Hessian times v: as inputs, as numbers."""
    graph = gg.parse(text)
    gradient, hessian = derivatives_at(graph, at)
    direction = {f"d{name}": v[name] for name in NAMES}
    along = sum(gradient[name] * v[name] for name in NAMES)
    product = {row: sum(hessian[row, name] * v[name] for name in NAMES) for row in NAMES}
    assert graph.jvp().backprop(at | direction, []).value == pytest.approx(along, rel=1e-8, abs=1e-8)
    assert graph.jvp(v).backprop(at, []).value == pytest.approx(along, rel=1e-8, abs=1e-8)
    assert graph.hvp().at(at | direction) == pytest.approx(product, rel=1e-8, abs=1e-8)
    assert graph.hvp(v).at(at) == pytest.approx(product, rel=1e-8, abs=1e-8)


@settings(max_examples=60, deadline=None)
@given(expressions(), points, points)
def test_taylor(text: str, at: dict[str, float], v: dict[str, float]) -> None:
    """Value, gradient and Hessian predict a small step up to its cube."""
    graph, h = gg.parse(text), 1e-3
    gradient, hessian = derivatives_at(graph, at)
    step = {name: h * v[name] for name in NAMES}
    predicted = graph.backprop(at).value + sum(gradient[name] * step[name] for name in NAMES)
    predicted += sum(hessian[a, b] * step[a] * step[b] for a in NAMES for b in NAMES) / 2
    there = graph.backprop({name: at[name] + step[name] for name in NAMES}).value
    scale = 1 + max(map(abs, [*gradient.values(), *hessian.values()]))
    assert there == pytest.approx(predicted, abs=1e-5 * scale**3)


def test_any_order() -> None:
    """A derivative is differentiated as often as asked: all six of x**3*y**2, and then nothing is left."""
    graph = gg.parse("x**3*y**2")
    for name in "xyxyx":
        graph = graph.gradient(name)
    assert str(graph) == "12"
    assert str(graph.gradient("x")) == "0"


def test_exact_derivatives() -> None:
    """On fractions the derivative graphs are exact, too."""
    hessian = gg.parse("x/y").hessian().at({"x": 1, "y": 3}, exact=True)
    assert hessian == {
        ("x", "x"): 0,
        ("x", "y"): Fraction(-1, 9),
        ("y", "x"): Fraction(-1, 9),
        ("y", "y"): Fraction(2, 27),
    }


@pytest.mark.parametrize(
    ("text", "at", "gradient"),
    [
        ("where(x > 0, log(x), 0)*y", {"x": 0, "y": 2}, {"x": 0, "y": 0}),
        ("where(x > 0, sqrt(x), 0)*y", {"x": -1, "y": 2}, {"x": 0, "y": 0}),
        ("t = log(x); where(x > 0, t, 0) + where(x > 1, t*t, y)", {"x": 0, "y": 2}, {"x": 0, "y": 1}),
        ("where(x, 1/x, where(x, 1/x, y))", {"x": 0, "y": 2}, {"x": 0, "y": 1}),
        ("relu(-(where(x >= 0, sqrt(x), y*x) - 1))", {"x": 4, "y": 1}, {"x": 0, "y": 0}),
        ("max(x, y)*x", {"x": 2, "y": 2}, {"x": 3, "y": 1}),
        ("abs(x)*y", {"x": 0, "y": 2}, {"x": 0, "y": 0}),
        ("relu(x)*y + floor(x)", {"x": 0, "y": 2}, {"x": 0, "y": 0}),
        ("x**y", {"x": 0, "y": 2}, {"x": 0, "y": 0}),
        ("x**y", {"x": 0, "y": 1}, {"x": 1, "y": 0}),
        ("(x - y)**2", {"x": -1, "y": 3}, {"x": -8, "y": 8}),
    ],
)
def test_a_derivative_graph_keeps_the_conventions(text: str, at: dict[str, float], gradient: dict[str, float]) -> None:
    """At kinks it is the backward pass's number; a branch not taken contributes nothing, be it undefined there."""
    graph = gg.parse(text)
    assert graph.gradient().at(at) == graph.backprop(at).grad == gradient
    assert {name: graph.gradient(name).backprop(at, []).value for name in gradient} == gradient


@settings(max_examples=150, deadline=None)
@given(piecewise(), st.fixed_dictionaries({name: st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0]) for name in NAMES}))
def test_a_derivative_graph_is_the_backward_pass_at_kinks(text: str, at: dict[str, float]) -> None:
    """However choices are nested and shared, both give the same numbers, also at ties and outside domains."""
    graph = gg.parse(f"{text} + 0*x*y")
    try:
        gradient, backprop = graph.gradient().at(at), graph.backprop(at).grad
    except gg.DomainError:
        assume(False)
        raise
    assert gradient == pytest.approx(backprop, rel=1e-9, abs=1e-9)


def test_second_derivatives_of_a_branch_not_taken() -> None:
    """Nor does it contribute to higher derivatives."""
    graph = gg.parse("where(x > 0, log(x), x**2)*y")
    assert graph.hessian().at({"x": -1, "y": 3}) == {("x", "x"): 6, ("x", "y"): -2, ("y", "x"): -2, ("y", "y"): 0}
    assert graph.hvp({"x": 1}).at({"x": -1, "y": 3}) == {"x": 6, "y": -2}


def test_the_jacobian_of_a_program() -> None:
    """Named intermediates are the rows; without any, the output is the one row."""
    graph = gg.parse("s = x*y; t = x - y; E = s/t")
    jacobian = graph.jacobian(["s", "t"])
    assert jacobian.at({"x": 3, "y": 5}) == {("s", "x"): 5, ("s", "y"): 3, ("t", "x"): 1, ("t", "y"): -1}
    assert list(graph.jacobian(wrt=["y"])) == [("E", "y")]
    assert list(gg.parse("x*y").jacobian()) == [("output", "x"), ("output", "y")]


def test_tangents_are_named_beside_what_is_there() -> None:
    """A new input never takes a name that the program has."""
    along = gg.parse("x*dx").jvp()
    assert along.inputs == ("x", "dx", "dx_", "ddx")
    assert gg.parse("x*y").jvp({"x": "v"}).inputs == ("x", "y", "v")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: g.gradient("z"), "'z' is not an input"),
        (lambda g: g.hessian(["x", "z"]), "'z' is not an input"),
        (lambda g: g.jacobian(["z"]), "'z' is not a name"),
        (lambda g: g.jvp({"z": 1}), "'z' is not an input"),
        (lambda g: g.jvp({"x": "y"}), "not a new name"),
        (lambda g: g.jvp({"x": "2\na"}), "not a new name"),
        (lambda g: g.gradient().at({"x": 1}), "no value for 'y'"),
        (lambda g: g.gradient().at({"x": 1, "y": -1}), "log"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[gg.Graph], object], message: str) -> None:
    """Names that are not there, names that are, missing values, and values where there is no derivative."""
    with pytest.raises(gg.GraphgradError, match=message):
        call(gg.parse("s = x*log(y); s*log(y)"))


def test_an_entry_is_a_graph_like_any() -> None:
    """It is drawn, checked, compiled, explained and written as LaTeX; it keeps inputs and defaults."""
    entry = gg.parse("x = 2; sin(x*y)").hessian()["x", "y"]
    result = entry.backprop({"y": 0.25})
    assert entry.inputs == ("x", "y")
    assert result.check()
    assert entry.compile()(2.0, 0.25)[0] == result.value
    assert "digraph" in str(result.draw())
    assert gg.parse(str(entry)).backprop({"y": 0.25}).value == result.value


def test_a_hessian_by_arrays_is_refused() -> None:
    """Its entries would be a sum of what is asked for; the product with a vector is what it should be."""
    graph, x = gg.parse("sum(x*x*x)"), [1.0, 2.0]
    with pytest.raises(gg.GraphgradError, match="'x' is an array"):
        graph.hessian().at({"x": x})
    assert list(graph.hvp().at({"x": x, "dx": [1.0, 0.0]})["x"]) == [6.0, 0.0]


def test_derivatives_are_a_mapping() -> None:
    """Entries are made when they are asked for, once, and a key that is not there is an error."""
    found = gg.parse("x*y").gradient()
    assert isinstance(found, Derivatives)
    assert list(found) == ["x", "y"]
    assert found["x"] is found["x"]
    assert "z" not in found
    assert repr(found) == "<2 derivatives, 0 operations>"


def test_derivatives_are_typeset_together() -> None:
    """Intermediates first, then each derivative with its name."""
    tex = gg.parse("s = x_1*y; s*s").hessian(["x_1", "y"]).to_latex()
    assert r"s &= x_{1} \cdot y" in tex
    assert r"\frac{\partial^{2}}{\partial x_{1} \, \partial y} &= " in tex


def test_signs_are_drawn_together() -> None:
    """Two signs cancel within products and sums, and no order of a sum is written twice."""
    m = DerivativeWriter()
    x: Any = m.input("x")
    y: Any = m.input("y")
    assert [step.op.name for step in m.tape([(-x) * (-y) - (y * x)]).steps] == ["mul", "sub"]
    assert [step.op.name for step in m.tape([x - -y, -x + y]).steps] == ["add", "sub"]


@pytest.mark.parametrize(
    ("text", "name", "rule", "tex"),
    [
        ("x**y", "x", "∂/∂x = y*x**(y - 1)", r"y \cdot x^{y - 1}"),
        ("x/y", "y", "∂/∂y = -x/y**2", r"\frac{-x}{y^{2}}"),
        ("tanh(x)", "x", "∂/∂x = 1 - tanh(x)**2", r"1 - \tanh\left(x\right)^{2}"),
        ("sqrt(x)", "x", "∂/∂x = 1/(2*sqrt(x))", r"\frac{1}{2 \cdot \sqrt{x}}"),
        ("asin(x)", "x", "∂/∂x = 1/sqrt(1 - x**2)", r"\frac{1}{\sqrt{1 - x^{2}}}"),
    ],
)
def test_a_derivative_is_read_by_the_rules_of_a_textbook(text: str, name: str, rule: str, tex: str) -> None:
    """People read the plain rule, whatever rule computes, and so they do of higher derivatives."""
    graph = gg.parse(text)
    assert str(graph.gradient([name])) == rule
    derivative = graph.gradient(name)
    assert derivative.to_latex() == tex
    assert "where" not in str(derivative.gradient([name]))


def test_it_is_so_after_pickling() -> None:
    """A derivative that was pickled is read by the same rules."""
    derivative = pickle.loads(pickle.dumps(gg.parse("x/y").gradient("y")))
    assert derivative.to_latex() == r"\frac{-x}{y^{2}}"
