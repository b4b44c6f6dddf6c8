"""Laws of LaTeX, for every row of the table and for random programs: KaTeX reads it, and it tells graphs apart."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from awkward import NAMES as AWKWARD
from hypothesis import given, settings
from hypothesis import strategies as st
from katex import IN_KATEX, typeset
from latex_programs import programs, small_programs

import graphgrad as gg
from graphgrad.printing import name_tex
from graphgrad.typeset.unicode_text import unicode_of

if TYPE_CHECKING:
    from collections.abc import Callable


def tex_of(text: str) -> str:
    """Return the LaTeX of a program."""
    return gg.parse(text).to_latex()


def plain(text: str) -> str:
    """Return the text of a program's graph, with Greek letters spelled out."""
    return re.sub("[α-ωΑ-Ω]", lambda c: unicodedata.name(c[0]).split()[-1].lower(), str(gg.parse(text)))


def bracketings(leaves: int) -> st.SearchStrategy[Any]:
    """Return trees over so many leaves, as nested pairs of numbers."""

    def over(first: int, last: int) -> st.SearchStrategy[Any]:
        if first == last:
            return st.just(first)
        return st.integers(first, last - 1).flatmap(lambda cut: st.tuples(over(first, cut), over(cut + 1, last)))

    return over(0, leaves - 1)


def bracketed(tree: Any, leaves: list[str], signs: list[str]) -> str:
    """Return the text of a tree in which a sign stands before each leaf but the first."""

    def first(tree: Any) -> int:
        return tree if isinstance(tree, int) else first(tree[0])

    if isinstance(tree, int):
        return leaves[tree]
    left, right = (bracketed(each, leaves, signs) for each in tree)
    return f"({left}){signs[first(tree[1])]}({right})"


@IN_KATEX
def test_awkward_names_are_typeset_and_told_apart() -> None:
    """KaTeX reads each, no two that can be seen look alike, and none looks like a constant or a number."""
    visible = [name for name in AWKWARD if name.isprintable()]
    drawn = dict(zip(visible, typeset([name_tex(name) for name in visible]), strict=True))
    others = typeset([r"\pi", "2020", "2.0", "-1", r"\mathrm{fi}", r"\text{a b}", r"\text{lead}"])
    assert len({*drawn.values(), *others}) == len(drawn) + len(others)
    assert typeset([name_tex(name) for name in AWKWARD])


@given(programs())
def test_the_text_of_arrays_reads_back(text: str) -> None:
    """A graph's own text parses to a graph with the same text, whatever the operations and their parameters."""
    assert str(gg.parse(str(gg.parse(text)))) == str(gg.parse(text))


READ = pytest.mark.parametrize("read", [str, unicode_of], ids=["latex", "unicode"])


@READ
def test_small_programs_are_told_apart(read: Callable[[str], str]) -> None:
    """No operation, parameter, index, order of operands or pair of brackets is lost."""
    texts: dict[str, set[str]] = {}
    for text in small_programs():
        texts.setdefault(read(tex_of(text)), set()).add(plain(text))
    assert len(texts) > 20_000
    assert [alike for alike in texts.values() if len(alike) > 1] == []


LOOKALIKES = pytest.mark.parametrize(
    ("one", "other"),
    [
        ("z = x", "z == x"),
        ("z = x == y", "z == (x == y)"),
        ("1.5e-7*x", "1.5*10**-7*x"),
        ("1e300", "10**300"),
        ("1e300", "1*10**300"),
        ("where(c, a, b)", "where(c != 0, a, b)"),
        ("-a*b", "-(a*b)"),
        ("-1/3", "-(1/3)"),
        ("psi@(a + b)", "digamma(a + b)"),
        ("2@3", "23"),
        ("a@b", "ab"),
        ("x1", "x_1"),
        ("x_12", "x_1_2"),
        ("x.T", "x**T"),
        ("x[0]", "x_0"),
        ("max(x, axis=0)", "max(x, axis==0)"),
        ("sum(x, axis=(0,))", "sum(x, axis=0)"),
    ],
)


