r"""Read definitions of functions in LaTeX, f(x) = x^2 + 1, and their calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.latex_names import spelled
from graphgrad.text.dialects.latex_reader import CALL
from graphgrad.text.dialects.latex_state import Waiting
from graphgrad.text.dialects.latex_tokens import NAME, latex_tokens
from graphgrad.text.statement import Name

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["begin_head", "defined_function"]

HEAD: Final = re.compile(
    r"[ \t\r\n]*(?:\\left|\\[bB]igg?l?)?\(([^()=]{0,200}?)(?:\\right|\\[bB]igg?r?)?\)(?P<equals>[ \t\r\n&]*:?=(?!=))"
)
SEPARATOR: Final = re.compile(r"[,;|](?![^{}]*\})")


def begin_head(reader: LatexReader, text: str, span: Span) -> bool:
    """Read the left side of f(x) = …: a definition where the text calls f later, else the name of the result."""
    if reader.complete or reader.code or reader.open or reader.target or len(reader.stack) > 1:
        return False
    head = HEAD.match(reader.source, span[1])
    found = spelled(text, reader.spelled_out)
    parts = [spelled(part.strip(), reader.spelled_out) for part in SEPARATOR.split(head[1])] if head else []
    if not head or found is None or not all(each and each.name for each in parts):
        return False
    reader.begin(text, span, "name")
    names = [each.name for each in parts if each]
    reader.used.update(names)
    reader.styles.setdefault(found.name, (found.style, text))
    if _last_call(reader, found.name) < head.end():
        reader.add(Name(found.name), span)
        reader.skip = head.start("equals")
        return True
    if len({*names}) < len(names):
        reader.fail("two parameters have the same name", (span[0], head.start("equals")), "give one another name")
    if found.name in reader.functions or found.name in reader.assigned:
        reader.fail(f"{text} is defined twice", span, "a name stands for one thing: take another name")
    reader.target, reader.target_span, reader.parameters = found.name, span, tuple(names)
    reader.clear_statement()
    reader.skip = head.end()
    return True


def _last_call(reader: LatexReader, called: str) -> int:
    """Return where a name stands before a bracket for the last time; -1 if it does not."""
    if reader.last_calls is None:
        reader.last_calls = {}
        end = 0
        for blank, token in latex_tokens(reader.source):
            start = end + len(blank)
            end = start + len(token)
            if NAME.fullmatch(token) and CALL.match(reader.source, end):
                found = spelled(token, reader.spelled_out)
                reader.last_calls[found.name if found else token] = start
    return reader.last_calls.get(called, -1)


def defined_function(reader: LatexReader, text: str, span: Span) -> Waiting | None:
    """Return the function of the text that a name before a bracket is; None where it is none."""
    if not (reader.functions or reader.parameters is not None) or not CALL.match(reader.source, span[1]):
        return None
    found = spelled(text, reader.spelled_out)
    if found is None:
        return None
    if reader.parameters is not None and found.name == reader.target:
        hint = "a function may only use functions that are defined before it"
        reader.fail(f"{text} is defined by itself", span, hint)
    if found.name not in reader.functions or found.name in (reader.parameters or ()):
        return None
    return Waiting(found.name, span, is_defined=True)
