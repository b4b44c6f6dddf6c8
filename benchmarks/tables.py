"""Measure a formula over the rows of a file: graphgrad compared with a plain copy, hand-written SQL and Polars.

    python benchmarks/tables.py [ROWS] [ROUNDS]
    python benchmarks/tables.py memory [ROWS ...]

Each program reads a table of three columns and writes it with four more: `apple*n*tax` and its three derivatives. The
plain copy writes four columns that are there already, in the way that graphgrad writes its new ones; it is also run
with pyarrow's own options. SQL and Polars are given the derivatives written out by hand. Each run is a process of
its own; the processor time is what the system counts for it, in all its threads. The same program on a table of one
batch tells what its start takes, compiling included, which is given apart. All run in turn; the least processor time of
several rounds counts, since other load on the machine only adds time.

With `memory` graphgrad reads tables of more and more rows, while the memory of its process is looked at ten times a
second; one more table has a single row group. The tables lie in the folder for temporary files: 100,000,000 rows take
6 GB there. The tools come with `pip install ".[test]"`; a missing one is left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__: list[str] = []

ROWS: Final = 10_000_000
ROUNDS: Final = 3
MEMORY_ROWS: Final = (1_000_000, 10_000_000, 100_000_000)
START_ROWS: Final = 1 << 17
PART: Final = 1 << 20
"""The rows that are made at a time."""

GRAPHGRAD: Final = """
import sys
import graphgrad as gg
from graphgrad.tables import Task, map_file
map_file(Task(gg.parse("apple*n*tax").data), sys.argv[1], sys.argv[2], force=True)
"""

COPY: Final = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
file, rng = pq.ParquetFile(sys.argv[1]), np.random.default_rng(0)
new = {name: pa.array(rng.random(1 << 17)) for name in ("value", "da", "dn", "dtax")}
schema = pa.schema([*file.schema_arrow, *(pa.field(name, pa.float64()) for name in new)])
with pq.ParquetWriter(sys.argv[2], schema, OPTIONS) as writer:
    for batch in file.iter_batches(1 << 17):
        columns = [*batch.columns, *(column.slice(0, batch.num_rows) for column in new.values())]
        writer.write_batch(pa.record_batch(columns, schema))
"""

DUCKDB: Final = """
import sys, duckdb
duckdb.sql("set enable_progress_bar = false")
duckdb.sql(f"copy (select *, apple*n*tax as value, n*tax as da, apple*tax as dn, apple*n as dtax"
           f" from '{sys.argv[1]}') to '{sys.argv[2]}' (OPTIONS)")
"""

POLARS: Final = """
import sys, polars as pl
a, n, t = pl.col("apple"), pl.col("n"), pl.col("tax")
new = {"value": a*n*t, "da": n*t, "dn": a*t, "dtax": a*n}
pl.scan_FORMAT(sys.argv[1]).with_columns(**new).sink_FORMAT(sys.argv[2])
"""

OWN: Final = "graphgrad"
PLAIN: Final = "pyarrow, plain copy"

PARQUET: Final = {
    OWN: GRAPHGRAD,
    PLAIN: COPY.replace("OPTIONS", "use_dictionary=['n', 'tax']"),
    "pyarrow, default copy": COPY.replace(", OPTIONS", ""),
    "DuckDB, SQL by hand": DUCKDB.replace("OPTIONS", "format parquet"),
    "Polars, by hand": POLARS.replace("FORMAT", "parquet"),
}

CSV: Final = {
    OWN: GRAPHGRAD,
    "DuckDB, SQL by hand": DUCKDB.replace("OPTIONS", "header"),
    "Polars, by hand": POLARS.replace("FORMAT", "csv"),
}

GOALS: Final = {PLAIN: 1 / 1.2, "DuckDB, SQL by hand": 1.0, "Polars, by hand": 1.0}
"""How many times graphgrad's processor time each should take at least, for Parquet."""

LIBRARIES: Final = {"DuckDB, SQL by hand": "duckdb", "Polars, by hand": "polars"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: seconds of the processor and of the clock, and bytes of memory at most."""

    cpu: float
    wall: float
    peak: int


def run(program: str, source: Path, target: Path) -> Run:
    """Run a program in a process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program, source, target])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {program}")
    target.unlink()
    return Run(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss * 1024)


def table(path: Path, rows: int, group: int = PART) -> Path:
    """Return the path of a table of orders, made by another process: a child's memory counts from its parent's on."""
    subprocess.run([sys.executable, __file__, "make", path, str(rows), str(group)], check=True)
    return path