@READ
@LOOKALIKES
def test_lookalikes_are_told_apart(one: str, other: str, read: Callable[[str], str]) -> None:
    """What is written alike by those who do not mind has LaTeX and a reading of its own.

    On one line −1/3 and −(1/3) are read alike: they are the same number in all kinds.
    """
    assert (read(tex_of(one)) != read(tex_of(other))) is not (one == "-1/3" and read is unicode_of)


@IN_KATEX
@LOOKALIKES
def test_lookalikes_look_different(one: str, other: str) -> None:
    """They are typeset differently, too."""
    assert len({*typeset([tex_of(one), tex_of(other)])}) == 2


@settings(deadline=None)
@given(programs(), programs())
def test_programs_are_told_apart(one: str, other: str) -> None:
    """Two graphs whose text differs have different LaTeX, Greek spelling aside."""
    assert plain(one) == plain(other) or tex_of(one) != tex_of(other)


@settings(deadline=None)
@given(st.data(), st.integers(2, 6))
def test_brackets_are_told_apart(data: st.DataObject, count: int) -> None:
    """Two ways to bracket the same operands and signs have different LaTeX."""
    signs = data.draw(
        st.lists(st.sampled_from(["+", "-", "*", "/", "@", "**", "<", "=="]), min_size=count, max_size=count)
    )
    leaves = data.draw(st.lists(st.sampled_from(["a", "-a", "2", "-2", "a.T", "a[0]"]), min_size=count, max_size=count))
    one, other = (bracketed(data.draw(bracketings(count)), leaves, signs) for _ in range(2))
    assert str(gg.parse(one)) == str(gg.parse(other)) or tex_of(one) != tex_of(other)


WORDS = st.text(alphabet="abxαβΑりé1_٣", min_size=1, max_size=4) | st.sampled_from(
    ["alpha", "beta1", "alpha_β", "α_beta"]
)


@given(st.lists(WORDS, min_size=2, max_size=4, unique=True))
def test_names_are_told_apart(names: list[str]) -> None:
    """Names that differ are typeset differently, side by side as well as one by one, Greek spelling aside."""
    from graphgrad.printing import Latex

    m = Latex(names)
    assert len({m.name(name).string for name in names}) == len(names)
    spelled = [re.sub("[α-ω]", lambda c: unicodedata.name(c[0]).split()[-1].lower(), name) for name in names]
    assert len({*map(name_tex, names)}) >= len({*spelled})


@IN_KATEX
def test_katex_reads_every_row() -> None:
    """With each of its parameters, alone and within each other row, an operation is typeset, and no two look alike."""
    formulas = {tex_of(text): plain(text) for text in small_programs()}
    looks: dict[str, set[str]] = {}
    for look, text in zip(typeset(list(formulas)), formulas.values(), strict=True):
        looks.setdefault(look, set()).add(text)
    assert [alike for alike in looks.values() if len(alike) > 1] == []


@IN_KATEX
@settings(max_examples=20, deadline=None)
@given(st.lists(programs(), min_size=1, max_size=40))
def test_katex_reads_random_programs(texts: list[str]) -> None:
    """A program is typeset, and so are its derivatives, where it has any."""
    typeset([tex for text in texts for tex in (tex_of(text), *derivatives_of(text))])


def is_readable(name: str) -> bool:
    """Tell whether a name can stand in a text."""
    try:
        return gg.parse(name).inputs == (name,)
    except gg.ExpressionError:
        return False


def derivatives_of(text: str) -> list[str]:
    """Return the gradient's LaTeX, where there is a gradient."""
    try:
        return [gg.parse(text).gradient().to_latex()]
    except gg.GraphgradError:
        return []


@IN_KATEX
@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=8).map("x".__add__).filter(is_readable) | st.text(string.printable), max_size=40))
def test_katex_reads_every_name(names: list[str]) -> None:
    """Whatever a name holds that a text can hold, or that is written with the signs of a keyboard."""
    typeset([name_tex(name) for name in names])
