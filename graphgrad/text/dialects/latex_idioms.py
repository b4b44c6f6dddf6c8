r"""Read what only mathematics writes so: the difference \Delta x, the indicator \mathbb{1}[x > 0]; refuse words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_choices import AND_OR, CONDITION_WORDS, SIGNS_OF_RELATIONS
from graphgrad.text.dialects.latex_names import index_parts, spelled
from graphgrad.text.dialects.latex_refusals import COMMANDS
from graphgrad.text.dialects.latex_state import Rope
from graphgrad.text.dialects.latex_tokens import BLANKS, NAME
from graphgrad.text.statement import Compound, Name

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["difference", "indicator", "refuse_words"]

DELTA: Final = r"\Delta"
BLANK: Final = re.compile(BLANKS)
EXPONENT: Final = re.compile(rf"{BLANKS}\^")
INDICATOR: Final = re.compile(r"\\(?:mathbb|mathbf|bm|mathds)\s*(?:\{\s*1\s*\}|1)")
CONDITION: Final = re.compile(rf"{BLANKS}(?:\\left|\\[bB]igg?l?)?\s*(?:\[|\(|\\\{{)")
WORD: Final = re.compile(r"\\(?:text|textrm|mbox|hbox)\s*\{\s*([A-Za-z .,]+?)\s*\}")
WORDS: Final = frozenset(("where", "with", "such that", "s.t.", "provided", "given", "as", "is", "then"))


def difference(reader: LatexReader, text: str, span: Span) -> bool:
    r"""Read \Delta and the name behind it as one name, Delta_x; False where there is none."""
    after = NAME.match(reader.source, BLANK.match(reader.source, span[1]).end()) if text == DELTA else None  # type: ignore[union-attr]  # it can be empty
    found = spelled(after[0], reader.spelled_out) if after else None
    delta = DELTA.removeprefix("\\")
    if after is None or found is None:
        return False
    whole = span[0], after.end()
    readings = rf"the difference {DELTA}_{{{after[0]}}}", rf"{DELTA} \cdot {after[0]}"
    if delta in reader.assigned or reader.used[delta] > 0:
        reader.fail_both(whole, *readings)
    if EXPONENT.match(reader.source, after.end()):
        reader.fail_both(whole, rf"({DELTA} {after[0]})^{{…}}", rf"{DELTA}({after[0]}^{{…}})")
    name = f"{delta}_{found.name}"
    reader.begin(text, span, "name")
    reader.add(Name(name), whole)
    reader.used[name] += 1
    reader.letters.setdefault(delta, (whole, *readings))
    reader.skip = after.end()
    reader.ended()
    return True


def indicator(reader: LatexReader, text: str, span: Span) -> bool:
    r"""Read \mathbb{1} with a condition in brackets or below it; False where it is no indicator."""
    base, _ = index_parts(text)
    if not INDICATOR.fullmatch(base):
        return False
    below = text[len(base) :].strip().removeprefix("_").strip()
    if not below and CONDITION.match(reader.source, span[1]):
        return True
    inner = below.removeprefix(r"\{").removesuffix(r"\}")
    inner = inner[1:-1] if inner.startswith("{") else inner
    code = reader.within(inner, span[0] + text.index(inner, len(base))) if inner else []
    infix = reader.grammar.infix
    truths = [infix[sign][2] for sign in (*SIGNS_OF_RELATIONS, *AND_OR.values())]
    if not code or not (isinstance(code[-1][0], Compound) or code[-1][0] in truths):
        reader.fail(f"{text} has no condition", span, rf"write {base}[x > 0], or \mathrm{{one}} for a name")
    reader.begin(text, span, "name")
    reader.add(Rope((([item for item, _ in code], [place for _, place in code]),)), span)  # type: ignore[arg-type]  # put in place later
    reader.ended()
    return True


def refuse_words(reader: LatexReader, text: str, span: Span) -> None:
    r"""Refuse a word of a sentence, as in x^2 \text{ for } x > 0, which is no name."""
    match = WORD.fullmatch(text)
    if match and match[1].lower() in CONDITION_WORDS | WORDS:
        _, hint = COMMANDS["?"]
        message = f"this '{match[1]}' is a word of a sentence, and no name"
        reader.fail(message, span, f"give the formula alone, or {hint}")
