"""A user's program, never run: mypy and pyright read it, so that what the API promises in types stays true."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Unpack, assert_type

import polars as pl

import graphgrad as gg
from graphgrad.graph.data import Default
from graphgrad.testing import assert_grad

graph = gg.parse("(apple*n + orange*m)*tax")
assert_type(graph, gg.Graph)
assert_type(graph.inputs, tuple[str, ...])
assert_type(graph.defaults, dict[str, Default])
assert_type(str(graph), str)
gg.parse("100*5*1.08", name_literals=["apple"], share=False)

assert_type(gg.trace(lambda x, y: x * y, "x", "y"), gg.Graph)
assert_type(bool(gg.check_grad(lambda x: x**2, lambda x: 2 * x, at={"x": 3}, tolerance=1e-6)), bool)
assert_grad(lambda x: x**2, lambda x: 2 * x, at=[{"x": 3}, {"x": 4}], tolerance=1e-6)
assert_type(gg.from_sympy(graph.to_sympy()), gg.Graph)


def least(**options: Unpack[gg.MinimizeKeywords]) -> float:
    """Options can be passed on by a function of one's own."""
    return gg.minimize(graph, {"apple": 1}, **options).x["apple"]


least(bounds={"apple": (0, None)}, method="L-BFGS-B", tolerance=1e-9, at={"n": 1}, options={"maxiter": 10})

result = graph.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, wrt=["apple", "tax"])
assert_type(result, gg.Backprop)
assert_type(result.warnings, tuple[str, ...])
for name, partial in result.grad.items():
    assert_type(name, str)
    assert_type(partial, float)
for node in result.dag.nodes:
    print(node)

report = result.check("local")
assert_type(bool(report), bool)
assert_type(report, gg.Report)
for row in report.rows:
    assert_type(row, gg.Row)
    print(row.subject, row.status)

assert_type(result.ulps(), gg.Distances)
assert_type(result.ulps().value, float | None)
assert_type(result.sensitivity({"apple": "+1"})["apple"].elasticity, float | None)
assert_type(result.sensitivity({"apple": "+1"}).together, gg.Change[float] | None)
assert_type(result.propagate({"apple": 2, "tax": "±0.5%"}, {("apple", "tax"): 0.5}).error, float)

assert_type(result.draw(passes="both"), str | None)
assert_type(result.render("png", fold=True), bytes)
result.draw(Path("picture.svg"), passes="backward", fold=True, theme="record", prefix="fig1-")
result.draw(notes={"apple": "± 2"}, engine=lambda dot: dot, expand=("s",), dpi=96)
result.draw(Path("picture.svg"), theme=gg.Theme(light=gg.Theme().dark))
explanation = result.explain("apple", format="latex", language="ja")
assert_type(explanation, gg.Explanation)
assert_type(explanation.chain.path_count, int)
assert_type(result.frames("steps", theme="record", expand=["s"]), list[Path])
assert_type(result.to_json() + graph.to_json(), str)
loaded = gg.load(Path("picture.json"))
if isinstance(loaded, gg.Backprop):
    print(loaded.value, loaded.check())
else:
    assert_type(loaded, gg.Graph)

assert_type(graph.gradient("apple"), gg.Graph)
assert_type(graph.gradient(), gg.Derivatives[str, gg.Graph])
assert_type(graph.hessian(["apple", "tax"])["apple", "tax"], gg.Graph)
assert_type(graph.jvp({"apple": 1}), gg.Graph)
assert_type(graph.hvp()["apple"], gg.Graph)
assert_type(graph.jacobian().to_latex(), str)
assert_type(graph.to_python(["apple"], name="price"), str)
assert_type(graph.to_c() + graph.to_javascript(), str)
assert_type(graph.to_latex(), str)

try:
    gg.parse("2x")
except gg.ExpressionError as error:
    assert_type(error.span, tuple[int, int])
    assert_type(error.kind, str)
except gg.GraphgradError as error:
    assert_type(error.hint, str)


def shown(passes: gg.Backprop[Any]) -> str:
    """A result of any kind of number."""
    return str(passes.value)


print(shown(result), shown(graph.backprop(exact=True)))

table = pl.DataFrame({"apple": [100.0], "n": [2], "orange": [150], "m": [3], "tax": [1.1]})
f = graph.compile(["apple", "tax"])
assert_type(f(table), pl.DataFrame)
assert_type(f(table.lazy(), names={"value": "total"}), pl.LazyFrame)
assert_type(f(table.drop("tax"), tax=1.08, names=["total", "d_apple", "d_tax"]), pl.DataFrame)
assert_type(f(**table.to_dict())[1]["tax"], pl.Series)
assert_type(f.propagate(table, {"apple": "±5%"}), pl.DataFrame)
assert_type(f.sensitivity(table.lazy()), pl.LazyFrame)
assert_type(f.propagate({"apple": [1, 2]}, {"apple": 1}, at={"n": 2}), gg.RowPropagation)
assert_type(f.sensitivity({"apple": [1, 2]}), gg.RowSensitivity)
