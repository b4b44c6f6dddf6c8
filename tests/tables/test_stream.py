"""Reading, computing and writing at the same time; signals, pipes, and the bar on a terminal."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from terminal import Terminal

import graphgrad as gg
from graphgrad.base.signals import Stopped, signals_raise
from graphgrad.tables import Task, map_file
from graphgrad.tables.stream import overlapped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASK: Final = Task(gg.parse("apple*n").data)


def numbers(count: int) -> Iterator[pa.RecordBatch]:
    """Yield batches of one row each."""
    for i in range(count):
        yield pa.record_batch({"x": [i]})


def threads() -> set[str]:
    """Return the names of our threads that run."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("graphgrad r")}


# ---- the pipeline


def test_results_come_in_the_order_of_the_rows() -> None:
    """Also where a later batch is computed sooner."""

    def slow_at_times(batch: pa.RecordBatch, start: int) -> tuple[int, int]:
        time.sleep(0.002 * (start % 3))
        return start, batch["x"][0].as_py()

    results = list(overlapped(numbers(40), slow_at_times, stop=lambda: None))
    assert results == [(i, i) for i in range(40)]
    assert threads() == set()


def test_reading_does_not_run_ahead_of_writing() -> None:
    """Few batches are in memory, however slowly they are taken."""
    read = []

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in numbers(1_000):
            read.append(batch)
            yield batch

    with closing(overlapped(counted(), lambda batch, start: start, stop=lambda: None)) as results:
        next(results)
        time.sleep(0.3)
        assert len(read) <= 2 * (os.cpu_count() or 1) + 6
    assert threads() == set()


@pytest.mark.parametrize("stage", ["reading", "computing", "writing"])
def test_an_error_in_any_stage_ends_all(stage: str) -> None:
    """It is raised in the caller, and no thread is left."""

    def batches() -> Iterator[pa.RecordBatch]:
        yield from numbers(5)
        if stage == "reading":
            raise OSError(stage)
        yield from numbers(1_000_000)

    def compute(_: pa.RecordBatch, start: int) -> int:
        if stage == "computing" and start == 5:
            raise OSError(stage)
        return start

    def write() -> None:
        with closing(overlapped(batches(), compute, stop=lambda: None)) as results:
            for result in results:
                if stage == "writing" and result == 5:
                    raise OSError(stage)

    with pytest.raises(OSError, match=stage):
        write()
    assert threads() == set()


def test_the_first_batch_is_computed_alone() -> None:
    """It may compile machine code, which several threads would do at once."""
    begun, together = [], []

    def compute(_: pa.RecordBatch, start: int) -> None:
        begun.append(start)
        if not start:
            time.sleep(0.1)
            together.extend(begun)

    list(overlapped(numbers(10), compute, stop=lambda: None))
    assert together == [0]


# ---- signals


SCRIPT: Final = """
import sys, threading, time
import graphgrad as gg
from graphgrad.base.signals import Stopped, signals_raise
from graphgrad.tables import Task, map_file
try:
    with signals_raise():
        print("ready", file=sys.stderr, flush=True)
        map_file(Task(gg.parse("apple*n").data), sys.argv[1], sys.argv[2], force=True)
except Stopped as stopped:
    sys.exit(stopped.status)
"""


@pytest.mark.parametrize(
    ("number", "suffix"), [(signal.SIGINT, ".csv"), (signal.SIGTERM, ".parquet"), (signal.SIGHUP, ".arrow")]
)
def test_a_signal_leaves_no_half_file(tmp_path: Path, number: signal.Signals, suffix: str) -> None:
    """While rows come from a pipe that stays open: the old file is as it was, and no other is there."""
    target = tmp_path / f"out{suffix}"
    target.write_text("old")
    argv = [sys.executable, "-m", "graphgrad", "apple*n", "--data", "-", "--out", str(target), "--force"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"apple,n\n" + b"1.5,2\n" * 6_000_000)  # more than a block, so that writing has begun
        process.stdin.flush()
        until = time.monotonic() + 30
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert process.stderr.read() == b""
    assert [(path, path.read_text()) for path in tmp_path.iterdir()] == [(target, "old")]


def test_the_command_ends_by_a_signal_without_a_traceback(tmp_path: Path) -> None:
    """With the exit status that shells expect, and nothing left behind."""
    command = [sys.executable, "-m", "graphgrad", "apple*n", "--data", "-", "--out", str(tmp_path / "out.csv")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"apple,n\n" + b"1.5,2\n" * 6_000_000)
        process.stdin.flush()
        until = time.monotonic() + 30
        while not list(tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
        assert process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == []


def test_later_signals_do_not_disturb_the_tidying() -> None:
    """Only the first raises; afterwards the handlers are those of before."""
    before = signal.getsignal(signal.SIGTERM)
    tidied = []

    def work() -> None:
        with signals_raise():
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGTERM)
                tidied.append(True)

    with pytest.raises(Stopped) as caught:
        work()
    assert (caught.value.status, tidied) == (143, [True])
    assert signal.getsignal(signal.SIGTERM) == before


# ---- standard input and output


