"""Write derivatives on a tape: fold signs, and guard them by the branches that they need.

A path condition says in which branches a value can differ from 0. Take `where(x > 0, log(x), 0)`, whose steps are

    c = x > 0        l = log(x)        z = where(c, l, 0)

On the way back, the local derivative of z by l is `where(c, 1, 0)`. It is 0 unless c holds: its path condition is "c".
The backward sweep multiplies it by the local derivative of the logarithm, 1/x. The plain product `where(c, 1, 0)*(1/x)`
has no value at x = 0. A product has the path conditions of its factors, and so it is written with the choice around it,

    where(c, 1/x, 0)

in which 1/x has no effect where c does not hold: the derivative at 0 is 0, as it is when the sweep runs on numbers.
Within a further choice by d, the path condition is "c and d"; adding a term for which it is "e" gives "c and d, or e".
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import NEG, OPS
from graphgrad.tape.writer import Ref, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op, Step

__all__ = ["CompactDerivativeWriter", "DerivativeWriter"]

MAX_BRANCHES: Final = 8
"""The most branches that a path condition may name, in all of its cases together."""

QUOTIENT: Final = "truediv"
"""What Python calls a division."""

COMMUTING: Final = frozenset(op for op in OPS.values() if op.commutes)

Branch = tuple[int, bool]
"""The register of a choice's condition, and whether it has to hold."""

Case = frozenset[Branch]
"""Branches that are taken together: `{(c, True), (d, False)}` is "c and not d"."""

PathCondition = frozenset[Case]
"""Where a value can differ from 0: in any of these cases."""


