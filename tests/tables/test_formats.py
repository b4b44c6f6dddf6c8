"""Tables of every format, read and written without loss."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from contextlib import closing
from decimal import Decimal
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather

import graphgrad as gg
from graphgrad.tables import Task, map_file
from graphgrad.tables.read import open_source
from graphgrad.tables.source import Source
from graphgrad.tables.write import open_sink

TASK: Final = Task(gg.parse("apple*n").data)
NEW: Final = ["value", "∂apple", "∂n"]
TABLE: Final = pa.table({"apple": [100.0, 0.1, 1e300], "n": [2, 3, 4], "name": ["a", "ü", 'x,"y"\nz']})


def write(table: pa.Table, path: Path) -> None:
    """Write a table with pyarrow, as the suffix says."""
    name = path.name
    if name.endswith(".gz"):
        with gzip.open(path, "wb") as file:
            pacsv.write_csv(table, file, pacsv.WriteOptions(delimiter="\t" if ".tsv" in name else ","))
    elif name.endswith((".csv", ".tsv")):
        pacsv.write_csv(table, path, pacsv.WriteOptions(delimiter="\t" if ".tsv" in name else ","))
    elif name.endswith((".parquet", ".pq")):
        pq.write_table(table, path)
    elif name.endswith(".arrows"):
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    elif name.endswith(".feather"):
        feather.write_feather(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)


def read(path: Path) -> pa.Table:
    """Read a table with pyarrow."""
    name = path.name
    if name.endswith((".csv", ".tsv", ".gz")):
        data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
        options = pacsv.ParseOptions(delimiter="\t" if ".tsv" in name else ",", newlines_in_values=True)
        return pacsv.read_csv(io.BytesIO(data), pacsv.ReadOptions(block_size=1 << 26), options)
    if name.endswith((".parquet", ".pq")):
        return pq.read_table(path)
    if name.endswith(".arrows"):
        return pa.ipc.open_stream(path.read_bytes()).read_all()
    return pa.ipc.open_file(path.read_bytes()).read_all()


def mapped(table: pa.Table, folder: Path, task: Task = TASK) -> pa.Table:
    """Return a table with the new columns, by way of two Parquet files."""
    pq.write_table(table, folder / "in.parquet")
    map_file(task, folder / "in.parquet", folder / "out.parquet")
    return pq.read_table(folder / "out.parquet")


SUFFIXES: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".pq", ".arrow", ".ipc", ".feather", ".arrows")
PAIRS: Final = list(product(SUFFIXES, SUFFIXES))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_any_format_becomes_any_other(tmp_path: Path, source: str, target: str) -> None:
    """The suffixes of the two names say how the table is read and written."""
    write(TABLE, tmp_path / f"in{source}")
    tally = map_file(TASK, tmp_path / f"in{source}", tmp_path / f"out{target}")
    result = read(tmp_path / f"out{target}")
    assert tally.rows == 3
    assert result.schema.names == [*TABLE.schema.names, *NEW]
    assert result.select(TABLE.schema.names).to_pydict() == TABLE.to_pydict()
    assert result["value"].to_pylist() == [200.0, 0.1 * 3, 4e300]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_table_without_rows_stays_one(tmp_path: Path, source: str, target: str) -> None:
    """A header alone, a file without row groups or batches: the columns are there, and no row."""
    write(TABLE.slice(0, 0), tmp_path / f"in{source}")
    assert map_file(TASK, tmp_path / f"in{source}", tmp_path / f"out{target}").rows == 0
    result = read(tmp_path / f"out{target}")
    assert (result.num_rows, result.schema.names) == (0, [*TABLE.schema.names, *NEW])


def test_no_row_group_and_a_header_without_line_end(tmp_path: Path) -> None:
    """The least files that name columns."""
    pq.ParquetWriter(tmp_path / "in.parquet", TABLE.schema).close()
    (tmp_path / "in.csv").write_text("apple,n")
    assert map_file(TASK, tmp_path / "in.parquet", tmp_path / "1.csv").rows == 0
    assert map_file(TASK, tmp_path / "in.csv", tmp_path / "2.csv").rows == 0
    assert (tmp_path / "2.csv").read_text() == "apple,n,value,∂apple,∂n\n"


# ---- text


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
special = st.text(st.sampled_from('",\n\r\t;a ü'), max_size=5)


@given(st.lists(text | special, min_size=1, max_size=8), st.sampled_from([".csv", ".tsv", ".csv.gz"]))
def test_text_is_kept_to_the_letter(values: list[str], suffix: str) -> None:
    """What stood in a CSV file stands in the output, with quotes where they are needed."""
    delimiter = "\t" if "tsv" in suffix else ","
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [["apple", "n", "text"], *([f"{i}.50", "007", value] for i, value in enumerate(values))]
    )
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / f"in{suffix}", Path(folder) / f"out{suffix}"
        data = written.getvalue().encode()
        source.write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
        map_file(TASK, source, target)
        out = target.read_bytes()
        out = gzip.decompress(out) if suffix.endswith("gz") else out
    _, *rows = csv.reader(io.StringIO(out.decode(), newline=""), delimiter=delimiter)
    assert [row[:3] for row in rows] == [[f"{i}.50", "007", value] for i, value in enumerate(values)]


@pytest.mark.parametrize("cell", ["1.50", "1e2", "+3", "0x", "NA", "null", "", " a ", "'", "nan", "1,5", '"', "\r\n"])
def test_cells_that_look_like_something_are_kept(tmp_path: Path, cell: str) -> None:
    """No text is turned into a number or a null and back."""
    quoted = '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\r\n') else cell
    (tmp_path / "in.csv").write_bytes(f"apple,n,x\n2,3,{quoted}\n".encode())
    map_file(TASK, tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == f"apple,n,x,value,∂apple,∂n\n2,3,{quoted},6,3,2\n".encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfapple,n\n2,3\n", "apple,n,value,∂apple,∂n\n2,3,6,3,2\n"),
        (b"apple,n\r\n2,3\r\n", "apple,n,value,∂apple,∂n\r\n2,3,6,3,2\r\n"),
        (b"apple,n\n2,3", "apple,n,value,∂apple,∂n\n2,3,6,3,2\n"),
        (b"\n\napple,n\n\n2,3\n\n", "apple,n,value,∂apple,∂n\n2,3,6,3,2\n"),
        (b'"apple","n"\n"2","3"\n', "apple,n,value,∂apple,∂n\n2,3,6,3,2\n"),
        (b'apple,n,"a,b"\n2,3,"x\ny"\n', 'apple,n,"a,b",value,∂apple,∂n\n2,3,"x\ny",6,3,2\n'),
        (b"apple,n,\n2,3,5\n", "apple,n,,value,∂apple,∂n\n2,3,5,6,3,2\n"),
    ],
    ids=["byte order mark", "CRLF", "no last line end", "empty lines", "quotes", "line end in a value", "empty name"],
)
def test_dialects_of_csv(tmp_path: Path, data: bytes, expected: str) -> None:
    """Lines end as those of the source do; quotes stand where they are needed."""
    (tmp_path / "in.csv").write_bytes(data)
    map_file(TASK, tmp_path / "in.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().decode() == expected


@pytest.mark.parametrize("target", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("place", [0, 1, 50_000])
def test_a_row_longer_than_a_block(tmp_path: Path, target: str, place: int) -> None:
    """A row of 20 MB is read as any other, and no other row is lost or doubled."""
    lines = [f"{i},2,x" for i in range(100_000)]
    lines.insert(place, f"7,2,{'y' * 20_000_000}")
    (tmp_path / "in.csv").write_text("apple,n,text\n" + "\n".join(lines) + "\n")
    assert map_file(TASK, tmp_path / "in.csv", tmp_path / target).rows == 100_001
    result = read(tmp_path / target)
    assert result["apple"].to_pylist() == [int(line.partition(",")[0]) for line in lines]
    assert result["value"].to_pylist() == [2 * x for x in result["apple"].to_pylist()]


def test_a_single_column_keeps_its_empty_values(tmp_path: Path) -> None:
    """An empty value alone in its line is quoted, since an empty line is no row."""
    table = pa.table({"x": ["", "a", ""]})
    writer_path = tmp_path / "out.csv"
    with open_sink(writer_path, table.schema, _NoSource("x.csv")) as sink:
        sink.write_batch(table.to_batches()[0])
    assert writer_path.read_text() == 'x\n""\na\n""\n'


class _NoSource(Source):
    schema = pa.schema([])


GUESSED: Final = {
    "int64": ["1", "-20", ""],
    "double": ["1", "2.5", ""],
    "bool": ["true", "false", ""],
    "date32[day]": ["2024-01-31", "1999-12-31", ""],
    "timestamp[us]": ["2024-01-31 10:20:30", "2024-01-31T10:20:30.5", ""],
    "string": ["1", "x", ""],
}


@pytest.mark.parametrize("kind", GUESSED)
def test_types_of_text_are_told(tmp_path: Path, kind: str) -> None:
    """In a format with types, a column of text has the type that takes all its values."""
    lines = "".join(f"2,3,{value}\n" for value in GUESSED[kind])
    (tmp_path / "in.csv").write_text(f"apple,n,x\n{lines}")
    map_file(TASK, tmp_path / "in.csv", tmp_path / "out.parquet")
    result = pq.read_table(tmp_path / "out.parquet")
    assert str(result["x"].type) == kind
    assert result["x"].to_pylist()[2] == ("" if kind == "string" else None)


@pytest.mark.parametrize("cell", ["007", "12345678901234567890", "0x10", "1.2.3", "NA", "2024-13-01", "1 "])
def test_a_text_that_a_type_would_change_stays_text(tmp_path: Path, cell: str) -> None:
    """Leading zeros, more digits than a number has, and what is no number are kept."""
    (tmp_path / "in.csv").write_text(f"apple,n,x\n2,3,{cell}\n2,3,1\n")
    map_file(TASK, tmp_path / "in.csv", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet")["x"].to_pylist() == [cell, "1"]


@pytest.mark.parametrize(("late", "kind"), [("2.5", "double"), ("x", "string"), ("12345678901234567890", "string")])
def test_a_late_value_of_another_type_is_not_lost(tmp_path: Path, late: str, kind: str) -> None:
    """Where a value far behind does not have the type of the first rows, the column has one that takes all."""
    rows = 300_000
    (tmp_path / "in.csv").write_text("apple,n,x\n" + "2,3,1\n" * rows + f"2,3,{late}\n")
    assert map_file(TASK, tmp_path / "in.csv", tmp_path / "out.parquet").rows == rows + 1
    column = pq.read_table(tmp_path / "out.parquet")["x"]
    assert (str(column.type), str(column[-1]), len(column)) == (kind, late, rows + 1)


# ---- Parquet


@pytest.mark.parametrize("columns", [[], ["a"], ["c", "a.b"]])
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".arrows"])
def test_only_the_columns_that_are_asked_for_are_read(tmp_path: Path, suffix: str, columns: list[str]) -> None:
    """In that order; none at all still has rows; and `a` is not `a.b`."""
    write(pa.table({"a": [1, 2], "a.b": [3, 4], "c": [5, 6]}), tmp_path / f"in{suffix}")
    with closing(open_source(tmp_path / f"in{suffix}")) as source:
        assert [(batch.num_rows, batch.schema.names) for batch in source.batches(columns)] == [(2, columns)]


@pytest.mark.parametrize("codec", ["snappy", "zstd", "uncompressed", "gzip"])
@pytest.mark.parametrize("library", ["duckdb", "polars"])
def test_files_of_other_writers(tmp_path: Path, library: str, codec: str) -> None:
    """Their columns are stored as they were, in nested ones, too."""
    path = tmp_path / "in.parquet"
    if library == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        select = "select random() as apple, (i % 7)::int as n, {'a': i, 'b': [i, 7]} as s, 'word' || (i % 5) as w"
        duckdb.sql(f"copy ({select} from range(50000) t(i)) to '{path}' (format parquet, codec '{codec}')")
    else:
        polars = pytest.importorskip("polars")
        columns = {
            "apple": np.random.default_rng(0).random(50_000),
            "n": np.arange(50_000) % 7,
            "w": ["a", "b"] * 25_000,
        }
        polars.DataFrame({**columns, "s": [[1, 2]] * 50_000}).write_parquet(path, compression=codec)
    map_file(TASK, path, tmp_path / "out.parquet")
    before, after = chunks(path), chunks(tmp_path / "out.parquet")
    assert (
        pq.read_table(tmp_path / "out.parquet")
        .select(["apple", "n", "w", "s"])
        .equals(pq.read_table(path).select(["apple", "n", "w", "s"]))
    )
    for name in ("apple", "n", "w"):
        assert after[name].compression == before[name].compression
    assert after["w"].has_dictionary_page == before["w"].has_dictionary_page
    assert after["value"].compression == before["apple"].compression


def test_types_of_columns_are_kept(tmp_path: Path) -> None:
    """Dictionaries, long strings, times with zones, nested columns, decimals, extensions: all stay."""
    moment = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
    table = pa.table(
        {
            "apple": [2.0, None],
            "n": pa.array([3, 4], pa.int16()),
            "coded": pa.array(["x", "y"]).dictionary_encode(),
            "long": pa.array(["x", None], pa.large_string()),
            "time": pa.array([moment, None], pa.timestamp("ns", "Europe/Vienna")),
            "list": pa.array([[1, 2], None], pa.list_(pa.int32())),
            "struct": pa.array([{"a": 1, "b.c": ["x"]}, {"a": None, "b.c": []}]),
            "decimal": pa.array([Decimal("1.20"), None], pa.decimal128(10, 2)),
            "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"a" * 16, b"b" * 16], pa.binary(16))),
            "a.b": [1, 2],
            "null": pa.nulls(2),
        }
    )
    result = mapped(table, tmp_path)
    assert result.select(table.schema.names).equals(table)
    for name in (".arrow", ".arrows"):
        map_file(TASK, tmp_path / "in.parquet", tmp_path / f"out{name}")
        assert read(tmp_path / f"out{name}").select(table.schema.names).equals(table)


def test_metadata_are_kept(tmp_path: Path) -> None:
    """Those of the table, pandas' among them, of each column, and which columns may have nulls."""
    fields = [
        pa.field("apple", pa.float64(), nullable=False, metadata={"unit": "ct"}),
        pa.field("n", pa.int64(), metadata={"PARQUET:field_id": "7"}),
    ]
    schema = pa.schema(fields, {"pandas": '{"columns": []}', "geo": "x"})
    result = mapped(pa.table([[1.0], [2]], schema=schema), tmp_path).schema
    assert result.metadata == schema.metadata
    assert [result.field(i).equals(field, check_metadata=True) for i, field in enumerate(schema)] == [True, True]


