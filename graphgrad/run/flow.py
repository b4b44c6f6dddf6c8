"""The tape that derivatives are written on: fewer signs, and nothing flowing into what a choice leaves out.

Where the interpreter lets nothing flow back into a branch that was not taken, this tape says so with a choice around
the whole flow: in `where(x > 0, log(x), 0)` the 1/x at x = 0 then never meets the 0 that it would be multiplied by.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.tape import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.op import Op
    from graphgrad.tape import Step

__all__ = ["Flow", "TidyFlow"]

MOST_GATES: Final = 8
"""From how many branches a flow may come and still be kept out of all the others."""

QUOTIENT: Final = "truediv"
"""What Python calls a division."""

Gate = tuple[int, bool]
"""A condition's register, and which way it has to turn out."""


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
        self._gates: dict[int, frozenset[Gate]] = {}

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:  # noqa: ANN401
        """Read a local derivative, and note which choice it hangs on."""
        d = super().partial(op, position, z, operands)
        if isinstance(d, Ref) and (gate := self._choice(d.register)):
            self._gates[d.register] = frozenset([gate])
        return d

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        if op.commutes and (op.name, *registers[::-1]) in self._known:
            registers = registers[::-1]
        made = super()._record(op, registers)
        self._made.setdefault(made.register, self._steps[-1])
        if op.prefix:
            self._opposites[made.register] = registers[0]
        elif op.absorbing and op.negated:
            self._hand_sign_on(op, registers, made.register)
        return made

    def _hand_sign_on(self, op: Op, registers: tuple[int, ...], product: int) -> None:
        for position in op.negated:
            opposite = self._opposites.get(registers[position])
            if opposite is not None and product not in self._opposites:
                operands = (*registers[:position], opposite, *registers[position + 1 :])
                self._opposites[product] = self.value(op, [Ref(self, operand) for operand in operands]).register

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
        register, neutral = refs[position].register, (op.neutral or {}).get(position)
        number = self._constants.get(register, Fraction(0))
        if number < 0 and neutral in (0, -number):
            return self.const(-number)
        # A product hands a sign on: only two of them are worth it, which cancel.
        alone = op.absorbing and not all(ref.register in self._opposites for ref in refs)
        operand = None if alone else self._opposites.get(register)
        return None if operand is None else Ref(self, operand)

    def _choice(self, register: int) -> Gate | None:
        """Return the gate of a choice between something and 0."""
        step = self._made.get(register)
        if step is None or not step.op.chooses:
            return None
        zeros = [self._constants.get(i) == 0 for i in step.operands[1:]]
        return None if zeros[0] == zeros[1] else (step.operands[0], zeros[1])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, a choice between it and 0 where one of its operands is such a choice."""
        refs = [self.lift(operand) for operand in operands]
        gates = self._gates_of(op, refs) if self._gates else None
        if not gates:
            return super().value(op, refs)
        opened = [self._opened(ref, gates) for ref in refs]
        result = super().value(op, refs) if opened == refs else self.value(op, opened)
        if op.absorbing or len(gates) == 1:
            result = self._gated(sorted(gates), result)
        self._gates[result.register] = gates
        return result

    def _gates_of(self, op: Op, refs: Sequence[Ref]) -> frozenset[Gate]:
        """Return where a result may differ from 0: a product where its factors do, a sum where either term does."""
        found = [self._gates.get(ref.register, frozenset()) for ref in refs]
        absorbing = [gates for i, gates in enumerate(found) if (op.absorbing or {}).get(i) == (0, 0)]
        if absorbing or set((op.neutral or {}).values()) != {0} or not all(found):
            return next(filter(None, absorbing), frozenset())
        gates = frozenset().union(*found)
        open_anyway = any((condition, not holds) in gates for condition, holds in gates)
        return frozenset() if open_anyway or len(gates) > MOST_GATES else gates

    def _opened(self, ref: Ref, gates: frozenset[Gate]) -> Ref:
        """Return what a choice lets through where its own gate is the only one."""
        gate = self._choice(ref.register)
        if gate is None or gates != {gate}:
            return ref
        return Ref(self, self._made[ref.register].operands[1 if gate[1] else 2])

    def _gated(self, gates: Sequence[Gate], ref: Ref) -> Ref:
        result = self.const(Fraction(0))
        for condition, holds in gates:
            result = self.where(Ref(self, condition), *((ref, result) if holds else (result, ref)))
        return result


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
