"""Check array gradients by directional differences, and by `sympy.diff` where the program is small: level (c)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.error_bound import GradientErrors, value_bound
from graphgrad.backprop.passes import rational
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.array_kinks import array_kink_rows
from graphgrad.check.array_rules import holds_classes
from graphgrad.check.bounded_referee import bounded_rows
from graphgrad.check.differences import Line, directions, is_bent, smallest_size
from graphgrad.check.entries import entry, number, places, sample, unit_at, worst
from graphgrad.check.exact_values import at_exact_values, with_decisions_taken
from graphgrad.check.higher_precision import Precisions, are_few, refuse_too_many, value_row_in
from graphgrad.check.judged import NEGLIGIBLE, is_usable, judged
from graphgrad.check.near_kinks import within_rounding_note
from graphgrad.check.node_checks import first_fault
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import SECONDS, Witness
from graphgrad.check.whole_expression import work_estimate
from graphgrad.namespaces.array_structure import Structure
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.kinds import kind_of
from graphgrad.namespaces.namespace import Fault
from graphgrad.namespaces.symbolic import SwellError, Sympy
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.higher_precision import HighPrecision

__all__ = ["array_whole_rows"]

MAX_SYMBOLS: Final = 24
"""The most entries of all inputs together for which sympy differentiates the whole program."""

MAX_STEPS: Final = 12
"""The most operations for which sympy differentiates the whole program."""

SAMPLE: Final = 3
"""The number of entries of each input, spread evenly, by which sympy differentiates."""

MAX_EXPONENT: Final = 100_000
"""The largest exponent of a power that sympy evaluates: it would compute as many digits."""

EXPONENT_DIGITS: Final = 5

MAX_KINKED: Final = 64
"""The most entries of an input that are moved one by one at a kink."""


def array_whole_rows(passes: Passes, grad: Mapping[str, Any], local: Sequence[Row]) -> list[Row]:
    """Return rows for the value and for every derivative by an input; `local` holds the rows of the nodes.

    Where one of them fails, its note names the first node that failed.
    """
    np = Structure().np
    with np.errstate(all="ignore"):
        rows = _rows(passes, grad)
    if not any(row.status == "failed" for row in rows):
        return rows
    note = first_fault(passes, local)
    if note:
        return [row._replace(note=note) if row.status == "failed" else row for row in rows]
    near = within_rounding_note(passes)
    if not near or not _is_recomputed(passes, grad):
        return rows
    return [_beside_kink(row, near) if row.status == "failed" else row for row in rows]


def _is_recomputed(passes: Passes, grad: Mapping[str, Any]) -> bool:
    """Whether the graph, computed again, gives this gradient."""
    again = backprop(passes.graph, passes.inputs, [*grad], kind=passes.kind, seed=passes.seed).grad
    np = Structure().np
    return all(np.array_equal(again[name], ours) for name, ours in grad.items())


def _beside_kink(row: Row, near: str) -> Row:
    """Return the row of a derivative that is on the other side of a kink without rounding; a value's is as it was."""
    return row if row.level == "whole value" else row._replace(status="not attempted", theirs=None, note=near)


def _rows(passes: Passes, grad: Mapping[str, Any]) -> list[Row]:
    whole = _Whole(passes, tuple(grad))
    rows = whole.bounded(Row("whole value", "value", "ok"), lambda: [whole.value_row()])
    grad = {name: ours for name, ours in grad.items() if name in passes.inputs and not _is_classes(passes, name)}
    for name, ours in grad.items():
        if not kind_of(ours).is_finite(ours):
            rows.append(Row("whole", f"∂/∂{name}", "not attempted", note="it is not finite throughout"))
        else:
            row = Row("whole direction", f"∂/∂{name} along a direction", "ok")
            rows += whole.bounded(row, partial(whole.direction_rows, row, name, ours))
    if passes.kinks:
        rows += array_kink_rows(passes.as_rationals(), grad)
    elif grad and whole.decided is passes:  # sympy decides by the exact numbers
        rows += _sympy_rows(passes, grad, whole)
    return rows


