"""Signs, words and functions of other languages: each is read, or the message says what to write."""

from __future__ import annotations

import re

import pytest
from refusals import refused

import graphgrad as gg
from graphgrad.ops.table import OPERATIONS
from graphgrad.text.hint_tables import FUNCTIONS, NAMES, SEQUENCES
from graphgrad.text.hints import function_hint
from graphgrad.text.plain import plain_grammar

READ = {
    "Python": [
        "x**2", "x*y", "x/y", "x@y", "x+y", "x-y", "-x", "+x", "x<y", "x<=y", "x>y", "x>=y", "x==y", "x!=y",
        "a<b<c", "a and b", "a or b", "not a", "a if c else b", "1_000*x", "1e-3*x", "x[0]", "x[1:3]", "x[..., 0]",
        "x.T", "abs(x)", "min(a,b)", "max(a,b)", "pow(x,2)", "(a)", "a; b = 2",
    ],
    "C": ["a && b", "a || b", "a*b", "fabs", "x - -y", "pow(x, y)", "a < b && b < c"],
    "MATLAB": ["x^2", "x.T", "a && b", "a || b", "2*x"],
    "Excel": ["x^2", "50%*x", "if(a > b, a, b)", "A1*B2"],
    "mathematics": [
        "2x", "x²", "√x", "∛x", "∜x", "|x|", "⌊x⌋", "⌈x⌉", "‖x‖", "x₁", "½x", "2π", "0 < x ≤ 1", "a ∧ b", "a ∨ b", "¬a",
        "a × b", "a ÷ b", "a · b", "x − y", "x – y", "sin²(x)", "log₂(x)", "xⁿ", "Aᵀ", "２＋ｘ", "𝑥 + 𝟐",
    ],
}  # fmt: skip
"""What several languages write alike."""


@pytest.mark.parametrize("text", [text for texts in READ.values() for text in texts if text != "a; b = 2"])
def test_what_is_read(text: str) -> None:
    """It parses."""
    assert gg.parse(text).dag


