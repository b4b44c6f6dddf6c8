"""Moving pictures: numbers that travel along their arrows, in SVG, GIF, APNG and MP4; and frames as PNG."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Any

import pytest
from pictures import SVG, read, texts

import graphgrad as gg
from graphgrad.cli import main
from graphgrad.draw import PictureOptions, view_of
from graphgrad.draw.choice import chosen_drawing
from graphgrad.draw.formats import moving
from graphgrad.draw.formats.svg import svg
from graphgrad.draw.layout.travel import HOLD, PACE, journey
from graphgrad.draw.render import stepped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from graphgrad.draw import Drawing, ThemeName
    from graphgrad.draw.words import SchemeName

RESULT = gg.parse("x*y + x").backprop({"x": 2, "y": 3})
STEPS = 7
"""The last step of that result: inputs, ×, +, backward from 1, back through + and ×."""

TEXTS = ["x*y + x", "s = x*y; sqrt(s)/z - 2*s + y**2", "exp(x)*y - z", "max(x, y)*z + where(x > y, x, z)", "2*3"]


def drawing(text: str, **options: Any) -> Drawing:
    """Return the steps of an expression in x, y and z, placed."""
    graph = gg.parse(text)
    result = graph.backprop({name: value for name, value in {"x": 2, "y": 3, "z": 5}.items() if name in graph.inputs})
    chosen = PictureOptions(engine="embedded", **options)
    return stepped(chosen_drawing(view_of(result.passes), chosen))


@pytest.fixture
def pillow() -> ModuleType:
    """Return Pillow's module of images."""
    image: ModuleType = pytest.importorskip("PIL.Image")
    return image


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("options", [{}, {"local": True}, {"theme": "minimal"}], ids=str)
def test_a_number_travels_to_its_place(text: str, options: dict[str, Any]) -> None:
    """Each number on an arrow has a way that ends where it stands, and begins beside the start of the arrow."""
    placed = drawing(text, **options)
    numbered = [stroke for stroke in placed.strokes if stroke.labels]
    assert numbered
    for stroke in numbered:
        way = journey(stroke, placed.theme.label_size)
        assert way is not None
        assert stroke.moving is not None
        assert len(way) % 3 == 1
        assert dist(way[-1], stroke.labels[stroke.moving].place) < 1e-6
        assert dist(way[0], stroke.route[0]) < dist(stroke.route[0], stroke.route[-1]) + 40


@pytest.mark.parametrize("text", TEXTS)
def test_a_number_moves_slowly_then_fast_then_slowly(text: str) -> None:
    """On the way to its place it never goes back, and covers most of the way in the middle of its time."""
    placed = drawing(text)
    last = len(placed.scene.words) - 1
    places = [places_at(placed.at(step, i / 8)) for step in (1, last) for i in range(9)]
    for key in places[0].keys() & places[8].keys():
        steps = [dist(a[key], b[key]) for a, b in pairwise(places[:9])]
        assert max(steps[0], steps[-1]) <= max(steps[3:5])


def places_at(placed: Drawing) -> dict[str, tuple[float, float]]:
    """Return where the travelling numbers of a drawing are."""
    return {stroke.key: stroke.labels[stroke.moving].place for stroke in placed.strokes if stroke.moving is not None}


def test_only_the_step_s_own_numbers_move() -> None:
    """On the way to a step, all earlier numbers stand still, and no box moves."""
    placed = drawing("x*y + x")
    before, after = places_at(placed.at(3, 0.25)), places_at(placed.at(3))
    moved = {key for key in after if before[key] != after[key]}
    assert moved == {stroke.key for stroke in placed.strokes if stroke.step == 3 and stroke.labels}
    assert list(placed.at(3, 0.25).panels) == list(placed.at(3).panels)


def test_the_number_travels_alone() -> None:
    """Local derivatives and textbook formulas beside a number stand still, and so do texts in records."""
    placed = drawing("x*y", local=True)
    [stroke] = [stroke for stroke in placed.strokes if stroke.key == "e0_2_0-backward"]
    [early] = [each for each in placed.at(stroke.step, 0.1).strokes if each.key == stroke.key]
    assert stroke.moving == 0
    assert early.labels[0] != stroke.labels[0]
    assert early.labels[1:] == stroke.labels[1:]
    assert {stroke.moving for stroke in drawing("x*y", theme="record", local=True).strokes} == {None}


def test_an_adjoint_s_formula_stands_still() -> None:
    """Of the formula of an adjoint and its number, the number travels."""
    result = gg.parse("softmax_cross_entropy(y, t)").backprop({"y": [[1.0, 2, 3]], "t": [[0.0, 0, 1]]})
    chosen = PictureOptions(engine="embedded", values=True)
    placed = stepped(chosen_drawing(view_of(result.passes), chosen))
    [stroke] = [stroke for stroke in placed.strokes if stroke.key == "e0_2_0-backward"]
    assert stroke.moving == 1
    assert stroke.labels[1].text.startswith("[")