@dataclass(frozen=True)
class _Whole:
    """The passes, and the names of the inputs whose derivatives are checked."""

    passes: Passes
    names: tuple[str, ...]
    precisions: Precisions = field(default_factory=Precisions)

    @cached_property
    def errors(self) -> GradientErrors:
        return GradientErrors.of(self.passes, self.names)

    @cached_property
    def decided(self) -> Passes:
        """The passes with the decisions that rounding may have changed, as they were taken."""
        return with_decisions_taken(self.passes)

    @cached_property
    def exact(self) -> Passes | None:
        """The passes at the exact values, where they are few floats."""
        return at_exact_values(self.decided)

    @cached_property
    def exact_errors(self) -> GradientErrors | None:
        return GradientErrors.of(self.exact, self.names) if self.exact else None

    def held(self, row_for: Callable[[Any], Row], bound: Any, exact_bound: Callable[[], Any]) -> Row:
        """Return the row by the bound; where it fails, by the bound at the exact values if that is larger."""
        row = row_for(bound)
        if row.status != "failed" or not is_usable(bound):
            return row
        larger = exact_bound()
        return row_for(float(larger)) if is_usable(larger) and larger > bound else row

    def derivative_held(self, row_for: Callable[[Any], Row], name: str, direction: Any) -> Row:
        """Do so by the bounds of a derivative along a direction."""
        exact = self.exact_errors
        return self.held(
            row_for,
            self.errors.bound(name, direction).total,
            lambda: exact and exact.bound(name, direction).total,
        )

    @cached_property
    def values(self) -> list[Any]:
        return [value for value in self.passes.values if value is not None]

    @cached_property
    def few(self) -> bool:
        return are_few(self.values)

    def bounded(self, row: Row, rows_of: Callable[[], list[Row]]) -> list[Row]:
        """Return rows, or one that is "not attempted" where the referee exceeds its time or fails."""

        def allowed() -> list[Row]:
            refuse_too_many(self.values)
            return rows_of()

        return bounded_rows(row, allowed)

    def output(self, precise: HighPrecision, inputs: Mapping[str, Any]) -> Any:
        """Return the output in higher precision; numbers among the inputs are already of that precision."""
        decided = self.decided
        taken = {name: precise.lift(x) for name, x in decided.inputs.items() if name not in self.passes.inputs}
        return forward(decided.tape, precise.m, {**inputs, **taken})[self.passes.graph.output]

    # ---- the value

    def value_row(self) -> Row:
        """Compare the entries of the value with those in higher precision, some of them where they are many."""
        ours = self.passes.values[self.passes.graph.output]
        if not kind_of(ours).is_finite(ours):
            return Row("whole value", "value", "not attempted", note="it is not finite throughout")
        return value_row_in(self.precisions, self.few, self.passes.kind, partial(self.compared_value, ours))

    def compared_value(self, ours: Any, precise: HighPrecision) -> Row:
        """Return the row of the entry of the value that is furthest from the one in higher precision."""
        theirs = self.output(precise, {name: precise.lift(value) for name, value in self.passes.inputs.items()})
        rows = []
        for place in sample(ours):
            unit = unit_at(ours, place)
            bound = value_bound(self.passes, unit).total
            right = precise.as_fraction(entry(theirs, place))
            right = right if abs(right) > NEGLIGIBLE * Fraction(rational(bound or 0)) else Fraction(0)
            row = Row("whole value", f"value{list(place) if place else ''}", "ok", number(entry(ours, place)))
            row_for = partial(judged, row, right, kind=self.passes.kind)
            rows.append(self.held(row_for, bound, partial(self.exact_value_bound, unit)))
        return worst(rows) if rows else Row("whole value", "value", "ok")

    def exact_value_bound(self, seed: Any) -> Any:
        return self.exact and value_bound(self.exact, seed).total

    # ---- derivatives

    def line(self, name: str) -> Line:
        """Return the output times the seed as a function of an input, along all of its entries."""
        np = Structure().np
        value = self.passes.inputs[name]
        constants = [self.passes.values[register] for register in self.passes.tape.constants]
        used = [x for x in (*self.passes.inputs.values(), *constants) if x is not None]
        return Line(
            partial(self.terms, name),
            value,
            np.ones(shape_of(value)),
            smallest_size(used, typical=not self.few),
            self.size,
            self.precisions,
            long=not self.few,
        )

    def terms(self, name: str, precise: HighPrecision, moved: Any) -> Any:
        inputs = {other: precise.lift(value) for other, value in self.passes.inputs.items()} | {name: moved}
        return precise.lift(self.passes.seed) * self.output(precise, inputs)

    @cached_property
    def size(self) -> float:
        """The size of the terms whose rounding the output times the seed has."""
        bound, u = value_bound(self.passes).total, self.passes.kind.unit_roundoff
        output = abs(self.passes.seed * self.passes.values[self.passes.graph.output])
        total = rational(output.sum() if is_array(output) else output)
        return float(total) + (float(rational(bound)) / float(u) if u and is_usable(bound) else 0.0)

    def direction_rows(self, row: Row, name: str, ours: Any) -> list[Row]:
        """Compare a derivative with differences of the output along directions that move no entry at a kink."""
        line, free = self.line(name), 1.0
        if self.passes.kinks:
            if not self.few or line.direction.size > MAX_KINKED:
                return []
            free = line.direction.copy()
            for place in places(line.direction):
                if is_bent(*replace(line, direction=unit_at(line.direction, place)).sides()):
                    free[place] = 0.0
            if not free.any():
                return []
        lines = [
            replace(line, direction=direction * free)
            for direction in directions(self.errors, name, ours, line, sum(map(ord, name)))
        ]
        return [worst([self.along(row, name, ours, each) for each in lines])]

    def along(self, row: Row, name: str, ours: Any, line: Line) -> Row:
        row_for = partial(line.row, row, ours, kind=self.passes.kind)
        result = self.derivative_held(row_for, name, line.direction)
        return result._replace(note="the output changes otherwise along it") if result.status == "failed" else result


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


