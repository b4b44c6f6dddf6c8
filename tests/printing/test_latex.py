"""Formulas in LaTeX: read structurally, and compiled where a TeX is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.ops import NUMERIC, OPS
from graphgrad.printing import Latex, Text, escaped, name_tex

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = re.compile(r"\\(?:[a-zA-Z]+|.)")
OPERANDS = [Text("a"), Text("b"), Text("c")]


def is_balanced(tex: str) -> bool:
    """Tell whether braces close, and whatever else is opened has its end."""
    bare = re.sub(r"\\[{}$&#_%]", "", tex)
    depth = 0
    for character in re.sub(r"\\(left|right)[()\[\]|]", "", bare):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    pairs = [("left", "right"), ("begin", "end")]
    return depth == 0 and all(COMMAND.findall(tex).count(f"\\{a}") == tex.count(f"\\{b}") for a, b in pairs)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a*b/c", r"\frac{a \cdot b}{c}"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a*(b*c) + (d - e)", r"a \cdot \left(b \cdot c\right) + \left(d - e\right)"),
        ("a*-b", r"a \cdot \left(-b\right)"),
        ("-a*b", r"-a \cdot b"),
        ("-(a*b)", r"-\left(a \cdot b\right)"),
        ("--a", r"-\left(-a\right)"),
        ("a > -1", "a > -1"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("(-a)**2", r"\left(-a\right)^{2}"),
        ("2**-x", "2^{-x}"),
        ("x**y**z", "x^{y^{z}}"),
        ("sin(x)**2", r"\sin\left(x\right)^{2}"),
        ("lgamma(x)**2", r"\left(\log\left|\Gamma\left(x\right)\right|\right)^{2}"),
        ("abs(x - 1)", r"\left|x - 1\right|"),
        ("log2(x) + asin(y)", r"\log_{2}\left(x\right) + \arcsin\left(y\right)"),
        ("polygamma(2, x)", r"\psi^{(2)}\left(x\right)"),
        ("2*(x < y)", r"2 \cdot \left[x < y\right]"),
        ("max(a, b, -c)", r"\max\left(a, b, -c\right)"),
        ("1.5e-7*x", r"1.5 \times 10^{-7} \cdot x"),
        ("1.5*10**-7*x", r"1.5 \cdot 10^{-7} \cdot x"),
        ("8%", "0.08"),
        ("2*pi", r"2 \cdot \pi"),
        ("x[0] - x[1, 2:, ...]", r"x\left[0\right] - x\left[1, 2{:}, \ldots\right]"),
        ("sum(x, axis=0)", r"\operatorname{sum}_{\mathrm{axis}=0}\left(x\right)"),
        (
            "mean(x, axis=(0, 1), keepdims=True)",
            r"\operatorname{mean}_{\mathrm{axis}=(0, 1), \mathrm{keepdims}=\mathrm{True}}\left(x\right)",
        ),
        ("concat(a, b, axis=1)", r"\operatorname{concat}_{\mathrm{axis}=1}\left(a, b\right)"),
        ("reshape(x, shape=(2, 3))", r"\operatorname{reshape}_{\mathrm{shape}=(2, 3)}\left(x\right)"),
        ("transpose(x, axes=(1, 0))", r"\operatorname{transpose}_{\mathrm{axes}=(1, 0)}\left(x\right)"),
        ("norm(x, axis=0)", r"\left\|x\right\|_{\mathrm{axis}=0}"),
        ("(a + b).T @ c", r"\left(a + b\right)^{\top} \mathbin{} c"),
        ("(a @ b).T", r"\left(a \mathbin{} b\right)^{\top}"),
        ("(-a).T", r"\left(-a\right)^{\top}"),
        ("(x.T)**2", r"\left(x^{\top}\right)^{2}"),
        ("(a*b) @ c", r"\left(a \cdot b\right) \mathbin{} c"),
        ("a*(b @ c)", r"a \cdot b \mathbin{} c"),
        ("z == x", r"\left[z = x\right]"),
        ("z = x == y", r"z = \left[x = y\right]"),
    ],
)
def test_an_expression_is_typeset(text: str, tex: str) -> None:
    """An operation stands as its row says, in no more parentheses than the page needs."""
    assert gg.parse(text).to_latex() == tex


@pytest.mark.parametrize(
    ("condition", "tex"),
    [
        ("x > 0", "x > 0"),
        ("c", r"c \ne 0"),
        ("c != 0", r"\left[c \ne 0\right]"),
        ("(x > 0)*y", r"\left[x > 0\right] \cdot y \ne 0"),
    ],
)
def test_a_choice_is_typeset_with_its_condition(condition: str, tex: str) -> None:
    """A comparison is a condition as it stands; any other number is one by not being 0."""
    whole = gg.parse(f"where({condition}, 1, 0)").to_latex()
    assert whole == rf"\begin{{cases}} 1 & \text{{if }} {tex} \\ 0 & \text{{otherwise}} \end{{cases}}"


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("x", "x"),
        ("alpha", r"\alpha"),
        ("β", r"\beta"),
        ("lambda", r"\lambda"),
        ("λ", r"\lambda"),
        ("Gamma_0", r"\Gamma_{0}"),
        ("x12", r"\mathrm{x12}"),
        ("x_12", "x_{12}"),
        ("x_1_2", "x_{1,2}"),
        ("alpha1", r"\mathrm{alpha1}"),
        ("alpha_1", r"\alpha_{1}"),
        ("α1", r"\text{$\alpha$1}"),
        ("xalpha", r"\mathrm{xalpha}"),
        ("xα", r"\text{x$\alpha$}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("tax_rate_1", r"\mathrm{tax}_{\mathrm{rate},1}"),
        ("_x", r"\mathrm{\_x}"),
        ("a__b", r"\mathrm{a\_\_b}"),
        ("りんご", r"\text{りんご}"),
        ("税_1", r"\text{税}_{1}"),
        ("税1", r"\text{税1}"),
        ("x'", r"\text{x'}"),
        ("50% off", r"\text{50\% off}"),
        (r"\input{x}", r"\text{\textbackslash{}input\{x\}}"),
    ],
)
def test_a_name_is_typeset(name: str, tex: str) -> None:
    """Greek letters, indices, words and other scripts are typeset; what means something to LaTeX is escaped."""
    assert name_tex(name) == tex


def test_names_that_look_alike_are_kept_apart() -> None:
    """An index is what follows an underscore; a Greek letter's name is spelled out where the letter stands as well."""
    assert gg.parse("x1 + x_1 + alpha*α").to_latex() == r"\mathrm{x1} + x_{1} + \mathrm{alpha} \cdot \alpha"
    assert gg.parse("alpha*beta_α + beta").to_latex() == r"\mathrm{alpha} \cdot \beta_{\alpha} + \beta"


