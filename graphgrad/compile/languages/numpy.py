"""Write a function in Python with NumPy, on arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.languages.language import ARITHMETIC, INDENT, called_in
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

SPECIAL: Final[Spellings] = {
    **{name: name for name in ("beta", "betaln", "gammainc", "gammaincc", "betainc", "erfcx", "exp1", "expi")},
    **{name: name for name in ("jv", "yv", "iv", "kv")},
    "factorial": "gamma(1 + ({0}))",
    "binomial": "binom",
    "digamma_step": (
        "np.where(np.abs({1}) < 1e-5*np.abs({0}), ({1})*polygamma(1, {0} + ({1})/2), digamma({0} + {1}) - digamma({0}))"
    ),
    "gamma_density": "np.exp(xlogy({0} - 1, {1}) - ({1}) - gammaln({0}))",
    "beta_density": "np.exp(xlogy({0} - 1, {2}) + xlog1py({1} - 1, -({2})) - betaln({0}, {1}))",
    "erfcx_slope": "(2*({0})*erfcx({0}) - 2/np.sqrt(np.pi))",
    "lambertw": "np.where({0} < -np.exp(-1), np.nan, lambertw({0}).real)",
    "lambertw_plus_1": "np.where({0} < -np.exp(-1), np.nan, 1 + lambertw({0}).real)",
}
"""The special functions in those of scipy.special, and formulas of them as short as they are written."""

FUNCTIONS: Final[Spellings] = {
    **{name: f"np.{ufunc}" for name, ufunc in UFUNCS.items() if name not in OPERATORS},
    **SCIPY,
    **SPECIAL,
}
"""The functions of NumPy and of scipy.special."""

FROM_SCIPY: Final = frozenset(
    name
    for spelling in (*SCIPY.values(), *SPECIAL.values())
    for name in called_in(spelling)
    if not name.startswith("np.")
)
"""The names that are imported from scipy.special."""


class NumPy(Python):
    """Functions of NumPy and scipy.special; both sides of a choice are computed."""

    title = "NumPy"
    operators = replace(ARITHMETIC, choice="np.where(#1, #2, #3)", indicator="np.where(#1, 1.0, 0.0)")
    lazy = False
    spellings = FUNCTIONS
    rewrites = ROW_REWRITES
    first_result = ""
    reserved: ClassVar = Python.reserved | {"np", "shape"} | FROM_SCIPY

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
        special = sorted(FROM_SCIPY & self.called(body.ops))
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
