"""A user's program, never run: which kind of number comes out for which comes in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import graphgrad as gg

Floats = NDArray[np.float64]

g = gg.parse("x*y")
point = {"x": 3, "y": 0.5}
arrays = {"x": np.linspace(1, 2, 5), "y": np.linspace(3, 4, 5)}

# Floats, unless asked otherwise.
assert_type(g.backprop(point).value, float)
assert_type(g.backprop(point).grad["x"], float)
assert_type(g.backprop(point).at["x"], float)
assert_type(g.backprop({"x": "0.1", "y": Decimal(1)}, exact=False).value, float)
assert_type(g.backprop().value, float)
assert_type(g.backprop({"x": np.float32(1), "y": np.int64(2)}, seed=2).value, float)

# Fractions and many digits.
assert_type(g.backprop(point, exact=True), gg.Backprop[Fraction])
assert_type(g.backprop(point, exact=True).value, Fraction)
assert_type(g.backprop(point, exact=True).grad["x"], Fraction)
assert_type(g.backprop(point, exact=True).sensitivity()["x"].derivative, Fraction)
assert_type(g.backprop(point, precision=30), gg.Backprop[gg.ManyDigits])
assert_type(g.backprop(point, precision=30).value * 2, gg.ManyDigits)
assert_type(float(g.backprop(point, precision=30).grad["x"]), float)
g.backprop(g.backprop(point, precision=30).at)

# Arrays: derivatives are arrays; whether the value is one, nobody knows before it runs.
assert_type(g.backprop(arrays, seed=1).grad["x"], Floats)
assert_type(g.backprop(arrays, seed=1).value, Any)
assert_type(g.backprop({"x": [[1, 2], [3, 4]], "y": [0, 1]}, seed=[[1, 2], [3, 4]]).grad["x"], Floats)
assert_type(g.backprop({"x": [1, 2], "y": 3}, seed=1).grad["x"], Floats)
assert_type(g.backprop(arrays, seed=1, exact=True).grad["x"], Any)

# Derivatives as graphs.
assert_type(g.gradient().at(point), dict[str, float])
assert_type(g.gradient().at(point, exact=True)["x"], Fraction)
assert_type(g.hessian().at(point)["x", "y"], float)
assert_type(g.gradient().at(arrays)["x"], Floats)

# Compiled functions.
f = g.compile(wrt=["x"])
assert_type(f, gg.Compiled)
assert_type(f(3, 0.5), tuple[float, dict[str, float]])
assert_type(f(x=3, y=0.5), tuple[float, dict[str, float]])
assert_type(f.raw(3, 0.5), tuple[float, ...])
assert_type(f.raw(np.arange(3), 3), tuple[NDArray[np.floating[Any]], ...])
value, grad = f(x=np.linspace(1, 2, 5), y=3)
assert_type(value, Floats)
assert_type(grad["x"], Floats)
assert_type(f([1, 2], y=[3, 4]), tuple[Floats, dict[str, Floats]])
halves = np.array([1, 2], dtype=np.float32)
assert_type(f(halves, 3)[1]["x"], NDArray[np.floating[Any]])
f(arrays["x"], 3, out=(value, grad))
assert_type(f(np.arange(3), 3)[1]["x"], NDArray[np.floating[Any]])
assert_type(f(**arrays), tuple[Floats, dict[str, Floats]])
assert_type(f.inputs, tuple[str, ...])
assert_type(f.check({"x": [1, 2, 3], "y": 2}, rows=10), gg.Report)


class Tensor:
    """An array of another library."""

    shape: tuple[int, ...] = (2,)

    def __mul__(self, factor: float | Tensor) -> Tensor:
        """Return its multiple."""
        return self


assert_type(f(Tensor(), 3), tuple[Tensor, dict[str, Tensor]])

# Minimising.
assert_type(gg.minimize(g, {"x": 0, "y": 1}), gg.Minimum[float])
assert_type(gg.minimize(g, {"x": 0, "y": 1}).path[0].at["x"], float)
assert_type(gg.minimize(g, arrays).x["x"], Floats)
