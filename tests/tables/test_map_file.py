"""A formula over the rows of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

import graphgrad as gg
from graphgrad.tables import Task, map_file

if TYPE_CHECKING:
    from pathlib import Path


def test_value_and_partials_stand_beside_the_columns(tmp_path: Path) -> None:
    """Every row keeps its columns and gets the value and a column for each input."""
    pq.write_table(pa.table({"apple": [100.0, 200.0], "n": [2, 3]}), tmp_path / "in.parquet")
    tally = map_file(
        Task(gg.parse("apple*n*tax").data, constants={"tax": 1.5}), tmp_path / "in.parquet", tmp_path / "out.parquet"
    )
    assert tally.rows == 2
    assert pq.read_table(tmp_path / "out.parquet").to_pydict() == {
        "apple": [100.0, 200.0],
        "n": [2, 3],
        "value": [300.0, 900.0],
        "∂apple": [3.0, 4.5],
        "∂n": [150.0, 300.0],
        "∂tax": [200.0, 600.0],
    }
