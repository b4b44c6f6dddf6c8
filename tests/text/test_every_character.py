"""Each character of mathematics, and each word of other languages: it is read, or the message says what to write."""

from __future__ import annotations

import unicodedata

import pytest
from refusals import error_of

import graphgrad as gg

BLOCKS = {
    "Latin-1": (0xA1, 0xFF),
    "spacing modifiers": (0x2B0, 0x2FF),
    "Greek": (0x370, 0x3FF),
    "general punctuation": (0x2000, 0x206F),
    "superscripts and subscripts": (0x2070, 0x209F),
    "currency": (0x20A0, 0x20CF),
    "letterlike": (0x2100, 0x214F),
    "number forms": (0x2150, 0x218F),
    "arrows": (0x2190, 0x21FF),
    "mathematical operators": (0x2200, 0x22FF),
    "technical": (0x2300, 0x23FF),
    "enclosed alphanumerics": (0x2460, 0x24FF),
    "geometric shapes": (0x25A0, 0x25FF),
    "symbols": (0x2600, 0x26FF),
    "dingbats": (0x2700, 0x27BF),
    "mathematical symbols A": (0x27C0, 0x27EF),
    "arrows A": (0x27F0, 0x27FF),
    "arrows B": (0x2900, 0x297F),
    "mathematical symbols B": (0x2980, 0x29FF),
    "supplemental operators": (0x2A00, 0x2AFF),
    "arrows C": (0x2B00, 0x2BFF),
    "phonetic extensions": (0x1D00, 0x1DBF),
    "full width": (0xFF01, 0xFFEE),
    "small forms": (0xFE50, 0xFE6F),
    "CJK punctuation": (0x3000, 0x303F),
    "mathematical alphanumerics": (0x1D400, 0x1D7FF),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_each_character_is_read_or_the_hint_says_what_to_write(block: str) -> None:
    """It is read in one of its places, or each of them has a hint, and its span lies in the text."""
    first, last = BLOCKS[block]
    for code in range(first, last + 1):
        if unicodedata.category(chr(code)) == "Cn":
            continue
        texts = [text.replace("#", chr(code)) for text in ("x#y", "2 # x", "#x", "x#", "#x#", "#")]
        errors = [error_of(text) for text in texts]
        if all(errors):
            for text, error in zip(texts, errors, strict=True):
                assert error is not None
                assert error.hint, (hex(code), text, error.message)


@pytest.mark.parametrize("block", BLOCKS)
def test_no_character_is_lost(block: str) -> None:
    """What parses with a character between two names is not what parses without it, blanks aside."""
    first, last = BLOCKS[block]
    for code in range(first, last + 1):
        character = chr(code)
        text = f"x{character}y"
        if unicodedata.category(character) in ("Cn", "Cf", "Zs") or error_of(text):
            continue
        assert gg.parse(text).data.steps or gg.parse(text).inputs != ("xy",), hex(code)
