r"""Read sums and products over an index, \sum_{i=1}^{10} i x_{i}, and what the index stands in: x_{i+1}, x[2i]."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_names import index_parts, part_name, spelled
from graphgrad.text.dialects.latex_refusals import COMMANDS
from graphgrad.text.dialects.latex_state import Bracket, Macro, Waiting, flat
from graphgrad.text.reader import BARRIER
from graphgrad.text.series import index_of
from graphgrad.text.statement import Apply, Code, Name, NameAt, Repeat
from graphgrad.text.vocabulary import BRACKETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Item, Span

__all__ = ["SERIES", "Summed", "begin_series", "bound", "indexed_array", "indexed_name", "is_index", "refuse_outside"]

SERIES: Final = {r"\sum": "+", r"\prod": "*"}
"""The operators that sums and products over an index repeat."""

EXAMPLE: Final = r"write \sum_{i=1}^{10} i^2"
IN_BRACKETS: Final = re.compile(r"(?:\\left\s*)?\[([^\[\]]{1,200}?)(?:\\right\s*)?\]")
LETTERS: Final = re.compile(r"[A-Za-z]")


class Summed(Waiting):
    """A sum or a product before its terms, on the stack: what it repeats, its index and its ends."""

    __slots__ = ("first", "index", "last", "op")

    def __init__(self, word: str, span: Span, op: Op) -> None:
        """Take what is repeated."""
        super().__init__(word, span)
        self.op, self.index = op, ""
        self.first: Code | None = None
        self.last: Code | None = None

    def finish(self, reader: LatexReader, start: int) -> None:
        """Put the sum in the place of its terms."""
        if self.first is None or self.last is None:
            message, hint = COMMANDS[self.word]
            reader.fail(message, self.span, hint)
        code, spans = flat(reader.code[self.at :], reader.spans[self.at :])
        refuse_outside(reader, code, spans)
        self._refuse_factor(reader, code)
        del reader.code[self.at :], reader.spans[self.at :]
        body = Code(tuple(code), tuple(spans))
        reader.code.append(Repeat(self.index, self.first, self.last, body, self.op))
        reader.spans.append((start, reader.last))
        reader.starts[-1] = start
        reader.running[self.index] -= 1
        reader.indices.add(self.index)

    def _refuse_factor(self, reader: LatexReader, code: Sequence[Item]) -> None:
        """Refuse a last factor without the index, which may stand behind the product."""
        times, divide = (reader.grammar.infix[sign][2] for sign in "*/")
        if self.op is not times.op or code[-1] not in (times, divide):
            return
        needed, begin = 1, len(code) - 1
        while needed:
            begin -= 1
            needed += getattr(code[begin], "arity", 0) - 1
        if not any(self._has_index(item) for item in code[begin:-1]):
            reader.fail_both(self.span, "the product of all that follows", "a product before the last factor")

    def _has_index(self, item: Item) -> bool:
        if isinstance(item, Name):
            return item.text == self.index
        if isinstance(item, NameAt):
            return any(Name(self.index) in place.items for place in item.places if isinstance(place, Code))
        return not isinstance(item, Apply) and hasattr(item, "op")


def begin_series(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read \sum and \prod."""
    reader.begin(text, span, "sum")
    op = reader.grammar.infix[SERIES[text]][2].op
    reader.wait(Summed(text, span, op), reader.grammar.infix["+"][1] + 1)


def bound(reader: LatexReader, text: str, span: Span) -> bool:
    """Read the sign before an end of a sum; False where there is no sum."""
    top = reader.stack[-1][1]
    if reader.complete or not isinstance(top, Summed) or top.at != len(reader.code):
        return False
    if (top.first if text == "_" else top.last) is not None:
        reader.fail("this sum has two such ends", span, EXAMPLE)
    done = _note_first if text == "_" else _note_last
    reader.open.append(Macro(span, at=len(reader.code), powers=top, done=done))
    reader.stack.append(BARRIER)
    return True


