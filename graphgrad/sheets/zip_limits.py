"""Refuse files that are no workbook, or that would unpack to more than a workbook has."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812  it is a class

from graphgrad.base.errors import FileError, LimitError
from graphgrad.base.files import reason

if TYPE_CHECKING:
    from zipfile import ZipInfo

__all__ = ["MAX_FILE", "MAX_RATIO", "MAX_UNPACKED", "PACKED", "workbook_bytes"]

MAX_FILE: Final = 200_000_000
"""The most bytes of a workbook's file."""

MAX_UNPACKED: Final = 1_000_000_000
"""The most bytes that its parts may have together once they are unpacked."""

MAX_RATIO: Final = 200
"""How many times larger a large part may become by unpacking: sheets of equal rows come to about 100."""

LARGE: Final = 10_000_000
MAX_PARTS: Final = 10_000
PACKED: Final = (BadZipFile, ZlibError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
"""What reading an archive raises where it is damaged, encrypted, or packed in another way."""

CHUNK: Final = 1 << 20

OLE: Final = b"\xd0\xcf\x11\xe0"
"""How files of older Office begin, and encrypted ones."""

WORKBOOK: Final = "xl/workbook.xml"
BINARY: Final = "xl/workbook.bin"
DECLARATIONS: Final = tuple(text.encode(code) for text in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le"))
"""What no part of a workbook has, and what XML that expands without end begins with."""


def workbook_bytes(path: str | Path) -> bytes:
    """Return the bytes of a workbook, whose parts have been looked at.

    Raises `FileError` where it cannot be read or is none, and `LimitError` where it is too large.
    """
    try:
        file = Path(path)
        size = file.stat().st_size
        if size > MAX_FILE:
            raise LimitError(f"{path} has {size} bytes; at most {MAX_FILE} are read")
        data = file.read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {str(path)!r}: {reason(error)}") from None
    _refuse_others(path, data)
    try:
        with ZipFile(BytesIO(data)) as archive:
            _refuse_bomb(path, archive.infolist(), len(data))
            _refuse_declarations(path, archive)
    except PACKED as error:
        raise FileError(f"cannot read {str(path)!r}: {error}") from None
    return data


def _refuse_others(path: str | Path, data: bytes) -> None:
    if data.startswith(OLE):
        message = f"{str(path)!r} is encrypted, or in the format of Excel before 2007"
        raise FileError(message, hint="save it as .xlsx, without a password")
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except BadZipFile:
        raise FileError(f"{str(path)!r} is no workbook", hint="give a .xlsx or .xlsm file") from None
    if WORKBOOK not in names:
        kind = "a binary workbook" if BINARY in names else "no workbook of Excel"
        raise FileError(f"{str(path)!r} is {kind}", hint="save it as .xlsx")


def _refuse_bomb(path: str | Path, parts: list[ZipInfo], packed: int) -> None:
    total = sum(part.file_size for part in parts)
    overlapping = sum(part.compress_size for part in parts) > packed
    dense = next((p for p in parts if p.file_size > max(LARGE, MAX_RATIO * p.compress_size)), None)
    if total <= MAX_UNPACKED and len(parts) <= MAX_PARTS and not overlapping and dense is None:
        return
    why = f"{total} bytes in {len(parts)} parts"
    if dense is not None:
        why = f"{dense.filename} would grow from {dense.compress_size} to {dense.file_size} bytes"
    hint = "open it in Excel or Calc and save it anew, with the sheets that are needed"
    raise LimitError(f"{str(path)!r} unpacks to more than a workbook has: {why}", hint=hint)


def _refuse_declarations(path: str | Path, archive: ZipFile) -> None:
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels")):
            continue
        with archive.open(name) as part:
            before = b""
            while chunk := part.read(CHUNK):
                if any(mark in before + chunk for mark in DECLARATIONS):
                    raise FileError(f"{str(path)!r} declares entities in {name}, which no workbook does")
                before = chunk[-32:]
