"""Run batches in machine code."""

from __future__ import annotations

import ctypes
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install
from graphgrad.compile.batches.assembly import CHECKED, FINITE, NAME, RUN, SUM, backward_loop, forward_loop
from graphgrad.compile.batches.layout import TOTAL
from graphgrad.compile.machine_code import has_llvm, machine_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graphgrad.compile.batches.layout import Layout, Sum
    from graphgrad.compile.batches.schedule import Schedule
    from graphgrad.compile.machine_code import MachineCode

__all__ = ["Machine"]

WIDEST: Final = 64
"""The most operands of a step whose loop is compiled."""

KEPT: Final = 4_096
"""The most loops that are kept."""

RUN_TYPE: Final = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)

SPEED: Final = 2
"""How much the loops are optimized."""


class Machine:
    """A record for each batch and each sum, with the address of its loop."""

    def __init__(self, schedule: Schedule, layout: Layout) -> None:
        """Compile the loops; raises `GraphgradError`, `OSError` or `RuntimeError` where there is no machine code."""
        import numpy as np

        if not has_llvm():
            raise GraphgradError("llvmlite is not installed", hint=install("llvm"))
        if any(batch.kind.width > WIDEST for batch in schedule.batches):
            raise GraphgradError(f"a step has more than {WIDEST} operands")
        self._code, self._layout = _Code(schedule), layout
        self._records = np.array([*self._called()], np.int64)

    def bound(self, x: Any, adjoints: Any) -> Callable[[], None]:
        """Return what runs both passes on values and adjoints."""
        records = self._records.ctypes.data, len(self._records)
        return partial(self._code.run, *records, x.ctypes.data, adjoints.ctypes.data)

    def _called(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Yield what the batches are called with, forward and backward."""
        layout, code = self._layout, self._code
        operands, slots, width = layout.operands.ctypes.data, layout.slots.ctypes.data, layout.operands.itemsize
        for run in layout.runs:
            yield code.forward[run.kind], operands + width * run.operands, 0, run.length, run.target
        yield code.finite, 0, 0, layout.size // CHECKED, TOTAL
        for run, sums in zip(reversed(layout.runs), reversed(layout.sums[:-1]), strict=True):
            yield from self._sums(sums)
            if run.kind.active:
                places = operands + width * run.operands, slots + width * run.slots
                yield code.backward[run.kind], *places, run.length, run.target
        yield from self._sums(layout.sums[-1])

    def _sums(self, sums: Iterable[Sum]) -> Iterator[tuple[int, int, int, int, int]]:
        return ((self._code.sum, terms, 0, most, target) for terms, most, target in sums)


class _Code:
    """The machine code for some kinds of steps: the addresses of their loops, and the function that calls them."""

    def __init__(self, schedule: Schedule) -> None:
        kinds, guarded = {batch.kind for batch in schedule.batches}, schedule.is_guarded
        forward = {kind: _loop(forward_loop(kind._replace(active=()))) for kind in kinds}
        backward = {kind: _loop(backward_loop(kind, guarded=guarded)) for kind in kinds if kind.active}
        run, total, finite = map(_loop, (RUN, SUM, FINITE))
        self.loops = run, total, finite, forward, backward  # their memory is freed with them
        self.forward = {kind: loop.address for kind, loop in forward.items()}
        self.backward = {kind: loop.address for kind, loop in backward.items()}
        self.sum, self.finite = total.address, finite.address
        self.run = RUN_TYPE(run.address)


@lru_cache(KEPT)
def _loop(assembly: str) -> MachineCode:
    return machine_code(assembly, NAME, speed=SPEED)
