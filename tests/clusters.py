"""Start a Dask cluster for a test: a scheduler and workers, a process each, on the loopback device."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Cluster", "cluster", "until"]

SECONDS = 60.0
"""The longest wait for anything."""

PRELOAD = Path(__file__).parent / "gated_files.py"
ROOT = Path(__file__).parents[1]


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


@dataclass
class Cluster:
    """A running cluster; `gate` is the folder by which its workers wait, see `gated_files`."""

    address: str
    gate: Path
    scheduler: subprocess.Popen[bytes]
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def shut(self, names: str) -> None:
        """Make workers wait before they write files of these names."""
        (self.gate / "shut").write_text(names, "utf-8")

    def open(self) -> None:
        """Let workers go on."""
        (self.gate / "shut").unlink()

    def waiting(self) -> list[int]:
        """Return the workers that wait."""
        return [int(path.name.rpartition("-")[2]) for path in self.gate.glob("waits-*")]


@contextmanager
def cluster(folder: Path, workers: int = 2, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Start a scheduler and workers; end them all after the block."""
    folder.mkdir()
    address = folder / "scheduler.json"
    quiet = {
        "GATE": str(folder),
        "PYTHONPATH": str(ROOT),
        "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
        "OMP_NUM_THREADS": "1",
    }
    environ = {**os.environ, **quiet, **(environment or {})}
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *options]
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=folder)
        started.append(process)
        return process

    try:
        scheduler = start(
            "scheduler",
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(address),
        )
        until(lambda: address.exists() and b'"address"' in address.read_bytes())
        place = next(line.split('"')[3] for line in address.read_text("utf-8").split(",") if '"address"' in line)
        found = Cluster(place, folder, scheduler)
        options = ("--host", "127.0.0.1", "--nthreads", "1", "--memory-limit", "1GiB", "--no-dashboard", "--no-nanny")
        for i in range(workers):
            process = start(f"worker{i}", "worker", place, *options, "--death-timeout", "60", "--preload", str(PRELOAD))
            found.workers[process.pid] = process
        yield found
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait(SECONDS)
