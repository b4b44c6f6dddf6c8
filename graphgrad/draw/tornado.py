"""Draw a tornado chart: a bar for each input, from the output where it is lower to that where it is higher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from graphgrad.base.arguments import path_of
from graphgrad.base.errors import RenderError
from graphgrad.base.files import write_whole
from graphgrad.base.terminal_text import printable
from graphgrad.draw.formats.decimals import hundredths
from graphgrad.draw.formats.svg_style import NAMESPACE, coloured, families
from graphgrad.namespaces.display import short
from graphgrad.typeset.widths import is_measured, text_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphgrad.analysis.tornado import Bar, Swings
    from graphgrad.draw.options import PictureOptions
    from graphgrad.draw.theme import Theme

__all__ = ["FORMATS", "draw", "rendered"]

WIDTH: Final = 560.0
"""The width of the chart: in a column of 390 pixels, its text is 9 pixels high."""

BARS: Final = 230.0
"""The room of the bars between their numbers."""

ROW, BAR = 25.0, 13.0
MARGIN, GAP = 16.0, 8.0
LONGEST_NAME: Final = 170.0

RULES: Final = """\
& .gg-lower {fill:var(--gg-card);stroke:var(--gg-ink)}
& .gg-higher {fill:var(--gg-muted);stroke:var(--gg-ink)}
& .gg-muted {fill:var(--gg-muted)}
& .gg-tick,& .gg-tick path {stroke:var(--gg-backward)}
"""
"""The style of the bars, and of the ticks where the gradient predicts their ends."""

NOTHING: Final = "no input changes the output"


def draw(swings: Swings, path: str | Path, options: PictureOptions) -> None:
    """Draw a chart into a file of the suffix's format. Raises `RenderError` where it cannot be drawn."""
    form = path_of(path, error=RenderError).suffix.lower().removeprefix(".")
    write_whole(path, rendered(swings, form, options))


def rendered(swings: Swings, form: str, options: PictureOptions) -> bytes:
    """Return a chart in one of the `FORMATS`. Raises `RenderError` for another one."""
    if form not in FORMATS:
        hint = f"take {', '.join(FORMATS)}"
        raise RenderError(f"a tornado chart cannot be drawn as {form!r}", hint=hint)
    return FORMATS[form](_svg(swings, options.style), options)


