"""README and documentation tell the truth: every command prints what stands below it, every linked file is there.

Their Python examples are doctests. Run as a program, this file writes the commands' present output into both.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import tempfile
from pathlib import Path
from runpy import run_path
from textwrap import dedent, indent

import pytest

from graphgrad.base.terminal_text import columns
from graphgrad.cli import main

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
INDEX = ROOT / "examples" / "README.md"
PATHS = (README, INDEX, *sorted((ROOT / "docs").glob("*.rst")), *sorted((ROOT / "docs").glob("*.md")))
TEXTS = {path: path.read_text(encoding="utf-8") for path in PATHS}
BLOCK = re.compile(
    r"""
    (?<=```console\n) (?:.*\n)*? (?=```)  # in Markdown
    | (?<=code-block::\ console\n\n) (?:\ +\S.*\n | \n(?=\ ))+  # in reStructuredText
    """,
    re.VERBOSE,
)
COMMAND = re.compile(r"^\$ (?:.*\\\n)*.*$", re.MULTILINE)
CODE_COLUMNS = 96
"""The characters of code in a line of a code host's column, 830 pixels wide."""


def commands(block: re.Match[str]) -> list[str]:
    """Return the commands of a console block; one that ends a line with a backslash goes on in the next."""
    return COMMAND.findall(dedent(block.group()))


def run(program: str, *arguments: str) -> None:
    """Run a command: `graphgrad` with its arguments, or `python` with a program of the examples."""
    if program == "graphgrad":
        main(arguments)
    else:
        [path] = arguments
        run_path(str(ROOT / path))["main"](Path())


def output(command: str) -> str:
    """Return what a command prints, run in a folder with the example tables and the plugin of the documents alone."""
    printed = io.BytesIO()
    stream = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        tables = (path for path in (ROOT / "examples").iterdir() if path.suffix in {".csv", ".xlsx"})
        for needed in (*tables, ROOT / "docs" / "my_ops.py"):
            shutil.copy(needed, folder)
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            run(*shlex.split(command.removeprefix("$ ").replace("\\\n", "")))
    return printed.getvalue().decode()


def rewritten(block: re.Match[str]) -> str:
    """Return a console block with each command's present output, as far to the right as it stands."""
    margin = block.group().partition("$")[0]
    return indent("".join(f"{command}\n{output(command)}" for command in commands(block)), margin)


BLOCKS = [
    pytest.param(block, id=f"{path.relative_to(ROOT)}: {command}")
    for path, text in TEXTS.items()
    for block in BLOCK.finditer(text)
    for command in commands(block)[:1] or ["no command"]
]


@pytest.mark.parametrize("block", BLOCKS)
def test_commands_print_what_is_shown(block: re.Match[str]) -> None:
    """A console block shows its commands' output to the letter."""
    assert block.group() == rewritten(block)


def test_every_console_block_is_run() -> None:
    """No block escapes by the way it is written."""
    assert sum(len(re.findall(r"```console|:: *console", text)) for text in TEXTS.values()) == len(BLOCKS)


MARKDOWN = {path: text for path, text in TEXTS.items() if path.suffix == ".md"}
FENCE = re.compile(r"^(`{3,})(.*)\n((?:.*\n)*?)\1$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
LINKS = [
    pytest.param(path.parent / link, id=f"{path.relative_to(ROOT)}: {link}")
    for path, text in MARKDOWN.items()
    for link in dict.fromkeys(LINK.findall(FENCE.sub("", text)))
]


@pytest.mark.parametrize("path", LINKS)
def test_linked_files_are_there(path: Path) -> None:
    """A relative link or picture in Markdown leads to a file of the repository."""
    assert path.is_file()


HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
WRITTEN_TARGET = re.compile(r'^<a id="([^"]+)"></a>$', re.MULTILINE)


@pytest.mark.parametrize("path", [path for path in PATHS if path.suffix == ".md"], ids=lambda path: path.name)
def test_links_within_a_page_lead_to_a_heading(path: Path) -> None:
    """A code host makes the target of a heading from its words, without punctuation; other targets are written."""
    targets = {*WRITTEN_TARGET.findall(TEXTS[path])} | {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(TEXTS[path])
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXTS[path])) <= targets


TYPESET = "math"
"""The language of fences that a code host shows as formulas."""

QUERY = re.compile(r" *CASE WHEN ")
"""The expression of a column in a query, which is one line however many columns it reads."""


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_is_shown_whole(path: Path) -> None:
    """Each line of a command, of its output and of code fits into a code host's column."""
    lines = [line for _, kind, code in FENCE.findall(MARKDOWN[path]) if kind != TYPESET for line in code.splitlines()]
    assert [line for line in lines if columns(line) > CODE_COLUMNS and not QUERY.match(line)] == []


@pytest.mark.parametrize("name", ["main", "tests"])
def test_commands_for_a_fresh_machine_are_marked(name: str) -> None:
    """The two commands that `.ci/run` runs to the letter stand under their marks, in lines that are shown whole."""
    [command] = re.findall(rf"<!-- run: {name} -->\n```sh\n((?:[^\n]+\n)+?)```\n", TEXTS[README])
    assert max(map(len, command.splitlines())) <= CODE_COLUMNS
    assert all(line.endswith("&&") for line in command.splitlines()[:-1])  # one command in several lines


if __name__ == "__main__":
    for path, text in TEXTS.items():
        path.write_text(BLOCK.sub(rewritten, text), encoding="utf-8")
