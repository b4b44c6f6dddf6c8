"""Say of which numbers rounding leaves few digits, at which node they are lost, and what magnifies the loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.faults import node_text
from graphgrad.backprop.lost_digits import bounded_numbers
from graphgrad.base.public import public
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import backward

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.lost_digits import Bounded
    from graphgrad.backprop.passes import Passes
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.sweeps import Adjoints
    from graphgrad.tape.tape import Tape

__all__ = ["Doubt", "doubts"]

MAX_ENTRIES: Final = 8
"""The most entries of an array, the smallest ones, whose digits are counted."""

MAGNIFIED: Final = 1000
"""The least factor by which an operation magnifies a relative error for it to be named."""


@public
class Doubt(NamedTuple):
    """A number of which rounding may have changed some digits: `digits` of the `of` that it has.

    `node` is the graph's node whose rounding contributes most, None where it is not known, and `span` its place in the
    text. `str()` gives a sentence.

    >>> from graphgrad import parse
    >>> [doubt] = parse("sqrt(x + 1) - sqrt(x)").backprop({"x": 1e14}, []).check().doubts
    >>> doubt.subject, doubt.digits, doubt.of, doubt.span
    ('value', 15, 16, (0, 11))
    >>> print(doubt.cause)
    the rounding of sqrt(x + 1) at column 1, which the subtraction at column 13 magnifies
    """

    subject: str
    digits: int
    of: int
    cause: str = ""
    node: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Return one sentence: of what, how many digits, and why."""
        of = f"of {'the value' if self.subject == 'value' else self.subject}"
        many = f"all {self.of}" if self.digits >= self.of else f"about {self.digits} of {self.of}"
        return f"{of} {many} digits are in doubt{f': {self.cause}' if self.cause else ''}"


def doubts(passes: Passes) -> tuple[Doubt, ...]:
    """Return a doubt for each number of which rounding leaves few digits; for an array, for its worst entry.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> doubts(backprop(build("x*y", parse("x*y")), {"x": 0.1, "y": 3}))
    ()
    """
    worst: dict[str | None, Bounded] = {}
    for each in bounded_numbers(passes, MAX_ENTRIES):
        if each.name not in worst or each.relative > worst[each.name].relative:
            worst[each.name] = each
    return tuple(
        _Lost.of(passes, each).doubt(digits, passes.kind.decimal_digits)
        for each in worst.values()
        if (digits := passes.kind.digits_in_doubt(each.relative))
    )


class _Lost(NamedTuple):
    """A number in doubt and the tape on which it was computed, with the node or the edge of each register."""

    passes: Passes
    each: Bounded
    tape: Tape
    values: Sequence[Any]
    edges: dict[int, tuple[int, int]]

    @classmethod
    def of(cls, passes: Passes, each: Bounded) -> _Lost:
        errors = each.errors
        if errors is None or errors.traced is None:
            return cls(passes, each, passes.tape, passes.values, {})
        if not each.bound.terms:  # bounded together with many others
            each = each._replace(bound=errors.bound(each.name or "", each.seed))
        traced = errors.traced
        tape = traced.tape.leading_to(traced.tape.outputs[traced.names.index(each.name or "")])
        return cls(passes, each, tape, traced.values, traced.edges)

    def doubt(self, digits: int, of: int) -> Doubt:
        worst = self.each.bound.worst
        if worst is None:
            return Doubt(self.each.subject, digits, of)
        node = self.node(worst)
        cause = f"the rounding of {self.name(worst)} at column {_column(self.passes.graph, node)}"
        magnifier = self.magnifier(worst)
        if magnifier is not None:
            cause += f", which {self.magnifying(magnifier)} magnifies"
        return Doubt(self.each.subject, digits, of, cause, node, self.passes.graph.spans[node])

    def node(self, register: int) -> int:
        """Return the node of the graph that a register belongs to; of an edge, the one that it leads to."""
        return self.edges[register][0] if register in self.edges else register

    def name(self, register: int) -> str:
        """Return what a register holds: a node, or a part of what flows back along an edge."""
        text = node_text(self.passes.graph, self.node(register))
        return f"the derivative of {text}" if register in self.edges else text

    def magnifier(self, worst: int) -> int | None:
        """Return the register that magnifies a relative error most on its way to the number; None where none does.

        The way is the one on which the largest part of the error arrives.
        """
        try:
            fixed = self.tape.fixed([worst])
            back = backward(self.tape, self.passes.namespace, list(self.values), fixed, self.each.seed)
            conditions = dict(self.conditions(back, worst))
        except (Fault, ArithmeticError, ValueError, TypeError):
            return None
        largest = max(conditions, key=lambda register: conditions[register], default=None)
        return None if largest is None or conditions[largest] < MAGNIFIED else largest

    def conditions(self, back: Adjoints, register: int) -> Iterator[tuple[int, Any]]:
        """Yield the registers on the way, each with the factor by which it magnifies a relative error."""
        users: dict[int, list[tuple[Any, int]]] = {}
        for (target, position), contribution in back.contributions.items():
            operand = self.tape.step(target).operands[position]
            users.setdefault(operand, []).append((_size(contribution * self.values[operand]), target))
        while register in users:
            arriving, register = max(users[register])
            leaving = _size(back.adjoints[register] * self.values[register])
            yield register, arriving / leaving if leaving else math.inf

    def magnifying(self, register: int) -> str:
        """Return an operation in words, with its place in the text."""
        step = self.tape.step(register)
        node, noun = self.node(register), _noun(step.op)
        if register in self.edges:
            by = node_text(self.passes.graph, self.passes.tape.step(node).operands[self.edges[register][1]])
            return f"the sum of what flows back to {by}" if noun else self.name(register)
        start = _operator(self.passes.graph, self.passes.tape.step(node)) if noun else None
        column = _column(self.passes.graph, node, start)
        return f"{f'the {noun}' if noun else self.name(register)} at column {column}"


def _size(number: Any) -> Any:
    """Return the absolute value of a number, the sum of those of an array's entries."""
    return abs(number).sum() if is_array(number) else abs(number)


def _noun(op: Op) -> str:
    """Return what a sum or a difference is called; empty for any other operation."""
    if set((op.neutral or {}).values()) != {0}:
        return ""
    return "addition" if op.commutes else "subtraction"


def _operator(graph: GraphData, step: Step) -> int | None:
    """Return where the operator of a node stands in the text, between its operands; None where it is not found."""
    start, end = graph.spans[step.target]
    left, text = graph.spans[step.operands[0]], node_text(graph, step.operands[0])
    if start <= left[0] and left[1] <= end:
        behind = left[1]
    else:  # it was written before, and is named here
        behind = start + len(text) * graph.source.startswith(text, start)
    rest = graph.source[behind:end]
    skipped = len(rest) - len(rest.lstrip(" )"))
    return behind + skipped if rest[skipped : skipped + 1] in step.op.symbols else None


def _column(graph: GraphData, node: int, start: int | None = None) -> int:
    """Return a place in its line of the text, by default where a node begins, counted from 1."""
    start = graph.spans[node][0] if start is None else start
    return start - graph.source.rfind("\n", 0, start)
