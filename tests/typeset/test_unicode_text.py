"""The Unicode reading of formulas: raised and lowered characters, and brackets where they are needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import graphgrad as gg
from graphgrad.typeset.plain import name_phrase
from graphgrad.typeset.unicode_text import unicode_of


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        ("x^{2}", "x²"),
        ("x^{-1}", "x⁻¹"),
        ("x^{y - 1}", "xʸ⁻¹"),
        ("x^{N}", "x^N"),
        (r"x^{\frac{1}{2}}", "x^(1/2)"),
        ("x_{1}", "x₁"),
        ("x_{1,2}", "x₁,₂"),
        (r"\sigma_{x}", "σₓ"),
        (r"\sigma_{b}", "σ_b"),
        (r"\mathrm{x}_{\mathrm{max}}", "x_max"),
        (r"x_{i}^{2}", "xᵢ²"),
        (r"3 \times 10^{8}", "3 × 10⁸"),
        (r"1 \times 10^{-25}", "1 × 10⁻²⁵"),
        (r"\frac{\partial z}{\partial x}", "∂z/∂x"),
        (r"\frac{a + b}{c}", "(a + b)/c"),
        (r"\frac{a}{b \cdot c}", "a/(b·c)"),
        (r"\frac{a}{\frac{b}{c}}", "a/(b/c)"),
        (r"\frac{-1}{3}", "−1/3"),
        (r"\frac{\text{unit price}}{2}", "(unit price)/2"),
        (r"\left(\frac{a}{b}\right)^{2}", "(a/b)²"),
        (r"\sqrt{x}", "√x"),
        (r"\sqrt{x_{1}}", "√x₁"),
        (r"x^{y^{2}}", "x^(y²)"),
        (r"a \cdot \frac{b}{c}", "a·(b/c)"),
        (r"\frac{a \cdot b}{c}", "a·b/c"),
        (r"x \cdot \left(1 \times 10^{-9}\right)", "x·(1 × 10⁻⁹)"),
        (r"\begin{cases} a & \text{for}\: x \geq 0 \\b & \text{otherwise} \end{cases}", "{a for x ≥ 0; b otherwise}"),
        (r"\left(\begin{cases} a & \text{if } x \\ b & \text{otherwise} \end{cases}\right)", "{a if x; b otherwise}"),
        (r"\sqrt{x^{2}}", "√(x²)"),
        (r"\sqrt[3]{a + b}", "∛(a + b)"),
        (r"\sqrt{x}^{2}", "(√x)²"),
        (r"\sin\left(x\right)", "sin(x)"),
        (r"\psi^{(n)}\left(x\right)", "ψ⁽ⁿ⁾(x)"),
        (r"A^{\top} \, b", "Aᵀ b"),
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1 2; 3 4]"),
        (r"\begin{cases} a & \text{if } x \le 0 \\ b & \text{otherwise} \end{cases}", "{a if x ≤ 0; b otherwise}"),
    ],
)
def test_reading(tex: str, read: str) -> None:
    """Each kind of formula has a reading that a mathematician would write on one line."""
    assert unicode_of(tex) == read


@pytest.mark.parametrize("text", ["(a + b)/c", "a/(b*c)", "a/b/c", "a/(b/c)", "(a/b)**2", "-a/b", "a - b/(c - d)"])
def test_brackets_keep_the_meaning(text: str) -> None:
    """The reading of fractions, read as a program, is the same graph."""
    read = unicode_of(gg.parse(text).to_latex())
    program = read.replace("·", "*").replace("−", "-").replace("²", "**2")
    assert str(gg.parse(program)) == str(gg.parse(text))


def test_formulas_of_the_corpus_are_read_apart() -> None:
    """Formulas with different LaTeX have different readings."""
    lines = (Path(__file__).parents[1] / "data" / "open.jsonl").read_text(encoding="utf-8").splitlines()
    formulas = {gg.parse(json.loads(line)["expr"]).to_latex() for line in lines}
    assert len({unicode_of(tex) for tex in formulas}) == len(formulas) > 600


@pytest.mark.parametrize(
    "names", [("x1", "x_1"), ("beta2", "beta_2"), ("x1",), ("sha256", "sha_256"), ("s1", "s_1", "s1_1")]
)
def test_no_two_names_of_a_graph_are_read_alike(names: tuple[str, ...]) -> None:
    """The number after a letter is an index, unless another name has it."""
    assert len({name_phrase(name, frozenset(names)) for name in names}) == len(names)
