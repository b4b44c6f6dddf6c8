"""Formulas in HTML: scripts, fractions, and nothing that a browser would take for markup."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from awkward import NAMES

import graphgrad as gg
from graphgrad.ops import OPS
from graphgrad.printing import Latex, name_tex
from graphgrad.typeset.html import html_of


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        ("x^{2}", '<i>x</i><span class="gg-sign">^</span><sup>2</sup>'),
        (r"\sigma_{x}", '<i>σ</i><span class="gg-sign">_</span><sub><i>x</i></sub>'),
        (r"\frac{a}{b}", '<span class="gg-frac"><span><i>a</i></span><span><i>b</i></span></span>'),
        (r"\sqrt{x}", '<span class="gg-root">√<span><i>x</i></span></span>'),
        (r"\sin\left(x\right) < 1", "sin(<i>x</i>) &lt; 1"),
        (
            r"e^{\frac{x}{2}}",
            '<i>e</i><span class="gg-sign">^(</span><sup><i>x</i>/2</sup><span class="gg-sign">)</span>',
        ),
    ],
)
def test_each_kind(tex: str, html: str) -> None:
    """Each kind of formula has its elements; a fraction within a script has a slash."""
    assert html_of(tex) == f'<span class="gg-math">{html}</span>'


@pytest.mark.parametrize("name", NAMES)
def test_names_are_escaped(name: str) -> None:
    """A name with any characters is well-formed HTML, and opens no element of its own."""
    element = ET.fromstring(html_of(name_tex(name)))
    assert not any(child.tag not in {"span", "i", "sub", "sup"} for child in element.iter())


def test_every_operation_is_written() -> None:
    """The formula of every operation is well-formed HTML."""
    m = Latex()
    for op in (each.with_params({}) for each in OPS.values()):
        ET.fromstring(html_of(m.value(op, [m.name(name) for name in "abc"[: op.arity]]).string))


def test_formulas_are_read_aloud_apart() -> None:
    """The text of the elements alone, which is read aloud and copied, tells x^2 from x2."""
    lines = (Path(__file__).parents[1] / "data" / "open.jsonl").read_text(encoding="utf-8").splitlines()
    formulas = {gg.parse(json.loads(line)["expr"]).to_latex() for line in lines}
    read = {"".join(ET.fromstring(html_of(tex, stacked=False)).itertext()) for tex in formulas}
    assert len(read) == len(formulas)
