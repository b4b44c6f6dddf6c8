"""Text → statements: precedence, names, numbers, and errors that point."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from refusals import error_of, pointed_at, refused

import graphgrad as gg
from graphgrad.ops import ALIASES, OPS
from graphgrad.text import MAX_ARGUMENTS, MAX_LITERAL_DIGITS, parse


def value(text: str, **at: float) -> float:
    """Return an expression's value."""
    return float(gg.parse(text).backprop(at, wrt=[]).value)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("-x**2", "-x**2"),
        ("2**-1", "2**-1"),
        ("2**3**2", "2**3**2"),
        ("-2**-x**2", "-2**-x**2"),
        ("8-3-2", "8-3-2"),
        ("64/4/2", "64/4/2"),
        ("2+3*4-5/x", "2+3*4-5/x"),
        ("x--1", "x--1"),
        ("+x*-+-x", "+x*-+-x"),
        ("(2+3)*(4-x)", "(2+3)*(4-x)"),
        ("2*-x**2*3", "2*-x**2*3"),
        ("(x < 4) + (x >= 3)*10", "(x < 4) + (x >= 3)*10"),
        ("x + 1 < 2*x", "x + 1 < 2*x"),
    ],
)
def test_operators_bind_as_in_python(text: str, python: str) -> None:
    """Precedence, associativity and unary signs are Python's own."""
    at = {"x": 3.0} if "x" in text else {}
    assert value(text, **at) == eval(python, dict(at))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2^3", 8),
        ("2×3", 6),
        ("6÷3", 2),
        ("2·3", 6),
        ("5−3", 2),
        ("8%", 0.08),
        ("50%*8", 4),
        ("1_000", 1000),
        (".5", 0.5),
        ("1.", 1),
        ("1.e2", 100),
        ("1e-3", 0.001),
        ("1E3", 1000),
        ("2.5e+1", 25),
        ("1e-1%", 0.001),
    ],
)
def test_other_spellings(text: str, expected: float) -> None:
    """Textbook operators, the caret, percent and every form of number are read."""
    assert value(text) == expected


def test_a_literal_is_exact() -> None:
    """A literal is the decimal it is written as, so 8% is 0.08 and not 8/100 rounded twice."""
    [statement] = parse("8%")
    assert statement.code[0].value == Fraction(8, 100)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name",
    [
        "E",
        "I",
        "S",
        "N",
        "O",
        "Q",
        "e",
        "i",
        "beta",
        "gamma",
        "zeta",
        "lambda",
        "if",
        "sign",
        "Symbol",
        "sin",
        "りんご",
        "α",
        "x_1",
        "_x",
        "é",
        "e\u0301",
        "नमस्ते",
    ],
)
def test_every_identifier_is_a_variable(name: str) -> None:
    """No name but pi is taken, whatever it means elsewhere."""
    assert len(gg.parse(f"{name}*2").inputs) == 1
    assert gg.parse(f"{name}*2").backprop({gg.parse(name).inputs[0]: 3}).grad == {gg.parse(name).inputs[0]: 2.0}


def test_a_name_before_a_parenthesis_is_a_function() -> None:
    """The same name can be a variable and a function in one expression."""
    graph = gg.parse("gamma*gamma(x) + sign (sign)")
    assert graph.inputs == ("gamma", "x", "sign")


def test_names_are_normalised_as_in_python() -> None:
    """A full-width x is the same variable as x."""
    assert gg.parse("ｘ + x").inputs == ("x",)


def test_pi_is_the_circle_constant() -> None:
    """Both spellings are the constant and no variable."""
    assert gg.parse("pi + π").inputs == ()
    assert value("sin(pi/2)") == 1


def test_statements_comments_and_blanks() -> None:
    """Newlines and semicolons separate statements, except inside parentheses; # begins a comment."""
    graph = gg.parse("\n# prices\nx = 100; y = 5   # pieces\ns = (x\n  * y)\n\ns * 1.08\n")
    assert graph.inputs == ("x", "y")
    assert graph.backprop().value == 540


def test_an_assigned_literal_is_an_input_with_a_default() -> None:
    """A sign belongs to the literal; an expression makes a named intermediate."""
    graph = gg.parse("a = -2; b = 8%; c = a*b; c + 1")
    assert graph.defaults == {"a": Fraction(-2), "b": Fraction(2, 25)}
    assert [name for _, name in graph.dag.nodes(data="name") if name] == ["a", "b", "c"]


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases_mean_the_operation(alias: str) -> None:
    """Every alias of the table parses to its operation."""
    op = OPS[ALIASES[alias]]
    operands = ", ".join("xyz"[: op.arity])
    written = f"{alias}({operands})" if op.arity else alias
    assert gg.parse(written).dag.nodes[gg.parse(written).data.output]["op"] == op.name


