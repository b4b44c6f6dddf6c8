"""What tests of columns as machine code share: the functions that have a scheme, one by one on columns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graphgrad.compile.columns import llvm_kernel as machine
from graphgrad.compile.columns import ufunc_plan
from graphgrad.compile.columns.llvm_columns import Layout
from graphgrad.compile.functions.table import FUNCTIONS
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.ops import OPS
from graphgrad.ops.op import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops import Op


@cache
def compiled(name: str, size: int = 8, vector: int = 64) -> Callable[..., Any]:
    """Return a function on columns, computed in vectors of so many bytes."""
    op = OPS[name]
    operands, column = tuple(range(op.arity)), Layout("f", size, swapped=False, dense=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "VECTOR", vector)
        slots = machine.Slots({}, {}, {i: i for i in operands}, {op.arity: op.arity}, [column] * (op.arity + 1), 0)
        kernel = machine.kernel([Step(op.arity, op, operands)], slots, size, only_kept=False)

    def compute(*xs: Any) -> Any:
        rows = len(xs[0])
        most = max(rows, vector // size)  # fewer fill no vector
        arrays = [np.resize(x, most) if rows else np.ones(most, x.dtype) for x in xs]
        result = np.empty_like(arrays[0])
        table = np.array([x.ctypes.data for x in (*arrays, result)], np.int64)
        kernel.run(table.ctypes.data, 0, most, 0)
        return result[:rows]

    return compute


def with_own_functions(patch: pytest.MonkeyPatch) -> None:
    """Let NumPy's plans call the schemes' machine code, so that only the arithmetic around it is NumPy's."""
    of, knows = Ufuncs.of, Ufuncs.knows

    def owned(self: Ufuncs, op: Op) -> Callable[..., Any]:
        return _on_any_numbers(op.name) if op.name in FUNCTIONS else of(self, op)

    patch.setattr(Ufuncs, "of", owned)
    patch.setattr(ufunc_plan, "TOGETHER", {})
    patch.setattr(Ufuncs, "knows", lambda self, op: op.name in FUNCTIONS or knows(self, op))


def _on_any_numbers(name: str) -> Callable[..., Any]:
    """Return a function on broadcast columns and numbers, in the type that NumPy computes it in."""

    def compute(*xs: Any) -> Any:
        columns = np.broadcast_arrays(*xs)
        kind = np.result_type(np.float32, *xs)
        flat = [np.ascontiguousarray(x, kind).ravel() for x in columns]
        return compiled(name, kind.itemsize)(*flat).reshape(columns[0].shape)[()]

    return compute
