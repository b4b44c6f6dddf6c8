"""Whatever is passed to a public function, it answers or raises a `GraphgradError`."""

from __future__ import annotations

import math
from dataclasses import fields
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pytest

import graphgrad as gg
from graphgrad.draw.options import PictureOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    Calls = dict[str, Callable[[Any], object]]


class Odd:
    """An object that is nothing that graphgrad knows."""


WRONG: Final[list[Any]] = [
    *(None, True, 5, -1, 0, 1e308, math.inf, math.nan, 1j, 10**400, Fraction(1, 3), np.float64(2)),
    *("x", "", b"x", "☃", "x" * 5000, "\0"),
    *([], [1, 2], ["x"], [[1], [2, 3]], (), ("x", 1), set(), {"x"}, range(3), {}, ...),
    *({"x": None}, {"x": "a"}, {"x": [1, 2]}, {"x": math.nan}, {"x": 1j}, {"x": 10**400}, {"x": {}}, {"q": 1}),
    *({1: 2}, {None: 1}, {("x", "y"): 1}),
    *(np.array([1.0, 2.0]), np.array(["a"]), np.array([]), np.array([[1.0], [2.0]])),
    *(Odd(), Odd, len, lambda: 1, lambda *xs: None, lambda x: x),
    *(gg.parse("x*y"), gg.parse("x*y").backprop({"x": 1, "y": 2})),
]

TABLES: Final[list[Any]] = [
    *(pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"x": ["a"], "y": [1]}), pl.LazyFrame({"x": [None], "y": [1]})),
    *(pl.DataFrame(), pl.Series([1, None]), pl.Series(["a"]), pl.Series([])),
]
"""Frames and series, which compiled functions take; some are none of theirs."""

AT: Final[dict[str, float]] = {"x": 1.0, "y": 2.0}
ARRAYS: Final[dict[str, Any]] = {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [1.0, 2.0]}
GRAPH, ARRAY_GRAPH = gg.parse("x*y + sin(x)"), gg.parse("A @ x")
RESULT = GRAPH.backprop(AT)
RESULTS: Final[dict[str, gg.Backprop[Any, Any]]] = {
    "floats": RESULT,
    "arrays": gg.parse("sum(A @ x)").backprop(ARRAYS),
    "digits": GRAPH.backprop(AT, precision=30),
    "fractions": gg.parse("x*y").backprop(AT, exact=True),
}
SQUARE = gg.parse("(x - y)**2")
FUNCTION = GRAPH.compile()
FRAME = pl.DataFrame({"x": [1.0, 2.0], "y": [3.0, None]})

