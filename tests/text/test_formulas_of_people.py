"""Formulas as people write them: what is unambiguous is read, what two readers would read differently is refused."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from refusals import refused

import graphgrad as gg
from graphgrad.ops.op import Op
from graphgrad.ops.table import OPERATIONS
from graphgrad.text import parse
from graphgrad.text.plain import plain_grammar
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations

READ = [
    # products without a sign
    ("2x", "2*x"),
    ("2.5x", "2.5*x"),
    (".5x", "0.5*x"),
    ("3sin(x)", "3*sin(x)"),
    ("2(a+b)", "2*(a + b)"),
    ("2 (a+b)", "2*(a + b)"),
    ("2 x", "2*x"),
    ("2 x_max", "2*x_max"),
    ("2 pi", "2*pi"),
    ("2 sin(x)", "2*sin(x)"),
    ("2x^2", "2*x**2"),
    ("-2x^2", "-2*x**2"),
    ("2√x", "2*sqrt(x)"),
    ("2|x|", "2*abs(x)"),
    ("2⌊x⌋", "2*floor(x)"),
    ("2π", "2*pi"),
    ("2`unit price`", "2*`unit price`"),
    ("½x", "0.5*x"),
    ("2½x", "2.5*x"),
    ("2x + 3y - 4z", "2*x + 3*y - 4*z"),
    ("2x1 + 3x2 + 4x10", "2*x1 + 3*x2 + 4*x10"),
    ("2x*y", "2*x*y"),
    ("x*2y", "x*(2*y)"),
    ("2x/3", "2*x/3"),
    ("2n+1", "2*n + 1"),
    ("2(3)", "2*3"),
    ("2(3(x+1))", "2*(3*(x + 1))"),
    ("1e3 x", "1000*x"),
    ("2exp(x)", "2*exp(x)"),
    ("2x.T", "2*x.T"),
    ("2x[0]", "2*x[0]"),
    ("50% * 2x", "0.5*(2*x)"),
    # powers
    ("x²", "x**2"),
    ("x⁻¹", "x**-1"),
    ("x²³", "x**23"),
    ("xⁿ", "x**n"),
    ("xⁿ⁺¹", "x**(n + 1)"),
    ("x²ⁿ", "x**(2*n)"),
    ("x⁽ⁿ⁺¹⁾", "x**(n + 1)"),
    ("-x²", "-x**2"),
    ("2x²", "2*x**2"),
    ("(a+b)²", "(a + b)**2"),
    ("e^-x²", "e**-x**2"),
    ("2^x²", "2**x**2"),
    ("x² + y³", "x**2 + y**3"),
    ("f(x)² + 1".replace("f", "sin"), "sin(x)**2 + 1"),
    ("3×10⁸", "3*10**8"),
    ("6.02×10⁻²³", "6.02*10**-23"),
    ("x^½", "x**0.5"),
    ("sin²(x)", "sin(x)**2"),
    ("sin^2(x)", "sin(x)**2"),
    ("sin**2(x)", "sin(x)**2"),
    ("sinⁿ(x)", "sin(x)**n"),
    ("2sin²(x) - cos²(2x)", "2*sin(x)**2 - cos(2*x)**2"),
    ("sin²(cos²(x))", "sin(cos(x)**2)**2"),
    ("max²(x, y)", "max(x, y)**2"),
    ("Aᵀ @ B", "A.T@B"),
    # roots
    ("√x", "sqrt(x)"),
    ("√(a+b)", "sqrt(a + b)"),
    ("√2/2", "sqrt(2)/2"),
    ("√√x", "sqrt(sqrt(x))"),
    ("√|x|", "sqrt(abs(x))"),
    ("√sin(x)", "sqrt(sin(x))"),
    ("∛x", "cbrt(x)"),
    ("∜x", "sqrt(sqrt(x))"),
    ("x + √y*z", "x + sqrt(y)*z"),
    ("-√x", "-sqrt(x)"),
    ("2^√x", "2**sqrt(x)"),
    # between bars and brackets
    ("|x|", "abs(x)"),
    ("|a - |b||", "abs(a - abs(b))"),
    ("||x| - |y||", "abs(abs(x) - abs(y))"),
    ("|x|² + |y|", "abs(x)**2 + abs(y)"),
    ("|a| - |b|", "abs(a) - abs(b)"),
    ("|-x|", "abs(-x)"),
    ("∣x∣", "abs(x)"),
    ("⌊x/2⌋ + ⌈y⌉", "floor(x/2) + ceil(y)"),
    ("‖v‖", "norm(v)"),
    ("a || |b|", "a ∨ abs(b)"),
    # signs and digits
    ("２＋ｘ", "2 + x"),
    ("（ａ＋ｂ）＊２．５", "(a + b)*2.5"),
    ("a – b", "a - b"),
    ("a‐b", "a - b"),
    ("x ≤ y", "x <= y"),
    ("x ⩽ y", "x <= y"),
    ("x • y", "x*y"),
    ("x ∕ y", "x/y"),
    ("½ + ¼", "0.5 + 0.25"),
    ("2½", "2.5"),
    ("x₁ + x₁₂", "x_1 + x_12"),
    ("aᵢ", "a_i"),
    ("x₁²", "x_1**2"),
    ("log₂(x)", "log2(x)"),
    # comparisons, logic, choices
    ("0 < x <= 1", "0 < x ∧ x <= 1"),
    ("0 < x <= y < 3", "0 < x ∧ x <= y ∧ y < 3"),
    ("a < b > c", "a < b ∧ b > c"),
    ("a == b == c", "a == b ∧ b == c"),
    ("(a < b) < c", "(a < b) < c"),
    ("a and b or c", "a ∧ b ∨ c"),
    ("a or b and c", "a ∨ b ∧ c"),
    ("not a < b", "¬a < b"),
    ("not not a", "¬¬a"),
    ("not(a)", "¬a"),
    ("a and (b or c)", "a ∧ (b ∨ c)"),
    ("a and(b)", "a ∧ b"),
    ("a && b || c", "a ∧ b ∨ c"),
    ("¬a ∨ b", "¬a ∨ b"),
    ("a if c else b", "where(c, a, b)"),
    ("a if c else b if d else e", "where(c, a, where(d, b, e))"),
    ("(a if c else b) if d else e", "where(d, where(c, a, b), e)"),
    ("a + 1 if c and d else b*2", "where(c ∧ d, a + 1, b*2)"),
    ("max(a if c else b, d)", "max(where(c, a, b), d)"),
    ("|a if c else b|", "abs(where(c, a, b))"),
    ("a if(c) else(b)", "where(c, a, b)"),
    ("if(c, a, b)", "where(c, a, b)"),
    ("piecewise(x<0, 0, x<1, x, 1)", "where(x < 0, 0, where(x < 1, x, 1))"),
    # names that are words
    ("not*2 + if*else", "`not`*2 + if*else"),
    ("and + or", "and + or"),
    ("piecewise*2", "piecewise*2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), READ, ids=[text for text, _ in READ])
def test_what_is_unambiguous_is_read(text: str, printed: str) -> None:
    """The graph is that of the text with all its signs."""
    assert str(gg.parse(text)) == printed


def structure(graph: gg.Graph) -> tuple[object, int]:
    """Return the graph as nested operations, and the number of its nodes."""
    data = graph.data
    nodes: dict[int, object] = {node: number.value for node, number in data.constants.items()}
    nodes |= {node: name for name, node in data.nodes.items()}
    for step in data.steps:
        nodes[step.target] = step.op.name, step.op.params, tuple(nodes[operand] for operand in step.operands)
    return nodes[data.output], len(nodes)


@pytest.mark.parametrize("text", [text for text, _ in READ])
def test_what_is_printed_is_read_as_the_same_graph(text: str) -> None:
    """Printing writes every sign, and is parsed to the same steps."""
    graph = gg.parse(text)
    assert structure(gg.parse(str(graph))) == structure(graph)


READINGS = [
    ("1/2x", "(1/2)*x", "1/(2*x)"),
    ("x^2y", "(x^2)*y", "x^(2*y)"),
    ("x**2y", "(x**2)*y", "x**(2*y)"),
    ("a/2(b)", "(a/2)*(b)", "a/(2*(b))"),
    ("6/2(1+2)", "(6/2)*(1+2)", "6/(2*(1+2))"),
    ("1/2 sin(x)", "(1/2)*sin(x)", "1/(2*sin(x))"),
    ("2x/3y", "(2x/3)*y", "2x/(3*y)"),
    ("1/-2x", "(1/-2)*x", "1/(-2*x)"),
    ("2^-3x", "(2^-3)*x", "2^(-3*x)"),
    ("A @ 2x", "(A@2)*x", "A@(2*x)"),
    ("√2x", "√2*x", "√(2*x)"),
    ("√2π", "√2*π", "√(2*π)"),
    ("√x²", "√(x^2)", "(√x)^2"),
    ("√x^2", "√(x^2)", "(√x)^2"),
    ("√x**3 + 1", "√(x^3)", "(√x)^3"),
    ("x²^3", "(x^2)^3", "x^(2^3)"),
    ("xᵃᵇ", "x^(a*b)", "x^(ab)"),
    ("sin^-1(x)", "asin(…)", "1/sin(…)"),
    ("sin⁻¹(x)", "asin(…)", "1/sin(…)"),
    ("sin²(x)^3", "(sin²(x))^3", "sin(x)^(2^3)"),
    ("|a|b|c|", "abs(a)*b*abs(c)", "abs(a*abs(b)*c)"),
    ("||x||", "norm(x)", "abs(x)"),
    ("|a || b|", "abs(a)*abs(…)", "abs(a or …)"),
    ("a < b == c", "a < b and b == …", "(a < b) == …"),
    ("a != b != c", "a != b and b != …", "(a != b) != …"),
    ("5%x", "5%*x", "mod(5, x)"),
    ("5%2", "5%*2", "mod(5, 2)"),
    ("2e3x", "2e3*x", "2*e3x"),
    ("1e-3x", "1e-3*x", "1*e - 3*x"),
    ("2 e3", "2e3", "2*e3"),
    ("1d3", "1e3", "1*d3"),
    ("1.5f", "1.5", "1.5*f"),
    ("1.5x10^3", "1.5*10", "1.5*x10"),
    ("6x10²³", "6*10", "6*x10"),
    ("2 ½", "2½", "2*½"),
    ("x∧2", "x^2", "x and 2"),
    ("max(1,000, 2)", "1000", "1, 000"),
]


@pytest.mark.parametrize(("text", "first", "second"), READINGS, ids=[text for text, *_ in READINGS])
def test_what_has_two_readings_is_refused_with_both(text: str, first: str, second: str) -> None:
    """The hint writes both out."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse(text)
    assert "can be read in two ways" in caught.value.message
    assert f"write {first}, or {second}" in caught.value.hint


