"""LaTeX is read as people write it: formulas with values worked out by hand, and what two readers disagree on.

The formulas are written after the amsmath user's guide (fractions, roots, cases, aligned lines, operator names,
delimiters and their sizes) and after the way in which textbooks of physics, finance and machine learning write theirs.
"""

from __future__ import annotations

import json
import math
import random
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from awkward import NAMES as AWKWARD
from hypothesis import given
from latex_programs import ROWS, applied, programs

import graphgrad as gg
from graphgrad.base.errors import ExpressionError
from graphgrad.text.dialects.named import grammar_of
from graphgrad.text.parser import parse

if TYPE_CHECKING:
    from graphgrad.api.graph import Graph

E, PI = math.e, math.pi
DATA = Path(__file__).parents[1] / "data"

VALUES: list[tuple[str, dict[str, float], float]] = [
    # fractions, roots, powers
    (r"\frac{a}{b}", {"a": 3, "b": 4}, 0.75),
    (r"\dfrac{a+1}{b} - \tfrac12", {"a": 3, "b": 4}, 0.5),
    (r"\frac12 x", {"x": 6}, 3),
    (r"\frac1{x}", {"x": 4}, 0.25),
    (r"\frac{1}{2}/\frac{1}{4}", {}, 2),
    (r"\cfrac{1}{1+\cfrac{1}{x}}", {"x": 1}, 0.5),
    (r"\sqrt{x} + \sqrt 4", {"x": 9}, 5),
    (r"\sqrt[3]{x}", {"x": -8}, -2),
    (r"\sqrt[4]{x}", {"x": 16}, 2),
    (r"\sqrt[n]{x}", {"x": 32, "n": 5}, 2),
    (r"\sqrt2x", {"x": 2}, 2 * math.sqrt(2)),
    (r"x^{2y}", {"x": 3, "y": 1}, 9),
    (r"x^2y", {"x": 3, "y": 5}, 45),
    (r"-x^2", {"x": 3}, -9),
    (r"x^{a^{b}}", {"x": 2, "a": 3, "b": 2}, 512),
    (r"2^{-x}", {"x": 2}, 0.25),
    (r"x^{\frac{1}{2}} x^\frac12", {"x": 9}, 9),
    # products without a sign
    (r"2xy", {"x": 3, "y": 5}, 30),
    (r"a b", {"a": 3, "b": 5}, 15),
    (r"2\,\pi\,r", {"r": 0.5}, PI),
    (r"x(x+1)", {"x": 3}, 12),
    (r"(a+b)(a-b)", {"a": 3, "b": 2}, 5),
    (r"\pi(r+1)", {"r": 1}, 2 * PI),
    (r"\alpha(1-\alpha)", {"alpha": 0.25}, 0.1875),
    (r"x = 2 \\ a = 3 \\ x(a+1)", {}, 8),
    (r"3 \times 10^{8} t", {"t": 2}, 6e8),
    (r"1\,000\,000 x", {"x": 2}, 2e6),
    (r"5\% p", {"p": 200}, 10),
    (r"a \cdot b \times c \div d", {"a": 2, "b": 3, "c": 4, "d": 8}, 3),
    (r"a/b/c", {"a": 12, "b": 3, "c": 2}, 2),
    # functions
    (r"\sin x", {"x": 0}, 0),
    (r"\sin 2x", {"x": PI / 4}, 1),
    (r"\sin 2\pi x", {"x": 0.25}, 1),
    (r"\sin^2 x + \cos^2 x", {"x": 0.7}, 1),
    (r"\sin^{2}\left(x\right)", {"x": PI / 2}, 1),
    (r"2 \sin x \cos x", {"x": PI / 4}, 1),
    (r"\sin x / \cos x", {"x": 0}, 0),
    (r"\sin\frac{x}{2}\cos\frac{x}{2}", {"x": PI / 2}, 0.5),
    (r"\ln x + 1", {"x": 1}, 1),
    (r"\ln x^2", {"x": E}, 2),
    (r"\ln|x|", {"x": -E}, 1),
    (r"\log x", {"x": E}, 1),
    (r"\log_{10} x + \log_2(8)", {"x": 100}, 5),
    (r"\log_b x", {"b": 3, "x": 9}, 2),
    (r"\exp\left[-x\right]", {"x": 0}, 1),
    (r"\exp(-x)/2", {"x": 0}, 0.5),
    (r"e^{-x}", {"x": 1}, 1 / E),
    (r"3e^0", {}, 3),
    (r"\arctan x", {"x": 1}, PI / 4),
    (r"\operatorname{sgn}(x) + \tanh(x)", {"x": 0}, 0),
    (r"\mathrm{relu}(x) + \operatorname{ReLU}(y)", {"x": 3, "y": -2}, 3),
    (r"\Gamma(n+1)", {"n": 4}, 24),
    (r"\max\{a, b\} - \min(a, b)", {"a": 3, "b": 5}, 2),
    (r"\max\left(a, b, c\right)", {"a": 3, "b": 5, "c": 7}, 7),
    # brackets
    (r"\bigl( a + \Bigl[ b \Bigr] \bigr) c", {"a": 1, "b": 2, "c": 3}, 9),
    (r"\{ a + [b - (c)] \}", {"a": 1, "b": 2, "c": 3}, 0),
    (r"|x| + \left|y\right| + \lvert z \rvert", {"x": -1, "y": -2, "z": 3}, 6),
    (r"||x| - 3|", {"x": 1}, 2),
    (r"\lfloor x \rfloor + \left\lceil x \right\rceil", {"x": 1.5}, 3),
    # names
    (r"x_1 + x_{2} + x_{\text{max}} + x_{i,j}", {"x_1": 1, "x_2": 2, "x_max": 3, "x_i_j": 4}, 10),
    (r"\mathrm{apple} \cdot \text{unit price}", {"apple": 2, "unit price": 3}, 6),
    (r"\hat{y} - \bar y", {"y_hat": 3, "y_bar": 1}, 2),
    (r"\mathbf{w} + \varepsilon", {"w": 3, "epsilon": 1}, 4),
    (r"x_1^2 + x^2_1 + x^{2}_{1}", {"x_1": 3}, 27),
    # choices, sums, several lines
    (r"\begin{cases} x^2 & \text{if } x > 0 \\ -x & \text{otherwise} \end{cases}", {"x": -3}, 3),
    (r"\begin{cases} 1, & x > 0, \\ 0, & x = 0, \\ -1, & x < 0. \end{cases}", {"x": -3}, -1),
    (r"\begin{dcases} 1 & x > 0 \text{ and } y > 0 \\ 0 & \text{else} \end{dcases}", {"x": 1, "y": 2}, 1),
    (r"\sum_{i=1}^{10} i", {}, 55),
    (r"\sum_{i=1}^3 i x_i + 1", {"x_1": 1, "x_2": 2, "x_3": 3}, 15),
    (r"\sum_{i=1}^{2} \sum_{j=1}^{2} i j", {}, 9),
    (r"\prod_{k=1}^{4} k", {}, 24),
    (r"\begin{aligned} s &= x + y \\ & s^{2} \end{aligned}", {"x": 1, "y": 2}, 9),
    (r"\begin{align*} a &= 2 \\ b &= a + 1 \label{eq:b} \\ c &= ab \end{align*}", {}, 6),
    (r"\[ f(x) = x^2 + 1. \]", {"x": 2}, 5),
    (r"$\displaystyle y = 2x$ % a comment", {"x": 2}, 4),
    ("a = 2 \\\\\n b = 3 % three\n\n a b", {}, 6),
    # physics, finance, machine learning
    (r"E = m c^2", {"m": 2, "c": 3}, 18),
    (r"F = G \frac{m_1 m_2}{r^2}", {"G": 2, "m_1": 3, "m_2": 4, "r": 2}, 6),
    (r"T = 2\pi\sqrt{\frac{L}{g}}", {"L": 4, "g": 1}, 4 * PI),
    (r"\frac{1}{\sigma\sqrt{2\pi}} e^{-\frac{1}{2}\left(\frac{x-\mu}{\sigma}\right)^2}", {"sigma": 1, "mu": 0, "x": 0},
     1 / math.sqrt(2 * PI)),
    (r"\gamma = \frac{1}{\sqrt{1 - \frac{v^2}{c^2}}}", {"v": 3, "c": 5}, 1.25),
    (r"A = P \cdot \left(1 + \frac{r}{n}\right)^{nt}", {"P": 100, "r": 1, "n": 1, "t": 2}, 400),
    (r"\frac{C}{(1+r)^T}", {"C": 8, "r": 1, "T": 3}, 1),
    (r"x = \frac{-b + \sqrt{b^2 - 4ac}}{2a}", {"a": 1, "b": 1, "c": -6}, 2),
    (r"\frac{1}{1 + e^{-z}}", {"z": 0}, 0.5),
    (r"\sigma(wx + b)", {"w": 1, "x": 2, "b": -2}, 0.5),
    (r"-\left[ y \log \hat{y} + (1-y) \log(1-\hat{y}) \right]", {"y": 1, "y_hat": 1 / E}, 1),
    (r"\mathcal{L}(\theta) = \frac{1}{2} \sum_{i=1}^{2} \left( y_i - \theta x_i \right)^2",
     {"y_1": 1, "y_2": 2, "theta": 0, "x_1": 5, "x_2": 5}, 2.5),
]  # fmt: skip

