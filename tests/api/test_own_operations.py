"""Everything follows from the table that a graph was read with: passes, check, pictures, code, files, and tracing."""

from __future__ import annotations

import copy
import json
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from every_path import EACH, TOGETHER
from own_rows import CUBES, MINE, SQUARES, WRONG

import graphgrad as gg
from graphgrad.ops import Op
from graphgrad.tables.task_key import _graph

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from every_path import Job, Numbers, Point

POINTS: dict[str, tuple[str, Point]] = {
    "swish(x)*y": ("x/(1 + exp(-x))*y", {"x": 0.7, "y": 2.0}),
    "twice(x)**2": ("(2*x/(1 + exp(-x)))**2", {"x": -1.5}),
    "phi*x + golden": ("(1 + sqrt(5))/2*x + (1 + sqrt(5))/2", {"x": 2.0}),
    "x ⊕ y*y": ("(x + y*y)/(1 + x*(y*y))", {"x": 0.25, "y": 0.5}),
    "rms(x, y, 2)": ("sqrt((x*x + y*y + 4)/3)", {"x": 1.0, "y": 3.0}),
    "monomial(3, x)": ("x**3", {"x": 1.5}),
    "ramp(x) + ramp(y)": ("where(x > 0, x, 0) + where(y > 0, y, 0)", {"x": 2.5, "y": -1.0}),
}
"""Expressions of own rows, the same in the package's rows, and a point."""


OF_SQUARES: Numbers = (27.0, {"x": 18.0})
OF_CUBES: Numbers = (81.0, {"x": 81.0})
"""What f(x) + g(x) is at 3 with either table."""


def close(ours: Numbers, theirs: Numbers) -> bool:
    """Whether a value and a gradient are the same, up to rounding."""
    numbers = [(ours[0], theirs[0]), *((ours[1][name], d) for name, d in theirs[1].items())]
    return all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-14) for a, b in numbers)


@pytest.mark.parametrize("path", EACH)
@pytest.mark.parametrize("text", POINTS)
def test_own_rows_are_what_their_rules_say_on_every_path(path: str, text: str) -> None:
    """As if the text had been written in the package's rows."""
    plain, at = POINTS[text]
    if path == "exact" and text not in {"x ⊕ y*y", "monomial(3, x)", "ramp(x) + ramp(y)"}:
        pytest.skip("it has no exact value")
    compute = EACH[path]
    assert close(compute(gg.parse(text, operations=MINE), at), compute(gg.parse(plain), at))


@pytest.mark.parametrize("path", TOGETHER)
def test_own_rows_are_what_their_rules_say_in_other_languages(path: str) -> None:
    """In C, in JavaScript, and on the page."""
    ours: list[Job] = [(gg.parse(text, operations=MINE), at) for text, (_, at) in POINTS.items()]
    theirs: list[Job] = [(gg.parse(plain), at) for plain, at in POINTS.values()]
    pairs = zip(TOGETHER[path](ours), TOGETHER[path](theirs), strict=True)
    assert [close(*pair) for pair in pairs] == [True] * len(POINTS)


@pytest.mark.parametrize("path", EACH)
def test_two_tables_that_call_rows_alike_are_not_mixed(path: str) -> None:
    """Nothing is kept by the name of a row: f is x² in one table and x³ in another, and g is twice that."""
    graphs = [gg.parse("f(x) + g(x)", operations=each) for each in (SQUARES, CUBES, SQUARES)]
    found = [EACH[path](graph, {"x": 3.0}) for graph in graphs]
    assert all(
        close(*pair)
        for pair in zip(found, [(27.0, {"x": 18.0}), (81.0, {"x": 81.0}), (27.0, {"x": 18.0})], strict=True)
    )


@pytest.mark.parametrize("path", TOGETHER)
def test_two_tables_are_not_mixed_in_other_languages(path: str) -> None:
    """Nor in code."""
    jobs: list[Job] = [(gg.parse("f(x) + g(x)", operations=each), {"x": 3.0}) for each in (SQUARES, CUBES)]
    assert all(
        close(*pair) for pair in zip(TOGETHER[path](jobs), [(27.0, {"x": 18.0}), (81.0, {"x": 81.0})], strict=True)
    )


