"""The tape that derivatives are written on: fewer signs, and nothing flowing into what a choice leaves out.

Where the interpreter lets nothing flow back into a branch that was not taken, this tape says so with a choice around
the whole flow: in `where(x > 0, log(x), 0)` the 1/x at x = 0 then never meets the 0 that it would be multiplied by.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import OPS
from graphgrad.tape.writer import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op, Step

__all__ = ["Flow", "TidyFlow"]

MOST_TURNS: Final = 8
"""On how many turns of conditions a flow may hang and still be kept out of all other branches."""

QUOTIENT: Final = "truediv"
"""What Python calls a division."""

COMMUTING: Final = frozenset(op for op in OPS.values() if op.commutes)
SIGNS: Final = frozenset(op for op in OPS.values() if op.prefix)

Turn = tuple[int, bool]
"""A condition's register, and which way it has to turn out."""

Gates = frozenset[frozenset[Turn]]
"""Where something may differ from 0: in any of these cases, each of which is several turns at once."""


class Flow(Writer):
    """A tape on which a factor of 0 that a choice put there keeps out what it is multiplied by.

    Beyond 0 and 1 it folds what changes no rounding: signs within signs, and the order of a sum or a product.

    >>> m = Flow()
    >>> x, y = m.input("x"), m.input("y")
    >>> [step.op.name for step in m.tape([x + y * -x, y * x - -(x * y)]).steps]
    ['mul', 'sub', 'add']
    """

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[int, Step] = {}
        self._opposites: dict[int, int] = {}
        self._gates: dict[int, Gates] = {}
        self._met: dict[int, int] = {}

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative, and note which choice it hangs on."""
        d = super().partial(op, position, z, operands)
        if isinstance(d, Ref) and (turn := self._choice(d.register)):
            self._gates[d.register] = frozenset([frozenset([turn])])
            self._met.setdefault(turn[0], len(self._met))
        return d

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        if op in COMMUTING and (op.name, *registers[::-1]) in self._known:
            registers = registers[::-1]
        made = super()._record(op, registers)
        self._made.setdefault(made.register, self._steps[-1])
        if op in SIGNS:
            self._opposites[made.register] = registers[0]
        elif op.absorbing and op.negated and not self._opposites.keys().isdisjoint(registers):
            self._hand_sign_on(op, registers, made.register)
        return made

    def _hand_sign_on(self, op: Op, registers: tuple[int, ...], product: int) -> None:
        for position in op.negated:
            opposite = self._opposites.get(registers[position])
            if opposite is not None and product not in self._opposites:
                operands = (*registers[:position], opposite, *registers[position + 1 :])
                self._opposites[product] = self.value(op, [Ref(self, operand) for operand in operands]).register

    def _may_fold(self, registers: tuple[int, ...]) -> bool:
        return super()._may_fold(registers) or not self._opposites.keys().isdisjoint(registers)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        return super()._folded(op, refs) or self._without_sign(op, refs)

    def _without_sign(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Return what an operation is in terms of the opposites of its operands, where that has fewer signs."""
        for position, rule in op.negated.items():
            opposite = self._opposite(op, position, refs)
            if opposite is not None:
                return self.lift(rule(self, *refs[:position], opposite, *refs[position + 1 :]))
        return None

    def _opposite(self, op: Op, position: int, refs: Sequence[Ref]) -> Ref | None:
        register = refs[position].register
        number = self._constants.get(register)
        if number is not None and number < 0 and (op.neutral or {}).get(position) in (0, -number):
            return self.const(-number)
        if register not in self._opposites:
            return None
        # A product hands a sign on: only two of them are worth it, which cancel.
        alone = op.absorbing and not all(ref.register in self._opposites for ref in refs)
        return None if alone else Ref(self, self._opposites[register])

    def _choice(self, register: int) -> Turn | None:
        """Return where a choice between something and 0 is not 0."""
        step = self._made.get(register)
        if step is None or not step.op.chooses:
            return None
        zeros = [self._constants.get(i) == 0 for i in step.operands[1:]]
        return None if zeros[0] == zeros[1] else (step.operands[0], zeros[1])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, a choice between it and 0 where one of its operands is such a choice."""
        if not self._gates:
            return super().value(op, operands)
        refs = [self.lift(operand) for operand in operands]
        gates = self._gates_of(op, refs)
        if gates is None:
            return super().value(op, refs)
        if op.absorbing or len(gates) == 1:
            result = self._gated(gates, super().value(op, [self._opened(ref, gates) for ref in refs]))
        else:
            result = super().value(op, refs)
        self._gates[result.register] = gates
        return result

    def _gates_of(self, op: Op, refs: Sequence[Ref]) -> Gates | None:
        """Return where a result may differ from 0: a product where its factors do, a sum where either term does."""
        found = [self._gates.get(ref.register) for ref in refs]
        factors = [gates for i, gates in enumerate(found) if gates is not None and self._absorbs(op, i)]
        if factors:
            return reduce(_both, factors)
        terms = [gates for gates in found if gates is not None]
        is_sum = set((op.neutral or {}).values()) == {0}
        return _either(terms) if is_sum and len(terms) == len(refs) else None

    def _absorbs(self, op: Op, position: int) -> bool:
        return (op.absorbing or {}).get(position) == (0, 0)

    def _opened(self, ref: Ref, gates: Gates) -> Ref:
        """Return what choices let through that cannot turn out otherwise within the gates."""
        turn = self._choice(ref.register)
        if turn is None or not all(turn in gate for gate in gates):
            return ref
        return self._opened(Ref(self, self._made[ref.register].operands[1 if turn[1] else 2]), gates)

    def _gated(self, gates: Gates, ref: Ref) -> Ref:
        result = self.const(Fraction(0))
        for gate in sorted((self._nested(gate) for gate in gates), reverse=True):
            inside = ref
            for _, condition, holds in reversed(gate):
                inside = self.where(Ref(self, condition), *((inside, result) if holds else (result, inside)))
            result = inside
        return result

    def _nested(self, gate: frozenset[Turn]) -> list[tuple[int, int, bool]]:
        """Return a gate's turns from the outside in: on the way back, the outer choice is met first."""
        return sorted((self._met[condition], condition, holds) for condition, holds in gate)


