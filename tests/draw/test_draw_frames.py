"""Frames: both passes step by step, in files and in one picture that plays by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from pictures import SVG, classes, read, texts

import graphgrad as gg
from graphgrad.cli import main
from graphgrad.draw import schedule, view_of

if TYPE_CHECKING:
    from pathlib import Path

FRUITS = "(apple*n + orange*m)*tax"
AT = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
KEPT = ("x", "y", "cx", "cy", "width", "height", "viewBox")


@pytest.fixture
def frames(tmp_path: Path) -> list[str]:
    """Return the pictures of the fruits, the playing one last."""
    paths = gg.parse(FRUITS).backprop(AT).frames(tmp_path / "new" / "folder", engine="embedded")
    return [path.read_text(encoding="utf-8") for path in paths]


def boxes(svg: str) -> list[dict[str, str]]:
    """Return where a picture's boxes are, and how large it is."""
    found = [read(svg), *read(svg).iter(f"{SVG}ellipse")]
    return [{name: each.attrib[name] for name in KEPT if name in each.attrib} for each in found]


def test_steps() -> None:
    """Values come operation by operation, then adjoints in the reverse order."""
    assert schedule(view_of(gg.parse("s = x*y; s + y").backprop({"x": 2, "y": 3}).passes)).words == (
        "the graph",
        "the inputs",
        "s = 6",
        "+ = 9",
        "backward from 1",
        "back through +",
        "back through s",
    )


def test_one_picture_per_step(tmp_path: Path) -> None:
    """The files are numbered so that they sort, and the last one plays."""
    paths = gg.parse(FRUITS).backprop(AT).frames(tmp_path, engine="embedded")
    assert [path.name for path in paths] == [*(f"step-{i:02}.svg" for i in range(11)), "animated.svg"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_the_layout_stays(frames: list[str]) -> None:
    """From step to step, no box moves and the picture keeps its size."""
    assert all(boxes(svg) == boxes(frames[0]) for svg in frames)


def test_lines_and_numbers_are_added(frames: list[str]) -> None:
    """The first picture has no number, each step adds some, the last one has all."""
    counts = [classes(svg) for svg in frames[:-1]]
    assert [count["forward"] for count in counts] == [0, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9]
    assert [count["backward"] for count in counts] == [0, 0, 0, 0, 0, 0, 1, 3, 5, 7, 9]
    assert not [text for text in texts(frames[0])[:-1] if text.isdigit()]
    assert {"100", "200", "650", "715", "2.2", "165"} <= set(texts(frames[10]))


def test_each_step_says_what_happens(frames: list[str]) -> None:
    """A caption below the picture tells the step, and the title as well."""
    assert texts(frames[4])[-1] == "step 4 of 10: + = 650"
    assert (read(frames[4]).findtext(f"{SVG}title") or "").endswith("step 4 of 10: + = 650")


def test_a_sum_comes_when_all_its_parts_are_there(tmp_path: Path) -> None:
    """Where a value fans out, its adjoint appears with the last contribution."""
    paths = gg.parse("x*x + sin(x)").backprop({"x": 0}).frames(tmp_path, engine="embedded")
    svgs = [path.read_text(encoding="utf-8") for path in paths]
    assert ["t0-backward" in svg for svg in svgs[:-1]] == [False] * 8 + [True]


def test_one_pass_alone(tmp_path: Path) -> None:
    """The backward pass alone begins with 1 at the output."""
    paths = gg.parse("x*y").backprop({"x": 2, "y": 3}).frames(tmp_path, passes="backward", engine="embedded")
    assert len(paths) == 4
    assert classes(paths[1].read_text(encoding="utf-8"))["backward"] == 1


def test_records_keep_their_size(tmp_path: Path) -> None:
    """In the record theme, a box has room for numbers that are not there yet."""
    paths = gg.parse("x*y").backprop({"x": 2, "y": 3}).frames(tmp_path, theme="record", engine="embedded")
    svgs = [path.read_text(encoding="utf-8") for path in paths]
    widths = [[rect.attrib["width"] for rect in read(svg).iter(f"{SVG}rect")] for svg in svgs]
    assert all(each == widths[0] for each in widths)
    assert "data" in texts(svgs[0])
    assert "data 2" in texts(svgs[1])


def test_the_playing_picture_needs_no_script(frames: list[str]) -> None:
    """It is moved by its style sheet alone, and only for those who do not mind motion."""
    svg = frames[-1]
    assert "<script" not in svg
    assert "<animate" not in svg
    still, _, moving = svg.partition("@media (prefers-reduced-motion: no-preference)")
    assert "animation" not in still
    assert moving.count("@keyframes") == 22


def test_the_playing_picture_is_whole_where_it_stands_still(frames: list[str]) -> None:
    """Without its motion it shows what the last step shows, and one caption."""
    root = read(frames[-1])
    hidden = [text.text for group in root.iter(f"{SVG}g") if group.get("opacity") == "0" for text in group]
    assert len(hidden) == 10
    assert sorted(set(texts(frames[-1])) - set(hidden)) == sorted(set(texts(frames[-2])))


def test_every_class_that_moves_has_its_rule(frames: list[str]) -> None:
    """What appears with a step is told by the style sheet when."""
    moved = {name for group in read(frames[-1]).iter() for name in group.get("class", "").split()}
    steps = {name for name in moved if re.fullmatch(r"gg-[st]\d+", name)}
    assert {f"gg-s{step}" for step in range(1, 11)} <= steps
    assert all(f".{name} {{ animation" in frames[-1] for name in steps)


def test_names_of_keyframes_are_the_pictures_own(tmp_path: Path) -> None:
    """Two pictures of different lengths can play on one page."""
    names = []
    for text in ("x*y", "x*y + x"):
        gg.parse(text).backprop({"x": 2, "y": 3}).frames(tmp_path, engine="embedded")
        names.append(set(re.findall(r"@keyframes (\S+)", (tmp_path / "animated.svg").read_text(encoding="utf-8"))))
    assert not names[0] & names[1]


@pytest.mark.parametrize("name", ['"><script>', "]]>", r"\end{document}"])
def test_every_name_is_text(tmp_path: Path, name: str) -> None:
    """Names are text in every frame."""
    for path in gg.parse("1*2", name_literals=[name]).backprop().frames(tmp_path, engine="embedded"):
        assert name in texts(path.read_text(encoding="utf-8"))


def test_nothing_is_written_where_something_fails(tmp_path: Path) -> None:
    """A failure leaves no folder and no frame behind."""
    with pytest.raises(gg.RenderError, match="no layout"):
        gg.parse("x*y").backprop({"x": 2, "y": 3}).frames(tmp_path / "frames", engine=lambda _: "steam")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the folder should be is an error, not a traceback."""
    (tmp_path / "frames").touch()
    with pytest.raises(gg.RenderError, match="cannot make the folder"):
        gg.parse("x").backprop({"x": 2}).frames(tmp_path / "frames", engine="embedded")


def test_the_command_draws_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--frames takes a folder, and the command says what it wrote."""
    assert main(["x*y", "--at", "x=2,y=3", "--check", "off", "--frames", str(tmp_path)]) == 0
    assert f"wrote {tmp_path / 'step-0.svg'} to step-4.svg and animated.svg" in capsys.readouterr().out
    ET.parse(tmp_path / "animated.svg")
