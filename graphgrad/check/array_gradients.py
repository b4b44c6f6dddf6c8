"""Check array gradients by directional differences, and by `sympy.diff` where the program is small: level (c)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.array_kinks import array_kink_rows
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.higher_precision import MAX_ENTRIES, MAX_MPMATH, HighPrecision
from graphgrad.check.node_checks import TOLERANCE, first_fault
from graphgrad.check.report import Row, compared, is_underflow
from graphgrad.check.sympy_witness import SECONDS, Witness
from graphgrad.check.whole_expression import work_estimate
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
"""The most entries of all inputs together for which sympy differentiates the whole program."""

MAX_STEPS: Final = 12
"""The most operations for which sympy differentiates the whole program."""

SAMPLE: Final = 3
"""The number of entries of each input, spread evenly, by which sympy differentiates."""


def array_whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row]) -> list[Row]:
    """Return a row for every derivative by an input; `local` holds the rows of the nodes, to name the first fault."""
    if not grad:
        return []
    if passes.kinks:
        return array_kink_rows(passes, grad)
    along = [_bounded_row(partial(_direction_row, passes, name, ours), name) for name, ours in grad.items()]
    rows = [row for row in along if row] + _sympy_rows(passes, grad)
    note = first_fault(passes, local)
    return [row._replace(note=note) if note and row.status == "failed" else row for row in rows]


def _bounded_row(row_of: Callable[[], Row | None], name: str) -> Row | None:
    """Return a row, "not attempted" where the referee exceeds its time or fails."""
    subject = f"∂/∂{name} along a direction"
    try:
        return within(SECONDS, row_of)
    except DeadlineError as error:
        return Row("whole direction", subject, "not attempted", note=f"the referee {error}")
    except NotFiniteError:
        return Row(
            "whole direction", subject, "not attempted", note="a value leaves what the higher precision can hold"
        )
    except (Fault, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        return Row("whole direction", subject, "not attempted", note=f"the referee stopped: {error}")


def _direction_row(passes: Passes, name: str, ours: Any) -> Row | None:
    """Compare gradient times direction with a central difference of the output; None where it has no derivative."""
    if name not in passes.inputs or _is_classes(passes, name):
        return None
    entries = sum(prod(shape_of(value)) for value in passes.values)
    if entries > MAX_ENTRIES:
        message = f"{entries} entries are too many for it"
        raise ValueError(message)
    precise = HighPrecision(small=entries <= MAX_MPMATH)
    direction = precise.direction(passes.inputs[name], sum(map(ord, name)))
    subject = f"∂/∂{name} along a direction"
    along = precise.inner_product(ours, direction)
    # In long doubles truncation, or a kink within the step, may explain the distance: retry with smaller steps.
    for shrink in (1, 10, 100):
        theirs, scale = _directional_derivative(passes, precise, name, direction, shrink)
        row = compared("whole direction", subject, float(along), theirs)
        if abs(along - theirs) <= precise.tolerance * max(scale, abs(theirs)):
            return row._replace(relative=0.0, ulps=0.0, theirs=None)
        if precise.small:
            break
    return row._replace(status="failed", note="the output changes otherwise along it")


def _directional_derivative(
    passes: Passes, precise: HighPrecision, name: str, direction: Any, shrink: int
) -> tuple[Fraction, Fraction]:
    """Return the central difference of seed times output along a direction, and the sum of its absolute terms."""
    step = precise.step / shrink
    inputs = {other: precise.lift(value) for other, value in passes.inputs.items()}
    sides = []
    for sign in (1, -1):
        moved = inputs | {name: inputs[name] + sign * step * precise.lift(direction)}
        sides.append(forward(passes.tape, precise.m, moved)[passes.graph.output])
    terms = precise.lift(passes.seed) * (sides[0] - sides[1]) / (2 * step)
    return precise.as_fraction(precise.np.sum(terms)), precise.as_fraction(precise.np.sum(precise.np.abs(terms)))


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


def _sympy_rows(passes: Passes, grad: Mapping[str, Any]) -> list[Row]:
    entries = sum(prod(shape_of(value)) for value in passes.inputs.values())
    if entries > MAX_SYMBOLS or len(passes.tape.steps) > MAX_STEPS:
        return []
    try:
        return within(
            SECONDS, lambda: _WholeProgram.of(passes).all_rows(grad), steps=lambda: entries * work_estimate(passes.tape)
        )
    except (DeadlineError, SwellError, Fault, RecursionError, ArithmeticError, ValueError, TypeError):
        note = f"sympy finds no derivative of the whole within {SECONDS:g} s"
        return [Row("whole", f"{len(grad)} gradients", "not attempted", note=note, stands_for=len(grad))]


@dataclass(frozen=True, slots=True)
class _WholeProgram:
    """The sum of seed times output as one sympy expression over symbols for the inputs' entries."""

    passes: Passes
    m: Sympy
    symbols: dict[str, Any]
    expression: Any

    @classmethod
    def of(cls, passes: Passes) -> _WholeProgram:
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
        symbols = arrays.np.empty(shape_of(value), dtype=object)
        for place in product(*map(range, symbols.shape)):
            symbols[place] = m.symbol(f"{name}{place}")
        return symbols

    def numbers(self) -> dict[Any, Fraction]:
        """Return the value of each symbol."""
        numbers = {}
        for name, symbols in self.symbols.items():
            for place in product(*map(range, shape_of(symbols))):
                symbol, value = (
                    array[place] if is_array(symbols) else array for array in (symbols, self.passes.inputs[name])
                )
                if symbol.is_Symbol:
                    numbers[symbol] = Fraction(value)
        return numbers

    def all_rows(self, grad: Mapping[str, Any]) -> list[Row]:
        return [row for name, ours in grad.items() for row in self.rows(name, ours)]

    def rows(self, name: str, ours: Any) -> Iterator[Row]:
        if name not in self.symbols or _is_classes(self.passes, name):
            return
        symbols, numbers = self.symbols[name], self.numbers()
        sympys, point = Witness(self.m, [*numbers], self.expression), [*numbers.values()]
        places = list(product(*map(range, shape_of(symbols))))
        for place in places[:: max(1, len(places) // SAMPLE)]:
            symbol, number = (symbols[place], ours[place]) if place else (symbols, ours)
            theirs = sympys.partial_or_limit(sympys.symbols.index(symbol), point)
            yield self.row(f"∂/∂{name}{list(place) if place else ''}", number, theirs)

    def row(self, subject: str, ours: Any, theirs: Fraction | None) -> Row:
        if theirs is None:
            return Row("whole", subject, "not attempted", note="sympy finds no number here")
        row = compared("whole", subject, ours if kind_of(ours).exact else float(ours), theirs)
        is_near = (
            row.relative <= TOLERANCE or abs(Fraction(row.ours) - theirs) <= Fraction(1, 10**14) or is_underflow(row)
        )
        return row if is_near else row._replace(status="failed")