TEXTS: dict[str, Callable[[gg.Graph, gg.Backprop[Any, Any]], object]] = {
    "check": lambda g, r: [row[:3] for row in r.check().rows],
    "explanation": lambda g, r: str(r.explain("x")),
    "lens": lambda g, r: str(r.lens()),
    "ulps": lambda g, r: r.ulps().as_dict(),
    "sensitivity": lambda g, r: r.sensitivity().as_dict(),
    "errors": lambda g, r: r.propagate({"x": 0.1}).as_dict(),
    "picture": lambda g, r: r.draw(local=True),
    "gradient": lambda g, r: str(g.gradient("x")),
    "hessian": lambda g, r: str(g.hessian()),
    "JSON": lambda g, r: json.loads(r.to_json())["edges"],
    "SQL": lambda g, r: g.to_sql(),
    "sympy": lambda g, r: str(g.to_sympy()),
    "Python": lambda g, r: g.to_python(),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_written_of_two_tables_is_not_mixed(name: str) -> None:
    """Whatever comes first."""

    def written(table: gg.Operations) -> object:
        graph = gg.parse("g(x)*2", operations=table)
        return TEXTS[name](graph, graph.backprop({"x": 3.0}))

    squares, cubes, again = written(SQUARES), written(CUBES), written(SQUARES)
    assert again == squares
    if name not in {"check", "picture", "ulps"}:
        assert squares != cubes


def test_one_graph_may_have_rows_of_two_tables() -> None:
    """A traced function calls both, and each stays itself."""
    square, cube = gg.function(SQUARES["f"]), gg.function(CUBES["f"])
    graph = gg.trace(lambda x: square(x) + cube(x))
    assert graph.backprop({"x": 3}).value == 36
    assert graph.compile()(x=3.0) == (36.0, {"x": 33.0})


def test_threads_with_two_tables_do_not_mix_them() -> None:
    """Each thread reads, runs, checks and compiles with its own."""

    def run(i: int) -> bool:
        table, value, slope = (SQUARES, 9, 6) if i % 2 else (CUBES, 27, 27)
        graph = gg.parse("f(x)", operations=table)
        result = graph.backprop({"x": 3.0})
        right = (result.value, result.grad["x"]) == (value, slope) and result.check().ok
        return bool(right) and graph.compile()(x=3.0) == (value, {"x": slope})

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(24)))


# ---- the check


@pytest.mark.parametrize("text", POINTS)
def test_own_rules_are_proven_by_sympy(text: str) -> None:
    """sympy derives the row's own rule of the value."""
    report = gg.parse(text, operations=MINE).backprop(POINTS[text][1]).check()
    assert report.ok
    rules = [row for row in report.rows if row.level.startswith("rule")]
    assert {row.status for row in rules} <= {"ok"}


def test_a_wrong_derivative_is_caught_and_named() -> None:
    """The rule, the node and the whole gradient fail, each by its row's name."""
    report = gg.parse("swish(x)*y", operations=WRONG).backprop({"x": 1.0, "y": 2.0}).check()
    assert not report.ok
    assert "∂(swish(x))/∂x" in str(report.failures[0])
    assert {row.level for row in report.failures} >= {"local", "whole"}


def test_a_wrong_value_is_caught_by_its_witness() -> None:
    """A witness is a second definition, as a function of mpmath and the operands."""
    mine = gg.OPERATIONS.with_(
        gg.Op("swish", lambda m, x: x + 1, d=(lambda m, z, x: 1,), witness=lambda mp, x: x / (1 + mp.exp(-x)))
    )
    report = gg.parse("swish(x)", operations=mine).backprop({"x": 1.0}).check()
    assert "swish(x): the rule gives" in str(report.failures[0])
    assert "the witness" in str(report.failures[0])


def test_a_witness_that_mpmath_does_not_have_is_named() -> None:
    """It is not silently left out."""
    mine = gg.OPERATIONS.with_(gg.Op("half", lambda m, x: x / 2, d=(lambda m, z, x: 1 / 2 + 0 * x,), witness="halved"))
    report = gg.parse("half(x)", operations=mine).backprop({"x": 1.0}).check()
    assert "mpmath has no function 'halved'" in str(report)


def test_a_wrong_rule_of_an_array_is_caught() -> None:
    """The vector-Jacobian product is held against differences, and against sympy."""
    mine = gg.OPERATIONS.with_(
        gg.ArrayOp(
            "energy",
            lambda m, x: m.sum_along(x * x),
            vjp=(lambda m, g, z, x: x * m.broadcast_like(g, x),),
            shape=lambda x: (),
        )
    )
    report = gg.parse("energy(x)", operations=mine).backprop({"x": [1.0, 2.0]}).check()
    assert "∂(energy(x))/∂x" in str(report.failures[0])


