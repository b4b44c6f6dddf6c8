"""Measure a formula over folders of Parquet files: here, and on a Dask cluster with one and with two workers.

    python benchmarks/dask_tables.py [FILES] [ROWS] [SMALL]

FILES files of ROWS rows with five columns of floats get the value and five partials of a formula, and so six more
columns. The figures: rows a second by the clock, CPU time per row of all workers, and the most memory of a worker, each
the best of three rounds. With SMALL files of ten rows each, the overhead of a file is measured: on the cluster, and in
requests to an object store, which a server on the loopback device stands in for. The last lines say what is sent to a
worker. Workers have one thread each; the disk is that of the temporary folder.
"""

from __future__ import annotations

import pickle
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster

import graphgrad as gg
from graphgrad.tables.manifest import Plan
from graphgrad.tables.map_files import map_files
from graphgrad.tables.task import Task
from graphgrad.tables.task_key import task_key, version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

FORMULA: Final = "(apple*n + orange*m)*tax"
TASK: Final = Task(gg.parse(FORMULA).data)
FILES: Final = 16
ROWS: Final = 1_000_000
SMALL: Final = 400
ROUNDS: Final = 3
IN_STORE: Final = 10


def main(files: int = FILES, rows: int = ROWS, small: int = SMALL) -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as folder:
        data = fill(Path(folder) / "large", files, rows)
        print(f"{files} files of {rows:,} rows, {sum(path.stat().st_size for path in data.iterdir()) / 1e6:,.0f} MB")
        print(f"{'':12}{'rows/s':>14}{'CPU ns/row':>12}{'MB/worker':>11}")
        runs: dict[str, Callable[[Path, Path], tuple[float, float, float]]] = {
            "here": here,
            "1 worker": partial(on_cluster, 1),
            "2 workers": partial(on_cluster, 2),
        }
        figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, run in runs.items():
                figures[name].append(run(data, Path(folder) / "out"))
                shutil.rmtree(Path(folder) / "out")
        for name, found in figures.items():
            tell(name, files * rows, *map(min, zip(*found, strict=True)))
        overhead(fill(Path(folder) / "small", small, 10), Path(folder) / "out", small)
    requests()
    shipped()


def fill(folder: Path, files: int, rows: int) -> Path:
    """Write files of random columns."""
    folder.mkdir()
    random = np.random.default_rng(1)
    table = pa.table({name: random.uniform(1, 100, rows) for name in gg.parse(FORMULA).inputs})
    for i in range(files):
        pq.write_table(table, folder / f"{i:06}.parquet", use_dictionary=False)
    return folder


def used() -> tuple[float, float]:
    """Return the CPU seconds and the most megabytes of this process until now."""
    usage = resource.getrusage(resource.RUSAGE_SELF)  # its ru_maxrss is that of the process that started this one
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return usage.ru_utime + usage.ru_stime, int(status["VmHWM"].split()[0]) / 1024


def here(data: Path, out: Path) -> tuple[float, float, float]:
    """Return seconds, CPU seconds and megabytes in this process, with as many threads as there are cores."""
    before, start = used()[0], time.perf_counter()
    map_files(TASK, data, out)
    return time.perf_counter() - start, used()[0] - before, used()[1]


@contextmanager
def running(workers: int) -> Iterator[tuple[Any, str]]:
    """Start a cluster; return its client and its address."""
    options: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "threads_per_worker": 1, "n_workers": workers}
    start: Any = LocalCluster
    connect: Any = Client
    with start(**options) as cluster, connect(cluster) as client:
        yield client, cluster.scheduler_address


def on_cluster(workers: int, data: Path, out: Path) -> tuple[float, float, float]:
    """Return seconds, the CPU seconds of all workers, and the megabytes of the largest."""
    with running(workers) as (client, address):
        client.run(__import__, "graphgrad.tables.part", fromlist=["run_part"])
        before = client.run(used)
        start = time.perf_counter()
        map_files(TASK, data, out, dask=address)
        seconds = time.perf_counter() - start
        after = client.run(used)
    cpu = sum(after[worker][0] - before[worker][0] for worker in after)
    return seconds, cpu, max(memory for _, memory in after.values())


def tell(name: str, rows: int, seconds: float, cpu: float, memory: float) -> None:
    """Print a line of figures."""
    print(f"{name:12}{rows / seconds:14,.0f}{cpu / rows * 1e9:12.1f}{memory:11,.0f}", flush=True)


def overhead(data: Path, out: Path, files: int) -> None:
    """Print the time per file of next to no rows: done, and found finished."""
    for title, address, where in (("here", None, out / "a"), ("1 worker", "", out / "b"), ("2 workers", "", out / "c")):
        if address is None:
            first, again = timed(data, where, None), timed(data, where, None)
        else:
            with running(int(title[0])) as (_, found):
                timed(data, out / f"warm-{title[0]}", found)
                before = used()[0]
                timed(data, out / f"once-{title[0]}", found)
                print(f"{title}: client and scheduler take {(used()[0] - before) / files * 1e3:.2f} ms of CPU per file")
                first, again = timed(data, where, found), timed(data, where, found)
        print(
            f"{title}: {first / files * 1e3:.2f} ms per file of ten rows, {again / files * 1e3:.2f} if it is finished"
        )


def timed(data: Path, out: Path, address: str | None) -> float:
    """Return the seconds of a run."""
    start = time.perf_counter()
    map_files(TASK, data, out, dask=address)
    return time.perf_counter() - start


def requests() -> None:
    """Print the requests that a file in an object store takes: done, and found finished."""
    import os

    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "-", "AWS_SECRET_ACCESS_KEY": "-"}
    counts = counted()
    fs = S3FileSystem()
    fs.mkdir("bench")
    with tempfile.TemporaryDirectory() as folder:
        for path in fill(Path(folder) / "store", IN_STORE, 10).iterdir():
            fs.put_file(str(path), f"bench/in/{path.name}")
    for title in ("done", "found finished"):
        counts.clear()
        map_files(TASK, "s3://bench/in", "s3://bench/out")
        told = ", ".join(f"{number / IN_STORE:g} {method}" for method, number in sorted(counts.items()))
        print(f"an object {title}: {told}; of {IN_STORE} objects, with what all have in common")
    server.stop()


def counted() -> Counter[str]:
    """Return a count of the requests that the server logs from now on."""
    import logging

    counts: Counter[str] = Counter()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            counts.update(method for method in ("HEAD", "GET", "PUT", "POST", "DELETE") if f"{method} /" in line)

    logger = logging.getLogger("werkzeug")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [Handler()]
    return counts


def shipped() -> None:
    """Print the bytes that a worker gets once."""
    steps = ["a0 = x*y", *(f"a{i + 1} = a{i}*x + y" for i in range(5_000))]
    for title, graph in (("the formula", TASK.graph), ("10,000 operations", gg.parse("\n".join(steps)).data)):
        task = Task(graph)
        plan = Plan(task, task_key(task), version(), "s3://bucket/orders", "s3://bucket/bills")
        print(f"the plan of {title}: {len(pickle.dumps(plan)):,} bytes")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
