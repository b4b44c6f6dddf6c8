"""A formula over the tables of a folder, on a Dask cluster of this machine: a scheduler and two workers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import dask.dataframe as dd
import pandas as pd
import pyarrow as pa
import pytest
from clusters import ROOT, SECONDS, Cluster, cluster, until
from distributed import Client
from distributed.scheduler import KilledWorker
from pyarrow.parquet import write_table
from table_folders import ROWS, TASK, fill, is_right

import graphgrad as gg
from graphgrad.tables import cluster as module
from graphgrad.tables.find_parts import find_parts
from graphgrad.tables.manifest import Plan
from graphgrad.tables.map_files import map_files
from graphgrad.tables.part import run_part
from graphgrad.tables.task_key import task_key
from graphgrad.tables.tree import FAN_IN, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = [f"x{i:02}.parquet" for i in range(20)]

CLIENT = """
import sys
from graphgrad.tables.map_files import map_files
from table_folders import TASK

map_files(TASK, sys.argv[1], sys.argv[2], dask=sys.argv[3])
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    """Return a cluster of two workers."""
    with cluster(tmp_path / "cluster") as found:
        yield found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of twenty tables."""
    return fill(tmp_path / "orders", NAMES)


def written(out: Path) -> list[str]:
    """Return the names of the files in a folder that are tables, whole or not."""
    return sorted(path.name for path in out.rglob("*") if path.is_file() and path.suffix != ".json")


def is_complete(out: Path) -> bool:
    """Tell whether a folder holds the results of all tables, and nothing else."""
    return written(out) == NAMES and all(is_right(out / name, i) for i, name in enumerate(NAMES))


@contextmanager
def once_a_worker_waits(running: Cluster, deed: Callable[[], object]) -> Iterator[None]:
    """Do something beside the block, once a worker waits at the gate."""

    def wait_and_do() -> None:
        until(running.waiting)
        deed()

    thread = Thread(target=wait_and_do)
    thread.start()
    yield
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_worker_that_dies_costs_nothing(running: Cluster, data: Path, tmp_path: Path) -> None:
    """One of two is killed while it writes a file: another one writes it, and what was met is counted once."""
    running.shut(NAMES[9])

    def kill() -> None:
        worker = running.workers[running.waiting()[0]]
        worker.kill()
        worker.wait(SECONDS)
        running.open()

    with once_a_worker_waits(running, kill):
        outcome = map_files(TASK, data, tmp_path / "out", dask=running.address)
    assert [worker.poll() for worker in running.workers.values()].count(None) == 1
    assert (outcome.tally.rows, outcome.files, outcome.kept) == (len(NAMES) * ROWS, len(NAMES), 0)
    assert is_complete(tmp_path / "out")


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on(running: Cluster, data: Path, tmp_path: Path, ended_by: signal.Signals) -> None:
    """The client dies in the middle, or is interrupted: the next one does the rest only."""
    out = tmp_path / "out"
    running.shut(" ".join(NAMES[8:]))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-c", CLIENT, str(data), str(out), running.address]
    client = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    until(lambda: len(running.waiting()) == 2)
    client.send_signal(ended_by)
    _, said = client.communicate(timeout=SECONDS)
    assert client.returncode in (-ended_by, 130)
    assert ended_by == signal.SIGKILL or said.rstrip().endswith("KeyboardInterrupt")
    finished = [name for name in written(out) if not name.startswith(".")]
    before = {name: (out / name).stat().st_mtime_ns for name in finished}
    assert {*finished} <= {*NAMES[:8]}
    running.open()
    outcome = map_files(TASK, data, out, dask=running.address)
    assert (outcome.tally.rows, outcome.files) == (len(NAMES) * ROWS, len(NAMES))
    assert 0 < len(finished) <= outcome.kept <= len(finished) + 2
    assert {name: (out / name).stat().st_mtime_ns for name in finished} == before
    assert is_complete(out)


def test_a_summary_is_the_same_here_to_the_last_digit(running: Cluster, tmp_path: Path) -> None:
    """Sums of floats depend on their order, which is that of one tree."""
    numbers = [random.Random(i).uniform(0, 1) for i in range(200)]
    for i in range(20):
        rows = {"apple": numbers[10 * i : 10 * i + 10], "n": numbers[i : i + 10]}
        write_table(pa.table(rows), tmp_path / f"{i:02}.parquet")
    task = replace(TASK, summary=True)
    there, here = map_files(task, tmp_path, dask=running.address), map_files(task, tmp_path)
    assert there.tally.as_dict() == here.tally.as_dict()


def test_one_broken_file_does_not_keep_the_others(running: Cluster, data: Path, tmp_path: Path) -> None:
    """As without a cluster; the error comes from a worker, and names the file."""
    (data / NAMES[3]).write_bytes(b"PAR1 but not for long PAR1")
    with pytest.raises(gg.FileError, match=f"1 of 20 files failed: {NAMES[3]}: cannot read") as caught:
        map_files(TASK, data, tmp_path / "out", dask=running.address)
    assert "19 are done" in caught.value.hint
    assert written(tmp_path / "out") == [name for name in NAMES if name != NAMES[3]]


def test_without_a_scheduler_the_run_ends(running: Cluster, data: Path, tmp_path: Path) -> None:
    """A scheduler that dies in the middle is an error, which says how to go on."""
    running.shut(NAMES[9])
    lost = pytest.raises(gg.FileError, match="the connection to the Dask scheduler is lost")
    with once_a_worker_waits(running, running.scheduler.kill), lost:
        map_files(TASK, data, tmp_path / "out", dask=running.address)


def test_without_workers_the_run_ends(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler alone computes nothing; the time to wait for workers is bounded."""
    monkeypatch.setattr(module, "WORKER_SECONDS", 0.5)
    monkeypatch.setattr(module, "POLL_SECONDS", 0.1)
    with (
        cluster(tmp_path / "cluster", workers=0) as alone,
        pytest.raises(gg.FileError, match=r"the cluster had no worker for 0\.5 s"),
    ):
        map_files(TASK, data, tmp_path / "out", dask=alone.address)


