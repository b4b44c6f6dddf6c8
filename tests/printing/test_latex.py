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
        ("a*(b*c) + (d - e)", r"a \cdot b \cdot c + d - e"),
        ("a*-b", r"a \cdot \left(-b\right)"),
        ("-(a*b)", r"-a \cdot b"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("(-a)**2", r"\left(-a\right)^{2}"),
        ("2**-x", "2^{-x}"),
        ("x**y**z", "x^{y^{z}}"),
        ("sin(x)**2", r"\sin\left(x\right)^{2}"),
        ("abs(x - 1)", r"\left|x - 1\right|"),
        ("log2(x) + asin(y)", r"\log_{2}\left(x\right) + \arcsin\left(y\right)"),
        ("polygamma(2, x)", r"\psi^{(2)}\left(x\right)"),
        ("2*(x < y)", r"2 \cdot \left[x < y\right]"),
        ("max(a, b, -c)", r"\max\left(a, b, -c\right)"),
        ("1.5e-7*x", r"1.5 \cdot 10^{-7} \cdot x"),
        ("8%", "0.08"),
        ("2*pi", r"2 \cdot \pi"),
    ],
)
def test_an_expression_is_typeset(text: str, tex: str) -> None:
    """An operation stands as its row says, in no more parentheses than the page needs."""
    assert gg.parse(text).to_latex() == tex


@pytest.mark.parametrize(
    ("condition", "tex"), [("x > 0", "x > 0"), ("c", r"c \ne 0"), ("(x > 0)*y", r"\left[x > 0\right] \cdot y \ne 0")]
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
        ("x12", "x_{12}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("tax_rate_1", r"\mathrm{tax}_{\mathrm{rate},1}"),
        ("_x", r"\mathrm{\_x}"),
        ("a__b", r"\mathrm{a\_\_b}"),
        ("りんご", r"\text{りんご}"),
        ("税_1", r"\text{税}_{1}"),
        ("50% off", r"\text{50\% off}"),
        (r"\input{x}", r"\text{\textbackslash{}input\{x\}}"),
    ],
)
def test_a_name_is_typeset(name: str, tex: str) -> None:
    """Greek letters, indices, words and other scripts are typeset; what means something to LaTeX is escaped."""
    assert name_tex(name) == tex


def test_names_that_look_alike_are_kept_apart() -> None:
    """The second of two names with one fine form is written out."""
    assert gg.parse("x1 + x_1 + alpha*α").to_latex() == r"x_{1} + \mathrm{x\_1} + \alpha \cdot \text{α}"


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
