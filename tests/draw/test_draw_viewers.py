"""An SVG in programs that are no browser: what they draw has every text and every line, in its colour."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from pictures import SVG, read

import graphgrad as gg
from graphgrad.draw.formats.png import png
from graphgrad.draw.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ZOOM = 2
TEXTBOOK = "s = x*x; (s + sin(x))*2 - log(y)"


def drawn(text: str = TEXTBOOK, **options: Any) -> str:
    """Return the SVG of an expression at x = 0.3, y = 5."""
    graph = gg.parse(text)
    result = graph.backprop({name: at for name, at in (("x", 0.3), ("y", 5)) if name in graph.inputs})
    lens = result.lens() if options.pop("shaded", False) else None
    return result.render("svg", lens=lens, **options).decode()


PICTURES = {
    "textbook": drawn(),
    "record": drawn(theme="record"),
    "minimal": drawn(theme="minimal", local=True),
    "folded": drawn(fold=True),
    "on the path to blame": drawn("exp(x*9999)*y"),
    "shaded": drawn("(exp(x) - 1)/x", shaded=True),
    "closed boxes": drawn("+".join(f"sin(x + {i})" for i in range(90))),
}


def by_resvg(svg: str) -> bytes:
    """Draw by what draws PNG."""
    return png(svg, 72 * ZOOM)


def by_cairosvg(svg: str) -> bytes:
    """Draw by a reader that applies the rules of style sheets, though not those within other rules."""
    try:
        import cairosvg
    except OSError:
        pytest.skip("the system has no Cairo")
    drawing: bytes = cairosvg.svg2png(bytestring=svg.encode(), scale=ZOOM)
    return drawing


def by_mupdf(svg: str) -> bytes:
    """Draw by a reader that knows no style sheets at all."""
    pymupdf = pytest.importorskip("pymupdf")
    [page] = pymupdf.open(stream=svg.encode(), filetype="svg")
    drawing: bytes = page.get_pixmap(dpi=72 * ZOOM).tobytes("png")
    return drawing


READERS = [by_resvg, by_cairosvg, by_mupdf]


class Mark(NamedTuple):
    """A text or the start of a line: what it is, its place in the picture, its size, and its colour."""

    what: str
    place: tuple[float, float]
    size: tuple[float, float]
    colour: str


def marks(svg: str) -> Iterator[Mark]:
    """Yield the texts and lines of a picture."""
    [whole] = (group for group in read(svg) if group.tag == f"{SVG}g")
    left, top = map(float, re.findall(r"-?[\d.]+", whole.attrib["transform"]))
    for group in whole:
        kind, *more = (name.removeprefix("gg-") for name in group.attrib["class"].split())
        runs = ((text, run) for text in group.iter(f"{SVG}text") for run in (text, *text) if "x" in run.attrib)
        for text, run in runs:
            x, y = float(run.attrib["x"]), float(run.attrib["y"])
            size = float(run.get("font-size", text.get("font-size", whole.attrib["font-size"])))
            width = size * len(run.text or "") * 0.6
            starts = "start" in {text.get("text-anchor"), group.get("text-anchor")}
            middle = x + (width / 2 if starts else 0)
            place = (left + middle, top + y - size * 0.35)
            yield Mark(run.text or "", place, (width, size), colour(kind, more, "text"))
        for line in group.iter(f"{SVG}path"):
            x, y = map(float, re.findall(r"-?[\d.]+", line.attrib["d"])[:2])
            yield Mark("a line", (left + x, top + y), (6, 6), colour(kind, more, "path"))


def colour(kind: str, more: list[str], tag: str) -> str:
    """Return the colour of a text or a line in a box or an arrow of a kind."""
    if "blamed" in more and (tag == "path" or kind in {"forward", "backward", "input"}):
        return LIGHT.blamed
    muted = {"text": {"constant", "caption"}, "path": {"line"}}
    return LIGHT.backward if kind == "backward" else LIGHT.muted if kind in muted[tag] else LIGHT.ink


def ink(pixels: NDArray[np.int16], mark: Mark) -> float:
    """Return how much of a mark's room has its colour, from 0 to 1."""
    (x, y), (width, height) = mark.place, mark.size
    x0, y0 = round((x - width / 2) * ZOOM), round((y - height / 2) * ZOOM)
    room = pixels[max(y0, 0) : y0 + round(height * ZOOM), max(x0, 0) : x0 + round(width * ZOOM)]
    wanted = np.frombuffer(bytes.fromhex(mark.colour[1:]), np.uint8).astype(np.int16)
    return float((abs(room - wanted).max(axis=2) < 90).mean())


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("svg", PICTURES.values(), ids=PICTURES)
def test_every_text_and_line_is_drawn_in_its_colour(svg: str, reader: Any) -> None:
    """Nothing is missing, black by default, or a box, though these readers know no style sheet as browsers do."""
    image = pytest.importorskip("PIL.Image").open(BytesIO(reader(svg))).convert("RGBA")
    paper = pytest.importorskip("PIL.Image").new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    pixels = np.asarray(paper.convert("RGB")).astype(np.int16)
    found = {(mark.what, mark.place): ink(pixels, mark) for mark in marks(svg)}
    assert len(found) > 8
    assert {mark: share for mark, share in found.items() if not 0.02 < share < 0.7} == {}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_boxes_are_light_and_the_card_is_white(reader: Any) -> None:
    """A reader that takes no dark rules draws no dark ground."""
    image = pytest.importorskip("PIL.Image").open(BytesIO(reader(PICTURES["record"]))).convert("RGB")
    colours = dict(map(reversed, image.getcolors(image.width * image.height)))
    ground = [colour for colour, count in sorted(colours.items(), key=lambda pair: -pair[1])[:2]]
    assert ["#{:02x}{:02x}{:02x}".format(*colour) for colour in ground] == [LIGHT.card, LIGHT.disc]


def test_no_style_is_needed() -> None:
    """All that a style sheet says to a light page, the attributes say, too: without it, nothing changes."""
    for svg in PICTURES.values():
        assert by_resvg(re.sub("<style>.*?</style>", "", svg, flags=re.DOTALL)) == by_resvg(svg)
        assert "paint-order" not in svg
        assert " style=" not in svg
