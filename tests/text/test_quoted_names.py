"""Names in backquotes: what they may hold, what they mean, and how they are refused."""

from __future__ import annotations

import pytest
from awkward import ANY_NAME, NAMES, quoted
from hypothesis import given

import graphgrad as gg
from graphgrad.text.quoted_names import listed_names, name_and_rest, written


def inputs(text: str) -> tuple[str, ...]:
    """Return the inputs of an expression."""
    return gg.parse(text).inputs


@given(ANY_NAME)
def test_any_name_stands_in_backquotes(name: str) -> None:
    """All characters but the end of a line are kept as they are, blanks at the ends included."""
    assert inputs(f"2*{quoted(name)} + y") == (name, "y")


@given(ANY_NAME)
def test_a_written_name_is_read_back(name: str) -> None:
    """It is in backquotes only where it has to be."""
    assert inputs(written(name)) == (name,)
    if not written(name).startswith("`"):
        assert written(name) == name


def test_a_plain_name_needs_no_backquotes() -> None:
    """With them and without them it is the same input."""
    graph = gg.parse("`x`*x + sum*where + `sum`")
    assert graph.inputs == ("x", "sum", "where")
    assert str(graph) == "x*x + sum*where + sum"


def test_a_name_in_backquotes_is_never_a_constant() -> None:
    """A column may be called pi; the number stays what it is."""
    graph = gg.parse("`pi`*pi")
    assert graph.inputs == ("pi",)
    assert graph.backprop({"pi": 2}).grad["pi"] == pytest.approx(3.141592653589793)


def test_a_name_in_backquotes_is_never_a_number() -> None:
    """A column may be called 2020, before and after the number stands in the text."""
    for text in ("`2`*3*2 + 2", "2 + 2*3*`2`"):
        assert gg.parse(text).backprop({"2": 10}).grad == {"2": 6}


def test_a_literal_that_is_named_like_a_number_is_told_from_the_number() -> None:
    """Naming the literal 5 '2' leaves the number 2 as it is."""
    graph = gg.parse("5*2", name_literals=["2"])
    assert graph.backprop().value == 10


def test_a_name_in_backquotes_is_kept_as_the_file_has_it() -> None:
    """Without backquotes, compatible characters are one name; within them, a ligature is one of its own."""
    assert inputs("ﬁ*fi") == ("fi",)
    assert inputs("`ﬁ`*fi") == ("ﬁ", "fi")


def test_a_name_in_backquotes_stands_wherever_a_name_can() -> None:
    """As an intermediate, an output, an operand of a sign, a power, an index and a call."""
    text = "`net total` = `unit price`*n\n`net + tax` = -`net total`**2 + sin(`net total`) # `a comment`"
    graph = gg.parse(text)
    assert graph.inputs == ("unit price", "n")
    assert str(gg.parse(str(graph))) == str(graph)
    assert inputs("sum(`a b`.T[0, 1:], axis=0)") == ("a b",)
    assert inputs("`a b` = 3; `a b`*x") == ("a b", "x")


@pytest.mark.parametrize(
    ("text", "message", "span", "hint"),
    [
        ("2*``", "a name is missing between these backquotes", (2, 4), "`unit price`"),
        ("2*`a b", "this backquote is never closed", (2, 3), "written twice: `a``b`"),
        ("`a\n`*2", "this backquote is never closed", (0, 1), "ends on its line"),
        ("`a``", "this backquote is never closed", (0, 1), "written twice"),
        ("2*`", "this backquote is never closed", (2, 3), "written twice"),
        ("x `a b`", "an operator is missing before '`a b`'", (2, 7), "x*`a b`"),
        ("`f`(x)", "an operator is missing before '('", (3, 4), "multiply"),
        ("sum(x, `axis`=0)", "only a name can be assigned to", (13, 14), "axis=0"),
        ("unit price*n", "an operator is missing before 'price'", (5, 10), "blanks stands in backquotes: `unit price`"),
        ("2*net unit price", "an operator is missing before 'unit'", (6, 10), "`net unit price`"),
        ("2020 sales", "an operator is missing before 'sales'", (5, 10), "`2020 sales`"),
        ("'unit price'*n", "''' means nothing in an expression", (0, 1), "or in backquotes: `unit price`"),
    ],
)
def test_what_is_no_name_is_refused(text: str, message: str, span: tuple[int, int], hint: str) -> None:
    """The error says where, and what to write."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse(text)
    assert caught.value.message == message
    assert caught.value.span == span
    assert hint in caught.value.hint


def test_words_of_the_language_are_not_taken_for_a_name() -> None:
    """Where the text needs another operator, backquotes are no remedy."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse("a mod b")
    assert "backquotes" not in caught.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_a_list_reads_what_is_written(name: str) -> None:
    """A name in backquotes stands in a list, and before an equals sign."""
    assert listed_names(f"x, {quoted(name)} ,y") == ["x", name, "y"]
    assert name_and_rest(f" {quoted(name)} = 3, y=4") == (name, "= 3, y=4")


def test_a_fault_points_behind_a_name_in_backquotes() -> None:
    """The operator of a product is found although the name has one in it."""
    error = gg.parse("`a-b`*0 - 1/`c*d`")
    with pytest.raises(gg.DomainError) as caught:
        error.backprop({"a-b": 1, "c*d": 0})
    assert caught.value.span == (10, 17)
    assert "here `c*d` = 0" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "span", "hint"),
    [
        ("where(x = 1, a, b)", (6, 11), "to compare, write x == 1"),
        ("where(`x y` == 2, a = -1, b)", (18, 24), "to compare, write a == -1"),
        ("max(x=1, 2)", (4, 7), "to compare, write x == 1"),
        ("abs(x = 1)", (4, 9), "to compare, write x == 1"),
    ],
)
def test_an_equals_sign_that_compares_is_told_from_a_parameter(text: str, span: tuple[int, int], hint: str) -> None:
    """The function is said to lack the parameter before its operands are counted."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse(text)
    assert caught.value.span == span
    assert hint in caught.value.hint
