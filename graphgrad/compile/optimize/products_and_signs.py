"""Rewrites products, quotients and signs so that fewer operations are left.

Factors that are numbers meet, signs go into sums, a product with a reciprocal is a quotient, and factors meet in the
order in which they meet elsewhere. Only an intermediate result that nothing else needs is taken apart, so that no work
is done twice.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import product
from operator import add, sub
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.tape.sweeps import forward
from graphgrad.tape.writer import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["Sharing", "trim"]

MOST_ROUNDS: Final = 3

WORTHWHILE: Final = 0.99
"""What has to be left of a tape's steps, at most, for another round."""

ONE: Final = Fraction(1)


def trim(tape: Tape) -> Tape:
    """Return a tape that computes the same, up to rounding, in no more steps.

    >>> m = Sharing()
    >>> x, y = m.input("x"), m.input("y")
    >>> tape = trim(m.tape([y + 2 * (-x * (1 / y)) * 3]))
    >>> [step.op.glyph for step in tape.steps]
    ['÷', '×', '−']
    """
    best, turns = _way(tape)
    for _ in range(MOST_ROUNDS):
        before, best = best, min(best, _Trim(best, turns=turns, draws=True).rewritten(), key=lambda t: len(t.steps))
        if len(best.steps) > WORTHWHILE * len(before.steps):
            break
    return best if len(best.steps) <= len(tape.steps) else tape


def _way(tape: Tape) -> tuple[Tape, bool]:
    """Write a tape anew, and say whether signs are turned: if that takes no more steps, the next rounds may gain."""
    plain = _Trim(tape, turns=False, draws=False)
    best = plain.rewritten()
    turned = _Trim(tape, turns=True, draws=False).rewritten() if plain.left_signs else best
    return (turned, True) if len(turned.steps) <= len(best.steps) else (best, False)


class Sharing(Writer):
    """A tape on which a sum or a product is one step whichever way round its operands stand."""

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        swapped = self._known.get((op.name, *reversed(registers))) if op.commutes else None
        return super()._record(op, registers) if swapped is None else Ref(self, swapped)

    def number(self, ref: Ref) -> Fraction | None:
        """Return the number that an operand is, if it is constant."""
        return self._constants.get(ref.register)


class _Scaled(NamedTuple):
    """A number times something: a constant where there is nothing else."""

    factor: Fraction
    of: Ref | None


