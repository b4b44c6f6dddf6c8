"""Explanations: the article's derivation, paths and their sum, kinks, limits of size, formats and languages."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.cli import main

if TYPE_CHECKING:
    from graphgrad.analysis import Explanation

SEED = "x=100; y=5; t=800; v=1.08; s = x*y; u = s + t; E = u*v"


def explained(
    text: str, name: str = "x", at: dict[str, Any] | None = None, *, exact: bool = False, **options: Any
) -> Explanation:
    """Return the explanation of an expression's derivative by one input."""
    return gg.parse(text).backprop(at or {}, exact=exact).explain(name, **options)


def section(explanation: Explanation, number: int) -> list[str]:
    """Return the lines below a heading of an explanation in text."""
    return [line.strip() for line in str(explanation).split("\n\n")[number].splitlines()[1:]]


@pytest.mark.parametrize("text", [SEED, "x=100; y=5; t=800; v=1.08; (x*y + t)*v"])
def test_the_seeds_derivation(text: str) -> None:
    """The article's figure 7, line by line, with names from the text or chosen: s, u, E, since t is taken."""
    explanation = explained(text)
    assert section(explanation, 1) == ["s = x·y = 500", "u = s + t = 1300", "E = u·v = 1404"]
    assert section(explanation, 2) == ["∂s/∂x = y = 5", "∂u/∂s = 1", "∂E/∂u = v = 1.08"]
    assert section(explanation, 3) == [
        "∂E/∂x = ∂E/∂u · ∂u/∂s · ∂s/∂x = v · 1 · y = 1.08 · 1 · 5 = 5.4",
        "(it begins with ∂E/∂E = 1, because E is the end)",
    ]
    assert section(explanation, 4) == ["∂E/∂x = v·y = 5.4"]


def test_chosen_names_are_unused() -> None:
    """Letters that are inputs are skipped, and after the last one they are numbered."""
    explanation = explained("sin(E + s*u*w)*v*(v + t)*t", "E", dict.fromkeys("Esuwvt", 1))
    names = [step.name.text for step in explanation.chain.steps]
    assert len(set(names)) == len(names)
    assert not set(names) & set("Esuwvt")
    assert names[-1] == "F"


def test_paths_are_multiplied_and_added() -> None:
    """Each path from an input is a product, and the derivative is their sum."""
    explanation = explained("x*y + sin(x)", at={"x": 0, "y": 2})
    assert section(explanation, 3)[:2] == [
        "∂E/∂s · ∂s/∂x = 1 · y = 1 · 2 = 2",
        "∂E/∂t · ∂t/∂x = 1 · cos(x) = 1 · 1 = 1",
    ]
    assert section(explanation, 4) == ["∂E/∂x = 2 + 1 = 3", "(a sum, because x is used twice: in s and t)"]


def test_both_edges_of_a_square_are_explained() -> None:
    """In x*x the same operand occurs twice: two local derivatives, two paths."""
    explanation = explained("x*x", at={"x": 3})
    assert section(explanation, 2)[:2] == ["∂E/∂x⁽¹⁾ = x = 3", "∂E/∂x⁽²⁾ = x = 3"]
    assert section(explanation, 4) == ["∂E/∂x = 3 + 3 = 6", "(a sum, because x is used twice: in E)"]


def test_a_local_derivative_may_use_the_steps_own_name() -> None:
    """The derivative of the logistic function is written in terms of its value, as in a textbook."""
    assert section(explained("sigmoid(2*x)", at={"x": 0}), 2)[1] == "∂E/∂s = E·(1 − E) = 0.25"


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        ("x = 2e-9; c = 3e8; x*c**2*-1.5", "x", ["t = x·c² = 1.8 × 10⁸", "(−1.5) · (9 × 10¹⁶) = −1.35 × 10¹⁷"]),
        ("sigma_x = 2; nu = 3; sigma_x**nu", "sigma_x", ["∂E/∂σₓ = ν·σₓ^(ν−1) = 12", "by σₓ"]),
        ("x1 = 2; sqrt(x1)/3", "x1", ["s = √x₁", "∂s/∂x₁"]),
        ("x1 = 2; x_1 = 3; x1*x_1", "x1", ["∂E/∂x1 = x₁ = 3"]),
        (
            "`unit price` = 3; `unit price`**2*2",
            "unit price",
            ["s = `unit price`^2", "∂s/∂`unit price` = 2·`unit price`"],
        ),
        (
            "x = -1; where(x > 0, x**2, -x)",
            "x",
            ["∂E/∂(x²) = [x > 0] = 0", "{2·x for x > 0; −1 otherwise}"],
        ),
        ("m = 2; c = 3; v = 5; m*c/v**2", "v", ["∂E/∂t = −m·c/t² = −0.0096"]),
        ("x = 3; abs(x)*exp(-x)", "x", ["s = |x| = 3", "−e⁻ˣ·|x| + e⁻ˣ·sign(x)"]),
    ],
)
def test_formulas_are_read_as_in_a_book(text: str, name: str, lines: list[str]) -> None:
    """Powers are raised, Greek letters and indices drawn, numbers have powers of ten and a true minus sign."""
    written = str(explained(text, name))
    assert [line for line in lines if line not in written] == []
    assert not re.search(r"\*|(?<![a-z])-", written)


