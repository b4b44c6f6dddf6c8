"""Operators of the user's own are read in the text, and what was read before is read as before."""

from __future__ import annotations

import pytest
from own_rows import MINE

import graphgrad as gg
from graphgrad.text.own_signs import tokenizer
from graphgrad.text.tokens import tokens

AT = {"a": 0.1, "b": 0.2, "c": 0.3}


def value(text: str) -> float:
    """Return the value of a text with own operators."""
    graph = gg.parse(text, operations=MINE)
    return float(graph.backprop({name: AT[name] for name in graph.inputs}).value)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a⊕b", "speed(a, b)"),
        ("a<+>b", "speed(a, b)"),
        ("a ⊕ b ⊕ c", "speed(speed(a, b), c)"),
        ("a + b ⊕ c", "a + speed(b, c)"),
        ("a ⊕ b*c", "speed(a, b*c)"),
        ("a ⊕ -b", "speed(a, -b)"),
        ("-a ⊕ b", "speed(-a, b)"),
        ("a⊕\\\n b".replace("\\\n", ""), "speed(a, b)"),
        ("(a\n ⊕ b)", "speed(a, b)"),
        ("a ⊕ b # a ⊕ b", "speed(a, b)"),
        ("s = a ⊕ b; s⊕s", "speed(speed(a, b), speed(a, b))"),
    ],
)
def test_own_operators_are_read_by_their_binding_powers(text: str, plain: str) -> None:
    """As the calls that they stand for."""
    assert value(text) == value(plain)


def test_names_in_backquotes_keep_their_signs() -> None:
    """Whatever they are."""
    assert gg.parse("`a⊕b` ⊕ c", operations=MINE).inputs == ("a⊕b", "c")


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("a ⊕", "a number or a name is missing after '⊕'", (2, 3)),
        ("a <+>", "a number or a name is missing after '<+>'", (2, 5)),
        ("⊕ a", "a number or a name is missing before '⊕'", (0, 1)),
        ("a ⊕ ⊕ b", "a number or a name is missing before '⊕'", (4, 5)),
    ],
)
def test_errors_point_at_own_operators(text: str, message: str, span: tuple[int, int]) -> None:
    """With their span."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse(text, operations=MINE)
    assert (caught.value.message, caught.value.span) == (message, span)


@pytest.mark.parametrize("text", ["a ⊕ b", "a <+> b", "a⊕b"])
def test_without_the_table_they_mean_nothing(text: str) -> None:
    """The package has no such operators."""
    with pytest.raises(gg.ExpressionSyntaxError):
        gg.parse(text)


@pytest.mark.parametrize("text", ["x<y + z", "sum(x, axis=-1) # ⊕", "a\n+ b;\n`⊕` * 2", "", "  x  ", "f(x)[0, 1:2].T"])
def test_texts_are_split_as_before(text: str) -> None:
    """But for the ends of the pieces between own signs."""
    split = [(blanks, token) for blanks, token in tokenizer(["⊕", "<+>"])(text) if token]
    assert split == [(blanks, token) for blanks, token in tokens(text) if token]


def test_spans_of_own_operators_are_right() -> None:
    """Each node knows its place."""
    graph = gg.parse("a  ⊕  (b <+> c)", operations=MINE)
    dag = graph.dag
    assert [dag.nodes[node]["span"] for node in dag if dag.nodes[node]["op"]] == [(7, 14), (0, 15)]


def test_an_own_sign_before_its_operand_is_no_minus() -> None:
    """A number with it is no literal."""
    mine = gg.OPERATIONS.with_(
        gg.Op("half", lambda m, x: x / m.two, d=(lambda m, z, x: 1 / m.two,), symbols=("~",), binds=(42, 42)),
        gg.Op("two", lambda m: 2),
    )
    graph = gg.parse("x = ~5; y = 3; ~y*x", operations=mine)
    assert graph.inputs == ("y",)
    assert graph.backprop().value == 3.75
    assert graph.gradient("y").backprop().value == 1.25
    assert graph.compile()()[0] == 3.75
    assert str(graph) == "y = 3\nx = ~5\n~y*x"
    assert graph.to_latex() != ""