def test_a_kink_takes_its_convention() -> None:
    """At 0, the derivative of the ramp is the one that the row declares."""
    result = gg.parse("ramp(x)", operations=MINE).backprop({"x": 0.0})
    assert result.grad == {"x": 0}
    assert result.check().ok
    assert "kink" in {row.status for row in result.check().rows}


def test_an_operand_without_a_derivative_is_refused() -> None:
    """As for a row of the package."""
    with pytest.raises(gg.DomainError, match="not known: this operand must be a constant"):
        gg.parse("monomial(n, x)", operations=MINE).backprop({"n": 3, "x": 2})


# ---- arrays


@pytest.mark.parametrize(("text", "grad"), [("energy(x)", [2.0, 4.0]), ("energy(2*x)", [8.0, 16.0])])
def test_array_rows_run_backward(text: str, grad: list[float]) -> None:
    """By their vector-Jacobian products."""
    result = gg.parse(text, operations=MINE).backprop({"x": [1.0, 2.0]})
    assert result.grad["x"].tolist() == grad
    assert result.check().complete


def test_array_rows_take_options() -> None:
    """By keyword, as the package's do."""
    graph = gg.parse("sum(energy(x, axis=1)*y)", operations=MINE)
    result = graph.backprop({"x": [[1.0, 2.0], [3.0, 4.0]], "y": [1.0, 10.0]})
    assert result.value == 255
    assert result.grad["x"].tolist() == [[2.0, 4.0], [60.0, 80.0]]
    assert result.check().complete
    assert graph.compile()(x=np.array([[1.0, 2.0], [3.0, 4.0]]), y=np.array([1.0, 10.0]))[0] == 255
    assert gg.from_json(graph.to_json(), operations=MINE) == graph


def test_scalar_rows_work_entry_by_entry() -> None:
    """On arrays of any shape."""
    result = gg.parse("sum(swish(x))", operations=MINE).backprop({"x": [[1.0, -1.0]]})
    assert result.value == pytest.approx(0.4621171572600098)
    assert result.check().ok


# ---- text, LaTeX, pictures


def test_own_rows_are_written_as_they_say() -> None:
    """In text, which reads back to the same graph, and in LaTeX."""
    graph = gg.parse("a ⊕ b*c <+> 2 + golden", operations=MINE)
    assert str(graph) == "a⊕b*c⊕2 + phi"
    assert graph.to_latex() == r"a \oplus b \cdot c \oplus 2 + \varphi"
    assert gg.parse(str(graph), operations=MINE) == gg.parse(
        str(gg.parse(str(graph), operations=MINE)), operations=MINE
    )


def test_own_rows_are_drawn() -> None:
    """With glyph, typeset names, and the formula on the edge from the rule."""
    result = gg.parse("swish(x) ⊕ y*phi", operations=MINE).backprop({"x": 0.5, "y": 0.25})
    drawn = result.draw(local=True)
    assert drawn is not None
    assert "⊕" in drawn
    assert "swish" in drawn


def test_pictures_of_own_signs_can_be_written(tmp_path: Path) -> None:
    """As SVG, and as a page."""
    result = gg.parse("swish(x) ⊕ y*phi", operations=MINE).backprop({"x": 0.5, "y": 0.25})
    for name in ("own.svg", "own.html", "own.tex"):
        result.draw(tmp_path / name)
    assert "⊕" in (tmp_path / "own.svg").read_text(encoding="utf-8")


def test_own_rows_are_explained() -> None:
    """By the formulas of their rules."""
    explanation = str(gg.parse("swish(x)*y", operations=MINE).backprop({"x": 0.7, "y": 2}).explain("x"))
    assert "swish(x)" in explanation
    assert "σ(x)·(1 + x − s)" in explanation


def test_names_near_those_of_the_table_are_suggested() -> None:
    """From the table that the text was read with."""
    with pytest.raises(gg.UnknownNameError) as caught:
        gg.parse("swich(x)", operations=MINE)
    assert caught.value.hint == "did you mean 'swish'?"
    with pytest.raises(gg.UnknownNameError) as caught:
        gg.parse("swich(x)")
    assert "swish" not in caught.value.hint


