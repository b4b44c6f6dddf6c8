"""Files that cannot be read or written: a clear error, and nothing left behind."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphgrad as gg
from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.base.extras import install
from graphgrad.tables import RowFunction, Task, map_file

TASK: Final = Task(gg.parse("apple*n").data)
ROWS: Final = 300_000


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A Parquet file of several row groups."""
    rng = np.random.default_rng(0)
    table = pa.table({"apple": rng.random(ROWS), "n": rng.integers(1, 9, ROWS)})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=100_000)
    return tmp_path / "in.parquet"


def refused(source: Path | str, target: Path | str, *, force: bool = False) -> str:
    """Return the message of the error."""
    with pytest.raises(FileError) as caught:
        map_file(TASK, source, target, force=force)
    return str(caught.value)


# ---- what is read


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet", ".arrow", ".feather", ".arrows"])
def test_an_empty_file_is_no_table(tmp_path: Path, suffix: str) -> None:
    """A file without a byte."""
    (tmp_path / f"in{suffix}").touch()
    assert refused(tmp_path / f"in{suffix}", tmp_path / "out.csv") == f"'{tmp_path}/in{suffix}' is empty"
    assert list(tmp_path.iterdir()) == [tmp_path / f"in{suffix}"]


@pytest.mark.parametrize("suffix", [".csv.gz", ".parquet", ".arrow", ".feather", ".arrows"])
@pytest.mark.parametrize("data", [b"apple,n\n1,2\n", b"\0" * 100, b"PAR1", b"ARROW1\0\0", b"\x1f\x8b\x08"])
def test_what_is_not_of_its_suffix_is_named(tmp_path: Path, suffix: str, data: bytes) -> None:
    """Text in a binary file, and beginnings of files."""
    (tmp_path / f"in{suffix}").write_bytes(data)
    assert f"in{suffix}'" in refused(tmp_path / f"in{suffix}", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == [tmp_path / f"in{suffix}"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.9999])
@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".arrows", ".csv.gz"])
def test_a_truncated_file_leaves_no_output(tmp_path: Path, orders: Path, suffix: str, share: float) -> None:
    """Whatever is missing at the end."""
    whole, cut = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    map_file(Task(gg.parse("2").data, value_name="two"), orders, whole)
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    assert f"cannot read '{cut}'" in refused(cut, tmp_path / "out.parquet")
    assert sorted(tmp_path.iterdir()) == sorted([cut, orders, whole])


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_corrupt_page_leaves_no_output(tmp_path: Path, orders: Path, place: float) -> None:
    """Bytes in the middle of a Parquet file that are none of its, as the checksums of its pages tell."""
    pq.write_table(pq.read_table(orders), orders, write_page_checksum=True)
    data = bytearray(orders.read_bytes())
    start = int(len(data) * place)
    data[start : start + 5_000] = b"\xff" * 5_000
    (tmp_path / "bad.parquet").write_bytes(data)
    assert "bad.parquet" in refused(tmp_path / "bad.parquet", tmp_path / "out.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.parquet", "in.parquet"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"apple,n,apple\n1,2,3\n", "has two columns named 'apple'"),
        (b"100,2,1.08\n200,3,1.08\n", "holds numbers, not the names of columns"),
        (b"apple,n\n1,\xff\n", "it is not UTF-8"),
        (b"app\xfcle,n\n1,2\n", "it is not UTF-8"),
        (b"apple,n\n" + b"1,2\n" * 500_000 + b"1,\xff\n", "invalid UTF8 data"),
        ("apple,n\n1,2\n".encode("utf-16"), "it is not UTF-8"),
        (b"apple,n\n1,2\n1,2,3\n", "Expected 2 columns, got 3: 1,2,3"),
        (b"apple,n\n1,2\n1\n", "Expected 2 columns, got 1: 1"),
        (b'apple,n\n1,2\n1,"2\n3,4\n5,6\n', "a quote is not closed"),
        (b"\n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
    ],
)
@pytest.mark.parametrize("target", ["out.csv", "out.parquet"])
def test_text_that_is_no_table_is_refused(tmp_path: Path, data: bytes, message: str, target: str) -> None:
    """The file is named, and what is wrong with it."""
    (tmp_path / "in.csv").write_bytes(data)
    shown = refused(tmp_path / "in.csv", tmp_path / target)
    assert message in shown
    assert "in.csv" in shown
    assert list(tmp_path.iterdir()) == [tmp_path / "in.csv"]