def _sympy_rows(passes: Passes, grad: Mapping[str, Any], whole: _Whole) -> list[Row]:
    entries = sum(prod(shape_of(value)) for value in passes.inputs.values())
    if entries > MAX_SYMBOLS or len(passes.tape.steps) > MAX_STEPS:
        return []
    try:
        return within(
            SECONDS,
            lambda: _WholeProgram.of(passes, whole).all_rows(grad),
            steps=lambda: entries * work_estimate(passes.tape),
        )
    except (DeadlineError, SwellError, Fault, RecursionError, ArithmeticError, ValueError, TypeError):
        note = f"sympy finds no derivative of the whole within {SECONDS:g} s"
        return [Row("whole", f"{len(grad)} gradients", "not attempted", note=note, stands_for=len(grad))]


@dataclass(frozen=True, slots=True)
class _WholeProgram:
    """The sum of seed times output as one sympy expression over symbols for the inputs' entries."""

    passes: Passes
    whole: _Whole
    m: Sympy
    symbols: dict[str, Any]
    expression: Any

    @classmethod
    def of(cls, passes: Passes, whole: _Whole) -> _WholeProgram:
        arrays = Entrywise(m := Sympy())
        symbols = {name: cls.named(arrays, m, name, passes) for name in passes.inputs}
        output = forward(passes.tape, arrays, symbols)[passes.graph.output]
        seed = rational(passes.seed)
        seed = arrays.lift(seed) if is_array(seed) else m.const(Fraction(seed))
        return cls(passes, whole, m, symbols, m.sympy.sympify(arrays.np.sum(arrays.np.multiply(seed, output))))

    @staticmethod
    def named(arrays: Entrywise, m: Sympy, name: str, passes: Passes) -> Any:
        value = passes.inputs[name]
        if _is_classes(passes, name):
            return arrays.lift(rational(value))
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
                    numbers[symbol] = Fraction(rational(value))
        return numbers

    def evaluated(self, witness: Witness, symbol: Any, numbers: Mapping[Any, Fraction]) -> Fraction | None:
        """Return a derivative's value; None where there is none, or where a power is so large that sympy would hang."""
        sympy, position = self.m.sympy, witness.symbols.index(symbol)
        derivative = witness.derivative(position)
        growing = derivative.atoms(sympy.exp, sympy.functions.elementary.hyperbolic.HyperbolicFunction)
        exponents = [power.args[0] for power in growing]
        exponents += [power.exp for power in derivative.atoms(sympy.Pow) if not power.exp.is_number]
        exact = {symbol: self.m.const(number) for symbol, number in numbers.items()}
        for exponent in sorted(exponents, key=sympy.count_ops):  # the inner ones first
            if not abs(sympy.N(exponent, EXPONENT_DIGITS, subs=exact)) <= MAX_EXPONENT:
                return None
        return witness.partial_or_limit(position, [*numbers.values()])

    def all_rows(self, grad: Mapping[str, Any]) -> list[Row]:
        return [row for name, ours in grad.items() for row in self.rows(name, ours)]

    def rows(self, name: str, ours: Any) -> Iterator[Row]:
        if not kind_of(ours).is_finite(ours):
            return
        symbols, numbers = self.symbols[name], self.numbers()
        witness = Witness(self.m, [*numbers], self.expression)
        every = places(symbols)
        for place in every[:: max(1, len(every) // SAMPLE)]:
            theirs = self.evaluated(witness, entry(symbols, place), numbers)
            row = Row("whole", f"∂/∂{name}{list(place) if place else ''}", "ok", number(entry(ours, place)))
            if theirs is not None:  # the differences hold all entries
                row_for = partial(judged, row, theirs, kind=self.passes.kind)
                yield self.whole.derivative_held(row_for, name, unit_at(ours, place))
