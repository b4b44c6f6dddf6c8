"""Runs a long tape over and over as machine code, through numba: one interpreter for all tapes, compiled once."""

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
from graphgrad.compile.interpreter import looked_at, start
from graphgrad.compile.languages.helpers import helpers
from graphgrad.compile.languages.language import called_in
from graphgrad.compile.languages.python import FILE, MATH, PYTHON, Python
from graphgrad.compile.optimize.lowering import lowered
from graphgrad.ops.op import Step
from graphgrad.ops.table import OPS
from graphgrad.printing.operators import Text
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["jitted"]

OPERANDS: Final = "abc"
HEAD: Final = '''\
"""The interpreter of tapes, written from the rule table of graphgrad. It may be deleted: it is then written again."""

from math import *

import numba


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
    """Return a function from the values of a tape's inputs to those of its outputs; itself None without numba.

    The same as `graphgrad.compile.interpreter.machine`, at the speed of compiled code. None, too, where a tape holds an
    operation that numba cannot compute.
    """
    if importlib.util.find_spec("numba") is None:
        return None
    tape = _narrowed(tape)
    return _Jitted(tape) if _codes().keys() >= set(map(_place, tape.steps)) else None


def _narrowed(tape: Tape) -> Tape:
    """Return the tape with few operands to a step: of an operation of any number, several steps after one another."""
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
    """A tape in flat arrays: its steps level by level, and within a level operation by operation."""

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        codes, leaves, blank = _codes(), [*tape.inputs.values(), *tape.constants], start(tape)
        of_steps = np.array([codes[_place(step)] for step in tape.steps], np.int64)
        order = np.lexsort((of_steps, np.array(_levels(tape))))
        of_steps = of_steps[order]
        targets = np.array([step.target for step in tape.steps], np.int64)[order]
        place = np.zeros(tape.size, np.int32)
        place[[*leaves, *targets]] = np.arange(len(leaves) + len(targets))
        operands = [(*step.operands, 0, 0)[: len(OPERANDS)] for step in tape.steps]
        starts = np.flatnonzero(np.diff(of_steps, prepend=-1))
        self.codes = of_steps[starts]
        self.ends = np.append(starts[1:], len(of_steps))[: len(starts)]
        self.operands = list(place[np.array(operands, np.int64).reshape(-1, len(OPERANDS))[order].T].copy())
        self.base = len(leaves)
        self.blank = np.array([blank[register] or 0.0 for register in leaves] + [0.0] * len(targets))
        self.outputs = place[[*tape.outputs]]
        self.looked_at = place[looked_at(tape)]
        self.count = len(tape.inputs)
        self.buffers: list[Any] = []
        self.run = _interpreter()

    def __call__(self, values: Sequence[float]) -> list[float] | None:
        # A buffer belongs to one call at a time: taking and putting one back are atomic.
        r = self.buffers.pop() if self.buffers else self.blank.copy()
        r[: self.count] = values
        self.run(self.codes, self.ends, *self.operands, self.base, r)
        results: list[float] = r[self.outputs].tolist()
        looked_at: list[float] = r[self.looked_at].tolist()
        self.buffers.append(r)
        return results if all(map(math.isfinite, looked_at)) else None


def _levels(tape: Tape) -> list[int]:
    """Return how many steps each step waits for, one after another: those of one level can be run in any order."""
    levels = [0] * tape.size
    for target, _, operands in tape.steps:
        levels[target] = 1 + max([levels[i] for i in operands], default=0)
    return [levels[step.target] for step in tape.steps]


def _place(step: Step) -> tuple[Op, int]:
    return step.op, len(step.operands)


@cache
def _codes() -> dict[tuple[Op, int], int]:
    """Return the number of every operation that the interpreter knows, by it and its count of operands."""
    return {place: code for code, place in enumerate(_texts())}


@cache
def _texts() -> dict[tuple[Op, int], str]:
    places = [
        (op, count)
        for op in OPS.values()
        if not op.on_arrays
        for count in range(1, len(OPERANDS) + 1)
        if op.takes(count)
    ]
    texts = {place: _text(*place) for place in places}
    return {place: text for place, text in texts.items() if text}


def _text(op: Op, count: int) -> str:
    """Return an operation as numba reads it, empty where it does not."""
    m, language = Writer(), _Numba()
    refs = [m.input(letter) for letter in OPERANDS[:count]]
    names = {letter: Text(f"r[{letter}[i]]") for letter in OPERANDS[:count]}
    try:
        tape = lowered(m.tape([m.value(op, refs)]), language.knows, language.title)
    except GraphgradError:
        return ""
    return forward(tape, language, names)[tape.outputs[0]].string  # type: ignore[no-any-return]


class _Numba(Python):
    """Python as far as numba compiles it."""

    title = "numba"
    operators = replace(Python.operators, indicator="(1.0 if #1 else 0.0)")

    def __init__(self) -> None:
        from numba.core.typing.mathdecl import registry

        unknown = MATH.union(helpers(FILE)).difference(f.__name__ for f, _ in registry.globals)
        self.spellings = {name: text for name, text in PYTHON.items() if unknown.isdisjoint(called_in(text))}


@cache
def _interpreter() -> Callable[..., None]:
    """Return the compiled interpreter; its source is kept in the user's cache, and numba keeps the code beside it."""
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
        exec(_source(keep=False), scope)  # noqa: S102  generated from the table
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
    sys.modules[path.stem] = module  # numba, loading what it kept, imports the module by name
    spec.loader.exec_module(module)
    return module.run  # type: ignore[no-any-return]
