"""Rewrites products, quotients and signs so that fewer operations are left.

Factors that are numbers meet, signs go into sums, and a product with a reciprocal is a quotient. Only an intermediate
result that nothing else needs is taken apart, so that no work is done twice.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.run.sweeps import forward
from graphgrad.tape import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.op import Op
    from graphgrad.tape import Tape

__all__ = ["Sharing", "trim"]

MOST_ROUNDS: Final = 4


def trim(tape: Tape) -> Tape:
    """Return a tape that computes the same, up to rounding, in no more steps.

    >>> m = Sharing()
    >>> x, y = m.input("x"), m.input("y")
    >>> tape = trim(m.tape([y + 2 * (-x * (1 / y)) * 3]))
    >>> [step.op.glyph for step in tape.steps]
    ['÷', '×', '−']
    """
    for _ in range(MOST_ROUNDS):
        m = _Trim(tape)
        values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
        shorter = m.tape([values[register] for register in tape.outputs])
        if len(shorter.steps) >= len(tape.steps):
            break
        tape = shorter
    return tape


class Sharing(Writer):
    """A tape on which a sum or a product is one step whichever way round its operands stand."""

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        swapped = self._known.get((op.name, *reversed(registers))) if _commutes(op) else None
        return super()._record(op, registers) if swapped is None else Ref(self, swapped)

    def number(self, ref: Ref) -> Fraction | None:
        """Return the number that an operand is, if it is constant."""
        return self._constants.get(ref.register)


def _commutes(op: Op) -> bool:
    """Whether an operation, as its neutral operand tells, is one and the same from both sides."""
    left, right = ((op.neutral or {}).get(position) for position in (0, 1))
    return left is not None and left == right


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A number times something: a constant where there is nothing else."""

    factor: Fraction
    of: Ref | None


class _Trim(Sharing):
    """Writes a tape anew; what is used but once may be taken apart."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._steps_read = iter(tape.steps)
        self._uses = Counter(operand for step in tape.steps for operand in step.operands)
        self._uses.update(tape.outputs)
        self._alone: set[int] = set()
        self._products: dict[int, _Scaled] = {}
        self._quotients: dict[int, tuple[Ref, Ref]] = {}
        self._known_quotients: dict[tuple[int, int], Ref] = {}
        self._reading = False

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write a step of the tape that is read, or an operation that a rewriting is made of."""
        refs = [self.lift(operand) for operand in operands]
        if self._reading:
            return super().value(op, refs)
        step = next(self._steps_read)
        self._alone = {ref.register for ref, read in zip(refs, step.operands, strict=True) if self._uses[read] == 1}
        self._reading = True
        rewritten = getattr(_Rewritten, op.name, None)
        result = rewritten(self, *refs) if rewritten else None
        result = super().value(op, refs) if result is None else result
        self._reading = False
        return result

    def scaled(self, ref: Ref) -> _Scaled:
        """Take an operand apart."""
        number = self.number(ref)
        if number is not None:
            return _Scaled(number, None)
        whole = _Scaled(Fraction(1), ref)
        found = self._products.get(ref.register, whole) if ref.register in self._alone else whole
        if found.of is not None and found is not whole:
            self._alone.add(found.of.register)
        return found

    def times(self, factor: Fraction, ref: Any) -> Ref:  # noqa: ANN401
        """Write a number times something."""
        if factor == 1:
            return ref  # type: ignore[no-any-return]
        result: Ref = -ref if factor == -1 else self.const(factor) * ref
        self._products[result.register] = _Scaled(factor, ref)
        return result

    def product(self, x: Any, y: Any) -> Ref:  # noqa: ANN401
        """Write a product of two things that are no numbers; with a reciprocal, as a quotient."""
        for a, b in ((x, y), (y, x)):
            if b.register in self._quotients and b.register in self._alone:
                above, below = self._quotients[b.register]
                if self.number(above) == 1:
                    return self.quotient(a, below)
                known = self._known_quotients.get((a.register, below.register))
                if known is not None:
                    return known * above  # type: ignore[operator, no-any-return]
        return x * y  # type: ignore[no-any-return]

    def quotient(self, x: Any, y: Any) -> Ref:  # noqa: ANN401
        """Write a quotient, and remember what it is made of."""
        result: Ref = x / y
        self._quotients[result.register] = x, y
        self._known_quotients[x.register, y.register] = result
        return result


class _Rewritten:
    """Operations that may be written in another way; None where they are left as they are."""

    @staticmethod
    def mul(m: _Trim, x: Ref, y: Ref) -> Ref | None:
        left, right = m.scaled(x), m.scaled(y)
        factor = left.factor * right.factor
        if not _is_plain(factor):
            return None
        if left.of is None or right.of is None:
            rest = left.of or right.of
            return None if rest is None else m.times(factor, rest)
        return m.times(factor, m.product(left.of, right.of))

    @staticmethod
    def div(m: _Trim, x: Ref, y: Ref) -> Ref | None:
        left, right = m.scaled(x), m.scaled(y)
        if right.of is None:
            exact = _is_power_of_two(right.factor) and left.of is not None
            return m.times(left.factor / right.factor, left.of) if exact else None
        factor = left.factor / right.factor
        if not _is_plain(factor) or not (_is_power_of_two(right.factor) or left.of is None):
            return m.quotient(x, y)
        if left.of is None:
            return m.quotient(m.const(factor), right.of)
        return m.times(factor, m.quotient(left.of, right.of))

    @staticmethod
    def neg(m: _Trim, x: Ref) -> Ref | None:
        scaled = m.scaled(x)
        return None if scaled.of is None else m.times(-scaled.factor, scaled.of)

    @staticmethod
    def add(m: _Trim, x: Any, y: Any) -> Ref | None:  # noqa: ANN401
        for a, b in ((x, y), (y, x)):
            scaled = m.scaled(b)
            if scaled.of is not None and scaled.factor < 0:
                return a - m.times(-scaled.factor, scaled.of)  # type: ignore[no-any-return]
        return None

    @staticmethod
    def sub(m: _Trim, x: Any, y: Any) -> Ref | None:  # noqa: ANN401
        scaled = m.scaled(y)
        if scaled.of is not None and scaled.factor < 0:
            return x + m.times(-scaled.factor, scaled.of)  # type: ignore[no-any-return]
        return None


def _is_plain(factor: Fraction) -> bool:
    """Whether a factor is a float of full precision, so that scaling by it loses nothing."""
    try:
        return 2 * math.ulp(0.0) / math.ulp(1.0) < abs(float(factor)) < math.inf
    except OverflowError:
        return False


def _is_power_of_two(number: Fraction) -> bool:
    mantissa, _ = math.frexp(abs(float(number)))
    return mantissa == 0.5 and Fraction(float(number)) == number  # noqa: PLR2004
