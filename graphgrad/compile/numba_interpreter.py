"""Interpret a long tape in machine code: one interpreter for all tapes, compiled once by numba."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.files import write_whole
from graphgrad.compile.interpreter import initial_registers, watched_registers
from graphgrad.compile.languages.language import called_in
from graphgrad.compile.languages.python import MATH, OWN, PYTHON, Python
from graphgrad.compile.optimize.lowering import lowered
from graphgrad.ops.op import Step
from graphgrad.ops.table import OPS
from graphgrad.printing.operators import Text
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["jitted"]

OPERANDS: Final = "abc"
ROUNDED: Final[Spellings] = {
    "floor": "np.floor({})",
    "ceil": "np.ceil({})",
    "round": "np.rint({})",
    "trunc": "np.trunc({})",
    "rem": "np.fmod({}, {})",
    "floor_mod": "({} % {})",
    "floor_div": "({} // {})",
}
"""The functions that return integers, which in numba have 64 bits, and remainders, whose rows are long."""

LONGEST_TEXT: Final = 2000
"""The most characters of an operation: a longer one takes numba seconds to compile."""

HEAD: Final = '''\
"""The interpreter of tapes, written from the rule table of graphgrad. It may be deleted: it is then written again."""

from math import *

import numba
import numpy as np


@numba.njit(cache={cache}, error_model="numpy", nogil=True)
def run(codes, ends, a, b, c, base, r):
    start = 0
    for k in range(len(codes)):
        code, end = codes[k], ends[k]
'''
BRANCH: Final = """\
        {word} code == {code}:
            for i in range(start, end):
                r[base + i] = {text}
"""


def jitted(tape: Tape) -> Callable[[Sequence[float]], list[float] | None] | None:
    """Return a function from the values of a tape's inputs to those of its outputs; None where numba cannot.

    That is without numba, or with an operation that numba cannot compile. The function does the same as
    `graphgrad.compile.interpreter.interpreted`.
    """
    if importlib.util.find_spec("numba") is None:
        return None
    tape = _narrowed(tape)
    return _Jitted(tape) if _opcodes().keys() >= set(map(_opcode_key, tape.steps)) else None


def _narrowed(tape: Tape) -> Tape:
    """Return the tape with at most three operands to a step: an operation of more becomes a chain of steps.

    Example: `max(a, b, c, d, e)` becomes `max(max(a, b, c), d, e)`.
    """
    if all(len(step.operands) <= len(OPERANDS) for step in tape.steps):
        return tape
    steps, size = [], tape.size
    for target, op, operands in tape.steps:
        rest = operands
        while len(rest) > len(OPERANDS):
            steps.append(Step(size, op, rest[: len(OPERANDS)]))
            rest, size = (*rest[len(OPERANDS) :], size), size + 1
        steps.append(Step(target, op, rest))
    return replace(tape, size=size, steps=tuple(steps))


class _Jitted:
    """A tape in flat arrays for the interpreter.

    Its steps are sorted by level, and within a level by operation, so that equal operations form a run: `codes[k]` is
    the operation of the k-th run, `ends[k]` the step behind it. Registers are renumbered: first the inputs and
    constants, then the results in the order of steps, so that step `i` writes register `base + i`.
    """

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        opcodes, leaves, initial = _opcodes(), [*tape.inputs.values(), *tape.constants], initial_registers(tape)
        step_codes = np.array([opcodes[_opcode_key(step)] for step in tape.steps], np.int64)
        order = np.lexsort((step_codes, np.array(_levels(tape))))
        step_codes = step_codes[order]
        targets = np.array([step.target for step in tape.steps], np.int64)[order]
        renumbered = np.zeros(tape.size, np.int32)
        renumbered[[*leaves, *targets]] = np.arange(len(leaves) + len(targets))
        operands = [(*step.operands, 0, 0)[: len(OPERANDS)] for step in tape.steps]
        starts = np.flatnonzero(np.diff(step_codes, prepend=-1))
        self.codes = step_codes[starts]
        self.ends = np.append(starts[1:], len(step_codes))[: len(starts)]
        operand_rows = np.array(operands, np.int64).reshape(-1, len(OPERANDS))[order]
        self.operands = list(renumbered[operand_rows.T].copy())
        self.base = len(leaves)
        self.initial = np.array([initial[register] or 0.0 for register in leaves] + [0.0] * len(targets))
        self.outputs = renumbered[[*tape.outputs]]
        self.watched = renumbered[watched_registers(tape)]
        self.count = len(tape.inputs)
        self.buffers: list[Any] = []
        self.run = _interpreter()

    def __call__(self, values: Sequence[float]) -> list[float] | None:
        # Threads may call at once: pop and append are atomic, so a buffer belongs to one call at a time.
        r = self.buffers.pop() if self.buffers else self.initial.copy()
        r[: self.count] = values
        self.run(self.codes, self.ends, *self.operands, self.base, r)
        results: list[float] = r[self.outputs].tolist()
        watched: list[float] = r[self.watched].tolist()
        self.buffers.append(r)
        return results if all(map(math.isfinite, watched)) else None


def _levels(tape: Tape) -> list[int]:
    """Return the level of each step: the longest chain of steps up to it. Steps of one level are independent."""
    levels = [0] * tape.size
    for target, _, operands in tape.steps:
        levels[target] = 1 + max([levels[i] for i in operands], default=0)
    return [levels[step.target] for step in tape.steps]


def _opcode_key(step: Step) -> tuple[Op, int]:
    return step.op, len(step.operands)


@cache
def _opcodes() -> dict[tuple[Op, int], int]:
    """Return the interpreter's opcodes, each by an operation and its count of operands."""
    return {key: code for code, key in enumerate(_texts())}