REFUSED: list[tuple[str, str, str]] = [
    (r"\sin x y", r"\sin(x) y", r"\sin(x y)"),
    (r"\sin a/b", r"\sin(a) / …", r"\sin(a / …)"),
    (r"\ln x \cdot y", r"\ln(x) \cdot …", r"\ln(x \cdot …)"),
    (r"\cos \omega t", r"\cos(\omega) t", r"\cos(\omega t)"),
    (r"\sin(x)(y+1)", r"\sin(x) \cdot (…)", r"\sin((x)(…))"),
    (r"\sin^{-1} x", "the inverse function", "the reciprocal"),
    (r"\sin^{-1}\left(x\right)", "the inverse function", "the reciprocal"),
    (r"x(y+1)", r"the product x \cdot (…)", "the function x of (…)"),
    (r"x^2(y+1)", r"the product x \cdot (…)", "the function x of (…)"),
    (r"1/2x", r"\frac{…}{2 x}", r"\frac{…}{2} x"),
    (r"a/b(c+1)", r"\frac{…}{b", r"\frac{…}{b}"),
    (r"a/3 \times 10^{8}", r"\frac{…}{3 \times 10^{8}}", r"\frac{…}{3} \times 10^{8}"),
    (r"1\frac12", "1 plus the fraction", "1 times the fraction"),
    (r"x^10", "^{10}", "^{1} 0"),
    (r"x_12", "x_{12}", "x_1 2"),
    (r"\sqrt23", r"\sqrt{23}", r"\sqrt{2} 3"),
    (r"2 3", r"2 \cdot 3", "23"),
    (r"x 2", r"x \cdot 2", "x_{2}"),
    (r"1{,}500", "1500", "1.500"),
    (r"1e-7", r"1 \times 10^{-7}", "the name e"),
    (r"\mathbf{w}_1 + x^T y", "transposed", "a power"),
    (r"1 + e + e^x", "its power", "the exponential function"),
    (r"apple", r"\mathrm{apple}", "a p p l e"),
    (r"sin(x)", r"the function \sin", "s i n"),
    (r"\Delta x", r"\Delta_{x}", r"\Delta \cdot x"),
    (r"\dot x", "derivative", "name"),
    (r"\lg x", r"\log_{10}", r"\log_{2}"),
    (r"x^{(2)}", "index", "derivative"),
    (r"y = a \\ -b", "the line before", "a formula of its own"),
    (r"|a|b|c|", "open", "close"),
]

