"""What two readers would read differently is refused with both readings, and the hint's readings can be read."""

from __future__ import annotations

import re

import pytest
from refusals import pointed_at, refused

import graphgrad as gg
from graphgrad.text.shown import shown

TWO = [
    # entries of an array without a comma
    ("[a -b]", "a -b", "a - b", "a, -b for two entries"),
    ("[a +b, c]", "a +b", "a + b", "a, +b for two entries"),
    ("[[1 -2], [3, 4]]", "1 -2", "1 - 2", "1, -2 for two entries"),
    ("[[1, 2], [x[0] –1, 4]]", "] –1", "… – 1", "…, –1 for two entries"),
    ("[x, sin(y) -z]", ") -z", "… - z", "…, -z for two entries"),
    ("[1 x]", "1 x", "1, x", "1*x"),
    ("[a, 2 (b + c)]", "2 (b + c)", "2, (b + c)", "2*(b + c)"),
    ("[a b]", "a b", "a, b", "a*b"),
    ("[1,000, 2]", "1,000", "1000", "1, 000 with blanks"),
    # sizes
    ("1920x1080", "1920x1080", "1920*1080", "1920*x1080"),
    ("20X10 + 1", "20X10", "20*10", "20*X10"),
    # powers of functions
    ("f(x) = x + 1; f²(a)", "f²", "f(…)^2", "f(f(…))"),
    ("f(x) = x + 1; 3f^2(a)", "f^2", "f(…)^2", "f(f(…))"),
    ("f(x) = x + 1; f⁻¹(a)", "f⁻¹", "the inverse function by its name", "1/f(…)"),
    ("sin^(-1)(x)", "sin^(-1)", "asin(…)", "1/sin(…)"),
    ("√sin²(x)", "√sin²", "√(sin(…)^2)", "(√sin(…))^2"),
    ("sin-1(x)", "sin-1(", "asin(…)", "sin - 1*(…)"),
    ("3exp–1(x)", "exp–1(", "1/exp(…)", "exp - 1*(…)"),
    # operands that begin with a sign
    ("1/2√3", "1/2√3", "(1/2)*√3", "1/(2*√3)"),
    ("2/3|x|", "2/3|x|", "(2/3)*|x|", "2/(3*|x|)"),
    ("1/2⌊x⌋", "1/2⌊x⌋", "(1/2)*⌊x⌋", "1/(2*⌊x⌋)"),
    ("5%|x|", "5%|x|", "5%*|x|", "mod(5, |x|) for the remainder"),
    ("2E5x", "2E5x", "2E5*x", "2*E5x"),
]
READ = [
    ("[a - b]", "[a - b]"),
    ("[a-b]", "[a - b]"),
    ("[-a, -b]", "[-a, -b]"),
    ("[a* -b]", "[a*-b]"),
    ("[a and -b]", "[a ∧ -b]"),
    ("[1 if a else -b]", "[where(a, 1, -b)]"),
    ("[(a -b), sin(c -d)]", "[a - b, sin(c - d)]"),
    ("[`u -v`, b] # [a -b]", "[`u -v`, b]"),
    ("[x[0] - 1]", "[x[0] - 1]"),
    ("[2x, 3(a + b)]", "[2*x, 3*(a + b)]"),
    ("(a -b)", "a - b"),
    ("[1,200]", "[1, 200]"),
    ("2x1 + 3x2 + 4x10", "2*x1 + 3*x2 + 4*x10"),
    ("2π*r", "2*pi*r"),
    ("sin - 2(x)", "sin - 2*x"),
    ("x-1(y)", "x - 1*y"),
    ("`πr`²", "πr**2"),
    ("a--b", "a - -b"),
    ("sin^(2)(x)", "sin(x)**2"),
]
HINTS = [
    ("[1 2]", "write 1, 2"),
    ("[1; 2]", "[[1, 2], [3, 4]]"),
    ("[1, 2,]", "leave the comma out"),
    ("max(1,)", "leave the comma out"),
    ("(1, 2)", "[1, 2]"),
    ("piecewise((x < 0, 1), (x, 2))", "piecewise(condition, value, …, otherwise)"),
    ("f(x) = x; f a", "write f(a)"),
    ("(a)(b + c)", "(a)*(b + c)"),
    ("f(x) = x; f(a)f(b)", "f(a)*f(b)"),
    ("20 x 10", "20*10"),
    ("a x b", "a*b"),
    ("2e^x", "2*exp(x)"),
    ("2e^(x+1)", "2*exp(x+1)"),
    ("2e**-x", "2*exp(-x)"),
    ("sin^(n+1)(x)", "sin(…)^(n+1)"),
    ("sin⁻²(x)", "sin(…)^(-2)"),
    ("if c then a", "a if condition else b"),
    ("i for i in 0..3", "sum(i*x[i] for i in 0..9)"),
    ("log_2(x)", "log2(x)"),
    ("log_10(x)", "log10(x)"),
    ("logₐ(x)", "log(x, a)"),
    ("log₂x", "log2(x)"),
    ("xₙ₊₁", "the name `xₙ₊₁` in backquotes"),
    ("x₁y", "x_1*y"),
    ("2πr", "2*π*r"),
    ("πr²", "π*r^2"),
    ("1 000*x", "write 1000"),
    ("1'000", "write 1000"),
    ("x' + 1", "--wrt"),
    ("y++", "y = x + 1"),
    ("x_{1}", "x_1"),
    ("x^{n+1}", "x^(n + 1)"),
    ("min(a; b)", "a comma separates operands"),
    ("5 %", "write 5% without a blank"),
    ("20% of x", "20%*b"),
    ("rand()", "input"),
    ("pi()", "pi without parentheses"),
    ("SUM(A1:A3)", "--from excel"),
    ("d/dx x²", "--wrt"),
    ("a AND b", "a and b"),
    ("a && !b", "not x"),
    ("cases(a, b)", "piecewise(c1, a, c2, b, otherwise)"),
]


