"""Remove sums of a derivative that are identically 0, found by identity testing at random points.

Example: the derivatives of the Black–Scholes formula hold the densities φ at d1 and d2 as
`S*φ(d1) - K*exp(-r*T)*φ(d2)`, which is 0. A sum counts as identically 0 if it is 0 in floats at random complex points,
on random branches of its roots and logarithms, and in 100 digits at random real points (after Gonnet, "Determining
equivalence of expressions in random polynomial time", 1984). Nearly every derivative has no candidate left after the
first point, which costs one forward sweep in floats.
"""

from __future__ import annotations

import cmath
import math
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault, Namespace
from graphgrad.ops.elementary import PRODUCT, SUM
from graphgrad.ops.table import NEG
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["without_zeros"]

DIGITS: Final = 100
"""The precision of the test at real points."""

FLOAT_POINTS: Final = 8
DECIMAL_POINTS: Final = 2

LONGEST: Final = 20_000
"""The most steps of a tape that is tested: a longer one would take seconds."""

LARGEST_EXPONENT: Final = 1000.0
"""A power with a larger exponent is opaque."""

PROBES: Final = (0.0, -1.5)
"""Operands outside the domain of every operation that is not defined everywhere."""

DENSITY_AT_0: Final = Fraction(31415927, 78748047)
"""A number in place of 1/√(2π): what is 0 with one that no formula holds is 0 with that."""

NEUTRAL: Final = 0.7
"""The value of the other operands while one is probed."""


def without_zeros(tape: Tape) -> Tape:
    """Return the tape without the derivatives' terms that cancel; its first output is the differentiated function.

    The steps of the function itself stay as they are. The result fails wherever the given tape fails.

    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> tape = m.tape([m.log(y), x + (m.exp(x + m.log(y)) - y * m.exp(x)) / y])
    >>> [step.op.name for step in without_zeros(tape).steps]
    ['log']
    """
    if len(tape.steps) > LONGEST or any(step.op.on_arrays for step in tape.steps):
        return tape
    function = {step.target for step in tape.leading_to(tape.outputs[0]).steps}
    zeros = {step.target for step in tape.steps if step.op.binds == SUM} - function
    points = chain(map(_Floats, range(FLOAT_POINTS)), map(_Decimals, range(DECIMAL_POINTS)))
    while zeros and (point := next(points, None)):
        zeros &= point.zeros(tape)
    return _replaced(zeros, tape) if zeros else tape


def _replaced(zeros: set[int], tape: Tape) -> Tape:
    """Return the tape with 0 for these steps; the given tape where that would hide a failure."""
    m = _ZeroWriter(tape, zeros)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    shorter = m.tape([values[register] for register in tape.outputs])
    required = {values[register].register for register in _partial_operands(tape)} - shorter.constants.keys()
    return shorter if required <= _partial_operands(shorter) else tape


