"""Read characters beyond ASCII: those that stand for an ASCII sign, superscripts, subscripts, and fractions."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import Final

from graphgrad.base.lazy_pattern import lazy_pattern

__all__ = [
    "FRACTIONS",
    "NOT_IN_NAMES",
    "SUPERSCRIPTS",
    "fraction_of",
    "lowered",
    "normalised",
    "with_plain_signs",
]

OPERATORS: Final = "×÷·⋅∗−≤≥≠∧∨⊻¬√∛∜⌊⌋⌈⌉‖"
"""Signs that the language has as they are."""

FRACTIONS: Final = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉"
SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡᶿ"
SUBSCRIPTS: Final = "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"

FULL_WIDTH: Final = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if code != ord("`")}
BLANKS: Final = dict.fromkeys(
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\ufeff", " "
)
OTHER_SIGNS: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u02d7\u2796\ufe63", "-"),
    "\u2795": "+",
    "\ufe62": "+",
    "\u2797": "÷",
    "∕": "/",
    "ˆ": "^",
    "∙": "·",
    "•": "·",
    "✕": "×",
    "✖": "×",
    "⨉": "×",
    "⨯": "×",
    "\ufe61": "*",
    "﹪": "%",
    "≦": "≤",
    "⩽": "≤",
    "≧": "≥",
    "⩾": "≥",
    "﹤": "<",
    "﹥": ">",
    "﹦": "=",
    "∣": "|",
    "❘": "|",
    "∥": "‖",
    "﹙": "(",
    "﹚": ")",
    "﹐": ",",
    "﹔": ";",
}
"""Signs that a reader takes for another one: dashes for minus, a bullet for the dot of a product."""

DIGITS: Final = {chr(0x1D7CE + i): str(i % 10) for i in range(50)}
"""The digits of mathematical alphabets."""

FOLDED: Final = str.maketrans({**FULL_WIDTH, **BLANKS, **OTHER_SIGNS, **DIGITS})
NOT_IN_NAMES: Final = re.escape(OPERATORS + FRACTIONS + SUPERSCRIPTS + "".join(BLANKS) + "".join(OTHER_SIGNS))
"""Characters with which no name goes on, for a set within a regular expression."""

FOLDING: Final = lazy_pattern(rf"(`(?:[^`\n]|``)+`(?!`)|#[^\n]*)|[！-～𝟎-𝟿{NOT_IN_NAMES}]+")
INDEX: Final = lazy_pattern(rf"(?<!^)_?([{SUBSCRIPTS}]+)$")
LOWERED: Final = str.maketrans({c: unicodedata.normalize("NFKC", c) for c in SUPERSCRIPTS})


def with_plain_signs(text: str) -> str:
    """Return a text with the usual sign for each one that is read like it, character by character.

    Names in backquotes and comments stay as they are.

    >>> with_plain_signs("２＋ｘ – `ａ–ｂ`")
    '2+x - `ａ–ｂ`'
    """
    return text if text.isascii() else FOLDING.sub(_folded, text)


def _folded(match: re.Match[str]) -> str:
    return match.group() if match.group(1) else match.group().translate(FOLDED)


def normalised(name: str) -> str:
    """Return a name as it is looked up: in Unicode's NFKC, and with an underscore before its subscript.

    >>> normalised("x₁₂"), normalised("ｘ"), normalised("σₓ"), normalised("x_₁")
    ('x_12', 'x', 'σ_x', 'x_1')
    """
    return name if name.isascii() else unicodedata.normalize("NFKC", INDEX.sub(r"_\1", name))


def lowered(superscripts: str) -> str:
    """Return superscripts as usual characters, one by one.

    >>> lowered("⁻¹²"), lowered("ⁿ⁺¹")
    ('−12', 'n+1')
    """
    return superscripts.translate(LOWERED)


def fraction_of(character: str) -> Fraction:
    """Return the value of a fraction that is one character.

    >>> fraction_of("⅔")
    Fraction(2, 3)
    """
    above, below = unicodedata.normalize("NFKC", character).split("⁄")
    return Fraction(int(above), int(below))
