"""Define the public functions beside `parse`: `from_sympy`, `trace`, `minimize` and `check_grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from graphgrad.analysis.minimize_options import MinimizeOptions
from graphgrad.api.graph import Graph
from graphgrad.base.arguments import quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.base.options import options_from, takes
from graphgrad.base.public import public
from graphgrad.check.check_grad_options import CheckGradOptions
from graphgrad.ops.operations import table_given

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
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Floats, Numbers, Unknown, Values
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations

__all__ = ["check_grad", "from_sympy", "function", "minimize", "trace"]


@public
def from_sympy(expression: sympy.Basic | float | Fraction, *, operations: Operations | None = None) -> Graph:
    """Return the graph of a sympy expression; its symbols are the inputs, in order of appearance.

    The expression is converted object by object, not through text. Raises `GraphgradError` for a function that the rule
    table lacks, which the message names, and for an argument that is no sympy expression. Where the table `operations`
    has a row of your own, an undefined function of its name, such as `sympy.Function("swish")(x)`, is read as that row.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.exp(-(x**2)) / y))
    exp(-x**2)/y
    """
    from graphgrad.transform.read_sympy import from_sympy

    return Graph(from_sympy(expression, table_given(operations)))


@public
def function(operation: Op) -> Callable[..., Unknown]:
    """Return a row of a table of operations as a Python function, which a traced function may call.

    On numbers and arrays it computes, with nan where there is no value; in a function that is traced it records the
    operation. Options are given by keyword. Raises `GraphgradError` for what is no row of a table, and when it is
    called with a wrong number of operands or an unknown option.

    >>> from graphgrad import OPERATIONS, Op
    >>> mine = OPERATIONS.with_(Op("cube", lambda m, x: x * x * x, d=(lambda m, z, x: 3 * x * x,)))
    >>> cube = function(mine["cube"])
    >>> cube(2), str(trace(lambda x, y: cube(x) + y))
    (8.0, 'cube(x) + y')
    """
    from graphgrad.transform.own_functions import as_function

    return as_function(operation)


@public
def trace(function: Callable[..., object], *names: str) -> Graph:
    """Return the graph of a Python function: of its arithmetic, its comparisons and its calls of NumPy.

    The function is called once with operands that record the operations, and then with numbers, or with small arrays,
    to compare its value with the graph's. `//` and `%` are recorded as floor_div and floor_mod, which give Python's
    numbers. `&`, `|`, `^` and `~` combine conditions.

    `names` are the graph's inputs, by default the function's parameters, whose default values become defaults of the
    graph. Raises `GraphgradError` where the function needs a number that is not known yet (`if`, `float`, Python's
    `math`), where it computes what no operation does, where it does not return one number or returns another than its
    graph, and where there are not as many names as parameters.

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

    A start may be an array: all its entries vary. `at` gives the values of the other inputs, and `bounds` the pair
    (low, high) by name, with None where there is no bound; `method`, `tolerance` and `options` are passed to SciPy.
    Outside the domain SciPy gets a slope that leads back into it. Raises `DomainError` where the
    output has no value at the start, and `GraphgradError` for a misspelt option or a wrong value, where SciPy is not
    installed (the extra `scipy` installs it), and where SciPy refuses the arguments.

    >>> from graphgrad import parse
    >>> minimum = minimize(parse("(x - 3)**2 + y**2"), {"x": 0, "y": 4}, tolerance=1e-9)
    >>> round(minimum.x["x"], 6), minimum.message, minimum.path[0].value
    (3.0, 'Optimization terminated successfully.', 25.0)
    """
    from graphgrad.analysis.minimum import minimize

    return minimize(_data(graph), start, options_from(MinimizeOptions, options))


def _data(graph: object) -> GraphData:
    if isinstance(graph, Graph):
        return graph.data
    raise GraphgradError(f"what to minimise cannot be {quoted(graph)}", hint="give a graph: parse(…) or trace(…)")


@public
@takes(CheckGradOptions)
def check_grad(
    function: Callable[..., object] | Graph,
    grad: Callable[..., object] | Numbers | Sequence[float] | NDArray[np.generic] | None = None,
    *,
    at: Numbers | Sequence[float] | NDArray[np.generic],
    **options: Unpack[CheckGradKeywords],
) -> Report:
    """Check a gradient written by hand against the graph's and sympy's; the report is true where it is right.

    `function` is a graph, or a Python function, which is traced at the point, so that it may use `if`. `grad` is a
    function of the same arguments that returns the partial derivatives, by name or in the order of the arguments, or it
    is their values; without it, the graph's own gradient is checked. Where `at` is a mapping, the functions are called
    with its values; where it is a sequence, with one array, whose elements are called x0, x1, …. At a kink, any number
    between the one-sided derivatives is right. `tolerance` is the largest relative distance that counts as rounding.
    Raises `GraphgradError` where the function cannot be traced, where the gradient does not have one number for each
    input, and for a misspelt option or a wrong value; `DomainError` and `UnknownNameError` where `Graph.backprop` does.

    >>> print(check_grad(lambda x, y: x * y**2, lambda x, y: (y**2, x * y), at={"x": 2, "y": 3}).failures[0])
    failed: ∂/∂y = 6, sympy 12, 3.38e+15 ulp off (relative 0.5): it is 0.5 times what the graph and sympy give
    """
    from graphgrad.check.handwritten import check_grad

    target = function.data if isinstance(function, Graph) else _function(function)
    return check_grad(target, grad, at, options_from(CheckGradOptions, options))


def _function(function: object) -> Callable[..., object]:
    if callable(function):
        return function
    hint = "give a graph or a function, and its gradient"
    raise GraphgradError(f"what a gradient is of cannot be {quoted(function)}", hint=hint)
