"""Databases that run queries: DuckDB and SQLite in this process, PostgreSQL as a server of its own on a socket."""

from __future__ import annotations

import csv
import io
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Job", "by_duckdb", "by_sqlite", "postgres", "quoted"]

ID: Final = "№"
"""A column that every table has besides those given: its rows are numbered from 0."""


class Job(NamedTuple):
    """A query for the table "t", its rows, and the types of its columns where they are not double precision."""

    query: str
    rows: Sequence[dict[str, Any]]
    types: Mapping[str, str] = MappingProxyType({})


def quoted(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def _created(job: Job, double: str) -> str:
    columns = [f"{quoted(ID)} INTEGER", *(f"{quoted(name)} {job.types.get(name, double)}" for name in job.rows[0])]
    return f"CREATE TEMPORARY TABLE t ({', '.join(columns)})"


def _in_order(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows by the names of their columns, ordered by number; every column has a name of its own."""
    assert len(set(names)) == len(names)
    return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda row: row[ID])


def by_duckdb(jobs: Sequence[Job]) -> list[list[dict[str, Any]]]:
    """Run each query in DuckDB."""
    connection = duckdb.connect()
    return [_run(connection, job, "DOUBLE") for job in jobs]


def by_sqlite(jobs: Sequence[Job]) -> list[list[dict[str, Any]]]:
    """Run each query in SQLite."""
    connection = sqlite3.connect(":memory:")
    return [_run(connection, job, "REAL") for job in jobs]


def _run(connection: Any, job: Job, double: str) -> list[dict[str, Any]]:
    connection.execute(_created(job, double))
    marks = ", ".join("?" * (1 + len(job.rows[0])))
    connection.executemany(f"INSERT INTO t VALUES ({marks})", [(i, *row.values()) for i, row in enumerate(job.rows)])
    answer = connection.execute(job.query)
    names = [column[0] for column in answer.description]
    rows = answer.fetchall()
    connection.execute("DROP TABLE t")
    return _in_order(names, rows)


class Postgres:
    """A server that listens on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the socket."""
        self.folder = folder

    def __call__(self, jobs: Sequence[Job]) -> list[list[dict[str, Any]]]:
        """Run each query in one session of psql."""
        mark = "---- next ----"
        script = "\n".join(f"{self._script(job)}\\echo {mark}" for job in jobs)
        tables = self.psql(script).split(f"{mark}\n")[:-1]
        return [_in_order(*_read(table)) for table in tables]

    def psql(self, script: str) -> str:
        """Run a script; an error in it raises `RuntimeError` with what the server said."""
        command = ["psql", "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-P", "null=NULL"]
        command += ["-h", str(self.folder), "-U", "postgres", "postgres"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def _script(self, job: Job) -> str:
        rows = (f"({', '.join([str(i), *map(_literal, row.values())])})" for i, row in enumerate(job.rows))
        created = f"{_created(job, 'DOUBLE PRECISION')};\nINSERT INTO t VALUES {', '.join(rows)};\n"
        return f"{created}{job.query};\nDROP TABLE t;\n"


def _literal(value: Any) -> str:
    """Return a value as text, which the server reads as the column's type."""
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def _read(table: str) -> tuple[list[str], list[list[Any]]]:
    names, *rows = csv.reader(io.StringIO(table))
    return names, [[_value(field) for field in row] for row in rows]


def _value(field: str) -> Any:
    if field == "NULL":
        return None
    try:
        return float(field)
    except ValueError:
        return field


def _programs() -> Path | None:
    """Return the folder of the server's programs; Debian has them beside those of the client, or the latter alone."""
    initdb = shutil.which("initdb")
    found = [Path(initdb)] if initdb else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found and shutil.which("psql") else None


def _has_user(name: str) -> bool:
    """Whether the machine has a user of this name."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def postgres() -> Iterator[Postgres | str]:
    """Start a server in a temporary folder, as another user where this one is root; a text says why there is none."""
    programs = _programs()
    as_root = os.geteuid() == 0
    if programs is None or (as_root and not (shutil.which("runuser") and _has_user("postgres"))):
        yield "no PostgreSQL on this machine"
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if as_root:
            shutil.chown(folder, "postgres")
        server = [
            *(["runuser", "-u", "postgres", "--"] if as_root else []),
            str(programs / "pg_ctl"),
            "-D",
            f"{name}/data",
        ]
        options = f"-k {name} -c listen_addresses='' -c fsync=off"
        control = partial(subprocess.run, cwd=name, check=True, capture_output=True, timeout=120)
        control([*server, "init", "-s", "-o", "-A trust -N -U postgres -E UTF8 --locale=C"])
        control([*server, "start", "-w", "-s", "-l", f"{name}/log", "-o", options])
        try:
            yield Postgres(folder)
        finally:
            control([*server, "stop", "-m", "immediate", "-s"])