def test_a_wrong_table_is_refused() -> None:
    """Everywhere, with what to write."""
    wrong: Any = {"swish": MINE["swish"]}
    calls: list[Callable[[], object]] = [
        lambda: gg.parse("x", operations=wrong),
        lambda: gg.from_json("{}", operations=wrong),
        lambda: gg.from_sympy(1, operations=wrong),
    ]
    for call in calls:
        with pytest.raises(gg.GraphgradError, match="operations is a dict, not a table of operations") as caught:
            call()
        assert "gg.OPERATIONS.with_" in caught.value.hint


# ---- files


def test_json_is_read_with_the_table_that_has_the_rows(tmp_path: Path) -> None:
    """Without it, the error says what is missing, and how to pass it."""
    result = gg.parse("swish(x) ⊕ y", operations=MINE).backprop({"x": 0.5, "y": 0.25})
    path = tmp_path / "own.json"
    result.draw(path)
    assert gg.load(path, operations=MINE) == result
    assert gg.from_json(path.read_text(encoding="utf-8"), operations=MINE) == result
    with pytest.raises(gg.GraphgradError, match="the graph has the operation 'swish', which the table lacks") as caught:
        gg.load(path)
    assert "operations=" in caught.value.hint


def test_graphs_can_be_copied() -> None:
    """Also those of tables that no module holds."""
    mine = gg.OPERATIONS.with_(gg.Op("half", lambda m, x: x / 2, d=(lambda m, z, x: 0.5,)))
    graph = gg.parse("half(x)", operations=mine)
    assert copy.deepcopy(graph) == graph


def test_what_a_table_of_data_gets_is_told_apart_by_the_rules() -> None:
    """A computation of files that was stopped goes on only with the same rules."""
    keys = [[*_graph(gg.parse("f(x)", operations=each).data)] for each in (SQUARES, CUBES, SQUARES)]
    assert keys[0] == keys[2] != keys[1]


# ---- Python functions and sympy


def test_functions_that_call_own_rows_can_be_traced() -> None:
    """`gg.function` makes a row a function of Python."""
    swish, speed, energy = (gg.function(MINE[name]) for name in ("swish", "speed", "energy"))
    assert str(gg.trace(lambda x, y: swish(x * y) + speed(x, 0.5))) == "swish(x*y) + x⊕0.5"
    assert str(gg.trace(lambda x: energy(x, axis=0))) == "energy(x, axis=0)"
    report = gg.check_grad(lambda x: swish(x) if x > 0 else 0 * x, lambda x: 0.0, at={"x": 1.0})
    assert not report.ok


def test_rows_are_functions_of_numbers_and_arrays() -> None:
    """With nan where there is no value, as NumPy's functions have."""
    swish, log, energy = gg.function(MINE["swish"]), gg.function(gg.OPERATIONS["log"]), gg.function(MINE["energy"])
    assert swish(0) == 0
    assert swish(np.array([0.0, 1.0])).tolist() == pytest.approx([0, 0.7310585786300049])
    assert math.isnan(log(-1))
    assert np.isnan(log(np.array([1.0, -1.0]))).tolist() == [False, True]
    assert energy([1, 2, 3]) == 14
    assert energy([[1, 2], [3, 4]], axis=0).tolist() == [10, 20]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gg.function(3), "3 is no operation"),  # type: ignore[arg-type]
        (lambda: gg.function(MINE["swish"])(1, 2), "swish takes 1 operand, not 2"),
        (lambda: gg.function(MINE["rms"])(1), "rms takes at least 2 operands, not 1"),
        (lambda: gg.function(MINE["energy"])([1], axes=1), "energy has no parameter 'axes'"),
    ],
)
def test_wrong_calls_of_rows_are_refused(call: Callable[[], object], message: str) -> None:
    """As a text that calls them is."""
    with pytest.raises(gg.GraphgradError, match=message):
        call()


def test_sympy_is_read_with_own_rows() -> None:
    """An undefined function of sympy's that is called like a row."""
    sympy = pytest.importorskip("sympy")
    x = sympy.Symbol("x")
    assert str(gg.from_sympy(sympy.Function("swish")(x) ** 2, operations=MINE)) == "swish(x)**2"
    with pytest.raises(gg.GraphgradError, match="swish does not take 2 operands"):
        gg.from_sympy(sympy.Function("swish")(x, x), operations=MINE)
    with pytest.raises(gg.GraphgradError, match="no operation is sympy's swish"):
        gg.from_sympy(sympy.Function("swish")(x))


