"""Tables by URL: in an object store, which a server on the loopback device stands in for, and in memory."""

from __future__ import annotations

import io
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from clusters import cluster
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem
from table_folders import ROWS, TASK, is_right, table

import graphgrad as gg
from graphgrad.base.extras import install
from graphgrad.tables import storage
from graphgrad.tables.map_files import map_files
from graphgrad.tables.one_file import map_file
from graphgrad.tables.storage import open_for_writing, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ["a.parquet", "b.parquet", "year=2024/c.parquet"]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a server that speaks S3's protocol."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3FileSystem]:
    """Return a store with an empty bucket, which the environment names as users do."""
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()
    fs = fsspec.filesystem("s3")
    fs.mkdir("shop")
    yield fs
    fs.rm("shop", recursive=True)
    S3FileSystem.clear_instance_cache()


def environment(server: str) -> dict[str, str]:
    """Return what tells s3fs the server and some credentials."""
    return {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }


def packed(i: int) -> bytes:
    """Return table i as a Parquet file's bytes."""
    file = io.BytesIO()
    pq.write_table(table(i), file)
    return file.getvalue()


def fill(fs: Any, folder: str) -> None:
    """Write a table under each name."""
    for i, name in enumerate(NAMES):
        fs.pipe(f"{folder}/{name}", packed(i))


def holds(fs: Any, path: str, i: int) -> bool:
    """Tell whether a file holds table i with the value and the partials."""
    return is_right(io.BytesIO(fs.cat_file(path)), i)


def tables(fs: Any, folder: str) -> list[str]:
    """Return the names of the files of a folder, without the manifest."""
    fs.invalidate_cache()
    start = len(fs._strip_protocol(folder)) + 1  # noqa: SLF001  no other method tells how paths begin
    return sorted(path[start:] for path in fs.find(folder) if not path.endswith(".json"))


@pytest.mark.parametrize("data", ["s3://shop/orders", "s3://shop/orders/", "s3://shop/orders/**/*.parquet"])
def test_folders_of_an_object_store(bucket: S3FileSystem, data: str) -> None:
    """Each object gets its object of the same name, and what is finished is not done again."""
    fill(bucket, "shop/orders")
    outcome = map_files(TASK, data, "s3://shop/bills")
    assert (outcome.files, outcome.tally.rows) == (3, 3 * ROWS)
    assert tables(bucket, "shop/bills") == NAMES
    assert all(holds(bucket, f"shop/bills/{name}", i) for i, name in enumerate(NAMES))
    bucket.pipe("shop/orders/a.parquet", packed(7))
    again = map_files(TASK, data, "s3://shop/bills")
    assert (again.files, again.kept) == (3, 2)
    assert holds(bucket, "shop/bills/a.parquet", 7)


def test_workers_read_and_write_objects(bucket: S3FileSystem, server: str, tmp_path: Path) -> None:
    """On a cluster, each worker speaks with the store itself."""
    fill(bucket, "shop/orders")
    with cluster(tmp_path / "cluster", environment=environment(server)) as running:
        outcome = map_files(TASK, "s3://shop/orders/*.parquet", "s3://shop/bills", dask=running.address)
    assert (outcome.files, outcome.tally.rows) == (2, 2 * ROWS)
    assert tables(bucket, "shop/bills") == NAMES[:2]
    assert all(holds(bucket, f"shop/bills/{name}", i) for i, name in enumerate(NAMES[:2]))


def test_one_object_by_its_url(bucket: S3FileSystem, tmp_path: Path) -> None:
    """From the store to a file and back, and from object to object."""
    fill(bucket, "shop/orders")
    map_file(TASK, "s3://shop/orders/a.parquet", tmp_path / "a.parquet")
    assert is_right(tmp_path / "a.parquet", 0)
    map_file(TASK, "s3://shop/orders/b.parquet", "s3://shop/bills.parquet")
    assert holds(bucket, "shop/bills.parquet", 1)
    pq.write_table(table(2), tmp_path / "c.parquet")
    with pytest.raises(gg.FileError, match=r"'s3://shop/bills\.parquet' exists already"):
        map_file(TASK, tmp_path / "c.parquet", "s3://shop/bills.parquet")
    map_file(TASK, tmp_path / "c.parquet", "s3://shop/bills.parquet", force=True)
    assert holds(bucket, "shop/bills.parquet", 2)


