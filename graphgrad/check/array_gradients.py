"""Level (c) for arrays: the gradient along a direction in higher precision, and by `sympy.diff` where it is small."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.higher_precision import MAX_ENTRIES, MAX_MPMATH, Finer
from graphgrad.check.judging import TOLERANCE, blamed
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import DIGITS, SECONDS, exact_number
from graphgrad.check.whole_expression import work_on
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.namespaces.symbolic import SwellError, Sympy
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["array_whole_rows"]

MAX_SYMBOLS: Final = 24
"""The most entries that all inputs may have together, for sympy to differentiate the whole program."""

MAX_STEPS: Final = 12
"""The most operations that such a program may have."""

SAMPLE: Final = 3
"""At so many entries of each input, spread over it, sympy's derivative is taken."""


def array_whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row]) -> list[Row]:
    """Return the rows of every derivative by an input; `local` are the rows before, to name where a fault begins."""
    if not grad:
        return []
    if passes.kinks:
        note = "at a kink there is no one slope along a direction; the nodes are checked one by one"
        return [Row("whole direction", f"{len(grad)} gradients", "not attempted", note=note)]
    found = [_guarded(partial(_direction, passes, name, ours), name) for name, ours in grad.items()]
    rows = [row for row in found if row] + _sympys(passes, grad)
    note = blamed(passes, local)
    return [row._replace(note=note) if note and row.status == "failed" else row for row in rows]


def _guarded(read: Callable[[], Row | None], name: str) -> Row | None:
    subject = f"∂/∂{name} along a direction"
    try:
        return within(SECONDS, read)
    except DeadlineError as error:
        return Row("whole direction", subject, "not attempted", note=f"the referee {error}")
    except NotFiniteError:
        return Row(
            "whole direction", subject, "not attempted", note="a value leaves what the higher precision can hold"
        )
    except (Fault, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        return Row("whole direction", subject, "not attempted", note=f"the referee stopped: {error}")


def _direction(passes: Passes, name: str, ours: Any) -> Row | None:
    """Return the row of a derivative times a direction, against the difference of the output along it."""
    if name not in passes.inputs or _is_classes(passes, name):
        return None
    entries = sum(prod(shape_of(value)) for value in passes.values)
    if entries > MAX_ENTRIES:
        message = f"{entries} entries are too many for it"
        raise ValueError(message)
    fine = Finer(small=entries <= MAX_MPMATH)
    direction = fine.direction(passes.inputs[name], sum(map(ord, name)))
    subject = f"∂/∂{name} along a direction"
    flowed = fine.paired(ours, direction)
    for shrink in (1, 10, 100):
        theirs, scale = _slope(passes, fine, name, direction, shrink)
        row = compared("whole direction", subject, float(flowed), theirs)
        if abs(flowed - theirs) <= fine.tolerance * max(scale, abs(theirs)):
            return row._replace(relative=0.0, ulps=0.0, theirs=None)
        if fine.small:
            break
    return row._replace(status="failed", note="the output changes otherwise along it")


def _slope(passes: Passes, fine: Finer, name: str, direction: Any, shrink: int) -> tuple[Fraction, Fraction]:
    step = fine.step / shrink
    inputs = {other: fine.lift(value) for other, value in passes.inputs.items()}
    sides = []
    for sign in (1, -1):
        moved = inputs | {name: inputs[name] + sign * step * fine.lift(direction)}
        sides.append(forward(passes.tape, fine.m, moved)[passes.graph.output])
    terms = fine.lift(passes.seed) * (sides[0] - sides[1]) / (2 * step)
    return fine.number(fine.np.sum(terms)), fine.number(fine.np.sum(fine.np.abs(terms)))


def _is_classes(passes: Passes, name: str) -> bool:
    """Whether an input is used as class indices."""
    node = passes.graph.node(name)
    return any(
        holds_classes(step.op, [shape_of(passes.values[i]) for i in step.operands], position)
        for step in passes.tape.steps
        for position, operand in enumerate(step.operands)
        if operand == node
    )


# ---- by sympy


def _sympys(passes: Passes, grad: Mapping[str, Any]) -> list[Row]:
    entries = sum(prod(shape_of(value)) for value in passes.inputs.values())
    if entries > MAX_SYMBOLS or len(passes.tape.steps) > MAX_STEPS:
        return []
    try:
        return within(SECONDS, lambda: _Whole.of(passes).all_rows(grad), steps=lambda: entries * work_on(passes.tape))
    except (DeadlineError, SwellError, Fault, RecursionError, ArithmeticError, ValueError, TypeError):
        note = f"sympy finds no derivative of the whole within {SECONDS:g} s"
        return [Row("whole", f"{len(grad)} gradients", "not attempted", note=note)]


@dataclass(frozen=True, slots=True)
class _Whole:
    """The output times its adjoint as one expression of sympy's, over the inputs' entries."""

    passes: Passes
    m: Sympy
    symbols: dict[str, Any]
    expression: Any

    @classmethod
    def of(cls, passes: Passes) -> _Whole:
        arrays = Entrywise(m := Sympy())
        symbols = {name: cls.named(arrays, m, name, passes) for name in passes.inputs}
        output = forward(passes.tape, arrays, symbols)[passes.graph.output]
        seed = arrays.lift(passes.seed) if is_array(passes.seed) else m.const(Fraction(passes.seed))
        return cls(passes, m, symbols, m.sympy.sympify(arrays.np.sum(arrays.np.multiply(seed, output))))

    @staticmethod
    def named(arrays: Entrywise, m: Sympy, name: str, passes: Passes) -> Any:
        value = passes.inputs[name]
        if _is_classes(passes, name):
            return arrays.lift(value)
        if not is_array(value):
            return m.symbol(name)
        found = arrays.np.empty(shape_of(value), dtype=object)
        for place in product(*map(range, found.shape)):
            found[place] = m.symbol(f"{name}{place}")
        return found

    def numbers(self) -> dict[Any, Any]:
        found = {}
        for name, symbols in self.symbols.items():
            for place in product(*map(range, shape_of(symbols))):
                symbol, value = (
                    array[place] if is_array(symbols) else array for array in (symbols, self.passes.inputs[name])
                )
                if symbol.is_Symbol:
                    found[symbol] = self.m.const(Fraction(value))
        return found

    def all_rows(self, grad: Mapping[str, Any]) -> list[Row]:
        return [row for name, ours in grad.items() for row in self.rows(name, ours)]

    def rows(self, name: str, ours: Any) -> Iterator[Row]:
        if name not in self.symbols or _is_classes(self.passes, name):
            return
        symbols, numbers = self.symbols[name], self.numbers()
        places = list(product(*map(range, shape_of(symbols))))
        for place in places[:: max(1, len(places) // SAMPLE)]:
            symbol, number = (symbols[place], ours[place]) if place else (symbols, ours)
            theirs = exact_number(self.m.sympy.N(self.m.sympy.diff(self.expression, symbol), DIGITS, subs=numbers))
            yield self.judged(f"∂/∂{name}{list(place) if place else ''}", number, theirs)

    def judged(self, subject: str, ours: Any, theirs: Fraction | None) -> Row:
        if theirs is None:
            return Row("whole", subject, "not attempted", note="sympy finds no number here")
        row = compared("whole", subject, ours if kind_of(ours).exact else float(ours), theirs)
        near = row.relative <= TOLERANCE or abs(Fraction(row.ours) - theirs) <= Fraction(1, 10**14) or is_underflow(row)
        return row if near else row._replace(status="failed")
