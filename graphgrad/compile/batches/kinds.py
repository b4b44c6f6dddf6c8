"""Name the kinds of steps that run in one batch, and write what each kind computes as a short tape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.compile.hidden_nans import nan_hiding_places
from graphgrad.compile.optimize.lowering import POINT_REWRITES
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.derivative_writer import DerivativeWriter
from graphgrad.tape.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape
    from graphgrad.tape.writer import Ref

__all__ = [
    "ADJOINT",
    "RESULT",
    "Kind",
    "contributions",
    "hidden_operands",
    "is_closed_at_times",
    "numbers_within",
    "value",
]

ADJOINT: Final = "g"
RESULT: Final = "z"
"""What an adjoint and its result are called in the tape of contributions; operands are named by position."""

LARGEST: Final = 5
"""The largest absolute value of an exponent that is worth a kind of its own: its derivative has one less."""

KEPT: Final = 4_096
"""The most kinds whose tapes are kept."""


class Kind(NamedTuple):
    """What the steps of a batch have in common.

    Attributes:
        op: the operation.
        width: how many operands it has.
        numbers: constant operands that are written into the code, by position: the exponent of a short power.
        active: the positions of the operands to which adjoints flow.
    """

    op: Op
    width: int
    numbers: tuple[tuple[int, Fraction], ...] = ()
    active: tuple[int, ...] = ()


def numbers_within(op: Op, operands: Sequence[int], constants: dict[int, Fraction]) -> tuple[tuple[int, Fraction], ...]:
    """Return the constant operands that make an operation cheaper, by position: those that become products and roots.

    >>> from fractions import Fraction
    >>> from graphgrad.ops.table import OPS
    >>> [numbers_within(OPS["pow"], (0, 1), {1: Fraction(text)}) for text in ("3/2", "2.7")]
    [((1, Fraction(3, 2)),), ()]
    """
    if op.name not in POINT_REWRITES:
        return ()
    numbers = ((i, constants[x]) for i, x in enumerate(operands) if i and x in constants)
    return tuple((i, x) for i, x in numbers if abs(x) <= LARGEST and (2 * x).denominator == 1)


def _operands(m: Writer, kind: Kind) -> list[Ref]:
    numbers = dict(kind.numbers)
    return [m.const(numbers[i]) if i in numbers else m.input(str(i)) for i in range(kind.width)]


@lru_cache(KEPT)
def value(kind: Kind) -> Tape:
    """Return the tape of a step's result.

    >>> from graphgrad.ops.table import OPS
    >>> [step.op.name for step in value(Kind(OPS["mul"], 2)).steps]
    ['mul']
    """
    m = Writer(strict=True)
    return m.tape([m.value(kind.op, _operands(m, kind))])


@lru_cache(KEPT)
def contributions(kind: Kind) -> Tape | None:
    """Return the tape of the contributions to the adjoints of a step's active operands, in the order of positions.

    None where there is no such derivative. Its inputs are the result's adjoint, the result and the operands.

    >>> from graphgrad.ops.table import OPS
    >>> [step.op.name for step in contributions(Kind(OPS["mul"], 2, active=(0, 1))).steps]
    ['mul', 'mul']
    """
    m = DerivativeWriter(strict=True)
    g: Any = m.input(ADJOINT)
    z, xs = m.input(RESULT), _operands(m, kind)
    try:
        return m.tape([g * m.partial(kind.op, i, z, xs) for i in kind.active])
    except Fault:
        return None


@lru_cache(KEPT)
def is_closed_at_times(kind: Kind) -> bool:
    """Whether nothing flows back to some operand, depending on the values: a contribution is a choice with a 0.

    >>> from graphgrad.ops.table import OPS
    >>> [is_closed_at_times(Kind(OPS[name], 2, active=(0, 1))) for name in ("mul", "max")]
    [False, True]
    """
    tape = contributions(kind)
    if tape is None:
        return False
    choices = {step.target: step.operands[1:] for step in tape.steps if step.op.chooses}
    return any(tape.constants.get(i) == 0 for output in tape.outputs for i in choices.get(output, ()))


@lru_cache(KEPT)
def hidden_operands(kind: Kind) -> frozenset[str]:
    """Return the inputs of the tapes of a kind whose nan may not reach a result or a contribution."""
    tapes = [value(kind), contributions(kind)] if kind.active else [value(kind)]
    return frozenset(
        name for tape in tapes if tape for name, register in tape.inputs.items() if register in nan_hiding_places(tape)
    )
