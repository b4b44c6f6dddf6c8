"""Remove the sums of a derivative that are 0 whatever the inputs are, and what only they need.

A textbook leaves out terms that cancel: the derivatives of the Black–Scholes formula hold the densities φ at d1 and d2
as `S*φ(d1) - K*exp(-r*T)*φ(d2)`, which is 0. Such a sum is found by identity testing: what is 0 in floats at random
complex points, on whichever branch of its roots and logarithms, and in many digits at random real ones, is 0 everywhere
(after Gonnet, "Determining equivalence of expressions in random polynomial time", 1984). Nearly every derivative has no
candidate left after the first point, which costs a forward sweep in floats.
"""

from __future__ import annotations

import cmath
import math
from decimal import Context, Decimal, localcontext
from functools import cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault, Namespace
from graphgrad.ops.elementary import PRODUCT, SUM
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["without_zeros"]

DIGITS: Final = 100
"""How many digits are many."""

FLOAT_POINTS: Final = 8
POINTS: Final = 2

LONGEST: Final = 20_000
"""The most steps of a tape that is looked through: a longer one would take seconds."""

LARGEST_EXPONENT: Final = 1000.0
"""Beyond it, a power is not looked into."""

PROBES: Final = (0.0, -1.5)
"""Operands that operations fail at which are not defined everywhere."""

ELSEWHERE: Final = 0.7
"""What the other operands are meanwhile."""


def without_zeros(tape: Tape) -> Tape:
    """Return a tape whose derivatives are computed without terms that cancel, the first output being their function.

    The function itself is computed as it is written, and where the tape fails, that which is returned fails too.

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
    points = chain(map(_Floats, range(FLOAT_POINTS)), map(_Decimals, range(POINTS)))
    while zeros and (point := next(points, None)):
        zeros &= point.zeros(tape)
    return _without(zeros, tape) if zeros else tape


def _without(zeros: set[int], tape: Tape) -> Tape:
    m = _Without(tape, zeros)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    shorter = m.tape([values[register] for register in tape.outputs])
    needed = {values[register].register for register in _critical(tape)} - shorter.constants.keys()
    return shorter if needed <= _critical(shorter) else tape


class _Without(Writer):
    """Writes a tape anew, with 0 for some of its steps."""

    def __init__(self, tape: Tape, zeros: set[int]) -> None:
        super().__init__()
        self._targets = (step.target for step in tape.steps)
        self._zeros = zeros

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write a step of the tape that is read."""
        return self.lift(0) if next(self._targets) in self._zeros else super().value(op, operands)


LOOKED_INTO: Final[Spellings] = {
    "exp": lambda m, x: m.exponential(x) if abs(x) < LARGEST_EXPONENT else m.any(),
    "pow": lambda m, x, y: m.whole_power(x, y),
    "sqrt": lambda m, x: m.root(x),
    "log": lambda m, x: m.logarithm(x),
    "pi": lambda m: m.circle_constant(),
}
"""Functions of numbers that are chosen at random, besides sums and products."""


class _Floats(Namespace):
    """Complex numbers at random, roots and logarithms on a random branch; what is not looked into, another number."""

    spellings = LOOKED_INTO

    zero: Any = 1e-9
    """The terms of a sum that may be 0 cancel to this part of theirs."""

    swallowed: Any = 0.0
    """A term smaller than this part of the other one makes a sum that is not looked into."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  every run has the same points

    def zeros(self, tape: Tape) -> set[int]:
        """Return the steps that are sums whose terms cancel here."""
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
        """Read a value where the operation is one that is looked into."""
        try:
            if op.binds in {SUM, PRODUCT} or op.prefix or op.name in LOOKED_INTO:
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
        """Return a whole power; of another one, another number."""
        whole = abs(y) < LARGEST_EXPONENT and y == round(y.real)
        return x ** round(y.real) if whole else self.any()

    def root(self, x: Any) -> Any:
        """Return one of two roots."""
        return cmath.sqrt(x) * self._random.choice((-1, 1))

    def logarithm(self, x: Any) -> Any:
        """Return one of many logarithms."""
        return cmath.log(x) + 2j * cmath.pi * self._random.randint(-2, 2)

    def circle_constant(self) -> Any:
        """Return π."""
        return complex(cmath.pi)


class _Decimals(_Floats):
    """Real numbers of many digits; roots and logarithms of negative ones are not looked into, nor is the value of π."""

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
        """Return a number in its place: what is 0 with any number is 0 with π."""
        return self.any()


def _critical(tape: Tape) -> set[int]:
    """Return the registers that an operation may fail at."""
    numbers = {register: Floats().const(number) for register, number in tape.constants.items()}
    return {
        operand
        for step in tape.steps
        for position, operand in enumerate(step.operands)
        if operand not in numbers and _fails(step.op, tuple(numbers.get(i, ELSEWHERE) for i in step.operands), position)
    }


@cache
def _fails(op: Op, operands: tuple[float, ...], position: int) -> bool:
    """Try out whether an operation is defined for any number as one of its operands."""
    tried = ([*operands[:position], probe, *operands[position + 1 :]] for probe in PROBES)
    return any(isinstance(Floats().value(op, numbers), Fault) for numbers in tried)
