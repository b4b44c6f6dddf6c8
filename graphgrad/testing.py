"""Assert in tests that gradients written by hand are right: `from graphgrad.testing import assert_grad`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphgrad.api.functions import check_grad
from graphgrad.base.options import takes
from graphgrad.check.check_grad_options import CheckGradOptions
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias, Unpack

    import numpy as np
    from numpy.typing import NDArray

    from graphgrad.api.graph import Graph
    from graphgrad.check.check_grad_options import CheckGradKeywords
    from graphgrad.namespaces.value_types import Numbers

    Point: TypeAlias = Numbers | Sequence[float] | NDArray[np.generic]

__all__ = ["assert_grad"]


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return __all__


@takes(CheckGradOptions)
def assert_grad(
    function: Callable[..., object] | Graph,
    grad: Callable[..., object] | Numbers | Sequence[float] | NDArray[np.generic],
    *,
    at: Point | Sequence[Numbers],
    **options: Unpack[CheckGradKeywords],
) -> None:
    """Assert that a gradient written by hand is right, at one point or at each of several.

    The arguments are those of `graphgrad.check_grad`; `at` may also be a list of mappings. Raises `AssertionError`
    where the gradient is wrong: its message says at which input, by how much, and what explains it. Raises what
    `graphgrad.check_grad` raises: `GraphgradError`, `DomainError`, `UnknownNameError`.

    >>> assert_grad(lambda x: x**3, lambda x: 3 * x**2, at=[{"x": 1}, {"x": -2}])
    >>> assert_grad(lambda x: x**3, lambda x: 3 * x, at={"x": 2})
    Traceback (most recent call last):
    AssertionError: at x = 2: check FAILED: 1 value; furthest: ∂/∂x, 3.38e+15 ulp off (relative 0.5)
      failed: ∂/∂x = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    __tracebackhide__ = True  # pytest then shows the test's own line
    for point in _points(at):
        report = check_grad(function, grad, at=point, **options)
        if not report:
            raise AssertionError(f"at {_written(point)}: {report}")


def _points(at: Point | Sequence[Numbers]) -> Sequence[Point]:
    if isinstance(at, Mapping):
        return [at]
    several = [point for point in at if isinstance(point, Mapping)]
    return several if several and len(several) == len(at) else [at]  # type: ignore[list-item]


def _written(point: Point) -> str:
    named = point.items() if isinstance(point, Mapping) else ((f"x{i}", x) for i, x in enumerate(point))
    return ", ".join(f"{written(name)} = {number:g}" for name, number in named)