@pytest.mark.parametrize(
    "text", ["x = 2; y = x**3; y + x", "x = 2; s = x*x; E = s*sin(s)*x", "x = 2; a = x*3; b = a*a/x; a + b - x*a"]
)
def test_a_derivative_has_one_number(text: str) -> None:
    """No ∂E/∂x stands for the local derivative by one use and, elsewhere, for the sum over all uses."""
    numbers: dict[str, set[str]] = {}
    for left, *sides in (line.strip().split(" = ") for line in str(explained(text)).splitlines() if "∂" in line):
        if sides and not left.startswith("("):
            numbers.setdefault(left, set()).add(sides[-1])
    assert {left: found for left, found in numbers.items() if len(found) > 1} == {}


def test_nobody_differentiates_by_a_condition() -> None:
    """A choice has local derivatives by what it chooses from, and none by its condition."""
    written = str(explained("x = 2; where(x > 1, x**2, x)*3"))
    assert "∂(x > 1)" not in written


def test_exact_mode_shows_fractions() -> None:
    """Nothing is rounded where the numbers are fractions."""
    explanation = explained("x/y/3", at={"x": 1, "y": 7}, exact=True)
    assert explanation.chain.derivative == Fraction(1, 21)
    assert section(explanation, 3)[0] == "∂E/∂x = ∂E/∂s · ∂s/∂x = 1/3 · 1/y = 1/3 · 1/7 = 1/21"


def test_a_kink_is_explained() -> None:
    """At a kink the text has the convention, and sympy's one-sided derivatives in place of a single one."""
    explanation = explained("abs(x)*y", at={"x": 0, "y": 2})
    assert explanation.sympy.value is None
    assert [float(side) for side in explanation.sympy.sides] == [-2, 2]
    assert "at 0 the derivative taken is 0" in str(explanation)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("where(x > 0, log(x), 2)*3", "0, because E does not change with x at this point"),
        ("floor(x)*2", "0, because E does not change with x at this point"),
        ("y = 2; y*3", "0, because E does not depend on x:"),
    ],
)
def test_nothing_flows_back(text: str, because: str) -> None:
    """By a branch not taken, a constant piece or an unused input, the derivative is 0 and the text says why."""
    explanation = explained(f"x = -0.5; {text}")
    assert explanation.chain.paths == ()
    assert explanation.chain.derivative == 0
    assert because in str(explanation)


def test_the_input_itself() -> None:
    """The derivative of an input by itself has no steps."""
    assert "∂x/∂x = 1" in str(explained("x", at={"x": 5}))


def test_too_many_paths_are_gathered_node_by_node() -> None:
    """Exponentially many paths are counted, not enumerated; each node sums the contributions of its users."""
    steps = [f"s{i + 1} = s{i}*s{i}/s{i}" for i in range(100)]
    explanation = explained("\n".join(["s0 = x + 0.5", *steps]), at={"x": 0.5})
    assert explanation.chain.path_count == 10**9
    assert explanation.chain.paths == ()
    assert len(explanation.chain.gathered) <= 41
    assert explanation.chain.left_out > 100
    assert "s100⁽" not in section(explanation, 3)[0]
    assert "> 1000000000 paths" in str(explanation)
    assert explanation.sympy.text == ""  # the formula would be as long as the paths are many
    assert float(explanation.sympy.value) == 1


@pytest.mark.parametrize("text", ["+".join(["x"] * 1000), "+".join(f"sin({i}*x)" for i in range(500))])
def test_an_explanation_is_bounded(text: str) -> None:
    """The text of a large graph is short."""
    assert len(str(explained(text, at={"x": 1}))) < 30_000