@pytest.mark.parametrize(
    ("text", "message", "hint", "marked"),
    [
        ("x y", "an operator is missing", "write x*y", "y"),
        ("sine(x)", "unknown function 'sine'", "did you mean 'sin'?", "sine"),
        ("weight(x)", "unknown function 'weight'", "write weight*(…)", "weight"),
        ("x + ", "a number or a name is missing after '+'", "", "+"),
        ("* x", "a number or a name is missing before '*'", "", "*"),
        ("(x + 1", "this '(' is never closed", "", "("),
        ("x + 1)", "this ')' closes nothing", "", ")"),
        ("sin()", "sin has nothing in it", "", ")"),
        ("sin(x, y)", "sin takes 1 operand, not 2", "sine", "sin(x, y)"),
        ("hypot(x)", "hypot takes 2 operands, not 1", "", "hypot(x)"),
        ("1,5", "a comma only separates", "the decimal point is '.'", ","),
        ("x @ ", "a number or a name is missing after '@'", "", "@"),
        ("sum(x, axis=k)", "only a name can be assigned to", "a parameter's value is a constant: axis=0", "="),
        ("sum(x, along=0)", "sum has no parameter 'along'", "it has axis, keepdims", "along=0"),
        ("sin(x, axis=0)", "sin has no parameter 'axis'", "it has none", "axis=0"),
        ("sum(x, axis=(0, None))", "only a name can be assigned to", "a constant", "="),
        ("reshape(x, shape=None)", "reshape cannot take this as its shape", "", "shape=None"),
        ("sum(x, 0)", "sum takes 1 operand, not 2", "along axes", "sum(x, 0)"),
        (".T", "a name is missing before '.T'", "", ".T"),
        ("x // y", "whole-number division", "floordiv(a, b)", "//"),
        ("x % y", "% is a percent sign", "mod(a, b)", "%"),
        ("x = ", "'x' is assigned nothing", "", "x"),
        ("x + 1 = y", "only a name can be assigned to", "write ==", "="),
        ("x\ny", "the statement before this one is never used", "name = expression", "y"),
        ("x = 1; x = 2; x", "'x' is assigned twice", "another name", "x"),
        ("y = x; x = 2; y", "'x' is used before it is assigned", "move the assignment up", "x"),
        ("1e + 2", "'1e' is not a number", "1e3", "1e"),
        ("0x1F", "'0x1F' is not a number", "decimal", "0x1F"),
        ("1__0", "is not a number", "1_000", "1__0"),
        ("'x'", "means nothing", "without quotes", "'"),
        ("x[y]", "an index is a constant, and 'y' is none", "write the number", "y"),
        ("[1, 2", "this '[' is never closed", "", "["),
        ("x[0", "no index can be read here", "x[0, 1:3]", "["),
        ("x]", "this ']' closes nothing", "x[0, 1:3]", "]"),
        ("", "there is no expression", "100*5*1.08", ""),
    ],
)  # fmt: skip
def test_errors_say_what_where_and_what_instead(text: str, message: str, hint: str, marked: str) -> None:
    """An error has one line of message, the span of the fault, and a hint where one can be given."""
    error = refused(text)
    assert message in error.message
    assert hint in error.hint
    assert pointed_at(text, error) == marked


def test_an_error_is_drawn_with_a_caret() -> None:
    """The caret stands under the fault, also behind wide characters and on a later line."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse("a = 2\nりんご * sine(a)")
    assert str(caught.value).splitlines() == [
        "unknown function 'sine'",
        "  りんご * sine(a)",
        "           ^^^^",
        "  did you mean 'sin'?",
    ]


def test_an_error_in_a_long_line_shows_only_its_surroundings() -> None:
    """A megabyte of text does not end up in the message."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse("x + " * 100_000 + "!")
    assert len(str(caught.value)) < 500


def test_control_characters_never_reach_the_message() -> None:
    """Text that could steer a terminal is replaced."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse("x + \x1b[31m")
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000 + "x" + ")" * 100_000, "+".join(["x"] * 200_000), "-" * 100_000 + "x", "2**" * 100_000 + "x",
     "sin(" * 100_000 + "x" + ")" * 100_000, "1/(" * 100_000 + "x" + ")" * 100_000],
    ids=["parentheses", "sum", "signs", "powers", "calls", "fractions"],
)  # fmt: skip
def test_depth_and_length_cost_nothing_but_time(text: str) -> None:
    """Nothing recurses: 100,000 levels parse."""
    [statement] = parse(text)
    assert len(statement.code) >= 1


def test_limits_are_errors() -> None:
    """Too many operands, too long a number and a number beyond float64 are refused with the limit named."""
    for text, limit in [
        ("max(" + ",".join(["x"] * (MAX_ARGUMENTS + 1)) + ")", str(MAX_ARGUMENTS)),
        ("1" * (MAX_LITERAL_DIGITS + 1), str(MAX_LITERAL_DIGITS)),
        ("1e400", "1.8e308"),
        ("1e-400", "4.9e-324"),
    ]:
        with pytest.raises(gg.LimitError, match=limit):
            gg.parse(text)


def test_of_several_faults_the_first_is_told() -> None:
    """A program is read statement by statement, so that its faults come in the order of its lines."""
    with pytest.raises(gg.ExpressionError, match="'a' is assigned twice"):
        gg.parse("a = 1\na = 2\na +")


TOKENS = ("x", "2", ",", "(", ")", "*", "-", "<", "sin(", "max(", "sum(", "axis=1", "\n", ";", "=", ".T", "[0]")


@pytest.mark.parametrize("first", TOKENS)
def test_any_sequence_of_tokens_is_parsed_or_refused(first: str) -> None:
    """Up to four tokens are a graph, or an error whose span lies in the text."""
    for length in range(4):
        for rest in product(TOKENS, repeat=length):
            error_of(first + "".join(rest))


@pytest.mark.parametrize("text", ["x*,y", "x<,y", "x**,y"])
def test_an_operator_before_a_comma_lacks_an_operand(text: str) -> None:
    """The error points at the operator, also outside of parentheses."""
    with pytest.raises(gg.ExpressionSyntaxError, match="missing after") as caught:
        gg.parse(text)
    assert caught.value.span == (1, text.index(","))
