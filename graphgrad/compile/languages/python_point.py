"""Python for one point: floats alone, each operation as quick as Python has it, and all else for somebody else."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.hidden_nans import hiding
from graphgrad.compile.languages.language import INDENT
from graphgrad.compile.languages.python import Python
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Point"]

PROBES: Final = (-2.5, -1.0, -0.3, 0.0, 0.3, 1.0, 2.5)
"""What the other operands are while one is infinite."""


class Point(Python):
    """The function that a compiled graph runs at a point: whatever is not plain sailing goes to `_else`.

    That is: an argument that is no float, an exception, a number that is not finite. A sum finds the latter; all that
    does not show in another one of its terms is part of the sum. The parameter `out` is the type of the numbers that
    come out.
    """

    reserved: ClassVar = Python.reserved | {"_else", "out", "total"}

    def watched(self, tape: Tape) -> list[int]:
        """Return the outputs, what is compared or chosen by, which may hide a nan, and the inputs, unless they show."""
        others = _shown(tape) | tape.constants.keys()
        terms = [x for x in dict.fromkeys([*tape.outputs, *hiding(tape), *tape.inputs.values()]) if x not in others]
        return terms or [tape.outputs[0]]

    def imports(self, body: Body) -> Iterator[str]:  # noqa: ARG002
        """Import nothing: the functions are bound where the source is executed."""
        return iter(())

    def declare(self, names: Sequence[str]) -> list[str]:
        """Give every name that a branch assigns a number, so that it can be watched."""
        return [" = ".join([*names, "0.0"])] if names else []

    def definition(self, body: Body, signature: Signature) -> Iterator[str]:
        """Yield the lines of the function."""
        names = list(body.parameters.values())
        value, *partials = body.results
        are_floats = " and ".join(f"type({name}) is out" for name in names) or "out is float"
        pairs = ", ".join(f"{name!r}: {d}" for name, d in zip(signature.wrt, partials, strict=True))
        parameters = ", ".join([*(f"{name}=None" for name in names), "out=float"])
        yield f"def {signature.name}({parameters}):"
        yield f"    if {are_floats}:"
        yield "        try:"
        yield from (INDENT * 3 + line for line in body.lines)
        yield f"{INDENT * 3}total = {' + '.join(body.watched)}"
        yield "            if total - total == 0.0:"
        yield f"                return {value}, {{{pairs}}}"
        yield "        except (ArithmeticError, ValueError):"
        yield "            pass"
        yield f"    return _else({', '.join([*names, 'out=out'])})"


def _shown(tape: Tape) -> set[int]:
    """Return the operands that, infinite or nan, make so an output that they lead to, wherever they are."""
    found: set[int] = set()
    outputs = set(tape.outputs)
    for step in reversed(tape.steps):
        if step.target in found or step.target in outputs:
            found.update(x for i, x in enumerate(step.operands) if _shows(step.op, len(step.operands), i))
    return found


@cache
def _shows(op: Op, count: int, position: int) -> bool:
    """Try out whether an operation on something infinite or nan is so itself."""
    for special in (math.inf, -math.inf, math.nan):
        for probe in PROBES:
            operands = [probe] * count
            operands[position] = special
            try:
                z = Floats().value(op, operands)
            except (ArithmeticError, ValueError, TypeError):  # a library that is not made for infinity
                return False
            if not isinstance(z, Fault) and math.isfinite(z):
                return False
    return True