def test_depth_is_no_limit() -> None:
    """A chain of 20,000 steps is explained without recursion."""
    program = "\n".join(["s0 = x*1", *(f"s{i + 1} = s{i} + 1" for i in range(20_000))])
    assert explained(program, at={"x": 1}).chain.derivative == 1


def test_markdown_has_its_formulas_in_latex() -> None:
    """A notebook shows headings in bold and equations between dollar signs."""
    text = str(explained(SEED, format="markdown"))
    assert "**Multiplied along the path from $x$ to $E$:**" in text
    assert r"\frac{\partial E}{\partial x} &= \frac{\partial E}{\partial u} \cdot" in text
    assert text.count("$$") == 8
    assert text == explained(SEED)._repr_markdown_()


def test_latex_stands_in_a_document() -> None:
    """Equations are aligned, and names are escaped in formulas and in prose."""
    text = str(explained("abs(りんご_1)*tax_rate", "りんご_1", {"りんご_1": 0, "tax_rate": 1}, format="latex"))
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") == 4
    assert r"\text{りんご}_{1}" in text
    assert r"kink: abs(りんご\_1)" in text


def test_japanese() -> None:
    """The explanation in Japanese has the same numbers."""
    text = str(explained(SEED, language="ja"))
    assert "x から E への経路に沿って掛ける:\n  ∂E/∂x = ∂E/∂u · ∂u/∂s · ∂s/∂x = v · 1 · y = 1.08 · 1 · 5 = 5.4" in text
    assert "The" not in text


@pytest.mark.parametrize("options", [{"format": "html"}, {"language": "de"}, {"name": "z"}])
def test_unknown_options_are_refused(options: dict[str, str]) -> None:
    """An unknown format, language or input is an error that lists the known ones."""
    with pytest.raises(gg.GraphgradError) as caught:
        explained("x*y", **{"name": "x", "at": {"x": 1, "y": 2}, **options})  # type: ignore[arg-type]
    assert "one of" in caught.value.hint or "the inputs are" in caught.value.hint


def test_arrays_are_refused() -> None:
    """A chain rule with arrays is not explained."""
    with pytest.raises(gg.GraphgradError, match="written out for numbers"):
        explained("sum(x*x)", at={"x": [1.0, 2.0]})


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["x*y + sin(x)*x", "(x + y)*(x - y)/(1 + x**2)", "tanh(x*y)*exp(-x) + x", "max(x, y)*x**y"]),
    st.integers(1, 30),
    st.integers(1, 30),
)
def test_the_products_add_up_to_the_gradient(text: str, x: int, y: int) -> None:
    """The products add up to the derivative of the backward pass."""
    result = gg.parse(text).backprop({"x": x / 8, "y": y / 8})
    chain = result.explain("x").chain
    assume(chain.paths)
    assert sum(path.product for path in chain.paths) == pytest.approx(result.grad["x"], rel=1e-9, abs=1e-9)
    for path in chain.paths:
        assert path.product == pytest.approx(math.prod(factor.value for factor in path.factors), rel=1e-9)


def test_the_command_explains(capsys: pytest.CaptureFixture[str]) -> None:
    """`--explain` adds the explanation to the answer, in the chosen language."""
    assert main([SEED, "--wrt", "x", "--explain", "--language", "ja"]) == 0
    printed = capsys.readouterr().out
    assert "経路に沿って掛ける" in printed
    assert "checked against sympy" in printed


def test_the_command_explains_for_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    """In LaTeX the explanation is the whole output."""
    assert main([SEED, "--wrt", "x,y", "--explain-as", "latex", "--check", "off"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("The chain rule for $E$ by $x$")
    assert "The chain rule for $E$ by $y$" in printed
    assert "value =" not in printed


def test_the_command_explains_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` holds the chain as data, beside its text."""
    assert main([SEED, "--wrt", "x", "--explain", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)["explain"]["x"]
    assert answer["steps"][0] == {"name": "s", "formula": "x*y", "value": 500.0}
    assert [factor["value"] for factor in answer["paths"][0]["factors"]] == [5.0, 1, 1.08]
    assert answer["paths"][0]["product"] == answer["sympy"]["value"] == 5.4
    assert "1.08 · 1 · 5 = 5.4" in answer["text"]


def test_the_command_refuses_to_explain_hundreds(capsys: pytest.CaptureFixture[str]) -> None:
    """`--explain` without names is an error for many inputs."""
    names = [f"x{i}" for i in range(30)]
    assert main(["+".join(names), "--at", ",".join(f"{n}=1" for n in names), "--explain", "--check", "off"]) == 2
    assert "--wrt a,b" in capsys.readouterr().err
