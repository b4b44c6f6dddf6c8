"""The reader of formulas: it reads all that the LaTeX printer writes, and says of other LaTeX what it is."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from awkward import ANY_NAME, NAMES
from hypothesis import given

import graphgrad as gg
from graphgrad.ops import OPS
from graphgrad.printing import Latex, escaped, name_tex
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.plain import sign_phrase
from graphgrad.typeset.read import tree_of
from graphgrad.typeset.setting import typeset
from graphgrad.typeset.tree import KINDS, folded

if TYPE_CHECKING:
    from graphgrad.ops import Op
    from graphgrad.typeset.tree import Tree

FORMULAS = [
    json.loads(line)["expr"]
    for line in (Path(__file__).parents[1] / "data" / "open.jsonl").read_text(encoding="utf-8").splitlines()
]


def kinds(tree: Tree) -> set[str]:
    """Return the kinds of all parts of a tree."""
    return folded(
        tree, None, lambda each, _: [None] * len(each.parts), lambda each, _, parts: {each.kind}.union(*parts)
    )


@pytest.mark.parametrize("op", OPS.values(), ids=list(OPS))
def test_every_row_is_read(op: Op) -> None:
    """The LaTeX of every operation is read, of names and of numbers with signs, and typeset."""
    m, op = Latex(), op.with_params({})
    for operands in (["a", "x_1", "alpha"], ["v", "w", "りんご"]):
        tex = m.value(op, [m.name(name) for name in operands[: op.arity]]).string
        assert kinds(tree_of(tex)) <= KINDS.keys()
        assert bool(typeset(Phrase.of(tex), 10).width) == bool(tex)


def test_every_formula_of_the_corpus_is_read() -> None:
    """All published formulas are read; their fractions and roots keep their parts."""
    for text in FORMULAS:
        tex = gg.parse(text).to_latex()
        read = kinds(tree_of(tex))
        assert ("fraction" in read) == (r"\frac" in tex)
        assert ("root" in read) == (r"\sqrt" in tex)


@pytest.mark.parametrize("name", NAMES)
def test_awkward_names_are_read_as_they_are(name: str) -> None:
    """A name with any character is read; its Unicode reading has the name's characters."""
    assert Phrase.of(name_tex(name)).replace("λ", "lambda") == Phrase.of(rf"\text{{{escaped(name)}}}")


@given(ANY_NAME)
def test_any_name_is_read(name: str) -> None:
    """Names of random characters are read, and set with a width that is a number."""
    assert typeset(Phrase.of(name_tex(name)), 10).width >= 0


def test_a_deep_formula_is_read_without_recursion() -> None:
    """A formula of ten thousand nested brackets is read, written and set."""
    deep = r"\left(" * 10_000 + "x" + r"\right)" * 10_000
    assert Phrase.of(deep) == "(" * 10_000 + "x" + ")" * 10_000


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\frac{a", "a}", r"\left(a", "a & b", r"\begin{matrix}a\end{matrix}"])
def test_other_latex_is_refused(tex: str) -> None:
    """LaTeX that the printer does not write is an error that shows it."""
    with pytest.raises(gg.RenderError, match="cannot be typeset"):
        tree_of(tex)


def test_a_sign_is_told_from_an_operator() -> None:
    """A minus before the first operand, or after another operator, is a sign; between operands it is an operator."""
    assert [part.kind for part in tree_of("-a - b \\cdot -c").parts] == [
        "prefix",
        "letter",
        "binary",
        "letter",
        "binary",
        "prefix",
        "letter",
    ]


@pytest.mark.parametrize("between", ["", " ", " + ", "⊕", "∂", "Γ", "∘"])
def test_the_sign_of_any_row_can_be_read(between: str) -> None:
    """A row of one's own may have any sign; a macro is ended where a letter follows."""
    before, after = ("", "1", "a", "word", "×", "∂", "√", " ", "(", "²"), ("W", "word", "1", "Σ", "²", " ")
    for left, right in product(before, after):
        assert tree_of(sign_phrase(left + between + right).tex)
