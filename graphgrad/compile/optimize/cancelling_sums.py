"""Finds the sums that are 0 whatever the inputs are, and leaves out what only they need.

Where a derivative's terms cancel, as those of the Black–Scholes formula do, a textbook leaves them out. Such a sum is
told by trying it out: what is 0 in many digits at random complex points, on whichever branch of its roots and
logarithms, is 0 everywhere (after Gonnet, "Determining equivalence of expressions in random polynomial time", 1984).
"""

from __future__ import annotations

import cmath
import math
from functools import cache
from itertools import chain
from random import Random
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.many_digits import Mpmath
from graphgrad.namespaces.namespace import Fault, Namespace
from graphgrad.ops.elementary import PRODUCT, SUM
from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op, Step
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["without_zeros"]

FLOAT_DIGITS: Final = 9
"""To so many digits the terms of a sum that may be 0 cancel in floats."""

DIGITS: Final = 100
SURE_DIGITS: Final = 60
"""To so many digits they cancel where the sum is 0; a sum may lose a third of the others by swallowing a term."""

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
    zeros = {step.target for step in tape.steps} - {step.target for step in tape.leading_to(tape.outputs[0]).steps}
    for place in chain(map(_Anywhere, range(FLOAT_POINTS)), map(_Precisely, range(POINTS))):
        zeros &= place.zeros(tape)
        if not zeros:
            return tape
    return _without(zeros, tape)


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


class _Anywhere(Namespace):
    """Complex numbers at random, roots and logarithms on a random branch; what is not looked into, another number."""

    library: Any = cmath
    digits = FLOAT_DIGITS
    swallowed = 0.0

    def __init__(self, seed: int) -> None:
        """Choose a point."""
        self._random = Random(seed)  # noqa: S311  every run has the same points

    def zeros(self, tape: Tape) -> set[int]:
        """Return the steps that are sums whose terms cancel here."""
        values = forward(tape, self, {name: self.any() for name in tape.inputs})
        return {step.target for step in tape.steps if step.op.binds == SUM and self._cancels(step, values)}

    def _cancels(self, step: Step, values: Sequence[Any]) -> bool:
        left, right = (abs(values[operand]) for operand in step.operands)
        return bool(abs(values[step.target]) < max(left, right) * 10**-self.digits)

    def any(self) -> Any:
        """Return a number."""
        return self.number(cmath.rect(self._random.uniform(0.5, 2), self._random.uniform(-math.pi, math.pi)))

    def number(self, z: complex) -> Any:
        """Return a number of the library's."""
        return z

    def const(self, number: Fraction) -> Any:
        """Return the number itself."""
        return complex(number)

    def value(self, op: Op, operands: Sequence[Any]) -> Any:
        """Read a value where the operation is one that is looked into."""
        try:
            if op.binds in {SUM, PRODUCT} or op.prefix or hasattr(_Anywhere, op.name):
                z = op.value(self, *operands, stable=False)
                return self.any() if op.binds == SUM and self._swallows(*map(abs, operands)) else z
        except (ArithmeticError, ValueError):
            pass
        return self.any()

    def _swallows(self, left: Any, right: Any) -> bool:
        return bool(min(left, right) < max(left, right) * self.swallowed)

    def exp(self, x: Any) -> Any:
        """Return a power of e."""
        return self.library.exp(x) if abs(x) < LARGEST_EXPONENT else self.any()

    def pow(self, x: Any, y: Any) -> Any:
        """Return a whole power."""
        whole = abs(y) < LARGEST_EXPONENT and y == round(y.real)
        return x ** round(y.real) if whole else self.any()

    def sqrt(self, x: Any) -> Any:
        """Return one of two roots."""
        return self.library.sqrt(x) * self._random.choice((-1, 1))

    def log(self, x: Any) -> Any:
        """Return one of many logarithms."""
        return self.library.log(x) + self.number(2j * self._random.randint(-2, 2)) * self.pi

    @property
    def pi(self) -> Any:
        """Return the circle constant."""
        return +self.library.pi


class _Precisely(_Anywhere):
    """The same in many digits."""

    digits = SURE_DIGITS
    swallowed = 10.0 ** -((DIGITS - SURE_DIGITS) // 2)

    def __init__(self, seed: int) -> None:
        """Choose a point."""
        super().__init__(seed)
        self._mpmath = Mpmath(digits=DIGITS)
        self.library = self._mpmath.context

    def number(self, z: complex) -> Any:
        """Return a number of the library's."""
        return self.library.mpc(z)

    def const(self, number: Fraction) -> Any:
        """Return the number itself."""
        return self._mpmath.const(number)


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
