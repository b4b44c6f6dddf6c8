"""Write the local derivatives on the edges of a graph as formulas, for programs and for people."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.class_indices import stands_for_rows
from graphgrad.backprop.kinks import is_beside_kink
from graphgrad.backprop.textbook import ZEROS, Textbook
from graphgrad.namespaces.array_values import shape_of
from graphgrad.ops.table import NEG
from graphgrad.printing.named import named
from graphgrad.printing.names import ReadingNames, fresh
from graphgrad.printing.operators import ATOM, Text
from graphgrad.printing.reading import Reading, ReadingTex, as_factor, with_signs
from graphgrad.printing.text import Notation
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import ADJOINT, Ref, Writer, derivative_of
from graphgrad.typeset.phrase import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_FORMULAS", "MAX_SYMBOL", "Formulas", "formula"]

MAX_FORMULAS: Final = 2_000
"""The most operations of a graph whose local derivatives are written as formulas; beyond, they are numbers alone."""

MAX_SYMBOL: Final = 24
"""The longest text of an operand in a formula; a longer one is replaced by the node's name."""


class _Written(NamedTuple):
    """A notation, and the symbol of each node in it."""

    notation: Notation
    symbols: list[Any]


class Formulas:
    """The local derivatives of a graph as text, each written when it is first used.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("a*b", parse("a*b")), {"a": 2, "b": 3})
    >>> formulas = Formulas(passes)
    >>> formulas.partial(passes.tape.step(2), 0), formulas.symbols[2].string
    ('b', 'E')
    """

    def __init__(self, passes: Passes) -> None:
        """Take the passes whose local derivatives are written."""
        self._passes = passes

    def partial(self, step: Step, position: int) -> str | None:
        """Return the local derivative of a step by one of its operands; None where the graph is too large."""
        text = self._text(step, position, self._program)
        return text and text.string

    def phrase(self, step: Step, position: int) -> Phrase | None:
        """Return the same for people, and which operand is read as one-hot rows in it."""
        phrase = self._phrase(step, position, seeded=False)
        return phrase and self._one_hot(step, phrase)

    def headline(self, step: Step, position: int) -> Phrase:
        """Return the adjoint that an operation on arrays sends back where its own is 1, for people."""
        phrase = self._phrase(step, position, seeded=True)
        signed = phrase and Phrase(with_signs(phrase), phrase.tex)
        return self._one_hot(step, signed) if signed else Phrase("")

    def _phrase(self, step: Step, position: int, *, seeded: bool) -> Phrase | None:
        text, tex = (self._text(step, position, m, seeded=seeded) for m in (self._reading, self._tex))
        return Phrase(text.string, tex.string) if text and tex else None

    def _one_hot(self, step: Step, phrase: Phrase) -> Phrase:
        """Return a formula, and after it which class indices stand for their one-hot rows in it."""
        indices = [operand for i, operand in enumerate(step.operands) if stands_for_rows(self._passes, step, i)]
        symbols = [symbol for symbol in map(self.symbol, indices) if symbol]
        return Phrase(
            phrase + "".join(f", {symbol} one-hot" for symbol in symbols),
            phrase.tex + "".join(rf",\; {symbol.tex} \text{{ one-hot}}" for symbol in symbols),
        )

    def told(self, step: Step, position: int) -> tuple[str, str]:
        """Return the local derivative as LaTeX, alone and as a factor of a product; empty where the graph is large."""
        text = self._text(step, position, self._tex)
        if text is None:
            return "", ""
        return text.string, text.string if text.power == ATOM else as_factor(text, self._tex.notation)

    def symbol(self, node: int) -> Phrase | None:
        """Return a node's symbol in formulas for people; None where the graph is too large."""
        text, tex = (m.symbols[node] for m in (self._reading, self._tex))
        return Phrase(*(each.condition or each.string for each in (text, tex))) if text and tex else None

    def _text(self, step: Step, position: int, written: _Written, *, seeded: bool = False) -> Text | None:
        symbols, passes = written.symbols, self._passes
        if symbols[step.target] is None or step.op.textbook.get(position, step) is None:
            return None
        if step.op.parameters:
            return written.notation.partial_of(step.op.name, step.op.parameters[position])
        beside = is_beside_kink(step, passes.namespace, passes.values)
        if step.op.on_arrays:
            adjoint = Text(written.notation.name(self.adjoint).string)
            return _pulled(
                passes, step, position, symbols, written.notation, None if seeded else adjoint, beside=beside
            )
        return formula(passes.tape, step, position, symbols, written.notation, beside=beside)

    @property
    def symbols(self) -> list[Any]:
        """The symbol of each node in formulas that parse: its name, its text, or a letter where the text is long."""
        return self._program.symbols

    def along(self, path: Sequence[tuple[Step, int]]) -> Phrase | None:
        """Return the product of the local derivatives along a path for people; None where the graph is too large."""
        if any(self._reading.symbols[step.target] is None for step, _ in path):
            return None
        readings = (self._reading, self._tex)
        text, tex = (_along(self._passes.tape, path, each.symbols, each.notation) for each in readings)
        return Phrase(text.string, tex.string)

    @cached_property
    def names(self) -> ReadingNames:
        """The names of operations that people read."""
        return ReadingNames(self._passes.graph, self._passes.tape)

    @cached_property
    def adjoint(self) -> str:
        """What the adjoint of a result is called in formulas of operations on arrays: g, where that is not taken."""
        graph = self._passes.graph
        return next(fresh(ADJOINT, {*graph.names.values(), *graph.inputs}))

    @cached_property
    def _program(self) -> _Written:
        return self._written(Notation())

    @cached_property
    def _reading(self) -> _Written:
        return self._named[1]

    @cached_property
    def _tex(self) -> _Written:
        graph = self._passes.graph
        return self._written(ReadingTex([*graph.names.values(), *graph.inputs]))

    def _written(self, m: Notation) -> _Written:
        tape, letters = self._passes.tape, self.letters
        texts = [None] * tape.size if letters is None else named(tape, m, lambda node, _: letters.get(node))[0]
        return _Written(m, texts)

    @property
    def letters(self) -> dict[int, str] | None:
        """The names that stand in formulas; None for a graph with too many operations."""
        return self._named[0]

    @cached_property
    def _named(self) -> tuple[dict[int, str] | None, _Written]:
        """The names that stand in formulas, and the text for people, by whose length they are chosen."""
        tape, graph, m = self._passes.tape, self._passes.graph, Reading()
        if len(tape.steps) > MAX_FORMULAS:
            return None, _Written(m, [None] * tape.size)
        letters: dict[int, str] = {}
        told = {step.operands[i] for step in tape.steps if step.op.headline for i in step.op.headline}

        def name_of(node: int, text: Text) -> str | None:
            if node in graph.names or node in told or node == graph.output or len(text.string) > MAX_SYMBOL:
                letters[node] = self.names[node]
            return letters.get(node)

        return letters, _Written(m, named(tape, m, name_of)[0])


