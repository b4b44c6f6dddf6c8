r"""A graph as a formula in LaTeX: one expression, or an equation for each named intermediate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.latex import Latex
from graphgrad.program import definitions_of
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph import GraphData

__all__ = ["aligned", "typeset"]


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
