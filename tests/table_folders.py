"""Folders of small tables, and what a formula gives for them."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

import graphgrad as gg
from graphgrad.tables.task import Task

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ROWS", "TASK", "fill", "is_right", "table"]

ROWS = 50
TASK = Task(gg.parse("apple*n*tax").data, constants={"tax": 1.5})


def table(i: int) -> pa.Table:
    """Return the table of file i: exact in floats."""
    return pa.table({"apple": [float(i + row) for row in range(ROWS)], "n": [row % 7 for row in range(ROWS)]})


def fill(folder: Path, names: list[str]) -> Path:
    """Write a table under each name."""
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table(i), folder / name)
    return folder


def is_right(path: Path | IO[bytes], i: int) -> bool:
    """Tell whether a file holds table i with the value and the partials."""
    given = table(i).to_pydict()
    pairs = list(zip(given["apple"], given["n"], strict=True))
    expected = {
        **given,
        "value": [apple * n * 1.5 for apple, n in pairs],
        "∂apple": [n * 1.5 for _, n in pairs],
        "∂n": [apple * 1.5 for apple, _ in pairs],
        "∂tax": [apple * n for apple, n in pairs],
    }
    return bool(pq.ParquetFile(path).read().to_pydict() == expected)