CALLS: Calls = {
    "parse": gg.parse,
    "parse name_literals": lambda v: gg.parse("2*3", name_literals=v),
    "parse share": lambda v: gg.parse("x", share=v),
    "parse operations": lambda v: gg.parse("x", operations=v),
    "load": gg.load,
    "load operations": lambda v: gg.load("missing.json", operations=v),
    "from_json": gg.from_json,
    "from_json operations": lambda v: gg.from_json(GRAPH.to_json(), operations=v),
    "from_sympy": gg.from_sympy,
    "from_sympy operations": lambda v: gg.from_sympy(1, operations=v),
    "function": gg.function,
    "function x": gg.function(gg.OPERATIONS["sin"]),
    "function axis": lambda v: gg.function(gg.OPERATIONS["mean"])([1.0, 2.0], axis=v),
    "with_": gg.OPERATIONS.with_,
    "with_ name": lambda v: gg.OPERATIONS.with_(gg.Op(v, lambda m, x: x, d=(lambda m, z, x: 1,))),
    "with_ rule": lambda v: gg.OPERATIONS.with_(gg.Op("own", v, d=(lambda m, z, x: 1,))),
    "with_ d": lambda v: gg.OPERATIONS.with_(gg.Op("own", lambda m, x: x, d=v)),
    "with_ fields": lambda v: [
        gg.OPERATIONS.with_(gg.Op("own", lambda m, x: x, d=(lambda m, z, x: 1,), **{field.name: v}))
        for field in fields(gg.Op)
        if field.init and field.name not in {"name", "f", "d"}
    ],
    "with_ array": lambda v: [
        gg.OPERATIONS.with_(gg.ArrayOp("own", lambda m, x: x, **{"vjp": (lambda m, g, z, x: g,), field.name: v}))
        for field in fields(gg.ArrayOp)
        if field.init and field.name not in {"name", "f"}
    ],
    "trace": gg.trace,
    "trace names": lambda v: gg.trace(lambda x: x, v),
    "from_workbook path": lambda v: gg.from_workbook(v, "A1"),
    "from_workbook cell": lambda v: gg.from_workbook("no/such/model.xlsx", v),
    "minimize graph": lambda v: gg.minimize(v, {"x": 1}),
    "minimize start": lambda v: gg.minimize(SQUARE, v, at={"y": 1}),
    "minimize start x": lambda v: gg.minimize(SQUARE, {"x": v}, at={"y": 1}),
    "minimize at y": lambda v: gg.minimize(SQUARE, {"x": 1}, at={"y": v}),
    "minimize bounds x": lambda v: gg.minimize(SQUARE, {"x": 1}, at={"y": 1}, bounds={"x": v}),
    "check_grad": lambda v: gg.check_grad(v, at=AT),
    "check_grad at": lambda v: gg.check_grad(lambda x, y: x * y, at=v),
    "check_grad at x": lambda v: gg.check_grad(lambda x, y: x * y, at={"x": v, "y": 1}),
    "check_grad graph at": lambda v: gg.check_grad(GRAPH, at=v),
    "check_grad grad": lambda v: gg.check_grad(lambda x, y: x * y, v, at=AT),
    "check_grad grad of an array": lambda v: gg.check_grad(lambda x: x[0] ** 2, v, at=[1, 2]),
    "check_grad grad returns": lambda v: gg.check_grad(lambda x, y: x * y, lambda x, y: v, at=AT),
    "check_grad function returns": lambda v: gg.check_grad(lambda x, y: v, at=AT),
    "check_grad with arrays": lambda v: gg.check_grad(ARRAY_GRAPH, v, at=ARRAYS),
    "check_grad tolerance": lambda v: gg.check_grad(GRAPH, at=AT, tolerance=v),
    "compile x": lambda v: FUNCTION(v, 2),
    "compile both": lambda v: FUNCTION(v, v),
    "compile out": lambda v: FUNCTION([1.0, 2.0], 2, out=v),
    "compile out pair": lambda v: FUNCTION([1.0, 2.0], 2, out=(v, v)),
    "compile frame y": lambda v: FUNCTION(FRAME.select("x"), y=v),
    "compile frame names": lambda v: FUNCTION(FRAME, names=v),
    "compile series": lambda v: FUNCTION(FRAME["x"], v),
    "compile map_frame": FUNCTION.map_frame,
    "compile map_frame at": lambda v: FUNCTION.map_frame(FRAME, at=v),
    "compile map_frame names": lambda v: FUNCTION.map_frame(FRAME, names=v),
    "compile map_frame at y": lambda v: FUNCTION.map_frame(FRAME[["x"]], at={"y": v}),
    "compile propagate": lambda v: FUNCTION.propagate(v, {"x": 1}),
    "compile propagate errors": lambda v: FUNCTION.propagate(AT, v),
    "compile propagate error": lambda v: FUNCTION.propagate(FRAME, {"x": v}),
    "compile propagate y": lambda v: FUNCTION.propagate({"x": [1.0, 2.0]}, {"x": 1}, at={"y": v}),
    "compile propagate at": lambda v: FUNCTION.propagate({"x": [1.0, 2.0], "y": 1}, {"x": 1}, at=v),
    "compile sensitivity at": lambda v: FUNCTION.sensitivity(FRAME.select("x"), at=v),
    "compile propagate names": lambda v: FUNCTION.propagate(FRAME, {"x": 1}, names=v),
    "compile sensitivity": FUNCTION.sensitivity,
    "compile sensitivity x": lambda v: FUNCTION.sensitivity({"x": v, "y": 2}),
    "compile sensitivity names": lambda v: FUNCTION.sensitivity(FRAME, names=v),
    "compile check": FUNCTION.check,
    "compile check x": lambda v: FUNCTION.check({"x": v, "y": 2}, rows=2),
    "compile check rows": lambda v: FUNCTION.check({"x": [1, 2], "y": 2}, rows=v),
    "fault": RESULT.check().fault,
    "having": RESULT.check().having,
}


SQL: Final = ("table", "dialect", "at", "names", "columns")


def call_with_option(function: Callable[..., object], name: str) -> Callable[[Any], object]:
    """Return a call that gives one option."""
    return lambda v: function(**{name: v})


def calls_of_graph(kind: str, graph: gg.Graph, at: dict[str, Any]) -> Calls:
    """Return the calls of a graph's methods."""
    gradient, jacobian, hessian = graph.gradient(), graph.jacobian(), graph.hessian()
    return {
        f"backprop{kind}": graph.backprop,
        f"backprop{kind} x": lambda v: graph.backprop({**at, "x": v}, seed=1),
        f"backprop{kind} wrt": lambda v: graph.backprop(at, v, seed=1),
        f"backprop{kind} seed": lambda v: graph.backprop(at, seed=v),
        f"backprop{kind} exact": lambda v: graph.backprop(at, seed=1, exact=v),
        f"backprop{kind} precision": lambda v: graph.backprop(at, seed=1, precision=v),
        f"gradient{kind}": graph.gradient,
        f"gradient{kind} at": gradient.at,
        f"gradient{kind} at x": lambda v: gradient.at({**at, "x": v}),
        f"gradient{kind} exact": lambda v: gradient.at(at, exact=v),
        f"jacobian{kind}": graph.jacobian,
        f"jacobian{kind} wrt": lambda v: graph.jacobian(wrt=v),
        f"jacobian{kind} at x": lambda v: jacobian.at({**at, "x": v}),
        f"hessian{kind}": graph.hessian,
        f"hessian{kind} at x": lambda v: hessian.at({**at, "x": v}),
        f"jvp{kind}": graph.jvp,
        f"jvp{kind} x": lambda v: graph.jvp({"x": v}),
        f"hvp{kind}": graph.hvp,
        f"hvp{kind} wrt": lambda v: graph.hvp(None, v),
        f"compile{kind}": graph.compile,
        f"to_python{kind}": graph.to_python,
        f"to_python{kind} name": lambda v: graph.to_python(name=v),
        f"to_python{kind} numpy": lambda v: graph.to_python(numpy=v),
        f"to_c{kind} name": lambda v: graph.to_c(name=v),
        f"to_javascript{kind} name": lambda v: graph.to_javascript(name=v),
        **{f"to_sql{kind} {name}": call_with_option(graph.to_sql, name) for name in SQL},
        f"to_sql{kind}": graph.to_sql,
        f"to_sql{kind} at x": lambda v: graph.to_sql(at={"x": v}),
        f"graph{kind} ==": lambda v: graph == v,
    }


