"""The façade's functions beside `parse`: graphs from elsewhere, the least value, gradients written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.api.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.analysis.minimum import Minimum
    from graphgrad.check.report import Report

__all__ = ["check_grad", "from_sympy", "minimize", "trace"]


def from_sympy(expression: Any) -> Graph:  # noqa: ANN401
    """Return the graph of a sympy expression; its symbols are the inputs, in order of appearance.

    No text is read on the way. Raises `GraphgradError`, naming it, for a function that the table does not have.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.exp(-(x**2)) / y))
    exp(-x**2)/y
    """
    from graphgrad.transform.read_sympy import from_sympy

    return Graph(from_sympy(expression))


def trace(function: Callable[..., Any], *names: str) -> Graph:
    """Return the graph of what a Python function does: its arithmetic, comparisons, and NumPy's functions.

    The function is called once. Its arguments are called `names`, by default as its parameters, whose default values
    are then those of the graph. Raises `GraphgradError` where something asks for a number that is not there yet: `if`,
    `float` and Python's `math`.

    >>> import numpy as np
    >>> print(trace(lambda x, y: np.sin(x) * y**2))
    sin(x)*y**2
    """
    from graphgrad.transform.tracing import trace

    return Graph(trace(function, names))


def minimize(graph: Graph, start: Mapping[str, Any], **how: Any) -> Minimum:  # noqa: ANN401
    """Minimise a graph's output over the inputs that `start` names, by `scipy.optimize.minimize`.

    A start may be an array, whose entries all vary. `how`: `at` gives the other inputs' values, `bounds` (low, high) by
    name, None where there is none; `method`, `tolerance` and `options` are SciPy's. Where a step leaves the domain,
    SciPy is told to come back. Raises `DomainError` where the start itself has no value, and `GraphgradError` where
    SciPy, which the extra `graphgrad[scipy]` installs, is missing or refuses.

    >>> from graphgrad.api.graph import parse
    >>> found = minimize(parse("(x - 3)**2 + y**2"), {"x": 0, "y": 4})
    >>> round(found.x["x"], 6), found.message, found.path[0].value
    (3.0, 'Optimization terminated successfully.', 25.0)
    """
    from graphgrad.analysis.minimum import minimize

    return minimize(graph.data, start, **how)


def check_grad(
    function: Callable[..., Any] | Graph,
    grad: Callable[..., Any] | Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    at: Any,  # noqa: ANN401
    **how: Any,  # noqa: ANN401
) -> Report:
    """Return a report on a gradient written by hand, held against the graph's and sympy's; true where it is right.

    `function` is a Python function, which is traced, or a graph. `grad` is called like it and returns the partial
    derivatives, by name or in the order of the arguments; or it is their values. Where `at` is a mapping, the functions
    are called with its values; where it is a sequence, with one array of them, whose elements are called x0, x1, ….
    The function may use `if`: it is traced at the point. Without `grad`, the graph's own gradient is checked. At a
    kink, any number between the one-sided derivatives is right. `how`: the relative `tolerance`, 1e-8.

    >>> print(check_grad(lambda x, y: x * y**2, lambda x, y: (y**2, x * y), at={"x": 2, "y": 3}).failures[0])
    failed: ∂/∂y = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    from graphgrad.check.handwritten import check_grad

    return check_grad(function.data if isinstance(function, Graph) else function, grad, at, **how)
