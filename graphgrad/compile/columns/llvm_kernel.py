"""Compile operations on rows to a kernel by LLVM: one vectorized loop for many operations, without stores in between.

The results of arithmetic are NumPy's to the last bit; a function that has a scheme is within 1 ulp of the exact value.
Other functions stay calls between kernels.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.columns.llvm_columns import Layout, LlvmColumn
from graphgrad.compile.functions.llvm_lanes import LlvmLanes, same, written
from graphgrad.compile.functions.table import FUNCTIONS, SHARING
from graphgrad.compile.machine_code import digest_of, has_fma, kept_code, machine_code
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON
from graphgrad.tape.tape import dependent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graphgrad.compile.machine_code import MachineCode
    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings

__all__ = ["Kernel", "Slots", "functions_in", "is_fusible", "kernel", "lanes"]

NAME: Final = "loop"
UNEQUAL: Final = "!="

VECTOR: Final = 64
"""The bytes of a vector; LLVM splits it on a processor with shorter registers."""


MANY: Final = 32
"""The most functions of a loop that are inlined; code for more takes long to make, and is no faster."""


class Slots(NamedTuple):
    """Where a kernel finds its operands: the slots of its table of addresses and numbers.

    `constants` are part of the code. `numbers` and `columns` have the slot of each register that is read: a number, or
    the address of a column. `results` has the register that is stored for each slot that is written. `layouts` are
    those of the columns and results that are the caller's, and have the first slots; from slot `strides` on follow the
    bytes from one row to the next of each of them, which only those need that are not dense. Other slots are buffers
    of the block alone.
    """

    constants: Mapping[int, float]
    numbers: Mapping[int, int]
    columns: Mapping[int, int]
    results: Mapping[int, int]
    layouts: Sequence[Layout]
    strides: int


def lanes(size: int) -> int:
    """Return the numbers in a vector of floats of `size` bytes."""
    return VECTOR // size


def is_fusible(op: Op) -> bool:
    """Whether an operation is written as machine instructions: arithmetic, and the functions that have a scheme."""
    return op.name in INSTRUCTIONS or op.binds == COMPARISON or op.chooses or (op.name in FUNCTIONS and has_fma())


def functions_in(steps: Iterable[Step]) -> int:
    """Return how many steps are functions that have a scheme."""
    return sum(step.op.name in FUNCTIONS for step in steps)


class Kernel:
    """A compiled loop, called with the address of its table, the first row, the row behind the last, and a flag.

    There are `least` rows or more, as many as a vector has numbers. The flag says whether results are streamed: stored
    past the caches, which saves reading the memory before it is overwritten.
    """

    def __init__(self, code: MachineCode, least: int) -> None:
        """Make the function callable."""
        self.least = least
        self.run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, *[ctypes.c_int64] * 3)(code.address)
        """The loop, which runs without Python's global lock."""
        vars(self.run)["code"] = code  # has the memory that a thread may be in when the kernel is gone


def kernel(steps: Sequence[Step], slots: Slots, size: int, *, only_kept: bool) -> Kernel:
    """Return a kernel that runs these steps on rows of floats of `size` bytes.

    Raises `FileNotFoundError` where it is not on the disk and `only_kept`.
    """
    write, writer = partial(_assembly, steps, slots, size), _writer()
    key = f"{writer} {size} {VECTOR} {slots} {[(x.target, x.op.name, x.operands) for x in steps]}" if writer else ""
    return Kernel((kept_code if only_kept else machine_code)(write, NAME, key=key), lanes(size))


def _assembly(steps: Sequence[Step], slots: Slots, size: int) -> str:
    from llvmlite import ir

    module = ir.Module()
    _LoopBuilder(ir, module, size).write(steps, slots)
    return str(module)


@cache
def _writer() -> str:
    """Return a digest of the modules that write assembly: another version may write other code."""
    folder = Path(__file__).parent
    return digest_of([*folder.glob("llvm_*.py"), *folder.with_name("functions").glob("*.py")])