@pytest.mark.parametrize(("text", "pointed", "first", "second"), TWO)
def test_what_has_two_readings_is_refused(text: str, pointed: str, first: str, second: str) -> None:
    """The message points at it, and has both readings."""
    error = refused(text)
    assert pointed_at(text, error) == pointed
    assert error.hint == f"write {first}, or {second}"


@pytest.mark.parametrize(("text", "printed"), READ)
def test_what_has_one_reading_is_read(text: str, printed: str) -> None:
    """A similar text with one reading is read."""
    assert str(gg.parse(text)) == printed


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_the_hint_says_what_to_write(text: str, hint: str) -> None:
    """What is refused is answered with what may be meant."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse(text)
    assert hint in caught.value.hint


@pytest.mark.parametrize("operand", ["x", "2.5", "(a + b)", "√x", "|a|", "⌊a⌋", "√(a + b)", "`u v`", "sin(x)", "‖v‖"])
def test_an_operand_in_a_hint_can_be_read(operand: str) -> None:
    """A short operand is shown whole."""
    assert shown(f"2/{operand} + 1", 2) == operand
    gg.parse(shown(operand, 0))


def test_arrays_within_each_other_are_bounded() -> None:
    """There is a clear error instead of an array of more dimensions than NumPy has."""
    with pytest.raises(gg.LimitError, match="64 arrays within each other"):
        gg.parse("[" * 100_000 + "x" + "]" * 100_000)
    assert gg.parse(f"sum({64 * chr(91)}x{64 * chr(93)})").backprop({"x": 2}).value == 2


@pytest.mark.parametrize("sign", ["/", "÷", "^", "**"])
@pytest.mark.parametrize("left", ["a", "(a)", "|a|", "a!", "exp(a)", "a_1"])
@pytest.mark.parametrize("right", [" b", "(b)", " exp(b)"])
def test_a_product_without_a_sign_behind_a_division_or_a_power(sign: str, left: str, right: str) -> None:
    """The hint has both readings; each one parses, and they have different values."""
    if right == "(b)" and left[-1] not in ")!|":
        return  # a call
    with pytest.raises(gg.ExpressionSyntaxError, match="an operator is missing before") as refused:
        gg.parse(f"3{sign}{left}{right}")
    readings = re.fullmatch(r"to multiply, write (.+), or (.+?)(?:; .*)?", refused.value.hint)
    assert readings
    at = {"a": 2, "a_1": 2, "b": 5}
    graphs = [gg.parse(text) for text in readings.groups()]
    first, second = (graph.backprop({name: at[name] for name in graph.inputs}, []).value for graph in graphs)
    assert first != second