def over_table(**options: Any) -> object:
    """Map a file that is there, and write nothing."""
    Path("xy.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    return GRAPH.map_file("xy.csv", **({"summary": True} | options))


def calls_of_result(kind: str, result: gg.Backprop[Any, Any]) -> Calls:
    """Return the calls of a result's methods."""
    return {
        f"check {kind}": result.check,
        f"explain {kind}": result.explain,
        f"explain {kind} format": lambda v: result.explain("x", v),
        f"explain {kind} language": lambda v: result.explain("x", language=v),
        f"sensitivity {kind}": result.sensitivity,
        f"sensitivity {kind} x": lambda v: result.sensitivity({"x": v}),
        f"tornado {kind}": result.tornado,
        f"tornado {kind} changes": lambda v: result.tornado(changes=v),
        f"tornado {kind} x": lambda v: result.tornado(changes={"x": v}),
        f"tornado {kind} most": lambda v: result.tornado(most=v),
        f"propagate {kind}": result.propagate,
        f"propagate {kind} x": lambda v: result.propagate({"x": v}),
        f"propagate {kind} correlations": lambda v: result.propagate({"x": 1}, v),
        f"lens {kind}": result.lens,
        f"ulps {kind}": result.ulps,
        f"render {kind}": result.render,
        f"draw {kind}": result.draw,
        f"frames {kind}": result.frames,
        f"describe {kind}": lambda v: result.describe(passes=v),
        f"result {kind} ==": lambda v: result == v,
    }


CALLS["unknown option"] = call_with_option(RESULT.draw, "foo")
CALLS |= calls_of_graph("", GRAPH, AT) | calls_of_graph(" arrays", ARRAY_GRAPH, ARRAYS)
for _kind, _result in RESULTS.items():
    CALLS |= calls_of_result(_kind, _result)
CALLS |= {f"draw {field.name}": call_with_option(RESULT.draw, field.name) for field in fields(PictureOptions)}
CALLS |= {
    "map_file data": lambda v: GRAPH.map_file(v, summary=True),
    "map_file out": lambda v: over_table(out=v),
    "map_file dask": lambda v: GRAPH.map_file(".", "out", dask=v),
    "map_file at x": lambda v: over_table(at={"x": v}),
    "map_file error x": lambda v: over_table(error={"x": v}),
    **{f"map_file {name}": call_with_option(over_table, name) for name in gg.TableKeywords.__annotations__},
}
CALLS |= {
    f"minimize {name}": call_with_option(partial(gg.minimize, SQUARE, {"x": 1, "y": 2}), name)
    for name in ("at", "method", "bounds", "tolerance", "options")
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_argument_is_an_error_of_graphgrad_s(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other exception comes out, and the message has a first line."""
    monkeypatch.chdir(tmp_path)
    for value in [*WRONG, *(TABLES if call.startswith("compile ") else [])]:
        try:
            CALLS[call](value)
        except gg.GraphgradError as error:
            assert error.message.strip()


METHODS: Final = {
    gg.Graph: "backprop gradient jacobian hessian jvp hvp compile to_python to_c to_javascript to_sql map_file",
    gg.Backprop: "check explain sensitivity propagate tornado lens ulps render draw frames describe",
    gg.Derivatives: "at",
    gg.Report: "fault having",
}


@pytest.mark.parametrize("kind", METHODS)
def test_every_method_with_arguments_is_tried(kind: type) -> None:
    """A new method has to be added to the calls above."""
    plain = {"opened", "to_sympy", "to_latex", "to_json", "items", "keys", "values", "get"}
    methods = {name for name in dir(kind) if callable(getattr(kind, name)) and not name.startswith("_")}
    assert methods - plain <= {*METHODS[kind].split()}


def test_every_function_is_tried() -> None:
    """So has a new function."""
    functions = {name for name in gg.__all__ if callable(getattr(gg, name)) and name.islower()}
    assert functions <= {call.split()[0] for call in CALLS}
