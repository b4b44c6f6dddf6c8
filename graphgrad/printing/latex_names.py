r"""Typeset names in LaTeX, no two of them alike, and escape any other text."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from graphgrad.base.terminal_text import printable
from graphgrad.text.greek import GREEK
from graphgrad.text.vocabulary import CONSTANTS

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable

__all__ = ["escaped", "greek_letters", "name_tex", "numbered"]

ESCAPES: Final = {
    **{ord(character): f"\\{character}" for character in "{}$&#_%"},
    ord("\\"): r"\textbackslash{}",
    ord("^"): r"\textasciicircum{}",
    ord("~"): r"\textasciitilde{}",
}

NUMERAL: Final = re.compile(r"[-+]?[0-9.,]*[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?%?", re.ASCII)
"""A name that looks like a number; it is set in italics, as numbers are not."""

NUMBERED: Final = re.compile(rf"([^\W\d_]|{'|'.join(sorted(GREEK))})([0-9]+)")
"""A letter with a number."""

LOST_BLANK: Final = re.compile(r"^ | (?= |$)|(?<= ) ")
"""A blank that LaTeX would drop: all but a single one within a name."""

SYMBOL: Final = re.compile("[·‼ℋℌℐℒℛℨℬℭℰℱℳ∀-⋿⌜-⌟⟀-⟯⦀-⫿]")
"""A symbol of mathematics, which KaTeX refuses in text mode; LaTeX's Unicode fonts have it in mathematics, too."""

LIGATURE: Final = re.compile(r"(?<=[-`'<>,?!])(?=[-`'<>,])")
"""The place between two characters that LaTeX's fonts may draw as one, as -- or ?`."""


def name_tex(name: str, letters: Collection[str] = ()) -> str:
    r"""Return a name in LaTeX: Greek letters, subscripts after underscores, words upright, other scripts as text.

    No two names are typeset alike, nor like a constant or a number, except `alpha` and `α`, which are both \alpha, and
    names that differ only in characters that cannot be seen. Where `letters`, the Greek letters that other names
    contain, has alpha, the word is spelled out.

    >>> print(name_tex("x"), name_tex("x1"), name_tex("x_1"), name_tex("learning_rate"), name_tex("りんご"))
    x \mathrm{x1} x_{1} \mathrm{learning}_{\mathrm{rate}} \text{りんご}
    >>> print(name_tex("alpha"), name_tex("α"), name_tex("alpha", {"alpha"}))
    \alpha \alpha \mathrm{alpha}
    >>> print(name_tex("unit price, %"), name_tex("pi"), name_tex("2020"))
    \text{unit price, \%} \mathrm{pi} \textit{2020}
    """
    words = name.split("_")
    if name in CONSTANTS or not all(word.isalnum() for word in words):
        return _literal(name)
    base, *indices = words
    typeset = _word(base, letters)
    if not indices:
        return typeset
    return f"{typeset}_{{{','.join(i if _is_number(i) else _word(i, letters) for i in indices)}}}"


def greek_letters(names: Iterable[str]) -> frozenset[str]:
    """Return LaTeX's names of the Greek letters that names contain.

    >>> sorted(greek_letters(["alpha", "x_β", "Ω"]))
    ['Omega', 'beta']
    """
    return frozenset(letter for name in names if not name.isascii() for c in name if (letter := _greek(c)))


def numbered(name: str, taken: Container[str]) -> str:
    """Return a letter with a number as people read it, with an index, unless the name with the index is taken.

    >>> numbered("x1", {"x1"}), numbered("x1", {"x1", "x_1"}), numbered("sha256", ())
    ('x_1', 'x1', 'sha256')
    """
    match = NUMBERED.fullmatch(name)
    indexed = "_".join(match.groups()) if match else name
    return name if indexed in taken else indexed


@cache
def _greek(character: str) -> str:
    """Return LaTeX's name of a Greek letter, empty for other characters."""
    case, _, letter = unicodedata.name(character, "").replace("LAMDA", "LAMBDA").partition(" LETTER ")
    name = {"GREEK SMALL": letter.lower(), "GREEK CAPITAL": letter.capitalize()}.get(case, "")
    return name if name in GREEK else ""


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal()


def _word(word: str, letters: Collection[str]) -> str:
    if word in GREEK and word not in letters:
        return f"\\{word}"
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word
    return _literal(word)


@lru_cache(maxsize=4096)
def _literal(name: str) -> str:
    """Return a name: Latin letters and digits upright, a Greek one as its macro, any others as one piece of text."""
    if name in CONSTANTS and not name.isascii():
        return rf"\text{{{name}}}"
    if NUMERAL.fullmatch(name):
        return rf"\textit{{{_text(name)}}}"
    if not re.fullmatch(r"\w+", name):
        return rf"\text{{{_text(name)}}}"
    runs = [(script, "".join(run)) for script, run in groupby(name, _script)]
    if len(runs) == 1 and (runs[0][0] != "Greek" or len(name) == 1):
        return TYPESET[runs[0][0]](escaped(name))
    return rf"\text{{{''.join(IN_TEXT.get(script, escaped)(run) for script, run in runs)}}}"


def _text(name: str) -> str:
    r"""Return a name for text mode: its blanks kept, no two characters drawn as one, symbols in mathematics.

    >>> print(_text(" a  b--c ≠ d"))
    \ a\ \ b-{}-c $≠$ d
    """
    text = LIGATURE.sub("{}", LOST_BLANK.sub(r"\\ ", escaped(name)))
    return SYMBOL.sub(r"$\g<0>$", text).replace("$·$", r"$\cdot$")


def _script(character: str) -> str:
    return "Latin" if character.isascii() else "Greek" if _greek(character) else ""


TYPESET: Final = {
    "Latin": r"\mathrm{{{}}}".format,
    "Greek": lambda run: "".join(f"\\{_greek(character)}" for character in run),
    "": r"\text{{{}}}".format,
}
IN_TEXT: Final = {"Greek": lambda run: "".join(rf"$\{_greek(character)}$" for character in run)}


def escaped(text: str) -> str:
    r"""Escape any text so that LaTeX prints it literally.

    >>> print(escaped(r"50% of $x_1$ \input"))
    50\% of \$x\_1\$ \textbackslash{}input
    """
    return printable(text).translate(ESCAPES)
