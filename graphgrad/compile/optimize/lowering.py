"""Rewrites a tape for a machine: constants worked out, powers multiplied, what a language lacks written out."""

from __future__ import annotations

import math
from bisect import bisect_left
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.optimize.cancelling_sums import without_zeros
from graphgrad.compile.optimize.products_and_signs import Sharing, trim
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.table import ABS, NEG
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = ["GUARDED", "LONGER", "ROWS", "SHORTER", "lean"]


def lean(tape: Tape, knows: Callable[[Op], bool], language: str, shorter: Spellings | None = None) -> Tape:
    """Return a tape that computes the same with operations that a language `knows`.

    `shorter` says what costs less when written otherwise: a number at a time, in `ROWS`, or `GUARDED`. Raises
    `GraphgradError` where an operation is neither known nor made of known ones.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.tape.tape import lower
    >>> tape = lean(lower(build("", parse("sigmoid(x)*log(2)"))), lambda op: op.name != "sigmoid", "Python")
    >>> [step.op.name for step in tape.steps]
    ['neg', 'exp', 'add', 'div', 'mul']
    """
    m = _Lean(knows, language, shorter or SHORTER)
    tape = without_zeros(tape)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    return trim(m.tape([values[register] for register in tape.outputs]))


class _Lean(Sharing):
    """A tape in the words of one language."""

    def __init__(self, knows: Callable[[Op], bool], language: str, shorter: Spellings) -> None:
        super().__init__()
        self._knows, self._language, self._shorter = knows, language, shorter
        self._floats = Floats()
        self._open: set[Op] = set()

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation in the language's words, or find what it folds to."""
        refs = [self.lift(operand) for operand in operands]
        return self._folded(op, refs) or self._worked_out(op, refs) or self._written(op, refs)

    def _worked_out(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        numbers = [self._constants.get(ref.register) for ref in refs]
        if None in numbers:
            return None
        z = self._floats.value(op, [float(x) for x in numbers if x is not None])
        return None if isinstance(z, Fault) or math.isinf(z) else self.const(Fraction(z))

    def _written(self, op: Op, refs: Sequence[Ref]) -> Ref:
        shorter = self._shorter.get(op.name)
        if shorter and (found := shorter(self, *refs)) is not None:
            return found  # type: ignore[no-any-return]
        if self._knows(op):
            return self._record(op, tuple(ref.register for ref in refs))
        if op in self._open:
            hint = "its gradient can be computed with backprop() and compile()"
            raise GraphgradError(f"{self._language} has no function for {op.written}", hint=hint)
        self._open.add(op)
        longer = LONGER.get(op.name)
        result = self.lift(longer(self, *refs) if longer else op.value(self.operations, *refs))
        self._open.discard(op)
        return result

    def is_opposite(self, ref: Ref) -> bool:
        """Whether an operand is the negative of another one."""
        return self._is_result_of(ref, NEG)

    def is_absolute(self, ref: Ref) -> bool:
        """Whether an operand is the absolute value of another one."""
        return self._is_result_of(ref, ABS)

    def _is_result_of(self, ref: Ref, op: Op) -> bool:
        at = bisect_left(self._steps, ref.register, key=attrgetter("target"))
        return any(step.target == ref.register and step.op is op for step in self._steps[at : at + 1])


def _multiplied_out(longest: int) -> Callable[..., Any]:
    """Return what multiplies a power out that is whole, or half of it, with exponents up to `longest`."""

    def power(m: _Lean, x: Any, y: Ref) -> Any:
        exponent = m.number(y)
        if exponent is None or (2 * exponent).denominator != 1 or abs(exponent) > longest:
            return None
        factors, half = divmod(abs(exponent), 1)
        product: Any = m.sqrt(x) if half else None
        square = x * x if factors > 1 else None
        for factor in [square] * (int(factors) // 2) + [x] * (int(factors) % 2):
            product = factor if product is None else product * factor
        return product if exponent > 0 else 1 / product

    return power


SHORTER: Final[Spellings] = {"pow": _multiplied_out(4)}
"""Operations that cost less when written otherwise; None where they do not.

Beyond the largest exponent that is multiplied out, `pow` rounds better and costs no more.
"""


_short_power_of_rows: Final = _multiplied_out(8)
"""`pow` on rows costs as much as many products, and rounds only a few ulp better."""


def _power_of_rows(m: _Lean, x: Any, y: Ref) -> Any:
    """Take a whole power of the absolute value: of negative numbers, NumPy's takes forty times as long."""
    exponent = m.number(y)
    found = _short_power_of_rows(m, x, y)
    if found is not None or exponent is None or exponent.denominator != 1 or m.is_absolute(x):
        return found
    odd = exponent % 2
    power = m.pow(m.abs(x), abs(exponent) - odd)
    power = x * power if odd else power
    return power if exponent > 0 else 1 / power


def _hypotenuse(m: _Lean, x: Any, y: Any) -> Any:
    """Take the root of squares that neither overflow nor vanish, those of the larger operand's multiples."""
    x, y = m.abs(x), m.abs(y)
    larger, smaller = m.max(x, y), m.min(x, y)
    ratio = m.where(smaller < larger, smaller / larger, 1)
    return larger * m.sqrt(1 + ratio * ratio)


ROWS: Final[Spellings] = {"pow": _power_of_rows, "hypot": _hypotenuse}
"""Operations that cost less on many rows at a time."""


def _shared_sigmoid(m: _Lean, x: Any) -> Any:
    """Share the exponential between a sigmoid and that of the opposite."""
    if not m.is_opposite(x):
        return None
    power = m.exp(x)  # sigmoid of the opposite is made of it too
    return power / (1 + power)


GUARDED: Final[Spellings] = {**ROWS, "sigmoid": _shared_sigmoid}
"""Operations that cost less where an overflow is noticed afterwards, and its result computed again otherwise."""


def _sign(m: _Lean, x: Ref) -> Any:
    return m.where(m.gt(x, 0), 1, m.where(m.lt(x, 0), -1, 0))


def _smallest(m: _Lean, x: Ref, *xs: Ref) -> Any:
    for y in xs:
        x = m.where(m.le(x, y), x, y)
    return x


def _largest(m: _Lean, x: Ref, *xs: Ref) -> Any:
    for y in xs:
        x = m.where(m.ge(x, y), x, y)
    return x


LONGER: Final[Spellings] = {
    "abs": lambda m, x: m.where(m.lt(x, 0), -x, x),
    "sign": _sign,
    "min": _smallest,
    "max": _largest,
}
"""Operations written out by comparisons, for a language that does not know them."""
