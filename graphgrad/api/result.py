"""The numbers of both passes at a point, and all that can be done with them: a part of the façade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import GenericAlias
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from graphgrad.backprop.annotated_dag import annotated
from graphgrad.backprop.passes import Passes
from graphgrad.base.errors import RenderError
from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Literal, Unpack

    import networkx as nx
    from typing_extensions import TypeVar as TypeVarWithDefault

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.analysis.sensitivities import Sensitivity
    from graphgrad.analysis.ulp_distances import Distances
    from graphgrad.analysis.uncertainties import Propagation
    from graphgrad.check.report import Report
    from graphgrad.check.whole_expression import WholeExpression
    from graphgrad.draw.options import FrameKeywords, Pass, PictureKeywords
    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Amount

    N_co = TypeVarWithDefault("N_co", covariant=True, default=float)
    V_co = TypeVarWithDefault("V_co", covariant=True, default=N_co)
else:
    N_co = TypeVar("N_co", covariant=True)
    V_co = TypeVar("V_co", covariant=True)

__all__ = ["Backprop", "shown"]


@public
@dataclass(frozen=True, eq=False)
class Backprop(Generic[N_co, V_co]):
    """Both passes at a point: `value`, `grad`, and the annotated `dag`; checked with `check()`, drawn with `draw()`.

    For type checkers it is generic in the kind of its inputs and derivatives, float by default, and in that of its
    value, which they cannot know where inputs are arrays: `Backprop[Fraction]`.

    >>> from graphgrad import parse
    >>> parse("x*y").backprop({"x": 3, "y": 5})
    <Backprop value=15.0 grad={'x': 5.0, 'y': 3.0}>
    """

    passes: Passes

    if not TYPE_CHECKING:
        # Before Python 3.13, a type variable has no default at run time.
        __class_getitem__: Final = classmethod(GenericAlias)

    @property
    def value(self) -> V_co:
        """The output's value: a float, a `Fraction` where exact, a number of mpmath's where precise, or an array.

        >>> from graphgrad import parse
        >>> parse("x/y").backprop({"x": 1, "y": 3}, exact=True).value
        Fraction(1, 3)
        """
        value: V_co = self.passes.value
        return value

    @property
    def at(self) -> dict[str, N_co]:
        """The inputs' values, by name.

        >>> from graphgrad import parse
        >>> parse("x=2; x*y").backprop({"y": 5}).at
        {'x': 2.0, 'y': 5.0}
        """
        return dict(self.passes.inputs)

    @cached_property
    def grad(self) -> dict[str, N_co]:
        """The gradient: the derivative by each input of `wrt`, in the input's shape.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).grad
        {'x': 5.0, 'y': 3.0}
        """
        return self.passes.grad

    @cached_property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The graph with value, adjoint and symbol on its nodes, partial, contribution and formula on its edges.

        >>> from graphgrad import parse
        >>> r = parse("x*y").backprop({"x": 3, "y": 5})
        >>> r.dag.nodes[2]["value"], r.dag.edges[0, 2, 0]["formula"]
        (15.0, 'y')
        """
        return annotated(self.passes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers should know: a sentence for each kink and overflow.

        >>> from graphgrad import parse
        >>> parse("abs(x)").backprop({"x": 0}).warnings
        ('kink: abs(x) at x = 0: at 0 the derivative taken is 0',)
        """
        from graphgrad.backprop.result_warnings import warnings

        return warnings(self.passes)

    def check(self, level: Literal["full", "local", "off"] = "full") -> Report:
        """Check these numbers against sympy, and return a report that is true where nothing failed.

        Checked are the rule of each operation, each local derivative, and, unless `level` is "local", the whole
        gradient; with "off", nothing is. Raises `GraphgradError` for another level.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 3, "y": 5}).check("local"))
        checked against sympy: 2 rules proven, 1 value, 2 local derivatives; all exact
        """
        from graphgrad.check.levels import check

        return check(self.passes, self.grad, level=level, whole=self._whole)

    def explain(
        self, name: str, format: Literal["text", "markdown", "latex"] = "text", language: Literal["en", "ja"] = "en"
    ) -> Explanation:
        r"""Return the chain rule for one input in words: named steps, local derivatives, products along the paths.

        `format` is "text", "markdown" or "latex", `language` "en" or "ja"; `str()` of the explanation is the text, its
        `chain` holds the same as data. Sympy's derivative stands beside it. Raises `UnknownNameError` for what is no
        input, and `GraphgradError` for another format or language, or where values are arrays.

        >>> from graphgrad import parse
        >>> r = parse("x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v").backprop()
        >>> print(str(r.explain("x")).split("\n\n")[3])
        Multiplied along the path from x to E:
          ∂E/∂x = ∂s/∂x × ∂u/∂s × ∂E/∂u = 5 × 1 × 1.08 = 5.4
        """
        from graphgrad.analysis.explain.explained import explain

        return explain(self.passes, name, format, language, whole=self._whole)

    @cached_property
    def _whole(self) -> WholeExpression:
        """Sympy's expression of the graph, which the check and all explanations share."""
        from graphgrad.check.whole_expression import WholeExpression

        return WholeExpression.of(self.passes)

    def sensitivity(self, changes: Mapping[str, Amount] | None = None) -> Sensitivity[N_co]:
        """Return each input's derivative and elasticity, and what stated changes do: predicted and recomputed.

        A change is by how much an input moves: a number, "+1", or "-10%" of its value. Raises `UnknownNameError` for
        what is no input, and `GraphgradError` for what is no amount, or where values are arrays.

        >>> from graphgrad import parse
        >>> r = parse("apple**2").backprop({"apple": 100})
        >>> print(r.sensitivity({"apple": "+1"}))
               value  derivative  % per %  change  predicted  recomputed  difference
        apple    100         200        2      +1       +200        +201          +1
        """
        from graphgrad.analysis.sensitivities import sensitivity

        return sensitivity(self.passes, changes)

    def propagate(
        self, errors: Mapping[str, Amount], correlations: Mapping[tuple[str, str], float] | None = None
    ) -> Propagation:
        """Return the output's standard deviation from those of the inputs, to first order, and each one's share.

        An error is a number, "±2", or "±1%" of the input's value; `correlations` are given by pairs of names.
        `draw(notes=….notes)` writes errors and shares beside the inputs. Raises `UnknownNameError` for what is no
        input, and `GraphgradError` for an error that is negative or no amount, for correlations that contradict each
        other, and where values are arrays.

        >>> from graphgrad import parse
        >>> p = parse("apple*tax").backprop({"apple": 500, "tax": 1.08}).propagate({"apple": 10, "tax": "±0.005"})
        >>> p.error, p.shares["apple"]
        (11.0855..., 0.949...)
        """
        from graphgrad.analysis.uncertainties import propagate

        return propagate(self.passes, errors, correlations)

    def ulps(self, precision: int = 50) -> Distances:
        """Return how far the floats are from the same passes with `precision` digits, in units in the last place.

        Raises `GraphgradError` where the numbers are not floats, or where values are arrays.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 0.1, "y": 3}).ulps())
        distance from 50 digits: value 0.5 ulp, ∂/∂x exact, ∂/∂y exact
        """
        from graphgrad.analysis.ulp_distances import ulps

        return ulps(self.passes, precision)

    def draw(self, path: str | Path | None = None, **options: Unpack[PictureKeywords]) -> str | None:
        """Draw the passes into a file, its format by its suffix; without a path, return the DOT source.

        `options`: `passes` is "forward", "backward" or "both", the default; `fold` draws constants inside their
        operation; `local` adds the local derivatives; `values` writes small arrays out; `notes` stand beside the inputs
        of these names, under None beside the output; `title` is for those who cannot see the picture; `theme` is
        "textbook", "record", "minimal" or a `Theme` of your own; `engine` is "auto", "system", "embedded", or a
        function from DOT to its layout in Graphviz's JSON; `dpi` are a PNG's dots per inch; `prefix` stands before
        every id in an SVG. Of a large graph, named intermediates and repeated structure are closed into boxes; `expand`
        names those to open, "*" all. Raises `RenderError` where it cannot be drawn, and for an option that there is
        not.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 3, "y": 5}).draw(passes="forward").splitlines()[0])
        digraph {
        """
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.render import draw

        return draw(self.passes, path, PictureOptions.read(options))

    def render(self, form: str = "svg", **options: Unpack[PictureKeywords]) -> bytes:
        """Return the drawing that `draw` writes, as bytes in one of its formats.

        `form` is "svg", "png", "pdf", "dot", "mmd", "tex", "html", "json" or "graphml", `options` are those of `draw`.
        Raises `RenderError` as `draw` does.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).render("dot", passes="forward")[:7]
        b'digraph'
        """
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.render import rendered

        return rendered(self.passes, form, PictureOptions.read(options))

    def frames(self, folder: str | Path, **options: Unpack[FrameKeywords]) -> list[Path]:
        """Draw each step of the passes into a folder, and an SVG that plays them.

        There is one picture per step of the forward and then of the backward pass, `step-0.svg` being the bare graph,
        all with the same layout, and `animated.svg`, which needs no script. `options` are those of `draw`, but for
        `dpi`. Returns the paths. Raises `RenderError` where it cannot be drawn, before any file is written.

        >>> from graphgrad import parse
        >>> from tempfile import mkdtemp
        >>> [path.name for path in parse("2*3").backprop().frames(mkdtemp())]
        ['step-0.svg', 'step-1.svg', 'step-2.svg', 'step-3.svg', 'animated.svg']
        """
        from graphgrad.draw.options import FrameOptions
        from graphgrad.draw.render import frames

        return frames(self.passes, folder, FrameOptions.read(options))

    def to_json(self) -> str:
        """Return the graph with all numbers of both passes as node-link JSON; `from_json` gives it back.

        >>> from graphgrad import from_json, parse
        >>> r = parse("x*y").backprop({"x": 3, "y": 5})
        >>> from_json(r.to_json()) == r
        True
        """
        from graphgrad.backprop.stored_json import to_json

        return to_json(self.dag)

    def describe(self, *, passes: Pass = "both") -> str:
        """Return a few sentences that say what the drawing shows, for those who cannot see it.

        Raises `RenderError` for another word than these for `passes`, and for a graph too large to draw.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).describe(passes="forward")
        'Computational graph of x*y. Arrows from left to right carry the values. At x = 3, y = 5: output = 15.'
        """
        from graphgrad.draw.options import FrameOptions
        from graphgrad.draw.scene.scene import scene
        from graphgrad.draw.view import view_of

        return scene(view_of(self.passes), FrameOptions(passes=passes)).description

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Show itself in a notebook: both passes, or in one line where they cannot be drawn."""
        return {"text/plain": repr(self), **shown(self.passes)}

    def __eq__(self, other: object) -> bool:
        """Whether another one holds the same graph and the same numbers: both are the same JSON."""
        return self is other or (isinstance(other, Backprop) and self.to_json() == other.to_json())

    __hash__ = None  # type: ignore[assignment]  # its arrays may be changed

    def __repr__(self) -> str:
        """Show the value and the gradient."""
        return f"<Backprop value={self.value} grad={self.grad}>"


def shown(source: GraphData | Passes) -> dict[str, str]:
    """Return a graph's picture by its MIME type, for a notebook; nothing where it cannot be drawn."""
    from graphgrad.draw.options import PictureOptions
    from graphgrad.draw.render import rendered

    options = PictureOptions(passes="both" if isinstance(source, Passes) else "forward")
    try:
        return {"image/svg+xml": rendered(source, "svg", options).decode()}
    except RenderError:
        return {}
