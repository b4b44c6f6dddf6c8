"""Write the rule of an operation on arrays for operands of any shape, as a textbook has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import OPS, SOFTMAX, SUM_ALONG
from graphgrad.tape.writer import ADJOINT, Ref, Writer

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["WORDS", "SymbolicRules"]

COUNT: Final = "n"
"""What the number of entries, or of rows, is called."""

PLACED, RESHAPED = "placed", "reshaped"

WORDS: Final = {PLACED: "g at its place, 0 elsewhere", RESHAPED: "g in the shape of x"}
"""The inputs that stand for adjoints told in words."""


class SymbolicRules(Writer):
    """The namespace in which a rule is written without helper operations: an adjoint is spread and summed as needed.

    >>> m = SymbolicRules()
    >>> [step.op.name for step in m.tape([m.rule(OPS["mean"].with_params({}), 0, [m.input("x")])]).steps]
    ['div']
    """

    def __init__(self) -> None:
        """Start an empty tape."""
        super().__init__(stable=False)
        self._classes: int | None = None

    def rule(self, op: Op, position: int, operands: list[Ref]) -> Any:
        """Return the VJP of an operation by the operand at a position, of an adjoint g."""
        m, g, z = self.operations, self.input(ADJOINT), self.value(op, operands)
        self._classes = None if op.classes is None else operands[op.classes].register
        rule = op.textbook.get(position)
        return rule(m, g, z, *operands) if rule else op.pull(m, position, g, z, *operands, stable=False)

    def sums_to_1(self, x: Ref | float) -> bool:
        """Whether a register holds the targets of a loss, whose rows are probabilities."""
        return self.lift(x).register == self._classes


def _first(m: SymbolicRules, x: Ref | float, *_others: Any, **_along: Any) -> Ref:
    return m.lift(x)


def _counted(m: SymbolicRules, *_operands: Any, **_along: Any) -> Ref:
    return m.input(COUNT)


def _sum_along(m: SymbolicRules, x: Ref | float, **along: Any) -> Ref:
    """Sum without `keepdims`: a sum keeps its axes where that is needed."""
    return m.lift(1) if m.sums_to_1(x) else m.value(SUM_ALONG.with_params({"axis": along.get("axis")}), [x])


def _reshaped(m: SymbolicRules, x: Ref | float, _like: Ref | float) -> Ref:
    """Tell in words that the adjoint is reshaped; a formula stays, and is in the shape of its operand."""
    x = m.lift(x)
    return m.input(RESHAPED) if x.register == m.input(ADJOINT).register else x


SPELLED: Final[Spellings] = {
    **dict.fromkeys(("spread_like", "sum_like", "broadcast_like", "one_hot", "one_hot_back"), _first),
    **dict.fromkeys(("count_along", "row_count"), _counted),
    "sum_along": _sum_along,
    "softmax": lambda m, x, **_along: m.value(SOFTMAX.with_params({}), [x]),
    "place_like": lambda m, *_operands, **_at: m.input(PLACED),
    "reshape_like": _reshaped,
    "matmul_left": lambda m, g, _x, y: m.lift(g) @ m.transpose(y),
    "matmul_right": lambda m, g, x, _y: m.transpose(x) @ m.lift(g),
    "less_sum": lambda m, *operands, **along: OPS["less_sum"].with_params(along).f(m.operations, *operands),
    "less_mean": lambda m, *operands, **along: OPS["less_mean"].with_params(along).f(m.operations, *operands),
}
"""How a helper operation is written for operands of any shape."""

SymbolicRules.spellings = SPELLED
