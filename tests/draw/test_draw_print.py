"""PNG and PDF: the SVG's picture, without Graphviz, in every script, or an error that names the missing font."""

from __future__ import annotations

import re
import sys
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pictures import SVG, read
from resvg_py import svg_to_bytes

import graphgrad as gg
from graphgrad import RenderError
from graphgrad.draw import Theme
from graphgrad.draw.formats import fonts
from graphgrad.draw.formats.fonts import lettered, refuse_undrawn
from graphgrad.draw.formats.svg_style import families
from graphgrad.draw.theme import DARK, LIGHT

RESULT = gg.parse("E = x_1*σ - sin(x_1)/2").backprop({"x_1": 3, "σ": 5})

SCRIPTS = {
    "chinese": "苹果",
    "japanese": "りんご",
    "korean": "사과",
    "arabic": "سعر",
    "hebrew": "תפוח",
    "hindi": "सेब",
    "thai": "ราคา",
    "armenian": "խնձոր",
    "georgian": "ვაშლი",
    "amharic": "ፖም",
}


def size(svg: bytes) -> tuple[float, float]:
    """Return an SVG's width and height."""
    root = read(svg.decode())
    return float(root.attrib["width"]), float(root.attrib["height"])


def opened(image: bytes) -> Any:
    """Return a PNG's pixels."""
    return pytest.importorskip("PIL.Image").open(BytesIO(image))