def _pulled(  # noqa: PLR0913, PLR0917  an edge, the symbols of its operands, the notation, and the adjoint
    passes: Passes,
    step: Step,
    position: int,
    symbols: Sequence[Text],
    m: Notation,
    adjoint: Text | None,
    *,
    beside: bool,
) -> Text:
    """Return the adjoint that an operation on arrays sends back to an operand, in a notation.

    It is in the shape of the operand, and class indices stand for their one-hot rows. `adjoint` is the symbol of the
    operation's own adjoint; without one it is 1. `beside` says that all entries are beside the operation's kink.
    """
    writer, values, tape = Textbook(), passes.values, passes.tape
    shapes = [shape_of(values[operand]) for operand in step.operands]
    refs = [
        writer.const(tape.constants[operand])
        if operand in tape.constants
        else writer.sized(str(i), shapes[1 - i], probabilities=True)
        if stands_for_rows(passes, step, i)
        else writer.known(str(i), values[operand])
        for i, operand in enumerate(step.operands)
    ]
    pulled = writer.back(step.op, position, refs, g=None if adjoint else writer.lift(1), beside=beside)
    inputs: dict[str, Any] = {str(i): symbols[operand] for i, operand in enumerate(step.operands)} | {ADJOINT: adjoint}
    return _text_of(writer, pulled, m, lambda name: inputs[name] if name in inputs else _placed(name, m, adjoint))


