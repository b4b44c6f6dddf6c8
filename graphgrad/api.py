"""The façade: what a library user holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graphgrad import graph as _graph
from graphgrad.annotate import annotated
from graphgrad.backprop import backprop
from graphgrad.derive import gradient
from graphgrad.errors import RenderError
from graphgrad.parse import parse as _parse
from graphgrad.program import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import networkx as nx

    from graphgrad.check import Report
    from graphgrad.compiled import Compiled
    from graphgrad.explain import Explanation
    from graphgrad.passes import Passes
    from graphgrad.uses.sensitivity import Sensitivity
    from graphgrad.uses.uncertainty import Propagation

__all__ = ["Backprop", "Graph", "from_sympy", "parse", "trace"]


def parse(text: str, *, name_literals: Sequence[str] = (), share: bool = True) -> Graph:
    """Return the computational graph of an expression, or of a program of assignments.

    `name_literals` names the first literals, from left to right, as inputs. Equal subexpressions are one node; with
    `share=False` they are drawn apart. Raises `ExpressionError`, which points at the fault.

    >>> parse("(apple*n + orange*m)*tax").inputs
    ('apple', 'n', 'orange', 'm', 'tax')
    >>> parse("100*5*1.08", name_literals=["apple"]).backprop().grad
    {'apple': 5.4}
    """
    return Graph(_graph.build(text, _parse(text), name_literals=name_literals, share=share))


def from_sympy(expression: Any) -> Graph:  # noqa: ANN401
    """Return the graph of a sympy expression; its symbols are the inputs, in order of appearance.

    No text is read on the way. Raises `GraphgradError`, naming it, for a function that the table does not have.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.exp(-(x**2)) / y))
    exp(-x**2)/y
    """
    from graphgrad.worlds.sympy_in import from_sympy  # noqa: PLC0415  sympy is loaded only where it is asked for

    return Graph(from_sympy(expression))


def trace(function: Callable[..., Any], *names: str) -> Graph:
    """Return the graph of what a Python function does to numbers: its arithmetic, comparisons and NumPy's functions.

    The function is called once. Its arguments are called `names`, by default as its parameters, whose default values
    are then those of the graph. Raises `GraphgradError` where something asks for a number that is not there yet: `if`,
    `float` and Python's `math`.

    >>> import numpy as np
    >>> print(trace(lambda x, y: np.sin(x) * y**2))
    sin(x)*y**2
    """
    from graphgrad.worlds.trace import trace  # noqa: PLC0415  likewise

    return Graph(trace(function, names))


@dataclass(frozen=True)
class Graph:
    """A computational graph; `str()` gives text that parses to the same graph."""

    data: _graph.GraphData

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs' names, in order of appearance."""
        return self.data.inputs

    @property
    def defaults(self) -> dict[str, Any]:
        """The inputs that the text itself gives a value, as exact fractions."""
        return dict(self.data.defaults)

    @property
    def literals(self) -> dict[str, tuple[int, int]]:
        """Where in the text the literals stand that were named as inputs: (start, end) by name."""
        return dict(self.data.literals)

    @property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph: edges run from operand to result, an edge's key is the operand's position."""
        return self.data.dag

    def backprop(
        self, at: Mapping[str, Any] | None = None, wrt: Iterable[str] | None = None, *, exact: bool = False
    ) -> Backprop:
        """Run the forward and the backward pass at a point.

        `at` gives the inputs' values, floats by default; inputs with a default may be left out. `wrt` names the inputs
        to differentiate by, all by default. With `exact=True` the numbers are fractions, without rounding. Raises
        `UnknownNameError` for names and missing values, `DomainError` where a value or derivative does not exist.

        >>> g = parse("(apple*n + orange*m)*tax")
        >>> r = g.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1})
        >>> r.value
        715.0000000000001
        >>> g.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, exact=True).value
        Fraction(715, 1)
        """
        return Backprop(backprop(self.data, at or {}, wrt, exact=exact))

    def gradient(self, name: str) -> Graph:
        """Return the derivative by an input as a graph again: to draw, to evaluate, to differentiate once more.

        >>> print(parse("x**3 + 2*x").gradient("x"))
        2 + 3*x**2
        """
        return Graph(gradient(self.data, name))

    def to_sympy(self) -> Any:  # noqa: ANN401
        """Return the sympy expression, over real symbols; see `graphgrad.worlds.sympy_out`.

        >>> parse("sigmoid(x)*y").to_sympy()
        y/(1 + exp(-x))
        """
        from graphgrad.worlds.sympy_out import to_sympy  # noqa: PLC0415  sympy is loaded only where it is asked for

        return to_sympy(self.data)

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, str]:  # noqa: ANN401
        """Show itself in a notebook: the graph, or in one line where it cannot be drawn."""
        return {"text/plain": repr(self), **_shown(self.dag, passes="forward")}

    def compile(self, wrt: Iterable[str] | None = None) -> Compiled:
        """Return a function of the inputs, in their order or by name, that gives the value and the gradient.

        It computes what `backprop` does, from generated code: numbers in, a float and a dict of floats out, and the
        same errors. `wrt` names the inputs to differentiate by, all by default. It may be called from many threads.

        >>> f = parse("(apple*n + orange*m)*tax").compile(["apple", "tax"])
        >>> f(apple=100, n=2, orange=150, m=3, tax=1.1)
        (715.0000000000001, {'apple': 2.2, 'tax': 650.0})
        >>> f(100, 2, 150, 3, 1.1)[0]
        715.0000000000001
        """
        from graphgrad.compiled import compiled  # noqa: PLC0415

        return compiled(self.data, wrt)

    def to_python(self, wrt: Iterable[str] | None = None, *, name: str = "f") -> str:
        """Return the source of a Python function of the inputs, in their order, that gives value and gradient.

        It needs nothing but Python's `math`: floats in, a float and a dict of floats out. Each intermediate result is
        computed once, and none in a branch that is not taken.

        >>> print(parse("exp(x)*y").to_python())
        from math import exp
        <BLANKLINE>
        <BLANKLINE>
        def f(x: float, y: float) -> tuple[float, dict[str, float]]:
            'Value and gradient of exp(x)*y.'
            v1 = exp(x)
            v2 = v1 * y
            return v2, {'x': v2, 'y': v1}
        <BLANKLINE>
        """
        from graphgrad.code import code  # noqa: PLC0415
        from graphgrad.emit import Python  # noqa: PLC0415

        return code(self.data, Python(), wrt, name)

    def to_c(self, wrt: Iterable[str] | None = None, *, name: str = "f") -> str:
        """Return the source of a C99 function that gives the value and fills `grad`, in the order of `wrt`.

        Outside an operation's domain the numbers are those of `<math.h>`: nan or infinity.

        >>> print(parse("exp(x)*y").to_c())
        #include <math.h>
        <BLANKLINE>
        /* exp(x)*y */
        /* grad: by x, y */
        double f(double x, double y, double grad[2]) {
            const double v1 = exp(x);
            const double v2 = v1 * y;
            grad[0] = v2;
            grad[1] = v1;
            return v2;
        }
        <BLANKLINE>
        """
        from graphgrad.code import code  # noqa: PLC0415
        from graphgrad.emit import C  # noqa: PLC0415

        return code(self.data, C(), wrt, name)

    def to_javascript(self, wrt: Iterable[str] | None = None, *, name: str = "f") -> str:
        """Return the source of a JavaScript function that gives `[value, {name: derivative}]`.

        Functions that `Math` lacks come along. Outside an operation's domain the numbers are NaN or Infinity.

        >>> print(parse("exp(x)*y").to_javascript())
        // exp(x)*y
        function f(x, y) {
            const v1 = Math.exp(x);
            const v2 = v1 * y;
            return [v2, {"x": v2, "y": v1}];
        }
        <BLANKLINE>
        """
        from graphgrad.code import code  # noqa: PLC0415
        from graphgrad.emit import JavaScript  # noqa: PLC0415

        return code(self.data, JavaScript(), wrt, name)

    def to_latex(self) -> str:
        r"""Return the formula in LaTeX, for math mode with amsmath, MathJax or KaTeX.

        A program becomes an equation for each of its named intermediates.

        >>> print(parse("(apple*n + orange*m)/alpha_1").to_latex())
        \frac{\mathrm{apple} \cdot n + \mathrm{orange} \cdot m}{\alpha_{1}}
        """
        from graphgrad.typeset import typeset  # noqa: PLC0415  only where it is asked for

        return typeset(self.data)

    def to_json(self) -> str:
        """Return the graph as node-link JSON, with the spans of its nodes; `from_json` gives it back."""
        from graphgrad.node_link import to_json  # noqa: PLC0415  only where it is asked for

        return to_json(self.dag)

    def __str__(self) -> str:
        """Return a program that parses to the same graph."""
        return program(self.data)

    def __repr__(self) -> str:
        """Name the inputs and count the nodes."""
        return f"<Graph of {len(self.data.spans)} nodes, inputs {', '.join(self.inputs) or 'none'}>"


@dataclass(frozen=True)
class Backprop:
    """Both passes at a point: `value`, `grad`, and the annotated `dag`; checked with `check()`, drawn with `draw()`."""

    passes: Passes

    @property
    def value(self) -> Any:  # noqa: ANN401
        """The output's value: a float, or a Fraction where exact."""
        return self.passes.value

    @property
    def at(self) -> dict[str, Any]:
        """The inputs' values."""
        return dict(self.passes.inputs)

    @cached_property
    def grad(self) -> dict[str, Any]:
        """The gradient, by input."""
        return self.passes.grad

    @cached_property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph with value, adjoint and symbol on its nodes, partial, contribution and formula on its edges.

        >>> r = parse("x*y").backprop({"x": 3, "y": 5})
        >>> r.dag.nodes[2]["value"], r.dag.edges[0, 2, 0]["formula"]
        (15.0, 'y')
        """
        return annotated(self.passes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers should know: kinks and overflows, a sentence each.

        >>> parse("abs(x)").backprop({"x": 0}).warnings
        ('kink: abs(x) at x = 0: at 0 the derivative taken is 0',)
        """
        from graphgrad.diagnosis import warnings  # noqa: PLC0415

        return warnings(self.passes)

    def check(self, level: str = "full") -> Report:
        """Check these numbers against sympy; see `graphgrad.check.check`.

        >>> bool(parse("tanh(x)*x").backprop({"x": 0.5}).check())
        True
        """
        from graphgrad.check import check  # noqa: PLC0415  sympy is loaded only where the check runs

        return check(self.passes, self.grad, level=level)

    def explain(self, name: str, format: str = "text", language: str = "en") -> Explanation:  # noqa: A002
        r"""Return the chain rule for one input in words: named steps, local derivatives, products along the paths.

        `format` is "text", "markdown" or "latex", `language` "en" or "ja"; `str()` of the explanation is the text, its
        `chain` holds the same as data. Sympy's derivative stands beside it. Raises `UnknownNameError` for what is no
        input.

        >>> r = parse("x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v").backprop()
        >>> print(str(r.explain("x")).split("\n\n")[3])
        Multiplied along the path from x to E:
          ∂E/∂x = ∂s/∂x × ∂u/∂s × ∂E/∂u = 5 × 1 × 1.08 = 5.4
        """
        from graphgrad.explain import explain  # noqa: PLC0415  sympy is loaded only where something is explained

        return explain(self.passes, name, format, language)

    def sensitivity(self, changes: Mapping[str, Any] | None = None) -> Sensitivity:
        """Return each input's derivative and elasticity, and what stated changes do: predicted and recomputed.

        A change is by how much an input moves: a number, "+1", or "-10%" of its value.

        >>> r = parse("apple**2").backprop({"apple": 100})
        >>> print(r.sensitivity({"apple": "+1"}))
               value  derivative  % per %  change  predicted  recomputed  difference
        apple    100         200        2      +1       +200        +201          +1
        """
        from graphgrad.uses.sensitivity import sensitivity  # noqa: PLC0415  loaded only where it is asked for

        return sensitivity(self.passes, changes)

    def propagate(
        self, errors: Mapping[str, Any], correlations: Mapping[tuple[str, str], float] | None = None
    ) -> Propagation:
        """Return the output's standard deviation from those of the inputs, to first order, and each one's share.

        An error is a number, "±2", or "±1%" of the input's value; `correlations` are given by pairs of names.
        `draw(notes=….notes)` writes errors and shares beside the inputs.

        >>> p = parse("apple*tax").backprop({"apple": 500, "tax": 1.08}).propagate({"apple": 10, "tax": "±0.005"})
        >>> p.error, p.shares["apple"]
        (11.0855..., 0.949...)
        """
        from graphgrad.uses.uncertainty import propagate  # noqa: PLC0415  likewise

        return propagate(self.passes, errors, correlations)

    def draw(self, path: str | Path | None = None, *, passes: str = "both", **options: Any) -> str | None:  # noqa: ANN401
        """Draw the passes into a file, its format by its suffix; without a path, return the DOT source."""
        from graphgrad.picture import draw  # noqa: PLC0415  the graphviz package is loaded only where something is drawn

        return draw(self.dag, path, passes=passes, **options)

    def render(self, form: str = "svg", *, passes: str = "both", **options: Any) -> bytes:  # noqa: ANN401
        """Return the drawing that `draw` writes, as bytes in one of its formats.

        >>> parse("x*y").backprop({"x": 3, "y": 5}).render("dot", passes="forward")[:7]
        b'digraph'
        """
        from graphgrad.picture import rendered  # noqa: PLC0415  likewise

        return rendered(self.dag, form, passes=passes, **options)

    def to_json(self) -> str:
        """Return the graph with all numbers of both passes as node-link JSON; `from_json` gives it back."""
        from graphgrad.node_link import to_json  # noqa: PLC0415  likewise

        return to_json(self.dag)

    def describe(self, *, passes: str = "both") -> str:
        """Return a few sentences that say what the drawing shows, for those who cannot see it.

        >>> parse("x*y").backprop({"x": 3, "y": 5}).describe(passes="forward")
        'Computational graph of x*y. Arrows from left to right carry the values. At x = 3, y = 5: output = 15.'
        """
        from graphgrad.draw.scene import scene  # noqa: PLC0415  likewise

        return scene(self.dag, passes=passes).description

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, str]:  # noqa: ANN401
        """Show itself in a notebook: both passes, or in one line where they cannot be drawn."""
        return {"text/plain": repr(self), **_shown(self.dag, passes="both")}

    def __repr__(self) -> str:
        """Show the value and the gradient."""
        return f"<Backprop value={self.value} grad={self.grad}>"


def _shown(dag: nx.MultiDiGraph[int], passes: str) -> dict[str, str]:
    from graphgrad.picture import rendered  # noqa: PLC0415  likewise

    try:
        return {"image/svg+xml": rendered(dag, "svg", passes=passes).decode()}
    except RenderError:
        return {}
