"""Assertions for tests of gradients written by hand: `from graphgrad.testing import assert_grad`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphgrad.api.functions import check_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.api.graph import Graph

__all__ = ["assert_grad"]


def assert_grad(
    function: Callable[..., Any] | Graph,
    grad: Callable[..., Any] | Mapping[str, Any] | Sequence[Any],
    *,
    at: Any,
    **how: Any,
) -> None:
    """Assert that a gradient written by hand is right, at a point or at each of several.

    The arguments are those of `graphgrad.check_grad`; `at` may also be a list of mappings. The message of the
    `AssertionError` says which input, by how much, and what explains it.

    >>> assert_grad(lambda x: x**3, lambda x: 3 * x**2, at=[{"x": 1}, {"x": -2}])
    >>> assert_grad(lambda x: x**3, lambda x: 3 * x, at={"x": 2})
    Traceback (most recent call last):
    AssertionError: at x = 2: check FAILED: 1 value; furthest: ∂/∂x, 3.38e+15 ulp off (relative 0.5)
      failed: ∂/∂x = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    for point in _points(at):
        report = check_grad(function, grad, at=point, **how)
        if not report:
            raise AssertionError(f"at {_told(point)}: {report}")


def _points(at: Any) -> Sequence[Any]:
    several = not isinstance(at, Mapping) and len(at) and all(isinstance(point, Mapping) for point in at)
    return at if several else [at]


def _told(point: Any) -> str:
    named = point.items() if isinstance(point, Mapping) else ((f"x{i}", x) for i, x in enumerate(point))
    return ", ".join(f"{name} = {number:g}" for name, number in named)