class _ZeroWriter(Writer):
    """Rewrites a tape with 0 for some of its steps."""

    def __init__(self, tape: Tape, zeros: set[int]) -> None:
        super().__init__()
        self._targets = (step.target for step in tape.steps)
        self._zeros = zeros

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write the next step of the given tape."""
        return self.lift(0) if next(self._targets) in self._zeros else super().value(op, operands)


TRANSPARENT: Final[Spellings] = {
    "exp": lambda m, x: m.exponential(x) if abs(x) < LARGEST_EXPONENT else m.any(),
    "exp_minus_square": lambda m, x: m.operations.exp(-(x * x)),
    "normpdf": lambda m, x: m.operations.exp(-(x * x) / 2) * m.const(DENSITY_AT_0),
    "pow": lambda m, x, y: m.whole_power(x, y),
    "sqrt": lambda m, x: m.root(x),
    "log": lambda m, x: m.logarithm(x),
    "pi": lambda m: m.circle_constant(),
}
"""The functions that are evaluated, besides sums and products; any other operation is opaque: a random number."""


class _Floats(Namespace):
    """Random complex numbers; roots and logarithms on a random branch, a random number for an opaque operation."""

    spellings = TRANSPARENT

    zero: Any = 1e-9
    """A sum smaller than this part of its larger term counts as 0."""

    swallowed: Any = 0.0
    """A sum is opaque if one term is smaller than this part of the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  no secret: every run takes the same points

    def zeros(self, tape: Tape) -> set[int]:
        """Return the targets of the sums that are 0 at this point."""
        values = forward(tape, self, {name: self.any() for name in tape.inputs})
        return {step.target for step in tape.steps if step.op.binds == SUM and self._cancels(step, values)}

    def _cancels(self, step: Step, values: Sequence[Any]) -> bool:
        left, right = (abs(values[operand]) for operand in step.operands)
        return bool(abs(values[step.target]) < max(left, right) * self.zero)

    def any(self) -> Any:
        return cmath.rect(self._random.uniform(0.5, 2), self._random.uniform(-math.pi, math.pi))

    def const(self, number: Fraction) -> Any:
        return complex(number)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Evaluate an operation, or return a random number where it is opaque or fails."""
        try:
            if op.name in TRANSPARENT:
                return TRANSPARENT[op.name](self, *operands)
            if op.binds in {SUM, PRODUCT} or op is NEG:
                z = op.value(self.operations, *operands, stable=False)
                return self.any() if op.binds == SUM and self._swallows(*map(abs, operands)) else z
        except (ArithmeticError, ValueError):
            pass
        return self.any()

    def _swallows(self, left: Any, right: Any) -> bool:
        return bool(min(left, right) < max(left, right) * self.swallowed)

    def exponential(self, x: Any) -> Any:
        """Return the exponential function."""
        return cmath.exp(x)

    def whole_power(self, x: Any, y: Any) -> Any:
        """Return a whole power; a random number for any other exponent."""
        whole = abs(y) < LARGEST_EXPONENT and y == round(y.real)
        return x ** round(y.real) if whole else self.any()

    def root(self, x: Any) -> Any:
        """Return one of the two roots at random."""
        return cmath.sqrt(x) * self._random.choice((-1, 1))

    def logarithm(self, x: Any) -> Any:
        """Return the logarithm on a random branch."""
        return cmath.log(x) + 2j * cmath.pi * self._random.randint(-2, 2)

    def circle_constant(self) -> Any:
        """Return π."""
        return complex(cmath.pi)


class _Decimals(_Floats):
    """Random real numbers of 100 digits; roots and logarithms of negative numbers are opaque, and so is π."""

    zero = Decimal("1e-60")
    swallowed = Decimal("1e-20")

    def zeros(self, tape: Tape) -> set[int]:
        with localcontext(Context(prec=DIGITS)):
            return super().zeros(tape)

    def any(self) -> Any:
        return Decimal(self._random.uniform(0.5, 2))

    def const(self, number: Fraction) -> Any:
        return Decimal(number.numerator) / number.denominator

    def exponential(self, x: Any) -> Any:
        return x.exp()

    def root(self, x: Any) -> Any:
        return x.sqrt() * self._random.choice((-1, 1))

    def logarithm(self, x: Any) -> Any:
        return x.ln()

    def circle_constant(self) -> Any:
        """Return a random number: what is 0 with any number in place of π is 0 with π."""
        return self.any()


def _partial_operands(tape: Tape) -> set[int]:
    """Return the operands of partial operations: registers whose value may lie outside an operation's domain."""
    numbers = {register: Floats().const(number) for register, number in tape.constants.items()}
    return {
        operand
        for step in tape.steps
        for position, operand in enumerate(step.operands)
        if operand not in numbers and _fails(step.op, tuple(numbers.get(i, NEUTRAL) for i in step.operands), position)
    }


@cache
def _fails(op: Op, operands: tuple[float, ...], position: int) -> bool:
    """Whether an operation has no value at some probe of one operand."""
    probed = ([*operands[:position], probe, *operands[position + 1 :]] for probe in PROBES)
    return any(isinstance(Floats().value(op, numbers), Fault) for numbers in probed)
