"""Write the fast path of a compiled graph: Python on floats, with a fallback for everything else.

The function is a method of the fallback, because a method is called as fast as a function, and can be pickled.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.hidden_nans import nan_hiding_places
from graphgrad.compile.languages.language import INDENT, identifiers
from graphgrad.compile.languages.python import PYTHON, Python
from graphgrad.compile.optimize.lowering import POINT_REWRITES
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Point", "RawPoint", "shows"]

PROBES: Final = (-2.5, -1.0, -0.3, 0.0, 0.3, 1.0, 2.5)
"""The values of the other operands while one is infinite or nan."""


FIRST: Final = "_first"
"""The first argument by position: the first input, or a frame."""

OPTIONS: Final = "out=float, names=None"
"""The parameters behind the inputs."""

MORE: Final = "more"
"""The values beyond the inputs."""

NOTHING_GIVEN: Final = f"{FIRST} is names and out is float"
"""The test of a function without inputs."""


class Point(Python):
    """Python's function of floats that calls `_fallback` where the fast path does not apply.

    That is the case for an argument that is no float, an exception, and a number that is not finite. One sum detects
    the last: it contains every watched register. The parameter `out` is `float`, or the arrays for results of columns;
    `names` is for the columns of a frame. The first argument by position is `_first`, so that a frame there leaves the
    first input's name free; both names are usually None, which one comparison tells.

    >>> from graphgrad.compile.languages.language import Signature, function
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> print(function(m.tape([x / y]), Point(), Signature("f", "x/y", ())))
    def f(_fallback, _first=None, /, y=None, x=None, out=float, names=None):
        if x is not names:
            if _first is not names:
                return _fallback(_first, y, out=out, names=names, named=x)
            _first, x = x, None
        if type(_first) is out and type(y) is out:
            try:
                v1 = _first / y
                total = v1 + y
                if total - total == 0.0:
                    return v1, {}
            except (ArithmeticError, ValueError):
                pass
        return _fallback(_first, y, out=out)
    """

    spellings = PYTHON
    rewrites = POINT_REWRITES
    reserved: ClassVar = Python.reserved | {"_fallback", FIRST, "names", "out", "total"}

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

    def parameters(self, inputs: Iterable[str]) -> dict[str, str]:
        """Return the inputs' own names, except for the first one's."""
        names = identifiers(inputs, self)
        return {**names, **dict.fromkeys([*names][:1], FIRST)}

    def definition(self, body: Body, signature: Signature) -> Iterator[str]:
        """Yield the lines of the function."""
        value, *partials = body.results
        pairs = ", ".join(f"{name!r}: {d}" for name, d in zip(signature.wrt, partials, strict=True))
        given, named = [*body.parameters.values()], [*identifiers(body.parameters, self).values()][:1]
        are_floats = " and ".join(f"type({name}) is out" for name in given)
        parameters = ["_fallback", f"{FIRST}=None", "/", *(f"{name}=None" for name in (*given[1:], *named)), OPTIONS]
        arguments = ", ".join([*(given or [FIRST]), "out=out"])
        yield f"def {signature.name}({', '.join(parameters)}):"
        for name in named:
            yield f"    if {name} is not names:"
            yield f"        if {FIRST} is not names:"
            yield f"            return _fallback({arguments}, names=names, named={name})"
            yield f"        {FIRST}, {name} = {name}, None"
        yield f"    if {are_floats or NOTHING_GIVEN}:"
        yield from self.fast_path(body, f"{value}, {{{pairs}}}")
        yield f"    return _fallback({arguments}{'' if named else ', names=names'})"

    def fast_path(self, body: Body, result: str) -> Iterator[str]:
        """Yield the lines that return the result if all is finite."""
        yield "        try:"
        yield from (INDENT * 3 + line for line in body.lines)
        yield f"{INDENT * 3}total = {' + '.join(body.watched)}"
        yield "            if total - total == 0.0:"
        yield f"                return {result}"
        yield "        except (ArithmeticError, ValueError):"
        yield "            pass"


class RawPoint(Point):
    """The same by position alone, which returns the value and the partials as one tuple.

    >>> from graphgrad.compile.languages.language import Signature, function
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> x, y = m.input("x"), m.input("y")
    >>> print(function(m.tape([x / y]), RawPoint(), Signature("raw", "x/y", ())))
    def raw(_fallback, x=None, y=None, /, *more):
        if type(x) is float and type(y) is float and not more:
            try:
                v1 = x / y
                total = v1 + y
                if total - total == 0.0:
                    return (v1,)
            except (ArithmeticError, ValueError):
                pass
        return _fallback.as_tuple(x, y, *more)
    """

    reserved: ClassVar = Point.reserved | {MORE}

    def parameters(self, inputs: Iterable[str]) -> dict[str, str]:
        """Return the inputs' own names."""
        return identifiers(inputs, self)

    def definition(self, body: Body, signature: Signature) -> Iterator[str]:
        """Yield the lines of the function."""
        given = [*body.parameters.values()]
        are_floats = " and ".join([*(f"type({name}) is float" for name in given), f"not {MORE}"])
        yield f"def {signature.name}({', '.join(['_fallback', *(f'{name}=None' for name in given), '/', f'*{MORE}'])}):"
        yield f"    if {are_floats}:"
        yield from self.fast_path(body, f"({', '.join(body.results)}{',' * (len(body.results) == 1)})")
        yield f"    return _fallback.as_tuple({', '.join([*given, f'*{MORE}'])})"


def _shown(tape: Tape) -> set[int]:
    """Return the registers that make an output infinite or nan whenever they are infinite or nan themselves."""
    shown: set[int] = set()
    outputs = set(tape.outputs)
    for step in reversed(tape.steps):
        if step.target in shown or step.target in outputs:
            shown.update(x for i, x in enumerate(step.operands) if shows(step.op, len(step.operands), i))
    return shown


@cache
def shows(op: Op, count: int, position: int) -> bool:
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
