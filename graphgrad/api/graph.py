"""The façade: what a library user holds."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, overload

from graphgrad.api.result import Backprop, shown
from graphgrad.backprop.both_passes import backprop
from graphgrad.base.public import public
from graphgrad.graph.builder import build
from graphgrad.namespaces.kinds import kind_for
from graphgrad.printing.program import program
from graphgrad.text.parser import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction
    from typing import Literal

    import networkx as nx
    import sympy

    from graphgrad.api.derivatives import Derivatives
    from graphgrad.compile.function import Compiled
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Floats, ManyDigits, Numbers, Unknown, Value, Values, Wrt
    from graphgrad.transform.derive import Derived

__all__ = ["Backprop", "Graph", "parse"]


@public
def parse(text: str, *, name_literals: Sequence[str] = (), share: bool = True) -> Graph:
    """Return the computational graph of an expression, or of a program of assignments.

    `name_literals` names the first literals, from left to right, as inputs. Equal subexpressions are one node; with
    `share=False` they are drawn apart. Raises `ExpressionError`, which points at the fault.

    >>> parse("(apple*n + orange*m)*tax").inputs
    ('apple', 'n', 'orange', 'm', 'tax')
    >>> parse("100*5*1.08", name_literals=["apple"]).backprop().grad
    {'apple': 5.4}
    """
    return Graph(build(text, statements(text), name_literals=name_literals, share=share))


@public
@dataclass(frozen=True)
class Graph:
    """A computational graph; `str()` gives text that parses to the same graph.

    >>> parse("(apple*n + orange*m)*tax")
    <Graph of 9 nodes, inputs apple, n, orange, m, tax>
    """

    data: GraphData

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs' names, in order of appearance.

        >>> parse("y - x").inputs
        ('y', 'x')
        """
        return self.data.inputs

    @property
    def defaults(self) -> dict[str, Fraction]:
        """The values that the text itself gives inputs, as exact fractions.

        >>> parse("tax = 1.08; apple*tax").defaults
        {'tax': Fraction(27, 25)}
        """
        return dict(self.data.defaults)

    @property
    def literals(self) -> dict[str, tuple[int, int]]:
        """Where in the text the literals stand that were named as inputs: (start, end) by name.

        >>> parse("100*5*1.08", name_literals=["apple", "n"]).literals
        {'apple': (0, 3), 'n': (4, 5)}
        """
        return dict(self.data.literals)

    @property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph for networkx: edges run from operand to result, an edge's key is the operand's position.

        >>> list(parse("x*x").dag.edges(keys=True))
        [(0, 1, 0), (0, 1, 1)]
        """
        return self.data.dag

    @overload
    def backprop(  # type: ignore[overload-overlap]  # a mapping of numbers is none of arrays
        self, at: Numbers | None = None, wrt: Wrt = None, *, exact: Literal[False] = False, seed: Value | None = None
    ) -> Backprop[float, float]: ...

    @overload
    def backprop(
        self, at: Numbers | None = None, wrt: Wrt = None, *, exact: Literal[True], seed: Value | None = None
    ) -> Backprop[Fraction, Fraction]: ...

    @overload
    def backprop(
        self, at: Numbers | None = None, wrt: Wrt = None, *, precision: int, seed: Value | None = None
    ) -> Backprop[ManyDigits, ManyDigits]: ...

    @overload
    def backprop(
        self, at: Values, wrt: Wrt = None, *, exact: Literal[False] = False, seed: Value | None = None
    ) -> Backprop[Floats, Unknown]: ...

    @overload
    def backprop(
        self,
        at: Values | None = None,
        wrt: Wrt = None,
        *,
        exact: bool,
        precision: int | None = None,
        seed: Value | None = None,
    ) -> Backprop[Unknown, Unknown]: ...

    @overload
    def backprop(
        self, at: Values | None = None, wrt: Wrt = None, *, precision: int | None, seed: Value | None = None
    ) -> Backprop[Unknown, Unknown]: ...

    def backprop(
        self,
        at: Values | None = None,
        wrt: Wrt = None,
        *,
        exact: bool = False,
        precision: int | None = None,
        seed: Value | None = None,
    ) -> Backprop[Unknown, Unknown]:
        """Run the forward and the backward pass at a point.

        `at` gives the inputs' values, floats by default, or arrays of any shape (NumPy's, or nested lists), computed in
        float64; inputs with a default may be left out. `wrt` names the inputs to differentiate by, all by default. With
        `exact=True` the numbers are fractions, without rounding; with `precision=50` they are mpmath's, right to 50
        digits and computed with ten more; in both, a float of `at` stands for the decimal it is written as. `seed` is
        the adjoint of the output: 1 by default; an output that is an array must be given one. Raises
        `UnknownNameError` for names and missing values, `ShapeError` where arrays do not fit, `DomainError` where a
        value or derivative does not exist, and `GraphgradError` for both exact and precision, or for a precision beyond
        10,000 digits.

        >>> g = parse("(apple*n + orange*m)*tax")
        >>> r = g.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1})
        >>> r.value
        715.0000000000001
        >>> g.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}, exact=True).value
        Fraction(715, 1)
        >>> print(parse("sqrt(x)").backprop({"x": 2}, precision=30).value)
        1.41421356237309504880168872420969807857
        >>> parse("sum(x*y)").backprop({"x": [1, 2], "y": [[3, 4], [5, 6]]}).grad["x"]
        array([ 8., 10.])
        """
        kind = kind_for((at or {}).values(), exact=exact, precision=precision)
        return Backprop(backprop(self.data, at or {}, wrt, kind=kind, seed=seed))

    @overload
    def gradient(self, wrt: str) -> Graph: ...  # type: ignore[overload-overlap]  # one name is a text

    @overload
    def gradient(self, wrt: Wrt = None) -> Derivatives[str, Graph]: ...

    def gradient(self, wrt: str | Iterable[str] | None = None) -> Graph | Derivatives[str, Graph]:
        """Return the derivative by one input as a graph, or those by several, all by default, on one tape.

        A derivative has the inputs and defaults of its function. It can be drawn, checked, compiled, differentiated.
        Of an output that is an array, it is the derivative of the sum of its entries. Raises `UnknownNameError` for
        what is no input, and `DomainError` where a derivative exists nowhere.

        >>> print(parse("x**3 + 2*x").gradient("x"))
        2 + 3*x**2
        >>> parse("sin(x)*y").gradient().at({"x": 0, "y": 3})
        {'x': 3.0, 'y': 0.0}
        """
        from graphgrad.transform import derive

        entries = _graphs(derive.gradient(self.data, [wrt] if isinstance(wrt, str) else wrt))
        return entries[wrt] if isinstance(wrt, str) else entries

    def jacobian(self, outputs: Iterable[str] | None = None, wrt: Wrt = None) -> Derivatives[tuple[str, str], Graph]:
        """Return the derivatives of several outputs, by (output, input).

        `outputs` are names of the program's intermediates; without them it is the program's own output alone. Raises
        `UnknownNameError` for other names, and `DomainError` where a derivative exists nowhere.

        >>> print(parse("s = x*y; t = x - y; s/t").jacobian(["s", "t"]))
        ∂s/∂x = y
        ∂s/∂y = x
        ∂t/∂x = 1
        ∂t/∂y = -1
        """
        from graphgrad.transform import derive

        return _graphs(derive.jacobian(self.data, outputs, wrt))

    def hessian(self, wrt: Wrt = None) -> Derivatives[tuple[str, str], Graph]:
        """Return the second derivatives, by (input, input); what they have in common stands once.

        Raises `UnknownNameError` for what is no input, and `DomainError` where a derivative exists nowhere.

        >>> parse("x*x*y").hessian().at({"x": 3, "y": 5})
        {('x', 'x'): 10.0, ('x', 'y'): 6.0, ('y', 'x'): 6.0, ('y', 'y'): 0.0}
        """
        from graphgrad.transform import derive

        return _graphs(derive.hessian(self.data, wrt))

    def jvp(self, tangents: Numbers | None = None) -> Graph:
        """Return the derivative along a direction: the gradient times a vector.

        A tangent is a number, or the name of a new input; without any, each input x gets a new one, dx. Raises
        `UnknownNameError` for what is no input, `GraphgradError` for a name that is taken, and `DomainError` where a
        derivative exists nowhere.

        >>> print(parse("x*y").jvp())
        y*dx + x*dy
        """
        from graphgrad.transform import derive

        return next(iter(_graphs(derive.jvp(self.data, tangents)).values()))

    def hvp(self, vector: Numbers | None = None, wrt: Wrt = None) -> Derivatives[str, Graph]:
        """Return the Hessian times a vector, by input, without the Hessian; the vector is given as `jvp`'s tangents.

        Raises what `jvp` raises: `UnknownNameError`, `GraphgradError`, `DomainError`.

        >>> parse("x*x*y").hvp({"x": 1, "y": 2}).at({"x": 3, "y": 5})
        {'x': 22.0, 'y': 6.0}
        """
        from graphgrad.transform import derive

        return _graphs(derive.hvp(self.data, vector, wrt))

    def opened(self) -> Graph:
        """Return the graph with composite nodes opened, such as affine into × and +.

        Raises `GraphgradError` where an input has a name that no text can hold.

        >>> print(parse("softmax_cross_entropy(x, t)").opened())
        cross_entropy(softmax(x), t)
        """
        from graphgrad.transform.composites import opened

        return Graph(opened(self.data))

    def to_sympy(self) -> sympy.Expr:
        """Return the sympy expression, over real symbols.

        Raises `LimitError` where it is too large, or too deep, for sympy, and `ExpressionError` at an operation on
        arrays.

        >>> parse("sigmoid(x)*y").to_sympy()
        y/(1 + exp(-x))
        """
        from graphgrad.transform.write_sympy import to_sympy

        return to_sympy(self.data)

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Show itself in a notebook: the graph and its formula, or one line where it cannot be drawn."""
        bundle = {"text/plain": repr(self), **shown(self.data)}
        if drawn := bundle.get("image/svg+xml"):
            formula = f"$\\displaystyle {self.to_latex()}$"
            bundle |= {"text/latex": formula, "text/html": f"{drawn}<p>{escape(formula, quote=False)}</p>"}
        return bundle

    def compile(self, wrt: Wrt = None) -> Compiled:
        """Return a function of the inputs, in their order or by name, that gives the value and the gradient.

        It computes what `backprop` does, from generated code: numbers in, a float and a dict of floats out, and the
        same errors. `wrt` names the inputs to differentiate by, all by default. It may be called from many threads.

        Inputs may be columns, which are broadcast: NumPy arrays are run through block by block on every core, in the
        memory of a few blocks, and arrays of another library by that library. Value and derivatives are then arrays,
        row by row, of the columns' common shape and type; a derivative by a number has a row for each, too. A row
        outside the domain is nan where a point would be an error, and one beyond the largest float is infinity.
        `f(…, out=(value, grad))` fills arrays of yours. `f.check(columns, rows=100)` checks it at sample rows. Raises
        `UnknownNameError` for what is no input, and `DomainError` where a derivative exists nowhere.

        >>> f = parse("(apple*n + orange*m)*tax").compile(["apple", "tax"])
        >>> f(apple=100, n=2, orange=150, m=3, tax=1.1)
        (715.0000000000001, {'apple': 2.2, 'tax': 650.0})
        >>> f(100, 2, 150, 3, 1.1)[0], f([100, 200], 2, 150, 3, 1.1)[1]["tax"].tolist()
        (715.0000000000001, [650.0, 850.0])
        """
        from graphgrad.compile.function import compiled

        return compiled(self.data, wrt)

    def to_python(self, wrt: Wrt = None, *, name: str = "f", numpy: bool = False) -> str:
        """Return the source of a Python function of the inputs, in their order, that gives value and gradient.

        It needs nothing but Python's `math`: floats in, a float and a dict of floats out. Each intermediate result is
        computed once, and none in a branch that is not taken. With `numpy=True` it takes and gives NumPy arrays. Raises
        `GraphgradError` where `name` is not the name of a function, `UnknownNameError` for what is no input, and
        `ExpressionError` at an operation on arrays.

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
        from graphgrad.compile.languages.numpy import NumPy
        from graphgrad.compile.languages.python import Python
        from graphgrad.compile.source import code

        return code(self.data, NumPy() if numpy else Python(), wrt, name)

    def to_c(self, wrt: Wrt = None, *, name: str = "f") -> str:
        """Return the source of a C99 function that gives the value and fills `grad`, in the order of `wrt`.

        Outside an operation's domain the numbers are those of `<math.h>`: nan or infinity. Raises what `to_python`
        raises: `GraphgradError`, `UnknownNameError`, `ExpressionError`.

        >>> parse("exp(x)*y").to_c().splitlines()[4]
        'double f(double x, double y, double grad[2]) {'
        """
        from graphgrad.compile.languages.c import C
        from graphgrad.compile.source import code

        return code(self.data, C(), wrt, name)

    def to_javascript(self, wrt: Wrt = None, *, name: str = "f") -> str:
        """Return the source of a JavaScript function that gives `[value, {name: derivative}]`.

        Functions that `Math` lacks come along. Outside an operation's domain the numbers are NaN or Infinity. Raises
        what `to_python` raises: `GraphgradError`, `UnknownNameError`, `ExpressionError`.

        >>> parse("exp(x)*y").to_javascript().splitlines()[4].strip()
        'return [v2, {"x": v2, "y": v1}];'
        """
        from graphgrad.compile.languages.javascript import JavaScript
        from graphgrad.compile.source import code

        return code(self.data, JavaScript(), wrt, name)

    def to_latex(self) -> str:
        r"""Return the formula in LaTeX, for math mode with amsmath, MathJax or KaTeX.

        A program becomes an equation for each of its named intermediates.

        >>> print(parse("(apple*n + orange*m)/alpha_1").to_latex())
        \frac{\mathrm{apple} \cdot n + \mathrm{orange} \cdot m}{\alpha_{1}}
        """
        from graphgrad.printing.latex import typeset

        return typeset(self.data)

    def to_json(self) -> str:
        """Return the graph as node-link JSON, with the spans of its nodes; `from_json` gives it back.

        >>> from graphgrad import from_json
        >>> from_json(parse("x*y").to_json()) == parse("x*y")
        True
        """
        from graphgrad.backprop.stored_json import to_json

        return to_json(self.dag)

    def __str__(self) -> str:
        """Return a program that parses to the same graph."""
        return program(self.data)

    def __repr__(self) -> str:
        """Name the inputs and count the nodes."""
        return f"<Graph of {len(self.data.spans)} nodes, inputs {', '.join(self.inputs) or 'none'}>"


def _graphs(derived: Derived) -> Derivatives[Unknown, Graph]:
    from graphgrad.api.derivatives import Derivatives

    return Derivatives(derived, Graph)
