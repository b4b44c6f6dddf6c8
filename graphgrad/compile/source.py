"""A graph's value and gradient as the source of a function in another language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.compile.languages.language import Signature, function
from graphgrad.tape.gradient import differentiated
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.compile.languages.language import Language
    from graphgrad.graph.data import GraphData

__all__ = ["code"]


def code(graph: GraphData, language: Language, wrt: Iterable[str] | None = None, name: str = "f") -> str:
    """Return the source of a function of a graph's inputs that gives its value and its gradient.

    Raises `GraphgradError` where the language lacks an operation: those on arrays, first of all.

    >>> from graphgrad.compile.languages.python import Python
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> code(build("x*y", parse("x*y")), Python()).splitlines()[-1]
    "    return x * y, {'x': y, 'y': x}"
    """
    if language.identifier(name) != name or name in language.reserved:
        raise GraphgradError(f"{name!r} is not the name of a function in {language.title}", hint="take another name")
    names = choose_wrt(graph, wrt)
    _refuse_arrays(graph, language)
    return function(differentiated(graph, names), language, Signature(name, graph.source, names)) + "\n"


def _refuse_arrays(graph: GraphData, language: Language) -> None:
    found = next((step for step in lower(graph).steps if step.op.on_arrays), None)
    if found is not None:
        message = f"{language.title} has no function for {found.op.written}, an operation on arrays"
        hint = "its gradient can be computed with backprop() and compile()"
        raise ExpressionError(message, graph.source, graph.spans[found.target], hint=hint)