class DerivativeWriter(Writer):
    """A tape on which a factor that is 0 by a choice guards the whole product by that choice.

    Beyond 0 and 1, it folds what changes no rounding: signs within signs, and the order of a sum or a product.

    >>> m = DerivativeWriter()
    >>> x, y = m.input("x"), m.input("y")
    >>> [step.op.name for step in m.tape([x + y * -x, y * x - -(x * y)]).steps]
    ['mul', 'sub', 'add']

    The local derivative of `where(x > 0, log(x), 0)` by its second operand, times that of the logarithm:

    >>> c, l = m.gt(x, 0), m.log(x)
    >>> d = m.partial(OPS["where"], 1, m.where(c, l, 0), [c, l, m.lift(0)])
    >>> [step.op.name for step in m.tape([d * (1 / x)]).steps]
    ['gt', 'div', 'where']
    """

    def __init__(self, *, stable: bool = True, strict: bool = False) -> None:
        super().__init__(stable=stable, strict=strict)
        self._step_of: dict[int, Step] = {}
        self._negation_of: dict[int, int] = {}
        self._path_conditions: dict[int, PathCondition] = {}
        self._nesting: dict[int, int] = {}  # of conditions, the outermost one first

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative, and note the branch that it needs, if it is a choice between a number and 0."""
        d = super().partial(op, position, z, operands)
        if isinstance(d, Ref) and (branch := self._branch(d.register)):
            self._path_conditions[d.register] = frozenset([frozenset([branch])])
            self._nesting.setdefault(branch[0], len(self._nesting))
        return d

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        if op in COMMUTING and (op, *registers[::-1]) in self._known:
            registers = registers[::-1]
        result = super()._record(op, registers)
        self._step_of.setdefault(result.register, self._steps[-1])
        if op is NEG:
            self._negation_of[result.register] = registers[0]
        elif op.absorbing and op.negated and not self._negation_of.keys().isdisjoint(registers):
            self._note_negative_product(op, registers, result.register)
        return result

    def _note_negative_product(self, op: Op, registers: tuple[int, ...], product: int) -> None:
        """Note that a product with a negated factor, (-x)*y, is the negation of the product without the sign."""
        for position in op.negated:
            positive = self._negation_of.get(registers[position])
            if positive is not None and product not in self._negation_of:
                operands = (*registers[:position], positive, *registers[position + 1 :])
                self._negation_of[product] = self.value(op, [Ref(self, operand) for operand in operands]).register

    def _may_fold(self, registers: tuple[int, ...]) -> bool:
        return super()._may_fold(registers) or not self._negation_of.keys().isdisjoint(registers)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        folded = super()._folded(op, refs)
        return self._without_sign(op, refs) if folded is None else folded

    def _without_sign(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Return an operation with one sign less: x - y for x + (-y)."""
        for position, rule in op.negated.items():
            positive = self._positive(op, position, refs)
            if positive is not None:
                return self.lift(rule(self.operations, *refs[:position], positive, *refs[position + 1 :]))
        return None

    def _positive(self, op: Op, position: int, refs: Sequence[Ref]) -> Ref | None:
        """Return an operand without its sign, if it has one that is worth removing."""
        register = refs[position].register
        number = self._constants.get(register)
        if number is not None and number < 0 and (op.neutral or {}).get(position) in (0, -number):
            return self.const(-number)
        if register not in self._negation_of:
            return None
        # A product with one sign is left as it is; two signs cancel.
        single = op.absorbing and not all(ref.register in self._negation_of for ref in refs)
        return None if single else Ref(self, self._negation_of[register])

    def _branch(self, register: int) -> Branch | None:
        """Return the branch in which a choice between something and 0 is not 0."""
        step = self._step_of.get(register)
        if step is None or not step.op.chooses:
            return None
        zeros = [self._constants.get(i) == 0 for i in step.operands[1:]]
        return None if zeros[0] == zeros[1] else (step.operands[0], zeros[1])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, guarded by its path condition where it has one."""
        if not self._path_conditions:
            return super().value(op, operands)
        refs = [self.lift(operand) for operand in operands]
        path = self._path_condition(op, refs)
        if path is None:
            return super().value(op, refs)
        if op.absorbing or len(path) == 1:
            inside = super().value(op, [self._within(ref, path) for ref in refs])
            if path and self._constants.get(inside.register) == 0:
                return self._zero(super().value(op, refs), path)
            result = self._guarded(path, inside)
        else:
            result = super().value(op, refs)
        self._path_conditions[result.register] = path
        return result

    def _zero(self, product: Ref, path: PathCondition) -> Ref:
        """Return a product that is 0 in every branch, with its path condition unless it is folded.

        It is no choice between 0 and 0, which the two branches of one choice would share.
        """
        if product.register not in self._constants:
            self._path_conditions[product.register] = path
        return product

    def _path_condition(self, op: Op, refs: Sequence[Ref]) -> PathCondition | None:
        """Return where a result can differ from 0: a product where all factors can, a sum where any term can."""
        paths = [self._path_conditions.get(ref.register) for ref in refs]
        factors = [path for i, path in enumerate(paths) if path is not None and self._absorbs(op, i)]
        if factors:
            return reduce(_conjunction, factors)
        terms = [path for path in paths if path is not None]
        is_sum = set((op.neutral or {}).values()) == {0}
        return _disjunction(terms) if is_sum and len(terms) == len(refs) else None

    def _absorbs(self, op: Op, position: int) -> bool:
        return (op.absorbing or {}).get(position) == (0, 0)

    def _within(self, ref: Ref, path: PathCondition) -> Ref:
        """Return an operand without the choices that a path condition decides: `l` for `where(c, l, 0)` within "c"."""
        branch = self._branch(ref.register)
        if branch is None or not all(branch in case for case in path):
            return ref
        return self._within(Ref(self, self._step_of[ref.register].operands[1 if branch[1] else 2]), path)

    def _guarded(self, path: PathCondition, ref: Ref) -> Ref:
        """Write choices between a value, in any case of its path condition, and 0."""
        result = self.const(Fraction(0))
        for case in sorted((self._nested(case) for case in path), reverse=True):
            inside = ref
            for _, condition, holds in reversed(case):
                inside = self.where(Ref(self, condition), *((inside, result) if holds else (result, inside)))
            result = inside
        return result

    def _nested(self, case: Case) -> list[tuple[int, int, bool]]:
        """Return a case's branches from the outside in: the backward sweep reaches the outer choice first."""
        return sorted((self._nesting[condition], condition, holds) for condition, holds in case)


