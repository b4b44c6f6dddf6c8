"""Derivatives of and by arrays: whole, as differences and products have them, or refused."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Point = dict[str, Any]

A: Final = [[1.0, 2.0, 0.5], [3.0, -4.0, 1.5]]
X: Final = [0.7, -1.2, 0.4]
PROGRAMS: Final[list[tuple[str, Point]]] = [
    ("x*y", {"x": X, "y": 3.0}),
    ("sin(x)*y + y**2", {"x": [[1.0], [2.0]], "y": [3.0, 4.0, 5.0]}),
    ("where(x > 0, x**2, y)", {"x": X, "y": 2.0}),
    ("x**2", {"x": 3.0}),
    ("A @ x", {"A": A, "x": X}),
    ("A @ x * y", {"A": A, "x": X, "y": 2.0}),
    ("tanh(A @ x + b)", {"A": A, "x": X, "b": 0.3}),
    ("softmax(x)", {"x": X}),
    ("log_softmax(A*y)", {"A": A, "y": 0.5}),
    ("sum(A, axis=0)*y", {"A": A, "y": 1.5}),
    ("max(A, axis=0)*y", {"A": A, "y": 1.5}),
    ("y*norm(A, axis=0)", {"A": A, "y": 1.5}),
    ("mean(A*x, axis=1, keepdims=True)", {"A": A, "x": X}),
    ("A.T @ A", {"A": A}),
    ("reshape(A, shape=(3, 2)) @ y", {"A": A, "y": [1.0, 2.0]}),
    ("concat(x, y)", {"x": X, "y": [1.0, 2.0]}),
    ("stack(x, y, z)", {"x": 1.0, "y": 2.0, "z": 3.0}),
    ("x[1:]*y", {"x": X, "y": [2.0, 3.0]}),
    ("outer(x, y)", {"x": X, "y": [1.0, 2.0]}),
    ("x/norm(x)", {"x": X}),
    ("max(A, axis=1) - logsumexp(A, axis=1)", {"A": A}),
    ("sum(x*y)*x", {"x": X, "y": [1.0, 2.0, 3.0]}),
    ("sum(x**3*y)", {"x": X, "y": 2.0}),
    ("softmax_cross_entropy(A @ x, t)", {"A": A, "x": X, "t": [0.25, 0.75]}),
]
each = pytest.mark.parametrize(("text", "at"), PROGRAMS)

STEP: Final = 1e-6


def difference(text: str, at: Point, name: str) -> Any:
    """Return the Jacobian by one input, by central differences."""
    x = np.asarray(at[name], float)
    columns: list[NDArray[np.float64]] = []
    for place in np.ndindex(x.shape):
        sides = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * STEP
            sides.append(np.asarray(gg.parse(text).backprop(at | {name: moved}, []).value, float))
        columns.append((sides[0] - sides[1]) / (2 * STEP))
    joined = np.stack(columns, axis=-1)
    return joined.reshape(joined.shape[:-1] + x.shape)


@each
def test_the_jacobian_at_a_point_is_whole(text: str, at: Point) -> None:
    """Its axes are those of the output, then those of the input."""
    jacobian = gg.parse(text).jacobian().at(at)
    for name in at:
        assert jacobian["output", name] == pytest.approx(difference(text, at, name), rel=1e-7, abs=1e-8)
        assert np.shape(jacobian["output", name]) == np.shape(difference(text, at, name))


@each
def test_the_gradient_is_that_of_the_sum(text: str, at: Point) -> None:
    """In each input's own shape, also where the input is broadcast."""
    gradient = gg.parse(text).gradient().at(at)
    ours = gg.parse(text).backprop(at, seed=1).grad
    assert list(gradient) == list(ours)
    for name, derivative in gradient.items():
        assert np.shape(derivative) == np.shape(at[name])
        assert derivative == pytest.approx(ours[name], rel=1e-12, abs=1e-15)


@each
def test_each_graph_of_the_gradient_has_its_input_s_shape(text: str, at: Point) -> None:
    """So does compiled code; or a broadcast input is refused."""
    graph, ours = gg.parse(text), gg.parse(text).backprop(at, seed=1).grad
    for name in at:
        try:
            value = graph.gradient(name).backprop(at, [], seed=1).value
        except gg.GraphgradError as error:
            assert "broadcast" in error.message
            continue
        assert value == pytest.approx(ours[name], rel=1e-12, abs=1e-15)
        assert np.shape(value) in {np.shape(at[name]), ()}


