"""A convolutional network as the page on the library has it: a step of training, its gradient, and its picture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import classes, texts

import graphgrad as gg

DOCS = Path(__file__).parents[1] / "docs"
SHOWN = re.search(
    r'network = gg\.parse\("""\n(.*?)\n   \.\.\. """\)', (DOCS / "library.rst").read_text("utf-8"), re.DOTALL
)
NETWORK = gg.parse(SHOWN[1].replace("   ... ", "")) if SHOWN else gg.parse("0")
WEIGHTS = ["w", "scale", "shift", "v", "c"]


@pytest.fixture
def point() -> dict[str, Any]:
    """Return data and weights as the page draws them."""
    draw = np.random.default_rng(0)
    data = {"x": draw.normal(size=(2, 1, 4, 4)), "t": [0, 1], "mask": draw.random((2, 8)) > 0.5}
    w, v = draw.normal(size=(2, 1, 3, 3)) / 3, draw.normal(size=(8, 2)) / 3
    return data | {"w": w, "scale": np.ones((2, 1, 1)), "shift": np.zeros((2, 1, 1)), "v": v, "c": np.zeros(2)}


def test_its_gradient_is_checked_completely(point: dict[str, Any]) -> None:
    """At a point with ties among the entries of windows, each rule and each gradient is held against a second one."""
    report = NETWORK.backprop(point, wrt=WEIGHTS).check()
    assert report.ok
    assert report.complete


def test_its_gradient_is_the_slope(point: dict[str, Any]) -> None:
    """Along each weight, the loss changes as its derivative says; the step is central, its error is cubic."""
    grad = NETWORK.backprop(point, wrt=WEIGHTS).grad

    def loss(name: str, place: tuple[int, ...], by: float) -> float:
        moved = np.array(point[name], float)
        moved[place] += by
        return float(NETWORK.backprop(point | {name: moved}, wrt=[]).value)

    for name in WEIGHTS:
        place = tuple(0 for _ in np.shape(point[name]))
        slope = (loss(name, place, 1e-5) - loss(name, place, -1e-5)) / 2e-5
        assert slope == pytest.approx(grad[name][place], rel=1e-5, abs=1e-9)


def test_it_learns(point: dict[str, Any]) -> None:
    """The compiled step lowers the loss each time."""
    step, losses = NETWORK.compile(wrt=WEIGHTS), []
    for _ in range(5):
        loss, grad = step(**point)
        losses.append(loss)
        point |= {name: point[name] - 0.1 * grad[name] for name in WEIGHTS}
    assert losses == sorted(losses, reverse=True)


def test_its_picture_is_the_committed_one(point: dict[str, Any], tmp_path: Path) -> None:
    """The page shows the network at that point."""
    file = tmp_path / "network.svg"
    NETWORK.backprop(point, wrt=WEIGHTS).draw(file)
    fresh, committed = (path.read_text("utf-8") for path in (file, DOCS / "library-network.svg"))
    assert texts(fresh) == texts(committed)
    assert classes(fresh) == classes(committed)
