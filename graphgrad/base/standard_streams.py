"""Run a command so that closed, full and broken standard streams, and interrupts, end it with a status of its own."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from graphgrad.base.errors import FileError, GraphgradError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECK_FAILED", "FILE_FAILED", "INTERRUPTED", "OK", "WRONG_INPUT", "run_command", "status_of"]

OK, CHECK_FAILED, WRONG_INPUT, FILE_FAILED, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit statuses of commands: 1 says that a check failed, and nothing else."""

WORKS: Final = "replace"
"""What a stream does with characters that its encoding lacks."""


class _ClosedStream(io.TextIOBase):
    """Standard output that was closed before the command began, for which Python has None."""

    def __init__(self) -> None:
        self.refused = False

    @property
    def closed(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False."""
        return False

    def write(self, _text: str, /) -> NoReturn:
        """Raise `OSError`."""
        self.refused = True
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def flush(self) -> None:
        """Raise `OSError` where something was to be written: some callers suppress the error of `write`."""
        if self.refused:
            self.write("")


def status_of(error: GraphgradError) -> int:
    """Return the exit status for an error of the user's.

    >>> status_of(FileError("cannot read it")), status_of(GraphgradError("no number"))
    (3, 2)
    """
    return FILE_FAILED if isinstance(error, FileError) else WRONG_INPUT


def run_command(name: str, run: Callable[[], int]) -> int:
    """Run a command, and return its exit status.

    That is `FILE_FAILED` where its answer cannot be written, as to a full disk or a closed stream, `INTERRUPTED` after
    an interrupt, and `OK` where whoever reads the answer has read enough. With standard error closed, it says nothing.

    >>> run_command("example", lambda: OK)
    0
    """
    streams = sys.stdout, sys.stderr
    with ExitStack() as opened:
        sys.stdout = sys.stdout or _ClosedStream()
        sys.stderr = sys.stderr or opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        try:
            return _status(name, run)
        finally:
            sys.stdout, sys.stderr = streams


def _status(name: str, run: Callable[[], int]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=WORKS)
    try:
        try:
            return run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence()
        return OK
    except OSError as error:
        _silence()
        with suppress(OSError):
            what = error.filename or "the answer"
            print(f"{name}: cannot write {what}: {error.strerror or error}", file=sys.stderr)
        return FILE_FAILED
    except KeyboardInterrupt as stopped:
        return getattr(stopped, "status", INTERRUPTED)


def _silence() -> None:
    """Let standard output lead nowhere, so that Python does not write the rest of it when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