def test_a_browser_moves_the_numbers(tmp_path: Path) -> None:
    """In the playing SVG each number has a way that ends in its place, so that it stands there without motion."""
    picture = RESULT.frames(tmp_path, engine="embedded")[-1].read_text(encoding="utf-8")
    ways = [group for group in read(picture).iter(f"{SVG}g") if "offset-path" in group.get("style", "")]
    placed = drawing("x*y + x")
    assert len(ways) == sum(stroke.moving is not None for stroke in placed.strokes)
    for way in ways:
        style = way.attrib["style"]
        assert re.search(r"path\('M-?[\d.]+,-?[\d.]+C[-\d., ]+ 0,0'\);offset-distance:100%;offset-rotate:0deg$", style)
        assert re.search(rf"\.{way.attrib['class']} {{ animation", picture)
    still = picture.partition("@media (prefers-reduced-motion: no-preference)")[0]
    assert "offset" not in still


def test_frames_as_png(tmp_path: Path, pillow: ModuleType) -> None:
    """Steps are drawn as PNG, all of one size, in the resolution asked for; the playing SVG is beside them."""
    names = [f"step-{i}.png" for i in range(STEPS)]
    sizes = []
    for dpi in (36, 72):
        paths = RESULT.frames(tmp_path, format="png", png_dpi=dpi, engine="embedded")
        assert [path.name for path in paths] == [*names, "animated.svg"]
        sizes.append({pillow.open(io.BytesIO(path.read_bytes())).size for path in paths[:-1]})
    [(small, _)], [(large, _)] = sizes
    assert large == pytest.approx(2 * small, abs=2)


def test_a_wrong_format_of_frames(tmp_path: Path) -> None:
    """An unknown format is an error that names those there are, and nothing is written."""
    wrong: Any = "pgn"
    with pytest.raises(gg.RenderError, match=r"no steps are drawn as 'pgn'\ndid you mean 'png'\?"):
        RESULT.frames(tmp_path / "frames", format=wrong)
    with pytest.raises(gg.RenderError, match="the option 'png_dpi' cannot be 0"):
        RESULT.frames(tmp_path / "frames", format="png", png_dpi=0)
    assert list(tmp_path.iterdir()) == []


