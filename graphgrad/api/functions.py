"""The façade's functions beside `parse`: graphs from elsewhere, minimising, gradients written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from graphgrad.analysis.minimize_options import MinimizeOptions
from graphgrad.api.graph import Graph
from graphgrad.base.options import options_from, takes
from graphgrad.base.public import public
from graphgrad.check.check_grad_options import CheckGradOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction
    from typing import Unpack

    import numpy as np
    import sympy
    from numpy.typing import NDArray

    from graphgrad.analysis.minimize_options import MinimizeKeywords
    from graphgrad.analysis.minimum import Minimum
    from graphgrad.check.check_grad_options import CheckGradKeywords
    from graphgrad.check.report import Report
    from graphgrad.namespaces.value_types import Floats, Numbers, Unknown, Values

__all__ = ["check_grad", "from_sympy", "minimize", "trace"]


@public
def from_sympy(expression: sympy.Basic | float | Fraction) -> Graph:
    """Return the graph of a sympy expression; its symbols are the inputs, in order of appearance.

    No text is read on the way. Raises `GraphgradError`, naming it, for a function that the table does not have, and for
    what is no expression of sympy's.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.exp(-(x**2)) / y))
    exp(-x**2)/y
    """
    from graphgrad.transform.read_sympy import from_sympy

    return Graph(from_sympy(expression))


@public
def trace(function: Callable[..., object], *names: str) -> Graph:
    """Return the graph of what a Python function does: its arithmetic, comparisons, and NumPy's functions.

    The function is called once. Its arguments are called `names`, by default as its parameters, whose default values
    are then those of the graph. Raises `GraphgradError` where something asks for a number that is not there yet: `if`,
    `float` and Python's `math`; where the names are not as many as the parameters; and where the function returns
    something else than one number.

    >>> import numpy as np
    >>> print(trace(lambda x, y: np.sin(x) * y**2))
    sin(x)*y**2
    """
    from graphgrad.transform.tracing import trace

    return Graph(trace(function, names))


@overload
def minimize(  # type: ignore[overload-overlap]  # a mapping of numbers is none of arrays
    graph: Graph, start: Numbers, **options: Unpack[MinimizeKeywords]
) -> Minimum[float]: ...


@overload
def minimize(graph: Graph, start: Values, **options: Unpack[MinimizeKeywords]) -> Minimum[Floats]: ...


@public
@takes(MinimizeOptions)
def minimize(graph: Graph, start: Values, **options: Unpack[MinimizeKeywords]) -> Minimum[Unknown]:
    """Minimise a graph's output over the inputs that `start` names, by `scipy.optimize.minimize`.

    A start may be an array, whose entries all vary. `at` gives the other inputs' values, `bounds` (low, high) by name,
    None where there is none; `method`, `tolerance` and `options` are SciPy's. Where a step leaves the domain, SciPy is
    told to come back. Raises `DomainError` where the start itself has no value, and `GraphgradError` for a misspelt
    option or a wrong value, and where SciPy, which the extra `graphgrad[scipy]` installs, is missing or refuses.

    >>> from graphgrad import parse
    >>> minimum = minimize(parse("(x - 3)**2 + y**2"), {"x": 0, "y": 4}, tolerance=1e-9)
    >>> round(minimum.x["x"], 6), minimum.message, minimum.path[0].value
    (3.0, 'Optimization terminated successfully.', 25.0)
    """
    from graphgrad.analysis.minimum import minimize

    return minimize(graph.data, start, options_from(MinimizeOptions, options))


@public
@takes(CheckGradOptions)
def check_grad(
    function: Callable[..., object] | Graph,
    grad: Callable[..., object] | Numbers | Sequence[float] | NDArray[np.generic] | None = None,
    *,
    at: Numbers | Sequence[float] | NDArray[np.generic],
    **options: Unpack[CheckGradKeywords],
) -> Report:
    """Return a report on a gradient written by hand, held against the graph's and sympy's; true where it is right.

    `function` is a Python function, which is traced, or a graph. `grad` is called like it and returns the partial
    derivatives, by name or in the order of the arguments; or it is their values. Where `at` is a mapping, the functions
    are called with its values; where it is a sequence, with one array of them, whose elements are called x0, x1, ….
    The function may use `if`: it is traced at the point. Without `grad`, the graph's own gradient is checked. At a
    kink, any number between the one-sided derivatives is right. `tolerance` is the relative distance that rounding
    excuses. Raises `GraphgradError` where the function cannot be traced, where the gradient is not numbers, one for
    each input, and for a misspelt option or a wrong value; `DomainError` and `UnknownNameError` where
    `Graph.backprop` does.

    >>> print(check_grad(lambda x, y: x * y**2, lambda x, y: (y**2, x * y), at={"x": 2, "y": 3}).failures[0])
    failed: ∂/∂y = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    from graphgrad.check.handwritten import check_grad

    how = options_from(CheckGradOptions, options)
    return check_grad(function.data if isinstance(function, Graph) else function, grad, at, how)
