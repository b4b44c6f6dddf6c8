"""A user's mistakes, never run: each is one for mypy and for pyright, who would call a needless `ignore` one, too."""

from __future__ import annotations

import graphgrad as gg
from graphgrad.testing import assert_grad

g = gg.parse("x*y")
r = g.backprop({"x": 3, "y": 5})

gg.minimize(g, {"x": 0}, tolerence=1e-9)  # type: ignore[call-overload]
gg.minimize(g, {"x": 0}, tolerance="small")  # type: ignore[call-overload]
gg.check_grad(g, [5, 3], at={"x": 3, "y": 5}, tolerence=1e-9)  # type: ignore[call-arg]
assert_grad(g, [5, 3], at={"x": 3, "y": 5}, tolerance="small")  # type: ignore[arg-type]
g.backprop({"x": 3, "y": 5}, exactly=True)  # type: ignore[call-overload]
r.draw("x.svg", folt=True)  # type: ignore[call-arg]
r.render("svg", theme="txtbook")  # type: ignore[arg-type]
r.frames("steps", dpi=96)  # type: ignore[call-arg]
r.check("most")  # type: ignore[arg-type]
r.explain("x", format="pdf")  # type: ignore[arg-type]
r.sensitivity({"x": [1]})  # type: ignore[dict-item]
print(r.value.shape)  # type: ignore[attr-defined]
r.grad["x"].tolist()  # type: ignore[attr-defined]
r.passes = None  # type: ignore[misc,assignment]
print(g.backprop({"x": 3, "y": 5}, exact=True).value.shape)  # type: ignore[attr-defined]
print(gg.Raport)  # type: ignore[attr-defined]
