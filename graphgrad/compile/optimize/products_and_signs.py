"""Simplify products, quotients, sums and signs of a tape, so that fewer operations are left.

The rewrites, with 2 and 3 for constants:

- Constant factors are collected: `2*(3*x)` becomes `6*x`.
- Signs move into sums: `y + -x` becomes `y - x`.
- A product with a reciprocal becomes a quotient: `x*(1/y)` becomes `x/y`.
- Factors are reassociated to share products: `(x*z)*y` becomes `(x*y)*z` where `x*y` is computed anyway.
- A common factor or denominator is drawn out of a sum: `x*y + x*z` becomes `x*(y + z)`.

Only intermediate results with a single use are taken apart, so that nothing is computed twice.
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

__all__ = ["CommutativeWriter", "simplified"]

MOST_ROUNDS: Final = 3
"""The most rewrites of the whole tape, after the first."""

WORTHWHILE: Final = 0.99
"""Another round follows if at most this part of the steps was left by the last one."""

ONE: Final = Fraction(1)


def simplified(tape: Tape) -> Tape:
    """Return a tape that computes the same, up to rounding, in no more steps.

    >>> m = CommutativeWriter()
    >>> x, y = m.input("x"), m.input("y")
    >>> tape = simplified(m.tape([y + 2 * (-x * (1 / y)) * 3]))
    >>> [step.op.glyph for step in tape.steps]
    ['÷', '×', '−']
    """
    best, moves_signs = _first_round(tape)
    for _ in range(MOST_ROUNDS):
        rewritten = _Simplifier(best, moves_signs=moves_signs, factors_out=True).rewritten()
        before, best = best, min(best, rewritten, key=lambda t: len(t.steps))
        if len(best.steps) > WORTHWHILE * len(before.steps):
            break
    return best if len(best.steps) <= len(tape.steps) else tape


def _first_round(tape: Tape) -> tuple[Tape, bool]:
    """Rewrite a tape, and tell whether shared signs were moved: where that costs no steps, later rounds may gain."""
    plain = _Simplifier(tape, moves_signs=False, factors_out=False)
    best = plain.rewritten()
    moved = _Simplifier(tape, moves_signs=True, factors_out=False).rewritten() if plain.left_signs else best
    return (moved, True) if len(moved.steps) <= len(best.steps) else (best, False)


class CommutativeWriter(Writer):
    """A writer whose common subexpression elimination knows commutativity: `x*y` and `y*x` are one step.

    A product with 0 stays: its other factor may have no value.
    """

    def __init__(self) -> None:
        super().__init__(strict=True)

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        swapped = self._known.get((op, *reversed(registers))) if op.commutes else None
        return super()._record(op, registers) if swapped is None else Ref(self, swapped)

    def number(self, ref: Ref) -> Fraction | None:
        """Return an operand's number if it is a constant, else None."""
        return self._constants.get(ref.register)


class _Scaled(NamedTuple):
    """An operand as a constant factor times a rest; the rest is None for a constant."""

    factor: Fraction
    rest: Ref | None


