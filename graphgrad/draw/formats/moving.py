"""Draw both passes as a moving picture: as GIF, as APNG and as MP4."""

from __future__ import annotations

import io
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.base.extras import install
from graphgrad.draw.formats.png import POINTS, png
from graphgrad.draw.formats.svg import svg
from graphgrad.draw.layout.travel import HOLD, PACE, TRAVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.draw.layout.drawing import Drawing
    from graphgrad.draw.theme import Palette

__all__ = ["MOVING", "Moment", "moments", "moving", "scale_of"]

RATE: Final = 20
"""Pictures in a second."""

MAX_SIZE: Final = (1920, 1080)
"""The most pixels of a moving picture in width and in height: a slide's."""

MAX_PIXELS: Final = 250_000_000
"""The most pixels of all its pictures together; of many steps, they are smaller."""

MAX_STEPS: Final = 100
"""The most steps that are drawn: of more, the pictures could not be read."""

COLOURS: Final = 255
"""The colours of a GIF and of an APNG."""

RAW: Final = ("-v", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgb24", "-framerate", str(RATE))
"""What ffmpeg is told of its input: the pixels of one picture after the other."""

CODEC: Final = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
"""The codec and the kind of colours that all programs for slides play."""

QUALITY: Final = ("-crf", "16", "-preset", "veryfast", "-tune", "animation", "-movflags", "+faststart")
"""How ffmpeg compresses: lines and letters stay sharp, and a page can play the file while it loads it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One of the pictures: its step, the share of the way's time that numbers have travelled, and how long it stays."""

    step: int
    share: float
    seconds: float


def moments(drawing: Drawing) -> Iterator[Moment]:
    """Yield the pictures of all steps: a step's numbers travel, then all stands still until the next step.

    >>> from types import SimpleNamespace as Made
    >>> still = Made(scene=Made(words=("the graph", "the inputs")), strokes=[])
    >>> list(moments(still))
    [Moment(step=0, share=1.0, seconds=1.2), Moment(step=1, share=1.0, seconds=6.0)]
    """
    last = len(drawing.scene.words) - 1
    moved = {stroke.step for stroke in drawing.strokes if stroke.moving is not None}
    pictures = round(TRAVEL * RATE)
    for step in range(last + 1):
        rest = PACE * (1 + HOLD if step == last else 1)
        if step and step in moved:
            yield from (Moment(step, i / pictures, 1 / RATE) for i in range(pictures))
            rest -= TRAVEL
        yield Moment(step, 1.0, round(rest, 6))


def moving(drawing: Drawing, form: str, dpi: float) -> bytes:
    """Return the steps of a drawing as a moving picture, one of `MOVING`.

    `dpi` is the highest resolution; the picture is no larger than `MAX_SIZE`. Raises `RenderError` where there are too
    many steps, or a package is missing.
    """
    steps = len(drawing.scene.words) - 1
    if steps > MAX_STEPS:
        hint = "draw one pass alone, close boxes, or draw the steps into a folder, as frames"
        raise RenderError(f"{steps} steps are too many for a moving picture: {MAX_STEPS} at most", hint=hint)
    write, image = MOVING[form], _pillow(form)
    shown = list(moments(drawing))
    scale = scale_of(drawing, len(shown), dpi)

    def drawn(moment: Moment) -> Any:
        picture = svg(drawing.at(moment.step, moment.share))
        return _opaque(image, png(picture, POINTS * scale), _ground(drawing.theme.light))

    return write(drawn(shown[-1]), map(drawn, shown), [moment.seconds for moment in shown])


def scale_of(drawing: Drawing, pictures: int, dpi: float) -> float:
    """Return the pixels of a point: those of the resolution, or fewer where the pictures would be too large."""
    left, low, right, high = drawing.bounds
    width, height = right - left, high - low
    sizes = (MAX_SIZE[0] - 1) / width, (MAX_SIZE[1] - 1) / height, sqrt(MAX_PIXELS / pictures / width / height)
    return min(dpi / POINTS, *sizes)


def _pillow(form: str) -> Any:
    """Return Pillow's module of images."""
    try:
        from PIL import Image
    except ImportError:
        message = f"a moving picture ({form.upper()}) is drawn by Pillow, which is not installed"
        raise RenderError(message, hint=install("video")) from None
    return Image


def _ground(palette: Palette) -> str:
    """Return the colour behind the pictures, which cannot be transparent: the card's or, without one, the paper's."""
    is_light_ink = int(palette.ink[1:3], 16) > 127  # noqa: PLR2004  half of the brightest
    return palette.card if palette.card != "none" else "black" if is_light_ink else "white"


def _opaque(image: Any, data: bytes, ground: str) -> Any:
    """Return a PNG as an image on a colour, with even sides, as videos need them."""
    drawn = image.open(io.BytesIO(data)).convert("RGBA")
    width, height = (side + side % 2 for side in drawn.size)
    behind = image.new("RGBA", (width, height), ground)
    behind.alpha_composite(drawn)
    return behind.convert("RGB")


def _animated(whole: Any, images: Iterator[Any], seconds: list[float], form: str) -> bytes:
    """Return a moving picture that plays for ever, in a format of Pillow's, and in the colours of the whole picture."""
    palette, file = _palette(whole), io.BytesIO()
    first, *others = (image.quantize(palette=palette, dither=0) for image in images)
    times = [round(1000 * each) for each in seconds]
    first.save(file, form, save_all=True, append_images=others, duration=times, loop=0)
    return file.getvalue()


def _palette(whole: Any) -> Any:
    """Return the most frequent colours of an image, so that white, ink and red stay exactly what they are.

    Pillow finds a pixel's colour by the upper six bits of its channels: of colours that are nearly alike, one is kept.
    """
    counted = sorted(whole.getcolors(whole.width * whole.height))
    distinct = {tuple(channel >> 3 for channel in colour): colour for _, colour in counted}
    kept = [colour for _, colour in reversed(counted) if colour in distinct.values()]
    palette = whole.resize((1, 1)).quantize()
    palette.putpalette([channel for colour in kept[:COLOURS] for channel in colour])
    return palette


def _mp4(whole: Any, images: Iterator[Any], seconds: list[float]) -> bytes:
    """Return a video (H.264) of constant rate, which all programs for slides play."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        raise RenderError(
            "a video is written by imageio-ffmpeg, which is not installed", hint=install("video")
        ) from None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "passes.mp4"
        size = "x".join(map(str, whole.size))
        try:
            command = [get_ffmpeg_exe(), *RAW, "-video_size", size, "-i", "-", *CODEC, *QUALITY, str(path)]
            _run(command, _repeated(images, seconds))
            return path.read_bytes()
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[-1:] or ["it does not say why"]
            raise RenderError(f"ffmpeg wrote no video: {reason[0]}", hint="draw a GIF or an APNG") from None


def _repeated(images: Iterator[Any], seconds: list[float]) -> Iterator[bytes]:
    """Yield the pixels of each picture of the video."""
    for image, time in zip(images, seconds, strict=True):
        data = image.tobytes()
        for _ in range(round(time * RATE)):
            yield data


def _run(command: list[str], pictures: Iterator[bytes]) -> None:
    """Run ffmpeg on pixels; a failure is a RuntimeError of what it says.

    imageio-ffmpeg's own function forks this process to run Python in the copy. With threads, as of JAX, that can hang,
    and JAX warns of it. A new process without such a function is started without that.
    """
    quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with TemporaryFile() as said:
        # A program that has ended early says why in `said`.
        with (
            suppress(BrokenPipeError),
            subprocess.Popen(  # noqa: S603  no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, creationflags=quiet
            ) as running,
        ):
            for data in pictures:
                running.stdin.write(data)  # type: ignore[union-attr]
        if running.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode(errors="replace"))


MOVING: Final[dict[str, Callable[[Any, Iterator[Any], list[float]], bytes]]] = {
    "gif": partial(_animated, form="GIF"),
    "apng": partial(_animated, form="PNG"),
    "mp4": _mp4,
}
"""The functions that write a moving picture, by the file's suffix: from the whole picture, all images, their times."""