class _LoopBuilder:
    """Writes a loop over vectors; the last vector may compute rows of the one before again, to end with the rows."""

    def __init__(self, ir: Any, module: Any, size: int) -> None:
        self.ir, self.size, self.integer = ir, size, ir.IntType(64)
        self.real = {4: ir.FloatType, 8: ir.DoubleType}[size]()
        kind = ir.FunctionType(ir.VoidType(), [ir.PointerType(), *[self.integer] * 3])
        self.function = ir.Function(module, kind, NAME)
        self.builder = ir.IRBuilder(self.function.append_basic_block())

    def write(self, steps: Sequence[Step], slots: Slots) -> None:
        kind = self.ir.VectorType(self.real, lanes(self.size))
        m = _Vectors(self.ir, self.builder, kind, inlines=functions_in(steps) <= MANY)
        values = {r: m.constant(x) for r, x in slots.constants.items()}
        values |= {r: m.spread(self.entry(i, self.real)) for r, i in slots.numbers.items()}
        columns = {r: self.column(i, slots) for r, i in slots.columns.items()}
        streamed: list[tuple[LlvmColumn, int]] = []
        stored: list[tuple[LlvmColumn, int]] = []
        for i, r in slots.results.items():
            is_dense = i < len(slots.layouts) and slots.layouts[i].dense
            (streamed if is_dense else stored).append((self.column(i, slots), r))
        streams = self.can_stream([column for column, _ in streamed])
        varying = dependent(steps, columns)
        for step in steps:
            if step.target not in varying:
                values[step.target] = m.value(step.op, [values[i] for i in step.operands])
        with self.loop(m.kind.count) as row:
            values |= {r: column.load(row, m.kind) for r, column in columns.items()}
            for step in steps:
                if step.target in varying:
                    values[step.target] = m.value(step.op, [values[i] for i in step.operands])
            for column, r in stored:
                column.store(row, values[r])
            self.store(streamed, row, values, streams)
        self.builder.fence("seq_cst")  # what was streamed is there for other threads
        self.builder.ret_void()

    def can_stream(self, columns: Sequence[LlvmColumn]) -> Any:
        """Return the condition that results are streamed: the caller wants it, and all begin at a vector's boundary."""
        b = self.builder
        bits = self.integer(0)
        for column in columns:
            bits = b.or_(bits, b.ptrtoint(column.address, self.integer))
        return b.and_(b.icmp_signed("!=", self.function.args[3], self.integer(0)), self.is_multiple(bits, VECTOR))

    def is_multiple(self, number: Any, power: int) -> Any:
        """Return the condition that an integer is a multiple of a power of 2."""
        b = self.builder
        return b.icmp_signed("==", b.and_(number, self.integer(power - 1)), self.integer(0))

    def store(
        self, results: Sequence[tuple[LlvmColumn, int]], row: Any, values: Mapping[int, Any], streams: Any
    ) -> None:
        """Store dense results, or stream them."""
        b = self.builder
        here = b.and_(streams, self.is_multiple(row, lanes(self.size)))
        with b.if_else(here) as (then, otherwise):
            with then:
                for column, r in results:
                    column.stream(row, values[r], VECTOR)
            with otherwise:
                for column, r in results:
                    column.store(row, values[r])

    def column(self, slot: int, slots: Slots) -> LlvmColumn:
        """Return a column of the caller's, or a buffer, whose first row is the first of the block."""
        address, stride = self.entry(slot, self.ir.PointerType()), None
        if slot < len(slots.layouts):
            layout = slots.layouts[slot]
            stride = None if layout.dense else self.entry(slots.strides + slot, self.integer)
            return LlvmColumn(self.ir, self.builder, layout, address, stride)
        first = self.builder.neg(self.function.args[1])
        address = self.builder.gep(address, [first], source_etype=self.real)
        layout = Layout("f", self.size, swapped=False, dense=True)
        return LlvmColumn(self.ir, self.builder, layout, address, stride)

    def entry(self, slot: int, kind: Any) -> Any:
        place = self.builder.gep(self.function.args[0], [self.integer(slot)], source_etype=self.integer)
        return self.builder.load(place, typ=kind)

    @contextmanager
    def loop(self, count: int) -> Iterator[Any]:
        """Write a loop around the instructions written in the context, which yields the first row of an iteration."""
        b, before = self.builder, self.builder.block
        first, end = self.function.args[1:3]
        body, after = (self.function.append_basic_block() for _ in range(2))
        last = b.sub(end, self.integer(count))
        b.branch(body)
        b.position_at_end(body)
        start = b.phi(self.integer)
        start.add_incoming(first, before)
        yield b.select(b.icmp_signed("<", start, last), start, last)
        following = b.add(start, self.integer(count))
        start.add_incoming(following, b.block)
        b.cbranch(b.icmp_signed("<", following, end), body, after)
        b.position_at_end(after)


