"""Raise a tape to a graph: write its text, and build the graph that the text parses to without parsing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.arguments import text_of
from graphgrad.base.errors import GraphgradError, LimitError
from graphgrad.base.pause_gc import collector_paused
from graphgrad.graph.builder import Builder
from graphgrad.printing.inlining import MAX_INLINE, in_notation
from graphgrad.printing.operators import TRUTHS, Text
from graphgrad.printing.program import refuse_unwritable
from graphgrad.printing.text import Notation
from graphgrad.tape.writer import Ref, Writer
from graphgrad.text.handlers import MAX_ARGUMENTS
from graphgrad.text.parser import parse
from graphgrad.text.quoted_names import is_writable, written
from graphgrad.text.statement import Apply, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape
    from graphgrad.text.statement import Span

__all__ = ["Recorder", "raised", "refuse_name"]

MARK: Final = "\0"
"""The placeholder of an operand in a layout."""

SIGNED: Final = "-\1"
"""The placeholder of an operand that begins with a minus sign."""


class Recorder(Writer):
    """Writes a tape as given: like the parser, it shares equal steps but folds no constants.

    >>> m = Recorder()
    >>> tape = m.tape([m.input("x") * 1 + 0])
    >>> len(tape.steps)
    2
    """

    def __init__(self) -> None:
        """Start an empty tape; `_truths` are the registers that hold 1 for true or 0 for false."""
        super().__init__()
        self._truths: set[int] = set()

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:  # noqa: ARG002  the signature is that of `Writer`
        return None

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        ref = super()._record(op, registers)
        return self.as_condition(ref) if op.binds in TRUTHS else ref

    def as_condition(self, ref: Ref) -> Ref:
        """Note that a result is true or false, and return it."""
        self._truths.add(ref.register)
        return ref

    def condition(self, operand: Any) -> Ref:
        """Return an operand that is true or false.

        Raises `GraphgradError` for another: `&` works on the bits of numbers, which a graph has not.
        """
        ref = self.lift(operand)
        if ref.register not in self._truths and self._constants.get(ref.register) not in (0, 1):
            raise GraphgradError(
                "&, |, ^ and ~ of a number work on its bits, which a graph does not have",
                hint="combine conditions: (x > 0) & (y > 0), or np.logical_and(x, y), which asks whether they are 0",
            )
        return ref


def raised(
    tape: Tape,
    inputs: Sequence[str],
    names: Mapping[int, str] | None = None,
    *,
    output_name: str | None = None,
    repeated: int = MAX_INLINE,
) -> GraphData:
    """Return the graph of a tape with one output; its source is the tape's text, so that errors can point into it.

    The graph is the one that its source parses to, with `inputs` in this order, used or not. `names` maps registers to
    names, `output_name` is the output's; a shared text longer than `repeated` becomes a statement. Raises
    `GraphgradError` for a name that cannot be parsed, `LimitError` for a number or a call that is too large.

    >>> m = Recorder()
    >>> graph = raised(m.tape([m.input("x")**2]), ["x"])
    >>> graph.source, graph.spans
    ('x**2', [(0, 0), (3, 4), (0, 4)])
    """
    refuse_unwritable(tape)
    m = _Layouts()
    with collector_paused():
        try:
            text = _written(tape, names or {}, m, output_name, repeated)
            return _Raising(tape, text, m.used, inputs).graph(output_name)
        except LimitError:
            text = _written(tape, names or {}, Notation(), output_name, repeated)
            parse(text.source)  # raises the same error with its place in the whole text
            raise


class _Line(NamedTuple):
    """A statement of the text: a register, its name if any, and its text."""

    register: int
    name: str | None
    text: Text

    @property
    def head(self) -> str:
        """The assignment before the text, or nothing."""
        return f"{written(self.name)} = " if self.name else ""


@dataclass(frozen=True, slots=True)
class _Written:
    """A tape as text: its statements, and the text of each register."""

    lines: list[_Line]
    texts: list[Text]

    @property
    def source(self) -> str:
        """The whole text."""
        return "\n".join([line.head + line.text.string for line in self.lines])


def _written(tape: Tape, names: Mapping[int, str], m: Notation, output_name: str | None, repeated: int) -> _Written:
    texts, definitions = in_notation(tape, names, m, repeated=repeated)
    lines = [_Line(register, name, text) for register, (name, text) in definitions.items()]
    [output] = tape.outputs
    if output_name is None or texts[output].string != written(output_name):
        lines.append(_Line(output, output_name, texts[output]))
    return _Written(lines or [_Line(output, None, texts[output])], texts)


class _Raising:
    """Builds nodes in the order in which the text has them, each with the span of its first occurrence."""

    def __init__(self, tape: Tape, text: _Written, layouts: Sequence[_Layout], inputs: Sequence[str]) -> None:
        self.text, self.constants = text, tape.constants
        self.steps = {step.target: (step.operands, layout) for step, layout in zip(tape.steps, layouts, strict=True)}
        self.builder = Builder(text.source)
        nodes = {name: self.builder.input(name, (0, 0)) for name in inputs}
        self.nodes = {register: nodes[name] for name, register in tape.inputs.items()}

    def graph(self, output_name: str | None) -> GraphData:
        """Return the graph whose output is the text's last line."""
        end = -1
        for line in self.text.lines:
            start = end + 1 + len(line.head)
            end = start + len(line.text.string)
            node = self.node(line.register, (start, end))
            if line.name:
                self.builder.intermediate(line.name, node)
        return self.builder.graph(node, output_name)

    def node(self, register: int, span: Span) -> int:
        """Return the node of a register whose text has this span, after adding the nodes of its operands."""
        nodes, texts = self.nodes, self.text.texts
        stack = [(register, span)]
        while stack:
            register, span = stack.pop()
            if register in nodes:
                continue
            if register in self.constants:
                nodes[register] = self.constant(texts[register].string, span[0])
                continue
            operands, layout = self.steps[register]
            missing, end = [], span[0]
            for operand, piece in zip(operands, layout.pieces, strict=False):
                start = end + len(piece)
                end = start + len(texts[operand].string)
                if operand not in nodes:
                    missing.append((operand, (start, end)))
            if missing:
                stack.append((register, span))
                stack += reversed(missing)
            else:
                nodes[register] = self.builder.operation(layout.item, tuple([nodes[i] for i in operands]), span)
        return nodes[register]

    def constant(self, text: str, start: int) -> int:
        """Return the node of an exact number: a literal, a negation or a quotient."""
        number = _number(text)
        spans = tuple([(start + a, start + b) for a, b in number.spans])
        return self.builder.expression(Statement(None, number.code, spans))


