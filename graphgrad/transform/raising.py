"""A tape written from outside, step by step as it is told, and raised to a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.graph.builder import build
from graphgrad.printing.program import statements_of
from graphgrad.tape.writer import Ref, Writer
from graphgrad.text.parser import parse
from graphgrad.text.statement import Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op

__all__ = ["Recorder", "raised", "refuse_name"]


class Recorder(Writer):
    """Writes what it is told: as the parser, it shares equal steps and folds nothing.

    >>> m = Recorder()
    >>> tape = m.tape([m.input("x") * 1 + 0])
    >>> len(tape.steps)
    2
    """

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:  # noqa: ARG002
        return None


def raised(m: Writer, output: Ref, inputs: Sequence[str]) -> GraphData:
    """Return what has been written up to an output as a graph, by way of text, so that errors can point into it.

    >>> m = Recorder()
    >>> raised(m, m.input("x")**2, ["x"]).source
    'x**2'
    """
    statements, [text] = statements_of(m.tape([output]), {})
    source = "\n".join([*statements, text.string])
    return build(source, parse(source), inputs=inputs)


def refuse_name(name: str) -> None:
    """Raise `GraphgradError` where a name cannot be that of an input: where text would not read it as this name.

    >>> refuse_name("pi")
    Traceback (most recent call last):
    graphgrad.GraphgradError: 'pi' cannot be the name of an input: in text it means something else
    give it another name
    """
    try:
        code = [item for statement in parse(name) for item in statement.code]
    except ExpressionError:
        code = []
    match code:
        case [Name() as read] if read.text == name:
            return
    reason = "in text it means something else" if code else "no text can hold it"
    raise GraphgradError(f"{name!r} cannot be the name of an input: {reason}", hint="give it another name")
