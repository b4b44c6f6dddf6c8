"""Compile operations on rows to a kernel by LLVM: one vectorized loop for many operations, without stores in between.

The results of arithmetic are NumPy's to the last bit; a function that has a scheme is within 1 ulp of the exact value.
Other functions stay calls between kernels.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.functions.llvm_lanes import written
from graphgrad.compile.functions.table import FUNCTIONS
from graphgrad.compile.machine_code import has_fma, machine_code
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.compile.machine_code import MachineCode
    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings

__all__ = ["SIZES", "Kernel", "Slots", "is_arithmetic", "kernel"]

SIZES: Final = (4, 8)
"""The bytes of the float types that kernels compute with."""

NAME: Final = "loop"
UNEQUAL: Final = "!="

VECTOR: Final = 64
"""The bytes of a vector; LLVM splits it on a processor with shorter registers."""


class Slots(NamedTuple):
    """The kernel's arguments as indices into its table of addresses.

    `numbers` and `columns` have the slot of each register that is read: the address of a number, or of a column's first
    row. `results` has the register that is stored for each slot that is written.
    """

    numbers: Mapping[int, int]
    columns: Mapping[int, int]
    results: Mapping[int, int]


def is_arithmetic(step: Step) -> bool:
    """Whether a step is written as machine instructions: arithmetic, and the functions that have a scheme."""
    op = step.op
    return op.name in INSTRUCTIONS or op.binds == COMPARISON or op.chooses or (op.name in FUNCTIONS and has_fma())


class Kernel:
    """A compiled loop, called with the address of a table of addresses and the number of rows."""

    def __init__(self, code: MachineCode) -> None:
        """Make the function callable."""
        self._code = code  # has the function's memory
        self._call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(code.address)

    def __call__(self, addresses: int, rows: int) -> None:
        """Run the loop without Python's global lock."""
        self._call(addresses, rows)


def kernel(steps: Sequence[Step], slots: Slots, size: int) -> Kernel:
    """Return a kernel that runs these steps on rows of floats of `size` bytes."""
    from llvmlite import ir

    module = ir.Module()
    _LoopBuilder(ir, module, size).write(steps, slots)
    return Kernel(machine_code(str(module), NAME))


class _LoopBuilder:
    """Writes a vectorized loop, and a scalar one for the remaining rows."""

    def __init__(self, ir: Any, module: Any, size: int) -> None:
        self.ir, self.size, self.integer = ir, size, ir.IntType(64)
        self.real = {4: ir.FloatType, 8: ir.DoubleType}[size]()
        kind = ir.FunctionType(ir.VoidType(), [ir.PointerType(), self.integer])
        self.function = ir.Function(module, kind, NAME)
        self.builder = ir.IRBuilder(self.function.append_basic_block())

    def write(self, steps: Sequence[Step], slots: Slots) -> None:
        numbers = {r: self.builder.load(self.address(i), typ=self.real) for r, i in slots.numbers.items()}
        columns = {r: self.address(i) for r, i in slots.columns.items()}
        results = [(self.address(i), r) for i, r in slots.results.items()]
        lanes, rows = VECTOR // self.size, self.function.args[1]
        whole = self.builder.and_(rows, self.integer(-lanes))
        for count, first, end in ((lanes, self.integer(0), whole), (1, whole, rows)):
            m = _Vectors(self.ir, self.builder, self.ir.VectorType(self.real, count))
            spread = {r: m.spread(x) for r, x in numbers.items()}
            with self.loop(first, end, count) as row:
                values = spread | {r: self.load(pointer, row, m.kind) for r, pointer in columns.items()}
                for step in steps:
                    values[step.target] = m.value(step.op, [values[i] for i in step.operands])
                for pointer, r in results:
                    self.builder.store(values[r], self.at(pointer, row), align=self.size)
        self.builder.ret_void()

    def address(self, slot: int) -> Any:
        pointer = self.ir.PointerType()
        entry = self.builder.gep(self.function.args[0], [self.integer(slot)], source_etype=pointer)
        return self.builder.load(entry, typ=pointer)

    def at(self, pointer: Any, row: Any) -> Any:
        return self.builder.gep(pointer, [row], source_etype=self.real)

    def load(self, pointer: Any, row: Any, kind: Any) -> Any:
        return self.builder.load(self.at(pointer, row), typ=kind, align=self.size)

    @contextmanager
    def loop(self, first: Any, end: Any, step: int) -> Iterator[Any]:
        """Write a loop around the instructions written in the context, which yields the first row of an iteration."""
        b, before = self.builder, self.builder.block
        head, body, after = (self.function.append_basic_block() for _ in range(3))
        b.branch(head)
        b.position_at_end(head)
        row = b.phi(self.integer)
        row.add_incoming(first, before)
        b.cbranch(b.icmp_signed("<", row, end), body, after)
        b.position_at_end(body)
        yield row
        row.add_incoming(b.add(row, self.integer(step)), b.block)
        b.branch(head)
        b.position_at_end(after)


class _Vectors(Namespace):
    """The namespace in which a number is an SSA vector value and an operation is written as instructions."""

    def __init__(self, ir: Any, builder: Any, kind: Any) -> None:
        self.ir, self.builder, self.kind = ir, builder, kind
        self.bits = 64 if kind.element == ir.DoubleType() else 32
        self.conditions: dict[int, Any] = {}

    def spread(self, number: Any) -> Any:
        """Return a vector with one number in all lanes."""
        integer = self.ir.IntType(32)
        one = self.builder.insert_element(self.constant(None), number, integer(0))
        mask = self.ir.Constant(self.ir.VectorType(integer, self.kind.count), [0] * self.kind.count)
        return self.builder.shuffle_vector(one, one, mask)

    def constant(self, number: float | None) -> Any:
        """Return a constant vector; one with undefined lanes for None."""
        return self.ir.Constant(self.kind, None if number is None else [number] * self.kind.count)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Write an operation; a choice selects by the boolean of a comparison rather than by its number."""
        if op.binds == COMPARISON:
            return self.indicator(op.symbols[0], *operands)
        if op.chooses:
            return self.builder.select(self.truth(operands[0]), *operands[1:])
        if op.name in INSTRUCTIONS:
            return INSTRUCTIONS[op.name](self, *operands)
        return written(FUNCTIONS[op.name], self.ir, self.builder, operands)

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
    "sign": _sign,
    "min": lambda m, *xs: m.extreme("<", *xs),
    "max": lambda m, *xs: m.extreme(">", *xs),
}
"""The operations that are one machine instruction or a few."""