def is_index(reader: LatexReader, span: Span) -> bool:
    """Read the equals sign behind the index of a sum; False where it is none."""
    macro = next((each for each in reversed(reader.open) if not isinstance(each, Bracket)), None)
    if not isinstance(macro, Macro) or macro.done is not _note_first or not isinstance(macro.powers, Summed):
        return False
    if [type(item) for item in reader.code[macro.at :]] != [Name] or not reader.complete or macro.powers.index:
        reader.fail("the index of a sum is a name", span, EXAMPLE)
    [name], _ = reader.cut(macro.at)
    macro.powers.index, reader.complete = name.text, False  # type: ignore[union-attr]  # it is a name
    reader.used[macro.powers.index] -= 1
    return True


def _note_first(reader: LatexReader, macro: Macro) -> None:
    series = macro.powers
    if not isinstance(series, Summed) or not series.index:
        message, hint = COMMANDS[series.word if series else r"\sum"]
        reader.fail(message, series.span if series else macro.span, hint)
    series.first = _taken(reader, macro)
    reader.running[series.index] += 1


def _note_last(reader: LatexReader, macro: Macro) -> None:
    if isinstance(macro.powers, Summed):
        macro.powers.last = _taken(reader, macro)


def _taken(reader: LatexReader, macro: Macro) -> Code:
    code, spans = flat(*reader.cut(macro.at))
    reader.complete = False
    return Code(tuple(code), tuple(spans))


def refuse_outside(reader: LatexReader, code: Sequence[Item], spans: Sequence[Span]) -> None:
    """Refuse the index of a sum behind the sum's end, as in the sum of x_i plus i: it may be meant to be in the sum."""
    over = {index for index in reader.indices if not reader.running[index]}
    if not over:
        return
    for item, span in zip(code, spans, strict=True):
        if isinstance(item, Name) and (index := next(iter(over.intersection(item.text.split("_"))), "")):
            shown = reader.source[slice(*span)]
            reader.fail_both(span, f"{shown} within the sum over {index}", f"{shown} as another number behind the sum")


# ---- what an index stands in


def indexed_name(reader: LatexReader, text: str, span: Span) -> NameAt | None:
    """Return the name that has the index of a sum in its own index; None where it has none."""
    base, parts = index_parts(text)
    if not any(reader.running.values()) or not parts:
        return None
    places = [place for part in parts for place in _places(reader, part, span)]
    found = spelled(base, reader.spelled_out)
    if found is None or not any(isinstance(place, Code) for place in places):
        return None
    if found.name in reader.assigned:
        hint = rf"the entries of an array are counted from 0: {base}\left[i - 1\right]"
        reader.fail(f"{text} can be read as a name, {base}_{{1}}, or as an entry of {base}", span, hint)
    return NameAt(found.name, tuple(places))


def _places(reader: LatexReader, part: str, span: Span) -> Iterator[str | Code]:
    """Yield what a part of an index stands for: x_{i}, a_{ij}, x_{i+1}."""
    called = part_name(part, reader.spelled_out)
    letters = part.strip() if part.strip().isalpha() else ""
    start = reader.source.find(part, span[0], span[1])
    if called is not None and reader.running[called] > 0:
        yield Code((Name(called),), ((start, start + len(part)),))
    elif len(letters) > 1 and any(reader.running[letter] > 0 for letter in letters):
        for letter in letters:
            if reader.running[letter] <= 0:
                apart = ",".join(letters)
                reader.fail_both(span, rf"the word \mathrm{{{letters}}}", f"the indices {apart}")
            yield Code((Name(letter),), ((start, start + len(part)),))
    elif any(reader.running[letter] > 0 for letter in LETTERS.findall(part)) and "\\" not in part:
        code = reader.within(part, start)
        yield Code(tuple(item for item, _ in code), tuple(place for _, place in code))
    elif called is not None:
        yield called


def indexed_array(reader: LatexReader, span: Span) -> bool:
    """Read the index of an array in brackets that has the index of a sum in it; False where it has none."""
    match = IN_BRACKETS.match(reader.source, span[0]) if reader.complete and any(reader.running.values()) else None
    if match is None or not isinstance(reader.code[-1], Name):
        return False
    inner = match[1]
    if not any(reader.running[letter] > 0 for letter in LETTERS.findall(inner)):
        return False
    whole = match.span()
    place = match.start(1) - 1
    reader.applied(index_of(reader, reader.grammar.postfix[BRACKETS], f"[{inner}]", (place, whole[1])), whole)
    reader.skip = whole[1]
    reader.ended()
    return True
