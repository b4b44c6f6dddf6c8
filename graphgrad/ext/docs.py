"""Run the command `graphgrad-docs`: draw the graphs in Markdown files into the pictures that follow them."""

from __future__ import annotations

import argparse
import re
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.base.files import make_folder, write_whole
from graphgrad.base.standard_streams import CHECK_FAILED, OK, run_command, status_of
from graphgrad.ext.block import header, line_of, read
from graphgrad.ext.fences import fences, picture_link, with_links

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from graphgrad.draw.words import EngineName
    from graphgrad.ext.fences import Fence

__all__ = ["main"]

STALE: Final = CHECK_FAILED

SUFFIXES: Final = (".md", ".markdown")

GEOMETRY: Final = re.compile(r'\s(?:x|y|[cr][xy]|d|points|width|height|viewBox|transform|font-size)="[^"]*"')
"""The attributes of places and sizes: engines differ in them, so they do not make a picture stale."""

NOT_IN_A_FILE: Final = {"caption", "explain", "page"}
"""The options that a committed picture cannot have: the text below it is the author's own."""

ABOUT: Final = """\
Draw the graphs in Markdown files into the SVG pictures that follow them.

A graph is a fence, or a comment where the text is not to be seen:

    ```graphgrad at="x=3" local             <!-- graphgrad at="x=3" local
    x**2                                    x**2
    ```                                     -->

    ![The square of x](square.svg)          ![The square of x](square.svg)

Where no picture follows, a link to a new one is written below. A picture's folder is made where it is missing. The
numbers are checked as those of `graphgrad` are.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    return run_command("graphgrad-docs", lambda: _main(_parser().parse_args(argv)))


def _main(options: argparse.Namespace) -> int:
    try:
        folders = {(path if path.is_dir() else path.parent).resolve() for path in map(Path, options.paths)}
        pages = [_Page(path, folders, options.engine, check=options.check) for path in _files(options.paths)]
    except GraphgradError as error:
        print(f"graphgrad-docs: {error}", file=sys.stderr)
        return status_of(error)
    statuses = [page.update() for page in pages]
    graph_count = sum(len(page.fences) for page in pages)
    print(f"{graph_count} graph{'s' * (graph_count != 1)} in {len(pages)} file{'s' * (len(pages) != 1)}")
    return max(statuses, default=OK)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="graphgrad-docs",
        description=ABOUT,
        epilog="exit status: 0 all well, 1 a picture is stale or a check failed, 2 the input was wrong, "
        "3 a file could not be read or written, 130 interrupted",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a Markdown file, or a folder to look for them in")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a picture is stale")
    parser.add_argument(
        "--engine",
        choices=("embedded", "system", "auto"),
        default="embedded",
        help="what lays the graphs out (default: embedded, which draws alike on every machine)",
    )
    return parser


def _files(paths: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES and _is_own(each, path))
        elif path.is_file():
            yield path
        else:
            raise FileError(f"there is no file {str(path)!r}")


def _is_own(file: Path, folder: Path) -> bool:
    """Tell whether a file lies outside of hidden folders and of node_modules."""
    return not any(part.startswith(".") or part == "node_modules" for part in file.relative_to(folder).parts)


class _Page:
    """A Markdown file whose pictures are being updated."""

    def __init__(self, path: Path, folders: Collection[Path], engine: EngineName, *, check: bool) -> None:
        self.path, self.folders, self.engine, self.check = path, folders, engine, check
        self.text = _read(path)
        self.fences = list(fences(self.text))
        self.drawn: dict[str, str] = {}
        self.links: list[tuple[Fence, str]] = []
        self.status = OK

    def update(self) -> int:
        """Draw stale pictures, or with `check` only report them; return the exit status."""
        for fence in self.fences:
            try:
                self.graph(fence)
            except GraphgradError as error:
                line = line_of(error, fence.text)
                self.fail(fence.line if line is None else fence.line + 1 + line, str(error), status_of(error))
        if self.links:
            write_whole(self.path, with_links(self.text, self.links).encode())
        return self.status

    def fail(self, line: int, message: str, status: int) -> None:
        """Print an error with file and line, and keep the worst exit status."""
        self.status = max(self.status, status)
        print(f"{self.path}:{line + 1}: {message}", file=sys.stderr)

    def graph(self, fence: Fence) -> None:
        """Update one graph's picture."""
        block = read(fence.text, header(fence.options))
        for name in sorted(NOT_IN_A_FILE & block.options.keys()):
            raise GraphgradError(
                f"a committed picture has no {name}", hint="leave it out, and write below the picture what you like"
            )
        answer = block.answer()
        if answer.fault:
            self.fail(fence.line, answer.fault, STALE)
            return
        svg = answer.picture(engine=self.engine).decode()
        name = fence.picture or self.new_name()
        _refuse_elsewhere(name)
        if self.drawn.setdefault(name, svg) != svg:
            raise GraphgradError(f"another graph above is drawn into {name}", hint="give each graph its own picture")
        if self.check:
            self.compare(fence, name, svg)
        else:
            self.write(fence, name, svg, answer.alt)

    def new_name(self) -> str:
        """Return an unused name for a picture that has none yet."""
        taken = {fence.picture for fence in self.fences} | self.drawn.keys()
        names = (f"{self.path.stem.lower()}-{number}.svg" for number in count(1))
        return next(name for name in names if name not in taken and not (self.path.parent / name).exists())

    def target(self, link: str) -> Path:
        """Return the file that a link means, in which a space is written %20."""
        return self.path.parent / unquote(link)

    def compare(self, fence: Fence, name: str, svg: str) -> None:
        """Report a picture that is missing, or that differs from the one drawn now."""
        target = self.target(name)
        if fence.picture is None:
            self.fail(fence.line, f"no picture follows; graphgrad-docs {self.path} draws one", STALE)
        elif not target.is_file():
            self.fail(fence.line, f"{name} is missing; graphgrad-docs {self.path} draws it", STALE)
        elif GEOMETRY.sub("", _read(target)) != GEOMETRY.sub("", svg):
            self.fail(fence.line, f"{name} is stale; graphgrad-docs {self.path} draws it anew", STALE)

    def write(self, fence: Fence, name: str, svg: str, alt: str) -> None:
        """Write the picture unless the same one is there, and remember a missing link."""
        target = self.target(name)
        if not any(target.resolve().is_relative_to(folder) for folder in self.folders):
            hint = "nothing else is written: give a folder that has both, as in graphgrad-docs ."
            raise GraphgradError(f"the picture {name} is not below the folder that was given", hint=hint)
        if not target.is_file() or _read(target) != svg:
            make_folder(target.parent)
            write_whole(target, svg.encode())
            print(f"{self.path}:{fence.line + 1}: drew {name}")
        if fence.picture is None:
            self.links.append((fence, picture_link(alt, name)))


def _refuse_elsewhere(link: str) -> None:
    """Raise `GraphgradError` for a link that is no path relative to the Markdown file."""
    if urlsplit(link).scheme or link.startswith("/"):
        hint = "link to a path relative to this file, for example pictures/square.svg"
        raise GraphgradError(f"the picture {link} is not in a folder beside this file", hint=hint)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"cannot read {path}: it is not UTF-8 text") from None