class _Simplifier(CommutativeWriter):
    """Rewrites a tape step by step, taking apart operands with a single use.

    `moves_signs` also moves the signs of shared operands, at the cost of a step for each; without it, `left_signs`
    tells whether there were any. `factors_out` draws common factors out of sums.
    """

    def __init__(self, tape: Tape, *, moves_signs: bool, factors_out: bool) -> None:
        super().__init__()
        self.left_signs = False
        self._tape = tape
        self._moves_signs, self._factors_out = moves_signs, factors_out
        self._steps_read = iter(tape.steps)
        self._uses = Counter(operand for step in tape.steps for operand in step.operands)
        self._uses.update(tape.outputs)
        self._products_read = {frozenset(s.operands) for s in tape.steps if s.op.commutes and s.op.absorbing}
        self._read_as = {self.const(number).register: register for register, number in tape.constants.items()}
        self._single_use: set[int] = set()
        self._products: dict[int, _Scaled] = {}
        self._factors: dict[int, tuple[Ref, Ref]] = {}
        self._quotients: dict[int, tuple[Ref, Ref]] = {}
        self._known_quotients: dict[tuple[int, int], Ref] = {}
        self._rewriting = False

    def rewritten(self) -> Tape:
        """Return the rewritten tape."""
        values = forward(self._tape, self, {name: self.input(name) for name in self._tape.inputs})
        return self.tape([values[register] for register in self._tape.outputs])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Rewrite the next step of the given tape, or write an operation that a rewrite consists of."""
        if self._rewriting:
            return super().value(op, operands)
        refs = [self.lift(operand) for operand in operands]
        step = next(self._steps_read)
        self._read_as |= {ref.register: read for ref, read in zip(refs, step.operands, strict=True)}
        self._single_use = {ref.register for ref in refs if self._uses[self._read_as[ref.register]] == 1}
        self._rewriting = True
        rewrite = REWRITES.get(op.name)
        result = rewrite(self, *refs) if rewrite else None
        result = super().value(op, refs) if result is None else result
        self._rewriting = False
        return result

    def scaled(self, ref: Ref) -> _Scaled:
        """Split an operand with a single use into factor and rest; of a shared one, at most the sign."""
        number = self.number(ref)
        if number is not None:
            return _Scaled(number, None)
        scaled = self._products.get(ref.register)
        if scaled is None or scaled.rest is None:
            return _Scaled(ONE, ref)
        if ref.register in self._single_use:
            self._allow_splitting(scaled.rest)
            return scaled
        self.left_signs = self.left_signs or scaled.factor < 0
        if scaled.factor > 0 or not self._moves_signs:
            return _Scaled(ONE, ref)
        return _Scaled(-ONE, self.times(-scaled.factor, scaled.rest))

    def _allow_splitting(self, ref: Ref) -> None:
        """Let an operand of a step that was taken apart be taken apart as well, unless it has other uses."""
        if self._uses[self._read_as.get(ref.register, -1)] <= 1:
            self._single_use.add(ref.register)

    def times(self, factor: Fraction, ref: Any) -> Ref:
        """Write a constant factor times an operand."""
        if factor is ONE or factor == 1:
            return ref  # type: ignore[no-any-return]
        number = self.const(factor)
        joined = None if factor == -1 else self._reassociated(number, ref)
        result: Ref = -ref if factor == -1 else number * ref if joined is None else joined
        if factor != -1:
            self._factors.setdefault(result.register, (number, ref))
        self._products[result.register] = _Scaled(factor, ref)
        return result

    def product(self, x: Any, y: Any) -> Ref:
        """Write a product of two operands that are no constants; with a reciprocal, as a quotient."""
        for a, b in ((x, y), (y, x)):
            if b.register in self._quotients and b.register in self._single_use:
                numerator, denominator = self._quotients[b.register]
                if self.number(numerator) == 1:
                    return self.quotient(a, denominator)
                known = self._known_quotients.get((a.register, denominator.register))
                if known is not None:
                    return known * numerator  # type: ignore[operator, no-any-return]
        joined = self._reassociated(x, y)
        joined = self._reassociated(y, x) if joined is None else joined
        result: Ref = x * y if joined is None else joined
        self._factors.setdefault(result.register, (x, y))
        return result

    def _reassociated(self, x: Any, product: Ref) -> Ref | None:
        """Write x*(a*b) as (x*a)*b where the given tape has x*a anyway; None where it has neither x*a nor x*b."""
        if product.register not in self._single_use or product.register not in self._factors:
            return None
        a, b = self._factors[product.register]
        for factor, other in ((a, b), (b, a)):
            if self._has_product(x, factor):
                return x * factor * other  # type: ignore[no-any-return]
        return None

    def _has_product(self, x: Ref, y: Ref) -> bool:
        """Whether the given tape multiplies two registers."""
        read = frozenset(self._read_as.get(ref.register, -1) for ref in (x, y))
        return read in self._products_read

    def quotient(self, x: Any, y: Any) -> Ref:
        """Write a quotient, and record its operands for later rewrites."""
        result: Ref = x / y
        self._quotients[result.register] = x, y
        self._known_quotients[x.register, y.register] = result
        return result

    def signed(self, ref: Ref) -> tuple[int, Ref]:
        """Split a term into its sign and the term without it."""
        scaled = self.scaled(ref)
        if scaled.rest is None or scaled.factor is ONE or scaled.factor > 0:
            return 1, ref
        term = self.times(-scaled.factor, scaled.rest)
        if ref.register in self._single_use:
            self._allow_splitting(term)
        return -1, term

    def total(self, left: tuple[int, Any], right: tuple[int, Any]) -> Ref:
        """Write a sum of two signed terms with at most one negation."""
        (x_sign, x), (y_sign, y) = left, right
        if self.number(x) == 0:
            return self.times(y_sign * ONE, y)
        if x_sign == y_sign:
            return self.times(x_sign * ONE, self._factored(x, y, add))
        return self._factored(*((x, y) if x_sign > 0 else (y, x)), sub)

    def _factored(self, x: Any, y: Any, combine: Callable[[Any, Any], Any]) -> Ref:
        """Write a sum or a difference: a*b + a*c as a*(b + c), and a/c + b/c as (a + b)/c."""
        if self._factors_out and x.register != y.register and {x.register, y.register} <= self._single_use:
            for (a, b), (c, d) in product(self._pairs(x), self._pairs(y)):
                if a.register == c.register:
                    number = self.number(a)
                    return self.product(a, combine(b, d)) if number is None else self.times(number, combine(b, d))
            quotients = [self._quotients[ref.register] for ref in (x, y) if ref.register in self._quotients]
            if len({denominator.register for _, denominator in quotients}) < len(quotients):
                return self.quotient(combine(*(numerator for numerator, _ in quotients)), quotients[0][1])
        return combine(x, y)  # type: ignore[no-any-return]

    def _pairs(self, product: Ref) -> Iterator[tuple[Ref, Ref]]:
        """Yield both orders of a product's two factors; nothing where it is no product."""
        if product.register in self._factors:
            a, b = self._factors[product.register]
            yield from ((a, b), (b, a))


