"""Read schemes as vectors of LLVM: each operation writes the instruction for all lanes."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from graphgrad.compile.functions.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.compile.functions.lanes import P, Part

__all__ = ["LlvmLanes", "same", "written"]


def written(scheme: Callable[..., Any], lanes: LlvmLanes, operands: Sequence[Any]) -> Any:
    """Write a scheme's instructions, and return the vector of its results.

    Vectors of floats of 32 bits are computed in doubles and rounded at the end. The arithmetic has no flags: it is
    IEEE's, and the same on every machine. Schemes that are written in the same lanes share what is computed `once`.
    """
    kind = operands[0].type
    result = lanes.real(scheme(lanes, *map(lanes.widened, operands))).value
    return result if kind == lanes.kind else lanes.builder.fptrunc(result, kind)


def same(ir: Any, kind: Any, number: float) -> Any:
    """Return a constant vector with one number in all lanes, which is written once in the assembly."""
    text = f"splat ({ir.Constant(kind.element, number)})"
    constant = ir.FormattedConstant(kind, text)
    constant.constant = text  # llvmlite takes a vector's text for a sequence of numbers
    return constant


class LlvmLanes(Lanes):
    """The machine whose lanes are those of a vector register, or of several."""

    def __init__(self, ir: Any, builder: Any, count: int) -> None:
        """Take llvmlite's module `ir`, the builder to write with, and the number of lanes."""
        self.ir, self.builder = ir, builder
        self.kind = ir.VectorType(ir.DoubleType(), count)
        self.whole_kind = ir.VectorType(ir.IntType(64), count)
        self._kept: dict[tuple[Any, int], tuple[Any, Any]] = {}  # with the vector, whose id it has

    def widened(self, vector: Any) -> _Real:
        """Return a vector of floats as a value of this machine."""
        if vector.type == self.kind:
            return _Real(self, vector)
        key = "widened", id(vector)
        if key not in self._kept:
            self._kept[key] = _Real(self, self.builder.fpext(vector, self.kind)), vector
        return self._kept[key][0]  # type: ignore[no-any-return]

    def real(self, x: Any) -> _Real:
        """Return a number as a value of this machine; a value as it is."""
        return x if isinstance(x, _Real) else _Real(self, same(self.ir, self.kind, float(x)))

    def whole(self, x: Any) -> _Whole:
        """Return an integer as a value of this machine; a value as it is."""
        if isinstance(x, _Whole):
            return x
        return _Whole(self, same(self.ir, self.whole_kind, int(x)))

    def intrinsic(self, name: str, *operands: Any) -> _Real:
        """Write a call of one of LLVM's functions on vectors of doubles."""
        values = [self.real(x).value for x in operands]
        return _Real(self, self._called(f"{name}.v{self.kind.count}f64", self.kind, values))

    def _called(self, name: str, kind: Any, values: Sequence[Any]) -> Any:
        module = self.builder.module
        found = module.globals.get(name)
        function = found or self.ir.Function(module, self.ir.FunctionType(kind, [x.type for x in values]), name)
        return self.builder.call(function, values)

    def fma(self, x: Any, y: Any, z: Any) -> _Real:
        return self.intrinsic("llvm.fma", x, y, z)

    def once(self, part: type[P], x: Any) -> P:
        vector = self.real(x).value
        key = part, id(vector)
        if key not in self._kept:
            call = self.builder.call(self._function(part), [vector])
            values = [_Real(self, self.builder.extract_value(call, i)) for i in range(len(part.__annotations__))]
            self._kept[key] = part(*values), vector
        return self._kept[key][0]  # type: ignore[no-any-return]

    def _function(self, part: type[Part]) -> Any:
        """Return the function that computes a part, which the module has once; it is inlined."""
        ir, module, name = self.ir, self.builder.module, f"{part.__name__}.{self.kind.count}"
        if found := module.globals.get(name):
            return found
        kind = ir.LiteralStructType([self.kind] * len(part.__annotations__))
        function = ir.Function(module, ir.FunctionType(kind, [self.kind]), name)
        function.linkage = "internal"
        function.attributes.add("alwaysinline")
        builder = ir.IRBuilder(function.append_basic_block())
        lanes = LlvmLanes(ir, builder, self.kind.count)
        result = ir.Constant(kind, ir.Undefined)
        for i, value in enumerate(part.of(lanes, _Real(lanes, function.args[0]))):
            result = builder.insert_value(result, lanes.real(value).value, i)
        builder.ret(result)
        return function

    def looked_up(self, numbers: Sequence[float], index: Any) -> _Real:
        b, place, real = self.builder, self.ir.IntType(32), self.kind.element
        table, result = self._table(tuple(numbers)), self.ir.Constant(self.kind, None)
        # A lane for which nothing is looked up may have any integer.
        is_inside = b.icmp_unsigned("<", index.value, self.whole(len(numbers)).value)
        index = b.select(is_inside, index.value, self.whole(0).value)
        for lane in map(place, range(self.kind.count)):
            address = b.gep(table, [b.extract_element(index, lane)], source_etype=real)
            result = b.insert_element(result, b.load(address, typ=real), lane)
        return _Real(self, result)

    def _table(self, numbers: tuple[float, ...]) -> Any:
        """Return the address of a constant array, which the module has once."""
        ir, module = self.ir, self.builder.module
        name = f"table.{sha256(repr(numbers).encode()).hexdigest()[:32]}"
        found = module.globals.get(name)
        if found is None:
            kind = ir.ArrayType(self.kind.element, len(numbers))
            found = ir.GlobalVariable(module, kind, name)
            found.initializer = ir.Constant(kind, list(numbers))
            found.global_constant, found.linkage = True, "internal"
        return found

    def rounded(self, x: Any) -> _Real:
        return self.intrinsic("llvm.roundeven", x)

    def root(self, x: Any) -> _Real:
        return self.intrinsic("llvm.sqrt", x)

    def size(self, x: Any) -> _Real:
        return self.intrinsic("llvm.fabs", x)

    def signed(self, x: Any, y: Any) -> _Real:
        return self.intrinsic("llvm.copysign", x, y)

    def fmod(self, x: Any, y: Any) -> _Real:
        return _Real(self, self.builder.frem(self.real(x).value, self.real(y).value))

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        if isinstance(x, _Whole) or isinstance(y, _Whole):
            return _Whole(self, self.builder.select(condition.value, self.whole(x).value, self.whole(y).value))
        return _Real(self, self.builder.select(condition.value, self.real(x).value, self.real(y).value))

    def is_nan(self, x: Any) -> _Condition:
        return _Condition(self, self.builder.fcmp_unordered("uno", x.value, x.value))

    def bits(self, x: Any) -> _Whole:
        return _Whole(self, self.builder.bitcast(self.real(x).value, self.whole_kind))

    def of_bits(self, bits: Any) -> _Real:
        return _Real(self, self.builder.bitcast(self.whole(bits).value, self.kind))

    def all_patched(
        self, condition: Any, common: Sequence[Any], rare: Callable[..., Sequence[Any]], *operands: Any
    ) -> list[Any]:
        b, bit = self.builder, self.ir.IntType(1)
        in_any_lane = self._called(f"llvm.vector.reduce.or.v{self.kind.count}i1", bit, [condition.value])
        usual, before = [self.real(x) for x in common], b.block
        with b.if_then(in_any_lane, likely=False):
            mended = [self.where(condition, x, y).value for x, y in zip(rare(*operands), usual, strict=True)]
            inside = b.block
        results = []
        for value, other in zip(usual, mended, strict=True):
            phi = b.phi(self.kind)
            phi.add_incoming(value.value, before)
            phi.add_incoming(other, inside)
            results.append(_Real(self, phi))
        return results


