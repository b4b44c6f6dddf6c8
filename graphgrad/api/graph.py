"""Define the public class `Graph`, and `parse`, which makes one from text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from graphgrad.api.notebook_picture import shown
from graphgrad.api.result import Backprop
from graphgrad.api.source_code import SourceCode
from graphgrad.api.table_methods import TableMethods
from graphgrad.backprop.both_passes import backprop
from graphgrad.base.arguments import flag_of, mapping_of, text_of, texts_of
from graphgrad.base.public import public
from graphgrad.graph.builder import build
from graphgrad.namespaces.kinds import kind_for
from graphgrad.ops.operations import table_given
from graphgrad.text.quoted_names import written_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction
    from typing import Literal

    import networkx as nx
    import sympy

    from graphgrad.api.derivatives import Derivatives
    from graphgrad.compile.protocol import Compiled
    from graphgrad.graph.data import Default, GraphData
    from graphgrad.namespaces.value_types import Floats, ManyDigits, Numbers, Unknown, Value, Values, Wrt
    from graphgrad.ops.operations import Operations
    from graphgrad.transform.derived import Derived

__all__ = ["Backprop", "Graph", "parse"]


@public
def parse(
    text: str,
    *,
    name_literals: Sequence[str] = (),
    share: bool = True,
    dialect: str = "graphgrad",
    operations: Operations | None = None,
) -> Graph:
    """Return the computational graph of an expression, or of a program of assignments.

    `name_literals` makes the first literals, from left to right, inputs of these names. Equal subexpressions are one
    node; with `share=False` each has its own. `dialect` says how the text is written: as graphgrad's own language, or
    as that of another program; `operations` is the table of what it may call, which `OPERATIONS.with_` makes. Raises
    `ExpressionError`, which points at the error in the text, and `GraphgradError` for a dialect that is not known, and
    for operations that are no such table.

    >>> parse("(apple*n + orange*m)*tax").inputs
    ('apple', 'n', 'orange', 'm', 'tax')
    >>> parse("100*5*1.08", name_literals=["apple"]).backprop().grad
    {'apple': 5.4}
    """
    from graphgrad.text.dialects.named import grammar_of
    from graphgrad.text.parser import statements

    text, names = text_of(text, "an expression"), texts_of(name_literals, "name_literals")
    grammar = grammar_of(text_of(dialect, "dialect"), table_given(operations))
    data = build(text, statements(text, grammar), name_literals=names, share=flag_of(share, "share"))
    if not grammar.matrix_signs:
        return Graph(data)
    from graphgrad.backprop.matrix_signs import with_matrix_signs

    return Graph(with_matrix_signs(data, grammar.matrix_signs, grammar.dialect))


@public
@dataclass(frozen=True)
class Graph(SourceCode, TableMethods):
    """A computational graph; `str()` gives text that parses to the same graph.

    >>> parse("(apple*n + orange*m)*tax")
    <Graph of 9 nodes, inputs apple, n, orange, m, tax>
    """

    data: GraphData

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order of appearance.

        >>> parse("y - x").inputs
        ('y', 'x')
        """
        return self.data.inputs

    @property
    def defaults(self) -> dict[str, Default]:
        """The values that the text gives to inputs, as exact fractions; those of an array as a tuple.

        >>> parse("tax = 1.08; apple*tax").defaults
        {'tax': Fraction(27, 25)}
        """
        return dict(self.data.defaults)

    @property
    def literals(self) -> dict[str, tuple[int, int]]:
        """The spans in the text of the literals that were named as inputs: (start, end) by name.

        >>> parse("100*5*1.08", name_literals=["apple", "n"]).literals
        {'apple': (0, 3), 'n': (4, 5)}
        """
        return dict(self.data.literals)

    @property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph as a networkx `MultiDiGraph`: edges run from operand to result, keyed by the operand's position.

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

        `at` gives the values of the inputs: numbers, or arrays of any shape (NumPy's, or nested lists); inputs with a
        default may be left out. `wrt` names the inputs to differentiate by, all by default. The numbers are floats, and
        arrays float64; with `exact=True` they are fractions, without rounding; with `precision=50` they are mpmath's,
        with 50 right digits and ten more: where digits cancel, more are computed with, up to a thousand more than twice
        the precision, and `warnings` says which numbers lack digits then. In the last two cases a float in `at` stands
        for the decimal it is written as. `seed` is the adjoint of the output, 1 by default; an output that is an array
        needs one. Raises `UnknownNameError` for unknown names and missing values, `ShapeError` where arrays do not fit,
        `DomainError` where a value or a derivative does not exist, and `GraphgradError` where both `exact` and
        `precision` are given and for a precision beyond 10,000 digits.

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
        at = mapping_of(at, "the point")
        kind = kind_for(at.values(), exact=flag_of(exact, "exact"), precision=precision)
        return Backprop(backprop(self.data, at, wrt, kind=kind, seed=seed))

    @overload
    def gradient(self, wrt: str) -> Graph: ...  # type: ignore[overload-overlap]  # one name is a text

    @overload
    def gradient(self, wrt: Wrt = None) -> Derivatives[str, Graph]: ...

    def gradient(self, wrt: str | Iterable[str] | None = None) -> Graph | Derivatives[str, Graph]:
        """Return the derivative by one input as a graph, or the derivatives by several, all by default, on one tape.

        A derivative has the inputs and defaults of its function, and can be drawn, checked, compiled and differentiated
        again. Where the output is an array, the sum of its entries is differentiated; the graph of a derivative without
        operations on arrays works entry by entry, and refuses inputs that would have to be summed. Raises
        `UnknownNameError` for a name that is no input, and `DomainError` where a derivative exists nowhere.

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

        `outputs` names intermediates of the program; the default is the program's output alone. Where an output is an
        array, `.at(point)` computes the whole Jacobian, and graphs of entries refuse the arrays. Raises
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
        """Return the second derivatives, by (input, input), on one tape that shares common subexpressions.

        They are derivatives by numbers; for arrays there is `hvp`.
        Raises `UnknownNameError` for a name that is no input, and `DomainError` where a derivative exists nowhere.

        >>> parse("x*x*y").hessian().at({"x": 3, "y": 5})
        {('x', 'x'): 10.0, ('x', 'y'): 6.0, ('y', 'x'): 6.0, ('y', 'y'): 0.0}
        """
        from graphgrad.transform import derive

        return _graphs(derive.hessian(self.data, wrt))

    def jvp(self, tangents: Numbers | None = None) -> Graph:
        """Return the derivative along a direction: the gradient, or the Jacobian of an array, times a vector.

        `tangents` gives the vector by input; an entry is a number, or the name of a new input, whose value may be an
        array. Without it, each input x gets a new input dx. Raises `UnknownNameError` for a name that is no input,
        `GraphgradError` for another entry or a name that is taken, and `DomainError` where a derivative exists nowhere.

        >>> print(parse("x*y").jvp())
        y*dx + x*dy
        """
        from graphgrad.transform import derive

        return next(iter(_graphs(derive.jvp(self.data, tangents)).values()))

    def hvp(self, vector: Numbers | None = None, wrt: Wrt = None) -> Derivatives[str, Graph]:
        """Return the Hessian times a vector, by input, without computing the Hessian.

        `vector` is given like the `tangents` of `jvp`.
        Raises what `jvp` raises: `UnknownNameError`, `GraphgradError`, `DomainError`.

        >>> parse("x*x*y").hvp({"x": 1, "y": 2}).at({"x": 3, "y": 5})
        {'x': 22.0, 'y': 6.0}
        """
        from graphgrad.transform import derive

        return _graphs(derive.hvp(self.data, vector, wrt))

    def opened(self, names: str | Iterable[str] | None = None) -> Graph:
        """Return the graph with composite operations written out, such as affine as a matrix product and a sum.

        Calls of functions that the text defines are written out, too, in pictures and in text. `names` names the
        functions and operations to open, all by default. Raises `GraphgradError` for a name of which there is none, and
        where an input has a name that no text can hold.

        >>> print(parse("softmax_cross_entropy(x, t)").opened())
        cross_entropy(softmax(x), t)
        >>> print(parse("f(x) = x**2; f(a)*f(b)").opened("f"))
        a**2*b**2
        """
        from graphgrad.transform.composites import opened

        wanted = [names] if isinstance(names, str) else names
        return Graph(opened(self.data, None if wanted is None else texts_of(wanted, "names")))

    def to_sympy(self) -> sympy.Expr:
        """Return the graph as a sympy expression over real symbols.

        Raises `LimitError` where it is too large or too deep for sympy, and `ExpressionError` at an operation on
        arrays.

        >>> parse("sigmoid(x)*y").to_sympy()
        y/(1 + exp(-x))
        """
        from graphgrad.transform.write_sympy import to_sympy

        return to_sympy(self.data)

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the picture and the formula for a notebook, or one line of text where it cannot be drawn."""
        bundle = {"text/plain": repr(self), **shown(self.data)}
        if drawn := bundle.get("image/svg+xml"):
            from html import escape

            formula = f"$\\displaystyle {self.to_latex()}$"
            bundle |= {"text/latex": formula, "text/html": f"{drawn}<p>{escape(formula, quote=False)}</p>"}
        return bundle

    def compile(self, wrt: Wrt = None) -> Compiled:
        """Return a function of the inputs, in their order or by name, that returns the value and the gradient.

        It runs generated code that computes the numbers of `backprop`, but for last bits, because it is optimised: it
        takes numbers, returns a float and a dict of floats, and raises the same errors. `wrt` names the inputs to
        differentiate by, all by default. Threads may call it at the same time.

        Inputs may be columns, which are broadcast. NumPy arrays are computed block by block on every core, with
        temporary memory for a few blocks; arrays of another library are computed by that library. The value and every
        derivative, also one by a single number, are then arrays with one entry per row, of the columns' common shape
        and type. A row outside the domain is nan, where a point would raise an error, and overflow is infinity.
        Functions such as `exp` may differ from those of a point by a few units in the last place, and, with llvmlite,
        from one call to another: machine code takes NumPy's place once that pays.
        `f(…, out=(value, grad))` fills given arrays. `f.check(columns, rows=100)` checks the function at sample rows.
        A frame, as in `f(df)`, is returned with the value and the derivatives as further columns, and series by name
        give series. `f.propagate(df, errors)` and `f.sensitivity(df)` work row by row. The function can be pickled.
        Raises `UnknownNameError` for a name that is no input, and `DomainError` where a derivative exists nowhere.

        >>> f = parse("(apple*n + orange*m)*tax").compile(["apple", "tax"])
        >>> f(apple=100, n=2, orange=150, m=3, tax=1.1)
        (715.0000000000001, {'apple': 2.2, 'tax': 650.0})
        >>> f(100, 2, 150, 3, 1.1)[0], f([100, 200], 2, 150, 3, 1.1)[1]["tax"].tolist()
        (715.0000000000001, [650.0, 850.0])
        """
        from graphgrad.compile.function import compiled

        return compiled(self.data, wrt)

    def to_latex(self) -> str:
        r"""Return the formula in LaTeX, for math mode with amsmath, MathJax or KaTeX.

        A program becomes an equation for each of its named intermediates.

        >>> print(parse("(apple*n + orange*m)/alpha_1").to_latex())
        \frac{\mathrm{apple} \cdot n + \mathrm{orange} \cdot m}{\alpha_{1}}
        """
        from graphgrad.printing.latex import typeset

        return typeset(self.data)

    def to_json(self) -> str:
        """Return the graph as node-link JSON, with the spans of its nodes; `from_json` reads it back.

        >>> from graphgrad import from_json
        >>> from_json(parse("x*y").to_json()) == parse("x*y")
        True
        """
        from graphgrad.backprop.stored_json import to_json

        return to_json(self.dag)

    def __str__(self) -> str:
        """Return a program that parses to the same graph."""
        from graphgrad.printing.program import program

        return program(self.data)

    def __repr__(self) -> str:
        """Return the number of nodes and the names of the inputs."""
        return f"<Graph of {len(self.data.spans)} nodes, inputs {written_names(self.inputs) or 'none'}>"


def _graphs(derived: Derived) -> Derivatives[Unknown, Graph]:
    from graphgrad.api.derivatives import Derivatives

    return Derivatives(derived, Graph)