class _Vectors(Namespace):
    """The namespace in which a number is an SSA vector value and an operation is written as instructions."""

    def __init__(self, ir: Any, builder: Any, kind: Any, *, inlines: bool) -> None:
        self.ir, self.builder, self.kind, self.inlines = ir, builder, kind, inlines
        self.bits = 64 if kind.element == ir.DoubleType() else 32
        self.conditions: dict[int, Any] = {}
        self.lanes = LlvmLanes(ir, builder, kind.count)

    def spread(self, number: Any) -> Any:
        """Return a vector with one number in all lanes."""
        integer = self.ir.IntType(32)
        one = self.builder.insert_element(self.constant(None), number, integer(0))
        mask = self.ir.Constant(self.ir.VectorType(integer, self.kind.count), [0] * self.kind.count)
        return self.builder.shuffle_vector(one, one, mask)

    def constant(self, number: float | None) -> Any:
        """Return a constant vector; one with undefined lanes for None."""
        return self.ir.Constant(self.kind, None) if number is None else same(self.ir, self.kind, number)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Write an operation; a choice selects by the boolean of a comparison rather than by its number."""
        if op.binds == COMPARISON:
            return self.indicator(op.symbols[0], *operands)
        if op.chooses:
            return self.builder.select(self.truth(operands[0]), *operands[1:])
        if op.name in INSTRUCTIONS:
            return INSTRUCTIONS[op.name](self, *operands)
        if op.name in SHARING and self.inlines:
            return written(FUNCTIONS[op.name], self.lanes, operands)
        return self.builder.call(self.scheme(op.name, len(operands)), operands)

    def scheme(self, name: str, count: int) -> Any:
        """Return a function's scheme as a function of its own, which is written once for many calls."""
        full = f"{name}.{self.kind.count}.{self.bits}.{count}"
        if found := self.builder.module.globals.get(full):
            return found
        function = self.ir.Function(self.builder.module, self.ir.FunctionType(self.kind, [self.kind] * count), full)
        function.linkage = "internal"
        function.attributes.add("alwaysinline" if self.inlines else "noinline")
        builder = self.ir.IRBuilder(function.append_basic_block())
        builder.ret(written(FUNCTIONS[name], LlvmLanes(self.ir, builder, self.kind.count), function.args))
        return function

    def indicator(self, symbol: str, x: Any, y: Any) -> Any:
        compare = self.builder.fcmp_unordered if symbol == UNEQUAL else self.builder.fcmp_ordered
        condition = compare(symbol, x, y)
        number = self.builder.select(condition, self.constant(1.0), self.constant(0.0))
        self.conditions[id(number)] = condition
        return number

    def truth(self, number: Any) -> Any:
        condition = self.conditions.get(id(number))
        return self.builder.fcmp_unordered(UNEQUAL, number, self.constant(0.0)) if condition is None else condition

    def extreme(self, symbol: str, x: Any, *others: Any) -> Any:
        """Return the minimum or maximum, by the comparison `symbol`; nan where any operand is nan."""
        for y in others:
            first = self.builder.or_(self.builder.fcmp_ordered(symbol, x, y), self.builder.fcmp_unordered("uno", x, x))
            x = self.builder.select(first, x, y)
        return x

    def intrinsic(self, name: str, x: Any) -> Any:
        """Call an LLVM intrinsic on a vector."""
        module, kind = self.builder.module, self.ir.FunctionType(self.kind, [self.kind])
        full = f"llvm.{name}.v{self.kind.count}f{self.bits}"
        function = module.globals.get(full) or self.ir.Function(module, kind, full)
        return self.builder.call(function, [x])


def _sign(m: _Vectors, x: Any) -> Any:
    """Return 1, −1 or 0, and nan for nan."""
    b, zero = m.builder, m.constant(0.0)
    result = b.select(b.fcmp_ordered("==", x, zero), zero, x)
    result = b.select(b.fcmp_ordered("<", x, zero), m.constant(-1.0), result)
    return b.select(b.fcmp_ordered(">", x, zero), m.constant(1.0), result)


INSTRUCTIONS: Final[Spellings] = {
    "add": lambda m, x, y: m.builder.fadd(x, y),
    "sub": lambda m, x, y: m.builder.fsub(x, y),
    "mul": lambda m, x, y: m.builder.fmul(x, y),
    "div": lambda m, x, y: m.builder.fdiv(x, y),
    "neg": lambda m, x: m.builder.fneg(x),
    "abs": lambda m, x: m.intrinsic("fabs", x),
    "sqrt": lambda m, x: m.intrinsic("sqrt", x),
    "floor": lambda m, x: m.intrinsic("floor", x),
    "ceil": lambda m, x: m.intrinsic("ceil", x),
    "round": lambda m, x: m.intrinsic("roundeven", x),
    "trunc": lambda m, x: m.intrinsic("trunc", x),
    "sign": _sign,
    "min": lambda m, *xs: m.extreme("<", *xs),
    "max": lambda m, *xs: m.extreme(">", *xs),
}
"""The operations that are one machine instruction or a few."""
