"""Split a text into tokens, and read a number's exact value."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from graphgrad.base.lazy_pattern import lazy_pattern
from graphgrad.text.arguments import CONSTANT, INDEX, SUBSCRIPTS
from graphgrad.text.signs import NOT_IN_NAMES, SUPERSCRIPTS, with_plain_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["BLANK", "MAX_LITERAL_DIGITS", "NAME", "QUOTED", "exact_number", "split_by", "tokens"]

BLANK: Final = r"[ \t\r\u00a0\u3000]*"
SYMBOL: Final = r"\*\*|\.\.|<=|>=|==|!=|//|:=|&&|\|\||[-+*/^@%=<>(),;\n×÷·⋅∗−≤≥≠∧∨⊻¬\[\]{}]"
NAME: Final = rf"[^\W\d{NOT_IN_NAMES}][^\x00-/:-@\[-^`{{-\x7f\u00a0\u3000{NOT_IN_NAMES}]*"
QUOTED: Final = r"`(?:[^`\n]|``)+`(?!`)"
"""A name in backquotes; two of them within it stand for one."""

TOKEN: Final = lazy_pattern(
    rf"""( {NAME}(?:{BLANK}\()?
         | (?:[0-9][0-9_]*(?:\.(?!\.(?!T(?!\w)))[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?%?
         | \.T(?!\w) | {INDEX} | ={BLANK}{CONSTANT}(?={BLANK}[,)])
         | {SUBSCRIPTS}{BLANK},
         | {SYMBOL}
         | [{SUPERSCRIPTS}]+
         | \#[^\n]*
         | \Z
         | `(?:[^`\n]|``)*`?
         | [^ \t\r\u00a0\u3000] )""",
    re.VERBOSE,
)
"""A token. Every text is a sequence of these, with blanks before each. A name and its opening parenthesis are one
token, a call, and so are an equals sign and the constant behind it, a parameter of a call: `sum(`, `= -1`; and so are
the subscripts that a call begins with and the comma behind them: `"ij->ji",`. A token that begins with a backquote is a
name in backquotes, or one that is empty or not closed, for the parser to refuse."""

NUMBER: Final = lazy_pattern(r"(\d+(?:_\d+)*)?\.?(\d+(?:_\d+)*)?(?:[eE]([+-]?\d+(?:_\d+)*))?(%?)")

CHUNK: Final = 20_000
"""How many characters, up to the next end of a line, are split at once: what fits into the processor's cache."""

LONG_LINE: Final = 5 * CHUNK
"""A line longer than this is split in parts."""

MARGIN: Final = 1_000
"""How many characters behind a sign decide what it is: more than the longest index, and the longest subscripts."""

MARGIN_TOKENS: Final = 10
"""How many tokens behind a sign do, since blanks may be many."""

SIGNS: Final = frozenset("+-*/")
"""The signs behind which a part of a line may end: none of them is within a name or a number that was split in two."""

MAX_LITERAL_DIGITS: Final = 1_000
"""The most characters a number may be written with."""

PLAIN: Final = 300
"""A decimal shorter than this is within float64, whatever its digits."""


def tokens(source: str) -> Iterable[tuple[str, str]]:
    """Return pairs of blanks and the token after them; joined, they are the text with the usual signs.

    >>> list(tokens("2*sin (x) # why"))
    [('', '2'), ('', '*'), ('', 'sin ('), ('', 'x'), ('', ')'), (' ', '# why'), ('', '')]
    """
    plain = with_plain_signs(source)
    return _pairs(TOKEN, plain) if 0 < len(plain) <= CHUNK else chain.from_iterable(_parts(plain))


def _parts(source: str) -> Iterator[Iterator[tuple[str, str]]]:
    for lines in _chunks(source):
        yield from [_pairs(TOKEN, lines)] if len(lines) <= LONG_LINE else _parts_of_line(lines)


def _parts_of_line(line: str) -> Iterator[Iterator[tuple[str, str]]]:
    """Split a long line part by part, so that its tokens need not be in memory at once.

    What is at the end of a part may be half a token: it is split again, as the beginning of the next part.
    """
    start, size = 0, CHUNK
    while len(line) > start + size:
        pieces = TOKEN.split(line[start : start + size])
        count, rest = _certain(pieces)
        start += size - rest
        size = CHUNK if count else 2 * size
        kept = iter(pieces[:count])
        yield zip(kept, kept, strict=True)
    yield _pairs(TOKEN, line[start:])


def _certain(pieces: list[str]) -> tuple[int, int]:
    """Return how many pieces there are up to the last sign that is one for certain, and the length of those behind it.

    Where there is none, that is no piece, and the length of all.
    """
    rest = 0
    for token in range(len(pieces) - 2, 0, -2):
        if rest >= MARGIN and len(pieces) - token > 2 * MARGIN_TOKENS and pieces[token] in SIGNS:
            return token + 1, rest
        rest += len(pieces[token - 1]) + len(pieces[token])
    return 0, rest


def split_by(pattern: re.Pattern[str]) -> Callable[[str], Iterable[tuple[str, str]]]:
    """Return what splits a text into the tokens of another language; its pattern has one group, and matches the end."""
    return partial(_split, pattern)


def _split(pattern: re.Pattern[str], source: str) -> Iterable[tuple[str, str]]:
    return chain.from_iterable(map(partial(_pairs, pattern), _chunks(source)))


def _pairs(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    pieces = iter(pattern.split(text))
    return zip(pieces, pieces, strict=False)  # the last piece is what follows the end: nothing


def _chunks(source: str) -> Iterator[str]:
    start = 0
    while start < len(source):
        end = source.find("\n", start + CHUNK) + 1 or len(source)
        yield source[start:end]
        start = end


def exact_number(text: str) -> Fraction | None:
    """Return a literal's exact value, None where it is badly written; OverflowError where that would be too much.

    It is where no float64 could hold the number, or where it is written with more than `MAX_LITERAL_DIGITS` characters.

    >>> exact_number("8%"), exact_number("1__0")
    (Fraction(2, 25), None)
    """
    whole, _, decimals = text.partition(".")
    if len(text) < PLAIN and (whole + decimals).isdecimal():
        return Fraction(int(whole + decimals), 10 ** len(decimals))
    if len(text) > MAX_LITERAL_DIGITS:
        message = f"a number of {len(text)} characters; at most {MAX_LITERAL_DIGITS} are read"
        raise OverflowError(message)
    match = NUMBER.fullmatch(text)
    return match and _scaled(*match.groups(default=""))


def _scaled(whole: str, decimals: str, exponent: str, percent: str) -> Fraction:
    digits, places = int(whole + decimals), int(exponent or 0) - 2 * bool(percent)
    _refuse_far(digits, float(f"{whole or 0}.{decimals or 0}e{exponent or 0}"))
    places -= len(decimals.replace("_", ""))
    return Fraction(digits * 10 ** max(places, 0), 10 ** max(-places, 0)) if digits else Fraction(0)


def _refuse_far(digits: int, scale: float) -> None:
    if scale == float("inf"):
        message = "a number beyond the largest float64, 1.8e308"
        raise OverflowError(message)
    if scale == 0 and digits:
        message = "a number below the smallest float64, 4.9e-324"
        raise OverflowError(message)