def _as_png(picture: str, options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.png import png

    return png(picture, options.dpi)


def _as_pdf(picture: str, _options: PictureOptions) -> bytes:
    from graphgrad.draw.formats.pdf import pdf

    return pdf(picture)


FORMATS: Final[dict[str, Callable[[str, PictureOptions], bytes]]] = {
    "svg": lambda picture, _: picture.encode(),
    "png": _as_png,
    "pdf": _as_pdf,
}
"""How the chart is written, by the file's suffix."""


class _Scale:
    """Where outputs stand in the chart: the bars are between the names and the right margin."""

    def __init__(self, swings: Swings, names: float, size: float) -> None:
        self.swings = swings
        ends = [end for bar in swings.bars for end in _ends(swings.value, bar)]
        self.low, high = min([swings.value, *ends]), max([swings.value, *ends])
        numbers = max((text_width(swings.shown(end), size) for end in ends), default=0.0) + 2 * GAP
        self.left = MARGIN + names + numbers
        self.room = max(WIDTH - MARGIN - numbers - self.left, BARS)
        self.width = self.left + self.room + numbers + MARGIN
        self.span = high - self.low or 1.0

    def __call__(self, value: float) -> float:
        return self.left + (value - self.low) / self.span * self.room


def _ends(value: float, bar: Bar) -> tuple[float, float]:
    """Return the outputs at a bar's ends; the gradient's where the changed point has no value."""
    low = value - bar.predicted if bar.low is None else bar.low
    return low, value + bar.predicted if bar.high is None else bar.high


def _svg(swings: Swings, theme: Theme) -> str:
    size = theme.label_size
    names = [_shortened(bar.name, size) for bar in swings.bars]
    scale = _Scale(swings, max((text_width(name, size) for name in names), default=0.0), size)
    top = MARGIN + 2.6 * size + GAP
    bottom = top + ROW * max(len(names), 1)
    height = bottom + (3.8 if swings.left_out else 2.5) * size + MARGIN * 0.6
    title = f"{swings.output} = {swings.shown(swings.value)}"
    sheet, scope = coloured(theme, RULES)
    colours = theme.light
    zero = scale(swings.value)
    rows = [
        row
        for i, (bar, name) in enumerate(zip(swings.bars, names, strict=True))
        for row in _row(bar, name, top + ROW * i + ROW / 2, scale, theme)
    ]
    card = (
        f'<rect class="gg-card" x="0.5" y="0.5" width="{hundredths(scale.width - 1)}" height="{hundredths(height - 1)}"'
        f' rx="{theme.corner:g}" fill="{colours.card}" stroke="{colours.rim}"/>'
    )
    described = f"Tornado chart. {title}. {_described(swings)}"
    size_of_picture = f'width="{hundredths(scale.width)}" height="{hundredths(height)}"'
    box = f'viewBox="0 0 {hundredths(scale.width)} {hundredths(height)}"'
    font = f'font-family="{families(theme)}" font-size="{size:g}"'
    middle = f"M{hundredths(zero)},{hundredths(top - 2)}V{hundredths(bottom + 2)}"
    looks = f'stroke="{colours.muted}" fill="none" stroke-dasharray="2 2"'
    named = f'class="graphgrad {scope}" role="img" aria-label={quoteattr(printable(title))}'
    parts = [
        f'<svg xmlns="{NAMESPACE}" {named} {size_of_picture} {box}>',
        f"<title>{escape(printable(title))}</title>",
        f"<desc>{escape(printable(described))}</desc>",
        f"<style>{sheet}</style>",
        card,
        f'<g {font} fill="{colours.ink}" stroke-width="{theme.stroke:g}">',
        _text(title, MARGIN, MARGIN + 0.9 * size, size),
        _text(_subtitle(swings), MARGIN, MARGIN + 2.3 * size, size, looks=_muted(theme)),
        f'<g class="gg-line"><path d="{middle}" {looks}/></g>',
        *(rows or [_text(NOTHING, MARGIN, top + ROW / 2 + 0.35 * size, size, looks=_muted(theme))]),
        *_legend(swings, bottom + 1.6 * size, theme),
        "</g>",
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _row(bar: Bar, name: str, middle: float, scale: _Scale, theme: Theme) -> Iterator[str]:
    swings, size, colours = scale.swings, theme.label_size, theme.light
    zero = scale(swings.value)
    base = middle + 0.35 * size
    yield _text(name, MARGIN, base, size)
    ends = _ends(swings.value, bar)
    for end, known, kind, fill in zip(
        ends, (bar.low, bar.high), ("lower", "higher"), (colours.card, colours.muted), strict=True
    ):
        if known is not None and scale(end) != zero:
            left, right = sorted((scale(end), zero))
            yield (
                f'<rect class="gg-{kind}" x="{hundredths(left)}" y="{hundredths(middle - BAR / 2)}"'
                f' width="{hundredths(right - left)}" height="{hundredths(BAR)}" fill="{fill}" stroke="{colours.ink}"/>'
            )
    ticks = [scale(swings.value + sign * bar.predicted) for sign in (-1, 1)]
    shown = [x for x in ticks if scale.left - GAP <= x <= scale.left + scale.room + GAP]
    d = "".join(f"M{hundredths(x)},{hundredths(middle - BAR / 2 - 3)}v{hundredths(BAR + 6)}" for x in shown)
    if d and bar.predicted:
        yield f'<g class="gg-tick" stroke="{colours.backward}" stroke-width="1.6"><path d="{d}" fill="none"/></g>'
    numbers = sorted(zip(ends, (bar.low, bar.high), strict=True), key=lambda pair: pair[0])
    for (end, known), anchor, side in zip(numbers, ("end", "start"), (-1, 1), strict=True):
        written = "no value" if known is None else swings.shown(known)
        outermost = (min if side < 0 else max)([scale(end), zero, *(shown if bar.predicted else [])])
        yield _text(written, outermost + side * (GAP - 3), base, size, looks=f' text-anchor="{anchor}"')


def _legend(swings: Swings, middle: float, theme: Theme) -> Iterator[str]:
    if not swings.bars:
        return
    x, size, colours = MARGIN, theme.label_size, theme.light
    for kind, fill, words in (("lower", colours.card, "input lower"), ("higher", colours.muted, "input higher")):
        yield (
            f'<rect class="gg-{kind}" x="{hundredths(x)}" y="{hundredths(middle - 5)}" width="18" height="10"'
            f' fill="{fill}" stroke="{colours.ink}"/>'
        )
        yield _text(words, x + 24, middle + 0.35 * size, size, looks=_muted(theme))
        x += 24 + text_width(words, size) + 18
    tick = f"M{hundredths(x + 3)},{hundredths(middle - 7)}v14"
    yield f'<g class="gg-tick" stroke="{colours.backward}" stroke-width="1.6"><path d="{tick}" fill="none"/></g>'
    yield _text("predicted by the gradient", x + 12, middle + 0.35 * size, size, looks=_muted(theme))
    if swings.left_out:
        yield _text(_left_out(swings), MARGIN, middle + 1.6 * size, size, looks=_muted(theme))


def _left_out(swings: Swings) -> str:
    """Return how many inputs have no bar."""
    smaller, still = swings.left_out - len(swings.still), len(swings.still)
    counts = ((smaller, "smaller swings"), (still, "no effect"))
    words = [f"{count:,} more input{'s have' if count > 1 else ' has'} {what}" for count, what in counts if count]
    return "; ".join(words)


def _subtitle(swings: Swings) -> str:
    if swings.relative:
        return f"where each input changes by {swings.relative}"
    changes = {short(bar.change) for bar in swings.bars}
    return f"where each input changes by ±{changes.pop()}" if len(changes) == 1 else "where inputs change, each alone"


def _described(swings: Swings) -> str:
    rows = (f"{bar.name}: {', '.join(map(swings.shown, _ends(swings.value, bar)))}" for bar in swings.bars)
    return "; ".join(rows) or NOTHING


def _shortened(name: str, size: float) -> str:
    """Return a name that is not too wide: its middle is left out."""
    kept = len(name)
    shown = name
    while text_width(shown, size) > LONGEST_NAME:
        kept -= 1
        shown = f"{name[: (kept + 1) // 2]}…{name[len(name) - kept // 2 :]}"
    return shown


def _muted(theme: Theme) -> str:
    return f' class="gg-muted" fill="{theme.light.muted}"'


def _text(words: str, x: float, y: float, size: float, looks: str = "") -> str:
    """Return a text, in the width that it was measured with, whichever font the viewer has."""
    if is_measured(words):
        looks += f' textLength="{hundredths(text_width(words, size))}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{hundredths(x)}" y="{hundredths(y)}"{looks}>{escape(printable(words))}</text>'
