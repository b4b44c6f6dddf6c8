"""Print a graph as the text of a program that parses to the same graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError
from graphgrad.printing.inlining import MAX_INLINE, in_notation
from graphgrad.printing.text import Notation, default_text
from graphgrad.tape.tape import lower
from graphgrad.text.definitions import call_text
from graphgrad.text.quoted_names import is_writable, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.printing.operators import Text
    from graphgrad.tape.tape import Tape

__all__ = ["program", "refuse_unwritable", "statements_of"]


def program(graph: GraphData) -> str:
    r"""Return text that parses to the same graph: inputs with defaults, named intermediates, the output.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "x = 3; s = x*(x + 1); s/2"
    >>> program(build(text, parse(text)))
    'x = 3\ns = x*(x + 1)\ns/2'
    """
    defaults = [f"{written(name)} = {default_text(default)}" for name, default in graph.defaults.items()]
    statements, [text] = _with_functions(graph) or statements_of(lower(graph), graph.names)
    return "\n".join([*defaults, *statements, *_output(graph, text)])


def _with_functions(graph: GraphData) -> tuple[list[str], list[Text]] | None:
    """Return the statements and the output of a graph with functions; None where their calls are written out."""
    if graph.calls is None:
        return None
    from graphgrad.printing.definitions import equations

    found = equations(graph, Notation())
    if found is None:
        return None
    refuse_unwritable(lower(graph))
    statements = [
        f"{written(name) if parameters is None else call_text(name, map(written, parameters))} = {text.string}"
        for name, parameters, text in found[:-1]
    ]
    return statements, [found[-1].text]


def statements_of(tape: Tape, names: Mapping[int, str], *, repeated: int = MAX_INLINE) -> tuple[list[str], list[Text]]:
    """Return a tape as statements, and the text of each output; `names` maps registers to names."""
    refuse_unwritable(tape)
    texts, definitions = in_notation(tape, names, Notation(), repeated=repeated)
    statements = [f"{written(name)} = {text.string}" for name, text in definitions.values()]
    return statements, [texts[output] for output in tape.outputs]


def refuse_unwritable(tape: Tape) -> None:
    """Raise `GraphgradError` where the name of an input cannot be parsed."""
    unwritable = [name for name in tape.inputs if not is_writable(name)]
    if unwritable:
        message = f"the input {unwritable[0]!r} has a name that no text can hold"
        raise GraphgradError(message, hint="give its literal another name")


def _output(graph: GraphData, text: Text) -> list[str]:
    if graph.output_name is None:
        return [text.string]
    name = written(graph.output_name)
    return [] if text.string == name else [f"{name} = {text.string}"]