def test_two_columns_of_one_name_are_refused_in_every_format(tmp_path: Path) -> None:
    """A formula could not tell which is meant."""
    table = pa.table([[1.0], [2.0], [3.0]], names=["apple", "n", "n"])
    with pa.ipc.new_file(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    pq.write_table(table, tmp_path / "in.parquet")
    for name in ("in.arrow", "in.parquet"):
        assert "two columns named 'n'" in refused(tmp_path / name, tmp_path / "out.csv")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """For each way in which files are opened."""
    for name in ("no.csv", "no.parquet", "no.arrow", "no/such/folder.csv.gz"):
        assert (
            refused(tmp_path / name, tmp_path / "out.csv")
            == f"cannot read '{tmp_path}/{name}': No such file or directory"
        )


def test_a_suffix_that_names_no_format(tmp_path: Path, orders: Path) -> None:
    """The error lists those that do, for what is read and for what is written."""
    for source, target in ((tmp_path / "in.xlsx", tmp_path / "out.csv"), (orders, tmp_path / "out.json")):
        assert "take a name that ends in .csv, .csv.gz, .tsv" in refused(source, target)


# ---- what is written


TYPES_IN_FEW_FORMATS = {
    "intervals": pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
    "unions": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1]), pa.array(["a"])]),
    "negative scale": pa.array([Decimal(1200)], pa.decimal128(5, -2)),
    "runs": pa.RunEndEncodedArray.from_arrays([1], pa.array([1.5])),
    "lists": pa.array([["a"]]),
}


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
@pytest.mark.parametrize("kind", TYPES_IN_FEW_FORMATS)
def test_a_type_that_a_format_lacks_names_the_column(tmp_path: Path, kind: str, suffix: str) -> None:
    """Else the column is in the output."""
    table = pa.table({"apple": [1.0], "n": [2], "odd": TYPES_IN_FEW_FORMATS[kind]})
    with pa.ipc.new_file(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    try:
        gg.parse("apple*n").map_file(tmp_path / "in.arrow", tmp_path / f"out{suffix}")
    except gg.FileError as error:
        assert error.message.startswith("the column 'odd', which is of type ")
        assert not (tmp_path / f"out{suffix}").exists()
    else:
        assert (tmp_path / f"out{suffix}").exists()
    gg.parse("apple*n").map_file(tmp_path / "in.arrow", tmp_path / f"out{suffix}", keep=["n"], force=True)


def test_nested_columns_do_not_become_text(tmp_path: Path) -> None:
    """The column is named, and formats that take it."""
    pq.write_table(pa.table({"apple": [1.0], "n": [2], "tags": [["a"]]}), tmp_path / "in.parquet")
    assert "the column 'tags', which is of type list" in refused(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == [tmp_path / "in.parquet"]


def test_an_existing_file_is_replaced_by_force_only(tmp_path: Path, orders: Path) -> None:
    """And keeps its permissions then."""
    target = tmp_path / "out.parquet"
    target.write_text("old")
    target.chmod(0o640)
    assert "exists already" in refused(orders, target)
    assert target.read_text() == "old"
    assert map_file(TASK, orders, target, force=True).rows == ROWS
    assert target.stat().st_mode & 0o777 == 0o640


def test_an_old_file_survives_a_failure(tmp_path: Path) -> None:
    """With force, too."""
    (tmp_path / "in.csv").write_text("apple,n\n" + "1,2\n" * 500_000 + "1,2,3\n")
    (tmp_path / "out.csv").write_text("old")
    assert "Expected 2 columns" in refused(tmp_path / "in.csv", tmp_path / "out.csv", force=True)
    assert (tmp_path / "out.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without force, also one that another program has written since the start."""
    target = tmp_path / "out.parquet"
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (target.write_text("other"), fsync(file)))
    assert "File exists" in refused(orders, target)
    assert target.read_text() == "other"
    assert sorted(tmp_path.iterdir()) == [orders, target]


@pytest.mark.parametrize("way", ["itself", "relative", "symbolic link", "hard link", "URL", "URL of the input"])
def test_the_input_is_no_output(tmp_path: Path, orders: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whatever name, and with force."""
    monkeypatch.chdir(tmp_path)
    target: Path | str = tmp_path / "link.parquet"
    if way == "symbolic link":
        Path(target).symlink_to(orders)
    elif way == "hard link":
        Path(target).hardlink_to(orders)
    else:
        target = {"relative": "./in.parquet", "URL": f"file://{orders.parent}/./in.parquet"}.get(way, orders)
    before = orders.read_bytes()
    source = f"file://{orders}" if way == "URL of the input" else orders
    assert "is the input" in refused(source, target, force=True)
    assert orders.read_bytes() == before


def test_a_link_to_the_target_stays_a_link(tmp_path: Path, orders: Path) -> None:
    """The file that it leads to is replaced."""
    (tmp_path / "real.parquet").touch()
    (tmp_path / "link.parquet").symlink_to("real.parquet")
    map_file(TASK, orders, tmp_path / "link.parquet", force=True)
    assert (tmp_path / "link.parquet").is_symlink()
    assert pq.read_metadata(tmp_path / "real.parquet").num_rows == ROWS


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("no/out.csv", "No such file or directory"),
        ("in.parquet/out.csv", "Not a directory"),
        ("dir.csv", "Is a directory"),
    ],
)
def test_a_place_where_nothing_can_be_written(tmp_path: Path, orders: Path, target: str, reason: str) -> None:
    """The error names the output and the system's reason."""
    (tmp_path / "dir.csv").mkdir()
    assert refused(orders, tmp_path / target) == f"cannot write '{tmp_path}/{target}': {reason}"


def test_a_folder_that_may_not_be_written(orders: Path) -> None:
    """Not even by root."""
    assert "cannot write '/proc/out.parquet'" in refused(orders, "/proc/out.parquet")


@pytest.mark.parametrize(
    ("suffix", "size"),
    [
        (".parquet", 0),
        (".parquet", -1),
        (".csv", 1_000_000),
        (".csv.gz", 100_000),
        (".feather", 1_000_000),
        (".arrow", -1),
    ],
)
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, orders: Path, suffix: str, size: int) -> None:
    """At the first write, in the middle, and by the last byte, as another process's limit on files has it."""
    if size < 0:
        map_file(TASK, orders, tmp_path / f"out{suffix}")
        size += (tmp_path / f"out{suffix}").stat().st_size
        (tmp_path / f"out{suffix}").unlink()
    script = f"""
import signal
import resource
import graphgrad as gg
from graphgrad.tables import Task, map_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
try:
    map_file(Task(gg.parse("apple*n").data), {str(orders)!r}, {str(tmp_path / f"out{suffix}")!r})
except gg.GraphgradError as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"FileError cannot write '{tmp_path}/out{suffix}': File too large\n"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == [orders]


def test_a_disk_that_is_found_full_at_the_end(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some systems tell only when the data have to reach the disk."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(orders, tmp_path / "out.parquet").endswith("No space left on device")
    assert list(tmp_path.iterdir()) == [orders]


def test_an_error_in_a_row_leaves_nothing_behind(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the function of the rows raises is raised."""
    module = import_module("graphgrad.tables.bound")

    class Failing(RowFunction):
        def __call__(self, batch: pa.RecordBatch, start: int = 0) -> object:  # type: ignore[override]
            if start:
                raise GraphgradError("no such row")
            return super().__call__(batch, start)

    monkeypatch.setattr(module, "RowFunction", Failing)
    with pytest.raises(GraphgradError, match="no such row"):
        map_file(TASK, orders, tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == [orders]


def test_text_in_a_gzip_file_of_several_members(tmp_path: Path) -> None:
    """As `cat a.csv.gz b.csv.gz` makes it."""
    data = gzip.compress(b"apple,n\n1,2\n") + gzip.compress(b"3,4\n")
    (tmp_path / "in.csv.gz").write_bytes(data)
    assert map_file(TASK, tmp_path / "in.csv.gz", tmp_path / "out.csv").rows == 2


def test_the_limit_of_open_files_is_not_reached(tmp_path: Path, orders: Path) -> None:
    """Files are closed, also after errors."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        refused(orders, tmp_path / "no" / "out.parquet")
        map_file(TASK, orders, tmp_path / "out.parquet", force=True)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_a_missing_library_is_named() -> None:
    """With what installs it; the public names are there without it."""
    script = """
import sys
from graphgrad import *
import graphgrad as gg
sys.modules["pyarrow"] = None
try:
    gg.parse("x").map_file("in.csv", "out.csv")
except gg.GraphgradError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"tables need pyarrow, which is not installed\n{install('table')}\n"


WITHOUT = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
from graphgrad.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("library", "status", "message"),
    [("pyarrow", 2, install("table")), ("tqdm", 0, "1 row\n"), ("sqlglot", 0, "1 row\n")],
)
def test_the_command_says_what_it_lacks(tmp_path: Path, library: str, status: int, message: str) -> None:
    """However the library is missing, and only where it is needed."""
    (tmp_path / "in.csv").write_text("n\n1\n")
    argv = [sys.executable, "-c", WITHOUT, library, "2*n", "--data", str(tmp_path / "in.csv"), "--out", "-"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "Traceback" in done.stderr, message in done.stderr) == (status, False, True)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "-"])
def test_text_that_gzip_has_compressed_is_told_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    """Whatever its name, as on standard input."""
    data = gzip.compress(b"n\n1.50\n")
    (tmp_path / "in.csv").write_bytes(data)
    (tmp_path / "in.csv.gz").write_bytes(data)
    argv = [sys.executable, "-m", "graphgrad", "2*n", "--data", name if name == "-" else str(tmp_path / name)]
    done = subprocess.run([*argv, "--out", "-", "--check", "off"], input=data, capture_output=True, check=True)
    assert done.stdout.decode() == "n,value,∂n\n1.50,3,2\n"
