"""Find the tables that a folder or a glob names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from os import fspath
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import FileError
from graphgrad.tables.formats import FORMATS
from graphgrad.tables.storage import Store, is_url, reported, store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Part", "Parts", "find_parts", "is_many"]

MAGIC: Final = re.compile(r"[*?\[]")

STAMPS: Final = ("ETag", "etag", "md5Hash", "generation", "content_md5", "mtime", "LastModified", "updated", "modified")
"""Which entries of a file's description change with its contents, the surest first."""

TABLE_FORMATS: Final = {"_delta_log": "Delta Lake", "metadata": "Iceberg", ".hoodie": "Hudi"}
"""Folders by which the tables are told whose files are to be read by a list of theirs only."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of many: its name below their folder, its size in bytes, and what changes with its contents."""

    name: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The files that a folder or a glob names, in the order of their names, and the folder that they are below."""

    folder: Store
    parts: tuple[Part, ...]
    pattern: str = ""


def is_many(data: str | Path) -> bool:
    """Tell whether this names a folder or a glob, and not one file.

    >>> is_many("orders/*.parquet"), is_many("orders.parquet")
    (True, False)
    """
    text = fspath(data)
    if not is_url(text):
        from pathlib import Path

        try:
            return Path(text).is_dir() or (MAGIC.search(text) is not None and not Path(text).exists())
        except OSError:  # who opens it, says why
            return False
    place = store(text)
    return text.endswith("/") or _is_glob(place) or (place.description() or {}).get("type") == "directory"


def _is_glob(place: Store) -> bool:
    with reported("read", place.url):
        return MAGIC.search(place.path) is not None and not place.fs.exists(place.path)


def find_parts(data: str | Path) -> Parts:
    """Return the tables below a folder, or those that a glob matches.

    Names that begin with a dot or an underscore are no data, and of a folder, only files with the suffix of a table
    are. Raises `FileError` where there are none.

    >>> import fsspec
    >>> fs = fsspec.filesystem("memory")
    >>> for name in ("b.parquet", "year=2024/a.parquet", "_SUCCESS", "notes.txt"):
    ...     fs.pipe(f"/listed/{name}", b"")
    >>> [part.name for part in find_parts("memory://listed").parts]
    ['b.parquet', 'year=2024/a.parquet']
    >>> fs.rm("/listed", recursive=True)
    """
    place = store(data)
    place.fs.invalidate_cache()
    found = _matched(place) if _is_glob(place) else _below(place)
    place.fs.invalidate_cache()
    return found


def _below(place: Store) -> Parts:
    with reported("read", place.url):
        files = place.fs.find(place.path, detail=True)
        if not files and not place.fs.exists(place.path):
            raise FileError(f"cannot read {place.url!r}: no such file or folder")
    if list(files) == [place.path]:
        return Parts(place.parent(), _parts(place.parent(), files))
    _refuse_table_formats(place, files)
    parts = tuple(part for part in _parts(place, files) if part.name.lower().endswith(tuple(FORMATS)))
    if not parts:
        raise FileError(
            f"no table is in the folder {place.url!r}", hint=f"files are taken that end in {', '.join(FORMATS)}"
        )
    return Parts(place, parts)


def _matched(place: Store) -> Parts:
    with reported("read", place.url):
        matched = place.fs.glob(place.path, detail=True)
    files = {path: about for path, about in matched.items() if about["type"] != "directory"}
    first = MAGIC.search(place.path)
    root = place.path[: first.start() if first else None].rpartition("/")[0]
    cut = len(place.path) - len(root)
    folder = Store(place.fs, root, place.url[:-cut] if cut else place.url)
    parts = _parts(folder, files)
    if not parts:
        hint = f"it matches folders: write {place.url}/*.parquet" if matched else ""
        raise FileError(f"no file matches {place.url!r}", hint=hint)
    return Parts(folder, parts, place.path)


def _parts(folder: Store, files: dict[str, Any]) -> tuple[Part, ...]:
    start = len(folder.path.rstrip("/")) + 1
    named = ((path[start:], about) for path, about in sorted(files.items()))
    return tuple(Part(name, about.get("size") or 0, _stamp(about)) for name, about in named if not _is_hidden(name))


def _is_hidden(name: str) -> bool:
    return any(step.startswith((".", "_")) and "=" not in step for step in name.split("/"))


def _stamp(about: dict[str, Any]) -> str:
    """Return what a file system's description says that changes with the file's contents."""
    return next((str(about[key]).strip('"') for key in STAMPS if about.get(key) is not None), "")


def _refuse_table_formats(place: Store, files: Sequence[str] | dict[str, Any]) -> None:
    """Refuse folders in which files lie that belong to the table no longer, or not yet."""
    start = len(place.path.rstrip("/")) + 1
    for path in files:
        folder, _, rest = path[start:].partition("/")
        if folder in TABLE_FORMATS and (folder != "metadata" or rest.endswith(".metadata.json")):
            raise FileError(
                f"{place.url!r} is a table of {TABLE_FORMATS[folder]}; its folder has rows that are no longer its own",
                hint="export the table to Parquet files, or name files by a glob",
            )
