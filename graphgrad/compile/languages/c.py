"""Write a function in C99."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from graphgrad.base.terminal_text import printable
from graphgrad.compile.languages.helpers import helpers, needed_among, preamble
from graphgrad.compile.languages.language import ARITHMETIC, INDENT, Language
from graphgrad.compile.languages.translation import FILES, KERNEL_NAMES, kernels_in_c, prototype
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphgrad.compile.languages.language import Body, Signature
    from graphgrad.ops.targets import Spellings

__all__ = ["C"]

FILE: Final = "compile/languages/special.c"

C99: Final[Spellings] = {
    **LIBM,
    "erf": "erf",
    "erfc": "erfc",
    "gamma": "tgamma",
    "lgamma": "lgamma",
    "abs": "fabs",
    "exp2": "exp2",
    "rem": "fmod",
    "round": "rint",
    "trunc": "trunc",
    "exp_minus_square": "exp_minus_square",
    "digamma": "digamma",
    "polygamma": "polygamma",
    **KERNEL_NAMES,
}
"""The functions of <math.h>, C99 section 7.12, and the helpers of `special.c`."""

KEYWORDS: Final = """
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    asm fortran bool true false main grad j0 j1 jn y0 y1 yn signgam tgamma fabs NAN INFINITY
"""
"""The keywords of C99, section 6.4.1, and other names that <math.h> defines."""


class C(Language):
    """C99 with the doubles of `<math.h>`; functions that it lacks are written before the function."""

    title = "C"
    operators = replace(ARITHMETIC, choice="#1 ? #2 : #3", indicator="(double)(#1)")
    spellings = C99
    first_result = "{}.of[0]"
    reserved: ClassVar = (
        frozenset(KEYWORDS.split())
        | {"pair"}
        | C99.keys()
        | frozenset(C99.values())
        | frozenset(name for file in (FILE, *FILES) for name in helpers(file))
    )

    def guard(self, condition: str, *, holds: bool) -> str:
        """Open a block."""
        return f"if ({condition if holds else f'!({condition})'}) {{"

    def guard_end(self) -> tuple[str, ...]:
        """Close a block."""
        return ("}",)

    def assign(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment."""
        return f"{'const double ' * declare}{name} = {text};"

    def declare(self, names: Sequence[str]) -> list[str]:
        """Return the declaration of the names assigned in blocks."""
        return ["double " + ", ".join(f"{name} = 0" for name in names) + ";"] if names else []

    def results_type(self, most: int) -> dict[str, str]:
        """Return the definition of a structure of numbers."""
        return {f"results{most}": f"typedef struct {{ double of[{most}]; }} results{most};"} if most else {}

    def assign_call(self, name: str, text: str, *, declare: bool) -> str:
        """Return an assignment of a structure."""
        return f"{f'const results{self.apart.most} ' * declare}{name} = {text};"

    def declare_calls(self, names: Sequence[str]) -> list[str]:
        """Return the declaration of the structures assigned in blocks."""
        return [f"results{self.apart.most} {', '.join(f'{name} = {{{{0}}}}' for name in names)};"] if names else []

    def function_apart(self, body: Body, name: str, about: str) -> str:
        """Return the source of a function that returns a structure."""
        parameters = ", ".join(f"double {parameter}" for parameter in body.parameters.values())
        return "\n".join(
            [
                f"/* {_inside(about)} */",
                f"static results{self.apart.most} {name}({parameters}) {{",
                *(INDENT + line for line in body.lines),
                f"{INDENT}return (results{self.apart.most}){{{{{', '.join(body.results)}}}}};",
                "}",
            ]
        )

    def whole(self, body: Body, signature: Signature) -> str:
        """Return the source of a function that returns the value and fills `grad`, in the order of `signature.wrt`."""
        value, *partials = body.results
        parameters = [f"double {name}" for name in body.parameters.values()]
        stores = [f"grad[{i}] = {d};" for i, d in enumerate(partials)]
        about = [*signature.about.splitlines(), *(["grad: by " + ", ".join(signature.wrt)] if signature.wrt else [])]
        return "\n".join(
            [
                "#include <math.h>\n",
                *(f"{source}\n" for source in _helpers(self.called(body.ops))),
                *(f"{source}\n" for source in body.before),
                *(f"/* {_inside(line)} */" for line in about),
                f"double {signature.name}({', '.join([*parameters, f'double grad[{max(len(partials), 1)}]'])}) {{",
                *(INDENT + line for line in [*body.lines, *stores, f"return {value};"]),
                "}",
            ]
        )

    def identifier(self, name: str) -> str:
        """Return a name in ASCII, other characters replaced by their code points."""
        plain = "".join(c if c.isascii() and f"_{c}".isidentifier() else f"_{ord(c):x}_" for c in name)
        return plain if plain[:1].isalpha() else f"x{plain}"


def _inside(text: str) -> str:
    """Return a text on one line without a comment's start or end, and without characters that cannot be seen."""
    return printable(" ".join(text.split())).replace("*/", "* /").replace("/*", "/ *")


def _helpers(called: Collection[str]) -> list[str]:
    """Return the source of the helpers that are called, under the prototypes of those that may call each other."""
    kernels = kernels_in_c() if set(called) & set(KERNEL_NAMES.values()) else {}
    sources = needed_among({**helpers(FILE), **kernels}, called)
    types = [preamble(FILE)] if any("pair" in source for source in sources) else []
    first = [source for source in sources if source not in kernels.values()]
    heads = [prototype(source) for source in kernels.values() if source in sources]
    return [*types, *first, *(["\n".join(heads)] if heads else []), *sources[len(first) :]]
