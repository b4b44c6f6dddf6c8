"""Write output files atomically."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from graphgrad.base.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["make_folder", "write_whole"]


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
    from pathlib import Path

    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)  # a pipe or a terminal cannot be replaced by a rename
        else:
            _replace(target, data)
    except OSError as error:
        raise FileError(f"cannot write {str(path)!r}: {error.strerror}") from None


def _replace(target: Path, data: bytes) -> None:
    from secrets import token_hex

    beside = target.with_name(f".{target.name[:40]}.{token_hex(8)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o777)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
