"""Graphs and compiled functions go to other processes: small, as data, and equal in behaviour."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import cloudpickle  # type: ignore[import-untyped]
import numpy as np
import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    **{f"pickle {protocol}": partial(lambda n, x: pickle.loads(pickle.dumps(x, n)), protocol) for protocol in (2, 5)},
    "cloudpickle": lambda x: pickle.loads(cloudpickle.dumps(x)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
LARGE: Final = "; ".join(["a0 = x*y", *(f"a{i} = a{i - 1}*x" for i in range(1, 6_000)), "a5999"])
PROGRAMS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "expression": ("(apple*n + orange*m)*tax", {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}),
    "defaults": ("tax = 1.08; s = apple*tax; s**2", {"apple": 100}),
    "choice": ("where(x < 0, -x, log(x))", {"x": 2.0}),
    "names": ("lambda*names", {"lambda": 2.0, "names": 3.0}),
    "options": ("sum(A*x, axis=0)[0] + softmax(x)[1]", {"A": np.eye(2), "x": np.array([1.0, 2.0])}),
    "large": (LARGE, {"x": 0.5, "y": 2.0}),
}
EACH_COPY = pytest.mark.parametrize("way", COPIES)
EACH_PROGRAM = pytest.mark.parametrize("program", PROGRAMS)


@EACH_COPY
@EACH_PROGRAM
def test_a_graph_survives(way: str, program: str) -> None:
    """It is equal, and so are its results and its derivatives."""
    text, at = PROGRAMS[program]
    graph = gg.parse(text)
    again = COPIES[way](graph)
    assert again == graph
    assert str(again.backprop(at).grad) == str(graph.backprop(at).grad)


@EACH_COPY
@EACH_PROGRAM
def test_a_compiled_function_survives(way: str, program: str) -> None:
    """It has the same inputs and gives the same numbers."""
    text, at = PROGRAMS[program]
    f: Any = gg.parse(text).compile(["x"] if "x" in at else None)
    again = COPIES[way](f)
    assert (again.inputs, again.wrt, again.__doc__) == (f.inputs, f.wrt, f.__doc__)
    assert str(again(**at)) == str(f(**at))


@EACH_COPY
def test_the_methods_of_a_compiled_function_survive(way: str) -> None:
    """They are those of the copy."""
    f = gg.parse("log(x)*y").compile()
    again = COPIES[way](f)
    at = {"x": [0.0, 2.0], "y": 3}
    assert again.blame(at) == f.blame(at) != ()
    assert again.check({"x": [2.0], "y": 3})
    assert str(again.propagate(at, {"x": 1})) == str(f.propagate(at, {"x": 1}))
    assert str(again.sensitivity(at)) == str(f.sensitivity(at))


def test_size_does_not_matter() -> None:
    """A hundred thousand operations in a chain are no recursion, and take a few bytes each."""
    text = "; ".join(["a0 = x*y", *(f"a{i} = a{i - 1}*x" for i in range(1, 100_000)), "a99999"])
    graph = gg.parse(text)
    shipped = pickle.dumps(graph)
    assert pickle.loads(shipped) == graph == copy.deepcopy(graph)
    assert len(shipped) < len(text) + 60 * 100_000


def test_derivatives_survive() -> None:
    """With what refuses the arrays for which they are others."""
    graph = gg.parse("x*y")
    for entry in (graph.gradient("x"), graph.jacobian()["output", "x"], graph.hessian()["x", "y"]):
        again = pickle.loads(pickle.dumps(entry))
        assert again == entry
        for each in (entry, again):
            with pytest.raises(gg.GraphgradError):
                each.backprop({"x": 1, "y": [1.0, 2.0]})


FORMULAS: Final[dict[str, str]] = {
    "power": "x**y",
    "quotient": "x/y",
    "choice by a number": "where(x, x, -x)*y",
    "choice at one number": "where(x == 0, 1, sin(x)/x)*y",
    "choice but at one number": "where(x != 0, exp(x), 1)*y",
    "choice of branches with other inputs": "where(x, y, -y)",
    "kinks": "max(x, y)*abs(x)",
    "array": "sum(A*x, axis=0)[0] + y",
    "network": "softmax_cross_entropy(affine(h, W, b), t)*x*y",
}


def _sympy_power() -> gg.Graph:
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    return gg.from_sympy(sympy.Piecewise((x**y, sympy.Ne(x, 0)), (0, True)))


def _traced() -> gg.Graph:
    return gg.trace(lambda x, y: np.where(x == 0, 1.0, x**y))


GRAPHS: Final[dict[str, Callable[[], gg.Graph]]] = {
    **{name: partial(gg.parse, text) for name, text in FORMULAS.items()},
    "from sympy": _sympy_power,
    "traced": _traced,
    "loaded": lambda: cast("gg.Graph", gg.from_json(gg.parse(FORMULAS["choice by a number"]).to_json())),
}
MADE: Final[dict[str, Callable[[gg.Graph], Any]]] = {
    "itself": lambda graph: graph,
    "opened": lambda graph: graph.opened(),
    "gradient by one": lambda graph: graph.gradient("x"),
    "gradient of a gradient": lambda graph: graph.gradient("x").gradient("y"),
    "gradient": lambda graph: graph.gradient(),
    "Jacobian": lambda graph: graph.jacobian(wrt=["y"]),
    "Hessian": lambda graph: graph.hessian(["x", "y"]),
    "product with the Jacobian": lambda graph: graph.jvp({"x": 1}),
    "product with the Hessian": lambda graph: graph.hvp({"x": 1}),
}


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("graph", GRAPHS)
def test_whatever_makes_a_graph_it_survives(graph: str, make: str) -> None:
    """Graphs, their derivatives and all of those together, with choices that know single points, are data."""
    made = MADE[make](GRAPHS[graph]())
    again = pickle.loads(pickle.dumps(made))
    assert str(again) == str(made)
    for one, other in (
        [(again, made)] if isinstance(made, gg.Graph) else zip(again.values(), made.values(), strict=True)
    ):
        assert one == other
        assert pickle.loads(pickle.dumps(other.compile([]))).inputs == other.inputs


def test_a_choice_that_knows_single_points_survives_in_another_process() -> None:
    """It is made again there, with its rules."""
    graph = gg.parse("where(x, x, -x)*y")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        [grad] = pool.map(_gradient_at_0, [graph])
    assert grad == _gradient_at_0(graph) == {"x": 1, "y": 0}


def _gradient_at_0(graph: gg.Graph) -> dict[str, Any]:
    return dict(graph.backprop({"x": 0, "y": 1}).grad)


def test_a_drawn_graph_is_as_small_as_a_new_one() -> None:
    """The networkx graph is made again where it is needed."""
    graph = gg.parse("(apple*n + orange*m)*tax")
    size = len(pickle.dumps(graph))
    assert graph.dag
    assert len(pickle.dumps(graph)) == size


def test_the_expression_is_shipped_and_not_the_code() -> None:
    """A compiled function takes hardly more bytes than its graph."""
    graph = gg.parse("(apple*n + orange*m)*tax")
    shipped = pickle.dumps(graph.compile())
    assert len(shipped) < len(pickle.dumps(graph)) + 150
    assert b"type(" not in shipped


def test_an_operation_of_a_user_s_own_is_pickled_as_it_is() -> None:
    """It is in no table; its rules have names of their own."""
    data = gg.parse("sin(x)").data
    [step] = data.steps
    own = gg.Op("own", _rule, d=(_rule,))
    data = replace(data, steps=[step._replace(op=own)])
    [again] = pickle.loads(pickle.dumps(data)).steps
    assert (again.op.name, again.op.f) == ("own", _rule)


def _rule(_m: Any, *operands: Any) -> Any:
    return operands[0]


def test_another_process_computes_the_same() -> None:
    """One that is started afresh and has to compile again."""
    f = gg.parse("(apple*n + orange*m)*tax").compile(["tax"])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.starmap(f, [(100, 2, 150, 3, 1.1)]) == [f(100, 2, 150, 3, 1.1)]
        [(value, _)] = pool.starmap(f, [(np.arange(3.0), 2, 150, 3, 1.1)])
    assert value.tolist() == f(np.arange(3.0), 2, 150, 3, 1.1)[0].tolist()
