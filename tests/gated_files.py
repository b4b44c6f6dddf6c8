"""Make a worker wait while it writes certain files: `dask worker --preload` loads this.

The folder in `GATE` holds `shut`, whose words are parts of names. A worker that writes such a file makes the file
`waits-PID` there once it has opened it, and goes on when `shut` is gone.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from graphgrad.tables import part

__all__ = ["dask_setup"]

MODULE: Any = part
PLAIN = MODULE.map_rows


def dask_setup(_worker: object) -> None:
    """Set the gate up; Dask calls this as the worker starts."""
    gate = Path(os.environ["GATE"])

    def gated(function: Any, source: Any, *arguments: Any, **options: Any) -> Any:
        while is_shut(source.name):
            (gate / f"waits-{os.getpid()}").touch()
            time.sleep(0.02)
        return PLAIN(function, source, *arguments, **options)

    def is_shut(path: str) -> bool:
        try:
            return any(name in path for name in (gate / "shut").read_text("utf-8").split())
        except FileNotFoundError:
            return False

    MODULE.map_rows = gated
