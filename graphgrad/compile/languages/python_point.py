"""Write the fast path of a compiled graph: Python on floats, with a fallback for everything else."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.hidden_nans import nan_hiding_places
from graphgrad.compile.languages.language import INDENT
from graphgrad.compile.languages.python import PYTHON, Python
from graphgrad.compile.optimize.lowering import POINT_REWRITES
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Point"]

PROBES: Final = (-2.5, -1.0, -0.3, 0.0, 0.3, 1.0, 2.5)
"""The values of the other operands while one is infinite or nan."""


class Point(Python):
    """Python's function of floats that calls `_fallback` where the fast path does not apply.

    That is the case for an argument that is no float, an exception, and a number that is not finite. One sum detects
    the last: it contains every watched register. The parameter `out` is `float`, or the arrays for results of columns.

    >>> from graphgrad.compile.languages.language import Signature, function
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> print(function(m.tape([x / y]), Point(), Signature("f", "x/y", ())))
    def f(x=None, y=None, out=float):
        if type(x) is out and type(y) is out:
            try:
                v1 = x / y
                total = v1 + y
                if total - total == 0.0:
                    return v1, {}
            except (ArithmeticError, ValueError):
                pass
        return _fallback(x, y, out=out)
    """

    spellings = PYTHON
    rewrites = POINT_REWRITES
    reserved: ClassVar = Python.reserved | {"_fallback", "out", "total"}

    def watched(self, tape: Tape) -> list[int]:
        """Return the registers to sum: outputs, inputs and hiding places of a nan, unless an output shows them."""
        candidates = dict.fromkeys([*tape.outputs, *nan_hiding_places(tape), *tape.inputs.values()])
        others = _shown(tape) | tape.constants.keys()
        terms = [x for x in candidates if x not in others]
        return terms or [tape.outputs[0]]

    def imports(self, body: Body) -> Iterator[str]:  # noqa: ARG002  its functions need no imports
        """Yield nothing: the functions are bound where the source is executed."""
        return iter(())

    def declare(self, names: Sequence[str]) -> list[str]:
        """Initialize the names assigned in branches, so that the sum may contain them."""
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
        yield f"    return _fallback({', '.join([*names, 'out=out'])})"


def _shown(tape: Tape) -> set[int]:
    """Return the registers that make an output infinite or nan whenever they are infinite or nan themselves."""
    shown: set[int] = set()
    outputs = set(tape.outputs)
    for step in reversed(tape.steps):
        if step.target in shown or step.target in outputs:
            shown.update(x for i, x in enumerate(step.operands) if _shows(step.op, len(step.operands), i))
    return shown


@cache
def _shows(op: Op, count: int, position: int) -> bool:
    """Whether an operation is infinite or nan at every probe with one operand infinite or nan."""
    for special in (math.inf, -math.inf, math.nan):
        for probe in PROBES:
            operands = [probe] * count
            operands[position] = special
            try:
                z = Floats().value(op, operands)
            except (ArithmeticError, ValueError, TypeError):  # the library raises at infinity
                return False
            if not isinstance(z, Fault) and math.isfinite(z):
                return False
    return True
