"""Run kernels at once in calls like those before: of contiguous columns of one type and shape, and floats."""

from __future__ import annotations

from itertools import pairwise
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.columns.blocks import run_rows, streamed_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.compile.columns.blocks import Runnable
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
    """A kernel for contiguous columns that is a whole plan; per row, its operations and the bytes of results."""

    kernel: Kernel
    table: Struct
    steps: int
    bytes: int


class RepeatedCalls:
    """The kernels that are ready, by the letter of the type and the kinds of the inputs."""

    def __init__(self, memory: Memory, names: Sequence[str]) -> None:
        """Start without any, for inputs of these names."""
        self.names, self._memory, self._ndarray = tuple(names), memory, memory.numpy.ndarray
        self._types = {memory.numpy.dtype(code) for code in CODES}
        self._ready: dict[str, Ready] = {}

    def add(self, kinds: Sequence[str], dtype: Any, results: int, plan: Runnable) -> None:
        """Note a plan for contiguous columns of this type, if it is one kernel."""
        if plan.alone is None or dtype not in self._types or CAST in kinds:
            return
        columns = len([kind for kind in kinds if kind == COLUMN])
        table = Struct(f"{columns + results}q{CODES[dtype.char] * (len(kinds) - columns)}")
        self._ready[dtype.char + "".join(kinds)] = Ready(plan.alone, table, plan.steps, results * dtype.itemsize)

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
        if type(like) is not self._ndarray or like.dtype not in self._types:
            return None
        ready = self._ready.get(like.dtype.char + kinds)
        if ready is None or like.size < ready.kernel.least or not _are_alike(like, columns):
            return None
        places = [*map(self._memory.address, columns)]
        results: Sequence[Any]
        if out is float or out is None:
            results = self._memory.several(1 + len(wrt), like.shape, like.dtype)
            targets = [*map(self._memory.address, results)]
        else:
            results = _whole(out, wrt, like)
            targets = [*map(self._memory.address, results)]
            if not results or not _are_apart(places, targets, like.nbytes):
                return None
        table, run, rows = ready.table.pack(*places, *targets, *floats), ready.kernel.run, like.size
        streams = rows * ready.bytes >= streamed_bytes()

        def run_part(first: int, end: int, _arrays: object = (columns, results)) -> None:
            # It has the arrays, so that their memory is there until the last thread is back, whatever interrupts this.
            run(table, first, end, streams)

        run_rows(run_part, rows, rows * ready.steps, self._memory.numpy)
        value, *grad = results
        return value, dict(zip(wrt, grad, strict=True))


def _are_alike(like: Any, arrays: Sequence[Any]) -> bool:
    """Whether arrays are contiguous, and of this one's type and shape."""
    kind, dtype, shape = type(like), like.dtype, like.shape
    for x in arrays:
        if type(x) is not kind or x.dtype is not dtype or x.shape != shape or not x.flags.c_contiguous:
            return False
    return True


def _whole(out: Any, wrt: Sequence[str], like: Any) -> Sequence[Any]:
    """Return the arrays in `out`; none unless all are there and fit."""
    try:
        value, grad = out
        results = [value, *(grad[name] for name in wrt)]
    except (KeyError, TypeError, ValueError):
        return ()
    fits = len(grad) == len(wrt) and _are_alike(like, results) and all(x.flags.writeable for x in results)
    return results if fits else ()


def _are_apart(columns: Sequence[int], results: Sequence[int], size: int) -> bool:
    """Whether no result shares memory with another array; False may also be wrong, for columns that overlap."""
    places = sorted([*{*columns}, *results])
    return all(following - place >= size for place, following in pairwise(places))
