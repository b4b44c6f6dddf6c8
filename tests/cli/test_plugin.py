"""`--plugin FILE.py` brings operations of the user's own; its errors are shown with file and line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graphgrad.cli import main

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = """\
import graphgrad as gg

operations = gg.OPERATIONS.with_(
    gg.Op("swish", lambda m, x: x / (1 + m.exp(-x)), d=(lambda m, z, x: m.sigmoid(x) * (1 + x - z),),
          about="x times the sigmoid of x"),
)
"""


def written(folder: Path, text: str, name: str = "my_ops.py") -> str:
    """Write a plugin, and return its path."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_plugin_brings_operations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is checked as any other."""
    assert main(["swish(x)*y", "--at", "x=1,y=2", "--plugin", written(tmp_path, PLUGIN), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["value"] == pytest.approx(1.4621171572600098)
    assert answer["check"]["ok"]


@pytest.mark.parametrize("dialect", ["graphgrad", "python", "matlab"])
def test_a_plugin_is_run_once(dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a program, whatever dialect the expression is in."""
    plugin = written(tmp_path, f"{PLUGIN}print('run')\n")
    assert main(["swish(x)*2", "--at", "x=1", "--from", dialect, "--plugin", plugin]) == 0
    assert capsys.readouterr().out.count("run") == 1


def test_nothing_is_left_beside_a_plugin(tmp_path: Path) -> None:
    """No compiled file."""
    assert main(["swish(1)", "--plugin", written(tmp_path, PLUGIN), "--check", "off"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["my_ops.py"]


def test_its_operations_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Last, or by a word."""
    plugin = written(tmp_path, PLUGIN)
    assert main(["--operations", "--plugin", plugin]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "Operations of your own",
        "  swish(x)         x times the sigmoid of x; derivatives sigmoid(x)*(1 + x - swish(x))",
    ]
    assert main(["--operations", "times the sigmoid", "--plugin", plugin]) == 0
    assert capsys.readouterr().out.splitlines() == lines[-2:]


def test_its_operations_work_on_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Column by column."""
    (tmp_path / "data.csv").write_text("x,y\n0,1\n1,2\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    arguments = ["--data", str(tmp_path / "data.csv"), "--out", str(out), "--plugin", written(tmp_path, PLUGIN)]
    assert main(["swish(x)*y", *arguments]) == 0
    capsys.readouterr()
    rows = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()]
    assert [float(row[2]) for row in rows[1:]] == pytest.approx([0, 1.4621171572600098])


def test_a_wrong_derivative_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With exit status 1, and the name of the operation."""
    wrong = PLUGIN.replace("m.sigmoid(x) * (1 + x - z)", "z")
    assert main(["swish(x)", "--at", "x=1", "--plugin", written(tmp_path, wrong)]) == 1
    assert "failed: ∂(swish(x))/∂x" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (1,\ny = 2\n", "my_ops.py, line 1: '(' was never closed"),
        ("def f():\n    return 1/0\n\nf()\n", "my_ops.py, line 2: ZeroDivisionError: division by zero"),
        ("import no_such_module\n", "my_ops.py, line 1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("\nraise SystemExit(3)\n", "my_ops.py, line 2: SystemExit: 3"),
        (
            "import graphgrad as gg\ngg.OPERATIONS.with_(gg.Op('a', lambda m, x: x))\n",
            "my_ops.py, line 2: the operation a",
        ),
        ("x = 1\n", "my_ops.py defines no operations"),
        ("operations = [1]\n", "my_ops.py has a list as its operations, not a table"),
    ],
)
def test_errors_are_shown_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """As wrong input: exit status 2, without a traceback."""
    assert main(["x", "--at", "x=1", "--plugin", written(tmp_path, text)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize("name", ["my-ops.py", "my_ops.txt"])
def test_a_plugin_is_a_module(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """It has the name of one, so that other processes can import it."""
    assert main(["x", "--at", "x=1", "--plugin", written(tmp_path, PLUGIN, name)]) == 2
    assert "is no module of Python" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["json.py", "numpy.py", "colorsys.py"])
def test_a_plugin_takes_the_place_of_no_other_module(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Whether it is imported already or not."""
    assert main(["x", "--at", "x=1", "--plugin", written(tmp_path, PLUGIN, name)]) == 2
    assert "has the name of another module" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["missing.py", "."])
def test_a_plugin_that_cannot_be_read_is_a_failed_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Exit status 3."""
    assert main(["x", "--at", "x=1", "--plugin", str(tmp_path / name)]) == 3
    assert "cannot read the plugin" in capsys.readouterr().err


def test_a_plugin_is_never_looked_for(tmp_path: Path) -> None:
    """A file in the folder is run only where it is named."""
    written(tmp_path, "raise SystemExit('run')\n")
    command = [sys.executable, "-m", "graphgrad", "x**2", "--at", "x=3", "--check", "off"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
