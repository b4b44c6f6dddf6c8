"""What the command says of changes and errors, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pictures import texts

from graphgrad.cli import main

if TYPE_CHECKING:
    from pathlib import Path

BILL = ("apple*n*tax", "--at", "apple=100,n=5,tax=1.08", "--check", "off")


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> Any:
    """Return the JSON of a run."""
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_change_is_predicted_and_recomputed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--change` answers the seed's question, as text and as JSON."""
    assert main([*BILL, "--change", "apple=+1"]) == 0
    assert "+1       +5.4        +5.4" in capsys.readouterr().out
    change = answer(capsys, *BILL, "--change", "apple=+1,tax=10%")["sensitivity"]["inputs"]["apple"]["change"]
    assert change["predicted"] == 5.4
    assert change["linear"] is True


def test_sensitivity_alone_needs_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    """`--sensitivity` gives derivatives and elasticities."""
    assert main([*BILL, "--sensitivity"]) == 0
    assert "derivative  % per %\n" in capsys.readouterr().out
    assert answer(capsys, *BILL, "--sensitivity")["sensitivity"]["inputs"]["n"]["elasticity"] == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("--at", "x=3,y=4", "--error", "x=±0.3,y=±0.4"),
        ("--at", "x=3±0.3", "--at", "y=4+-0.4"),
        ("--at", "x=3±10%,y=4", "--error", "y=10%"),
        ("--at", "x=3 +/- 0.3, y=2*(1+1) ± 0.1*4"),
    ],
)
def test_errors_are_given_apart_or_beside_the_value(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]) -> None:
    """`--error` and `--at x=3±0.3` say the same."""
    error = answer(capsys, "x*y", *argv, "--check", "off")["error"]
    assert error["error"] == pytest.approx(1.2 * 2**0.5)
    assert error["inputs"]["x"]["share"] == pytest.approx(0.5)


def test_the_shares_are_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A picture has each input's error and share beside its name."""
    assert main(["x*y", "--at", "x=3±0.3,y=4", "-o", str(tmp_path / "a.svg"), "--check", "off"]) == 0
    assert "x ± 0.3 (100 %)" in texts((tmp_path / "a.svg").read_text(encoding="utf-8"))
    assert "value = 12 ± 1.2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--change", "apple"), "--change apple: not NAME=VALUE"),
        (("--change", "apple=much"), "apple: much is no amount"),
        (("--change", "pear=1"), "'pear' is not an input"),
        (("--error", "apple=-2"), "an error of -2 is none"),
        (("--at", "apple=100±2", "--error", "apple=2"), "apple has an error in --at and in --error"),
    ],
)
def test_wrong_amounts_are_told(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], told: str) -> None:
    """What is no amount, or of no input, is an error of the input."""
    assert main(["apple*2", "--at", "apple=100", *argv] if argv[0] != "--at" else ["apple*2", *argv]) == 2
    assert told in capsys.readouterr().err
