"""Choose the fewest registers of a tape whose finiteness shows that all inputs and outputs are finite.

Sums and products pass on what is not finite: infinity times 0 is nan. So an input needs no look where it reaches an
output through them alone, and several that meet in one register need one look at that:

>>> from graphgrad.compile.columns.fixed_shapes import register_shapes
>>> from graphgrad.tape.writer import Writer
>>> m = Writer()
>>> x, y, z = (m.input(name) for name in "xyz")
>>> tape = m.tape([m.exp(x + y) * z])
>>> shapes = register_shapes(tape, {"x": (3,), "y": (3,), "z": (3,)})
>>> steps, inputs = watched(tape, shapes)
>>> [(step.op.name, step.operands) for step in tape.steps if step.target in steps], inputs
([('add', (0, 1))], [])
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Step
    from graphgrad.ops.shapes import Shape
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["watched"]

BOTH: Final = (0, 1)

PASS_ON: Final[Spellings] = {
    **dict.fromkeys(("add", "sub", "mul", "softmax_cross_entropy"), BOTH),
    **dict.fromkeys(("neg", "div", "sum_like", "sum_along"), (0,)),
}
"""The operands that, if an entry of them is not finite, make an entry of the result not finite."""

PRODUCTS: Final[Spellings] = {"matmul": BOTH, "matmul_left": (0, 2), "matmul_right": BOTH}
"""Those of matrix products, by the arithmetic of IEEE 754."""

SIZES: Final = ((1, 64, 50), (64, 1, 50), (64, 50, 1), (3, 3, 3), (100, 64, 10))
"""The sizes of the products that tell whether the library follows it."""


def watched(tape: Tape, shapes: Sequence[Shape]) -> tuple[set[int], list[int]]:
    """Return the results of steps and the inputs to look at, beside the outputs."""
    inputs = [*tape.inputs.values()]
    if any(0 in shapes[i] for i in (*inputs, *(step.target for step in tape.steps))):
        return set(), inputs  # an array without entries shows nothing
    shown = set(tape.outputs)
    for step in reversed(tape.steps):
        if step.target in shown:
            shown.update(_passed_on(step))
    missing = {register for register in inputs if register not in shown}
    reaching = _reaching(tape, missing)
    steps: set[int] = set()
    for target, _, _ in reversed(tape.steps):
        met = reaching.get(target, set()) & missing
        if len(met) > 1 and math.prod(shapes[target]) <= sum(math.prod(shapes[i]) for i in met):
            steps.add(target)
            missing -= met
    return steps, [register for register in inputs if register in missing]


def _reaching(tape: Tape, inputs: set[int]) -> dict[int, set[int]]:
    """Return for each register those of the inputs that make it not finite."""
    reaching = {register: {register} for register in inputs}
    for step in tape.steps:
        met = set[int]().union(*(reaching.get(register, set()) for register in _passed_on(step)))
        if met:
            reaching[step.target] = met
    return reaching


def _passed_on(step: Step) -> list[int]:
    known = PASS_ON.get(step.op.name, PRODUCTS.get(step.op.name, ()) if _products_pass_on() else ())
    return [step.operands[position] for position in known]


@cache
def _products_pass_on() -> bool:
    """Whether NumPy's library for matrix products multiplies by zeros, too, rather than leaving them out."""
    import numpy as np

    with np.errstate(all="ignore"):
        products = [
            product
            for rows, inner, columns in SIZES
            for zeros, infinities in [(np.zeros((rows, inner)), np.full((inner, columns), math.inf))]
            for product in (zeros.dot(infinities), infinities.T.dot(zeros.T))
        ]
    return all(np.isnan(product).all() for product in products)
