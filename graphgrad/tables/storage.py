"""Open files by their path or URL, and write them whole or not at all, through fsspec."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import fspath, fsync
from os.path import realpath
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.base.extras import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Store",
    "check_url",
    "file_to_read",
    "file_to_write",
    "is_one_place",
    "is_url",
    "open_for_reading",
    "open_for_writing",
    "place_to_write",
    "reported",
    "store",
]

URL: Final = re.compile(r"[a-z][a-z0-9+.\-]*(://|::)", re.IGNORECASE)

FLAT: Final = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "r2", "tos"})
"""Protocols of stores of objects, which have no folders to be made."""


def is_url(data: str | Path) -> bool:
    """Tell whether a text is a URL.

    >>> is_url("s3://bucket/orders.parquet"), is_url("orders.parquet"), is_url("C:/orders.parquet")
    (True, False, False)
    """
    return isinstance(data, str) and URL.match(data) is not None


@dataclass(frozen=True, slots=True)
class Store:
    """A place in a file system of fsspec: `url` is its name for people and workers, `path` that within the file system.

    The name of a local place is its whole path.
    """

    fs: Any
    path: str
    url: str

    @property
    def protocols(self) -> frozenset[str]:
        """The names of the file system's protocol."""
        return frozenset((self.fs.protocol,) if isinstance(self.fs.protocol, str) else self.fs.protocol)

    @property
    def is_local(self) -> bool:
        """Whether it is this machine's, or mounted here."""
        return "file" in self.protocols

    @property
    def is_flat(self) -> bool:
        """Whether it is a store of objects, without folders."""
        return not FLAT.isdisjoint(self.protocols)

    def __truediv__(self, name: str) -> Store:
        """Return the place of this name within this one."""
        return Store(self.fs, f"{self.path.rstrip('/')}/{name}", f"{self.url.rstrip('/')}/{name}")

    def parent(self) -> Store:
        """Return the folder."""
        return Store(self.fs, self.path.rpartition("/")[0] or "/", self.url.rpartition("/")[0])

    @property
    def real_path(self) -> str:
        """The path without links and steps such as `..`, which all names of a place have in common."""
        return (realpath(self.path) if self.is_local else self.path).rstrip("/")

    def is_within(self, folder: Store) -> bool:
        """Tell whether this place is a folder, or lies below it.

        >>> store("memory://orders/2024").is_within(store("memory://orders/")), store("/o/../p").is_within(store("/p"))
        (True, True)
        """
        return self.fs == folder.fs and f"{self.real_path}/".startswith(f"{folder.real_path}/")

    def is_same(self, other: Store) -> bool:
        """Tell whether two places are one."""
        return self.fs == other.fs and self.real_path == other.real_path

    def description(self) -> dict[str, Any] | None:
        """Return what the file system says about the file, None where there is none."""
        with reported("read", self.url):
            try:
                found: dict[str, Any] = self.fs.info(self.path)
            except FileNotFoundError:
                return None
            return found

    def contents(self) -> bytes | None:
        """Return a small file's bytes, None where there is none."""
        with reported("read", self.url):
            try:
                data: bytes = self.fs.cat_file(self.path)
            except FileNotFoundError:
                return None
            return data

    def names(self) -> frozenset[str]:
        """Return the names of all files below a folder."""
        start = len(self.path.rstrip("/")) + 1
        with reported("read", self.url):
            return frozenset(path[start:] for path in self.fs.find(self.path))

    def remove(self) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        with reported("remove", self.url), suppress(FileNotFoundError):
            self.fs.rm(self.path, recursive=True)


def store(url: str | Path) -> Store:
    """Return the place that a path or a URL names.

    Raises `FileError` where its protocol is unknown, or the package is missing that speaks it.

    >>> store("memory://orders/2024.parquet").path
    '/orders/2024.parquet'
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise GraphgradError(
            "URLs and folders are read through fsspec, which is not installed", hint=install("dask")
        ) from None
    text = fspath(url)
    try:
        with reported("reach", text):
            fs, path = url_to_fs(text)
    except ImportError as error:
        raise _missing(text, error) from None
    found = Store(fs, path, text)
    return Store(fs, path, path) if found.is_local else found


def _missing(url: str, error: ImportError) -> FileError:
    """Return the error for a protocol whose package is not installed."""
    from fsspec.registry import known_implementations

    protocol = re.split("::|://", url, maxsplit=1)[0]
    entry = known_implementations.get(protocol, {})
    package = str(entry.get("class", "")).partition(".")[0]
    missing = package if package not in ("", "fsspec") else (error.name or "")
    return FileError(
        f"cannot reach {url!r}: {protocol}:// needs {f'the package {missing}' if missing else 'another package'}",
        hint=f"pip install {missing}" if missing else str(entry.get("err", error)),
    )


@contextmanager
def reported(deed: str, url: str) -> Iterator[None]:
    """Raise what a file system raises as a `FileError` that says what could not be done, and with what."""
    try:
        yield
    except (GraphgradError, ImportError):
        raise
    except Exception as error:
        raise _file_error(deed, url, error) from error


def _file_error(deed: str, url: str, error: Exception) -> FileError:
    """Return the error for what a file system raised."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, FileNotFoundError):
        said = "no such file or folder"
    hint = ""
    if "redential" in type(error).__name__ or isinstance(error, PermissionError):
        hint = (
            "the credentials are read as the store's own package reads them: from its environment variables and files"
        )
    return FileError(f"cannot {deed} {url!r}: {' '.join(str(said).split())}", hint=hint)