def test_the_index_of_pandas_is_kept(tmp_path: Path) -> None:
    """A frame with an index has it again, beside the new columns."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"apple": [1.0, 2.0], "n": [3, 4]}, index=pandas.Index(["x", "y"], name="key"))
    frame.to_parquet(tmp_path / "in.parquet")
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet")
    result = pandas.read_parquet(tmp_path / "out.parquet")
    assert list(result.index) == ["x", "y"]
    assert list(result.columns) == ["apple", "n", *NEW]


def chunks(path: Path) -> dict[str, Any]:
    """Return how each column of the first row group is stored."""
    group = pq.read_metadata(path).row_group(0)
    return {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}


def test_columns_are_stored_as_they_were_and_new_ones_without_dictionary(tmp_path: Path) -> None:
    """Dictionary, codec, statistics and encoding of each column of the source are those of the output."""
    rows = 40_000
    columns = {name: np.arange(rows) % 7 for name in ("apple", "n", "delta", "plain", "coded")}
    pq.write_table(
        pa.table({**columns, "nested": pa.array([{"a": 1, "b": 2}] * rows)}),
        tmp_path / "in.parquet",
        use_dictionary=["coded", "nested.a"],
        compression={
            "apple": "zstd",
            "n": "zstd",
            "delta": "none",
            "plain": "gzip",
            "coded": "zstd",
            "nested.a": "snappy",
        },
        write_statistics=["apple"],
        column_encoding={"delta": "DELTA_BINARY_PACKED"},
    )
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet")
    before, after = chunks(tmp_path / "in.parquet"), chunks(tmp_path / "out.parquet")
    for name, chunk in before.items():
        assert after[name].has_dictionary_page == chunk.has_dictionary_page
        assert after[name].compression == chunk.compression
        assert after[name].is_stats_set == chunk.is_stats_set
        assert set(after[name].encodings) == set(chunk.encodings)
    assert [after[name].has_dictionary_page for name in NEW] == [False] * 3
    assert [after[name].compression for name in NEW] == ["ZSTD"] * 3
    assert [after[name].is_stats_set for name in NEW] == [True] * 3


def test_a_dictionary_that_did_not_serve_is_not_tried_again(tmp_path: Path) -> None:
    """A column of which the writer gave up the dictionary is written plainly."""
    rows = 1_000_000
    pq.write_table(
        pa.table({"apple": np.random.default_rng(0).random(rows), "n": np.ones(rows)}), tmp_path / "in.parquet"
    )
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet")
    after = chunks(tmp_path / "out.parquet")
    assert chunks(tmp_path / "in.parquet")["apple"].has_dictionary_page
    assert [after[name].has_dictionary_page for name in ("apple", "n")] == [False, True]


@pytest.mark.parametrize("size", [1_000, 200_000, 10_000_000])
def test_row_groups_have_the_size_of_the_sources_in_bounds(tmp_path: Path, size: int) -> None:
    """A row group has as many rows as the source's, and at most 2^20."""
    rows = 1_200_000 if size > 1_000 else 5_000
    pq.write_table(pa.table({"apple": np.ones(rows), "n": np.ones(rows)}), tmp_path / "in.parquet", row_group_size=size)
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet")
    metadata = pq.read_metadata(tmp_path / "out.parquet")
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert sizes[:-1] == [min(size, 1 << 20)] * (len(sizes) - 1)
    assert sum(sizes) == rows