def _conjunction(a: PathCondition, b: PathCondition) -> PathCondition:
    """Return where both hold; if that names too many branches, where the second one does, which guards less.

    >>> _conjunction(frozenset([frozenset([(1, True)])]), frozenset([frozenset([(2, False)])])) == frozenset(
    ...     [frozenset([(1, True), (2, False)])])
    True
    """
    cases = frozenset(x | y for x in a for y in b if not any((condition, not holds) in y for condition, holds in x))
    return cases if sum(map(len, cases)) <= MAX_BRANCHES else b


def _disjunction(paths: Sequence[PathCondition]) -> PathCondition | None:
    """Return where any holds; None if that is everywhere, or names too many branches.

    "c and d, or c and not d" is "c":

    >>> c, d, no_d = (1, True), (2, True), (2, False)
    >>> _disjunction([frozenset([frozenset([c, d])]), frozenset([frozenset([c, no_d])])])
    frozenset({frozenset({(1, True)})})
    """
    cases = set(chain.from_iterable(paths))
    for case in sorted(cases, key=len, reverse=True):
        _merge(cases, case)
    least = frozenset(case for case in cases if not any(other < case for other in cases))
    return None if frozenset() in least or sum(map(len, least)) > MAX_BRANCHES else least


def _merge(cases: set[Case], case: Case) -> None:
    """Add a case without a condition, where there is a case for either outcome of it."""
    for condition, holds in case:
        wider = case - {(condition, holds)}
        if wider | {(condition, not holds)} in cases:
            cases.add(wider)
            _merge(cases, wider)


class CompactDerivativeWriter(DerivativeWriter):
    """A tape whose derivatives are shorter and rounded less often: like terms are added, x*(1/y) is written x/y.

    >>> m = CompactDerivativeWriter()
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
        folded = super()._folded(op, refs)
        if folded is not None or not op.commutes:
            return folded
        if op.absorbing:
            return self._quotient(refs)
        collected = self._collected(op, refs)
        return self._joined(refs) if collected is None else collected

    def _quotient(self, refs: Sequence[Ref]) -> Ref | None:
        """Return a product with a reciprocal as a quotient: x/y for x*(1/y)."""
        for ref, other in (refs, refs[::-1]):
            step = self._step_of.get(ref.register)
            if step and step.op.dunder == QUOTIENT and self._constants.get(step.operands[0]) == 1:
                return self.lift(other / Ref(self, step.operands[1]))  # type: ignore[operator]
        return None

    def _collected(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Return a sum with like terms added: (c + d)*x for c*x + d*x, also where c*x stands in a sum on the left."""
        left, (number, base) = refs[0], self._term(refs[1])
        if self._term(left)[1] == base:
            return self.lift((self._term(left)[0] + number) * Ref(self, base))  # type: ignore[operator]
        step = self._step_of.get(left.register)
        if step is None or step.op is not op:
            return None
        for like, other in (step.operands, step.operands[::-1]):
            factor, like_base = self._term(Ref(self, like))
            if like_base == base:
                return self.lift(Ref(self, other) + (factor + number) * Ref(self, base))  # type: ignore[operator]
        return None

    def _joined(self, refs: Sequence[Ref]) -> Ref | None:
        """Return a sum of two choices by one condition as a choice between two sums."""
        steps = [self._step_of.get(ref.register) for ref in refs]
        choices = [step.operands for step in steps if step and step.op.chooses]
        if len(choices) != len(refs) or choices[0][0] != choices[1][0]:
            return None
        (condition, *left), (_, *right) = ([Ref(self, i) for i in operands] for operands in choices)
        sums = (a + b for a, b in zip(left, right, strict=True))  # type: ignore[operator]
        return self.lift(self.where(condition, *sums))

    def _term(self, ref: Ref) -> tuple[Fraction, int]:
        """Return a term as a constant factor and what it multiplies."""
        step = self._step_of.get(ref.register)
        if step and step.op.commutes and step.op.absorbing and step.operands[0] in self._constants:
            return self._constants[step.operands[0]], step.operands[1]
        return Fraction(1), ref.register