@cache
def _texts() -> dict[tuple[Op, int], str]:
    keys = [
        (op, count)
        for op in OPS.values()
        if not op.on_arrays
        for count in range(1, len(OPERANDS) + 1)
        if op.takes(count)
    ]
    texts = {key: _text(*key) for key in keys}
    return {key: text for key, text in texts.items() if 0 < len(text) < LONGEST_TEXT}


def _text(op: Op, count: int) -> str:
    """Return an operation on registers as source for numba; empty where numba cannot compile it."""
    m, language = Writer(), _Numba()
    refs = [m.input(letter) for letter in OPERANDS[:count]]
    names = {letter: Text(f"r[{letter}[i]]") for letter in OPERANDS[:count]}
    try:
        tape = lowered(m.tape([m.value(op, refs)]), language.knows, language.title)
    except GraphgradError:
        return ""
    return forward(tape, language, names)[tape.outputs[0]].string  # type: ignore[no-any-return]


class _Numba(Python):
    """The part of Python that numba compiles."""

    title = "numba"
    operators = replace(Python.operators, indicator="(1.0 if #1 else 0.0)")

    def __init__(self) -> None:
        from numba.core.typing.mathdecl import registry

        unknown = MATH.union(OWN).difference(f.__name__ for f, _ in registry.globals)
        known = {name: text for name, text in PYTHON.items() if unknown.isdisjoint(called_in(text))}
        self.spellings = {**known, **ROUNDED}


@cache
def _interpreter() -> Callable[..., None]:
    """Return the compiled interpreter; its source is in the user's cache, numba's machine code beside it."""
    path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphgrad"
    try:
        source = _source(keep=True)
        path /= f"interpreter_{sha256(source.encode()).hexdigest()[:16]}.py"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != source:
            write_whole(path, source.encode())
        return _loaded(path)
    except (OSError, GraphgradError, RuntimeError):
        scope: dict[str, Any] = {}
        exec(_source(keep=False), scope)  # noqa: S102  generated from the rule table
        return scope["run"]  # type: ignore[no-any-return]


def _source(*, keep: bool) -> str:
    branches = (
        BRANCH.format(word="elif" if code else "if", code=code, text=text)
        for code, text in enumerate(_texts().values())
    )
    return HEAD.format(cache=keep) + "".join(branches) + "        start = end\n"


def _loaded(path: Path) -> Callable[..., None]:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise OSError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # numba imports the module by name when it loads cached code
    spec.loader.exec_module(module)
    return module.run  # type: ignore[no-any-return]
