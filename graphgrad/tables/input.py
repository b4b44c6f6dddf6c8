"""Read bytes from a file or a pipe: look ahead, count what is read, and end a read that waits."""

from __future__ import annotations

import os
import select
import sys
import threading
from typing import IO, Final

from graphgrad.base.errors import FileError

__all__ = ["Input"]

PATIENCE: Final = 0.1
"""The seconds between two looks whether a read that waits is to end."""


class Input:
    """The bytes of an open binary file, with `read` as pyarrow calls it, from whatever thread.

    >>> import io
    >>> file = Input(io.BytesIO(b"apple,n"))
    >>> file.peek(5), file.read(6), file.read(6), file.position
    (b'apple', b'apple,', b'n', 7)
    """

    def __init__(self, file: IO[bytes]) -> None:
        """Take an open file."""
        self.file = file
        self.begin = b""
        self.position = 0
        self.is_seekable = file.seekable()
        self.start = file.tell() if self.is_seekable else 0
        self._waits = _is_pipe(file)
        self._stopped = threading.Event()
        self._turn = threading.RLock()
        self._current: _Reading | None = None

    @property
    def size(self) -> int | None:
        """The number of bytes in all, None where that is not known."""
        if not self.is_seekable:
            return None
        place = self.file.tell()
        size = self.file.seek(0, os.SEEK_END)
        self.file.seek(place)
        return size - self.start

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them; fewer where the file ends."""
        self.begin += self._take(size - len(self.begin))
        return self.begin[:size]

    def read(self, size: int) -> bytes:
        """Return as many bytes as are asked for, and fewer at the end of the file."""
        first, self.begin = self.begin[:size], self.begin[size:]
        data = first + self._take(size - len(first)) if first else self._take(size)
        self.position += len(data)
        return data

    def reading(self) -> _Reading:
        """Return the file for a reader that may read ahead in a thread; for earlier ones it ends here."""
        with self._turn:
            self._current = _Reading(self)
            return self._current

    def read_by(self, reading: _Reading, size: int) -> bytes:
        """Return bytes to the reader that has its turn, and to others the end of the file."""
        with self._turn:
            return self.read(size) if reading is self._current else b""

    def rewind(self) -> None:
        """Return to the start; raise `FileError` for a pipe."""
        with self._turn:
            self._current = None
            self._rewind()

    def _rewind(self) -> None:
        if not self.is_seekable:
            raise FileError("a pipe cannot be read a second time", hint="write it into a file first")
        self.file.seek(self.start)
        self.begin, self.position = b"", 0

    def stop(self) -> None:
        """End a read that waits for a pipe."""
        self._stopped.set()

    def close(self) -> None:
        """End all readers, and close the file."""
        self.stop()
        with self._turn:
            self._current = None
            self.file.close()

    def _take(self, size: int) -> bytes:
        parts = []
        while size > 0:
            self._wait()
            part = self.file.read(size)
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _wait(self) -> None:
        while self._waits and not select.select([self.file], [], [], PATIENCE)[0]:
            if self._stopped.is_set():
                raise InterruptedError


class _Reading:
    """The file as one reader sees it."""

    closed = False

    def __init__(self, whole: Input) -> None:
        self.whole = whole

    def read(self, size: int) -> bytes:
        return self.whole.read_by(self, size)

    def close(self) -> None:
        """Leave the file open: pyarrow closes what it has read."""


def _is_pipe(file: IO[bytes]) -> bool:
    """Tell whether a read may wait for somebody, who can be waited for."""
    if sys.platform == "win32" or file.seekable():
        return False
    try:
        return file.fileno() >= 0
    except OSError:
        return False