REFUSED = [
    ("x y", "write x*y"),
    ("(a)(b)", "write (a)*("),
    ("x(y)", "write x*(…)"),
    ("2x y", "write x*y"),
    ("2(3)x", "write (3)*x"),
    ("x²y", "write x²*y"),
    ("(2)x", "write (2)*x"),
    ("x√2", "write x*√"),
    ("2 3", "write 2*3"),
    ("(2\nx)", ""),
    ("2020 sales", "`2020 sales`"),
    ("2e", "write 2*e"),
    ("2 e", "write 2*e"),
    ("2e x", "write 2*e"),
    ("0x10", "0*x10"),
    ("0b1", "0*b1"),
    ("0o17", "0*o17"),
    ("1_000x", "write 1000*x"),
    ("1i", "write 1*i"),
    ("2j*x", "write 2*j"),
    ("2.x", "write 2*x"),
    ("2x%", "mod"),
    ("√-x", "write √(-…)"),
    ("x₁y", "x_1*y"),
    ("₁x", "x_1"),
    ("sin² x", "write sin(x)^2"),
    ("sin^2 x", "write sin(x)^2"),
    ("sin^n(x)", "write sin(…)^n"),
    ("a if c", "a if condition else b"),
    ("a else b", "a if condition else b"),
    ("(a if c)", "a if condition else b"),
    ("max(a if c, b)", "a if condition else b"),
    ("[a if c]", "a if condition else b"),
    ("[b, a if c]", "a if condition else b"),
    ("[[a if c], [b]]", "a if condition else b"),
    ("|a if c|", "a if condition else b"),
    ("sum(a if c for i in 0..2)", "a if condition else b"),
    ("sum(i for i in a if c..2)", "a if condition else b"),
    ("if(c, a)", "if(condition, then, else)"),
    ("piecewise(x < 0, 0)", "piecewise(x < 0, 0, x < 1, x, 1)"),
    ("piecewise(x)", "piecewise(x < 0, 0, x < 1, x, 1)"),
    ("if(x = 1, a, b)", "write x == 1"),
    ("a < not b", "(not x)"),
    ("2*not a", "(not x)"),
    ("|x", "write |"),
    ("|(x|)", ""),
    ("⌊x⌉", "write ⌋"),
    ("x | y", "x or"),
    ("x⁺", "x^2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hint"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_no_formula_is_refused(text: str, hint: str) -> None:
    """The hint says what to write, and the span lies in the text."""
    assert hint in refused(text).hint


# ---- factorials


def factorials() -> Operations:
    """Return a table that has factorials."""
    if any(op.glyph == "x!" for op in OPERATIONS.values()):
        return OPERATIONS
    return OPERATIONS.with_(
        Op("factorial", lambda m, x: m.gamma(x + 1), d=(lambda m, z, x: z * m.digamma(x + 1),), glyph="x!")
    )


def names(text: str) -> list[str]:
    """Return the items of the only statement, in postfix order, with factorials."""
    [statement] = parse(text, plain_grammar(factorials()))
    return [item.op.name if isinstance(item, Apply) else getattr(item, "text", "…") for item in statement.code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("n!", ["n", "factorial"]),
        ("2n!", ["2", "n", "factorial", "mul"]),
        ("-n!", ["n", "factorial", "neg"]),
        ("n!^2", ["n", "factorial", "2", "pow"]),
        ("n!²", ["n", "factorial", "2", "pow"]),
        ("2^n!", ["2", "n", "factorial", "pow"]),
        ("(n - k)!", ["n", "k", "sub", "factorial"]),
        ("n != 3", ["n", "3", "ne"]),
        ("n!=3", ["n", "3", "ne"]),
        ("n! == 3", ["n", "factorial", "3", "eq"]),
        ("n! != 3", ["n", "factorial", "3", "ne"]),
        ("|n|!", ["n", "abs", "factorial"]),
    ],
)
def test_factorials(text: str, code: list[str]) -> None:
    """The sign binds more tightly than a power, and != stays a comparison."""
    assert names(text) == code


@pytest.mark.parametrize("text", ["n!!", "√n!", "n!==3", "!n"])
def test_signs_of_factorials_that_are_refused(text: str) -> None:
    """Each has a hint."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        parse(text, plain_grammar(factorials()))
    assert caught.value.hint


# ---- values, shared operands, literals, spans


@pytest.mark.parametrize("x", [-1.0, 0.0, 0.5, 1.0, 2.0])
def test_a_chain_is_true_where_each_comparison_is(x: float) -> None:
    """It is Python's, but for its value: 1 or 0."""
    assert gg.parse("0 < x <= 1").backprop({"x": x}).value == float(0 < x <= 1)
    assert gg.parse("x if 0 <= x < 1 else 2x").backprop({"x": x}).value == (x if 0 <= x < 1 else 2 * x)


def test_each_operand_of_a_chain_is_in_the_graph_once() -> None:
    """Also where equal subexpressions are not shared."""
    for share in (True, False):
        ops = [op for _, op in gg.parse("0 < sin(x) < y < 1", share=share).dag.nodes(data="op") if op]
        assert ops.count("sin") == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [("0 < 5 <= 7", 3), ("2x + 3", 2), ("sin²(3)", 2), ("1 if 2 else 3", 3), ("2½ + 1", 2), ("piecewise(1, 2, 3)", 3),
     ("|3|²", 2), ("√2", 1)],
)  # fmt: skip
def test_each_literal_is_named_once_and_from_left_to_right(text: str, count: int) -> None:
    """As --wrt does."""
    literals = ["abcdefg"[i] for i in range(count)]
    graph = gg.parse(text, name_literals=literals)
    spans = list(graph.data.literals.values())
    assert len(spans) == count
    assert spans == sorted(spans)
    with pytest.raises(gg.ExpressionError):
        gg.parse(text, name_literals=[*literals, "more"])


