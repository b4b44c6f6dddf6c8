"""Python with NumPy, as source text: the same function, on arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from graphgrad.compile.languages.language import ARITHMETIC, INDENT, Code
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.languages.python import Python
from graphgrad.compile.optimize.lowering import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.op import Op

__all__ = ["NumPy"]


class NumPy(Python):
    """NumPy's functions, and those of scipy.special; both sides of a choice are computed."""

    title = "NumPy"
    operators = replace(ARITHMETIC, choice="np.where(#1, #2, #3)", indicator="np.where(#1, 1.0, 0.0)")
    lazy = False
    shorter = Rows
    reserved: ClassVar = Python.reserved | {"np", "shape"}

    def __init__(self) -> None:
        """Load NumPy, to know what it has."""
        self._ufuncs = Ufuncs()

    def own(self, op: Op) -> bool:  # noqa: ARG002
        """Nothing is spelled as in plain Python."""
        return False

    def called(self, op: Op) -> str:
        """Return the function for an operation."""
        name = self._ufuncs.name(op)
        return f"np.{name}" if hasattr(self._ufuncs.numpy, name) else name

    def value(self, op: Op, operands: Sequence[Code]) -> Code:
        """Return an operation as text; of more than two operands, one after the other."""
        if not op.variadic:
            return super().value(op, operands)
        whole, *rest = operands
        for operand in rest:
            whole = self.call(self.called(op), whole, operand)
        return whole

    def imports(self, body: Body) -> Iterator[str]:
        """Yield what has to stand before the function."""
        special = sorted({name for op in body.ops if (name := self._ufuncs.name(op)) and self.called(op) == name})
        yield "import numpy as np"
        if special:
            yield f"from scipy.special import {', '.join(special)}"
        yield "\n"

    def definition(self, body: Body, signature: Signature) -> Iterator[str]:
        """Yield the lines of the function."""
        names = list(body.parameters.values())
        parameters = ", ".join(f"{name}: np.ndarray | float" for name in names)
        about = f"Value and gradient, row by row, of {signature.about}; arrays are broadcast, and so are the results."
        yield '@np.errstate(all="ignore")'
        yield f"def {signature.name}({parameters}) -> tuple[np.ndarray, dict[str, np.ndarray]]:"
        yield f"{INDENT}{about!r}"
        yield f"{INDENT}shape = np.broadcast_shapes({', '.join(f'np.shape({name})' for name in names)})"
        yield from (f"{INDENT}{name} = np.multiply({name}, 1.0)" for name in names)
        yield from (INDENT + line for line in body.lines)
        value, *partials = (f"np.broadcast_to({result}, shape)" for result in body.results)
        pairs = ", ".join(f"{name!r}: {d}" for name, d in zip(signature.wrt, partials, strict=True))
        yield f"{INDENT}return {value}, {{{pairs}}}"
