"""Texts for people: what is not seen, or would change the text around it, is replaced."""

from __future__ import annotations

import pytest

from graphgrad.base.terminal_text import columns, isolated, printable
from graphgrad.typeset.widths import text_width

JOINED = {"an emoji of two": "👩\u200d🚀", "a Persian word": "می\u200cروم", "an Indic cluster": "क्\u200dष"}


@pytest.mark.parametrize("text", JOINED.values(), ids=JOINED.keys())
def test_joiners_stay_where_they_are_seen(text: str) -> None:
    """Without its joiner, the text is another picture or another word."""
    assert printable(text) == text
    assert columns("\u200c\u200d") == 0


@pytest.mark.parametrize("text", ["a\u200db", "\u200d🚀", "👩\u200d", "می\u200c", "a\u202eb", "x\u200by", "1\u200d2"])
def test_what_is_not_seen_is_replaced(text: str) -> None:
    """Two names that look alike are told apart, and no character reverses others."""
    shown = printable(text)
    assert "\N{REPLACEMENT CHARACTER}" in shown
    assert len(shown) == len(text)


@pytest.mark.parametrize("mark", ["\u0e34", "\u0e48", "\u0941", "\u0301", "\u200d", "\ufe0f", "\u2068"])
def test_marks_have_no_width(mark: str) -> None:
    """Marks on a letter and invisible characters take no room, whatever their combining class."""
    assert text_width("k" + mark, 10) == text_width("k", 10)
    assert columns("k" + mark) == 1


def test_emoji_are_wider_than_ideographs() -> None:
    """Fonts of emoji draw them a quarter wider than their size, so that a text beside one needs that room."""
    assert text_width("🍎", 10) > text_width("林", 10)


def test_a_name_with_a_joiner_is_isolated_as_a_whole() -> None:
    """Else the halves of a Persian word would change places in a line from left to right."""
    name = JOINED["a Persian word"]
    assert isolated(f"{name} = 2") == f"\u2068{name}\u2069 = 2"
