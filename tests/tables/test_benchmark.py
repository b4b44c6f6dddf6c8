"""The programs that the benchmark compares do the same."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scripts import script

if TYPE_CHECKING:
    from pathlib import Path

TABLES = script("benchmarks/tables.py")


@pytest.mark.parametrize("name", ["DuckDB, SQL by hand", "Polars, by hand"])
def test_peers_compute_the_same_columns(tmp_path: Path, name: str) -> None:
    """In the order of graphgrad's."""
    TABLES.make_table(str(tmp_path / "in.parquet"), 1_000, 1_000)
    results: list[pa.Table] = []
    for program in (TABLES.OWN, name):
        target = tmp_path / f"{len(results)}.parquet"
        command = [sys.executable, "-c", TABLES.PARQUET[program], tmp_path / "in.parquet", target]
        subprocess.run(command, check=True, timeout=120)
        results.append(pq.read_table(target))
    own, peer = results
    for ours, theirs in zip(own.columns, peer.columns, strict=True):
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-15)