def run(data: bytes, source: str, target: str) -> subprocess.CompletedProcess[bytes]:
    """Run a process with standard input."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, source, target], input=data, capture_output=True, timeout=60, check=False
    )


def arrow(table: pa.Table, *, stream: bool) -> bytes:
    """Return an Arrow file or stream."""
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return bytes(sink.getvalue())


TABLE: Final = pa.table({"apple": [1.0, 2.0, 3.0], "n": [1, 2, 3]})


@pytest.mark.parametrize(
    "data",
    [b"apple,n\n1,1\n2,2\n3,3\n", arrow(TABLE, stream=True), arrow(TABLE, stream=False)],
    ids=["CSV", "stream", "file"],
)
def test_a_pipe_holds_csv_or_what_its_bytes_tell(data: bytes) -> None:
    """Standard input; standard output is CSV."""
    done = run(data, "-", "-")
    assert done.stdout.decode() == "apple,n,value,∂apple,∂n\n1,1,1,1,1\n2,2,4,2,2\n3,3,9,3,3\n"


def test_parquet_does_not_come_from_a_pipe(tmp_path: Path) -> None:
    """Its end would have to come first."""
    pq.write_table(TABLE, tmp_path / "in.parquet")
    done = run((tmp_path / "in.parquet").read_bytes(), "-", "-")
    assert b"Parquet cannot be read from a pipe" in done.stderr


def test_types_of_a_pipe_are_told_from_its_first_rows(tmp_path: Path) -> None:
    """A pipe cannot be read again: a later value of another type is an error, with nothing lost in silence."""
    done = run(b"apple,n,x\n" + b"1,2,3\n" * 5_000_000 + b"1,2,y\n", "-", str(tmp_path / "out.parquet"))
    assert b"read it from a file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_fault_of_the_file(tmp_path: Path) -> None:
    """As with `| head`: the command is told by BrokenPipeError, and is quiet."""
    (tmp_path / "in.csv").write_text("apple,n\n" + "1.5,2\n" * 2_000_000)
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, tmp_path / "in.csv", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "apple,n,value,∂apple,∂n\n".encode()
        process.stdout.close()
        assert b"BrokenPipeError" in process.stderr.read()


def test_full_standard_output_is_an_error(tmp_path: Path) -> None:
    """Nothing else tells that rows are missing."""
    (tmp_path / "in.csv").write_text("apple,n\n1,2\n")
    with open("/dev/full", "wb") as full:  # noqa: PTH123  it is no path of ours
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / "in.csv", "-"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert b"cannot write 'standard output': No space left on device" in done.stderr


def test_output_that_is_appended_to_the_input_is_refused(tmp_path: Path) -> None:
    """As `>> in.csv` would: every row written would be read."""
    (tmp_path / "in.csv").write_text("apple,n\n1,2\n")
    with (tmp_path / "in.csv").open("ab") as itself:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / "in.csv", "-"], stdout=itself, stderr=subprocess.PIPE, check=False
        )
    assert b"standard output is the input" in done.stderr
    assert (tmp_path / "in.csv").read_text() == "apple,n\n1,2\n"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
def test_a_named_pipe_is_written_to(tmp_path: Path, suffix: str) -> None:
    """It cannot be replaced by a rename, and needs no force."""
    pq.write_table(TABLE, tmp_path / "in.parquet")
    pipe = tmp_path / f"pipe{suffix}"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    map_file(TASK, tmp_path / "in.parquet", pipe)
    reader.join()
    data = io.BytesIO(got[0])
    read: Any = {".csv": pacsv.read_csv, ".parquet": pq.read_table, ".arrow": lambda x: pa.ipc.open_file(x).read_all()}
    assert read[suffix](data)["value"].to_pylist() == [1, 4, 9]


# ---- the bar


def test_a_terminal_is_shown_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many, of how many, how many a second, and how long the rest takes."""
    monkeypatch.setattr("graphgrad.tables.progress.PATIENCE", 0)
    pq.write_table(pa.table({"apple": [1.5] * 500_000, "n": [2] * 500_000}), tmp_path / "in.parquet")
    stream = Terminal()
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet", progress=stream)
    assert "/500k [" in stream.getvalue()
    assert " rows/s" in stream.getvalue()


def test_the_rows_of_text_are_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the share of the file that has been read, of the compressed one, too."""
    monkeypatch.setattr("graphgrad.tables.progress.PATIENCE", 0)
    (tmp_path / "in.csv").write_text("apple,n\n" + "1.5,2\n" * 2_000_000)
    map_file(TASK, tmp_path / "in.csv", tmp_path / "in2.csv.gz")
    task = Task(gg.parse("2*apple").data, value_name="v", partial_prefix="d")
    for name in ("in.csv", "in2.csv.gz"):
        stream = Terminal()
        map_file(task, tmp_path / name, tmp_path / f"x{name}", progress=stream)
        totals = re.findall(r"/([0-9.]+)M ", stream.getvalue())
        assert totals
        assert all(1.8 <= float(total) <= 2.2 for total in totals)


def test_a_pipe_is_shown_nothing(tmp_path: Path) -> None:
    """A log is kept free of bars."""
    pq.write_table(TABLE, tmp_path / "in.parquet")
    stream = io.StringIO()
    map_file(TASK, tmp_path / "in.parquet", tmp_path / "out.parquet", progress=stream)
    assert stream.getvalue() == ""
