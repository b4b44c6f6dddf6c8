"""Write a function in Python with NumPy, on arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.languages.language import ARITHMETIC, INDENT
from graphgrad.compile.languages.numpy_ufuncs import SCIPY, UFUNCS
from graphgrad.compile.languages.python import Python
from graphgrad.compile.optimize.lowering import ROW_REWRITES
from graphgrad.ops.targets import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.printing.operators import Text

__all__ = ["NumPy"]

FUNCTIONS: Final[Spellings] = {
    **{name: f"np.{ufunc}" for name, ufunc in UFUNCS.items() if name not in OPERATORS},
    **SCIPY,
}
"""The functions of NumPy and of scipy.special."""


class NumPy(Python):
    """Functions of NumPy and scipy.special; both sides of a choice are computed."""

    title = "NumPy"
    operators = replace(ARITHMETIC, choice="np.where(#1, #2, #3)", indicator="np.where(#1, 1.0, 0.0)")
    lazy = False
    spellings = FUNCTIONS
    rewrites = ROW_REWRITES
    reserved: ClassVar = Python.reserved | {"np", "shape"}

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation as text; one of many operands as nested calls of two."""
        if not op.variadic:
            return super().value(op, operands)
        result, *rest = operands
        for operand in rest:
            result = super().value(op, [result, operand])
        return result

    def imports(self, body: Body) -> Iterator[str]:
        """Yield the imports."""
        special = sorted({SCIPY[op.name] for op in body.ops if op.name in SCIPY})
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
