"""Columns at the ends of the numbers: machine code is zero, infinite and nan for the same rows as NumPy's functions."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pytest
from table import called

import graphgrad as gg
from graphgrad.compile.columns import ufunc_plan as plan
from graphgrad.compile.machine_code import has_llvm
from graphgrad.ops import NUMERIC

pytest.importorskip("scipy", reason="special functions of columns are SciPy's")
pytestmark = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")

SIZES: Final = (0.0, 5e-324, 1e-308, 0.5, 1.0, 2.0, 3.0, 40.0, 700.0, 1e308, math.inf)
ENDS: Final = np.array([sign * size for size in SIZES for sign in (1, -1)] + [math.nan])
OPERATIONS: Final = [op.name for op in NUMERIC.values() if 1 <= op.arity <= 2 and not op.helper and not op.on_arrays]


def kinds(x: Any) -> list[str]:
    """Return what each number is: zero, an infinity, nan, or another."""
    return np.select([np.isnan(x), np.isinf(x), x == 0], ["nan", "infinite", "zero"], "other").tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_same_rows_are_no_numbers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an operation is written as, its value and derivatives there are those of the functions of NumPy."""
    op = NUMERIC[name]
    columns = dict(zip("xy", (x.ravel() for x in np.meshgrid(*[ENDS] * op.arity)), strict=False))
    wrt = [input_ for i, input_ in enumerate(columns) if op.rule(i) is not None]
    found = []
    monkeypatch.setattr(plan, "WORTH_COMPILING", (0, 0))
    for llvm in (True, False):
        monkeypatch.setattr(plan, "has_llvm", lambda llvm=llvm: llvm)
        value, grad = gg.parse(called(op)).compile(wrt)(**{x: column.copy() for x, column in columns.items()})
        found.append([kinds(np.broadcast_to(x, len(value))) for x in (value, *grad.values())])
    assert found[0] == found[1]
