"""Write a function in Python with the module math."""

from __future__ import annotations

import builtins
import keyword
import math
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.compile.languages.helpers import helpers, needed, needed_among
from graphgrad.compile.languages.language import ARITHMETIC, INDENT, Language
from graphgrad.compile.languages.translation import FILES, KERNEL_NAMES
from graphgrad.compile.optimize.lowering import SOURCE_REWRITES
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.targets import Spellings

__all__ = ["MATH", "OWN", "PYTHON", "Python"]

FILE: Final = "namespaces/special.py"
OWN: Final = {name: source for file in (FILE, *FILES) for name, source in helpers(file).items()}
"""The functions that the module math lacks, by name."""

SATURATING: Final = "compile/languages/saturating.py"

PYTHON: Final[Spellings] = {
    **LIBM,
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "lgamma": "log_gamma",
    "abs": "abs",
    "floor": "float(floor({}))",
    "ceil": "float(ceil({}))",
    "exp_minus_square": "exp_minus_square",
    "digamma": "digamma",
    "polygamma": "polygamma",
    **KERNEL_NAMES,
}
"""The functions of `math`, Python's built-in ones, and those of `special.py`."""

WHOLE: Final[Spellings] = {**PYTHON, "floor": "floor", "ceil": "ceil"}
"""The same with the helpers of `saturating.py`, which return floats."""

MATH: Final = frozenset(name for name in dir(math) if callable(getattr(math, name)))


class Python(Language):
    """Python with the functions of `math`; those that it lacks, or that fail beyond the floats, are written out."""

    title = "Python"
    operators = replace(ARITHMETIC, choice="#2 if #1 else #3", indicator="float(#1)")
    spellings = WHOLE
    rewrites = SOURCE_REWRITES
    first_result = "{}[0]"
    reserved: ClassVar = MATH | {"math"} | frozenset(keyword.kwlist) | frozenset(dir(builtins)) | set(OWN)

    def guard(self, condition: str, *, holds: bool) -> str:
        """Open a block."""
        return f"if {condition}:" if holds else f"if not ({condition}):"

    def guard_end(self) -> tuple[str, ...]:
        """Return no lines: a block ends with its indentation."""
        return ()

    def assign(self, name: str, text: str, *, declare: bool) -> str:  # noqa: ARG002  Python declares nothing
        """Return an assignment."""
        return f"{name} = {text}"

    def declare(self, names: Sequence[str]) -> list[str]:  # noqa: ARG002  likewise
        """Return no lines."""
        return []

    def whole(self, body: Body, signature: Signature) -> str:
        """Return the source of a function that returns the value and `{name: derivative}`, after its imports."""
        before = [f"{source}\n\n" for source in body.before]
        return "\n".join([*self.imports(body), *before, *self.definition(body, signature)])

    def function_apart(self, body: Body, name: str, about: str) -> str:
        """Return the source of a function that returns a tuple."""
        parameters = ", ".join(f"{parameter}: float" for parameter in body.parameters.values())
        returned = "".join(f"{result}, " for result in body.results)
        return "\n".join(
            [
                f"def {name}({parameters}) -> tuple[{', '.join(['float'] * len(body.results))}]:",
                f"{INDENT}{f'{about}.'!r}",
                *(INDENT + line for line in body.lines),
                f"{INDENT}return {returned[:-1] if len(body.results) == 1 else returned[:-2]}",
            ]
        )

    def imports(self, body: Body) -> Iterator[str]:
        """Yield the imports and helpers."""
        called = self.called(body.ops)
        sources = [*needed(SATURATING, called), *needed_among(OWN, called)]
        from_math = sorted(MATH & called - helpers(SATURATING).keys())
        if sources:
            yield "import math"
        if from_math:
            yield f"from math import {', '.join(from_math)}"
        if sources or from_math:
            yield "\n"
        for source in sources:
            yield f"{source}\n\n"

    def definition(self, body: Body, signature: Signature) -> Iterator[str]:
        """Yield the lines of the function."""
        parameters = ", ".join(f"{name}: float" for name in body.parameters.values())
        value, *partials = body.results
        pairs = ", ".join(f"{name!r}: {d}" for name, d in zip(signature.wrt, partials, strict=True))
        yield f"def {signature.name}({parameters}) -> tuple[float, dict[str, float]]:"
        yield f"{INDENT}{f'Value and gradient of {signature.about}.'!r}"
        yield from (INDENT + line for line in body.lines)
        yield f"{INDENT}return {value}, {{{pairs}}}"

    def identifier(self, name: str) -> str:
        """Return a name in Python's normal form, with `_` for each character that no identifier has."""
        plain = unicodedata.normalize("NFKC", name)
        return plain if plain.isidentifier() else "".join(c if f"_{c}".isidentifier() else "_" for c in f"_{plain}")