def test_composite_rows_can_be_opened() -> None:
    """Into what the row says."""
    mine = MINE.with_(
        gg.ArrayOp(
            "layer",
            lambda m, x, w: m.swish(x @ w),
            vjp=(
                lambda m, g, z, x, w: (g * m.sigmoid(x @ w) * (1 + x @ w - z)) @ m.transpose(w),
                lambda m, g, z, x, w: m.transpose(x) @ (g * m.sigmoid(x @ w) * (1 + x @ w - z)),
            ),
            shape=lambda x, w: (*x[:-1], w[-1]),
            opened=lambda m, x, w: m.swish(x @ w),
        )
    )
    graph = gg.parse("sum(layer(x, w))", operations=mine)
    at = {"x": [[1.0, 2.0]], "w": [[0.5, -0.5], [0.25, 1.0]]}
    assert str(graph.opened()) == "sum(swish(x@w))"
    assert graph.backprop(at).check().ok
    for name, d in graph.opened().backprop(at).grad.items():
        assert np.allclose(graph.backprop(at).grad[name], d)


def test_variadic_array_rows_have_one_rule_for_all() -> None:
    """It is told the position."""
    mine = gg.OPERATIONS.with_(
        gg.ArrayOp(
            "total",
            lambda m, *xs: sum((m.sum_along(x * x) for x in xs), 0),
            vjp=(lambda m, g, z, i, *xs: 2 * xs[i] * m.broadcast_like(g, xs[i]),),
            shape=lambda *xs: (),
            variadic=True,
        )
    )
    result = gg.parse("total(x, y)", operations=mine).backprop({"x": [1.0, 2.0], "y": [3.0]})
    assert {name: d.tolist() for name, d in result.grad.items()} == {"x": [2.0, 4.0], "y": [6.0]}
    assert result.check().ok


@pytest.mark.parametrize(("dialect", "text"), [("python", "lambda x: swish(x)**2"), ("matlab", "swish(x).^2")])
def test_own_rows_are_called_in_dialects(dialect: str, text: str) -> None:
    """A dialect is read over any table."""
    assert str(gg.parse(text, dialect=dialect, operations=MINE)) == "swish(x)**2"


def test_the_derivative_of_an_array_row_is_differentiated_again() -> None:
    """Its rule is a formula as the value is."""
    graph, at = gg.parse("energy(swish(x)*y)", operations=MINE), {"x": [1.0, 2.0], "y": [0.5, 0.1]}
    ours = graph.hvp({"x": "d"}, wrt=["x"])["x"].backprop({**at, "d": [1.0, 0.0]}, wrt=[]).value
    plain = gg.parse("sum((x/(1 + exp(-x))*y)**2)")
    assert np.allclose(ours, plain.hvp({"x": "d"}, wrt=["x"])["x"].backprop({**at, "d": [1.0, 0.0]}, wrt=[]).value)


def test_compiled_functions_of_own_rows_can_be_pickled() -> None:
    """By the module of their table."""
    function = gg.parse("f(x)*y", operations=SQUARES).compile()
    assert pickle.loads(pickle.dumps(function))(x=2.0, y=3.0) == (12.0, {"x": 12.0, "y": 4.0})


def test_latex_that_pictures_do_not_know_is_named(tmp_path: Path) -> None:
    """It is written as LaTeX, and refused where it has to be drawn."""
    mine = gg.OPERATIONS.with_(gg.Op("half", lambda m, x: x / 2, d=(lambda m, z, x: z / x,), tex=r"\mystery{#1}"))
    graph = gg.parse("half(x)", operations=mine)
    assert graph.to_latex() == r"\mystery{x}"
    with pytest.raises(gg.RenderError, match="mystery is not known") as caught:
        graph.backprop({"x": 1.0}).draw(tmp_path / "half.svg", local=True)
    assert "Greek letters" in caught.value.hint


def test_the_row_itself_stands_in_the_graph() -> None:
    """No table is looked up when the graph runs."""
    [step] = gg.parse("swish(x)", operations=MINE).data.steps
    assert step.op is MINE["swish"]
    assert isinstance(step.op, Op)
