"""Say of which numbers rounding leaves few digits, at which node they are lost, and what magnifies the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.backprop.faults import node_text
from graphgrad.backprop.jumps_in_doubt import jumps_in_doubt
from graphgrad.backprop.lost_digits import bounded_numbers
from graphgrad.base.public import public

if TYPE_CHECKING:
    from graphgrad.backprop.lost_digits import Bounded
    from graphgrad.backprop.passes import Passes

__all__ = ["Doubt", "doubts"]

MAX_ENTRIES: Final = 4
"""The most entries of an array, the smallest ones, whose digits are counted."""


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
    the rounding of sqrt(x + 1) at column 1, which the difference at column 13 magnifies 2e+14 times
    """

    subject: str
    digits: int
    of: int
    cause: str = ""
    node: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        """Return one sentence: of what, how many digits, and why."""
        of = f"of {'the ' * self.subject.startswith('value')}{self.subject}"
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
    jumps = [_jump(passes, node) for node in jumps_in_doubt(passes)]
    return *jumps, *(
        _doubt(passes, each, digits)
        for each in worst.values()
        if (digits := passes.kind.digits_in_doubt(each.relative))
    )


def _jump(passes: Passes, node: int) -> Doubt:
    span = passes.graph.spans[node]
    place = passes.graph.place(span[0])
    cause = f"{node_text(passes.graph, node)} at {place} is within rounding of a jump{passes.kind.reading}"
    return Doubt("value", passes.kind.decimal_digits, passes.kind.decimal_digits, cause, node, span)


def _doubt(passes: Passes, each: Bounded, digits: int) -> Doubt:
    source = each.source(passes)
    doubt = Doubt(each.subject, digits, passes.kind.decimal_digits)
    if source is None:
        return doubt
    return doubt._replace(cause=str(source), node=source.node, span=passes.graph.spans[source.node])
