"""Write a tape in LLVM's assembly, as a function of CPython: floats in, a tuple of floats out.

The module has two functions. `point` has the parameters of `PyObject_Vectorcall`, which it calls with its own arguments
wherever Python's fast path would not apply: its first one is the object that falls back. `setup` takes the addresses
that the module needs, in the order of `API` and then of `Assembly.functions`, and returns that of `point`: no address
stands in the text, which is the key of the machine code that is kept on disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.compile.languages.language import in_order, path_conditions
from graphgrad.compile.languages.python_point import Point, shows
from graphgrad.compile.llvm_text import literal
from graphgrad.compile.optimize.lowering import lowered
from graphgrad.compile.point.instructions import API, TABLE, Instructions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.compile.languages.language import Path
    from graphgrad.compile.point.layout import Layout
    from graphgrad.tape.tape import Tape

__all__ = ["SETUP", "Assembly", "assembly"]

SETUP: Final = "setup"

LONGEST_WELL_COMPILED: Final = 1_000
"""The most steps of a tape that LLVM optimizes: for many it would take seconds, and their code is as fast without."""

DEEPEST: Final = 16
"""The most nested branches; further in, both sides of a choice are computed."""

NAN: Final = literal(float("nan"))
ZERO: Final = literal(0.0)


class Assembly(NamedTuple):
    """A module's text, and the functions that it calls: the count of operands by name, as Python's source has it."""

    text: str
    functions: dict[str, int]


def assembly(tape: Tape, layout: Layout, in_c: Callable[[str, int], int | None]) -> Assembly:
    """Return a tape as a module; `in_c` tells whether a function is C's, from floats to a float, or Python's.

    >>> from graphgrad.compile.point.layout import Layout, address_in_c
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> module = assembly(m.tape([m.exp(x * x)]), Layout(8, 16), address_in_c)
    >>> module.functions, module.text.count("fmul double")
    ({'exp': 1}, 1)
    """
    point = Point()
    return _Module(lowered(tape, point.knows, point.title, point.rewrites), layout, Instructions(in_c)).written()


class _Module:
    """Writes the function of a tape; the choices become branches that compute one of their sides."""

    def __init__(self, tape: Tape, layout: Layout, m: Instructions) -> None:
        self.tape, self.layout, self.m = tape, layout, m
        self.paths = path_conditions(tape, deepest=DEEPEST)
        self.path: Path = ()
        self.ends: list[str] = []
        self.slots: dict[int, str] = {}
        self.in_block: set[int] = set()
        self.registers: list[str] = []

    def written(self) -> Assembly:
        """Return the module."""
        m = self.m
        self.registers = self.tape.leaves(m, self.arguments())
        for step in in_order(self.tape, self.paths):
            self.enter(self.paths[step.target])
            self.keep(step.target, m.value(step.op, [self.read(i) for i in step.operands]))
        self.enter(())
        self.results()
        self.ends_without_results()
        size = len(API) + len(m.functions)
        effort = "" if len(self.tape.steps) <= LONGEST_WELL_COMPILED else "optnone noinline "
        text = [
            f"{TABLE} = internal global [{size} x ptr] zeroinitializer",
            *(f"declare double @llvm.{name}.f64(double)" for name in m.intrinsics),
            *(line for count in m.counts_in_python for line in _call_of_python(count, self.layout)),
            f"define ptr @point(ptr %self, ptr %arguments, i64 %count, ptr %names) {effort}{{",
            *(f"  {slot} = alloca double\n  store double {ZERO}, ptr {slot}" for slot in self.slots.values()),
            *m.lines,
            "}",
            *_setup(size),
        ]
        return Assembly("\n".join(text), m.functions)

    def keep(self, register: int, value: str) -> None:
        """Keep a result; that of a branch in a slot on the stack, which is 0 where the branch is not taken."""
        self.registers[register] = value
        if self.path:
            self.slots[register] = f"%s{register}"
            self.m.write(f"store double {value}, ptr {self.slots[register]}")
            self.in_block.add(register)

    def read(self, register: int) -> str:
        """Return the value of a register."""
        if register in self.slots and register not in self.in_block:
            return self.m.new(f"load double, ptr {self.slots[register]}")
        return self.registers[register]

    def enter(self, path: Path) -> None:
        """Close and open branches, so that the next instructions are run under this path condition."""
        if path == self.path:
            return
        m, common = self.m, 0
        while path[: common + 1] == self.path[: common + 1]:
            common += 1
        self.in_block.clear()
        for end in reversed(self.ends[common:]):
            m.write(f"br label %{end}")
            m.block(end)
        del self.ends[common:]
        for register, holds in path[common:]:
            truth, inner, end = m.truth(self.read(register)), m.label(), m.label()
            yes, no = (inner, end) if holds else (end, inner)
            m.write(f"br i1 {truth}, label %{yes}, label %{no}")
            m.block(inner)
            self.ends.append(end)
        self.path = path

    def arguments(self) -> dict[str, str]:
        """Write the test that the arguments are floats, and return the value of each input."""
        m, inputs = self.m, [*self.tape.inputs]
        m.branch(m.new(f"icmp eq i64 %count, {len(inputs)}"), "fallback")
        are_plain, pointers = m.new("icmp eq ptr %names, null"), []
        kind = m.address("PyFloat_Type")
        for i in range(len(inputs)):
            place = m.new(f"getelementptr ptr, ptr %arguments, i64 {i}")
            pointers.append(m.new(f"load ptr, ptr {place}"))
            own = _field(m, pointers[-1], self.layout.kind, "ptr")
            are_plain = m.new(f"and i1 {are_plain}, {m.new(f'icmp eq ptr {own}, {kind}')}")
        m.branch(are_plain, "fallback")
        values = [_field(m, pointer, self.layout.value, "double") for pointer in pointers]
        return dict(zip(inputs, values, strict=True))

    def results(self) -> None:
        """Write the test that all is finite, and the tuple."""
        m = self.m
        terms = [self.read(i) for i in _watched(self.tape, self.paths)]
        while len(terms) > 1:  # a balanced tree: its additions do not wait for one another
            sums = [m.new(f"fadd double {x}, {y}") for x, y in zip(terms[::2], terms[1::2], strict=False)]
            terms = sums + terms[2 * len(sums) :]
        rest = m.new(f"fsub double {terms[0]}, {terms[0]}")
        m.branch(m.new(f"fcmp oeq double {rest}, {ZERO}"), "fallback")
        outputs = [self.read(i) for i in self.tape.outputs]
        result = m.new(f"call ptr {m.address('PyTuple_New')}(i64 {len(outputs)})")
        m.branch(m.new(f"icmp ne ptr {result}, null"), "failed")
        for i, output in enumerate(outputs):
            number = m.new(f"call ptr {m.address('PyFloat_FromDouble')}(double {output})")
            m.branch(m.new(f"icmp ne ptr {number}, null"), "dropped")
            m.new(f"call i32 {m.address('PyTuple_SetItem')}(ptr {result}, i64 {i}, ptr {number})")
        m.write(f"ret ptr {result}")
        m.block("dropped")
        m.write(f"call void {m.address('Py_DecRef')}(ptr {result})")
        m.write("br label %failed")

    def ends_without_results(self) -> None:
        """Write the fallback, and the end with an error."""
        m = self.m
        m.block("fallback")
        if m.counts_in_python:
            error = m.new(f"call ptr {m.address('PyErr_Occurred')}()")
            m.branch(m.new(f"icmp eq ptr {error}, null"), "failed")
        function = m.address("PyObject_Vectorcall")
        result = m.new(f"tail call ptr {function}(ptr %self, ptr %arguments, i64 %count, ptr %names)")
        m.write(f"ret ptr {result}")
        m.block("failed")
        m.write("ret ptr null")


def _field(m: Instructions, pointer: str, offset: int, kind: str) -> str:
    """Write the load of what stands at an offset of an object."""
    place = m.new(f"getelementptr i8, ptr {pointer}, i64 {offset}")
    return m.new(f"load {kind}, ptr {place}")


def _watched(tape: Tape, paths: dict[int, Path]) -> list[int]:
    """Return registers to sum: if they are finite, all are that were computed.

    Where Python raises an error, machine code has infinity or nan, which may not be lost on the way to a finite result.
    A register is left out if another one under the same path condition is infinite or nan whenever it is.
    """
    watched, shown = [], set(tape.constants)
    steps = {step.target: step for step in tape.steps}
    for register in dict.fromkeys((*tape.outputs, *reversed(steps), *tape.inputs.values())):
        if register not in shown:
            watched.append(register)
        if register in steps:
            op, operands = steps[register].op, steps[register].operands
            same = (i for i, x in enumerate(operands) if (paths[x] if x in steps else ()) == paths[register])
            shown.update(operands[i] for i in same if shows(op, len(operands), i))
    return watched or [tape.outputs[0]]


def _call_of_python(count: int, layout: Layout) -> Iterator[str]:
    """Yield the function that calls one of Python with so many floats; nan where that returns none.

    An error of arithmetic is cleared, as Python's fast path passes it over; another one stays for the caller.
    """
    m, operands = Instructions(lambda *_: None), [f"double %x{i}" for i in range(count)]
    error = m.new(f"call ptr {m.address('PyErr_Occurred')}()")
    m.branch(m.new(f"icmp eq ptr {error}, null"), "no_float")
    arguments = ", ".join(["ptr %function", f"ptr @format{count}", *operands])
    result = m.new(f"call ptr (ptr, ptr, ...) {m.address('PyObject_CallFunction')}({arguments})")
    m.branch(m.new(f"icmp ne ptr {result}, null"), "raised")
    kind = _field(m, result, layout.kind, "ptr")
    m.branch(m.new(f"icmp eq ptr {kind}, {m.address('PyFloat_Type')}"), "dropped")
    number = _field(m, result, layout.value, "double")
    m.write(f"call void {m.address('Py_DecRef')}(ptr {result})")
    m.write(f"ret double {number}")
    m.block("dropped")
    m.write(f"call void {m.address('Py_DecRef')}(ptr {result})")
    m.write("br label %no_float")
    m.block("raised")
    kinds = [m.address(name) for name in ("PyExc_ArithmeticError", "PyExc_ValueError")]
    matches = [m.new(f"call i32 {m.address('PyErr_ExceptionMatches')}(ptr {kind})") for kind in kinds]
    m.branch(m.new(f"icmp ne i32 {m.new(f'or i32 {matches[0]}, {matches[1]}')}, 0"), "no_float")
    m.write(f"call void {m.address('PyErr_Clear')}()")
    m.write("br label %no_float")
    m.block("no_float")
    m.write(f"ret double {NAN}")
    yield f'@format{count} = private constant [{count + 1} x i8] c"{"d" * count}\\00"'
    yield f"define internal double @python{count}({', '.join(['ptr %function', *operands])}) {{"
    yield from m.lines
    yield "}"


def _setup(size: int) -> Iterator[str]:
    """Yield the function that takes the table of addresses."""
    yield "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
    yield f"define ptr @{SETUP}(ptr %addresses) {{"
    yield f"  call void @llvm.memcpy.p0.p0.i64(ptr {TABLE}, ptr %addresses, i64 {8 * size}, i1 false)"
    yield "  ret ptr @point"
    yield "}"
