"""Operators are written by one printer: a target is a table, and its brackets follow from binding powers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.compile.languages.language import ARITHMETIC
from graphgrad.draw.page.facts import PAGE
from graphgrad.ops import OPS, Op
from graphgrad.printing import Latex, Notation, Syntax, Text
from graphgrad.tape import forward, lower

FORTRAN = replace(ARITHMETIC, choice="merge(#2, #3, #1)", indicator="merge(1d0, 0d0, #1)", nonzero="#1 /= 0d0")


class InFortran(Notation):
    """A new language, made of a table."""

    syntax = FORTRAN


class InPython(Notation):
    """Python, which checks the brackets."""

    syntax = replace(ARITHMETIC, choice="#2 if #1 else #3", indicator="float(#1)")


def written(text: str, m: Notation) -> str:
    """Return an expression in a notation."""
    tape = lower(gg.parse(text).data)
    texts: list[Any] = forward(tape, m, {name: Text(name) for name in tape.inputs})
    return str(texts[tape.outputs[0]].string)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a - (b - c)*d", "a - (b - c) * d"),
        ("-(-a)", "-(-a)"),
        ("a*-b", "a * -b"),
        ("where(a < b, a, c)", "merge(a, c, a < b)"),
        ("where(a*b, a, c)", "merge(a, c, a * b /= 0d0)"),
        ("2*(a < b)", "2 * merge(1d0, 0d0, a < b)"),
        ("a @ b + max(a, b)", "matmul(a, b) + max(a, b)"),
    ],
)
def test_a_language_is_a_table(text: str, expected: str) -> None:
    """Brackets come from the printer; what a table does not name is a call."""
    assert written(text, InFortran()) == expected


def expressions() -> st.SearchStrategy[str]:
    """Return expressions of numbers, signs, operators, comparisons and choices, in brackets at every turn."""
    return st.recursive(
        st.sampled_from(["3", "0.5", "x", "y"]),
        lambda inner: (
            st.tuples(st.sampled_from("+-*/"), inner, inner).map("({0[1]}){0[0]}({0[2]})".format)
            | st.tuples(st.sampled_from(["<", ">=", "=="]), inner, inner).map("({0[1]}){0[0]}({0[2]})".format)
            | inner.map("-({})".format)
            | st.tuples(inner, inner, inner).map("where({0[0]}, {0[1]}, {0[2]})".format)
        ),
        max_leaves=10,
    )


@given(expressions())
def test_brackets_keep_the_meaning(text: str) -> None:
    """What is written in a language has the value of the expression."""
    at = {"x": 1.7, "y": -2.3}

    def outcome(source: str) -> float | None:
        try:
            return float(eval(source, {"where": lambda c, x, y: x if c else y} | at))
        except ZeroDivisionError:
            return None

    assert outcome(written(text, InPython())) == pytest.approx(outcome(text), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("a*b", "{0:30:30}*{1:31:1001}"),
        ("a - b", "{0:20:20} - {1:21:1001}"),
        ("a**b", "{0:51:51}**{1:50:1001}"),
        ("-a", "-{0:40:1001}"),
        ("a < b", "{0:11:11} < {1:11:11}"),
    ],
)
def test_a_page_has_its_brackets_as_data(text: str, template: str) -> None:
    """The page is told at each place how tightly a number has to hold together, with a sign and without."""
    [(_, op, _)] = lower(gg.parse(text).data).steps
    form = PAGE.form(op)
    assert form is not None
    places = (f"{{{i}:{power}:{sign}}}{behind}" for i, power, sign, behind in form.places)
    assert form.start + "".join(places) == template


def test_a_row_with_a_pattern_of_its_own_stands_in_brackets() -> None:
    """A pattern that begins or ends with an operand neither takes in its neighbours nor is taken apart."""
    mod = Op("mod", lambda m, x, y: x - y * m.floor(x / y), d=(None, None), tex=r"#1 \bmod #2")
    m = Latex()
    whole = m.value(mod, [m.value(OPS["add"], [Text("a"), Text("b")]), Text("c")])
    assert m.value(OPS["mul"], [Text("2"), whole]).string == r"2 \cdot \left(\left(a + b\right) \bmod c\right)"


def test_an_operator_that_a_language_lacks_is_no_operator() -> None:
    """A sign of a row's own is not handed on to a language in which it means something else, or nothing."""
    mod = Op("mod", lambda m, x, y: x, d=(None, None), symbols=("%%",), binds=(30, 31))
    assert Notation().value(mod, [Text("a"), Text("b")]).string == "a%%b"
    assert ARITHMETIC.written(mod, [Text("a"), Text("b")]) is None
    assert Syntax().written(OPS["add"], [Text("a"), Text("b")]) is None
