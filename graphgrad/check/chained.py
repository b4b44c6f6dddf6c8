"""Evaluate a tape and its derivatives by sympy's function and derivative of each operation, chained.

Sympy's formula of the whole writes every shared subexpression out. Here each node is one number, and the adjoints are
added up from the output back, linear in the tape; none of it uses the table's derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.passes import rational
from graphgrad.base.time_limit import count_steps
from graphgrad.check.one_sided import one_sided, steps_of_size
from graphgrad.check.sympy_witness import witness
from graphgrad.namespaces.formulas import Rationals, reals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.check.one_sided import OneSided
    from graphgrad.namespaces.formulas import Formula, Reals
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["MAX_BITS", "BothChained", "ChainedWitness"]

BITS: Final = 106
"""The precision of the first evaluation: twice that of a float."""

SPARE_BITS: Final = 64
"""The bits of the output that the bound of the error must leave right."""

MAX_BITS: Final = 4_200
"""The highest precision that is taken: enough for the product of any two floats, to every bit that a float can have."""

TINY_BITS: Final = 1_200
"""A number of which more bits than these are cancelled is 0 to a float."""

BITS_OF_TWO_DIGITS: Final = 7
"""The bits of two decimal digits."""

STEPS: Final = 50
"""The number of operations that count as one step of a time limit."""

SIDE_BITS: Final = (2, 5, 10)
"""The bits that are taken in addition beside a point, in those of the step, until two evaluations agree."""


class BothChained(NamedTuple):
    """The values and the adjoints by register, in `numbers`; None where nothing flows back."""

    numbers: Reals | Rationals
    values: list[Any]
    adjoints: list[Any]
    seed: Fraction

    def value(self, register: int) -> Fraction | None:
        """Return the value in a register, None where there is no finite real number."""
        return self.numbers.as_fraction(self.values[register])

    def adjoint(self, register: int) -> Fraction | None:
        """Return the seed times the output's derivative by a register."""
        adjoint = self.adjoints[register]
        number = Fraction(0) if adjoint is None else self.numbers.as_fraction(adjoint)
        return None if number is None else number * self.seed

    def doubt(self) -> Any:
        """Return the first-order bound of the output's error in these bits."""
        pairs = zip(self.adjoints, self.values, strict=True)
        sizes = (abs(d * z) for d, z in pairs if d is not None and self.numbers.is_number(z))
        return sum(sizes) * self.context.ldexp(1, 1 - self.numbers.bits)

    @property
    def context(self) -> Any:
        """The context of mpmath."""
        return reals(self.numbers.bits).context


