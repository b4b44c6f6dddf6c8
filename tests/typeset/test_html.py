"""Formulas in HTML: scripts, fractions, and nothing that a browser would take for markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from awkward import NAMES

from graphgrad.ops import OPS
from graphgrad.printing import Latex, name_tex
from graphgrad.typeset.html import html_of


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        ("x^{2}", "<i>x</i><sup>2</sup>"),
        (r"\sigma_{x}", "<i>σ</i><sub><i>x</i></sub>"),
        (r"\frac{a}{b}", '<span class="gg-frac"><span><i>a</i></span><span><i>b</i></span></span>'),
        (r"\sqrt{x}", '<span class="gg-root">√<span><i>x</i></span></span>'),
        (r"\sin\left(x\right) < 1", "sin(<i>x</i>) &lt; 1"),
        (r"e^{\frac{x}{2}}", "<i>e</i><sup><i>x</i>/2</sup>"),
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
