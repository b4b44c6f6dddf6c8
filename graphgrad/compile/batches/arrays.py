"""Run batches on arrays, by calls of NumPy that are prepared once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.batches.assembly import LANES, NOTHING
from graphgrad.compile.batches.flaws import flaws, inner_hiding_places
from graphgrad.compile.batches.functions import is_function, or_nan
from graphgrad.compile.batches.kinds import ADJOINT, RESULT, contributions, value
from graphgrad.compile.batches.layout import TOTAL
from graphgrad.compile.languages.numpy_ufuncs import UFUNCS
from graphgrad.compile.optimize.lowering import spelled_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.compile.batches.kinds import Kind
    from graphgrad.compile.batches.layout import Layout, Run, Sum
    from graphgrad.compile.batches.schedule import Schedule
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Arrays"]

SHORTEST: Final = 8
"""The fewest steps of a batch, on average, for which calls of NumPy are worth it."""

PAIR: Final = 2

NOTHING_BITS: Final = -(1 << 63)
"""`NOTHING` as an integer of 64 bits."""


class Arrays:
    """The batches of a schedule as calls of NumPy."""

    def __init__(self, schedule: Schedule, layout: Layout) -> None:
        """Spell the kinds out; raises `GraphgradError` where an operation is unknown, or batches are too short."""
        import numpy as np

        if len(schedule.tape.steps) < SHORTEST * len(schedule.batches):
            raise GraphgradError("the batches are too short")
        self._numpy, self._layout, self._guarded = np, layout, schedule.is_guarded
        kinds = {batch.kind for batch in schedule.batches}
        self._values = {kind: _spelled_out(value(kind._replace(active=()))) for kind in kinds}
        self._contributions = {kind: _contributions(kind) for kind in kinds if kind.active}

    def bound(self, x: Any, adjoints: Any) -> Callable[[], None]:
        """Return what runs both passes on values and adjoints."""
        np, calls = self._numpy, [*self._calls(_Buffers(self._numpy, x, adjoints))]

        def both_passes() -> None:
            with np.errstate(all="ignore"):
                for call in calls:
                    call()
                total = x.sum()
                x[TOTAL] = total - total

        return both_passes

    def _calls(self, buffers: _Buffers) -> Iterator[partial[Any]]:
        """Yield the calls of both passes."""
        layout = self._layout
        for run in layout.runs:
            yield from self._forward(run, buffers)
        for run, sums in zip(reversed(layout.runs), reversed(layout.sums[:-1]), strict=True):
            yield from map(buffers.sum, sums)
            if run.kind.active:
                yield from self._backward(run, buffers)
        yield from map(buffers.sum, layout.sums[-1])

    def _forward(self, run: Run, buffers: _Buffers) -> Iterator[partial[Any]]:
        tape, results = self._values[run.kind], buffers.results(run)
        values, calls = buffers.gathered(run, self._layout, tape)
        [output] = tape.outputs
        yield from calls
        yield from buffers.steps(tape, values, {output: results}, run.length)
        if values[output] is not results:
            yield partial(self._numpy.copyto, results, values[output])
        if any(flaws(tape)):
            yield from buffers.doubts(tape, values, run.length)
            yield partial(self._numpy.subtract, results, buffers.flat("doubts", run.length), out=results)

    def _backward(self, run: Run, buffers: _Buffers) -> Iterator[partial[Any]]:
        np, tape, length, width = self._numpy, self._contributions[run.kind], run.length, len(run.kind.active)
        slots = self._layout.slots[run.slots : run.slots + length * width].reshape(length, width)
        places = np.ascontiguousarray(slots.T, np.intp)
        values, calls = buffers.gathered(run, self._layout, tape)
        g = buffers.adjoints[run.target : run.target + length]
        rows = buffers.flat("contributions", width * length).reshape(width, length)
        if all(values[i] is g for i in tape.outputs):
            yield partial(buffers.adjoints.__setitem__, places, g)
            return
        outputs, hidden = tape.outputs[:width], tape.outputs[width:]
        own = {} if self._guarded else dict(zip(outputs[::-1], rows[::-1], strict=True))
        yield from calls
        yield from buffers.steps(tape, values, own, length)
        if self._guarded:
            nothing = buffers.nothing(length)
            yield partial(np.equal, buffers.bits[run.target : run.target + length], NOTHING_BITS, out=nothing)
        for i, row in zip(outputs, rows, strict=True):
            if self._guarded and values[i] is not g:
                yield from buffers.contribution(tape, values, i, row)
                yield partial(np.copyto, row, NOTHING, where=nothing)
            elif values[i] is not row:
                yield partial(np.copyto, row, values[i])
        if hidden or any(flaws(tape)):
            yield from buffers.doubts(tape, values, length, hidden)
            doubts = buffers.flat("doubts", length)
            if self._guarded:
                yield partial(np.copyto, doubts, 0.0, where=nothing)
            yield partial(np.subtract, rows, doubts, out=rows)
        yield partial(buffers.adjoints.__setitem__, places, rows)


class _Buffers:
    """Values, adjoints, and arrays for what lies between."""

    def __init__(self, np: Any, x: Any, adjoints: Any) -> None:
        self.numpy, self.x, self.adjoints = np, x, adjoints
        self.bits = adjoints.view(np.int64)
        self._flat: dict[Any, Any] = {}

    def flat(self, name: object, length: int) -> Any:
        """Return an array of this length, the same memory for the same name where it is long enough."""
        if name not in self._flat or len(self._flat[name]) < length:
            self._flat[name] = self.numpy.empty(2 * length)
        return self._flat[name][:length]

    def nothing(self, length: int) -> Any:
        """Return an array of booleans."""
        return self.flat("nothing", length).view(bool)[:length]

    def results(self, run: Run) -> Any:
        """Return a batch's results."""
        return self.x[run.target : run.target + run.length]

    def gathered(self, run: Run, layout: Layout, tape: Tape) -> tuple[list[Any], list[partial[Any]]]:
        """Return the registers of a tape before its steps, and the call that reads the operands from the values."""
        width, length = run.kind.width, run.length
        operands = layout.operands[run.operands : run.operands + width * length].reshape(length, width)
        names = [name for name in tape.inputs if name not in {ADJOINT, RESULT}]
        rows = self.flat("operands", len(names) * length).reshape(len(names), length)
        places = self.numpy.ascontiguousarray(operands.T[[*map(int, names)]], self.numpy.intp)
        values: list[Any] = [None] * tape.size
        for register, number in tape.constants.items():
            values[register] = float(number)
        for name, register in tape.inputs.items():
            values[register] = self.results(run) if name == RESULT else None
        for name, row in zip(names, rows, strict=True):
            values[tape.inputs[name]] = row
        if ADJOINT in tape.inputs:
            values[tape.inputs[ADJOINT]] = self.adjoints[run.target : run.target + length]
        return values, [partial(self.x.take, places, out=rows, mode="clip")] if names else []

    def steps(self, tape: Tape, values: list[Any], own: dict[int, Any], length: int) -> Iterator[partial[Any]]:
        """Yield the calls for the steps of a tape; some results have arrays of their `own`."""
        for target, op, operands in tape.steps:
            out = values[target] = own[target] if target in own else self.flat(target, length)
            first, *others = (values[i] for i in operands)
            if op.chooses:
                yield partial(self.choose, out, first, *others)
                continue
            if op.name not in UFUNCS:
                yield partial(self.fill, or_nan(op), out, first, *others)
                continue
            function = getattr(self.numpy, UFUNCS[op.name])
            yield partial(function, first, *others[:1], out=out)
            yield from (partial(function, out, other, out=out) for other in others[1:])

    def contribution(self, tape: Tape, values: list[Any], register: int, out: Any) -> Iterator[partial[Any]]:
        """Yield the calls that store a contribution: `NOTHING` where a choice is for the constant 0."""
        choice = next((step for step in tape.steps if step.target == register and step.op.chooses), None)
        if choice is None:
            yield partial(self.numpy.add, values[register], 0.0, out=out)  # −0 becomes 0
            return
        condition, *branches = choice.operands
        rows = []
        for i in branches:
            rows.append(NOTHING if tape.constants.get(i) == 0 else self.flat(("branch", register, i), len(out)))
            if rows[-1] is not NOTHING:
                yield from self.contribution(tape, values, i, rows[-1])
        yield partial(self.choose, out, values[condition], *rows)

    def choose(self, out: Any, condition: Any, x: Any, y: Any) -> None:
        """Store a choice."""
        self.numpy.copyto(out, self.numpy.where(condition, x, y))

    def fill(self, function: Callable[..., float], out: Any, *operands: Any) -> None:
        """Store the results of a function of Python's floats."""
        rows = (x.tolist() if isinstance(x, self.numpy.ndarray) else repeat(x) for x in operands)
        out[:] = [function(*row) for row in islice(zip(*rows, strict=False), len(out))]

    def doubts(self, tape: Tape, values: list[Any], length: int, hidden: Sequence[int] = ()) -> Iterator[partial[Any]]:
        """Yield the calls that store 0, and nan where a step would raise an error, or a hidden number is not finite."""
        found, doubt, total = flaws(tape), self.flat("doubt", length), self.flat("doubts", length)
        yield partial(self.numpy.copyto, total, 0.0)
        for i in found.zero:
            yield partial(self.numpy.divide, 0.0, values[i], out=doubt)
            yield partial(self.numpy.add, total, doubt, out=total)
        for i in (*found.infinite, *hidden):
            yield partial(self.numpy.subtract, values[i], values[i], out=doubt)
            yield partial(self.numpy.add, total, doubt, out=total)

    def sum(self, terms: Sum) -> partial[Any]:
        """Return the call that sums contributions in their order."""
        first, most, target = terms
        rows, out = self.adjoints[first : first + LANES * most].reshape(most, LANES), self.adjoints[target:][:LANES]
        if most == PAIR:
            return partial(self.numpy.add, *rows, out=out)
        return partial(self.numpy.add.reduce, rows, axis=0, out=out, initial=NOTHING)


def _knows(op: Op) -> bool:
    return op.chooses or op.name in UFUNCS or is_function(op)


def _spelled_out(tape: Tape) -> Tape:
    return spelled_out(tape, _knows, "NumPy")


def _contributions(kind: Kind) -> Tape:
    """Return the tape of a kind's contributions; behind them, its outputs are the results whose nan may be hidden."""
    tape = contributions(kind)
    if tape is None:
        raise GraphgradError(f"there is no such derivative of {kind.op.name}")
    return _spelled_out(replace(tape, outputs=(*tape.outputs, *inner_hiding_places(tape))))
