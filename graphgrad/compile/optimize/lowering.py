"""Lower a tape to the operations of a target, with constant folding and strength reduction."""

from __future__ import annotations

import math
from bisect import bisect_left
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.optimize.cancelling_sums import without_zeros
from graphgrad.compile.optimize.products_and_signs import CommutativeWriter, simplified
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault
from graphgrad.ops.table import ABS, COMPARISON, NEG
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphgrad.ops.op import Op, Step
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = [
    "EXPANSIONS",
    "GUARDED_REWRITES",
    "POINT_REWRITES",
    "ROW_REWRITES",
    "SOURCE_REWRITES",
    "lowered",
    "spelled_out",
]


def lowered(tape: Tape, supports: Callable[[Op], bool], target: str, rewrites: Spellings | None = None) -> Tape:
    """Return a tape that computes the same with the operations that a target `supports`.

    `rewrites` are the strength reductions that pay on the target: `POINT_REWRITES` (the default), `ROW_REWRITES` or
    `GUARDED_REWRITES`. Raises `GraphgradError` where an operation is neither supported nor made of supported ones.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> from graphgrad.tape.tape import lower
    >>> tape = lowered(lower(build("", parse("sigmoid(x)*log(2)"))), lambda op: op.name != "sigmoid", "Python")
    >>> [step.op.name for step in tape.steps]
    ['neg', 'exp', 'add', 'div', 'mul']
    """
    m = _LoweringWriter(supports, target, rewrites or POINT_REWRITES)
    tape = without_zeros(tape)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    return simplified(m.tape([values[register] for register in tape.outputs]))


def spelled_out(tape: Tape, supports: Callable[[Op], bool], target: str) -> Tape:
    """Return a tape with the operations that a target supports, whose sums and products stay as they are.

    Raises `GraphgradError` as `lowered` does.

    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x = m.input("x")
    >>> tape = spelled_out(m.tape([m.sigmoid(x) * x]), lambda op: op.name != "sigmoid", "Python")
    >>> [step.op.name for step in tape.steps]
    ['neg', 'exp', 'add', 'div', 'mul']
    """
    m = _LoweringWriter(supports, target, POINT_REWRITES)
    values = forward(tape, m, {name: m.input(name) for name in tape.inputs})
    return m.tape([values[register] for register in tape.outputs])