def test_nobody_at_an_address_is_an_error_soon(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a scheduler is bounded."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    with pytest.raises(gg.FileError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 within 0\.5 s"):
        map_files(TASK, data, tmp_path / "out", dask="tcp://127.0.0.1:1")


@pytest.mark.parametrize("address", ["", "scheduler", "127.0.0.1:8786"])
def test_an_address_is_a_url(data: Path, tmp_path: Path, address: str) -> None:
    """Or `local`; what may be meant, the hint says."""
    with pytest.raises(gg.GraphgradError, match=r"no address of a Dask scheduler\nwrite local"):
        map_files(TASK, data, tmp_path / "out", dask=address)


def test_memory_is_seen_by_its_process_alone(data: Path) -> None:
    """Workers would read and write folders of their own."""
    with pytest.raises(gg.FileError, match="workers do not see"):
        map_files(TASK, data, "memory://out", dask="local")


def test_local_starts_workers_here(data: Path, tmp_path: Path) -> None:
    """A process for each core; they end with the run."""
    command = [sys.executable, "-c", "if __name__ == '__main__':" + CLIENT.replace("\n", "\n    ")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    arguments = [*command, str(data), str(tmp_path / "out"), "local"]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert is_complete(tmp_path / "out")


def test_a_program_without_its_guard_is_told_so(data: Path, tmp_path: Path) -> None:
    """Each new process would run the program again, and start more of them; Python forbids it."""
    (tmp_path / "program.py").write_text(CLIENT, "utf-8")
    command = [sys.executable, str(tmp_path / "program.py"), str(data), str(tmp_path / "out"), "local"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert "does so below the line: if __name__ == '__main__':" in done.stderr


def test_a_frame_of_dask_is_computed_by_the_workers(running: Cluster) -> None:
    """They get the formula, and compile it."""
    frame = pd.DataFrame({"apple": [float(i) for i in range(40)], "n": range(40)})
    function = gg.parse("apple*n*tax").compile()
    dask: Any = dd
    later = function.map_frame(dask.from_pandas(frame, npartitions=8), at={"tax": 1.5})
    connect: Any = Client
    with connect(running.address, set_as_default=False) as client:
        found = client.compute(later).result(timeout=SECONDS)
    pd.testing.assert_frame_equal(found, function(frame, tax=1.5))


def test_another_version_on_a_worker_is_refused(data: Path, tmp_path: Path) -> None:
    """Its formula could be another one."""
    plan = Plan(TASK, task_key(TASK), "0.0.1", str(data), str(tmp_path / "out"))
    with pytest.raises(gg.GraphgradError, match=r"a worker has graphgrad .*, and the client 0\.0\.1"):
        run_part(plan, find_parts(data).parts[0])


KILLED: Any = KilledWorker


class Failed(NamedTuple):
    """A call that a cluster has answered."""

    error: Exception
    status: str = "error"

    def exception(self) -> Exception:
        """Return why it failed."""
        return self.error


@pytest.mark.parametrize(
    ("future", "message"),
    [
        (Failed(gg.FileError("cannot read 'x'")), "cannot read 'x'"),
        (Failed(KILLED("run_part", 1, 4)), "each worker that computed it died"),
        (Failed(ModuleNotFoundError("No module named 'graphgrad'")), "a worker lacks a package: No module named"),
        (Failed(ZeroDivisionError("division\nby zero")), "ZeroDivisionError: division by zero"),
    ],
)
def test_what_a_worker_raises_is_told_in_a_line(future: Failed, message: str) -> None:
    """Also what is no error of this package."""
    assert message in str(module._error_of(future))  # noqa: SLF001  a worker is not made to raise each of them


@pytest.mark.parametrize("leaves", [1, 2, 8, 9, 64, 65, 100])
@pytest.mark.parametrize("failed", [set(), {0}, {3, 4, 5}, set(range(100))])
def test_results_are_merged_in_their_order(leaves: int, failed: set[int]) -> None:
    """In whatever order they come, and with those that are missing; no merge takes more than eight."""
    sizes: list[int] = []

    def merge(_level: int, _group: int, parts: list[Any]) -> Any:
        sizes.append(len(parts))
        return [x for part in parts for x in part]

    tree = Tree(leaves, merge)
    for i in sorted(range(leaves), key=lambda i: (i * 37) % 101):
        tree.put(i, None if i in failed else [i])
    assert tree.root == ([i for i in range(leaves) if i not in failed] or None)
    assert max(sizes, default=0) <= FAN_IN
