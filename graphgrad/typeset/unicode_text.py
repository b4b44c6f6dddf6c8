"""Write a formula on one line of Unicode, with brackets where a fraction or a script needs them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.typeset.one_line import on_one_line
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.signs import ROOTS
from graphgrad.typeset.spacing import depths, spaced
from graphgrad.typeset.tree import EMPTY, folded

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.typeset.tree import Tree

__all__ = ["RAISED", "unicode_of", "unicode_text"]

SUPERSCRIPTS: Final = dict(
    zip(
        "0123456789+−=()abcdefghijklmnoprstuvwxyzβγδφχ⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵝᵞᵟᵠᵡᵀ",
        strict=True,
    )
)
RAISED: Final = frozenset(SUPERSCRIPTS.values())
SUBSCRIPTS: Final = dict(
    zip("0123456789+−=()aehijklmnoprstuvxβγρφχ,", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ,", strict=True)
)
"""The characters that have a raised or a lowered one."""

MAX_RAISED: Final = 4
"""The longest script in raised characters; a longer one is easier to read after ^."""


@lru_cache(maxsize=4096)
def unicode_of(tex: str) -> str:
    r"""Return a formula's Unicode reading.

    Raises `RenderError` for LaTeX that our printer does not write.

    >>> unicode_of(r"\frac{a + b}{c}"), unicode_of(r"x^{2}"), unicode_of(r"\sigma_{x}"), unicode_of(r"3 \times 10^{8}")
    ('(a + b)/c', 'x²', 'σₓ', '3 × 10⁸')
    >>> unicode_of(r"\sqrt{x}"), unicode_of(r"e^{-\frac{x}{2}}"), unicode_of(r"\mathrm{learning}_{\mathrm{rate}}")
    ('√x', 'e^(−x/2)', 'learning_rate')
    """
    return unicode_text(tree_of(tex))


def unicode_text(tree: Tree) -> str:
    """Return the Unicode reading of a formula's tree."""
    return folded(on_one_line(tree), 0, depths, _text)


def _text(tree: Tree, depth: int, parts: list[str]) -> str:
    if tree.kind == "row":
        return spaced(tree, depth, parts)
    write = WRITTEN.get(tree.kind)
    return write(tree, parts) if write else tree.text


def _scripts(_tree: Tree, parts: list[str]) -> str:
    base, above, below = parts
    return base + (_below(below) if below else "") + (_above(above) if above else "")


def _is_one_word(text: str) -> bool:
    """Tell whether a script needs no brackets; x^y² would be read as the square of x^y."""
    return len(text) <= 1 or (text.replace("_", "").replace(".", "").isalnum() and RAISED.isdisjoint(text))


def _above(script: str) -> str:
    if len(script) <= MAX_RAISED and all(character in SUPERSCRIPTS for character in script):
        return "".join(map(SUPERSCRIPTS.__getitem__, script))
    return f"^{script}" if _is_one_word(script) else f"^({script})"


def _below(script: str) -> str:
    short = all(len(word) <= 1 or word.isdecimal() for word in script.split(","))
    if short and all(character in SUBSCRIPTS for character in script):
        return "".join(map(SUBSCRIPTS.__getitem__, script))
    return f"_{script}" if _is_one_word(script) else f"_({script})"


def _root(tree: Tree, parts: list[str]) -> str:
    inner, degree = parts
    sign = ROOTS.get(degree) or _above(degree).removeprefix("^") + "√"
    return sign + (inner if _is_atom(tree.parts[0]) else f"({inner})")


def _is_atom(tree: Tree) -> bool:
    """Tell whether a formula is a name, a number, or in brackets."""
    return not tree.parts or tree.kind == "fenced" or (tree.kind == "scripts" and tree.parts[1] == EMPTY)


def _fenced(tree: Tree, parts: list[str]) -> str:
    inner = tree.parts[0]
    if tree.text == "()" and inner.kind == "table" and inner.text != "aligned":  # it has brackets of its own
        return parts[0]
    return f"{tree.text[0]}{parts[0]}{tree.text[1]}".strip()


def _table(tree: Tree, parts: list[str]) -> str:
    lines = "; ".join(parts)
    return {"aligned": lines, "cases": f"{{{lines}}}"}.get(tree.text, f"[{lines}]")


def _cells(_tree: Tree, parts: list[str]) -> str:
    return " ".join(filter(None, parts))


WRITTEN: Final[dict[str, Callable[[Tree, list[str]], str]]] = {
    "scripts": _scripts,
    "root": _root,
    "fenced": _fenced,
    "table": _table,
    "cells": _cells,
}
"""How each kind of tree with parts is written; a row's parts are joined, with blanks."""