def make_table(path: str, rows: int, group: int) -> None:
    """Write a table of orders, and the same as CSV where that is the suffix."""
    rng = np.random.default_rng(0)
    schema = pa.schema({"apple": pa.float64(), "n": pa.int64(), "tax": pa.float64()})
    is_text = path.endswith(".csv")
    with csv.CSVWriter(path, schema) if is_text else pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, group):
            size = min(group, rows - start)
            columns = [rng.uniform(50, 200, size), rng.integers(1, 20, size), rng.choice([1.08, 1.1], size)]
            writer.write_table(pa.table(columns, schema=schema), size)


def present(programs: Mapping[str, str]) -> dict[str, str]:
    """Return the programs whose libraries are installed."""
    return {name: text for name, text in programs.items() if find_spec(LIBRARIES.get(name, "pyarrow"))}


def least(programs: Mapping[str, str], source: Path, rounds: int) -> dict[str, Run]:
    """Return each program's run of the least processor time, all running in turn."""
    runs: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            runs[name].append(run(program, source, source.with_name(f"out{source.suffix}")))
    return {name: min(of_program, key=lambda r: r.cpu) for name, of_program in runs.items()}


def compared(title: str, programs: Mapping[str, str], sources: tuple[Path, Path], rows: int, rounds: int) -> None:
    """Print what each program takes for a row."""
    starts, runs = (least(present(programs), source, rounds) for source in sources)
    print(f"\n{title}, {rows:,} rows of 3 columns to 7")
    print(f"{'':<24}{'CPU ns/row':>11}{'ratio':>8}{'wall ns/row':>13}{'start, ms':>11}{'memory, MB':>12}")
    more = rows - START_ROWS
    per_row = {name: (runs[name].cpu - starts[name].cpu) / more * 1e9 for name in runs}
    for name, took in runs.items():
        ratio = per_row[name] / per_row[OWN]
        goal = GOALS.get(name) if programs is PARQUET else None
        verdict = f"  ≥ {goal:.2f} {'met' if ratio >= goal else 'MISSED'}" if goal else ""
        wall = (took.wall - starts[name].wall) / more * 1e9
        numbers = f"{per_row[name]:>11.1f}{ratio:>8.2f}{wall:>13.1f}{starts[name].cpu * 1e3:>11.0f}"
        print(f"{name:<24}{numbers}{took.peak / 1e6:>12.0f}{verdict}")


def speed(folder: Path, rows: int, rounds: int) -> None:
    """Print the comparisons."""
    for title, programs in (("Parquet", PARQUET), ("CSV", CSV)):
        suffix = title.lower()
        sources = table(folder / f"one.{suffix}", START_ROWS), table(folder / f"many.{suffix}", rows)
        compared(title, programs, sources, rows, rounds)


def curve(source: Path, target: Path) -> tuple[list[float], float]:
    """Return the megabytes of memory of graphgrad's process from its start to its end, and the most of all."""
    seen = []
    process = subprocess.Popen([sys.executable, "-c", GRAPHGRAD, source, target])
    memory = Path(f"/proc/{process.pid}/statm")
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        seen.append(int(memory.read_text().split()[1] or 0) * os.sysconf("SC_PAGE_SIZE") / 1e6)
        time.sleep(0.1)
    process.returncode = 0
    target.unlink()
    return seen, usage.ru_maxrss * 1024 / 1e6


def memory(folder: Path, rows: tuple[int, ...]) -> None:
    """Print the curves of memory."""
    print("memory in MB at tenths of the time, and at most")
    tables = {f"{count:,} rows": (count, PART) for count in rows}
    tables[f"{rows[-2 % len(rows)]:,} in one row group"] = (rows[-2 % len(rows)], rows[-2 % len(rows)])
    for name, (count, group) in tables.items():
        source = table(folder / "in.parquet", count, group)
        seen, peak = curve(source, folder / "out.parquet")
        tenths = [seen[i * (len(seen) - 1) // 10] for i in range(11)]
        print(f"{name:<32}{''.join(f'{megabytes:>6.0f}' for megabytes in tenths)}{peak:>8.0f}")


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["make"]:
        make_table(sys.argv[2], *map(int, sys.argv[3:]))
        return
    given = [int(float(x)) for x in sys.argv[1:] if x != "memory"]
    with TemporaryDirectory() as folder:
        if "memory" in sys.argv:
            memory(Path(folder), tuple(given) or MEMORY_ROWS)
        else:
            rows, rounds = [*given, *(ROWS, ROUNDS)[len(given) :]]
            speed(Path(folder), rows, rounds)


if __name__ == "__main__":
    main()