@each
def test_the_product_with_a_vector_has_the_output_s_shape(text: str, at: Point) -> None:
    """`jvp` is the Jacobian times the direction, entry by entry of the output."""
    random = np.random.default_rng(1)
    direction = {name: random.normal(size=np.shape(value)) for name, value in at.items()}
    along = gg.parse(text).jvp().backprop(at | {f"d{name}": v for name, v in direction.items()}, [])
    terms = [np.tensordot(difference(text, at, name), v, axes=v.ndim) for name, v in direction.items()]
    assert along.value == pytest.approx(sum(terms), rel=1e-6, abs=1e-7)
    assert np.shape(along.value) == np.shape(terms[0])


@each
def test_the_hessian_times_a_vector_is_that_of_the_sum(text: str, at: Point) -> None:
    """`hvp` is the difference of gradients along the direction, each in its input's shape."""
    random = np.random.default_rng(2)
    graph, direction = gg.parse(text), {name: random.normal(size=np.shape(value)) for name, value in at.items()}
    product = graph.hvp().at(at | {f"d{name}": v for name, v in direction.items()})
    sides = [
        graph.backprop({name: np.asarray(x) + s * STEP * direction[name] for name, x in at.items()}, seed=1).grad
        for s in (1, -1)
    ]
    for name, value in at.items():
        expected = (np.asarray(sides[0][name]) - np.asarray(sides[1][name])) / (2 * STEP)
        assert np.shape(product[name]) == np.shape(value)
        assert product[name] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_jacobian_may_be_exact() -> None:
    """Fractions stay fractions."""
    jacobian = gg.parse("x/y").jacobian().at({"x": [1, 2], "y": 3}, exact=True)
    assert jacobian["output", "x"].tolist() == [[Fraction(1, 3), 0], [0, Fraction(1, 3)]]
    assert jacobian["output", "y"].tolist() == [Fraction(-1, 9), Fraction(-2, 9)]


def test_a_jacobian_has_a_limit() -> None:
    """A Jacobian that would fill the memory, or take forever, is refused."""
    with pytest.raises(gg.LimitError, match="too large"):
        gg.parse("2*x").jacobian().at({"x": np.ones(20_000)})


@pytest.mark.parametrize("text", ["x*y", "A @ x", "softmax(x)", "t = A*x; t"])
def test_a_graph_of_an_entry_refuses_what_it_would_add_up(text: str) -> None:
    """A Jacobian's entry is for outputs that are numbers."""
    graph = gg.parse(text)
    at = {"x": X, "y": [1, 2, 3], "A": A}
    for entry in graph.jacobian().values():
        with pytest.raises(gg.GraphgradError, match="this entry of the Jacobian is for numbers"):
            entry.backprop({name: at[name] for name in graph.inputs}, seed=1)


@pytest.mark.parametrize("text", ["sum(x**3)", "x**3", "norm(x)", "softmax(x)"])
def test_a_graph_of_the_hessian_refuses_arrays(text: str) -> None:
    """Its entries would be sums of what is asked for."""
    hessian = gg.parse(text).hessian()
    for refused in (lambda: hessian.at({"x": X}), lambda: hessian["x", "x"].backprop({"x": X}, seed=1)):
        with pytest.raises(gg.GraphgradError, match="a Hessian is for numbers, and 'x' is an array"):
            refused()


def test_a_hessian_by_numbers_that_are_stacked_is_one() -> None:
    """Operations on arrays may work on numbers inside."""
    at = {"x": 2, "y": 3}
    hessian = gg.parse("sum(stack(x, y)**3)*x").hessian()
    assert hessian.at(at) == {("x", "x"): 48, ("x", "y"): 27, ("y", "x"): 27, ("y", "y"): 36}
    assert hessian["x", "y"].backprop(at).value == 27


def test_formulas_for_numbers_say_so() -> None:
    """Where a formula would add up the entries of an array, its line has a remark."""
    assert str(gg.parse("A @ x").jacobian(wrt="x")).endswith("  (for numbers)")
    assert str(gg.parse("sum(x**2)").hessian()).endswith("  (for numbers)")
    assert "for numbers" not in str(gg.parse("sum(A @ x)").jacobian()) + str(gg.parse("x*y").jacobian())