NOT_READ: list[tuple[str, str, str]] = [
    (r"\frac{d}{dx} x^2", r"\frac", "--wrt x"),
    (r"\frac{\partial f}{\partial x}", r"\frac", "--wrt x"),
    (r"\frac{dy}{dx}", r"\frac", "--wrt x"),
    (r"\int_0^1 x \, dx", r"\int", "antiderivative"),
    (r"x \pm y", r"\pm", "write + or -"),
    (r"\infty", r"\infty", "large number"),
    (r"30^\circ", r"^\circ", r"\frac{\pi}{180}"),
    (r"\begin{bmatrix} 1 & 2 \end{bmatrix}", r"\begin{bmatrix}", "values"),
    (r"\sum_{i} x_i", r"\sum", r"\sum_{i=1}^{10}"),
    (r"\sum_{i=1}^{n} x_i", r"\sum", r"\sum_{i=1}^{10}"),
    (r"x_{n+1}", "x_{n+1}", "x_{1}"),
    (r"x'", "'", "x_{1}"),
    (r"\foo x", r"\foo", r"\mathrm{foo}"),
    (r"\sinn x", r"\sinn", r"\sin"),
    (r"\operatorname{sigmoyd}(x)", r"\operatorname{sigmoyd}", "sigmoid"),
    (r"\frac{a}", r"\frac", r"\frac{…}"),
    (r"x^", "^", "{…}"),
    (r"\left(a\right]", r"\right]", "order"),
    (r"(a", "(", ""),
    (r"a}", "}", ""),
    (r"a + \cdot b", r"\cdot", ""),
    (r"a +", "+", ""),
    (r"1,000", ",", r"1\,000"),
    (
        r"\begin{cases} 1 & x > 0 \\ 2 & y > 0 \end{cases}",
        r"\begin{cases} 1 & x > 0 \\ 2 & y > 0 \end{cases}",
        "otherwise",
    ),
    (r"\begin{cases} 1 & x > 0 \\ 2 \text{otherwise} \end{cases}", r"\text{otherwise}", "&"),
    (r"x $y$", "$", "alone"),
    (r"\mathbf{x} + x", "x", ""),
    (r"\varepsilon + \epsilon", r"\epsilon", ""),
    (r"0 < x < 1", "<", "multiply"),
    (r"x^2 = y", "=", "[x = y]"),
    (r"{a \over b}", r"\over", r"\frac{a}{b}"),
    (r"x^a^b", "^", "x^{a^{b}}"),
    (r"\ln|x|^2", "^", "bracket"),
    (r"\max(x)\max", r"\max", ""),
]