def test_the_input_is_no_output(bucket: S3FileSystem) -> None:
    """By either name of the protocol, and with `force`."""
    fill(bucket, "shop/orders")
    with pytest.raises(gg.FileError, match="is the input"):
        map_file(TASK, "s3://shop/orders/a.parquet", "s3a://shop/orders/a.parquet", force=True)
    with pytest.raises(gg.FileError, match="lies in the folder that is read"):
        map_files(TASK, "s3://shop/orders", "s3a://shop/orders/out", force=True)


def test_text_by_its_url(bucket: S3FileSystem) -> None:
    """CSV, packed or not, is read and written as from a file."""
    bucket.pipe("shop/orders.csv", b"apple,n\n2,3\n")
    map_file(TASK, "s3://shop/orders.csv", "s3://shop/bills.csv.gz")
    with bucket.open("shop/bills.csv.gz", "rb", compression="gzip") as file:
        assert file.read().decode().splitlines()[1].startswith("2,3,9")


@pytest.mark.parametrize("size", [10, 6 << 20])
def test_an_upload_that_fails_leaves_nothing(bucket: S3FileSystem, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Neither an object, nor the parts of one, which would be paid for; what was there stays."""
    monkeypatch.setattr(S3FileSystem, "default_block_size", 5 << 20)
    bucket.pipe("shop/bills.parquet", b"before")
    failing = pytest.raises(ZeroDivisionError)
    with failing, open_for_writing(store("s3://shop/bills.parquet")) as file:
        file.write(b"x" * size)
        raise ZeroDivisionError
    assert bucket.cat_file("shop/bills.parquet") == b"before"
    assert bucket.call_s3("list_multipart_uploads", Bucket="shop").get("Uploads", []) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("s3://shop/nowhere", "cannot read 's3://shop/nowhere': no such file or folder"),
        ("s3://nobodys/orders", "cannot read 's3://nobodys/orders': no such file or folder"),
        ("s3://shop/*.parquet", r"no file matches 's3://shop/\*\.parquet'"),
        ("mars://shop/orders", "cannot reach 'mars://shop/orders': Protocol not known: mars"),
    ],
)
def test_what_is_not_there_is_named(bucket: S3FileSystem, data: str, message: str) -> None:
    """By its URL, as the user wrote it."""
    assert bucket.exists("shop")
    with pytest.raises(gg.FileError, match=message):
        map_files(TASK, data, "s3://shop/bills")


def test_missing_credentials_are_named(bucket: S3FileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint says where they are looked for."""
    fill(bucket, "shop/orders")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    S3FileSystem.clear_instance_cache()
    with pytest.raises(
        gg.FileError, match=r"(?s)cannot read 's3://shop/orders': .*redentials.*\n.*credentials are read as"
    ):
        map_files(TASK, "s3://shop/orders", "s3://shop/bills")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that speaks the protocol, and how it is installed."""
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(gg.FileError, match=r"gs:// needs the package gcsfs\npip install gcsfs"):
        store("gs://shop/orders")


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with the extra for clusters."""
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(gg.GraphgradError, match=re.escape(install("dask"))):
        store("s3://shop/orders")


@contextmanager
def broken(file: Any, after: int) -> Iterator[Any]:
    """Yield a file whose disk is full after some bytes."""
    plain, room = file.write, [after]

    def write(data: bytes) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(28, "No space left on device")
        return int(plain(data))

    file.write = write
    yield file


def test_other_stores_get_whole_files_too() -> None:
    """Where closing a file does not make it, it is written under another name, and renamed."""
    fs = fsspec.filesystem("memory")
    fill(fs, "/urls/orders")
    outcome = map_files(TASK, "memory://urls/orders", "memory://urls/bills")
    assert outcome.files == 3
    assert tables(fs, "/urls/bills") == NAMES
    assert all(holds(fs, f"/urls/bills/{name}", i) for i, name in enumerate(NAMES))
    assert map_files(TASK, "memory://urls/orders", "memory://urls/bills").kept == 3
    fs.rm("/urls", recursive=True)


@pytest.mark.parametrize("url", ["memory://full/bills.parquet", "{tmp_path}/bills.parquet"])
def test_a_full_disk_is_named_and_nothing_is_left(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the output, not the input."""
    place = store(url.format(tmp_path=tmp_path))
    plain = storage._opened  # noqa: SLF001  the disk is full there

    def full(*arguments: Any) -> Any:
        file, temporary = plain(*arguments)
        with broken(file, 100) as failing:
            return failing, temporary

    monkeypatch.setattr(storage, "_opened", full)
    rows = pa.table({"x": [1.0] * 100})
    failing = pytest.raises(gg.FileError, match=r"cannot write '.*bills\.parquet': No space left on device")
    with failing, open_for_writing(place) as file:
        pq.write_table(rows, file)
    assert place.parent().names() == frozenset()