@dataclass(frozen=True)
class ChainedWitness:
    """The chained evaluation of a graph at the exact values of the numbers that it was run with."""

    passes: Passes
    _known: dict[int, BothChained] = field(default_factory=dict)

    @property
    def tape(self) -> Tape:
        """The tape."""
        return self.passes.tape

    @cached_property
    def _formulas(self) -> list[tuple[Step, Formula, list[Formula | None]]]:
        return [(step, *_formulas_of(step)) for step in self.tape.steps]

    @cached_property
    def constants(self) -> dict[int, Fraction]:
        """The exact numbers of the constants: for floats those of the floats themselves."""
        is_binary = self.passes.kind.plain and not self.passes.kind.exact
        return {i: Fraction(float(c)) if is_binary else c for i, c in self.tape.constants.items()}

    @property
    def seed(self) -> Fraction:
        """The adjoint of the output."""
        return Fraction(rational(self.passes.seed))

    @cached_property
    def _leaves(self) -> dict[int, Fraction]:
        return self.constants | {
            self.tape.inputs[name]: Fraction(rational(x)) for name, x in self.passes.inputs.items()
        }

    @cached_property
    def fixed(self) -> frozenset[int]:
        """The registers that depend on no input of which the derivative is wanted."""
        return frozenset(self.tape.fixed(self.passes.graph.node(name) for name in self.passes.wrt))

    @cached_property
    def exact_constants(self) -> bool:
        """Whether every constant is the number that the text gives."""
        return self.constants == self.tape.constants

    def at(self, bits: int) -> BothChained:
        """Return the values and adjoints in so many bits."""
        if bits not in self._known:
            self._known[bits] = self._run(reals(bits), self._leaves)
        return self._known[bits]

    @cached_property
    def exact(self) -> BothChained:
        """The values and adjoints in fractions; None for what is not rational."""
        return self._run(Rationals(), self._leaves)

    def _run(self, numbers: Reals | Rationals, leaves: Mapping[int, Fraction]) -> BothChained:
        values: list[Any] = [None] * self.tape.size
        for register, number in leaves.items():
            values[register] = numbers.fraction(number)
        for done, (step, value, _) in enumerate(self._formulas):
            count_steps(not done % STEPS)
            values[step.target] = value.at(numbers, [values[i] for i in step.operands])
        return BothChained(numbers, values, self._adjoints(numbers, values), self.seed)

    def _adjoints(self, numbers: Reals | Rationals, values: list[Any]) -> list[Any]:
        adjoints: list[Any] = [None] * self.tape.size
        if self.tape.outputs[0] not in self.fixed:
            adjoints[self.tape.outputs[0]] = numbers.const(1)
        for done, (step, _, partials) in enumerate(reversed(self._formulas)):
            count_steps(not done % STEPS)
            adjoint = adjoints[step.target]
            if adjoint is None:
                continue
            xs = [values[i] for i in step.operands]
            for position, operand in enumerate(step.operands):
                if operand not in self.fixed:
                    d = _partial(numbers, step, position, partials[position], xs)
                    if d:
                        others = adjoints[operand]
                        adjoints[operand] = adjoint * d if others is None else others + adjoint * d
        return adjoints

    @cached_property
    def settled(self) -> BothChained | None:
        """The evaluation in as many bits as the bound of the output's error asks for; None beyond `MAX_BITS`.

        >>> from graphgrad import parse
        >>> settled = ChainedWitness(parse("1 - cos(x)").backprop({"x": 1e-30}).passes).settled
        >>> f"{float(settled.values[-1]):.3g}", settled.numbers.bits > 200
        ('5e-61', True)
        """
        bits = self.first_bits
        while True:
            both = self.at(bits)
            z, doubt = both.values[self.tape.outputs[0]], both.doubt()
            m = both.context
            if not both.numbers.is_number(z) or not m.isfinite(doubt):
                return both
            is_zero = doubt < m.ldexp(1, -TINY_BITS) and self.passes.kind.plain
            if doubt <= abs(z) * m.ldexp(1, -SPARE_BITS) or is_zero:
                return both
            if bits == MAX_BITS:
                return None
            missing = m.mag(doubt) - max(m.mag(z) if z else -MAX_BITS, -TINY_BITS) + SPARE_BITS
            bits = min(MAX_BITS, max(2 * bits, bits + int(missing)) if z else 2 * bits + int(max(missing, 0)) // 4)

    @property
    def first_bits(self) -> int:
        """The precision of the first evaluation: for numbers of many digits, twice those that are shown."""
        kind = self.passes.kind
        digits = kind.decimal_digits if kind.promises_digits else 0
        return max(BITS, digits * BITS_OF_TWO_DIGITS) if not kind.exact else 2 * BITS

    def confirmed(self, register: int) -> Fraction | None:
        """Return the output's derivative by a register in precisions that are raised until two in a row agree."""
        previous, bits = None, self.settled.numbers.bits if self.settled else MAX_BITS
        while True:
            d = self.at(bits).adjoint(register)
            if d is None or (previous is not None and abs(d - previous) <= abs(d) / 2**SPARE_BITS):
                return d
            if bits == MAX_BITS:
                return d if previous is not None and abs(d) + abs(previous) < Fraction(1, 2**TINY_BITS) else None
            previous, bits = d, min(MAX_BITS, 2 * bits)

    def sides(self, register: int) -> OneSided | None:
        """Return the output's derivatives by a leaf on either side of the point; None where there is neither."""
        names, x = [*self.passes.inputs], self._leaves[register]
        point = [self._leaves[self.tape.inputs[name]] for name in names]
        position = next(i for i, name in enumerate(names) if self.tape.inputs[name] == register)

        @cache
        def beside(distance: Fraction) -> tuple[Fraction | None, Fraction | None]:
            return self._beside(register, x + distance, distance)

        return one_sided(steps_of_size(point, position), lambda h: beside(h)[0], lambda h: beside(h)[1])

    def _beside(self, register: int, x: Fraction, distance: Fraction) -> tuple[Fraction | None, Fraction | None]:
        """Return value and derivative with a leaf at x: the smaller the distance, the more digits cancel beside it."""
        least = self.settled.numbers.bits if self.settled else BITS
        far = distance.denominator.bit_length()
        found: tuple[Fraction | None, Fraction | None] = None, None
        for times in SIDE_BITS:
            both = self._run(reals(least + times * far), {**self._leaves, register: x})
            previous, found = found, (both.value(self.tape.outputs[0]), both.adjoint(register))
            if not distance or None in found or all(map(_settles, previous, found)):
                break
        return found


def _settles(previous: Fraction | None, number: Fraction | None) -> bool:
    """Whether another evaluation in more digits gives the same number."""
    return previous is not None and number is not None and abs(previous - number) <= abs(number) / 2**SPARE_BITS


def _formulas_of(step: Step) -> tuple[Formula, list[Formula | None]]:
    sympys, op = witness(step.op, len(step.operands)), step.op
    positions = range(len(step.operands))
    return sympys.formula(), [None if op.rule(i) is None else sympys.formula(i) for i in positions]


def _partial(numbers: Reals | Rationals, step: Step, position: int, formula: Formula | None, xs: list[Any]) -> Any:
    """Return sympy's local derivative, where its formula has none the limit of it, and nothing where there is none."""
    if formula is None:
        return numbers.nothing
    d = formula.at(numbers, xs)
    if numbers.is_number(d) or not all(map(numbers.is_number, xs)):
        return d
    point = [numbers.as_fraction(x) for x in xs]
    if None in point:
        return numbers.nothing
    limit = witness(step.op, len(xs)).partial_or_limit(position, point)  # type: ignore[arg-type]
    return numbers.nothing if limit is None else numbers.fraction(limit)