def ink(image: Any) -> float:
    """Return how dark the left quarter of a light picture is, in which the input's name is."""
    grey = np.asarray(image.convert("LA"), dtype=float)[:, : image.width // 4]
    return float(((255 - grey[..., 0]) * grey[..., 1]).sum())


@pytest.mark.parametrize("dpi", [36, 72, 192, 300.0])
def test_a_png_has_the_picture_s_size(dpi: float) -> None:
    """A point of the picture is a 72nd of an inch, and the file tells its resolution."""
    image = opened(RESULT.render("png", dpi=dpi))
    wanted = [length * dpi / 72 for length in size(RESULT.render("svg"))]
    assert image.size == pytest.approx(wanted, abs=1)
    assert image.info["dpi"] == pytest.approx((dpi, dpi), rel=1e-3)


def test_a_pdf_has_the_picture_s_size_and_its_texts() -> None:
    """One page as large as the picture, whose texts can be searched and copied; its fonts are in it."""
    pymupdf = pytest.importorskip("pymupdf")
    [page] = pymupdf.open(stream=RESULT.render("pdf"), filetype="pdf")
    svg = RESULT.render("svg")
    assert (page.rect.width, page.rect.height) == pytest.approx(size(svg), abs=0.5)
    written = ("".join(text.itertext()) for text in read(svg.decode()).iter(f"{SVG}text"))
    assert sorted("".join(page.get_text().split())) == sorted("".join("".join(written).split()))
    assert {font[3].partition("+")[2].partition("-")[0] for font in page.get_fonts()} <= {
        "GraphgradSans",
        "GraphgradSymbols",
    }


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_it_is_the_same_every_time(form: str) -> None:
    """The same expression gives the same bytes: no file has a date or a random name in it."""
    assert RESULT.render(form) == RESULT.render(form)
    assert not re.search(rb"CreationDate|ModDate|20\d\d-\d\d-\d\d", RESULT.render(form))


def test_pictures_do_not_depend_on_the_system_s_fonts() -> None:
    """All that formulas are written with is in the fonts that are shipped."""
    signs = "x₁² ∂z/∂x = −3 × 10⁸ ÷ √ ∞ ≤ ≥ ≠ ⊙ ᵀ π σ Ω й é ← → … ± · ′ ∈ ∑ ∏"
    svg = f'<svg font-family="{families(Theme())}"><text>{signs}</text></svg>'
    assert lettered(svg)[1:] == (False, "")
    assert lettered(RESULT.render("svg").decode())[1:] == (False, "")


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_it_is_light_unless_asked(form: str) -> None:
    """The ground of a printed picture is white; with `scheme`, it is dark."""
    pymupdf = pytest.importorskip("pymupdf")
    for scheme, palette in {"auto": LIGHT, "light": LIGHT, "dark": DARK}.items():
        drawn = RESULT.render(form, scheme=scheme)  # type: ignore[arg-type]  # one of the words it takes
        [page] = pymupdf.open(stream=drawn, filetype=form)
        image = page.get_pixmap(dpi=72)
        assert image.pixel(image.width // 2, 8) == pytest.approx(tuple(bytes.fromhex(palette.card[1:])), abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_svg_of_one_scheme_has_no_other(scheme: Any) -> None:
    """For an <img> on a page whose switch it cannot see, there is a picture for each side."""
    svg = RESULT.render("svg", scheme=scheme).decode()
    assert "prefers-color-scheme" not in svg
    assert ({"light": DARK, "dark": LIGHT}[scheme].card in svg) is False


@pytest.mark.parametrize("form", ["png", "pdf"])
@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_is_drawn_or_told(form: str, name: str) -> None:
    """A name in any script is drawn by a font of the system; where there is none, the error says so."""
    result = gg.parse(f"{name}*2").backprop({name: 3})
    try:
        drawn = result.render(form)
    except RenderError as error:
        assert "no font on this machine draws" in str(error)
        pytest.skip(str(error))
    if form == "pdf":
        [page] = pytest.importorskip("pymupdf").open(stream=drawn, filetype="pdf")
        assert set(name) <= set(page.get_text())
    else:
        assert opened(drawn).size[0] > 0


def without_system_fonts(pictures: list[str]) -> list[bytes]:
    """Draw as on a machine that has no fonts at all."""
    return [bytes(svg_to_bytes(picture, skip_system_fonts=True)) for picture in pictures]


@pytest.mark.parametrize(
    ("character", "said", "package"),
    [
        ("林", ", of the script 'cjk'", "fonts-noto-cjk"),
        ("り", ", of the script 'hiragana'", "fonts-noto-cjk"),
        ("과", ", of the script 'hangul'", "fonts-noto-cjk"),
        ("ع", ", of the script 'arabic'", "fonts-noto-core"),
        ("ร", ", of the script 'thai'", "fonts-noto-core"),
        ("🍎", "", "fonts-noto-color-emoji"),
    ],
)
def test_a_missing_font_is_told(character: str, said: str, package: str) -> None:
    """The error names the character, the script of a letter, and the package that has it."""
    with pytest.raises(RenderError, match=f"draws '{character}'{said}\n.*apt install {package}"):
        refuse_undrawn(character, without_system_fonts)


def test_a_missing_font_is_an_error_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than a box, PNG and PDF give the error; an SVG is drawn, because its reader may have the font."""
    monkeypatch.setattr(fonts, "_undrawn", lambda foreign, _draw: foreign[-1])
    result = gg.parse("苹果*2").backprop({"苹果": 3})
    for form in ("png", "pdf"):
        with pytest.raises(RenderError, match="draws '果'"):
            result.render(form)
    assert result.render("svg")


@pytest.mark.parametrize(
    ("form", "library", "hint"),
    [("png", "resvg_py", "pip install resvg_py"), ("pdf", "typst", r"pip install .*\[print\]")],
)
def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, form: str, library: str, hint: str) -> None:
    """The error says what draws the format, and how to get it; the other format does without."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(RenderError, match=rf"{library}, which is not installed\n.*{hint}"):
        RESULT.render(form)
    assert RESULT.render({"png": "pdf", "pdf": "png"}[form])


@pytest.mark.parametrize("name", SCRIPTS.values(), ids=SCRIPTS)
def test_a_name_is_as_bold_in_a_png_as_in_a_pdf(name: str) -> None:
    """No other weight is drawn where the system has no font of the script's own, but one of many scripts."""
    result = gg.parse(f"{name}*2").backprop({name: 3})
    try:
        drawn = opened(result.render("png", dpi=288))
        [page] = pytest.importorskip("pymupdf").open(stream=result.render("pdf"), filetype="pdf")
    except RenderError as error:
        pytest.skip(str(error))
    printed = opened(page.get_pixmap(dpi=288).tobytes("png"))
    assert ink(drawn) == pytest.approx(ink(printed), rel=0.1)


def test_other_scripts_name_their_fonts() -> None:
    """A text in another script names fonts for it, those without serifs before all others."""
    one, two, three = "<text>x̂ = 苹果₁</text>", "<text>سعر = 3</text>", "<text>x₁ ≤ σ</text>"
    svg = f'<svg font-family="{families(Theme())}"><g class="é">{one}{two}{three}</g></svg>'
    picture, by_system, foreign = lettered(svg)
    assert re.findall(r'<tspan font-family="([^",]*)[^>]*>([^<]*)</tspan>', picture) == [
        ("Noto Sans CJK JP", "x̂ = 苹果₁"),
        ("Noto Sans Arabic", "سعر = 3"),
    ]
    assert (by_system, foreign) == (True, "苹果سعر")


def test_a_theme_s_own_font_comes_first() -> None:
    """Whoever names a family gets it where the system has it, and else the shipped font."""
    svg = RESULT.render("svg", theme=Theme(families=("No Such Font",))).decode()
    assert "font-family=\"'No Such Font', Graphgrad Sans\"" in lettered(svg).picture
    assert RESULT.render("png", theme=Theme(families=("No Such Font",)))


def test_what_is_too_large_is_told() -> None:
    """A PNG of more pixels than memory holds is an error, and no crash."""
    with pytest.raises(
        RenderError, match=r"a PNG of [\d,]+ by [\d,]+ pixels is too large to draw\ngive a dpi of \d+ at most"
    ):
        RESULT.render("png", dpi=1e7)
    assert RESULT.render("pdf", dpi=1e7)
