"""Test that a long line, which is split part by part, has the tokens that it has as a whole."""

from __future__ import annotations

import random
from typing import Final

import pytest

from graphgrad.text import tokens

PIECES: Final = [
    *"+-*/^(),;=<> ", "**", "//", "<=", "..", "x", "x" * 300, "sin(", "sin   (", "2", "1e+5", "1e", "0.5", ".5", "25%",
    ".T", " " * 400, "x[0:3, -1]", "[1, 2", "]", '"ij,jk->ik",', '"', "= -1)", "= (1, 2),", "=" + " " * 50 + "-1 ,",
    "`a + b`", "`", "# a comment - with + signs", "²", "½", "größe",
]  # fmt: skip
"""What a line may hold; a backquote or a comment runs to the end of the line."""

RARE: Final = {"`", '"', "# a comment - with + signs", "[1, 2", " " * 400}


def line(seed: int) -> str:
    """Return a line of about 20,000 characters."""
    draw = random.Random(seed)
    weights = [0.02 if piece in RARE else 1 for piece in PIECES]
    return "".join(draw.choices(PIECES, weights, k=1_500))


@pytest.mark.parametrize("chunk", [1_100, 1_500, 5_000])
@pytest.mark.parametrize("seed", range(12))
def test_a_long_line_has_the_tokens_of_the_whole(seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, numbers, indices, subscripts and comments are not cut in two."""
    text = line(seed)
    monkeypatch.setattr(tokens, "LONG_LINE", len(text))
    whole = [*tokens.tokens(text)]
    monkeypatch.setattr(tokens, "CHUNK", chunk)
    monkeypatch.setattr(tokens, "LONG_LINE", chunk)
    assert [*tokens.tokens(text)] == whole


@pytest.mark.parametrize(
    "text", ["x" * 9_000, "`" + "a+" * 4_000 + "`", "1+" * 20 + "#" + "+-" * 5_000, " " * 9_000 + "x", "+" * 9_000]
)
def test_a_long_token_is_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name, a quoted name, a comment or a blank longer than a part."""
    monkeypatch.setattr(tokens, "LONG_LINE", len(text))
    whole = [*tokens.tokens(text)]
    monkeypatch.setattr(tokens, "CHUNK", 1_100)
    monkeypatch.setattr(tokens, "LONG_LINE", 1_100)
    assert [*tokens.tokens(text)] == whole