REFUSED = [
    # Python
    ("x // y", "floordiv"),
    ("x % y", "mod"),
    ("x := 2", "name = expression"),
    ("x += 1", "new name"),
    ("x -= 1", "new name"),
    ("x *= 2", "new name"),
    ("x /= 2", "new name"),
    ("x **= 2", "new name"),
    ("x << 2", "x*2**n"),
    ("x >> 2", "floordiv"),
    ("x & y", "a and b"),
    ("x | y", "x or"),
    ("~x", "not x"),
    ("x is y", "a == b"),
    ("x in y", "0 < x < 1"),
    ("lambda x: x", "expression itself"),
    ("def f(x): x", "name = expression"),
    ("return x", "expression itself"),
    ("x -> y", "expression itself"),
    ("'x' + y", "without quotes"),
    ('"x"*2', "without quotes"),
    ("x.sin()", "sin(x)"),
    ("x.y", "`x.y`"),
    ("math.sin(x)", "sin(…)"),
    ("np.exp(x)", "exp(…)"),
    ("np.pi", "pi"),
    ("numpy.linalg.norm(x)", "norm(…)"),
    ("np.foo(x)", "foo without 'np.'"),
    ("2j", "no complex numbers"),
    ("0x1F", "decimal"),
    ("0b1", "decimal"),
    ("0o7", "decimal"),
    ("x = y = 2", "compare"),
    # C and JavaScript
    ("a ? b : c", "a if c else b"),
    ("!x", "not x"),
    ("!(a < b)", "not x"),
    ("a === b", "=="),
    ("a !== b", "!="),
    ("x++", ""),
    ("Math.sin(x)", "sin(…)"),
    ("Math.PI*x", "pi"),
    ("std::sin(x)", "name = expression"),
    ("1.5f*x", "1.5*f"),
    ("x{2}", "( )"),
    ("a => b", ">="),
    ("a =< b", "<="),
    # MATLAB
    ("x.^2", "write ^"),
    ("x.*y", "write *"),
    ("x./y", "write /"),
    ("x'", "x.T"),
    ("a ~= b", "!="),
    ("a \\ b", "a/b"),
    ("x mod y", "mod"),
    ("x^2 where x = 3", "write x = 3 before"),
    ("f(x) := x^2; f(2)", "write f(…) = expression"),
    ("area(r, h) := r*h", "write area(…) = expression"),
    # Excel
    ("=A1*B1", "--from excel"),
    ("a <> b", "!="),
    ("$A$1*2", "cell"),
    ("$5*x", "write 5"),
    ("5€*x", "write 5"),
    ("SUM(x)", "sum(…)"),
    ("IF(a, b, c)", "if(…)"),
    ("SQRT(x)", "sqrt(…)"),
    ("LN(x)", "ln(…)"),
    ("AND(a, b)", "a and b"),
    ("A1:B2", "--from excel"),
    ("AVERAGE(x)", "mean(x)"),
    # LaTeX
    ("\\frac{1}{2}", "--from latex"),
    ("\\sin x", "--from latex"),
    ("2\\cdot x", "--from latex"),
    ("x^{2}", "x^(n + 1)"),
    # mathematics
    ("sin x", "sin(x)"),
    ("sin 2x", "sin(2x)"),
    ("√2x", "√(2*x)"),
    ("1,000*x", "1000*x"),
    ("1,000,000", "1000000"),
    ("1,5*x", "1.5"),
    ("max(1,000, 2)", "1000"),
    ("30°", "30*pi/180"),
    ("sin(30°)", "30*pi/180"),
    ("∞", "no infinity"),
    ("x→y", "expression"),
    ("x ≈ y", "abs(a - b)"),
    ("∑x", "sum("),
    ("∫x", "integrals"),
    ("∂x", "--wrt"),
    ("x±y", "a + b"),
    ("x′", "--wrt"),
    ("x—y", "a - b"),
    ("xᵃᵇ", "x^(a*b)"),
    ("x ∈ y", "0 < x < 1"),
    ("log₃(x)", "log(x, 3)"),
    ("x mod 3", "mod"),
    ("5% x", "mod(5, x)"),
    ("a plus b", "a + b"),
    ("a times b", "a*b"),
]


@pytest.mark.parametrize(("text", "hint"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_refused_has_the_right_hint(text: str, hint: str) -> None:
    """The hint says what to write; the span lies in the text."""
    assert hint in refused(text).hint


IN_WORDS = re.compile(r"the |infinity| an | for i in |clause|…")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_written_for_a_function_parses(name: str) -> None:
    """The hint of an unknown function is an expression in the language, or says in words what to do."""
    grammar = plain_grammar(OPERATIONS)
    hint = function_hint(name, grammar.functions, grammar.forms)
    assert name not in grammar.functions
    if not hint.startswith("write ") or IN_WORDS.search(hint):
        pytest.skip("the hint is in words")
    assert gg.parse(hint.removeprefix("write ").partition(", or ")[0]).dag


@pytest.mark.parametrize("sign", [sign for sign, _, _ in SEQUENCES])
def test_signs_of_programs_are_refused_by_name(sign: str) -> None:
    """Between operands it is refused as a whole."""
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse(f"x{sign}y")
    assert caught.value.source[slice(*caught.value.span)].strip() in {sign, sign.strip("=") + "=", "&&", "**", "!=="}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_without_a_value_that_is_something_elsewhere(name: str) -> None:
    """It stays a name, and the error of the missing value says what to write."""
    with pytest.raises(gg.UnknownNameError, match=re.escape(NAMES[name])):
        gg.parse(f"2*`{name}`").backprop({})


def test_a_function_without_its_parentheses_that_has_no_value() -> None:
    """The error says how the function is written."""
    with pytest.raises(gg.UnknownNameError, match=re.escape("the function is written sin(…)")):
        gg.parse("sin - x").backprop({"x": 1})
