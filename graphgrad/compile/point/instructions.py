"""Write operations on floats in LLVM's assembly, with the same bits as in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphgrad.compile.languages.python import PYTHON
from graphgrad.compile.llvm_text import CONDITIONS, literal
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["API", "TABLE", "Instructions"]

TABLE: Final = "@table"
"""The variable that holds addresses: first those of `API`, then those of the functions that the operations call."""

API: Final = (
    "PyFloat_Type",
    "PyFloat_FromDouble",
    "PyTuple_New",
    "PyTuple_SetItem",
    "PyObject_Vectorcall",
    "PyObject_CallFunction",
    "Py_DecRef",
    "PyErr_Occurred",
    "PyErr_ExceptionMatches",
    "PyErr_Clear",
    "PyExc_ArithmeticError",
    "PyExc_ValueError",
)
"""What is called and compared with of CPython: all is in its stable interface."""

ZERO: Final = literal(0.0)
ONE: Final = literal(1.0)


class Instructions(Namespace):
    """The namespace in which a number is the name of an SSA value, and an operation is written as instructions.

    `in_c` tells whether a function with so many operands is one of C, from floats to a float, or one of Python.

    >>> m = Instructions(lambda name, count: 0)
    >>> from graphgrad.ops.table import OPS
    >>> m.value(OPS["sqrt"], ["%x"]), m.lines
    ('%v1', ['  %v1 = call double @llvm.sqrt.f64(double %x)'])
    """

    def __init__(self, in_c: Callable[[str, int], int | None]) -> None:
        self.in_c = in_c
        self.lines: list[str] = []
        self.functions: dict[str, int] = {}
        self.intrinsics: dict[str, None] = {}
        self.counts_in_python: dict[int, None] = {}
        self._count = 0

    def const(self, number: Fraction) -> str:
        """Return a literal."""
        return literal(float(number))

    def value(self, op: Op, operands: Sequence[str]) -> str:
        """Write an operation, and return the name of its result."""
        if op.binds == COMPARISON:
            x, y = operands
            return self.choice(self.new(f"fcmp {CONDITIONS[op.symbols[0]]} double {x}, {y}"), ONE, ZERO)
        if op.chooses:
            condition, yes, no = operands
            return self.choice(self.truth(condition), yes, no)
        if op.name in INSTRUCTIONS:
            return INSTRUCTIONS[op.name](self, *operands)  # type: ignore[no-any-return]
        return self.called(PYTHON[op.name], *operands)

    def write(self, instruction: str) -> None:
        """Write an instruction without a result."""
        self.lines.append(f"  {instruction}")

    def new(self, instruction: str) -> str:
        """Write an instruction, and return the name of its result."""
        self._count += 1
        self.write(f"%v{self._count} = {instruction}")
        return f"%v{self._count}"

    def label(self) -> str:
        """Return a new name for a block."""
        self._count += 1
        return f"b{self._count}"

    def block(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")

    def branch(self, condition: str, otherwise: str) -> None:
        """Go on in a new block where a condition holds."""
        label = self.label()
        self.write(f"br i1 {condition}, label %{label}, label %{otherwise}")
        self.block(label)

    def choice(self, condition: str, yes: str, no: str) -> str:
        """Write the choice of one of two numbers."""
        return self.new(f"select i1 {condition}, double {yes}, double {no}")

    def truth(self, number: str) -> str:
        """Write the test that a number is not 0."""
        return self.new(f"fcmp une double {number}, {ZERO}")

    def address(self, name: str) -> str:
        """Write the load of an address of the table."""
        position = API.index(name) if name in API else len(API) + [*self.functions].index(name)
        return self.new(f"load ptr, ptr getelementptr (ptr, ptr {TABLE}, i64 {position})")

    def called(self, name: str, *operands: str) -> str:
        """Write the call of a function of floats."""
        self.functions[name] = count = len(operands)
        function, arguments = self.address(name), ", ".join(f"double {x}" for x in operands)
        if self.in_c(name, count):
            return self.new(f"call double {function}({arguments})")
        self.counts_in_python[count] = None
        return self.new(f"call double @python{count}(ptr {function}, {arguments})")

    def intrinsic(self, name: str, x: str) -> str:
        """Write the call of an LLVM intrinsic."""
        self.intrinsics[name] = None
        return self.new(f"call double @llvm.{name}.f64(double {x})")

    def whole(self, name: str, x: str) -> str:
        """Write a rounding to a whole number; Python's integers have no negative zero."""
        return self.new(f"fadd double {self.intrinsic(name, x)}, {ZERO}")

    def gaussian(self, x: str, floor: str, exp: str) -> str:
        """Write the function of `special.py`, whose remainder of 1/16 is exact."""
        size = self.intrinsic("fabs", x)
        sixteenths = self.intrinsic(floor, self.new(f"fmul double {size}, {literal(16.0)}"))
        near = self.new(f"fmul double {sixteenths}, {literal(0.0625)}")
        square = self.new(f"fmul double {self.new(f'fneg double {near}')}, {near}")
        rest = self.new(f"fneg double {self.new(f'fsub double {size}, {near}')}")
        rest = self.new(f"fmul double {rest}, {self.new(f'fadd double {size}, {near}')}")
        product = self.new(f"fmul double {self.called(exp, square)}, {self.called(exp, rest)}")
        return self.choice(self.new(f"fcmp ogt double {size}, {literal(27.3)}"), ZERO, product)


INSTRUCTIONS: Final[Spellings] = {
    "add": lambda m, x, y: m.new(f"fadd double {x}, {y}"),
    "sub": lambda m, x, y: m.new(f"fsub double {x}, {y}"),
    "mul": lambda m, x, y: m.new(f"fmul double {x}, {y}"),
    "div": lambda m, x, y: m.new(f"fdiv double {x}, {y}"),
    "neg": lambda m, x: m.new(f"fneg double {x}"),
    "abs": lambda m, x: m.intrinsic("fabs", x),
    "sqrt": lambda m, x: m.intrinsic("sqrt", x),
    "floor": lambda m, x: m.whole("floor", x),
    "ceil": lambda m, x: m.whole("ceil", x),
    "exp_minus_square": lambda m, x: m.gaussian(x, "floor", "exp"),
}
"""The operations that are one machine instruction or a few."""