def test_a_derivative_entry_by_entry_refuses_a_broadcast_input() -> None:
    """By a number that is broadcast, the derivative of the sum is a sum, which the graph of x*y lacks."""
    graph = gg.parse("x*y")
    with pytest.raises(gg.GraphgradError, match="'y' is broadcast from a number"):
        graph.gradient("y").backprop({"x": [1, 2], "y": 3}, seed=1)
    assert graph.gradient("x").backprop({"x": [1, 2], "y": [3, 4]}, seed=1).value.tolist() == [3, 4]


@pytest.mark.parametrize("direction", [{"x": [1, 2]}, {"x": None}, {"x": float("nan")}, {"x": 1j}, [1], "x", 5])
@pytest.mark.parametrize("product", ["jvp", "hvp"])
def test_a_direction_is_numbers_or_names(product: str, direction: Any) -> None:
    """Anything else is refused with what to write instead."""
    with pytest.raises(gg.GraphgradError, match=r"the tangent of 'x' cannot be|the direction cannot be"):
        getattr(gg.parse("sum(x**2)"), product)(direction)


PARAMETERS: Final[dict[str, list[Any]]] = {
    "axis": [7, (0, 1), (0, 0), ()],
    "axes": [(0, 0), (1,), ()],
    "shape": [(-1, -1), (0,)],
    "size": [0, (0, 0), (1, 2, 3), ()],
    "stride": [0, (0, 1)],
    "padding": [-1, (1, 2, 3)],
    "ddof": [-1, 99],
    "subscripts": ['"i->j"', '"ij,jk->ik"', '"i,i,i->"', '"1"', '""', '"->"'],
}
"""What few shapes fit, or none."""

ROWS: Final = [op for op in gg.OPERATIONS.values() if PARAMETERS.keys() & op.options]

WITHOUT_SHAPES: Final = [
    ("cumsum", "axis=(0, 1)", "it runs along one axis"),
    ("cumprod", "axis=(1, 1)", "it runs along one axis"),
    ("einsum", '"i->j"', "the letter j of the result is in no operand"),
    ("einsum", '"ij,jk->ik"', "the subscripts ij,jk->ik are of 2, and given are 1"),
]


def called(op: gg.Op, name: str, value: Any) -> str:
    """Return a call of an array's row with one parameter."""
    operands = ["x", "2*y", "z", "u"][: 2 if op.variadic else op.arity]
    parameters = [value, *operands] if name == "subscripts" else [*operands, f"{name}={value}"]
    return f"{op.written}({', '.join(parameters)})"


@pytest.mark.parametrize("derive", ["gradient", "jacobian", "hessian", "jvp", "hvp", "compile"])
@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_parameters_give_a_derivative_or_an_error_of_ours(op: gg.Op, derive: str) -> None:
    """Derivatives are written before any shape is known, also those of a call that no shape fits."""
    for text in [called(op, name, value) for name in op.options for value in PARAMETERS.get(name, [])]:
        with suppress(gg.ExpressionError):
            getattr(gg.parse(text), derive)()


@pytest.mark.parametrize(("name", "parameter", "reason"), WITHOUT_SHAPES)
def test_a_call_that_no_shape_fits_is_pointed_at(name: str, parameter: str, reason: str) -> None:
    """The error says why, as that of a pass does."""
    call = f"{name}({parameter}, x)" if parameter.startswith('"') else f"{name}(x, {parameter})"
    with pytest.raises(gg.ShapeError, match=f"{name} does not take arrays of any shape: {reason}") as caught:
        gg.parse(f"2*y + {call}").gradient()
    assert caught.value.span == (6, 6 + len(call))


def test_a_rule_of_ones_own_that_refuses_its_parameters_is_pointed_at() -> None:
    """A VJP may raise `ValueError`, with the reason."""

    def refuse(m: Any, g: Any, z: Any, x: Any, *, by: int) -> Any:  # noqa: ARG001  a VJP's operands
        raise ValueError("it turns by 1 or 2")

    row = gg.ArrayOp("turned", lambda m, x, *, by: x, vjp=(refuse,), options={"by": 1}, shape=lambda x, *, by: x)
    graph = gg.parse("y*turned(x, by=3)", operations=gg.OPERATIONS.with_(row))
    with pytest.raises(gg.ShapeError, match="turned does not take arrays of any shape: it turns by 1 or 2"):
        graph.gradient()
    assert graph.gradient("y").inputs == ("y", "x")
