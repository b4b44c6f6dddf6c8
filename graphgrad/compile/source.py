"""Write a graph's value and gradient as the source of a function in a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.refuse_arrays import refuse_array_operations
from graphgrad.base.arguments import text_of
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.languages.functions_apart import with_functions
from graphgrad.compile.languages.language import Signature, function
from graphgrad.tape.gradient import differentiated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.compile.languages.language import Language
    from graphgrad.graph.data import GraphData

__all__ = ["code"]


def code(graph: GraphData, language: Language, wrt: Iterable[str] | None = None, name: str = "f") -> str:
    """Return the source of a function from a graph's inputs to its value and gradient.

    Functions that the text defines stand before it, or their calls are written out, whichever is shorter.

    Raises `GraphgradError` where `name` is no identifier of the language, or where it lacks an operation, such as
    those on arrays.

    >>> from graphgrad.compile.languages.python import Python
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> code(build("x*y", parse("x*y")), Python()).splitlines()[-1]
    "    return x * y, {'x': y, 'y': x}"
    """
    if language.identifier(text_of(name, "the name of a function")) != name or name in language.reserved:
        raise GraphgradError(f"{name!r} is not the name of a function in {language.title}", hint="take another name")
    names = choose_wrt(graph, wrt)
    message = f"{language.title} has no function for {{}}, an operation on arrays"
    refuse_array_operations(graph, message, "its gradient can be computed with backprop() and compile()")
    signature = Signature(name, graph.source, names)
    written_out = function(differentiated(graph, names), language, signature)
    called = with_functions(graph, language, signature) if graph.calls else ""
    return min(filter(None, (written_out, called)), key=len) + "\n"