class _LoweringWriter(CommutativeWriter):
    """Writes a tape with the operations of one target."""

    def __init__(self, supports: Callable[[Op], bool], target: str, rewrites: Spellings) -> None:
        super().__init__()
        self._supports, self._target, self._rewrites = supports, target, rewrites
        self._floats = Floats()
        self._expanding: set[Op] = set()
        self._truths: set[int] = set()

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Write an operation in the target's operations, or return the operand or constant that it folds to."""
        refs = [self.lift(operand) for operand in operands]
        known = self._folded(op, refs)
        known = self._constant(op, refs) if known is None else known
        return self._lowered(op, refs) if known is None else known

    def _constant(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        """Fold an operation on constants; None where an operand is no constant or the result is not finite."""
        numbers = [self._constants.get(ref.register) for ref in refs]
        if None in numbers or op.on_arrays:
            return None
        z = self._floats.value(op, [float(x) for x in numbers if x is not None])
        return None if isinstance(z, Fault) or math.isinf(z) else self.const(Fraction(z))

    def _lowered(self, op: Op, refs: Sequence[Ref]) -> Ref:
        """Write an operation by the first that applies: a rewrite, itself, its expansion."""
        rewrite = self._rewrites.get(op.name)
        if rewrite and (result := rewrite(self, *refs)) is not None:
            return result  # type: ignore[no-any-return]
        if self._supports(op):
            return self._record(op, tuple(ref.register for ref in refs))
        if op in self._expanding:
            hint = "its gradient can be computed with backprop() and compile()"
            raise GraphgradError(f"{self._target} has no function for {op.written}", hint=hint)
        self._expanding.add(op)
        expand = EXPANSIONS.get(op.name)
        expanded = self.lift(expand(self, *refs) if expand else op.value(self.operations, *refs))
        self._expanding.discard(op)
        return expanded

    def truth(self, ref: Ref) -> Any:
        """Return 1 where an operand is not 0, else 0: the operand itself where it is a comparison or made of them."""
        step = self._step_of(ref)
        known = ref.register in self._truths or (step is not None and step.op.binds == COMPARISON)
        return ref if known else self.ne(ref, 0)

    def noted_truth(self, ref: Ref) -> Ref:
        """Note that an operand is 1 or 0, and return it."""
        self._truths.add(ref.register)
        return ref

    def is_negation(self, ref: Ref) -> bool:
        """Whether an operand is the negation of another one."""
        return self._is_result_of(ref, NEG)

    def is_absolute(self, ref: Ref) -> bool:
        """Whether an operand is the absolute value of another one."""
        return self._is_result_of(ref, ABS)

    def _is_result_of(self, ref: Ref, op: Op) -> bool:
        step = self._step_of(ref)
        return step is not None and step.op is op

    def _step_of(self, ref: Ref) -> Step | None:
        position = bisect_left(self._steps, ref.register, key=attrgetter("target"))
        return next((step for step in self._steps[position : position + 1] if step.target == ref.register), None)


def _multiplied_out(longest: int) -> Callable[..., Any]:
    """Return the rewrite of a power with a multiple of 1/2 up to `longest` as exponent by products and a root."""

    def power(m: _LoweringWriter, x: Any, y: Ref) -> Any:
        exponent = m.number(y)
        if not exponent or (2 * exponent).denominator != 1 or abs(exponent) > longest:
            return None
        factors, half = divmod(abs(exponent), 1)
        product: Any = m.sqrt(x) if half else None
        square = x * x if factors > 1 else None
        for factor in [square] * (int(factors) // 2) + [x] * (int(factors) % 2):
            product = factor if product is None else product * factor
        return product if exponent > 0 else 1 / product

    return power


_short_power_of_points: Final = _multiplied_out(4)


POINT_REWRITES: Final[Spellings] = {"pow": _short_power_of_points}
"""Strength reductions for one point; a rewrite returns None where it does not apply.

Beyond the largest exponent that is multiplied out, `pow` rounds better and costs no more.
"""


def _multiplied_out_unless_divided(m: _LoweringWriter, x: Any, y: Ref) -> Any:
    """Leave a negative power beyond −1 as it is: its product may become 0, by which Python does not divide."""
    exponent = m.number(y)
    return None if exponent is None or exponent < -1 else _short_power_of_points(m, x, y)


SOURCE_REWRITES: Final[Spellings] = {"pow": _multiplied_out_unless_divided}
"""Strength reductions for Python code without a fallback."""


_short_power_of_rows: Final = _multiplied_out(8)
"""`pow` on rows costs as much as many products, and rounds only a few ulp better."""


def _power_of_rows(m: _LoweringWriter, x: Any, y: Ref) -> Any:
    """Take a whole power of the absolute value: NumPy takes forty times as long for powers of negative numbers."""
    exponent = m.number(y)
    product = _short_power_of_rows(m, x, y)
    is_plain = m.is_absolute(x) or m.number(x) is not None
    if product is not None or exponent is None or exponent.denominator != 1 or is_plain:
        return product
    odd = exponent % 2
    power = m.pow(m.abs(x), abs(exponent) - odd)
    power = x * power if odd else power
    return power if exponent > 0 else 1 / power


def _hypotenuse(m: _LoweringWriter, x: Any, y: Any) -> Any:
    """Scale both operands by the larger one, so that their squares neither overflow nor underflow."""
    x, y = m.abs(x), m.abs(y)
    larger, smaller = m.max(x, y), m.min(x, y)
    ratio = m.where(smaller < larger, smaller / larger, 1)
    return larger * m.sqrt(1 + ratio * ratio)


ROW_REWRITES: Final[Spellings] = {"pow": _power_of_rows, "hypot": _hypotenuse}
"""Strength reductions for columns."""


def _shared_sigmoid(m: _LoweringWriter, x: Any) -> Any:
    """Write sigmoid(-x) with exp(-x), which the expansion of sigmoid(x) computes as well."""
    if not m.is_negation(x):
        return None
    power = m.exp(x)
    return power / (1 + power)


GUARDED_REWRITES: Final[Spellings] = {**ROW_REWRITES, "sigmoid": _shared_sigmoid}
"""Strength reductions for callers that detect an overflow afterwards and fall back to the interpreter."""


def _sign(m: _LoweringWriter, x: Ref) -> Any:
    return m.where(m.gt(x, 0), 1, m.where(m.lt(x, 0), -1, 0))


def _smallest(m: _LoweringWriter, x: Ref, *xs: Ref) -> Any:
    for y in xs:
        x = m.where(m.le(x, y), x, y)
    return x


def _largest(m: _LoweringWriter, x: Ref, *xs: Ref) -> Any:
    for y in xs:
        x = m.where(m.ge(x, y), x, y)
    return x


def _both(m: _LoweringWriter, x: Ref, y: Ref) -> Any:
    return m.noted_truth(m.where(x, m.truth(y), 0))


def _either(m: _LoweringWriter, x: Ref, y: Ref) -> Any:
    return m.noted_truth(m.where(x, 1, m.truth(y)))


EXPANSIONS: Final[Spellings] = {
    "abs": lambda m, x: m.where(m.lt(x, 0), -x, x),
    "sign": _sign,
    "min": _smallest,
    "max": _largest,
    "logical_and": _both,
    "logical_or": _either,
}
"""Expansions into comparisons, for targets without these operations; others are expanded by their row's rule."""
