"""The digits: what the example and its page in the documentation promise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pictures import classes, texts
from scripts import script

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def digits() -> Any:
    """Return the example as a module."""
    return script("examples/digits.py")


def test_the_network_learns(digits: Any) -> None:
    """Trained by its gradient alone, it gets at least 97 % of digits right that it has never seen."""
    epochs = list(digits.train(*digits.digits()))
    assert epochs[-1].loss < epochs[0].loss / 10
    assert epochs[-1].test_accuracy >= 0.97


def test_the_network_learns_by_adam(digits: Any) -> None:
    """Three formulas update means, squares and weights: 20 epochs are enough for 97 % of the digits of the test."""
    data, test = digits.digits()
    scores = digits.graphgrad.parse(digits.SCORES).compile(wrt=[])
    assert digits.accuracy(scores(x=test.x, **digits.train_by_adam(data))[0], test) >= 0.97


def test_both_gradients_agree(digits: Any) -> None:
    """Central differences and backprop give the same derivative by every parameter, to 1e-6."""
    found = digits.compare(digits.digits()[0], hidden=5, repeats=1)
    assert found.parameters == 64 * 5 + 5 + 5 * 10 + 10
    assert found.furthest < 1e-6
    assert found.differences.keys() == digits.parameters().keys()


def test_it_prints_and_draws(
    digits: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It reports the accuracy, both times, the differences; the graph is the committed one, the curves are drawn."""
    monkeypatch.setattr(digits, "SIZES", (2, 3))
    monkeypatch.setattr(digits, "HIDDEN", 50)
    monkeypatch.setattr(digits, "EPOCHS", 2)
    digits.main(tmp_path)
    out = capsys.readouterr().out
    assert "of the test" in out
    assert "mean absolute differences: W1 " in out
    assert "<svg" in (tmp_path / "digits-training.svg").read_text("utf-8")
    fresh, committed = (folder.joinpath("digits-graph.svg").read_text("utf-8") for folder in (tmp_path, ROOT / "docs"))
    assert texts(fresh) == texts(committed)
    assert classes(fresh) == classes(committed)
