"""A formula over the tables of a folder, file by file on this machine."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_folders import ROWS, TASK, fill, is_right, table

import graphgrad as gg
from graphgrad.cli.command import main
from graphgrad.tables import failures, progress
from graphgrad.tables.map_files import map_files
from graphgrad.tables.task import Task

NAMES = ["a.parquet", "b.parquet", "year=2024/month=1/c.parquet", "year=2024/month=2/c.parquet"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of four tables, two of them below Hive's partitions."""
    return fill(tmp_path / "orders", NAMES)


def outputs(out: Path) -> list[str]:
    """Return the names of the tables in a folder."""
    return sorted(str(path.relative_to(out)) for path in out.rglob("*.parquet"))


def finish_times(out: Path) -> dict[str, int]:
    """Return when each table was written."""
    return {name: (out / name).stat().st_mtime_ns for name in outputs(out)}


def test_each_file_gets_its_file_of_the_same_name(data: Path, tmp_path: Path) -> None:
    """Below nested folders, too, and nothing else is left in the folder but the manifest."""
    outcome = map_files(TASK, data, tmp_path / "out")
    assert (outcome.tally.rows, outcome.files, outcome.kept) == (4 * ROWS, 4, 0)
    assert outputs(tmp_path / "out") == NAMES
    assert all(is_right(tmp_path / "out" / name, i) for i, name in enumerate(NAMES))
    others = [path.name for path in (tmp_path / "out").iterdir()]
    assert sorted(others) == ["_graphgrad", "a.parquet", "b.parquet", "year=2024"]
    assert sorted(path.name for path in (tmp_path / "out" / "_graphgrad").iterdir()) == ["parts", "task.json"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.parquet", ["a.parquet", "b.parquet"]),
        ("[b-z].parquet", ["b.parquet"]),
        ("year=*/month=2/*.parquet", ["year=2024/month=2/c.parquet"]),
        ("year=2024/**/*.parquet", ["month=1/c.parquet", "month=2/c.parquet"]),
        ("a.parquet", ["a.parquet"]),
    ],
)
def test_a_glob_says_which(data: Path, tmp_path: Path, pattern: str, names: list[str]) -> None:
    """Names are relative to the last folder without a wildcard."""
    map_files(TASK, f"{data}/{pattern}", tmp_path / "out")
    assert outputs(tmp_path / "out") == names


