"""Keep account of the files that could not be computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import FileError, GraphgradError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.tables.part import Outcome

__all__ = ["Failures"]

NAMED: Final = 5
"""How many of the files that failed a message names."""

IN_A_ROW: Final = 20
"""After how many failures in a row no more files are tried: the disk is full, or the credentials ran out."""


class Failures:
    """The files that could not be computed, and the number of those that are done."""

    def __init__(self, total: int, count: Callable[[int], object]) -> None:
        self.total, self.count_files = total, count
        self.done = self.count = self.in_a_row = 0
        self.first: list[tuple[str, GraphgradError]] = []

    @property
    def are_hopeless(self) -> bool:
        """Whether no more files are to be tried."""
        return self.in_a_row >= IN_A_ROW

    def add(self, name: str, error: GraphgradError) -> None:
        """Note that a file failed."""
        self.count += 1
        self.in_a_row += 1
        if len(self.first) < NAMED:
            self.first.append((name, error))
        self._tell()

    def succeed(self) -> None:
        """Note that a file is done."""
        self.in_a_row = 0
        self._tell()

    def _tell(self) -> None:
        self.done += 1
        self.count_files(1)

    def error(self, outcome: Outcome) -> GraphgradError:
        """Return what is raised in the end; where no file could be computed for the same reason, that of the first."""
        name, first = self.first[0]
        if not outcome.files and not isinstance(first, FileError):
            first.message = f"{name}: {first.message}"
            return first
        named = "; ".join(f"{name}: {error.message}" for name, error in self.first)
        more = f"; and {self.count - len(self.first)} more" if self.count > len(self.first) else ""
        untried = self.total - self.done
        given_up = f", {untried} were not tried after {IN_A_ROW} failures in a row" if untried else ""
        return FileError(
            f"{self.count} of {self.total} files failed{given_up}: {named}{more}",
            hint=f"{outcome.files} {'is' if outcome.files == 1 else 'are'} done; the same command does the rest",
        )