def _both(a: Gates, b: Gates) -> Gates:
    """Return where both are open; where that is too much to say, where the second one is."""
    gates = frozenset(x | y for x in a for y in b if not any((condition, not holds) in y for condition, holds in x))
    return gates if sum(map(len, gates)) <= MOST_TURNS else b


def _either(terms: Sequence[Gates]) -> Gates | None:
    """Return where any is open; None where that is everywhere, or too much to say."""
    gates = set(chain.from_iterable(terms))
    for gate in sorted(gates, key=len, reverse=True):
        _widen(gates, gate)
    least = frozenset(gate for gate in gates if not any(other < gate for other in gates))
    return None if frozenset() in least or sum(map(len, least)) > MOST_TURNS else least


def _widen(gates: set[frozenset[Turn]], gate: frozenset[Turn]) -> None:
    """Take a condition out of a gate where it is open whichever way that turns out."""
    for condition, holds in gate:
        wider = gate - {(condition, holds)}
        if wider | {(condition, not holds)} in gates:
            gates.add(wider)
            _widen(gates, wider)


class TidyFlow(Flow):
    """The same, shorter to read and rounded less often: like terms drawn together, a factor 1/y as a division.

    >>> m = TidyFlow()
    >>> x, y = m.input("x"), m.input("y")
    >>> [step.op.name for step in m.tape([y * (1 / x), y + x * 2 + x]).steps]
    ['div', 'mul', 'add']
    """

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        if op.commutes and op.absorbing and registers[1] in self._constants:
            registers = registers[::-1]
        return super()._record(op, registers)

    def _may_fold(self, registers: tuple[int, ...]) -> bool:
        return bool(registers)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        tidier = super()._folded(op, refs)
        if tidier or not op.commutes:
            return tidier
        return self._divided(refs) if op.absorbing else self._collected(op, refs) or self._chosen_once(refs)

    def _divided(self, refs: Sequence[Ref]) -> Ref | None:
        for ref, other in (refs, refs[::-1]):
            step = self._made.get(ref.register)
            if step and step.op.dunder == QUOTIENT and self._constants.get(step.operands[0]) == 1:
                return self.lift(other / Ref(self, step.operands[1]))  # type: ignore[operator]
        return None

    def _collected(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Return a sum with like terms as one: c*x + d*x, or so within a sum on the left."""
        left, (number, base) = refs[0], self._term(refs[1])
        if self._term(left)[1] == base:
            return self.lift((self._term(left)[0] + number) * Ref(self, base))  # type: ignore[operator]
        step = self._made.get(left.register)
        if step is None or step.op is not op:
            return None
        for like, other in (step.operands, step.operands[::-1]):
            factor, found = self._term(Ref(self, like))
            if found == base:
                return self.lift(Ref(self, other) + (factor + number) * Ref(self, base))  # type: ignore[operator]
        return None

    def _chosen_once(self, refs: Sequence[Ref]) -> Ref | None:
        """Return a sum of two choices by the same condition as one choice between two sums."""
        steps = [self._made.get(ref.register) for ref in refs]
        chosen = [step.operands for step in steps if step and step.op.chooses]
        if len(chosen) != len(refs) or chosen[0][0] != chosen[1][0]:
            return None
        (condition, *left), (_, *right) = ([Ref(self, i) for i in operands] for operands in chosen)
        sums = (a + b for a, b in zip(left, right, strict=True))  # type: ignore[operator]
        return self.lift(self.where(condition, *sums))

    def _term(self, ref: Ref) -> tuple[Fraction, int]:
        """Return a term as a constant factor and what it multiplies."""
        step = self._made.get(ref.register)
        if step and step.op.commutes and step.op.absorbing and step.operands[0] in self._constants:
            return self._constants[step.operands[0]], step.operands[1]
        return Fraction(1), ref.register
