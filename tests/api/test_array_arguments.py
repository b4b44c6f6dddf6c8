"""Arrays as they are written on the command line: nested lists, and files of NumPy's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.api import point
from graphgrad.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_nested_lists_are_arrays() -> None:
    """Commas in brackets do not separate assignments, and an entry may be an expression."""
    assert point("x=[[1, 2], [3, 4]], y=[1/2, max(1, 2)], z=3") == {"x": [[1, 2], [3, 4]], "y": [0.5, 2], "z": 3}
    assert point("x=[]") == {"x": []}


@pytest.mark.parametrize("text", ["x=[1", "x=1]", "x=[1]2", "x=[,1]", "x=[1][2]", "x=2[1]", "x=[[1]"])
def test_what_is_no_array_is_told(text: str) -> None:
    """A bracket too few or too many is an error, not a guess."""
    with pytest.raises(gg.GraphgradError, match=r"array|number|operator|missing|read|closes|NAME"):
        point(text)


def test_an_entry_that_is_no_number_is_told() -> None:
    """Names mean nothing there."""
    with pytest.raises(gg.GraphgradError, match="the value is no number"):
        point("x=[1, y]")


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    """Return what the command prints as JSON."""
    assert main([*argv, "--json", "--check", "off"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_files_of_numpys_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A .npy file, a member of a .npz file by its name, and the member that is called as the input."""
    np.save(tmp_path / "w.npy", [[1.0], [2.0]])
    np.savez(tmp_path / "data.npz", x=[[1, 2], [3, 4]], bias=[5])
    at = f"w=@{tmp_path}/w.npy,x=@{tmp_path}/data.npz,b=@{tmp_path}/data.npz:bias"
    answer = run(capsys, "sum(x @ w + b)", "--at", at)
    assert answer["value"] == 26
    assert answer["grad"] == {"x": [[1, 2], [1, 2]], "w": [[4], [6]], "b": [2]}


def test_a_seed_comes_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """As a number or as an array."""
    assert run(capsys, "2*x", "--at", "x=[1,2]", "--seed", "1")["grad"] == {"x": [2, 2]}
    assert run(capsys, "2*x", "--at", "x=[1,2]", "--seed", "[1,0]")["grad"] == {"x": [2, 0]}


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.npy", "cannot read"), ("text.npy", "holds no array"), ("pickled.npy", "holds no array"),
     ("data.npz:z", "has no member 'z'")],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told(
    name: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in a file is ever run; what is wrong with it is said in a sentence, and by the exit status."""
    (tmp_path / "text.npy").write_text("1, 2, 3")
    np.save(tmp_path / "pickled.npy", np.array([object()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "data.npz", x=[1], y=[2])
    assert main(["sum(x)", "--at", f"x=@{tmp_path}/{name}"]) == (3 if message == "cannot read" else 2)
    assert message in capsys.readouterr().err


def test_files_are_read_for_the_command_alone() -> None:
    """A document that is built reads no files for its numbers."""
    with pytest.raises(gg.GraphgradError, match="a file cannot be read here"):
        point("x=@w.npy")
