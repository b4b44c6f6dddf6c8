"""Write the loop of a batch in LLVM's assembly: one step after another, each on numbers in memory.

A batch's loop is called with the addresses of the values and the adjoints, of its operands' and its contributions'
indices (a row for each step), the number of steps, and the register of the first result; those of further results
follow. No operation is reordered or contracted, so that arithmetic has Python's results to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.batches.flaws import flaws, inner_hiding_places
from graphgrad.compile.batches.functions import CALLED_BACK, symbol
from graphgrad.compile.batches.kinds import ADJOINT, KEPT, RESULT, contributions, value
from graphgrad.compile.llvm_text import CONDITIONS, literal
from graphgrad.compile.optimize.lowering import spelled_out
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["CHECKED", "FINITE", "LANES", "NAME", "NOTHING", "RUN", "SUM", "backward_loop", "forward_loop"]

NAME: Final = "batch"
TITLE: Final = "machine code"

LANES: Final = 8
"""How many adjoints are summed at once."""

CHECKED: Final = 4 * LANES
"""How many values are checked at once."""

NOTHING: Final = -0.0
"""An adjoint to which nothing has flowed: it leaves every sum as it is, and no other contribution is equal to it."""

ARGUMENTS: Final = "ptr %values, ptr %adjoints, ptr %operands, ptr %slots, i64 %count, i64 %target"

LOOP: Final = """\
{declarations}
define void @batch({arguments}) {{
entry:
  %place = alloca double
  %results = getelementptr double, ptr %{results}, i64 %target
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %body, label %done
body:
  %i = phi i64 [0, %entry], [%next, %body]
  %row = mul i64 %i, {width}
  %column = mul i64 %i, {outputs}
{body}
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %body, label %done
done:
  ret void
}}
"""

SUM: Final = f"""\
define void @batch({ARGUMENTS}) {{
entry:
  %terms = ptrtoint ptr %operands to i64
  %first = getelementptr double, ptr %adjoints, i64 %terms
  %start = load <{LANES} x double>, ptr %first, align 8
  br label %body
body:
  %i = phi i64 [1, %entry], [%next, %body]
  %total = phi <{LANES} x double> [%start, %entry], [%sum, %body]
  %offset = mul i64 %i, {LANES}
  %place = getelementptr double, ptr %first, i64 %offset
  %term = load <{LANES} x double>, ptr %place, align 8
  %sum = fadd <{LANES} x double> %total, %term
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %body, label %done
done:
  %result = getelementptr double, ptr %adjoints, i64 %target
  store <{LANES} x double> %sum, ptr %result, align 8
  ret void
}}
"""
"""The batch that sums contributions: `count` of them, at least 2, for each of the registers from the target on."""

FINITE: Final = f"""\
define void @batch({ARGUMENTS}) {{
entry:
  br label %body
body:
  %i = phi i64 [0, %entry], [%next, %body]
  %total = phi <{CHECKED} x double> [zeroinitializer, %entry], [%sum, %body]
  %offset = mul i64 %i, {CHECKED}
  %place = getelementptr double, ptr %values, i64 %offset
  %x = load <{CHECKED} x double>, ptr %place, align 8
  %zero = fsub <{CHECKED} x double> %x, %x
  %sum = fadd <{CHECKED} x double> %total, %zero
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %body, label %done
done:
  %all = call double @llvm.vector.reduce.fadd.v{CHECKED}f64(double 0.0, <{CHECKED} x double> %sum)
  %result = getelementptr double, ptr %values, i64 %target
  store double %all, ptr %result
  ret void
}}
declare double @llvm.vector.reduce.fadd.v{CHECKED}f64(double, <{CHECKED} x double>)
"""
"""The batch that stores 0 at the target if all values are finite, else nan; `count` is their number by `CHECKED`."""

RUN: Final = """\
define void @batch(ptr %records, i64 %count, ptr %values, ptr %adjoints) {
entry:
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %body, label %done
body:
  %i = phi i64 [0, %entry], [%next, %body]
  %first = mul i64 %i, 5
  %record = getelementptr i64, ptr %records, i64 %first
  %batch = load ptr, ptr %record
  %a = getelementptr i64, ptr %record, i64 1
  %operands = load ptr, ptr %a
  %b = getelementptr i64, ptr %record, i64 2
  %slots = load ptr, ptr %b
  %c = getelementptr i64, ptr %record, i64 3
  %steps = load i64, ptr %c
  %d = getelementptr i64, ptr %record, i64 4
  %target = load i64, ptr %d
  call void %batch(ptr %values, ptr %adjoints, ptr %operands, ptr %slots, i64 %steps, i64 %target)
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %body, label %done
done:
  ret void
}
"""
"""The function that calls the batches: a record for each, of five integers."""


@lru_cache(KEPT)
def forward_loop(kind: Kind) -> str:
    """Return the loop that computes the results of steps of a kind.

    Raises `GraphgradError` for an operation that neither machine code nor Python's floats have.
    """
    tape, code = _spelled_out(value(kind)), _Code(kind.width)
    values = code.read(tape, {name: code.operand(int(name)) for name in tape.inputs})
    code.store("results", "%i", code.refused(values[tape.outputs[0]], code.doubts(tape, values)))
    return code.loop("values", 0)


@lru_cache(KEPT)
def backward_loop(kind: Kind, *, guarded: bool) -> str:
    """Return the loop that stores the contributions of steps of a kind.

    `guarded` code tells an adjoint to which nothing has flowed from one that is 0: nothing flows on from it.

    Raises `GraphgradError` as `forward_loop` does, and `ValueError` where there is no such derivative.
    """
    template, code = contributions(kind), _Code(kind.width)
    if template is None:
        raise ValueError(kind)
    tape = _spelled_out(replace(template, outputs=(*template.outputs, *inner_hiding_places(template))))
    g = code.load("results", "%i")
    inputs = {
        name: g if name == ADJOINT else code.result() if name == RESULT else code.operand(int(name))
        for name in tape.inputs
    }
    values = code.read(tape, inputs)
    nothing = code.is_nothing(g) if guarded else ""
    doubts = code.doubts(tape, values, tape.outputs[len(kind.active) :])
    for rank in range(len(kind.active)):
        number = code.contribution(tape, values, tape.outputs[rank], g, nothing)
        code.store("adjoints", code.slot(rank), code.refused(number, doubts, nothing))
    return code.loop("adjoints", len(kind.active))


def _spelled_out(tape: Tape) -> Tape:
    return spelled_out(tape, lambda op: op.name in INSTRUCTIONS or bool(_is_plain(op)) or symbol(op) is not None, TITLE)


def _is_plain(op: Op) -> bool:
    return op.binds == COMPARISON or op.chooses


class _Code(Namespace):
    """The namespace in which a number is an SSA value, or a constant, as text, and an operation writes lines."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []
        self.declarations: dict[str, None] = {}
        self.conditions: dict[str, str] = {}

    def const(self, number: Fraction) -> str:
        """Return a constant by its bits."""
        return literal(float(number))

    def line(self, text: str) -> str:
        """Write an instruction, and return its result."""
        self.lines.append(f"  %t{len(self.lines)} = {text}")
        return f"%t{len(self.lines) - 1}"

    def read(self, tape: Tape, inputs: dict[str, str]) -> list[Any]:
        """Write the steps of a tape, and return the value of each register."""
        values = tape.leaves(self, inputs)
        for target, op, operands in tape.steps:
            values[target] = self.value(op, [values[i] for i in operands])
        return values

    def value(self, op: Op, operands: Sequence[str]) -> str:
        """Write an operation; a choice selects by the boolean of a comparison rather than by its number."""
        if op.binds == COMPARISON:
            code = CONDITIONS[op.symbols[0]]
            condition = self.line(f"fcmp {code} double {operands[0]}, {operands[1]}")
            number = self.line(f"uitofp i1 {condition} to double")
            self.conditions[number] = condition
            return number
        if op.chooses:
            return self.select(self.truth(operands[0]), *operands[1:])
        if op.name in INSTRUCTIONS:
            return INSTRUCTIONS[op.name](self, *operands)  # type: ignore[no-any-return]
        name = str(symbol(op))
        return (self.called_back if name.startswith(CALLED_BACK) else self.call)(name, *operands)

    def truth(self, number: str) -> str:
        """Return a number as a condition."""
        return self.conditions.get(number) or self.line(f"fcmp une double {number}, {literal(0.0)}")

    def select(self, condition: str, x: str, y: str) -> str:
        """Write a choice."""
        return self.line(f"select i1 {condition}, double {x}, double {y}")

    def call(self, name: str, *operands: str) -> str:
        """Write the call of a function."""
        kinds = ", ".join(["double"] * len(operands))
        self.declarations[f"declare double @{name}({kinds})"] = None
        return self.line(f"call double @{name}({', '.join(f'double {x}' for x in operands)})")

    def called_back(self, name: str, *operands: str) -> str:
        """Write the call of a function of Python, whose result is nan unless it stores one."""
        kinds = ", ".join(["ptr", *["double"] * len(operands)])
        self.declarations[f"declare void @{name}({kinds})"] = None
        arguments = ", ".join(["ptr %place", *(f"double {x}" for x in operands)])
        self.lines += [f"  store double {literal(math.nan)}, ptr %place", f"  call void @{name}({arguments})"]
        return self.line("load double, ptr %place")

    def at(self, base: str, index: str, kind: str) -> str:
        return self.line(f"getelementptr {kind}, ptr %{base}, i64 {index}")

    def index(self, base: str, first: str, offset: int) -> str:
        place = self.at(base, self.line(f"add i64 {first}, {offset}") if offset else first, "i32")
        return self.line(f"zext i32 {self.line(f'load i32, ptr {place}')} to i64")

    def load(self, base: str, index: str) -> str:
        """Write the reading of a number."""
        return self.line(f"load double, ptr {self.at(base, index, 'double')}")

    def store(self, base: str, index: str, number: str) -> None:
        """Write the storing of a number."""
        place = self.at(base, index, "double")
        self.lines.append(f"  store double {number}, ptr {place}")

    def operand(self, position: int) -> str:
        """Write the reading of an operand."""
        return self.load("values", self.index("operands", "%row", position))

    def result(self) -> str:
        """Write the reading of the result."""
        return self.load("values", self.line("add i64 %i, %target"))

    def slot(self, rank: int) -> str:
        """Write the reading of the place of a contribution."""
        return self.index("slots", "%column", rank)

    def is_nothing(self, g: str) -> str:
        """Write whether nothing has flowed to an adjoint."""
        return self.line(f"icmp eq i64 {self.line(f'bitcast double {g} to i64')}, {-(1 << 63)}")

    def contribution(self, tape: Tape, values: Sequence[str], register: int, g: str, nothing: str) -> str:
        """Write a contribution: `NOTHING` where a choice is for the constant 0, and where nothing has flowed to `g`."""
        if not nothing or values[register] == g:
            return values[register]
        choices = {step.target: step.operands for step in tape.steps if step.op.chooses}
        if register not in choices:
            number = self.line(f"fadd double {values[register]}, {literal(0.0)}")  # -0 becomes 0
            return self.select(nothing, literal(NOTHING), number)
        condition, *branches = choices[register]
        chosen = [
            literal(NOTHING) if tape.constants.get(i) == 0 else self.contribution(tape, values, i, g, nothing)
            for i in branches
        ]
        return self.select(self.truth(values[condition]), *chosen)

    def doubts(self, tape: Tape, values: Sequence[str], hidden: Sequence[int] = ()) -> list[str]:
        """Write numbers that are 0, or nan where a step would raise an error, or a hidden number is not finite."""
        found = flaws(tape)
        zeros = [self.line(f"fcmp oeq double {values[i]}, {literal(0.0)}") for i in found.zero]
        return [
            *(self.select(zero, literal(math.nan), literal(0.0)) for zero in zeros),
            *(self.line(f"fsub double {values[i]}, {values[i]}") for i in (*found.infinite, *hidden)),
        ]

    def refused(self, number: str, doubts: Sequence[str], nothing: str = "") -> str:
        """Write that a number becomes nan where a doubt is, unless `nothing` holds."""
        for doubt in doubts:
            zero = self.select(nothing, literal(0.0), doubt) if nothing else doubt
            number = self.line(f"fsub double {number}, {zero}")  # which leaves −0 as it is
        return number

    def loop(self, results: str, outputs: int) -> str:
        """Return the whole module."""
        return LOOP.format(
            declarations="\n".join(self.declarations),
            arguments=ARGUMENTS,
            results=results,
            width=self.width,
            outputs=outputs,
            body="\n".join(self.lines),
        )


