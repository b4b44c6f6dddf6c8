r"""A graph as a formula in LaTeX: one expression, or an equation for each named intermediate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.derive import MAX_REPEATED
from graphgrad.latex import Latex
from graphgrad.program import definitions_of
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.derive import Derived, Label
    from graphgrad.graph import GraphData

__all__ = ["aligned", "typeset", "typeset_all"]


def typeset(graph: GraphData) -> str:
    r"""Return a graph as LaTeX for math mode.

    >>> from graphgrad.graph import build
    >>> from graphgrad.parse import parse
    >>> print(typeset(build("(a + b)/2", parse("(a + b)/2"))))
    \frac{a + b}{2}
    """
    m = Latex(graph.names.values())
    definitions, [text] = definitions_of(lower(graph), graph.names, m)
    equations = [(m.name(name).string, defined.string) for name, defined in definitions]
    output = graph.output_name
    if output and m.name(output) == text:
        return aligned(equations)
    return aligned([*equations, (m.name(output).string if output else "", text.string)])


def typeset_all(derived: Derived) -> str:
    """Return derivatives as equations in LaTeX, after those for the intermediates that they use."""
    m = Latex([*derived.function.names.values(), *derived.function.inputs])
    definitions, texts = definitions_of(derived.tape, derived.names, m, repeated=MAX_REPEATED)
    equations = [(m.name(name).string, defined.string) for name, defined in definitions]
    labels = [_label(label, m) for label in derived.labels.values()]
    return aligned([*equations, *zip(labels, (text.string for text in texts), strict=True)])


def _label(label: Label, m: Latex) -> str:
    above = m.name(label.above).string if label.above else ""
    if not label.below:
        return rf"\mathrm{{d}}{above}"
    order = "^{2}" if len(label.below) > 1 else ""
    below = r" \, ".join(rf"\partial {m.name(name).string}" for name in label.below)
    return rf"\frac{{\partial{order} {above}}}{{{below}}}".replace(" }", "}")


def aligned(equations: Sequence[tuple[str, str]]) -> str:
    r"""Return equations, each a left and a right side, one below the other; a single one stands alone.

    >>> print(aligned([("s", "x + y"), ("", "s^{2}")]))
    \begin{aligned}
    s &= x + y \\
    & s^{2}
    \end{aligned}
    """
    if len(equations) == 1:
        [(left, right)] = equations
        return f"{left} = {right}" if left else right
    lines = " \\\\\n".join(f"{left} &= {right}" if left else f"& {right}" for left, right in equations)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