def _text_of(writer: Writer, ref: Ref, m: Notation, symbol: Callable[[str], Text]) -> Text:
    """Return what a writer has recorded in a notation, with the symbols of its inputs."""
    local = writer.tape([ref])
    return forward(local, m, {name: symbol(name) for name in local.inputs})[local.outputs[0]]  # type: ignore[no-any-return]


def _placed(index: str, m: Notation, adjoint: Text | None) -> Text:
    """Return the adjoint of a part of an array as text, by the part's index; or zeros."""
    if index == ZEROS:
        return Text(r"\mathrm{zeros}" if m.syntax.from_rows else ZEROS)
    if m.syntax.from_rows:
        g, at = adjoint.string if adjoint else "1", m.syntax.constant(index[1:-1])
        return Text(rf"{g} \text{{ at }} \left[{at}\right], 0 \text{{ elsewhere}}", 0)
    return Text(f"{adjoint.string if adjoint else '1'} at {index}, 0 elsewhere", 0)


def formula(  # noqa: PLR0913  an edge, the symbols of its operands, and the notation
    tape: Tape,
    step: Step,
    position: int,
    symbols: Sequence[Text],
    m: Notation,
    *,
    z: Text | None = None,
    beside: bool = False,
) -> Text:
    """Return a local derivative in a notation.

    The plain rule is first recorded on a tape, which folds 0 and 1. `symbols` are the texts of the operands by
    register; `z` is that of the step's own value, which is spelled out by default. `beside` says that the point is
    beside the operation's kink.
    """
    writer, op = Writer(stable=False), step.op
    names = {str(i): symbols[operand] for i, operand in enumerate(step.operands)}
    numbers = [_number(tape, operand) for operand in step.operands]
    refs = [writer.input(str(i)) if number is None else writer.const(number) for i, number in enumerate(numbers)]
    value = writer.value(op, refs) if z is None else writer.input("z")
    local = derivative_of(op, position, writer, value, refs, beside=beside)
    inputs: dict[str, Any] = {**names, "z": z, ADJOINT: Text(ADJOINT)}
    return _text_of(writer, local, m, inputs.__getitem__)


def _number(tape: Tape, register: int) -> Fraction | None:
    """Return the number that a register always has: a constant's, or that of a constant with a sign, such as -2."""
    if register in tape.constants:
        return tape.constants[register]
    step = tape.step(register)
    signed = tape.constants.get(step.operands[0]) if step.target == register and step.op is NEG else None
    return None if signed is None else -signed


def _operand(writer: Writer, tape: Tape, register: int) -> Ref:
    number = _number(tape, register)
    return writer.input(str(register)) if number is None else writer.const(number)


def _along(tape: Tape, path: Sequence[tuple[Step, int]], symbols: Sequence[Text], m: Notation) -> Text:
    """Return the product of the local derivatives along a path, from its first step to its last, in a notation."""
    writer, reached = Writer(stable=False), dict[int, Any]()
    product: Any = None
    for step, position in path:
        refs = [reached[i] if i in reached else _operand(writer, tape, i) for i in step.operands]
        value = reached[step.target] = writer.value(step.op, refs)
        local = derivative_of(step.op, position, writer, value, refs)
        product = local if product is None else product * local
    return _text_of(writer, product, m, lambda name: symbols[int(name)])