class _Value:
    """A vector of LLVM, with Python's operators as instructions."""

    __slots__ = ("m", "value")

    def __init__(self, m: LlvmLanes, value: Any) -> None:
        self.m, self.value = m, value


class _Number(_Value):
    """A number in each lane: a comparison is a condition of each."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # as they have no order either

    def _compared(self, symbol: str, y: Any) -> _Condition:
        raise NotImplementedError

    def __lt__(self, y: Any) -> _Condition:
        return self._compared("<", y)

    def __le__(self, y: Any) -> _Condition:
        return self._compared("<=", y)

    def __gt__(self, y: Any) -> _Condition:
        return self._compared(">", y)

    def __ge__(self, y: Any) -> _Condition:
        return self._compared(">=", y)

    def __eq__(self, y: object) -> _Condition:  # type: ignore[override]
        return self._compared("==", y)

    def __ne__(self, y: object) -> _Condition:  # type: ignore[override]
        return self._compared("!=", y)


class _Real(_Number):
    """One double in each lane."""

    __slots__ = ()

    def _compared(self, symbol: str, y: Any) -> _Condition:
        return _Condition(self.m, self.m.builder.fcmp_ordered(symbol, self.value, self.m.real(y).value))

    def __add__(self, y: Any) -> _Real:
        return _Real(self.m, self.m.builder.fadd(self.value, self.m.real(y).value))

    def __radd__(self, x: Any) -> _Real:
        return self.m.real(x) + self

    def __sub__(self, y: Any) -> _Real:
        return _Real(self.m, self.m.builder.fsub(self.value, self.m.real(y).value))

    def __rsub__(self, x: Any) -> _Real:
        return self.m.real(x) - self

    def __mul__(self, y: Any) -> _Real:
        return _Real(self.m, self.m.builder.fmul(self.value, self.m.real(y).value))

    def __rmul__(self, x: Any) -> _Real:
        return self.m.real(x) * self

    def __truediv__(self, y: Any) -> _Real:
        return _Real(self.m, self.m.builder.fdiv(self.value, self.m.real(y).value))

    def __rtruediv__(self, x: Any) -> _Real:
        return self.m.real(x) / self

    def __neg__(self) -> _Real:
        return _Real(self.m, self.m.builder.fneg(self.value))

    def __ne__(self, y: object) -> _Condition:  # type: ignore[override]
        return _Condition(self.m, self.m.builder.fcmp_unordered("!=", self.value, self.m.real(y).value))


class _Whole(_Number):
    """One integer of 64 bits in each lane."""

    __slots__ = ()

    def _done(self, instruction: Callable[..., Any], y: Any) -> _Whole:
        return _Whole(self.m, instruction(self.value, self.m.whole(y).value))

    def _compared(self, symbol: str, y: Any) -> _Condition:
        return _Condition(self.m, self.m.builder.icmp_signed(symbol, self.value, self.m.whole(y).value))

    def __add__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.add, y)

    def __sub__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.sub, y)

    def __rsub__(self, x: Any) -> _Whole:
        return self.m.whole(x) - self

    def __and__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.and_, y)

    def __or__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.or_, y)

    def __xor__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.xor, y)

    def __lshift__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.shl, y)

    def __rshift__(self, y: Any) -> _Whole:
        return self._done(self.m.builder.ashr, y)

    __radd__, __rand__, __ror__ = __add__, __and__, __or__


class _Condition(_Value):
    """One truth value in each lane."""

    __slots__ = ()

    def __and__(self, y: _Condition) -> _Condition:
        return _Condition(self.m, self.m.builder.and_(self.value, y.value))

    def __or__(self, y: _Condition) -> _Condition:
        return _Condition(self.m, self.m.builder.or_(self.value, y.value))

    def __xor__(self, y: _Condition) -> _Condition:
        return _Condition(self.m, self.m.builder.xor(self.value, y.value))

    def __invert__(self) -> _Condition:
        return _Condition(self.m, self.m.builder.not_(self.value))
