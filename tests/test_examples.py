"""The committed figures are what today's code draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import classes, read, texts
from scripts import script

EXAMPLES = Path(__file__).parent.parent / "examples"


def load() -> Any:
    """Return the script that draws the figures, as a module."""
    return script("examples/figures.py")


FIGURES = load()


@pytest.mark.parametrize("name", FIGURES.FIGURES)
def test_a_figure_is_up_to_date(name: str, tmp_path: Path) -> None:
    """Drawn again, a figure has the same texts, the same boxes and arrows, the same description."""
    FIGURES.draw(FIGURES.FIGURES[name], tmp_path / "figure.svg")
    fresh, committed = (path.read_text("utf-8") for path in (tmp_path / "figure.svg", EXAMPLES / f"{name}.svg"))
    assert texts(fresh) == texts(committed)
    assert classes(fresh) == classes(committed)
    assert read(fresh)[1].text == read(committed)[1].text


def test_the_frames_are_up_to_date(tmp_path: Path) -> None:
    """Drawn again, each step has the same texts, the same boxes and arrows; no step is left over."""
    FIGURES.draw(FIGURES.FIGURES["apple"], tmp_path / FIGURES.FRAMES)
    committed = {path.name: path for path in (EXAMPLES / FIGURES.FRAMES).iterdir()}
    fresh = {path.name: path for path in (tmp_path / FIGURES.FRAMES).iterdir()}
    assert committed.keys() == fresh.keys()
    for name, path in fresh.items():
        assert texts(path.read_text("utf-8")) == texts(committed[name].read_text("utf-8"))
        assert classes(path.read_text("utf-8")) == classes(committed[name].read_text("utf-8"))


def test_every_picture_has_its_figure() -> None:
    """No picture is left over from a figure that is gone."""
    assert {path.stem for path in EXAMPLES.glob("*.svg")} == set(FIGURES.FIGURES)


def test_the_large_figure_is_large() -> None:
    """The picture of sixty nodes has that many."""
    figure = classes((EXAMPLES / "sixty-nodes.svg").read_text("utf-8"))
    assert sum(figure[kind] for kind in ("input", "operation", "constant")) >= 60
