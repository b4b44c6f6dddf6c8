r"""Turn what is no formula into LaTeX: numbers as they are printed, shapes, small matrices, signs of operations."""

from __future__ import annotations

import re
from functools import lru_cache, reduce
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from graphgrad.printing.latex import number_tex
from graphgrad.printing.latex_names import escaped, greek_letters, name_tex, numbered
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.signs import CHARACTERS, FENCES, MACROS
from graphgrad.typeset.unicode_text import SUPERSCRIPTS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["joined", "matrix", "name_phrase", "number_phrase", "prose", "shape_phrase", "sign_phrase", "spoken"]

NUMBER: Final = re.compile(r"(?P<minus>-?)(?P<digits>(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|\d+/\d+|inf)", re.IGNORECASE)
"""A number as Python prints it, or a fraction."""

SCIENTIFIC: Final = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?e[-+]?\d+)(?!\w)")
"""A number with an exponent within a text."""

FENCED: Final = re.compile(r"([|‖⌊⌈\[])(.)([|‖⌋⌉\]])")
"""A sign between brackets, as of a rounded number."""

TEX: Final = attrgetter("tex")

RAISED: Final = {raised: character for character, raised in SUPERSCRIPTS.items()}
SIGN_PARTS: Final = re.compile(rf"[{''.join(RAISED)}]+|[A-Za-z][A-Za-z -]+|.", re.DOTALL)
"""Raised characters, a word, or a character."""

MACRO_LAST: Final = re.compile(r"\\[A-Za-z]+\Z")
"""A text of LaTeX that ends with the letters of a macro."""

REVERSED: Final = {
    **{character: macro for macro, (_, character) in MACROS.items() if len(macro) > len(r"\,") and "{" not in macro},
    **{character: macro for macro, character in FENCES.items() if len(macro) > len(r"\{")},
    **{character: character for character in CHARACTERS},
    "−": "-",
    " ": r"\ ",
    "∛": r"\sqrt[3]{\,}",
    "Σ": r"\Sigma",
}
"""The LaTeX of a character."""


@lru_cache(maxsize=4096)
def number_phrase(text: str) -> Phrase:
    r"""Return a number, as Python prints it, with its power of ten raised; another text as it is, with a true minus.

    >>> number_phrase("-1.5e-07"), number_phrase("inf"), number_phrase("1/3"), number_phrase("8%")
    ('−1.5 × 10⁻⁷', '∞', '1/3', '8%')
    """
    match = NUMBER.fullmatch(text)
    return Phrase.of(match["minus"] + number_tex(match["digits"].lower())) if match else Phrase(text.replace("-", "−"))


def shape_phrase(shape: Sequence[int]) -> Phrase:
    """Return the shape of an array as a mathematician writes it; that of a vector is the number of its entries.

    >>> shape_phrase((2, 3)), shape_phrase((5,)), shape_phrase((1,))
    ('2×3', '5 entries', '1 entry')
    """
    if len(shape) == 1:
        return Phrase(f"{shape[0]} {'entry' if shape[0] == 1 else 'entries'}")
    return Phrase.of(r"{\times}".join(map(str, shape)))


def matrix(rows: Sequence[Sequence[str]]) -> Phrase:
    """Return numbers, as Python prints them, as a matrix in brackets.

    >>> matrix([["1", "-0.5"], ["2e-9", "3"]])
    '[1 −0.5; 2 × 10⁻⁹ 3]'
    """
    lines = r" \\ ".join(" & ".join(number_phrase(entry).tex for entry in row) for row in rows)
    return Phrase.of(rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}")


@lru_cache(maxsize=4096)
def name_phrase(name: str, names: frozenset[str] = frozenset()) -> Phrase:
    """Return a name: a letter in italics, Greek letters, an index as a subscript; no two of `names` are read alike.

    >>> name_phrase("sigma_x"), name_phrase("learning_rate"), name_phrase("x1")
    ('σₓ', 'learning_rate', 'x₁')
    """
    return Phrase.of(name_tex(numbered(name, names), greek_letters(names)))


@lru_cache(maxsize=4096)
def sign_phrase(sign: str) -> Phrase:
    r"""Return the sign of an operation, or its name.

    >>> [sign_phrase(sign).tex for sign in ("×", "xⁿ", "sin", "⌊·⌋", "∂ x", "∂x")]
    ['\\times', 'x^{n}', '\\mathrm{sin}', '\\left\\lfloor\\cdot\\right\\rfloor', '\\partial\\ x', '\\partial x']
    """
    if match := FENCED.fullmatch(sign):
        left, inner, right = (REVERSED.get(part, part) for part in match.groups())
        return Phrase(sign, rf"\left{left}{inner}\right{right}")
    return Phrase(sign, reduce(_before, map(_part, SIGN_PARTS.findall(sign)), ""))


def _before(left: str, right: str) -> str:
    """Return a text of LaTeX before another; a blank ends a macro that a letter follows."""
    return f"{left} {right}" if right[0].isalpha() and MACRO_LAST.search(left) else left + right


def _part(part: str) -> str:
    if part[0] in RAISED:
        return f"^{{{''.join(_part(RAISED[character]) for character in part)}}}"
    if part in REVERSED:
        return REVERSED[part]
    if len(part) == 1 and part.isascii() and part.isalpha():
        return part
    return rf"\mathrm{{{part}}}" if part.isascii() and part.isalpha() else rf"\text{{{escaped(part)}}}"


def joined(parts: Sequence[Phrase], between: str = " = ") -> Phrase:
    r"""Return phrases as one, with a sign of mathematics between them.

    >>> joined([Phrase.of("x^{2}"), Phrase.of("9")]).tex
    'x^{2} = 9'
    """
    return parts[0] if len(parts) == 1 else Phrase(between.join(parts), between.join(map(TEX, parts)))


def prose(text: str) -> Phrase:
    """Return a sentence with its numbers typeset.

    >>> prose("rows: -1.1e+06 ± 9e-25")
    'rows: −1.1 × 10⁶ ± 9 × 10⁻²⁵'
    """
    parts = SCIENTIFIC.split(text)
    return joined(
        [number_phrase(part) if i % 2 else Phrase(part.replace("-", "−")) for i, part in enumerate(parts) if part], ""
    )


def spoken(*parts: str) -> Phrase:
    r"""Return texts as one, with a blank between them.

    >>> spoken("data", Phrase.of("9")).tex
    '\\text{data}\\ 9'
    """
    return Phrase(
        " ".join(parts), r"\ ".join((part if isinstance(part, Phrase) else Phrase(part)).tex for part in parts)
    )