def test_paths_may_be_relative(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the current folder, as everywhere."""
    monkeypatch.chdir(data.parent)
    map_files(TASK, "orders/*.parquet", "out")
    assert outputs(Path("out")) == ["a.parquet", "b.parquet"]


def test_what_is_no_table_is_left_alone(data: Path, tmp_path: Path) -> None:
    """Notes, hidden files and the marks of other programs."""
    for name in ("README.txt", "_SUCCESS", ".b.parquet.crc", "_temporary/0/a.parquet", ".hidden/a.parquet"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("…", "utf-8")
    assert map_files(TASK, data, tmp_path / "out").files == 4


def test_a_name_may_hold_the_signs_of_globs(tmp_path: Path) -> None:
    """A folder that is there is meant by its name."""
    data = fill(tmp_path / "orders[1]", ["a.parquet"])
    assert map_files(TASK, data, tmp_path / "out").files == 1


LONG_NAMES = [
    f"{'a' * 247}.parquet",
    f"{'漢' * 82}.parquet",
    f"{'😀' * 61}.parquet",
]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other names")
@pytest.mark.parametrize("name", LONG_NAMES)
def test_a_name_may_be_as_long_as_the_system_takes(tmp_path: Path, name: str) -> None:
    """In bytes, of which a sign may have four; it is found finished, too."""
    data = fill(tmp_path / "orders", [name])
    assert [map_files(TASK, data, tmp_path / "out").kept for _ in range(2)] == [0, 1]
    assert is_right(tmp_path / "out" / name, 0)


def test_what_is_finished_is_not_done_again(data: Path, tmp_path: Path) -> None:
    """A second run adds up what the first one met, and does what is new, has changed or is gone."""
    out = tmp_path / "out"
    map_files(TASK, data, out)
    before = finish_times(out)
    again = map_files(TASK, data, out)
    assert (again.tally.rows, again.files, again.kept, finish_times(out)) == (4 * ROWS, 4, 4, before)

    pq.write_table(table(7), data / "a.parquet")
    os.utime(data / "a.parquet", ns=(1, 1))
    (out / "b.parquet").unlink()
    fill(data, ["d.parquet"])
    third = map_files(TASK, data, out)
    assert (third.files, third.kept) == (5, 2)
    assert is_right(out / "a.parquet", 7)
    assert is_right(out / "b.parquet", 1)
    assert {name: finish_times(out)[name] for name in NAMES[2:]} == {name: before[name] for name in NAMES[2:]}


def test_force_begins_anew(data: Path, tmp_path: Path) -> None:
    """With it, nothing is kept."""
    map_files(TASK, data, tmp_path / "out")
    assert map_files(TASK, data, tmp_path / "out", force=True).kept == 0


OTHERS = [
    replace(TASK, graph=gg.parse("apple + n*tax").data),
    replace(TASK, wrt=("apple",)),
    replace(TASK, constants={"tax": 1.25}),
    replace(TASK, value_name="bill"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_results_of_another_task_are_not_mixed_in(data: Path, tmp_path: Path, other: Task) -> None:
    """A folder with results of another formula, or with other options, is refused, and nothing in it changes."""
    map_files(TASK, data, tmp_path / "out")
    before = finish_times(tmp_path / "out")
    with pytest.raises(gg.FileError, match="holds the results of") as caught:
        map_files(other, data, tmp_path / "out")
    assert "--force" in caught.value.hint
    assert finish_times(tmp_path / "out") == before
    assert map_files(other, data, tmp_path / "out", force=True).files == 4


def test_files_that_are_there_are_not_replaced(data: Path, tmp_path: Path) -> None:
    """Not without `force`, and where one is there, none is written."""
    fill(tmp_path / "out", ["b.parquet"])
    with pytest.raises(gg.FileError, match=r"b\.parquet' exists"):
        map_files(TASK, data, tmp_path / "out")
    assert outputs(tmp_path / "out") == ["b.parquet"]
    assert map_files(TASK, data, tmp_path / "out", force=True).files == 4


def test_one_broken_file_does_not_keep_the_others(data: Path, tmp_path: Path) -> None:
    """The error names it; once it is mended, it alone is done."""
    (data / "b.parquet").write_bytes(b"PAR1 but not for long PAR1")
    with pytest.raises(gg.FileError, match=r"1 of 4 files failed: b\.parquet: cannot read") as caught:
        map_files(TASK, data, tmp_path / "out")
    assert "3 are done" in caught.value.hint
    assert outputs(tmp_path / "out") == [name for name in NAMES if name != "b.parquet"]
    pq.write_table(table(1), data / "b.parquet")
    outcome = map_files(TASK, data, tmp_path / "out")
    assert (outcome.files, outcome.kept, outcome.tally.rows) == (4, 3, 4 * ROWS)


def test_each_file_has_columns_of_its_own(data: Path, tmp_path: Path) -> None:
    """Another order, another type and more columns are fine; a missing column names the file."""
    n = table(0)["n"]
    pq.write_table(
        pa.table({"note": ["…"] * ROWS, "n": n.cast("int16"), "apple": table(0)["apple"]}), data / "a.parquet"
    )
    pq.write_table(pa.table({"n": n}), data / "b.parquet")
    with pytest.raises(gg.FileError, match=r"1 of 4 files failed: b\.parquet: .*apple"):
        map_files(TASK, data, tmp_path / "out")
    written = pq.ParquetFile(tmp_path / "out" / "a.parquet").schema_arrow
    assert written.names == ["note", "n", "apple", "value", "∂apple", "∂n", "∂tax"]
    assert is_right(tmp_path / "out" / NAMES[2], 2)


def test_what_fails_everywhere_is_told_as_for_one_file(data: Path, tmp_path: Path) -> None:
    """A name that no table has is the formula's fault, not a file's."""
    with pytest.raises(gg.UnknownNameError, match=r"a\.parquet: .*pear"):
        map_files(Task(gg.parse("apple*pear").data), data, tmp_path / "out")


def test_many_failures_in_a_row_end_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the disk is full: the rest is not tried, and the message stays short."""
    monkeypatch.setattr(failures, "IN_A_ROW", 8)
    data = fill(tmp_path / "orders", ["a.parquet"])
    for i in range(20):
        (data / f"b{i:02}.parquet").write_bytes(b"?" * 20)
    with pytest.raises(
        gg.FileError, match="8 of 21 files failed, 12 were not tried after 8 failures in a row"
    ) as caught:
        map_files(TASK, data, tmp_path / "out")
    assert caught.value.message.count(": cannot read") == failures.NAMED
    assert caught.value.message.endswith("; and 3 more")


def test_a_broken_manifest_is_not_believed(data: Path, tmp_path: Path) -> None:
    """Of a file whose entry is no JSON, nothing is known: it is done again."""
    map_files(TASK, data, tmp_path / "out")
    (tmp_path / "out" / "_graphgrad" / "parts" / "a.parquet.json").write_text("{", "utf-8")
    assert map_files(TASK, data, tmp_path / "out").kept == 3


def test_the_manifest_can_be_read(data: Path, tmp_path: Path) -> None:
    """It says in JSON what was computed, from what, and what was met."""
    map_files(TASK, data, tmp_path / "out")
    folder = tmp_path / "out" / "_graphgrad"
    heading = json.loads((folder / "task.json").read_text("utf-8"))
    assert (heading["expression"], heading["constants"], heading["data"]) == ("apple*n*tax", {"tax": 1.5}, str(data))
    entry = json.loads((folder / "parts" / f"{NAMES[2]}.json").read_text("utf-8"))
    assert (entry["name"], entry["rows"], entry["task"]) == (NAMES[2], ROWS, heading["task"])
    assert entry["size"] == (data / NAMES[2]).stat().st_size


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal_shows_how_many_files_are_done(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all; elsewhere nothing is shown."""
    monkeypatch.setattr(progress, "PATIENCE", 0)
    terminal, pipe = Terminal(), io.StringIO()
    map_files(TASK, data, tmp_path / "out", progress=terminal)
    map_files(TASK, data, tmp_path / "out", progress=pipe)
    assert "0/4" in terminal.getvalue()
    assert "files" in terminal.getvalue()
    assert pipe.getvalue() == ""


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("nowhere", "out", "no such file or folder"),
        ("empty", "out", "no table is in the folder"),
        ("orders/*.csv", "out", "no file matches"),
        ("orders/year=*", "out", r"no file matches .*\n.*/\*\.parquet"),
        ("orders", "orders", "lies in the folder that is read"),
        ("orders", "orders/year=2024/out", "lies in the folder that is read"),
        ("orders/**/*.parquet", "orders/out", "lies in the folder that is read"),
        ("orders/*.parquet", "orders", "is the folder that is read"),
        ("orders", "notes.txt", "is a file, and many are written"),
        ("orders", "bills.parquet", r"is called as one\n.*bills\.parquet/"),
        ("delta", "out", "is a table of Delta Lake"),
    ],
)
def test_what_cannot_be_meant_is_refused(data: Path, tmp_path: Path, source: str, target: str, message: str) -> None:
    """Before anything is written."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("…", "utf-8")
    fill(tmp_path / "delta", ["_delta_log/0.json", "a.parquet"])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(gg.FileError, match=message):
        map_files(TASK, tmp_path / source, tmp_path / target)
    assert sorted(tmp_path.rglob("*")) == before
    assert len(list(data.rglob("*.parquet"))) == 4


@pytest.mark.parametrize("way", ["steps", "link", "URL", "link to the input"])
@pytest.mark.parametrize("inside", ["", "/out"])
def test_the_folder_that_is_read_is_no_output(data: Path, tmp_path: Path, way: str, inside: str) -> None:
    """By whatever names, and with `force`."""
    (tmp_path / "link").symlink_to(data)
    out = {"steps": f"{data}/../orders", "link": f"{tmp_path}/link", "URL": f"file://{data}"}.get(way, str(data))
    source = tmp_path / "link" if way == "link to the input" else data
    with pytest.raises(gg.FileError, match="lies in the folder that is read"):
        map_files(TASK, source, out + inside, force=True)
    assert sorted(outputs(data)) == sorted(NAMES)


def test_a_folder_outside_is_told_by_where_it_is(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not by the beginning of its name."""
    monkeypatch.chdir(data)
    assert map_files(TASK, ".", "../out").files == 4
    assert map_files(TASK, data, f"{data}-out").files == 4


def test_results_of_another_folder_are_not_replaced(data: Path, tmp_path: Path) -> None:
    """Where files have the same names; others are added, and what is finished for the same files is kept."""
    other, out = fill(tmp_path / "other", ["b.parquet"]), tmp_path / "out"
    map_files(TASK, data, out)
    before = finish_times(out)
    with pytest.raises(gg.FileError, match=r"b\.parquet' exists"):
        map_files(TASK, other, out)
    assert finish_times(out) == before
    (other / "b.parquet").rename(other / "d.parquet")
    assert map_files(TASK, other, out).kept == 0
    data.rename(tmp_path / "moved")
    assert map_files(TASK, tmp_path / "moved", out).kept == 4


@pytest.mark.parametrize("source", ["nowhere", "nowhere/", "memory://nowhere"])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """And not the output, which has no suffix, as folders have none."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gg.FileError, match=f"'{source}': no such file or folder"):
        gg.parse("apple*n").map_file(source, "out")


def test_a_tilde_is_the_home_folder(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one file and of many."""
    monkeypatch.setenv("HOME", str(tmp_path))
    graph = gg.parse("apple*n")
    for source, out in [("~/orders", "~/bills"), ("~/orders/a.parquet", "~/bill.parquet")]:
        graph.map_file(source, out)
    assert outputs(tmp_path / "bills") == sorted(outputs(data))
    assert (tmp_path / "bill.parquet").is_file()


def test_standard_output_is_one_file(data: Path) -> None:
    """And no folder called `-` is made."""
    with pytest.raises(gg.FileError, match="standard output is one"):
        map_files(TASK, data, "-")
    assert not Path("-").exists()


def test_sums_over_all_files_are_one_number(data: Path) -> None:
    """Nothing is written, and so nothing is kept."""
    report = gg.parse("sum(apple*n*tax)").map_file(data, at={"tax": 1.5})
    expected = sum(apple * n for i in range(4) for apple, n in zip(*table(i).to_pydict().values(), strict=True))
    assert (report.value, report.grad) == (1.5 * expected, {"tax": expected})


def test_a_summary_is_that_of_all_files(data: Path, tmp_path: Path) -> None:
    """Means over the files are those of one table of all rows, also where some were done before."""
    pq.write_table(pa.concat_tables([table(i) for i in range(4)]), tmp_path / "all.parquet")
    graph = gg.parse("apple*n")
    whole = graph.map_file(tmp_path / "all.parquet", summary=True, check=0).summary
    first = graph.map_file(data, tmp_path / "out", summary=True, check=0).summary
    again = graph.map_file(data, tmp_path / "out", summary=True, check=0).summary
    assert str(first) == str(whole)
    assert str(again) == str(whole)


def test_the_report_says_in_which_file_a_row_is(data: Path, tmp_path: Path) -> None:
    """Rows are counted over all files in the order of their names."""
    pq.write_table(pa.table({"apple": [1.0, -1.0], "n": [1, 1]}), data / "b.parquet")
    report = gg.parse("log(apple + 0.5)*n").map_file(data, tmp_path / "out", check=0)
    assert f"row {ROWS + 2} is row 2 of b.parquet" in report.notes


def test_the_command_takes_folders(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many files it has written, and which of them were there."""
    command = ["apple*n*tax", "--at", "tax=1.5", "--data", str(data), "--out", str(tmp_path / "out"), "--check", "off"]
    assert main(command) == 0
    assert capsys.readouterr().out.endswith("out: 4 files\n")
    assert main(command) == 0
    assert capsys.readouterr().out.endswith("out: 4 files, 4 by an earlier run\n")
    assert main([*command, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["files"], answer["kept"]) == (4, 4)


def test_one_file_is_counted_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder may hold a single table, and one of two may be done."""
    data = fill(tmp_path / "data", ["a.parquet"])
    command = ["apple*n", "--data", str(data), "--out", str(tmp_path / "out"), "--check", "off"]
    assert (main(command), main(command)) == (0, 0)
    assert capsys.readouterr().out.endswith("out: 1 file, 1 by an earlier run\n")
    (data / "b.parquet").write_bytes(b"PAR1 but not for long PAR1")
    assert main(command) == 3
    assert "1 is done; the same command does the rest" in capsys.readouterr().err


def test_the_command_has_no_cluster_for_one_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is computed on one."""
    command = ["apple*n", "--data", str(data / "a.parquet"), "--out", str(tmp_path / "out.parquet"), "--dask", "local"]
    assert main(command) == 2
    assert "a folder or of a glob" in capsys.readouterr().err


def test_the_command_ends_with_status_3_for_a_broken_file(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are written."""
    (data / "b.parquet").write_bytes(b"PAR1 but not for long PAR1")
    assert main(["apple*n", "--data", str(data), "--out", str(tmp_path / "out")]) == 3
    assert "1 of 4 files failed: b.parquet" in capsys.readouterr().err
    assert outputs(tmp_path / "out") == [name for name in NAMES if name != "b.parquet"]


def test_a_folder_may_be_called_as_a_file(data: Path, tmp_path: Path) -> None:
    """With a slash behind its name, as other programs call such folders."""
    map_files(TASK, data, f"{tmp_path}/bills.parquet/")
    assert outputs(tmp_path / "bills.parquet") == NAMES


def test_an_output_may_lie_beside_what_a_glob_reads(data: Path) -> None:
    """A glob without `**` does not reach into it."""
    map_files(TASK, data / "*.parquet", data / "out")
    assert map_files(TASK, data / "*.parquet", data / "out").kept == 2
