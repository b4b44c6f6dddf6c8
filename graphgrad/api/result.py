"""Define the public class `Backprop`: the numbers of both passes at a point, and what can be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import GenericAlias
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from graphgrad.backprop.passes import Passes
from graphgrad.base.arguments import chosen
from graphgrad.base.errors import RenderError
from graphgrad.base.public import public
from graphgrad.namespaces.display import printed
from graphgrad.namespaces.kinds import delivered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Literal, Unpack

    import networkx as nx
    from typing_extensions import TypeVar as TypeVarWithDefault

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.analysis.lens import Lens
    from graphgrad.analysis.sensitivities import Sensitivity
    from graphgrad.analysis.ulp_distances import Distances
    from graphgrad.analysis.uncertainties import Propagation
    from graphgrad.api.tornado import Tornado
    from graphgrad.backprop.blame import Blame
    from graphgrad.check.report import Report
    from graphgrad.check.witnesses import Witnesses
    from graphgrad.draw.options import FrameKeywords, PictureKeywords
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

    For type checkers it has two parameters: the kind of its inputs and derivatives, float by default, and the kind of
    its value, by default the same. `Backprop[Fraction]` has fractions; where inputs are arrays, the value's kind is
    unknown.

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
        """The value of the output: a float, a `Fraction` with `exact`, mpmath's number with `precision`, or an array.

        >>> from graphgrad import parse
        >>> parse("x/y").backprop({"x": 1, "y": 3}, exact=True).value
        Fraction(1, 3)
        """
        value: V_co = delivered(self.passes.kind, self.passes.value)
        return value

    @property
    def at(self) -> dict[str, N_co]:
        """The values of the inputs, by name.

        >>> from graphgrad import parse
        >>> parse("x=2; x*y").backprop({"y": 5}).at
        {'x': 2.0, 'y': 5.0}
        """
        return dict(self.passes.inputs)

    @cached_property
    def grad(self) -> dict[str, N_co]:
        """The gradient: the derivative by each input of `wrt`, with the input's shape.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).grad
        {'x': 5.0, 'y': 3.0}
        """
        grad, kind = self.passes.grad, self.passes.kind
        return {name: delivered(kind, partial) for name, partial in grad.items()} if kind.promises_digits else grad

    @cached_property
    def dag(self) -> nx.MultiDiGraph[int]:
        """The networkx graph with the numbers of both passes.

        Nodes have the attributes value, adjoint and symbol; edges have partial, contribution and formula. They are None
        where a pass did not reach. Of fractions and of numbers of chosen precision they are the nearest floats, and
        `value_exact` and so on are their texts. networkx can write the graph, as GraphML for example: an attribute that
        is None, an array, a tuple or a dictionary can be looked up, but is not listed.

        >>> from graphgrad import parse
        >>> r = parse("x*y").backprop({"x": 3, "y": 5})
        >>> r.dag.nodes[2]["value"], r.dag.edges[0, 2, 0]["formula"]
        (15.0, 'y')
        """
        from graphgrad.backprop.annotated_dag import annotated
        from graphgrad.backprop.writable_dag import made_writable

        return made_writable(annotated(self.passes))

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each kink and each overflow at this point, and for each number that lacks digits asked for.

        >>> from graphgrad import parse
        >>> parse("abs(x)").backprop({"x": 0}).warnings
        ('kink: abs(x) at x = 0: at 0 the derivative taken is 0',)
        """
        from graphgrad.backprop.result_warnings import warnings

        return warnings(self.passes)

    @property
    def blame(self) -> tuple[Blame, ...]:
        """What made the value or a derivative infinite, 0 or huge: a sentence each, with the path from the cause.

        A 0 at a stationary point, of terms that cancel, and of an input that is 0 itself is no fault. A number that is
        nan is an error before there is a result, which names the place. Arrays are not looked at.

        >>> from graphgrad import parse
        >>> [blame.sentence for blame in parse("relu(x)*y").backprop({"x": -3, "y": 2}, ["x"]).blame][1]
        '∂/∂x is 0 because relu(x) at column 1 is flat at x = -3'
        """
        from graphgrad.backprop.blame import blames

        return blames(self.passes)

    def check(self, level: Literal["full", "strict", "local", "off"] = "full") -> Report:
        """Check these numbers against sympy; the report is true where nothing failed.

        `level` is "full", "strict", "local" or "off". "local" checks the rule of each operation, each value and each
        local derivative; "full" the value and the gradient of the whole as well; "off" nothing. "strict" is "full"; on
        the command line and in documents, what is not complete is then a failure. The check takes at most 2 s of CPU
        time up to 1,000 operations, and 5 s beyond and for arrays; what does not fit is not attempted. Raises
        `GraphgradError` for another level.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 3, "y": 5}).check("local"))
        checked against sympy: 2 rules proven, 1 value rule held, 1 value, 2 local derivatives; all exact
        """
        if chosen(level, ("off",)):  # the modules of the check are not needed
            from graphgrad.check.report import Report

            return Report(())
        from graphgrad.check.levels import check

        return check(self.passes, self.grad, level=level, witnesses=self._witnesses)

    def explain(
        self, name: str, format: Literal["text", "markdown", "latex"] = "text", language: Literal["en", "ja"] = "en"
    ) -> Explanation:
        r"""Return the chain rule for one input in words: named steps, local derivatives, products along the paths.

        `format` is "text", "markdown" or "latex", `language` is "en" or "ja". `str()` of the explanation is the text,
        with sympy's derivative beside ours; its `chain` holds the same as data. Raises `UnknownNameError` for a name
        that is no input, and `GraphgradError` for another format or language, or where values are arrays.

        >>> from graphgrad import parse
        >>> r = parse("x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v").backprop()
        >>> print(str(r.explain("x")).split("\n\n")[3])
        Multiplied along the path from x to E:
          ∂E/∂x = ∂E/∂u · ∂u/∂s · ∂s/∂x = v · 1 · y = 1.08 · 1 · 5 = 5.4
          (it begins with ∂E/∂E = 1, because E is the end)
        """
        from graphgrad.analysis.explain.explained import explain

        return explain(self.passes, name, format, language, witnesses=self._witnesses)

    @cached_property
    def _witnesses(self) -> Witnesses:
        """Sympy's expression of the graph and of its operations, shared by the check and all explanations."""
        from graphgrad.check.witnesses import Witnesses

        return Witnesses.of(self.passes)

    def sensitivity(self, changes: Mapping[str, Amount] | None = None) -> Sensitivity[N_co]:
        """Return each input's derivative and elasticity, and the effect of changes: predicted and recomputed.

        `changes` says by how much inputs change: by a number, "+1", or "-10%" of the value. Raises `UnknownNameError`
        for a name that is no input, and `GraphgradError` for a wrong amount, or where values are arrays.

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
        """Return the standard deviation of the output, to first order, and each input's share in its variance.

        `errors` are the inputs' standard deviations: a number, "±2", or "±1%" of the value. `correlations` are given by
        pairs of names. `draw(notes=….notes)` writes errors and shares beside the inputs. Raises `UnknownNameError` for
        a name that is no input, and `GraphgradError` for a wrong or negative error, for correlations that contradict
        each other, and where values are arrays or infinite. `missed` and `note` say where first order is not enough.

        >>> from graphgrad import parse
        >>> p = parse("apple*tax").backprop({"apple": 500, "tax": 1.08}).propagate({"apple": 10, "tax": "±0.005"})
        >>> p.error, p.shares["apple"]
        (11.0855..., 0.949...)
        """
        from graphgrad.analysis.uncertainties import propagate

        return propagate(self.passes, errors, correlations)

    def tornado(
        self, change: Amount = "±10%", changes: Mapping[str, Amount] | None = None, *, most: int = 20
    ) -> Tornado:
        """Return which inputs drive the output: the output with each input changed in both directions, widest first.

        `change` is by how much every input changes; `changes` gives it for single inputs, and then only these are
        looked at. Of more than `most` inputs, those with the widest swings are shown, which the gradient chooses.
        `print` shows a table, and `draw("tornado.svg")` draws the chart. Raises `UnknownNameError` for a name that is
        no input, and `GraphgradError` for a wrong amount, or where values are arrays.

        >>> from graphgrad import parse
        >>> tornado = parse("apple*n + bag").backprop({"apple": 100, "n": 5, "bag": 3}).tornado("±1%")
        >>> [(bar.name, bar.swing) for bar in tornado.bars]
        [('apple', 10.0), ('n', 10.0), ('bag', 0.05...)]
        """
        from dataclasses import fields

        from graphgrad.analysis.tornado import swings
        from graphgrad.api.tornado import Tornado

        found = swings(self.passes, change, changes, most=most)
        return Tornado(*(getattr(found, each.name) for each in fields(found)))

    def ulps(self, precision: int = 50) -> Distances:
        """Return the distance of the floats from the same passes with `precision` digits, in units in the last place.

        Raises `GraphgradError` where the numbers are not floats, or where values are arrays.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 0.1, "y": 3}).ulps())
        distance from 50 digits: value 0.5 ulp, ∂/∂x exact, ∂/∂y exact
        """
        from graphgrad.analysis.ulp_distances import ulps

        return ulps(self.passes, precision)

    def lens(self, name: str | None = None) -> Lens:
        """Return where the digits of the value are lost, or those of the derivative by an input.

        For each node the lens has the part of its rounding in the error of the number: the most that it can be, by its
        adjoint, and what it was, against many digits. `worst` is the node to blame, `sentence` says so in words. Of an
        array it takes the entry with the largest error. Raises `UnknownNameError` for a name that is no input.

        >>> from graphgrad import parse
        >>> lens = parse("(exp(x) - 1)/x").backprop({"x": 1e-15}).lens("x")
        >>> lens.worst.name, lens.worst.span, f"{lens.worst.ulps:.1g}"
        ('exp(x)', (1, 7), '7e+15')
        """
        from graphgrad.analysis.lens import lens

        return lens(self.passes, name)

    def draw(self, path: str | Path | None = None, **options: Unpack[PictureKeywords]) -> str | None:
        """Draw the passes into a file, whose suffix is the format; without a path, return the DOT source.

        `options`: `passes` is "forward", "backward" or "both", the default; `fold` draws constants inside their
        operation; `local` adds the local derivatives; `values` writes small arrays out; `notes` are texts to write
        beside inputs, by name, and under None beside the output; `lens`, from `lens()`, shades nodes by their share
        in the error; `blame` lights the path from what made a number infinite, 0 or huge; `title` names the picture
        for those who cannot see it; `theme` is "textbook", "record", "minimal" or a `Theme`; `scheme` is "light",
        "dark", or "auto", which is light but for an SVG or a page that a reader sees in the dark; `engine` is "auto",
        "system", "embedded", or a function from DOT to its layout in Graphviz's JSON; `dpi` is the resolution of a
        PNG, and the highest of a GIF, an APNG or an MP4, in which the passes play; `prefix` is put before every id in
        an SVG. In a large graph, named intermediates and repeated structure are closed into boxes; `expand` names boxes
        to open, "*" opens all.

        `width` is that of the column in pixels, 735 by default. A picture whose text would be less than 8 pixels high
        in it is drawn in another way: `direction` is "right", "down", "rows" or "auto", and `nary` is True, False or
        "auto": whether sums and products of many operands are one node.

        Raises `RenderError` where it cannot be drawn, and for an unknown option.

        >>> from graphgrad import parse
        >>> print(parse("x*y").backprop({"x": 3, "y": 5}).draw(passes="forward").splitlines()[0])
        digraph {
        """
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.render import draw

        return draw(self.passes, path, PictureOptions.read(options))

    def render(self, form: str = "svg", **options: Unpack[PictureKeywords]) -> bytes:
        """Return the drawing that `draw` writes, as bytes.

        `form` is "svg", "png", "pdf", "dot", "mmd", "tex", "typ", "gif", "apng", "mp4", "html", "json" or "graphml";
        `options` are those of `draw`.
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

        There is one picture per step of the forward and then of the backward pass, all with the same layout;
        `step-0.svg` is the bare graph. In `animated.svg`, which needs no script, each number travels along its arrow.
        `options` are those of `draw`, without `dpi`; `format` is that of the steps, "svg" or "png", and `png_dpi` the
        resolution of a PNG. Returns the paths. Raises `RenderError`, before any file is written, where it cannot be
        drawn.

        >>> from graphgrad import parse
        >>> from tempfile import mkdtemp
        >>> [path.name for path in parse("2*3").backprop().frames(mkdtemp())]
        ['step-0.svg', 'step-1.svg', 'step-2.svg', 'step-3.svg', 'animated.svg']
        """
        from graphgrad.draw.options import FrameOptions
        from graphgrad.draw.render import frames

        return frames(self.passes, folder, FrameOptions.read(options))

    def to_json(self) -> str:
        """Return the graph with all numbers of both passes as node-link JSON; `from_json` reads it back.

        >>> from graphgrad import from_json, parse
        >>> r = parse("x*y").backprop({"x": 3, "y": 5})
        >>> from_json(r.to_json()) == r
        True
        """
        from graphgrad.backprop.annotated_dag import annotated
        from graphgrad.backprop.stored_json import to_json

        return to_json(annotated(self.passes))

    def describe(self, **options: Unpack[PictureKeywords]) -> str:
        """Return a few sentences that describe the drawing, for those who cannot see it.

        `options` are those of `draw`. Raises `RenderError` for an unknown option or pass, and for a graph too large to
        draw.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).describe(passes="forward")
        'Computational graph of x*y. Arrows from left to right carry the values. At x = 3, y = 5: E = 15.'
        """
        from graphgrad.draw.options import PictureOptions
        from graphgrad.draw.render import description

        return description(self.passes, PictureOptions.read(options))

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the picture of both passes for a notebook, or one line of text where they cannot be drawn."""
        return {"text/plain": repr(self), **shown(self.passes)}

    def __eq__(self, other: object) -> bool:
        """Tell whether another result has the same graph and the same numbers, that is the same JSON."""
        return self is other or (isinstance(other, Backprop) and self.to_json() == other.to_json())

    __hash__ = None  # type: ignore[assignment]  # its arrays may be changed

    def __repr__(self) -> str:
        """Return the value and the gradient."""
        grad = ", ".join(f"{name!r}: {printed(d)}" for name, d in self.grad.items())
        return f"<Backprop value={printed(self.value, str)} grad={{{grad}}}>"


def shown(source: GraphData | Passes) -> dict[str, str]:
    """Return a graph's picture by its MIME types, for a notebook; an empty dict where it cannot be drawn."""
    from graphgrad.draw.formats.mime_bundle import mime_bundle
    from graphgrad.draw.options import PictureOptions
    from graphgrad.draw.render import rendered

    options = PictureOptions(passes="both" if isinstance(source, Passes) else "forward")
    try:
        return mime_bundle(rendered(source, "svg", options).decode())
    except RenderError:
        return {}