def _product(m: _Simplifier, x: Ref, y: Ref) -> Ref | None:
    left, right = m.scaled(x), m.scaled(y)
    factor = left.factor if right.factor is ONE else left.factor * right.factor
    if not _is_plain(factor):
        return None
    if left.rest is None or right.rest is None:
        rest = right.rest if left.rest is None else left.rest
        return None if rest is None else m.times(factor, rest)
    return m.times(factor, m.product(left.rest, right.rest))


def _quotient(m: _Simplifier, x: Ref, y: Ref) -> Ref | None:
    left, right = m.scaled(x), m.scaled(y)
    if right.rest is None:
        exact = _is_power_of_two(right.factor) and left.rest is not None and _is_plain(left.factor / right.factor)
        return m.times(left.factor / right.factor, left.rest) if exact else None
    factor = left.factor / right.factor
    if not _is_plain(factor) or not (_is_power_of_two(right.factor) or left.rest is None):
        return m.quotient(x, y)
    if left.rest is None:
        return m.quotient(m.const(factor), right.rest)
    return m.times(factor, m.quotient(left.rest, right.rest))


def _negation(m: _Simplifier, x: Ref) -> Ref | None:
    scaled = m.scaled(x)
    return None if scaled.rest is None else m.times(-scaled.factor, scaled.rest)


def _sum(m: _Simplifier, x: Ref, y: Ref) -> Ref:
    return m.total(m.signed(x), m.signed(y))


def _difference(m: _Simplifier, x: Ref, y: Ref) -> Ref:
    sign, term = m.signed(y)
    return m.total(m.signed(x), (-sign, term))


REWRITES: Final[Spellings] = {
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
    "neg": _negation,
}
"""The rewrites by operation; one returns None where it leaves the operation as it is."""


def _is_plain(factor: Fraction) -> bool:
    """Whether a factor is a normal float: scaling by it loses no precision to underflow or overflow."""
    try:
        return 2 * math.ulp(0.0) / math.ulp(1.0) < abs(float(factor)) < math.inf
    except OverflowError:
        return False


def _is_power_of_two(number: Fraction) -> bool:
    mantissa, _ = math.frexp(abs(float(number)))
    return 2 * mantissa == 1 and Fraction(float(number)) == number
