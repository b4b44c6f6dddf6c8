"""Compute, row by row on NumPy arrays, the error of a value from those of its inputs, and the elasticities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["elasticities", "propagated"]


def propagated(derivatives: Mapping[str, Any], sigmas: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the standard deviation of each row's value to first order, and each input's share in its variance.

    `sigmas` are the standard deviations of the inputs that have one, numbers or arrays; `derivatives` has the array of
    ∂f/∂x for each of them, and may have others. All are broadcast. σ² = Σᵢ (∂f/∂xᵢ σᵢ)², the inputs uncorrelated. Where
    an input's σ is 0 it adds nothing, whatever the derivative. The shares of a row add up to 1; they are nan where the
    variance is 0 or not finite. No square overflows or underflows. Without sigmas, the error is 0.

    >>> import numpy as np
    >>> error, shares = propagated({"x": np.array([4.0, 1e200]), "y": np.array([3.0, 0.0])}, {"x": 1, "y": 1})
    >>> error.tolist(), shares["x"].tolist(), shares["y"].tolist()
    ([5.0, 1e+200], [0.64, 1.0], [0.36, 0.0])
    """
    import numpy as np

    with np.errstate(all="ignore"):
        flows = [np.where(np.equal(sigma, 0), 0, np.abs(derivatives[name]) * sigma) for name, sigma in sigmas.items()]
        if not flows:
            return np.zeros(np.broadcast_shapes(*map(np.shape, derivatives.values()))), {}
        variance = sum((flow * flow for flow in flows[1:]), flows[0] * flows[0])
        if _in_range(np, variance):
            return np.sqrt(variance), {name: x * x / variance for name, x in zip(sigmas, flows, strict=True)}
        largest = flows[0]
        for flow in flows[1:]:
            largest = np.maximum(largest, flow)
        unit = np.where(largest > 0, largest, 1)
        squares = [(flow / unit) ** 2 for flow in flows]
        variance = sum(squares[1:], squares[0])
        error = np.where(np.isinf(largest), largest, unit * np.sqrt(variance))
        return error, {name: square / variance for name, square in zip(sigmas, squares, strict=True)}


def elasticities(value: Any, derivatives: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return each row's elasticity by each input, x/f · ∂f/∂x: the change of f in percent per percent of x.

    `value` is the array of f, `derivatives` has an array, and `inputs` an array or a number, for each input; the arrays
    are broadcast. An elasticity is nan where f is 0, and where one of the three is not finite. No product overflows.

    >>> import numpy as np
    >>> elasticities(np.array([6.0, 0.0, 1e300]), {"x": np.array([2.0, 2.0, 1e200])}, {"x": np.array([3, 0, 1e100])})
    {'x': array([ 1., nan,  1.])}
    """
    import numpy as np

    with np.errstate(all="ignore"):
        return {name: _elasticity(np, value, derivative, inputs[name]) for name, derivative in derivatives.items()}


def _elasticity(np: Any, value: Any, derivative: Any, x: Any) -> Any:
    """Multiply mantissas and add exponents, so that only the result can be out of range."""
    product = derivative * x
    rate = product / value
    if _in_range(np, product) and np.isfinite(rate).all():
        return rate
    (f, f2), (d, d2), (u, u2) = (np.frexp(number) for number in (value, derivative, x))
    product = np.ldexp(d * u / f, d2 + u2 - f2)
    known = (f != 0) & np.isfinite(f) & np.isfinite(d) & np.isfinite(u)
    return np.where(known, product, np.nan).astype(np.result_type(value, derivative, np.float32), copy=False)


def _in_range(np: Any, x: Any) -> bool:
    """Whether all numbers are so far from 0 and from infinity that no digit was lost on the way."""
    if np.asarray(x).dtype.kind != "f":
        return False
    size, limits = np.abs(x), np.finfo(x.dtype)
    return bool((size > limits.tiny / limits.eps).all() and (size < limits.max).all())
