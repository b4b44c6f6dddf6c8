"""A terminal for tests: a stream that says that it is one."""

from __future__ import annotations

import io
import threading


class Terminal(io.StringIO):
    """A stream that says that it is a terminal, and when it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return True

    def flush(self) -> None:
        """Note that something was written."""
        self.written.set()
