"""The setter: places of texts and lines, and widths that come from the shipped fonts."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.setting import typeset
from graphgrad.typeset.widths import text_width

FORMULAS = (
    r"x^{2}",
    r"\frac{a + b}{c} - \frac{1}{2}",
    r"\sqrt[3]{1 - \left(\frac{v}{c}\right)^{2}}",
    r"x_{i}^{2} \cdot \sigma_{x}",
    r"\begin{cases} a & \text{if } x \le 0 \\ -b & \text{otherwise} \end{cases}",
    r"\begin{bmatrix} 1 & 2.5 \\ -3 & 4 \end{bmatrix}",
    r"\left\lfloor\frac{a}{b}\right\rfloor + \left\|A\right\|",
    r"e^{e^{e^{x}}}",
)


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("tex", FORMULAS)
def test_all_pieces_are_within_the_size(tex: str, stacked: bool) -> None:
    """No text and no line is outside of the width and the height that the setting says."""
    setting = typeset(Phrase.of(tex), 20, stacked=stacked)
    for run in setting.runs:
        assert -0.01 <= run.x <= run.x + run.width <= setting.width + 0.01
        assert -setting.descent - 0.01 <= run.y - 0.21 * run.size
        assert run.y + 0.74 * run.size <= setting.ascent + 0.01
    for x, y in (point for rule in setting.rules for point in rule.points):
        assert -0.01 <= x <= setting.width + 0.01
        assert -setting.descent - 0.01 <= y <= setting.ascent + 0.01


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("tex", FORMULAS)
def test_texts_do_not_overlap(tex: str, stacked: bool) -> None:
    """Texts on one baseline follow each other."""
    runs = sorted(typeset(Phrase.of(tex), 20, stacked=stacked).runs, key=lambda run: (run.y, run.x))
    assert all(a.y != b.y or a.x + a.width <= b.x + 0.01 for a, b in pairwise(runs))


def test_variables_are_italic_and_functions_upright() -> None:
    """Letters of variables lean; functions, digits and words do not."""
    setting = typeset(Phrase.of(r"\sin\left(x\right) + 2 \cdot \mathrm{rate}"), 10)
    assert [(run.text, run.italic) for run in setting.runs] == [("sin(", False), ("x", True), (") + 2·rate", False)]


def test_scripts_are_smaller_and_raised() -> None:
    """An exponent stands above its base's baseline, an index below it, both smaller."""
    base, above, below = typeset(Phrase.of("x_{1}^{2}"), 10).runs
    assert above.y > base.y > below.y
    assert above.size == below.size < base.size


def test_a_fraction_is_stacked_or_on_one_line() -> None:
    """A stacked fraction has a line and is narrower; on one line it has a slash."""
    phrase = Phrase.of(r"\frac{a + b}{c + d}")
    flat, stacked = typeset(phrase, 10), typeset(phrase, 10, stacked=True)
    assert (flat.rules, len(stacked.rules)) == ((), 1)
    assert stacked.width < flat.width
    assert stacked.height > flat.height


def test_a_plain_text_is_set_as_it_is() -> None:
    """A text that is no phrase is one upright run, with its characters."""
    assert [run.text for run in typeset("50% of x^2", 10).runs] == ["50% of x^2"]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("1/りんご = 3", ["1/", "りんご", " = 3"]),
        ("سعر القطعة = 1", ["سعر القطعة", " = 1"]),
        ("Δ = √2", ["Δ = √2"]),
    ],
)
def test_another_script_is_a_run_by_itself(text: str, runs: list[str]) -> None:
    """What another font draws is placed by itself, so that it changes neither the order nor the widths beside it."""
    assert [run.text for run in typeset(text, 10).runs] == runs


def test_widths_are_those_of_the_shipped_fonts() -> None:
    """Widths come from the fonts: digits are 0.556 em, wide characters one em, combining marks nothing."""
    assert text_width("0", 1000) == 556
    assert text_width("林", 1000) == 1000
    assert text_width("e\N{COMBINING ACUTE ACCENT}", 1000) == text_width("e", 1000)
    assert text_width("ع", 1000) == 500


def test_an_empty_phrase_has_no_width() -> None:
    """Nothing is set as nothing."""
    assert typeset(Phrase(""), 10).width == 0 == typeset("", 10).width
