"""Laws of LaTeX, for every row of the table and for random programs: KaTeX reads it, and it tells graphs apart."""

from __future__ import annotations

import re
import string
import unicodedata
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from awkward import NAMES as AWKWARD
from hypothesis import given, settings
from hypothesis import strategies as st
from katex import IN_KATEX, typeset

import graphgrad as gg
from graphgrad.ops import OPS
from graphgrad.printing import Notation, Text, name_tex
from graphgrad.typeset.unicode_text import unicode_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graphgrad.ops import Op

NAMES = ("a", "x1", "x_1", "x_1_2", "alpha", "α", "psi", "axis", "sin_", "りんご_1", "rate", "_v")
NUMBERS = ("2", "10", "0.5", "1e-7", "1e300", "3%")
LEAVES = (*NAMES, *NUMBERS, "pi")
INDICES = ((0,), (1,), (-1,), ((1, 3, None),), ((None, None, 2),), (0, Ellipsis), (Ellipsis, 0), (None, 0), (0, 1))
KINDS: dict[str, tuple[Any, ...]] = {
    "None": (None, 0, 1, -1, (0, 1), (1, 0)),
    "False": (False, True),
    "0": (0, 1, -1),
    "-1": (-1, 0, 1),
    "1": (1, 0, -2),
    "": ("", "ij,jk->ik", "ii"),
    "(0,)": ((0,), (0, 2)),
    "(2, 2)": ((2, 2), (3,)),
    "(-1,)": ((-1,), (2, 3), (3, 2), ()),
    "(Ellipsis,)": INDICES,
    "axes": (None, (0, 1), (1, 0)),
}
"""Values of a parameter, by its default or its name."""


def variants(op: Op) -> Iterator[Op]:
    """Yield an operation with all its parameters."""
    choices = [KINDS.get(name) or KINDS[str(default)] for name, default in op.options.items()]
    yield from (op.with_params(dict(zip(op.options, values, strict=True))) for values in product(*choices))


ROWS = [variant for op in OPS.values() for variant in variants(op)]


def applied(op: Op, operands: Iterable[str]) -> str:
    """Return the text of an operation on texts."""
    return Notation().value(op, [Text(text, 0 if re.search(r"\W", text) else 999) for text in operands]).string


def tex_of(text: str) -> str:
    """Return the LaTeX of a program."""
    return gg.parse(text).to_latex()


def plain(text: str) -> str:
    """Return the text of a program's graph, with Greek letters spelled out."""
    return re.sub("[α-ωΑ-Ω]", lambda c: unicodedata.name(c[0]).split()[-1].lower(), str(gg.parse(text)))


def programs() -> st.SearchStrategy[str]:
    """Return programs of all operations, with all parameters; every intermediate may have a name."""

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def fed(op: Op) -> st.SearchStrategy[str]:
            most = op.arity + 2 * op.variadic
            return st.lists(inner, min_size=op.arity, max_size=most).map(lambda operands: applied(op, operands))

        return st.sampled_from(ROWS).flatmap(fed) | infix(inner)

    def infix(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        ops = st.sampled_from([op for op in OPS.values() if op.symbols or op.postfix == ".T"])
        return st.tuples(ops, inner, inner).map(
            lambda each: applied(each[0].with_params({}), each[1:][: each[0].arity])
        )

    expression = st.recursive(st.sampled_from(LEAVES), grow, max_leaves=8)
    program = st.tuples(expression, expression).map("s = {0[0]}; {0[1]} - s".format)
    return expression | program | expression.map("z = {}".format) | expression.map("z == ({})".format)


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


def small_programs() -> Iterator[str]:
    """Yield every operation on a few leaves, and every operation on one of those at each of its places."""
    leaves = ["a", "x_1", "2", "psi"]
    inner = [applied(op, leaves[: op.arity]) for op in ROWS]
    yield from (*LEAVES, *inner)
    yield from (applied(op, reversed(leaves[: op.arity])) for op in ROWS)
    for op in (row for row in OPS.values() if row.arity):
        for position, text in product(range(op.arity), inner):
            others = ["a", "b", "c", "d"][: op.arity]
            yield applied(op.with_params({}), [*others[:position], text, *others[position + 1 :]])


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
