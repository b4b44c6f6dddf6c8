"""Explain one input's derivative by the chain rule, beside sympy's derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.analysis.explain.chain import chain
from graphgrad.analysis.explain.explanation import FORMATS, Explanation
from graphgrad.analysis.explain.phrases import WORDS
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.closed_passes import for_people
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.refuse_arrays import refuse_arrays
from graphgrad.base.arguments import chosen
from graphgrad.base.errors import GraphgradError
from graphgrad.base.time_limit import watched
from graphgrad.check.sympy_formula import sympy_derivative
from graphgrad.check.witnesses import Witnesses

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["FORMATS", "Explanation", "explain"]


def explain(
    passes: Passes,
    name: str,
    format: str = "text",
    language: str = "en",
    *,
    witnesses: Witnesses | None = None,
) -> Explanation:
    """Return an explanation of the derivative by one input; `str()` of it is the text.

    `witnesses` are those of these passes, which explanations of several inputs can share. Raises `GraphgradError`
    for an unknown format or language and for arrays, and `UnknownNameError` for a name that is no input.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*y + t", parse("x*y + t")), {"x": 100, "y": 5, "t": 800})
    >>> explanation = explain(passes, "x")
    >>> [(factor.of.text, factor.by.text, factor.formula.text) for factor in explanation.chain.paths[0].factors]
    [('s', 'x', 'y'), ('E', 's', '1')]
    """
    if not chosen(format, FORMATS):
        raise GraphgradError(f"nothing is explained as '{format}'", hint=f"one of: {', '.join(FORMATS)}")
    if not chosen(language, WORDS):
        raise GraphgradError(f"nothing is explained in '{language}'", hint=f"one of: {', '.join(WORDS)}")
    refuse_arrays(passes, "the chain rule is written out")
    [name] = choose_wrt(passes.graph, [name])
    alone = backprop(passes.graph, passes.inputs, [name], kind=passes.kind)
    rule = chain(for_people(alone), name)
    with watched():
        known = Witnesses.of(alone) if witnesses is None else witnesses
        if name not in passes.wrt or passes.seed != 1:
            known = Witnesses.of(alone, known.whole)
        sympys = sympy_derivative(alone, name, rule.tex_names, known)
    return Explanation(rule, sympys, format, language, passes.seed)
