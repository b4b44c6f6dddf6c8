r"""Read names in LaTeX: \alpha is alpha, \mathrm{apple} is apple, x_{1} is x_1, \hat{y} is y_hat."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.text.dialects.latex_tokens import ACCENTS, BLANKS, FONTS, INDEX, UPRIGHT
from graphgrad.text.greek import GREEK

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Spelled", "greek_character", "index_parts", "part_name", "spelled"]

STYLED: Final = re.compile(rf"\\({'|'.join((*FONTS, *ACCENTS))})(?![A-Za-z]){BLANKS}(.*)", re.DOTALL)
INDEXED: Final = re.compile(rf"(.*?)(?:{BLANKS}_{BLANKS}(.*))?", re.DOTALL)
BASE: Final = re.compile(rf"(.+?)({INDEX})?", re.VERBOSE | re.DOTALL)

PLAIN: Final = re.compile(r"[^\W_]+")
TEXT_SIGNS: Final = {
    **{f"\\{sign}": sign for sign in " {}$&#_%"},
    r"\textbackslash": "\\",
    r"\textasciicircum": "^",
    r"\textasciitilde": "~",
    r"\cdot": "·",
    "{": "",
    "}": "",
    "$": "",
}
PIECE: Final = re.compile(r"\\(?:[A-Za-z]+(?:\{\})?|.)|.", re.DOTALL)
WORDS: Final = re.compile(rf"\\(?:{'|'.join(UPRIGHT)})(?![A-Za-z])")
BLANK: Final = re.compile(BLANKS)

BOLD: Final = "mathbf"
LETTERS: Final = {"ell": "ell", "hbar": "hbar", "imath": "i", "jmath": "j"}


class Spelled(NamedTuple):
    """A name, and how it is set: two ways of setting one name are two names to a reader."""

    name: str
    style: str


@lru_cache(maxsize=4096)
def spelled(token: str, words: frozenset[str] = frozenset()) -> Spelled | None:
    r"""Return the name that a token sets; None where its index is no part of a name.

    Where a text has the name of a Greek letter as a word, one of `words`, the letter's macro is the letter.

    >>> spelled(r"\alpha"), spelled(r"\mathrm{learning}_{\mathrm{rate}}").name, spelled(r"x_{n+1}")
    (Spelled(name='alpha', style=''), 'learning_rate', None)
    >>> spelled(r"\hat{y}_1").name, spelled(r"\text{unit price, \%}").name, spelled(r"\mathbf x")
    ('y_hat_1', 'unit price, %', Spelled(name='x', style='mathbf'))
    """
    match = BASE.fullmatch(token)
    base = match and _base(match[1], words)
    if not match or not base:
        return None
    if not match[2]:
        return base
    index = _index(match[2], words)
    return None if index is None else Spelled("_".join((base.name, *index)), base.style)


def _base(text: str, words: frozenset[str]) -> Spelled | None:
    match = STYLED.fullmatch(text)
    if not match:
        return _letter(text, words)
    style, inner = match.groups()
    if style in UPRIGHT or style in ("mathit", "textit"):
        content = _content(style, inner)
        is_word = len(content) > 1 or style in ("mathit", "textit")
        return Spelled(content, "" if is_word else "mathrm") if content else None
    base = spelled(_unbraced(inner), words)
    if base is None:
        return None
    if style in ACCENTS:
        return Spelled(f"{base.name}_{style.removeprefix('wide')}", base.style)
    return Spelled(base.name, BOLD if style in ("boldsymbol", "textbf", "bm") else style)


def _letter(text: str, words: frozenset[str]) -> Spelled:
    if not text.startswith("\\"):
        return Spelled(unicodedata.normalize("NFKC", text), "")
    word = text[1:]
    if word in words:
        return Spelled(greek_character(word), "")
    return Spelled(word[3:], "var") if word.startswith("var") else Spelled(LETTERS.get(word, word), "")


def _unbraced(text: str) -> str:
    text = BLANK.sub("", text, count=1) if BLANK.match(text) else text
    while text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    return text


def _index(text: str, words: frozenset[str]) -> list[str] | None:
    inner = _index_text(text)
    parts = [part_name(part, words) for part in _split(inner)]
    return None if any(part is None for part in parts) else [part for part in parts if part]


def index_parts(token: str) -> tuple[str, tuple[str, ...]]:
    r"""Return a name without its index, and the parts of the index.

    >>> index_parts("x_{i+1,j}"), index_parts("x")
    (('x', ('i+1', 'j')), ('x', ()))
    """
    match = BASE.fullmatch(token)
    if not match or not match[2]:
        return token, ()
    return match[1], tuple(_split(_index_text(match[2])))


def _index_text(text: str) -> str:
    return _unbraced(text.lstrip("\\,;:!> \t\r\n~").removeprefix("_"))


def part_name(text: str, words: frozenset[str]) -> str | None:
    """Return what a part of an index is called; None where it is no part of a name."""
    text = text.strip()
    if PLAIN.fullmatch(text):
        return unicodedata.normalize("NFKC", text)
    if re.fullmatch(r"\\[A-Za-z]+", text) and (text[1:] in GREEK or text[1:].removeprefix("var") in GREEK):
        return _letter(text, words).name
    if STYLED.fullmatch(text):
        base = _base(text, words)
        return base and base.name
    return None


def _split(text: str) -> Iterator[str]:
    r"""Yield the parts of an index, which commas separate: 1,2 of x_{1,2}."""
    depth, start = 0, 0
    for i, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and not depth and text[i - 1 : i] != "\\":
            yield text[start:i]
            start = i + 1
    yield text[start:]


def _content(style: str, inner: str) -> str:
    """Return what the braces of a word hold, without its escapes; blanks count only in text."""
    keeps_blanks = style.startswith("text") or style in ("mbox", "hbox")
    held = inner[1:-1] if inner.startswith("{") else inner
    held = WORDS.sub("", held) if not keeps_blanks else held
    pieces = [_character(piece) for piece in PIECE.findall(held.strip() if not held.endswith("\\ ") else held.lstrip())]
    return "".join(piece for piece in pieces if keeps_blanks or not piece.isspace() or piece == " ")


def _character(piece: str) -> str:
    if piece in TEXT_SIGNS:
        return TEXT_SIGNS[piece]
    name = piece.removesuffix("{}")
    if name in TEXT_SIGNS:
        return TEXT_SIGNS[name]
    return greek_character(name[1:]) if name.startswith("\\") else piece


def greek_character(word: str) -> str:
    """Return a Greek letter by LaTeX's name; the word itself where there is none.

    >>> greek_character("alpha"), greek_character("Omega"), greek_character("foo")
    ('α', 'Ω', 'foo')
    """
    if word not in GREEK:
        return word
    case = "CAPITAL" if word[0].isupper() else "SMALL"
    return unicodedata.lookup(f"GREEK {case} LETTER {word.upper().replace('LAMBDA', 'LAMDA')}")
