"""Write a function in JavaScript (ECMAScript 2015 and later)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.terminal_text import printable
from graphgrad.compile.languages.helpers import helpers, needed_among
from graphgrad.compile.languages.language import ARITHMETIC, INDENT, Language
from graphgrad.compile.languages.translation import FILES, KERNEL_NAMES, camel_case, kernels_in_javascript
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.targets import Spellings

__all__ = ["JAVASCRIPT", "JavaScript", "known_helpers", "literal"]

FILE: Final = "compile/languages/special.js"

JAVASCRIPT: Final[Spellings] = {
    **{name: f"Math.{function}" for name, function in LIBM.items()},
    "abs": "Math.abs",
    "max": "Math.max",
    "min": "Math.min",
    "sign": "Math.sign",
    "trunc": "Math.trunc",
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "gamma",
    "lgamma": "lgamma",
    "exp_minus_square": "expMinusSquare",
    "digamma": "digamma",
    "polygamma": "polygamma",
    **{name: camel_case(function) for name, function in KERNEL_NAMES.items()},
}
"""The functions of Math, ECMA-262, section 21.3.2, and the helpers of `special.js`."""

OWN: Final = frozenset(camel_case(name) for file in FILES for name in helpers(file))

KEYWORDS: Final = """
    abstract arguments await boolean break byte case catch char class const continue debugger default delete do double
    else enum eval export extends false final finally float for function goto if implements import in instanceof int
    interface let long native new null package private protected public return short static super switch synchronized
    this throw throws transient true try typeof undefined var void volatile while with yield Infinity Math NaN Object
"""
"""The reserved words of ECMA-262, section 12.7.2, those of older editions included."""


def literal(value: Any) -> str:
    r"""Return a value of JSON as a JavaScript literal that is safe in an HTML page.

    >>> print(literal(["</script>", 1.5, None]))
    ["\u003c/script>", 1.5, null]
    """
    return json.dumps(value).replace("<", "\\u003c")


def _key(name: str) -> str:
    """Return a name as a key of an object; `"__proto__": x` would set the object's prototype."""
    return f"[{literal(name)}]" if name == "__proto__" else literal(name)


class JavaScript(Language):
    """JavaScript with the functions of `Math`; those that it lacks are written before the function."""

    title = "JavaScript"
    operators = replace(ARITHMETIC, choice="#1 ? #2 : #3", indicator="+(#1)")
    spellings = JAVASCRIPT
    first_result = "{}[0]"
    reserved: ClassVar = frozenset(KEYWORDS.split()) | frozenset(helpers(FILE)) | OWN

    def guard(self, condition: str, *, holds: bool) -> str:
        """Open a block."""
        return f"if ({condition if holds else f'!({condition})'}) {{"

    def guard_end(self) -> tuple[str, ...]:
        """Close a block."""
        return ("}",)

    def assign(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment."""
        return f"{'const ' * declare}{name} = {text};"

    def declare(self, names: Sequence[str]) -> list[str]:
        """Return the declaration of the names assigned in blocks."""
        return [f"let {', '.join(names)};"] if names else []

    def function_apart(self, body: Body, name: str, about: str) -> str:
        """Return the source of a function that returns a list."""
        return "\n".join(
            [
                f"// {printable(about)}".replace("</", "< /"),
                f"function {name}({', '.join(body.parameters.values())}) {{",
                *(INDENT + line for line in body.lines),
                f"{INDENT}return [{', '.join(body.results)}];",
                "}",
            ]
        )

    def whole(self, body: Body, signature: Signature) -> str:
        """Return the source of a function that returns `[value, {name: derivative}]`."""
        value, *partials = body.results
        called = self.called(body.ops)
        pairs = ", ".join(f"{_key(name)}: {d}" for name, d in zip(signature.wrt, partials, strict=True))
        lines = [*body.lines, f"return [{value}, {{{pairs}}}];"]
        comment = [f"// {printable(line).replace('</', '< /')}" for line in signature.about.splitlines()]
        return "\n".join(
            [
                *(f"{source}\n" for source in needed_among(known_helpers(called), called)),
                *(f"{source}\n" for source in body.before),
                *comment,
                f"function {signature.name}({', '.join(body.parameters.values())}) {{",
                *(INDENT + line for line in lines),
                "}",
            ]
        )

    def identifier(self, name: str) -> str:
        """Return a name with `_` for each character that no identifier has."""
        return name if name.isidentifier() else "".join(c if f"_{c}".isidentifier() else "_" for c in f"_{name}")


def known_helpers(called: Collection[str]) -> dict[str, str]:
    """Return the source of each helper by name; those written from Python only where one of them is called."""
    kernels = kernels_in_javascript() if set(called) & OWN else {}
    return {**helpers(FILE), **kernels}
