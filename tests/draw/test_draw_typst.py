"""Typst: a document that compiles as it stands, without a package, in which every name is text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import graphgrad as gg
from graphgrad.draw import THEMES
from graphgrad.typeset.typst_math import typst_math, typst_string

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType
    from typing import Unpack

    from graphgrad.draw import PictureKeywords, ThemeName

HOSTILE = [
    *('"><script>', r"\end{document}", "]]>", "50% & $x$ #1 ^_~{}", '#read("/etc/passwd")', "`--'", "a\nb", "*a*"),
    *("// comment", "/* comment", "\\", '\\"', "]", "#panic()", "@ref <label>", "= title", "1. x", "\x00\x1b", "/"),
]
EXAMPLES: dict[str, dict[str, Any]] = {
    "(apple*n + orange*m)*tax": {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1},
    "s = x*y; sqrt(s)/z - 2*s": {"x": 2, "y": 3, "z": 5},
    "りんご = 100; 個数 = 5; りんご*個数": {},
    "سعر = 1.1; سعر*2": {},
    "log(x)*y*exp(-x*1000)": {"x": 1, "y": 2},
    "where(x > 0, log(x), x)": {"x": -1},
    "softmax_cross_entropy(x@w, t)": {"x": [[1.0, 2]], "w": [[1.0, 0], [0, 1]], "t": [[0, 1]]},
}


def source(text: str, **how: Unpack[PictureKeywords]) -> str:
    """Return the document for one of the examples."""
    return gg.parse(text).backprop(EXAMPLES[text]).render("typ", **how).decode()


@pytest.fixture
def typst() -> ModuleType:
    """Return Typst's compiler."""
    module: ModuleType = pytest.importorskip("typst")
    return module


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", EXAMPLES)
def test_it_compiles(typst: ModuleType, text: str, theme: ThemeName) -> None:
    """Every example is one page of the picture's size, in every theme."""
    document = source(text, theme=theme, local=True, values=True)
    pdf = typst.compile(document.encode())
    assert pdf[:5] == b"%PDF-"
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("how", [{"passes": "forward"}, {"passes": "backward"}, {"fold": True}], ids=str)
def test_every_option_compiles(typst: ModuleType, how: PictureKeywords) -> None:
    """Other pictures of the same graph compile as well."""
    assert typst.compile(source("s = x*y; sqrt(s)/z - 2*s", **how).encode())


def test_shares_compile(typst: ModuleType) -> None:
    """Nodes that are shaded by their share in an error are filled with a mixed colour."""
    result = gg.parse("(exp(x) - 1)/x").backprop({"x": 1e-15})
    for theme in THEMES.values():
        document = result.render("typ", lens=result.lens(), theme=theme)
        assert b"color.mix" in document
        assert typst.compile(document)


def test_every_name_compiles(typst: ModuleType) -> None:
    """Names that mean harm are set as text."""
    document = gg.parse(" + ".join("1" for _ in HOSTILE), name_literals=HOSTILE).backprop().render("typ")
    assert typst.compile(document)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_one_string(name: str) -> None:
    """In the text for Typst, nothing but the last character ends the string."""
    text = typst_string(name)
    assert re.fullmatch(r'"(?:[^"\\\n]|\\["\\])*"', text)


def test_boxes_and_arrows() -> None:
    """Each box and each line stands there once, its text beside it; nothing flows back to the constant."""
    document = source("s = x*y; sqrt(s)/z - 2*s")
    assert [document.count(f"curve(stroke: {kind}-line") for kind in ("forward", "backward")] == [11, 10]
    assert document.count(", ellipse(") == 6
    assert [name for name in ("x", "y", "z") if f'ink, $italic("{name}")$)' in document] == ["x", "y", "z"]
    assert 'ink, $italic("E")$)' in document


def test_it_needs_no_package() -> None:
    """Nothing is imported, so that it compiles without a network."""
    code = [line for line in source("s = x*y; sqrt(s)/z - 2*s").splitlines() if not line.startswith("//")]
    assert not any("import" in line or "@preview" in line for line in code)