@contextmanager
def open_for_reading(place: Store) -> Iterator[Any]:
    """Open a file for reading bytes; raise `FileError` where it cannot be opened."""
    with reported("read", place.url):
        file = place.fs.open(place.path, "rb")
    with file:
        yield file


@contextmanager
def file_to_read(data: str | Path) -> Iterator[Any]:
    """Open what a URL names for reading; yield None for a path."""
    if not is_url(data):
        yield None
        return
    with open_for_reading(store(data)) as file:
        yield file


@contextmanager
def file_to_write(out: str | Path) -> Iterator[Any]:
    """Open what a URL names for writing, whole or not at all; yield None for a path."""
    if not is_url(out):
        yield None
        return
    with open_for_writing(store(out)) as file:
        yield file


@contextmanager
def place_to_write(place: Store, unfinished: Store) -> Iterator[tuple[str, Any]]:
    """Yield a path, for what writes a file of this machine itself, or a URL and the open file.

    The file is there under its name once the block ends without an error.
    """
    if not place.is_local:
        with open_for_writing(place, unfinished) as file:
            yield place.url, file
        return
    temporary = _temporary(place, unfinished)
    with reported("write", place.url):
        place.fs.makedirs(place.parent().path, exist_ok=True)
        place.fs.makedirs(unfinished.path, exist_ok=True)
    try:
        yield temporary.path, None
        with reported("write", place.url):
            _rename(temporary, place)
    except BaseException:
        with suppress(OSError):
            place.fs.rm(temporary.path)
        raise


def is_one_place(out: str | Path, data: str | Path) -> bool:
    """Tell whether two names, of which one or both are URLs, are of one file.

    >>> is_one_place("/orders/../bills.csv", "file:///bills.csv"), is_one_place("memory://x.csv", "-")
    (True, False)
    """
    return fspath(out) == fspath(data) or ("-" not in (out, data) and store(out).is_same(store(data)))


def check_url(out: str, *, force: bool) -> None:
    """Raise `FileError` where a URL to be written names what is there and is not to be replaced."""
    if not force and store(out).description() is not None:
        raise FileError(f"{out!r} exists already", hint="--force, in Python force=True, replaces it")


@contextmanager
def open_for_writing(place: Store, unfinished: Store | None = None, *, lasting: bool = True) -> Iterator[Any]:
    """Yield a file for writing; it is there, under its name and whole, once the block ends without an error.

    A store of objects has an object once its upload is completed. Other file systems get the file under a hidden name
    in the folder `unfinished`, or beside the place, from where it is renamed, with `lasting` once the disk has the
    data.
    """
    with reported("write", place.url):
        file, temporary = _opened(place, unfinished or place.parent())
    try:
        yield _Unclosed(file, place.url)
        with reported("write", place.url):
            _finish(file, place, temporary, lasting=lasting)
    except BaseException:
        _discard(file, place, temporary)
        raise


class _Unclosed:
    """A file that its user can write, but not close: what writes tables closes files, errors or not."""

    mode = "wb"
    closed = False

    def __init__(self, file: Any, url: str) -> None:
        self.file, self.url = file, url
        self.tell = file.tell

    def write(self, data: bytes) -> int:
        """Write, and raise `FileError` where that fails."""
        with reported("write", self.url):
            written: int = self.file.write(data)
            return written

    def flush(self) -> None:
        """Leave it to the file when it sends what it has."""

    def close(self) -> None:
        """Leave it open."""

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def readable(self) -> bool:
        """It is not for reading."""
        return False

    def seekable(self) -> bool:
        """It is written from its start to its end."""
        return False


def _opened(place: Store, unfinished: Store) -> tuple[Any, Store | None]:
    from fsspec.spec import AbstractBufferedFile

    if place.is_flat:
        file = place.fs.open(place.path, "wb")
        if isinstance(file, AbstractBufferedFile) and type(file).discard is not AbstractBufferedFile.discard:
            return file, None
        file.closed = True
    else:
        place.fs.makedirs(place.parent().path, exist_ok=True)
        place.fs.makedirs(unfinished.path, exist_ok=True)
    temporary = _temporary(place, unfinished)
    return place.fs.open(temporary.path, "wb"), temporary


def _finish(file: Any, place: Store, temporary: Store | None, *, lasting: bool) -> None:
    if lasting and place.is_local:
        file.flush()
        fsync(file.fileno())  # some systems tell only then that the disk is full
    file.close()
    if temporary is None:
        return
    _rename(temporary, place)


def _temporary(place: Store, folder: Store) -> Store:
    """Return a hidden place that nobody else takes; its name ends as that of the file does."""
    return folder / f".{token_hex(8)}-{place.path.rpartition('/')[2][-40:]}"


def _rename(temporary: Store, place: Store) -> None:
    if place.is_local:
        from pathlib import Path

        Path(temporary.path).replace(place.path)
    else:
        place.fs.mv(temporary.path, place.path)


def _discard(file: Any, place: Store, temporary: Store | None) -> None:
    """Drop what was written; whatever fails here, the error that led here is the one to be told."""
    with suppress(Exception):
        if temporary is None:
            file.discard()
            file.closed = True  # closing it would complete the upload
        else:
            file.close()
    if temporary is not None:
        with suppress(Exception):
            place.fs.rm(temporary.path)