class _Trim(Sharing):
    """Writes a tape anew; what is used but once may be taken apart.

    It `turns` signs of what several need, or has `left_signs`, and `draws` common factors out of sums, or does not.
    """

    def __init__(self, tape: Tape, *, turns: bool, draws: bool) -> None:
        super().__init__()
        self.left_signs = False
        self._tape = tape
        self._turns, self._draws = turns, draws
        self._steps_read = iter(tape.steps)
        self._uses = Counter(operand for step in tape.steps for operand in step.operands)
        self._uses.update(tape.outputs)
        self._pairs_read = {frozenset(s.operands) for s in tape.steps if s.op.commutes and s.op.absorbing}
        self._read_as = {self.const(number).register: register for register, number in tape.constants.items()}
        self._alone: set[int] = set()
        self._products: dict[int, _Scaled] = {}
        self._factors: dict[int, tuple[Ref, Ref]] = {}
        self._quotients: dict[int, tuple[Ref, Ref]] = {}
        self._known_quotients: dict[tuple[int, int], Ref] = {}
        self._reading = False

    def rewritten(self) -> Tape:
        """Write the whole tape."""
        values = forward(self._tape, self, {name: self.input(name) for name in self._tape.inputs})
        return self.tape([values[register] for register in self._tape.outputs])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write a step of the tape that is read, or an operation that a rewriting is made of."""
        if self._reading:
            return super().value(op, operands)
        refs = [self.lift(operand) for operand in operands]
        step = next(self._steps_read)
        self._read_as |= {ref.register: read for ref, read in zip(refs, step.operands, strict=True)}
        self._alone = {ref.register for ref in refs if self._uses[self._read_as[ref.register]] == 1}
        self._reading = True
        rewritten = REWRITTEN.get(op.name)
        result = rewritten(self, *refs) if rewritten else None
        result = super().value(op, refs) if result is None else result
        self._reading = False
        return result

    def scaled(self, ref: Ref) -> _Scaled:
        """Take an operand apart; a sign, where signs are turned, even if others need it."""
        number = self.number(ref)
        if number is not None:
            return _Scaled(number, None)
        found = self._products.get(ref.register)
        if found is None or found.of is None:
            return _Scaled(ONE, ref)
        if ref.register in self._alone:
            self._hand_on(found.of)
            return found
        self.left_signs = self.left_signs or found.factor < 0
        if found.factor > 0 or not self._turns:
            return _Scaled(ONE, ref)
        return _Scaled(-ONE, self.times(-found.factor, found.of))

    def _hand_on(self, ref: Ref) -> None:
        """Let what something is made of be taken apart as well, unless others need it."""
        if self._uses[self._read_as.get(ref.register, -1)] <= 1:
            self._alone.add(ref.register)

    def times(self, factor: Fraction, ref: Any) -> Ref:
        """Write a number times something."""
        if factor is ONE or factor == 1:
            return ref  # type: ignore[no-any-return]
        number = self.const(factor)
        result: Ref = -ref if factor == -1 else self._met(number, ref) or number * ref
        if factor != -1:
            self._factors.setdefault(result.register, (number, ref))
        self._products[result.register] = _Scaled(factor, ref)
        return result

    def product(self, x: Any, y: Any) -> Ref:
        """Write a product of two things that are no numbers; with a reciprocal, as a quotient."""
        for a, b in ((x, y), (y, x)):
            if b.register in self._quotients and b.register in self._alone:
                above, below = self._quotients[b.register]
                if self.number(above) == 1:
                    return self.quotient(a, below)
                known = self._known_quotients.get((a.register, below.register))
                if known is not None:
                    return known * above  # type: ignore[operator, no-any-return]
        result: Ref = self._met(x, y) or self._met(y, x) or x * y
        self._factors.setdefault(result.register, (x, y))
        return result

    def _met(self, x: Any, product: Ref) -> Ref | None:
        """Write x times a product with that factor first which x is multiplied by elsewhere, too."""
        if product.register not in self._alone or product.register not in self._factors:
            return None
        a, b = self._factors[product.register]
        for factor, other in ((a, b), (b, a)):
            if self._stands(x, factor):
                return x * factor * other  # type: ignore[no-any-return]
        return None

    def _stands(self, x: Ref, y: Ref) -> bool:
        """Whether a product is on the tape that is read."""
        read = frozenset(self._read_as.get(ref.register, -1) for ref in (x, y))
        return read in self._pairs_read

    def quotient(self, x: Any, y: Any) -> Ref:
        """Write a quotient, and remember what it is made of."""
        result: Ref = x / y
        self._quotients[result.register] = x, y
        self._known_quotients[x.register, y.register] = result
        return result

    def signed(self, ref: Ref) -> tuple[int, Ref]:
        """Take a sign off a term."""
        scaled = self.scaled(ref)
        if scaled.of is None or scaled.factor is ONE or scaled.factor > 0:
            return 1, ref
        term = self.times(-scaled.factor, scaled.of)
        if ref.register in self._alone:
            self._hand_on(term)
        return -1, term

    def total(self, left: tuple[int, Any], right: tuple[int, Any]) -> Ref:
        """Write a sum of terms with their signs."""
        (sign, x), (other, y) = left, right
        if self.number(x) == 0:
            return self.times(other * ONE, y)
        if sign == other:
            return self.times(sign * ONE, self._drawn_together(x, y, add))
        return self._drawn_together(*((x, y) if sign > 0 else (y, x)), sub)

    def _drawn_together(self, x: Any, y: Any, combine: Callable[[Any, Any], Any]) -> Ref:
        """Write a sum or a difference; of two products with a common factor, or two quotients, as one of them."""
        if self._draws and x.register != y.register and {x.register, y.register} <= self._alone:
            for (a, b), (c, d) in product(self._pairs(x), self._pairs(y)):
                if a.register == c.register:
                    number = self.number(a)
                    return self.product(a, combine(b, d)) if number is None else self.times(number, combine(b, d))
            quotients = [self._quotients[ref.register] for ref in (x, y) if ref.register in self._quotients]
            if len({below.register for _, below in quotients}) < len(quotients):
                return self.quotient(combine(*(above for above, _ in quotients)), quotients[0][1])
        return combine(x, y)  # type: ignore[no-any-return]

    def _pairs(self, product: Ref) -> Iterator[tuple[Ref, Ref]]:
        """Yield a product's factors, each with the other one."""
        if product.register in self._factors:
            a, b = self._factors[product.register]
            yield from ((a, b), (b, a))


def _product(m: _Trim, x: Ref, y: Ref) -> Ref | None:
    left, right = m.scaled(x), m.scaled(y)
    factor = left.factor if right.factor is ONE else left.factor * right.factor
    if not _is_plain(factor):
        return None
    if left.of is None or right.of is None:
        rest = left.of or right.of
        return None if rest is None else m.times(factor, rest)
    return m.times(factor, m.product(left.of, right.of))


def _quotient(m: _Trim, x: Ref, y: Ref) -> Ref | None:
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


def _opposite(m: _Trim, x: Ref) -> Ref | None:
    scaled = m.scaled(x)
    return None if scaled.of is None else m.times(-scaled.factor, scaled.of)


def _sum(m: _Trim, x: Ref, y: Ref) -> Ref:
    return m.total(m.signed(x), m.signed(y))


def _difference(m: _Trim, x: Ref, y: Ref) -> Ref:
    sign, term = m.signed(y)
    return m.total(m.signed(x), (-sign, term))


REWRITTEN: Final[Spellings] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "neg": _opposite,
}
"""Operations that may be written in another way; None where they are left as they are."""


def _is_plain(factor: Fraction) -> bool:
    """Whether a factor is a float of full precision, so that scaling by it loses nothing."""
    try:
        return 2 * math.ulp(0.0) / math.ulp(1.0) < abs(float(factor)) < math.inf
    except OverflowError:
        return False


def _is_power_of_two(number: Fraction) -> bool:
    mantissa, _ = math.frexp(abs(float(number)))
    return mantissa == 0.5 and Fraction(float(number)) == number  # noqa: PLR2004
