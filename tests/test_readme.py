"""The README tells the truth: every command in it prints what stands below it, every file it shows is there.

Its Python examples are doctests. Run as a program, this file writes the commands' present output into the README.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tempfile
from pathlib import Path

import pytest

from graphgrad.cli import main

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)
PROMPT = "$ graphgrad "


def commands(text: str) -> list[str]:
    """Return the commands of a console block, or of all of them."""
    return [line for line in text.splitlines() if line.startswith(PROMPT)]


def output(command: str) -> str:
    """Return what a command prints, run in an empty folder."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # noqa: SIM117  in this order
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            main(shlex.split(command.removeprefix(PROMPT)))
    return printed.getvalue()


def rewritten(block: re.Match[str]) -> str:
    """Return a console block with each command's present output."""
    return "".join(f"{command}\n{output(command)}" for command in commands(block.group()))


BLOCKS = [pytest.param(block, id=commands(block.group())[0]) for block in BLOCK.finditer(TEXT)]


@pytest.mark.parametrize("block", BLOCKS)
def test_commands_print_what_is_shown(block: re.Match[str]) -> None:
    """A console block shows its commands' output to the letter."""
    assert block.group() == rewritten(block)


@pytest.mark.parametrize("path", re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT))
def test_linked_files_are_there(path: str) -> None:
    """A relative link or picture leads to a file of the repository."""
    assert (README.parent / path).is_file()


@pytest.mark.parametrize("name", ["main", "tests"])
def test_commands_for_a_fresh_machine_are_marked(name: str) -> None:
    """The two commands that `.ci/run` runs to the letter are one line each, under their marks."""
    assert len(re.findall(rf"<!-- run: {name} -->\n```sh\n[^\n]+\n```\n", TEXT)) == 1


if __name__ == "__main__":
    README.write_text(BLOCK.sub(rewritten, TEXT), encoding="utf-8")