class _Layout(NamedTuple):
    """An operation's text in `pieces` around its operands' texts, its binding power, and the item it parses to."""

    pieces: tuple[str, ...]
    power: int
    item: Apply


class _Layouts(Notation):
    """Writes operations by cached layouts, and keeps the layouts in order of use."""

    def __init__(self) -> None:
        self.used: list[_Layout] = []

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        layout = _layout(op, *[~x.power if x.string[0] == "-" else x.power for x in operands])
        self.used.append(layout)
        string = layout.pieces[0]
        for operand, piece in zip(operands, layout.pieces[1:], strict=True):
            string += operand.string + piece
        return Text(string, layout.power)


@lru_cache(maxsize=4096)
def _layout(op: Op, *powers: int) -> _Layout:
    """Return an operation's layout by the binding powers of its operands; nothing else of them matters.

    A complemented power ~p means an operand of power p whose text begins with a minus sign. Raises `LimitError` for a
    call that could not be parsed.

    >>> from graphgrad.ops.table import OPS
    >>> layout = _layout(OPS["mul"], 20, 1000)
    >>> layout.pieces, layout.item.op.name
    (('(', ')*', ''), 'mul')
    """
    string, power, *_ = Notation().value(
        op, [Text(MARK, power) if power >= 0 else Text(SIGNED, ~power) for power in powers]
    )
    if len(powers) > MAX_ARGUMENTS:
        call = f"{op.spoken}(…)"
        raise LimitError(f"a call has more than {MAX_ARGUMENTS} operands", call, (0, len(call)))
    return _Layout(tuple(re.split(f"{SIGNED}|{MARK}", string)), power, Apply(op, len(powers)))


@lru_cache(maxsize=4096)
def _number(text: str) -> Statement:
    """Return the statement that the text of an exact number parses to.

    >>> number, sign = _number("-0.5").code
    >>> number, sign.op.name
    (Number(value=Fraction(1, 2), text='0.5'), 'neg')
    """
    [statement] = parse(text)
    return statement


def refuse_name(name: str) -> None:
    r"""Raise `GraphgradError` where a name cannot be an input's: no text can hold it, not even in backquotes.

    >>> refuse_name("unit price")
    >>> refuse_name("unit\nprice")
    Traceback (most recent call last):
    graphgrad.GraphgradError: 'unit\nprice' cannot be the name of an input: no text can hold it
    give it another name
    """
    if is_writable(text_of(name, "the name of an input", 'a name: "x"')):
        return
    raise GraphgradError(f"{name!r} cannot be the name of an input: no text can hold it", hint="give it another name")