def read(text: str) -> Graph:
    """Return the graph of a formula in LaTeX."""
    return gg.parse(text, dialect="latex")


@pytest.mark.parametrize(("text", "at", "value"), VALUES, ids=[text for text, _, _ in VALUES])
def test_a_formula_has_the_value_that_its_reader_expects(text: str, at: dict[str, float], value: float) -> None:
    """Each formula of the table has the value worked out by hand."""
    assert read(text).backprop(at).value == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(("text", "one", "other"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_what_two_readers_read_differently_is_refused_with_both_readings(text: str, one: str, other: str) -> None:
    """The message has both readings, and its span is a part of the text."""
    with pytest.raises(ExpressionError) as caught:
        read(text)
    said = f"{caught.value.message} {caught.value.hint}"
    assert one in said
    assert other in said
    start, end = caught.value.span
    assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(("text", "marked", "hint"), NOT_READ, ids=[text for text, _, _ in NOT_READ])
def test_what_is_not_read_is_marked_and_has_a_hint(text: str, marked: str, hint: str) -> None:
    """The span is that of the part at fault, and the hint says what to write."""
    with pytest.raises(ExpressionError) as caught:
        read(text)
    start, end = caught.value.span
    assert text[start:end] == marked
    assert hint in caught.value.hint


def without_greek(text: str) -> str:
    """Return a text with its Greek letters spelled out."""
    return re.sub("[α-ωΑ-Ω]", lambda match: unicodedata.name(match[0]).split()[-1].lower(), text)


def shape(graph: Graph, table: dict[Any, int]) -> tuple[int, str]:
    """Return a graph as a number that equal graphs share, whatever the names of their intermediates; and its name."""
    data = graph.data
    numbers: dict[int, int] = {}
    for name in data.inputs:
        numbers[data.nodes[name]] = table.setdefault(without_greek(name), len(table))
    for node, constant in data.constants.items():
        numbers[node] = table.setdefault(constant.value, len(table))
    for step in data.steps:
        key = step.op, *(numbers[operand] for operand in step.operands)
        numbers[step.target] = table.setdefault(key, len(table))
    return numbers[data.output], without_greek(data.output_name or "")


def reads_back(text: str) -> bool:
    """Tell whether the LaTeX of a program is read back to its graph."""
    table: dict[Any, int] = {}
    graph = gg.parse(text)
    return shape(read(graph.to_latex()), table) == shape(graph, table)


@given(programs())
def test_what_is_written_is_read_back(text: str) -> None:
    """The LaTeX of any program is read to the same graph."""
    assert reads_back(text)


@pytest.mark.parametrize(
    "around", ["{}", "b - {}", "-{}", "b*{}*c", "b/{}", "{}**b", "b**{}", "{} @ b", "log({})", "({} > b)*2"]
)
def test_each_operation_is_read_back_wherever_it_stands(around: str) -> None:
    """That is so for every row with all its parameters, as an operand of each kind of operation."""
    rows = [applied(op, ["a", "x_1", "2", "psi"][: op.arity]) for op in ROWS]
    assert [text for row in rows if not reads_back(text := around.format(f"({row})"))] == []


def test_the_corpus_is_read_back() -> None:
    """Its formulas, its derivatives as published, and our derivatives of its formulas."""
    lines = [json.loads(line) for name in ("open", "pairs_open") for line in open_lines(name)]
    texts = [line[key] for line in lines for key in ("expr", "dexpr") if key in line]
    assert [text for text in texts if not reads_back(text)] == []


def open_lines(name: str) -> list[str]:
    """Return the lines of a file of the corpus."""
    return (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "name", [*(name for name in AWKWARD if name.isprintable()), "xα", "αβ", "x_αβ", "りα1", "e", "T", "if"]
)
def test_names_are_read_back(name: str) -> None:
    """A name of any characters is read back, as a factor, as a base and as an exponent."""
    quoted = f"`{name.replace('`', '``')}`"
    assert all(map(reads_back, (f"2*{quoted}*(1 + a)", f"{quoted}**x", f"x**{quoted}", f"z = {quoted}*b")))


def test_two_spellings_of_a_greek_letter_stay_two_names() -> None:
    """The name alpha and the letter α in one program are two inputs."""
    assert len(read(gg.parse("alpha + α").to_latex()).inputs) == 2


@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [
        ("{", "x", "}"),
        (r"\left(", "x", r"\right)"),
        (r"\frac{1}{", "x", "}"),
        (r"\sqrt{", "x", "}"),
        ("x^{", "x", "}"),
        (r"\sin ", "x", ""),
        (r"\left|", "x", r"\right|"),
        (r"\begin{cases} x & x > 0 \\ ", "0", r"\end{cases}"),
        (r"\begin{cases} ", "x", r"& x > 0 \\ 0 \end{cases}"),
        ("-", "x", ""),
        ("x_{", "x", "}"),
        ("{", "", ""),
        (r"\psi^{(", "", ""),
        (r"\begin{cases}", "", ""),
    ],
)
def test_nesting_has_no_limit(opening: str, inner: str, closing: str) -> None:
    """Ten thousand levels are read, or refused by an error of ours, without recursion."""
    try:
        parse(opening * 10_000 + inner + closing * 10_000, grammar_of("latex"))
    except ExpressionError as error:
        assert error.span[1] <= len(error.source)  # both outcomes are right


def test_many_terms_are_read() -> None:
    """A sum of 100,000 terms is one statement."""
    [statement] = parse("+".join([r"\frac{x}{2}"] * 100_000), grammar_of("latex"))
    assert len(statement.code) == 400_000 - 1


PIECES = Path(__file__).with_name("latex_pieces.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("seed", range(20))
def test_any_text_is_read_or_refused_with_a_place(seed: int) -> None:
    """Random pieces give a graph, or an error of ours whose span is within the text."""
    pick = random.Random(seed)
    for _ in range(200):
        text = "".join(pick.choice(PIECES) + pick.choice(["", "", " "]) for _ in range(pick.randint(1, 14)))
        try:
            read(text)
        except ExpressionError as error:
            assert 0 <= error.span[0] <= error.span[1] <= len(text)  # both outcomes are right


def test_the_command_reads_latex(capsys: pytest.CaptureFixture[str]) -> None:
    """`--from latex` reads the expression, and inputs have the names of the plain language."""
    from graphgrad.cli.command import main

    assert main([r"\frac{\alpha}{x_{1}}", "--from", "latex", "--at", "alpha=3,x_1=4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == pytest.approx(0.75)
