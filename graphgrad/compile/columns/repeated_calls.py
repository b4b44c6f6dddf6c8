"""Run kernels at once in calls like those before: of contiguous columns of one type and shape, and floats."""

from __future__ import annotations

from itertools import pairwise
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.columns.blocks import run_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.compile.columns.blocks import Plan
    from graphgrad.compile.columns.llvm_kernel import Kernel
    from graphgrad.compile.columns.memory import Memory

__all__ = ["CAST", "COLUMN", "SCALAR", "RepeatedCalls"]

SCALAR: Final = "s"
COLUMN: Final = "x"
CAST: Final = "c"
"""The kinds of an input: a number, a column of the result's type, a column to be converted block by block."""

CODES: Final = {"f": "f4x", "d": "d"}
"""How `struct` writes a number in a kernel's table, by NumPy's letter of the type."""


class Ready(NamedTuple):
    """A kernel without buffers, for contiguous columns: with its plan, and how its table is written."""

    kernel: Kernel
    plan: Plan
    table: Struct


class RepeatedCalls:
    """The kernels that are ready, by the letter of the type and the kinds of the inputs."""

    def __init__(self, memory: Memory, names: Sequence[str]) -> None:
        """Start without any, for inputs of these names."""
        self.names, self._memory = tuple(names), memory
        self._types = {memory.numpy.dtype(code) for code in CODES}
        self._ready: dict[str, Ready] = {}

    def add(self, kinds: Sequence[str], dtype: Any, plan: Plan, kernel: Kernel | None) -> None:
        """Note a plan's kernel for contiguous columns of this type, if there is one for the whole plan."""
        if kernel is None or dtype not in self._types or CAST in kinds:
            return
        arrays = plan.results + len([kind for kind in kinds if kind == COLUMN])
        table = Struct(f"{arrays}q{CODES[dtype.char] * len(plan.numbers)}")
        self._ready[dtype.char + "".join(kinds)] = Ready(kernel, plan, table)

    def __call__(self, values: Sequence[Any], wrt: Sequence[str], out: Any) -> tuple[Any, dict[str, Any]] | None:
        """Return value and gradient; None unless a kernel is ready for exactly such values."""
        kinds, columns, floats = "", [], []
        for x in values:
            if type(x) is float:
                floats.append(x)
                kinds += SCALAR
            else:
                columns.append(x)
                kinds += COLUMN
        like: Any = columns[0] if columns else None
        if type(like) is not self._memory.numpy.ndarray or like.dtype not in self._types:
            return None
        ready = self._ready.get(like.dtype.char + kinds)
        if ready is None or like.size < ready.kernel.least or not self._are_alike(like, columns):
            return None
        results = self._results(like, wrt, out)
        if results is None:
            return None
        address = self._memory.address
        places, targets = [*map(address, columns)], [*map(address, results)]
        if out is not float and out is not None and not _are_apart(places, targets, like.nbytes):
            return None
        table = ready.table.pack(*places, *targets, *self._numbers(ready.plan, floats, like.dtype))
        run_rows(ready, table, like.size, self._memory.numpy)
        return results[0], dict(zip(wrt, results[1:], strict=True))

    def _are_alike(self, like: Any, arrays: Sequence[Any]) -> bool:
        """Whether arrays are contiguous, and of this one's type and shape."""
        kind, dtype, shape = type(like), like.dtype, like.shape
        return all(type(x) is kind and x.dtype is dtype and x.shape == shape and x.flags.c_contiguous for x in arrays)

    def _results(self, like: Any, wrt: Sequence[str], out: Any) -> Any:
        """Return arrays for the results, those in `out` if all of them are there and fit."""
        if out is float or out is None:
            return [self._memory.empty(like.shape, like.dtype) for _ in range(1 + len(wrt))]
        try:
            value, grad = out
            results = [value, *(grad[name] for name in wrt)]
        except (KeyError, TypeError, ValueError):
            return None
        is_whole = len(grad) == len(wrt) and self._are_alike(like, results) and all(x.flags.writeable for x in results)
        return results if is_whole else None

    def _numbers(self, plan: Plan, floats: Sequence[float], dtype: Any) -> tuple[float, ...]:
        if len(plan.numbers) == len(plan.constants):
            return plan.constants
        with self._memory.numpy.errstate(all="ignore"):
            return (*plan.once(*map(dtype.type, floats)), *plan.constants)


def _are_apart(columns: Sequence[int], results: Sequence[int], size: int) -> bool:
    """Whether no result shares memory with another array; False may also be wrong, for columns that overlap."""
    places = sorted([*{*columns}, *results])
    return all(following - place >= size for place, following in pairwise(places))
