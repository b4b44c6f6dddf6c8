"""Load vectors from columns and store them, whatever a column's type and the distance of its rows.

The machine code has a table of two integers for each column: the address of its first row, and the bytes from one row
to the next, which only columns with gaps between their rows need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SIZES", "Layout", "LlvmColumn", "layout_of", "layouts_of"]

SIZES: Final = (4, 8)
"""The bytes of the float types that kernels compute with."""

KINDS: Final = {"f": SIZES, "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}
"""The kinds of numbers that are loaded, by NumPy's letter, and their bytes."""


class Layout(NamedTuple):
    """How a column lies in memory: its kind of number, the bytes of one, whether they are swapped, whether it is dense.

    Examples: a contiguous column of doubles is `Layout("f", 8, False, True)`, which every other row of it is not.
    """

    kind: str
    size: int
    swapped: bool
    dense: bool


def layout_of(array: Any) -> Layout | None:
    """Return the layout of an array along its last axis, None for a type that machine code does not load.

    >>> import numpy as np
    >>> layout_of(np.arange(8, dtype=np.int16)[::2])
    Layout(kind='i', size=2, swapped=False, dense=False)
    """
    dtype = array.dtype
    if dtype.itemsize not in KINDS.get(dtype.kind, ()):
        return None
    return Layout(dtype.kind, dtype.itemsize, not dtype.isnative, array.strides[-1] == dtype.itemsize)


def layouts_of(arrays: Sequence[Any]) -> tuple[Layout, ...] | None:
    """Return the layouts of arrays; None where one of them has a type that machine code does not load."""
    layouts = tuple(map(layout_of, arrays))
    return None if None in layouts else layouts  # type: ignore[return-value]


class LlvmColumn:
    """A column: what loads and stores the vector that begins at a row."""

    def __init__(self, ir: Any, builder: Any, layout: Layout, address: Any, stride: Any) -> None:
        """Take llvmlite's module `ir`, the builder to write with, and both entries of the table."""
        self.ir, self.builder, self.layout = ir, builder, layout
        self.address, self.stride = address, stride
        self.whole = ir.IntType(8 * layout.size)
        self.kind = {4: ir.FloatType, 8: ir.DoubleType}[layout.size]() if layout.kind == "f" else self.whole

    def load(self, row: Any, vector: Any) -> Any:
        """Return the numbers from a row on as a vector of this type of floats."""
        loaded = self._dense(row, vector.count) if self.layout.dense else self._with_gaps(row, vector.count)
        return self._converted(loaded, vector)

    def store(self, row: Any, values: Any) -> None:
        """Store a vector, of the column's own type, from a row on."""
        b, ir = self.builder, self.ir
        if self.layout.dense:
            b.store(values, self._at(row), align=1)
            return
        for lane in range(values.type.count):
            number = b.extract_element(values, ir.Constant(ir.IntType(32), lane))
            b.store(number, self._at(self._plus(row, lane)), align=1)

    def stream(self, row: Any, values: Any, alignment: int) -> None:
        """Store a vector at an address that is a multiple of the alignment, past the caches."""
        stored = self.builder.store(values, self._at(row), align=alignment)
        yes = self.ir.Constant(self.ir.IntType(32), 1)
        stored.set_metadata("nontemporal", self.builder.module.add_metadata([yes]))

    def _at(self, row: Any) -> Any:
        if self.layout.dense:
            return self.builder.gep(self.address, [row], source_etype=self.kind)
        return self.builder.gep(self.address, [self.builder.mul(row, self.stride)], source_etype=self.ir.IntType(8))

    def _plus(self, row: Any, lane: int) -> Any:
        return self.builder.add(row, self.ir.Constant(row.type, lane))

    def _dense(self, row: Any, count: int) -> Any:
        kind = self.ir.VectorType(self.whole if self.layout.swapped else self.kind, count)
        return self.builder.load(self._at(row), typ=kind, align=1)

    def _with_gaps(self, row: Any, count: int) -> Any:
        kind = self.whole if self.layout.swapped else self.kind
        vector = self.ir.Constant(self.ir.VectorType(kind, count), None)
        for lane in range(count):
            number = self.builder.load(self._at(self._plus(row, lane)), typ=kind, align=1)
            vector = self.builder.insert_element(vector, number, self.ir.Constant(self.ir.IntType(32), lane))
        return vector

    def _converted(self, loaded: Any, vector: Any) -> Any:
        b = self.builder
        if self.layout.swapped and self.layout.size > 1:
            loaded = b.bitcast(self._with_swapped_bytes(loaded), self.ir.VectorType(self.kind, vector.count))
        if self.layout.kind != "f":
            return (b.sitofp if self.layout.kind == "i" else b.uitofp)(loaded, vector)
        if loaded.type == vector:
            return loaded
        return b.fpext(loaded, vector) if self.layout.size == 4 else b.fptrunc(loaded, vector)  # noqa: PLR2004  bytes

    def _with_swapped_bytes(self, loaded: Any) -> Any:
        kind, module = loaded.type, self.builder.module
        name = f"llvm.bswap.v{kind.count}i{8 * self.layout.size}"
        known = module.globals.get(name)
        return self.builder.call(known or self.ir.Function(module, self.ir.FunctionType(kind, [kind]), name), [loaded])
