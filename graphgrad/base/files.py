"""Write output files atomically."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from graphgrad.base.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["make_folder", "reason", "whole_file", "write_whole"]


def make_folder(path: str | Path) -> None:
    """Make a folder and its parents, unless it exists.

    Raises `FileError` where it cannot be made.
    """
    from pathlib import Path

    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder {str(path)!r}: {error.strerror}") from None


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a temporary file beside the path, then rename it; a failure leaves the old file as it was.

    Raises `FileError` where it cannot be written.

    >>> from tempfile import mkdtemp
    >>> from pathlib import Path
    >>> path = Path(mkdtemp()) / "answer.txt"
    >>> write_whole(path, b"42")
    >>> path.read_bytes(), len(list(path.parent.iterdir()))
    (b'42', 1)
    """
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: str | Path, *, replace: bool = True) -> Iterator[IO[bytes]]:
    """Yield a temporary file beside the path; it gets the path's name when the block ends without an error.

    An error in the block removes it, and leaves an old file as it was. A replaced file's permissions are kept. A pipe
    or a terminal, which a rename cannot replace, is written to directly. Raises `FileError` where the file cannot be
    written, and where it exists and `replace` is false.
    """
    from pathlib import Path

    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
        else:
            with _beside(target, replace=replace) as file:
                yield file
    except OSError as error:
        raise FileError(f"cannot write {str(path)!r}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Return why a file cannot be read or written, in one line: the system's reason, else the library's.

    >>> reason(FileNotFoundError(2, "Failed to open local file 'x'"))
    'No such file or directory'
    """
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error).strip().partition("\n")[0]


@contextmanager
def _beside(target: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    from secrets import token_hex

    beside = target.with_name(f".{target.name[:40]}.{token_hex(8)}")
    try:
        with beside.open("xb") as file:
            yield file
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        _rename(beside, target, replace=replace)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _rename(beside: Path, target: Path, *, replace: bool) -> None:
    """Rename a file; unless `replace`, raise `FileExistsError` where the target has come to exist meanwhile."""
    if replace:
        beside.replace(target)
        return
    try:
        target.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError(17, "File exists") from None
        beside.replace(target)
    else:
        beside.unlink()