def _instruction(name: str) -> Callable[..., str]:
    return lambda code, x, y: code.line(f"{name} double {x}, {y}")


def _intrinsic(name: str) -> Callable[..., str]:
    return lambda code, x: code.call(f"llvm.{name}.f64", x)


def _extreme(comparison: str) -> Callable[..., str]:
    """Return the smallest or largest, the first of equal ones; nan where any operand is nan."""

    def extreme(code: _Code, x: str, *others: str) -> str:
        for y in others:
            first = code.line(f"fcmp {comparison} double {x}, {y}")
            is_nan = code.line(f"fcmp uno double {x}, {x}")
            x = code.select(code.line(f"or i1 {first}, {is_nan}"), x, y)
        return x

    return extreme


def _sign(code: _Code, x: str) -> str:
    """Return 1, −1 or 0, and nan for nan."""
    zero = literal(0.0)
    z = code.select(code.line(f"fcmp oeq double {x}, {zero}"), zero, x)
    z = code.select(code.line(f"fcmp olt double {x}, {zero}"), literal(-1.0), z)
    return code.select(code.line(f"fcmp ogt double {x}, {zero}"), literal(1.0), z)


INSTRUCTIONS: Final[Spellings] = {
    "add": _instruction("fadd"),
    "sub": _instruction("fsub"),
    "mul": _instruction("fmul"),
    "div": _instruction("fdiv"),
    "neg": lambda code, x: code.line(f"fneg double {x}"),
    "abs": _intrinsic("fabs"),
    "sqrt": _intrinsic("sqrt"),
    "floor": _intrinsic("floor"),
    "ceil": _intrinsic("ceil"),
    "trunc": _intrinsic("trunc"),
    "round": _intrinsic("rint"),
    "sign": _sign,
    "min": _extreme("ole"),
    "max": _extreme("oge"),
}
"""The operations that are one machine instruction or a few."""