def test_the_comparisons_of_a_chain_have_their_own_spans() -> None:
    """So that a warning points at the right one."""
    text = "0 < sin(x) <= 1"
    graph = gg.parse(text).data
    spans = {text[slice(*graph.spans[step.target])] for step in graph.steps}
    assert spans == {"sin(x)", "0 < sin(x)", "sin(x) <= 1", text}


def test_names_with_subscripts_are_read_alike_everywhere() -> None:
    """In the text, and in lists of names and values."""
    from graphgrad.text.quoted_names import listed_names, name_and_rest

    assert gg.parse("x₁ + x_1").inputs == ("x_1",)
    assert listed_names("x₁, σₓ") == ["x_1", "σ_x"]
    assert name_and_rest("x₁=3") == ("x_1", "=3")


# ---- any sequence, any depth

PIECES = (
    "x",
    "2",
    "(",
    ")",
    "|",
    "||",
    "√",
    "²",
    "½",
    "!",
    "sin",
    "sin(",
    "<",
    "not ",
    " and ",
    " if ",
    " else ",
    "^",
    "-",
)


@pytest.mark.parametrize("first", PIECES)
def test_any_sequence_is_parsed_or_refused(first: str) -> None:
    """Up to four pieces are a graph that is printed and read back, or an error whose span lies in the text."""
    for length in range(4):
        for rest in product(PIECES, repeat=length):
            text = first + "".join(rest)
            try:
                graph = gg.parse(text)
            except gg.ExpressionError as error:
                start, end = error.span
                assert 0 <= start <= end <= len(text), text
            else:
                assert str(gg.parse(str(graph))) == str(graph), text


@pytest.mark.parametrize(
    "text",
    [
        "a if c else " * 100_000 + "b", "(" * 100_000 + "a" + " if c else b)" * 100_000, "0<" * 100_000 + "x",
     "|-" * 50_000 + "x" + "|" * 50_000, "√" * 100_000 + "x", "not " * 100_000 + "x",
     "(" * 50_000 + "n" + "²)" * 50_000,
     "0<(" * 30_000 + "x" + "<1)" * 30_000, "2(" * 100_000 + "x" + ")" * 100_000,
     "sin²(" * 50_000 + "x" + ")" * 50_000],
    ids=["choices", "choices within", "chain", "bars", "roots", "not", "powers", "chains within", "products", "sin²"],
)  # fmt: skip
def test_depth_and_length_cost_nothing_but_time(text: str) -> None:
    """Nothing recurses, and nothing is read twice."""
    [statement] = parse(text)
    assert len(statement.code) > 1
