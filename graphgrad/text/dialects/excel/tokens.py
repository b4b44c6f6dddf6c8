"""Split a formula of Excel or Calc into tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.text.dialects.excel.references import BLANK, PATTERN, SIMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kind_of_token", "tokens", "tokens_with_decimal_comma"]

KINDS: Final = r"""
      (?P<text> "(?:[^"]|"")*" )
    | (?P<error> \#(?:REF!|N/A|DIV/0!|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!|GETTING_DATA) )
    | (?P<external> (?:'[^'\n]*\[[^'\n]*'|\[[^\[\]\n]*\][\w.\ ]*)!(?:[$\w.]+(?::[$\w.]+)?)? )
    | (?P<call> [^\W\d][\w.]*{blank}\( )
    | (?P<reference> {reference} )
    | (?P<table> [^\W\d][\w.]*\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\] | \[[^\[\]\n]*\] )
    | (?P<name> [^\W\d][\w.?\\]* )
    | (?P<number> (?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<sign> <>|<=|>=|\*\*|//|==|!=|&&|\|\| )
    | (?P<end> \Z )
    | (?P<other> . )
"""


def _token(point: str) -> re.Pattern[str]:
    kinds = KINDS.format(blank=BLANK, reference=PATTERN, point=point)
    return re.compile(f"(?P<blank>{BLANK})(?:{kinds})", re.VERBOSE | re.DOTALL)


TOKEN: Final = _token(r"\.")
TOKEN_WITH_DECIMAL_COMMA: Final = _token("[.,]")


def tokens(source: str) -> Iterator[tuple[str, str]]:
    """Return pairs of blanks and the token after them; joined, they are the text.

    >>> list(tokens("=SUM( $B$1:B3 )%"))
    [('', '='), ('', 'SUM('), (' ', '$B$1:B3'), (' ', ')'), ('', '%'), ('', '')]
    """
    return map(_pair, TOKEN.finditer(source))


def tokens_with_decimal_comma(source: str) -> Iterator[tuple[str, str]]:
    """Return the same where a decimal comma may stand in a number.

    >>> [token for _, token in tokens_with_decimal_comma("=1,5*A1")]
    ['=', '1,5', '*', 'A1', '']
    """
    return map(_pair, TOKEN_WITH_DECIMAL_COMMA.finditer(source))


def _pair(match: re.Match[str]) -> tuple[str, str]:
    blank = match[1]
    return blank, match[0][len(blank) :]


def kind_of_token(text: str) -> str:
    """Return what a token is.

    >>> [kind_of_token(text) for text in ("SUM(", "B2", "price", "1.5", '"a"', "Sales[Price]", "[1]Book!A1", "#REF!")]
    ['call', 'reference', 'name', 'number', 'text', 'table', 'external', 'error']
    """
    if SIMPLE.fullmatch(text):
        return "reference"
    match = TOKEN_WITH_DECIMAL_COMMA.fullmatch(text)
    return (match and match.lastgroup) or "other"
