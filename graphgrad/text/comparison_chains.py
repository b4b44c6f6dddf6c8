"""Read chains of comparisons, 0 < x <= 1, each operand of which is computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphgrad.text.statement import Apply, Compound, Part, Unfinished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Span

__all__ = ["chained", "chained_as_in_python", "shown_comparisons"]

CONJUNCTION: Final = "and"
EQUAL, UNEQUAL = "==", "!="


@dataclass(slots=True, eq=False, repr=False)
class Chain(Unfinished):
    """A chain of comparisons: the comparisons, the ends of their left operands, and the `and` that joins them."""

    ops: list[Op]
    ends: list[int]
    both: Op

    @property
    def arity(self) -> int:  # type: ignore[override]
        """One more than the comparisons."""
        return len(self.ops) + 1

    def finished(self, starts: Sequence[int], last: int) -> Compound:
        """Return all the comparisons, joined from the left."""
        ends, count = [*self.ends[1:], last], self.arity
        parts = [Part(op, (i, i + 1), (starts[i], end)) for i, (op, end) in enumerate(zip(self.ops, ends, strict=True))]
        joined = count
        for i in range(1, len(self.ops)):
            parts.append(Part(self.both, (joined, count + i), (starts[0], ends[i])))
            joined = count + len(parts) - 1
        return Compound(count, tuple(parts))


def chained(reader: Reader, item: Apply, span: Span) -> None:
    """Read a comparison, whose sign is at `span`, behind the right operand of another one.

    Raises `ExpressionSyntaxError` where two readers would read them differently.
    """
    _, before, start = reader.stack[-1]
    op = before.ops[-1] if isinstance(before, Chain) else before.op  # type: ignore[union-attr]  # it is no barrier
    _refuse_two_readings(reader, op, item.op, start, span)
    chained_as_in_python(reader, item, span)


def chained_as_in_python(reader: Reader, item: Apply, span: Span) -> None:
    """Read a comparison behind the right operand of another one, whichever the two are."""
    _, before, start = reader.stack[-1]
    if CONJUNCTION not in reader.grammar.infix:
        reader.fail("comparisons do not chain", span, "multiply them: (a < b)*(b < c)")
    if not isinstance(before, Chain):
        op = before.op  # type: ignore[union-attr]  # it is no barrier
        before = Chain([op], [start], reader.grammar.infix[CONJUNCTION][2].op)
    before.ops.append(item.op)
    before.ends.append(reader.last)
    reader.stack[-1] = reader.stack[-1][0], before, span[0]
    reader.complete = False


def _refuse_two_readings(reader: Reader, before: Op, op: Op, start: int, span: Span) -> None:
    """Refuse a chain with ≠, in which the ends might be meant to differ, too, and one that mixes = with < or >."""
    if UNEQUAL not in before.symbols + op.symbols and (EQUAL in before.symbols) == (EQUAL in op.symbols):
        return
    first, second = shown_comparisons(reader, start, span)
    hint = f"write {first} and {second} …, or ({first}) {reader.source[slice(*span)]} …"
    reader.fail("these comparisons can be read in two ways", span, hint)


def shown_comparisons(reader: Reader, start: int, span: Span) -> tuple[str, str]:
    """Return the comparison whose sign is at `start` as hints show it, and how the one goes on whose sign is `span`."""
    source = reader.source
    left = source[reader.starts[-2] : start].strip()[-20:]
    sign = source[start : reader.starts[-1]].strip()
    middle = source[reader.starts[-1] : reader.last][:20]
    return f"{left} {sign} {middle}", f"{middle} {source[slice(*span)]}"