def test_another_document_imports_it(typst: ModuleType, tmp_path: Path) -> None:
    """A document shows the picture within its own text."""
    (tmp_path / "apple.typ").write_text(source("(apple*n + orange*m)*tax"), encoding="utf-8")
    (tmp_path / "main.typ").write_text('Look:\n#import "apple.typ": picture\n#picture\n', encoding="utf-8")
    pdf = typst.compile(str(tmp_path / "main.typ"))
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_the_command_writes_it(tmp_path: Path) -> None:
    """The suffix selects it."""
    gg.parse("2*3").backprop().draw(tmp_path / "picture.typ")
    assert (tmp_path / "picture.typ").read_text(encoding="utf-8").startswith("// Typst")


def test_labels_beside_an_arrow_that_points_down_start_at_one_edge() -> None:
    """Typst's letters have other widths, so that centred lines would be ragged."""
    result = gg.parse("1000*x").backprop({"x": 2})
    down, right = (result.render("typ", direction=each).decode() for each in ("down", "right"))
    starts = re.findall(r"#label\(([0-9.]+), .*from: 0\)", down)
    assert len(starts) == 4
    assert starts[0] == starts[1]
    assert starts[2] == starts[3]
    assert "from: 0)" not in right


FORMULAS = {
    "x^{2}": 'attach(italic("x"), t: "2")',
    r"\sigma_{x}": 'attach(italic("σ"), b: italic("x"))',
    r"3 \times 10^{8}": '"3"class("binary", "×")"1"attach("0", t: "8")',
    r"\sqrt{x}": 'sqrt(italic("x"))',
    r"\left(a\right)": 'lr(class("opening", "(")italic("a")class("closing", ")"))',
    r"\begin{bmatrix}1 & 2 \\ 3 & 4\end{bmatrix}": 'display(mat(delim: "[", "1", "2"; "3", "4"))',
    r"\text{a, b; c & d}": '"a, b; c & d"',
    r"\surd": "#surd",
}


@pytest.mark.parametrize("tex", FORMULAS)
def test_mathematics(typst: ModuleType, tex: str) -> None:
    """A formula is Typst's mathematics, in which every sign is a string, and it compiles."""
    written = typst_math(tex)
    assert written == f"${FORMULAS[tex]}$"
    assert typst.compile(f'#let surd = "√"\n{written}'.encode())


@pytest.mark.parametrize(
    ("tex", "native"),
    {
        r"\partial E / \partial s = 1": '∂ E class("normal", \\/) ∂ s = 1',
        r"x_{a} + 1, 2": "x_a + 1, 2",
        r"a \cdot \sin\left(x\right) - 2\,b": "a dot sin(x) - 2 med b",
        r"-x > 2y": "-x > 2y",
    }.items(),
)
def test_signs_are_spaced_as_in_formulas_that_people_write(typst: ModuleType, tex: str, native: str) -> None:
    """A formula looks as Typst's own: no blank stands between two strings."""
    page = "#set page(width: auto, height: auto, margin: 0pt)"
    ours, theirs = (
        typst.compile(f"{page}\n{formula}".encode(), format="svg") for formula in (typst_math(tex), f"${native}$")
    )
    [width], [expected] = (re.findall(rb'viewBox="0 0 ([0-9.]+) ', picture) for picture in (ours, theirs))
    assert float(width) == pytest.approx(float(expected), abs=1)  # a blank is wider


def test_a_fraction_is_stacked_where_the_picture_stacks_it(typst: ModuleType) -> None:
    """Otherwise it has a slash."""
    assert typst_math(r"\frac{a}{2}", stacked=True) == '$display(frac(italic("a"), "2"))$'
    assert "/" in typst_math(r"\frac{a}{2}")
    assert typst.compile(typst_math(r"\frac{a}{\sqrt{2}}", stacked=True).encode())