def test_a_program_is_an_equation_for_each_name() -> None:
    """The seed's program reads as the seed writes it."""
    tex = gg.parse("x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v").to_latex()
    assert tex.splitlines()[1:-1] == [r"s &= x \cdot y \\", r"u &= s + t \\", r"E &= u \cdot v"]
    assert gg.parse("z = x*y").to_latex() == r"z = x \cdot y"


def test_a_formula_stays_linear_in_its_graph() -> None:
    """A graph that doubles at each step is cut into equations, not written out as a tree."""
    steps = [f"s{i + 1} = s{i}*s{i}" for i in range(60)]
    tex = gg.parse("\n".join(["s0 = x + 1", *steps])).gradient("x").to_latex()
    assert len(tex) < 100_000


@pytest.mark.parametrize("op", NUMERIC.values(), ids=NUMERIC)
def test_every_row_is_balanced(op: object) -> None:
    """Each operation's LaTeX takes all its operands and closes what it opens."""
    assert isinstance(op, type(OPS["add"]))
    tex = Latex().value(op, OPERANDS[: op.arity]).string
    assert is_balanced(tex)
    assert "#" not in tex
    assert set(re.findall(r"(?<![a-zA-Z\\])[abc](?![a-zA-Z])", tex)) == {x.string for x in OPERANDS[: op.arity]}


@given(st.text(max_size=30))
def test_no_text_escapes(text: str) -> None:
    """Whatever a name holds, it opens and closes nothing, and ends no line."""
    assert is_balanced(name_tex(text))
    assert not re.search(r"(?<!\\)[%$&#^~]|\n", escaped(text).replace(r"\textasciicircum", ""))


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX is installed")
def test_tex_compiles_every_row(tmp_path: Path) -> None:
    """A TeX reads every operation without complaint."""
    formulas = "\n\n".join(f"${Latex().value(op, OPERANDS[: op.arity]).string}$" for op in NUMERIC.values())
    document = f"\\documentclass{{article}}\\usepackage{{amsmath}}\\begin{{document}}{formulas}\\end{{document}}"
    (tmp_path / "rows.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "rows.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("(x == y)/2", r"\frac{\left[x = y\right]}{2}"),
        ("2**(x > y)", r"2^{\left[x > y\right]}"),
        ("sqrt(x > y)", r"\sqrt{\left[x > y\right]}"),
        ("abs(x > y)", r"\left|\left[x > y\right]\right|"),
        ("(x > y)*z", r"\left[x > y\right] \cdot z"),
        ("x > y", "x > y"),
    ],
)
def test_a_comparison_used_as_a_number(text: str, tex: str) -> None:
    """It stands in Iverson brackets wherever it is an operand, so that no relation is divided by 2."""
    assert gg.parse(text).to_latex() == tex
