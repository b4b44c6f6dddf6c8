"""A user's program, never run: `mypy --strict` reads it, so that what the API promises in types stays true."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import graphgrad as gg

graph = gg.parse("(apple*n + orange*m)*tax")
assert_type(graph, gg.Graph)
assert_type(graph.inputs, tuple[str, ...])
assert_type(str(graph), str)
gg.parse("100*5*1.08", name_literals=["apple"], share=False)

assert_type(gg.trace(lambda x, y: x * y, "x", "y"), gg.Graph)
assert_type(gg.minimize(graph, {"apple": 1}, bounds={"apple": (0, None)}).x, dict[str, Any])
assert_type(bool(gg.check_grad(lambda x: x**2, lambda x: 2 * x, at={"x": 3})), bool)
assert_type(gg.from_sympy(graph.to_sympy()), gg.Graph)

graph.backprop({"apple": [[1, 2], [3, 4]]}, seed=1)
graph.backprop({"apple": [[1, 2], [3, 4]]}, seed=1)
result = graph.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, wrt=["apple", "tax"], exact=True)
assert_type(result, gg.Backprop)
assert_type(result.warnings, tuple[str, ...])
for name, partial in result.grad.items():
    assert_type(name, str)
    print(name, partial)
for node in result.dag.nodes:
    print(node)

report = result.check()
assert_type(bool(report), bool)
for row in report.rows:
    print(row.subject, row.status)

assert_type(graph.backprop(wrt=[], precision=50).ulps().value, float | None)
assert_type(result.sensitivity({"apple": "+1"})["apple"].elasticity, Any)
assert_type(result.propagate({"apple": 2, "tax": "±0.5%"}, {("apple", "tax"): 0.5}).error, float)

assert_type(result.draw(passes="both"), str | None)
assert_type(result.render("png", fold=True), bytes)
result.draw(Path("picture.svg"), passes="backward", fold=True, theme="record", prefix="fig1-")
result.draw(notes={"apple": "± 2"}, engine=lambda dot: dot, expand=("s",), dpi=96)
result.draw(folt=True)  # type: ignore[call-arg]
result.render("svg", theme="txtbook")  # type: ignore[arg-type]
result.frames("steps", dpi=96)  # type: ignore[call-arg]
explanation = result.explain("apple", format="latex", language="ja")
assert_type(str(explanation), str)
assert_type(explanation.chain.path_count, int)
assert_type(result.frames("steps", theme="record", expand=["s"]), list[Path])
assert_type(result.to_json() + graph.to_json(), str)
assert_type(gg.load(Path("picture.json")), gg.Graph | gg.Backprop)
assert_type(gg.from_json(result.to_json()), gg.Graph | gg.Backprop)
assert_type(graph.gradient("apple"), gg.Graph)
assert_type(graph.hessian(["apple", "tax"])["apple", "tax"], gg.Graph)
assert_type(graph.gradient().at({"apple": 1})["apple"], Any)
assert_type(graph.jvp({"apple": 1}), gg.Graph)
assert_type(graph.hvp()["apple"], gg.Graph)
assert_type(graph.jacobian().to_latex(), str)
f = graph.compile(wrt=["apple", "tax"])
value, grad = f(apple=100, n=2, orange=150, m=3, tax=1.1)
print(value, grad["apple"], f.inputs, f.wrt)
assert_type(bool(f.check({"apple": [100, 200], "n": 2, "orange": 150, "m": 3, "tax": 1.1}, rows=10)), bool)
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
