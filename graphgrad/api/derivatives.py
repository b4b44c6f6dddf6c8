"""Hold several derivatives of one function: each is a graph, all on one tape that shares common subexpressions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, TypeVar, overload

from graphgrad.base.arguments import flag_of, mapping_of
from graphgrad.base.public import public
from graphgrad.namespaces.kinds import selected_kind
from graphgrad.printing.inlining import MAX_REPEATED, definitions_of
from graphgrad.printing.latex import aligned, right_side
from graphgrad.printing.program import statements_of
from graphgrad.printing.reading import ReadingTex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction
    from typing import Literal

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Floats, Numbers, Unknown, Values
    from graphgrad.printing.latex import Latex
    from graphgrad.transform.derived import Derived, Label

__all__ = ["Derivatives", "typeset_all"]

K = TypeVar("K", bound=Hashable)
"""The key of an entry: an input's name, or a pair of names."""

MAX_SHOWN: Final = 200
"""The most operations of derivatives that a notebook shows as formulas."""

G = TypeVar("G")
"""The graph of an entry."""


@public
@dataclass(frozen=True, eq=False, repr=False)
class Derivatives(Mapping[K, G], Generic[K, G]):
    """Derivatives by key, each a graph that can be drawn, checked, compiled and differentiated again.

    >>> from graphgrad import parse
    >>> hessian = parse("x*x*y").hessian()
    >>> print(hessian)
    ∂²/∂x∂x = 2*y
    ∂²/∂x∂y = 2*x
    ∂²/∂y∂x = 2*x
    ∂²/∂y∂y = 0
    >>> hessian["x", "y"].backprop({"x": 3, "y": 5}).value
    6.0
    """

    derived: Derived
    wrap: Callable[[GraphData], G]

    def __getitem__(self, key: K) -> G:
        """Return an entry as a graph of its own; raises `KeyError` where there is none."""
        if key not in self.derived.labels:
            raise KeyError(key)
        if key not in self._graphs:
            self._graphs[key] = self.wrap(self.derived.entry(key))
        return self._graphs[key]

    @cached_property
    def _graphs(self) -> dict[K, G]:
        return {}

    def __iter__(self) -> Iterator[K]:
        return iter(self.derived.labels)

    def __len__(self) -> int:
        return len(self.derived.labels)

    @property
    def size(self) -> int:
        """The number of operations of all entries together; shared ones are counted once.

        >>> from graphgrad import parse
        >>> parse("x*x*y").hessian().size
        2
        """
        return len(self.derived.tape.steps)

    @overload
    def at(  # type: ignore[overload-overlap]  # a mapping of numbers is none of arrays
        self, point: Numbers | None = None, *, exact: Literal[False] = False
    ) -> dict[K, float]: ...

    @overload
    def at(self, point: Numbers | None = None, *, exact: Literal[True]) -> dict[K, Fraction]: ...

    @overload
    def at(self, point: Values, *, exact: Literal[False] = False) -> dict[K, Floats]: ...

    @overload
    def at(self, point: Values | None = None, *, exact: bool) -> dict[K, Unknown]: ...

    def at(self, point: Values | None = None, *, exact: bool = False) -> dict[K, Unknown]:
        """Return the values of all entries at a point: floats, or fractions with `exact=True`.

        The gradient by an array has its shape; the Jacobian of an array has the axes of the output, then those of the
        input. Raises `UnknownNameError`, `ShapeError` and `DomainError` where `Graph.backprop` does, `LimitError` for a
        Jacobian that is too large, and `GraphgradError` for a Hessian by arrays.

        >>> from graphgrad import parse
        >>> parse("x/y").gradient().at({"x": 1, "y": 4}, exact=True)
        {'x': Fraction(1, 4), 'y': Fraction(-1, 16)}
        >>> parse("A @ x").jacobian(wrt="x").at({"A": [[1, 2], [3, 4]], "x": [5, 6]})["output", "x"]
        array([[1., 2.],
               [3., 4.]])
        """
        kind = selected_kind({"exact": flag_of(exact, "exact")})
        return self.derived.values(mapping_of(point, "the point"), kind)

    def to_latex(self) -> str:
        r"""Return all entries as equations in LaTeX, after the definitions of shared intermediates.

        >>> from graphgrad import parse
        >>> print(parse("x/y").gradient().to_latex())
        \begin{aligned}
        \frac{\partial}{\partial x} &= \frac{1}{y} \\
        \frac{\partial}{\partial y} &= \frac{-x}{y^{2}}
        \end{aligned}
        """
        return typeset_all(self.derived)

    def __str__(self) -> str:
        """Return a line for each entry, after the definitions of named and shared intermediates."""
        derived = self.derived.reading() if self.derived.reading else self.derived
        statements, texts = statements_of(derived.tape, derived.names, repeated=MAX_REPEATED)
        entries = zip(self.derived.labels.items(), texts, strict=True)
        lines = [f"{label} = {text.string}{self._remark(key)}" for (key, label), text in entries]
        return "\n".join([*statements, *lines])

    def _remark(self, key: K) -> str:
        remark = self.derived.remark(key)
        return f"  ({remark})" if remark else ""

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return all entries as text and as formulas for a notebook, or their number where they are many."""
        if self.size > MAX_SHOWN:
            return {"text/plain": repr(self)}
        return {"text/plain": str(self), "text/latex": f"$$\n{self.to_latex()}\n$$"}

    def __repr__(self) -> str:
        """Return the numbers of entries and operations."""
        return f"<{len(self)} derivatives, {self.size} operations>"


def typeset_all(derived: Derived) -> str:
    """Return derivatives as equations in LaTeX, after the equations of the intermediates that they use."""
    derived = derived.reading() if derived.reading else derived
    m = ReadingTex([*derived.function.names.values(), *derived.function.inputs])
    definitions, texts = definitions_of(derived.tape, derived.names, m, repeated=MAX_REPEATED)
    equations = [(m.name(name).string, right_side(defined)) for name, defined in definitions]
    labels = [_label(label, m) for label in derived.labels.values()]
    return aligned([*equations, *zip(labels, map(right_side, texts), strict=True)])


def _label(label: Label, m: Latex) -> str:
    above = m.name(label.above).string if label.above else ""
    if not label.below:
        return rf"\mathrm{{d}}{above}"
    order = "^{2}" if len(label.below) > 1 else ""
    below = r" \, ".join(rf"\partial {m.name(name).string}" for name in label.below)
    return rf"\frac{{\partial{order} {above}}}{{{below}}}".replace(" }", "}")