def test_the_command_draws_frames_as_png(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--steps is the format of the steps, and --dpi their resolution."""
    how = ["--check", "off", "--dpi", "40", "--frames", str(tmp_path), "--steps", "png"]
    assert main(["x*y", "--at", "x=2,y=3", *how]) == 0
    assert "step-0.png to step-4.png and animated.svg" in capsys.readouterr().out
    assert (tmp_path / "step-4.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("form", ["gif", "apng"])
def test_a_moving_picture(tmp_path: Path, pillow: ModuleType, form: str) -> None:
    """It plays for ever, shows each step as long as the playing SVG does, and ends with the whole picture."""
    RESULT.draw(tmp_path / f"passes.{form}", dpi=40, engine="embedded")
    data = (tmp_path / f"passes.{form}").read_bytes()
    picture = pillow.open(io.BytesIO(data))
    assert picture.info["loop"] == 0
    assert picture.n_frames > 2 * STEPS
    first = picture.convert("RGB")
    assert first.getpixel((picture.width // 2, 3)) == (255, 255, 255)
    seconds = sum(frame_times(picture)) / 1000
    assert seconds == pytest.approx(PACE * (STEPS + HOLD), abs=0.05 * STEPS)
    assert [is_red(first), is_red(picture.convert("RGB"))] == [False, True]


@pytest.mark.parametrize("theme", ["textbook", "minimal"])
def test_a_dark_picture_has_a_dark_ground(pillow: ModuleType, theme: ThemeName) -> None:
    """What is behind a moving picture has the colour of its scheme, also where there is no card."""
    schemes: dict[SchemeName, bool] = {"light": False, "dark": True}
    for scheme, dark in schemes.items():
        data = RESULT.render("gif", dpi=30, theme=theme, scheme=scheme, engine="embedded")
        corner = pillow.open(io.BytesIO(data)).convert("RGB").getpixel((0, 0))
        assert (max(corner) < 60) == dark


def frame_times(picture: Any) -> Iterator[float]:
    """Yield the milliseconds of each image of a moving picture."""
    for number in range(picture.n_frames):
        picture.seek(number)
        yield picture.info["duration"]


def is_red(image: Any) -> bool:
    """Tell whether an image has something red."""
    return any(red > 150 and green < 90 for _, (red, green, _) in image.getcolors(1 << 24))


def test_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An MP4 of H.264 has even sides, and lasts as long as all steps and the hold."""
    monkeypatch.setenv("IMAGEIO_FFMPEG_NO_PREVENT_SIGINT", "1")  # else its reader forks, of which JAX warns
    pytest.importorskip("PIL.Image")
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    RESULT.draw(tmp_path / "passes.mp4", dpi=40, engine="embedded")
    frames, seconds = ffmpeg.count_frames_and_secs(str(tmp_path / "passes.mp4"))
    assert seconds == pytest.approx(PACE * (STEPS + HOLD), abs=0.1)
    assert frames == pytest.approx(seconds * moving.RATE, abs=2)
    about = next(ffmpeg.read_frames(str(tmp_path / "passes.mp4")))
    assert about["codec"] == "h264"
    assert [side % 2 for side in about["size"]] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["passes.mp4"]


def test_pictures_of_a_slide_s_size() -> None:
    """However high the resolution, the pictures are no larger than a slide, and of many steps they are smaller."""
    placed = drawing("x*y + x")
    left, low, right, high = placed.bounds
    width, height = right - left, high - low
    scale = moving.scale_of(placed, 50, 10_000)
    assert width * scale < moving.MAX_SIZE[0]
    assert height * scale < moving.MAX_SIZE[1]
    assert moving.scale_of(placed, 5_000, 10_000) ** 2 * width * height * 5_000 <= moving.MAX_PIXELS * 1.001
    assert moving.scale_of(placed, 50, 36) == 0.5


def test_too_many_steps(tmp_path: Path) -> None:
    """A picture of very many steps is refused, with what to do instead."""
    pytest.importorskip("PIL.Image")
    text = "; ".join(["v0 = x", *(f"v{k} = sin(v{k - 1})" for k in range(1, moving.MAX_STEPS))])
    result = gg.parse(text).backprop({"x": 1})
    with pytest.raises(
        gg.RenderError, match=r"\d+ steps are too many for a moving picture: 100 at most\ndraw one pass"
    ):
        result.draw(tmp_path / "long.gif", engine="embedded", expand="*")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("form", "package", "name"),
    [
        ("gif", "PIL", "Pillow"),
        ("apng", "PIL", "Pillow"),
        ("mp4", "PIL", "Pillow"),
        ("mp4", "imageio_ffmpeg", "imageio"),
    ],
)
def test_a_missing_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, package: str, name: str) -> None:
    """Without the extra, the error names the package and what to install, and no file is left."""
    pytest.importorskip("PIL.Image")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(gg.RenderError, match=rf"(?s){name}.*not installed.*pip install .*\[video\]"):
        RESULT.draw(tmp_path / f"passes.{form}", dpi=40, engine="embedded")
    assert list(tmp_path.iterdir()) == []


def test_no_copy_of_this_process_is_made_for_a_video(tmp_path: Path) -> None:
    """Python is not forked: JAX, and others with threads, warn of it, and the copy can hang."""
    pytest.importorskip("PIL.Image")
    pytest.importorskip("imageio_ffmpeg")
    script = (
        "import os, graphgrad as gg; os.register_at_fork(before=lambda: print('forked'));"
        f"gg.parse('2*3').backprop().draw({str(tmp_path / 'passes.mp4')!r}, dpi=20, engine='embedded')"
    )
    assert subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout == b""


@pytest.mark.skipif(sys.platform == "win32", reason="the broken program is a shell script")
def test_a_broken_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of ffmpeg is an error with its reason, and no file is left."""
    pytest.importorskip("PIL.Image")
    ffmpeg = pytest.importorskip("imageio_ffmpeg")

    broken = tmp_path.parent / f"{tmp_path.name}-ffmpeg"
    broken.write_text("#!/bin/sh\necho 'some words\nthe codec is missing' >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(ffmpeg, "get_ffmpeg_exe", lambda: str(broken))
    with pytest.raises(gg.RenderError, match="ffmpeg wrote no video: the codec is missing\ndraw a GIF"):
        RESULT.draw(tmp_path / "passes.mp4", dpi=40, engine="embedded")
    assert list(tmp_path.iterdir()) == []


def test_plain_formats_do_not_load_the_packages_of_videos() -> None:
    """An SVG is drawn without Pillow and ffmpeg."""
    script = (
        "import sys, graphgrad as gg; gg.parse('2*3').backprop().render('svg');"
        "assert not {'PIL', 'imageio_ffmpeg', 'resvg_py'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_way_is_that_of_the_picture() -> None:
    """A picture on the way shows the same texts as the step that it leads to."""
    placed = drawing("x*y + x")
    assert sorted(texts(svg(placed.at(4, 0.5)))) == sorted(texts(svg(placed.at(4))))