def test_dictionaries_may_differ_from_batch_to_batch(tmp_path: Path) -> None:
    """An Arrow file, in which a dictionary can only grow, takes those of all row groups."""
    first, second = (pa.array(values).dictionary_encode() for values in (["x", "y", "x"], ["z", "x", None]))
    with pq.ParquetWriter(
        tmp_path / "in.parquet", pa.schema({"apple": pa.float64(), "n": pa.int64(), "c": first.type})
    ) as w:
        for column in (first, second):
            w.write_table(pa.table({"apple": [1.0, 2.0, 3.0], "n": [1, 2, 3], "c": column}))
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.arrow")
    assert read(tmp_path / "out.arrow")["c"].to_pylist() == ["x", "y", "x", "z", "x", None]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv"])
def test_two_thousand_columns(tmp_path: Path, suffix: str) -> None:
    """A wide table goes through as a narrow one does."""
    wide = pa.table({"apple": [2.0] * 300, "n": [3.0] * 300, **{f"c{i}": np.arange(300) for i in range(2_000)}})
    write(wide, tmp_path / f"in{suffix}")
    map_file(TASK, tmp_path / f"in{suffix}", tmp_path / f"out{suffix}")
    result = read(tmp_path / f"out{suffix}")
    assert result.num_columns == 2_005
    assert result["c1999"].to_pylist() == list(range(300))
    assert result["value"].to_pylist() == [6.0] * 300


@pytest.mark.parametrize("suffix", [".arrow", ".feather", ".arrows"])
def test_rows_of_one_large_batch_keep_their_order(tmp_path: Path, suffix: str) -> None:
    """An Arrow file with one record batch is read in smaller ones."""
    rows = 1_000_000
    table = pa.table({"apple": np.arange(rows, dtype=float), "n": np.full(rows, 2)})
    write(table, tmp_path / f"in{suffix}")
    map_file(TASK, tmp_path / f"in{suffix}", tmp_path / "out.parquet")
    assert np.array_equal(pq.read_table(tmp_path / "out.parquet")["value"].to_numpy(), 2.0 * np.arange(rows))
