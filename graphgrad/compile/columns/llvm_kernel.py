"""Arithmetic on rows as machine code, through LLVM: one loop for many operations, between which nothing is stored.

Functions like `exp` are not its business: NumPy has good ones. What it computes is NumPy's to the last bit.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings

__all__ = ["SIZES", "Kernel", "Places", "is_arithmetic", "is_there", "kernel"]

SIZES: Final = (4, 8)
"""The bytes of the floats that machines know."""

OLDEST: Final = (0, 45)
"""The first version of llvmlite whose pointers are of one type."""

NAME: Final = "loop"
UNEQUAL: Final = "!="

VECTOR: Final = 64
"""The bytes that are computed with at a time; a machine that takes less takes several turns."""


class Places(NamedTuple):
    """Where in the list of addresses those of registers stand: of a number, and of a column's first row.

    `results` has the register of what goes to the first row, and so on, of each place.
    """

    numbers: Mapping[int, int]
    columns: Mapping[int, int]
    results: Mapping[int, int]


@cache
def is_there() -> bool:
    """Whether LLVM is installed, and new enough."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("llvmlite")
    except PackageNotFoundError:
        return False
    return tuple(map(int, found.split(".")[:2])) >= OLDEST


def is_arithmetic(step: Step) -> bool:
    """Whether a step is an instruction of a machine, or a few."""
    return step.op.name in INSTRUCTIONS or step.op.binds == COMPARISON or step.op.chooses


class Kernel:
    """A compiled loop; called with the address of a list of addresses, and a number of rows."""

    def __init__(self, engine: Any) -> None:
        """Take the loop's address; the engine owns the memory that it lies in."""
        self._engine = engine
        self._call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(engine.get_function_address(NAME))

    def __call__(self, addresses: int, rows: int) -> None:
        """Run it, without Python's lock."""
        self._call(addresses, rows)


def kernel(steps: Sequence[Step], places: Places, size: int) -> Kernel:
    """Return a loop that runs steps on rows of floats of so many bytes."""
    from llvmlite import binding, ir

    module = ir.Module()
    _Loop(ir, module, size).write(steps, places)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(str(module)), _target(binding))
    engine.finalize_object()
    return Kernel(engine)


def _target(binding: Any) -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    cpu, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
    return binding.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=3)


class _Loop:
    """Writes a loop over as many rows at a time as a vector holds, and one over the rows that are left."""

    def __init__(self, ir: Any, module: Any, size: int) -> None:
        self.ir, self.size, self.integer = ir, size, ir.IntType(64)
        self.real = {4: ir.FloatType, 8: ir.DoubleType}[size]()
        kind = ir.FunctionType(ir.VoidType(), [ir.PointerType(), self.integer])
        self.function = ir.Function(module, kind, NAME)
        self.builder = ir.IRBuilder(self.function.append_basic_block())

    def write(self, steps: Sequence[Step], places: Places) -> None:
        numbers = {r: self.builder.load(self.address(i), typ=self.real) for r, i in places.numbers.items()}
        columns = {r: self.address(i) for r, i in places.columns.items()}
        results = [(self.address(i), r) for i, r in places.results.items()]
        lanes, rows = VECTOR // self.size, self.function.args[1]
        whole = self.builder.and_(rows, self.integer(-lanes))
        for count, first, end in ((lanes, self.integer(0), whole), (1, whole, rows)):
            m = _Vectors(self.ir, self.builder, self.ir.VectorType(self.real, count))
            spread = {r: m.spread(x) for r, x in numbers.items()}
            with self.turns(first, end, count) as row:
                values = spread | {r: self.load(pointer, row, m.kind) for r, pointer in columns.items()}
                for step in steps:
                    values[step.target] = m.value(step.op, [values[i] for i in step.operands])
                for pointer, r in results:
                    self.builder.store(values[r], self.at(pointer, row), align=self.size)
        self.builder.ret_void()

    def address(self, place: int) -> Any:
        pointer = self.ir.PointerType()
        entry = self.builder.gep(self.function.args[0], [self.integer(place)], source_etype=pointer)
        return self.builder.load(entry, typ=pointer)

    def at(self, pointer: Any, row: Any) -> Any:
        return self.builder.gep(pointer, [row], source_etype=self.real)

    def load(self, pointer: Any, row: Any, kind: Any) -> Any:
        return self.builder.load(self.at(pointer, row), typ=kind, align=self.size)

    @contextmanager
    def turns(self, first: Any, end: Any, step: int) -> Iterator[Any]:
        """Write a loop around what is written, which is given the row that a turn begins at."""
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
    """Reads an operation as instructions on vectors."""

    def __init__(self, ir: Any, builder: Any, kind: Any) -> None:
        self.ir, self.builder, self.kind = ir, builder, kind
        self.bits = 64 if kind.element == ir.DoubleType() else 32
        self.conditions: dict[int, Any] = {}

    def spread(self, number: Any) -> Any:
        """Return a vector of one number."""
        integer = self.ir.IntType(32)
        one = self.builder.insert_element(self.constant(None), number, integer(0))
        mask = self.ir.Constant(self.ir.VectorType(integer, self.kind.count), [0] * self.kind.count)
        return self.builder.shuffle_vector(one, one, mask)

    def constant(self, number: float | None) -> Any:
        """Return a vector of a number that is known beforehand."""
        return self.ir.Constant(self.kind, None if number is None else [number] * self.kind.count)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Write an operation; a choice takes the condition of a comparison as it was."""
        if op.binds == COMPARISON:
            return self.indicator(op.symbols[0], *operands)
        if op.chooses:
            return self.builder.select(self.truth(operands[0]), *operands[1:])
        return INSTRUCTIONS[op.name](self, *operands)

    def indicator(self, symbol: str, x: Any, y: Any) -> Any:
        compare = self.builder.fcmp_unordered if symbol == UNEQUAL else self.builder.fcmp_ordered
        condition = compare(symbol, x, y)
        number = self.builder.select(condition, self.constant(1.0), self.constant(0.0))
        self.conditions[id(number)] = condition
        return number

    def truth(self, number: Any) -> Any:
        found = self.conditions.get(id(number))
        return self.builder.fcmp_unordered(UNEQUAL, number, self.constant(0.0)) if found is None else found

    def extreme(self, symbol: str, x: Any, *others: Any) -> Any:
        """Return what comes before all others; nan comes before anything."""
        for y in others:
            first = self.builder.or_(self.builder.fcmp_ordered(symbol, x, y), self.builder.fcmp_unordered("uno", x, x))
            x = self.builder.select(first, x, y)
        return x

    def intrinsic(self, name: str, x: Any) -> Any:
        """Call a function that LLVM has for vectors of any kind."""
        module, kind = self.builder.module, self.ir.FunctionType(self.kind, [self.kind])
        full = f"llvm.{name}.v{self.kind.count}f{self.bits}"
        found = module.globals.get(full) or self.ir.Function(module, kind, full)
        return self.builder.call(found, [x])


def _sign(m: _Vectors, x: Any) -> Any:
    """Return 1, −1 or 0; what is none of them, which is nan, remains."""
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
"""The operations that are instructions of a machine, or a few."""
