"""Write the page of operations from the rule table: `docs/operations.md`, which code hosts and the site show alike.

`python docs/operations_page.py && graphgrad-docs docs` writes it and its pictures anew.
"""

from __future__ import annotations

import contextlib
import json
import re
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from graphgrad import GraphgradError, parse
from graphgrad.namespaces import short
from graphgrad.ops.array_domains import Definite, Places
from graphgrad.printing import OPERANDS, Latex, called, derivative, listed, number_tex
from graphgrad.printing.reading import ReadingTex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad import Backprop, Graph
    from graphgrad.analysis import Explanation
    from graphgrad.ops import Op

__all__ = ["ACCURACY", "EXCEPTIONS", "GOAL", "PAGE", "page", "worst"]

PAGE: Final = Path(__file__).with_name("operations.md")

ACCURACY: Final[dict[str, dict[str, list[float]]]] = json.loads(
    Path(__file__).with_name("accuracy.json").read_text("utf-8")
)
"""The largest errors that `benchmarks/accuracy.py` measured: of the value and of each derivative, by row and path."""

GOAL: Final = 4
"""The units in the last place that an error may have without a reason on the page."""

NEAR_ZERO: Final = "where it is small because larger numbers cancel in it, so that their rounding shows"

FORMED: Final = (
    "an operand's sum, product or quotient is rounded first, which the function multiplies where it is steep"
)

LIBRARY: Final = "it is made of a function of the platform's library that errs by more than 2"

SCIPY: Final = "columns take SciPy's function"

EXCEPTIONS: Final[dict[str, str]] = {
    **dict.fromkeys(("factorial", "binomial", "erfcx", "exp1", "expi", "norminv"), SCIPY),
    **dict.fromkeys(("gammainc", "gammaincc", "betainc"), SCIPY),
    **dict.fromkeys(("erfinv", "erfcinv", "lambertw"), f"{SCIPY}; the rounding of the value shows in the derivative"),
    **dict.fromkeys(("jv", "yv"), f"{NEAR_ZERO}, as near the zeros of the function and of its slope; {SCIPY}"),
    **dict.fromkeys(("iv", "kv"), f"{SCIPY}; the derivative is made of functions of neighbouring orders"),
    **dict.fromkeys(("beta", "betaln"), f"{SCIPY}; a derivative is the difference of digamma by a tiny step"),
    "log_ndtr": f"{LIBRARY}: erfc",
    **dict.fromkeys(("sin_over_x", "entr", "rel_entr", "kl_div", "gelu", "gamma"), NEAR_ZERO),
    **dict.fromkeys(("pow", "boxcox", "logaddexp"), FORMED),
    **dict.fromkeys(("cbrt", "coth", "tanh", "atan2", "atand", "erfc", "normcdf"), LIBRARY),
    **dict.fromkeys(("lgamma", "digamma", "polygamma"), f"{LIBRARY}, or {NEAR_ZERO}"),
    **dict.fromkeys(("floor_mod", "rem"), "a quotient above 2**53 is no whole number that floats hold"),
    "pseudo_huber": "a square doubles the error of what is squared",
}
"""Why the errors of a row may be larger than `GOAL`."""

LARGE: Final = 1e6
"""An error that is told as no number: half of the digits are wrong."""

SHAPES: Final = ((3,), (2,), (2, 2), ())
"""Candidate shapes of an operand; the first combination that fits is shown."""

PROGRAMS: Final = {
    "einsum": 'einsum("ij,jk->ik", x, y)',
    "windows": "windows(x, size=2, stride=1)",
    "overlap_add": "overlap_add(x, y, size=2, stride=1)",
}
"""What is shown of an operation that says little with its default options."""

POINTS: Final[dict[str, tuple[float, ...]]] = {
    **dict.fromkeys(("jv", "yv", "iv", "kv"), (1.0, 2.5)),
    **dict.fromkeys(("gammainc", "gammaincc"), (2.0, 3.0)),
    "betainc": (2.0, 3.0, 0.4),
    "rem": (7.5, 2.0),
}
"""Points at which more is to be seen than at those found in the domains."""

NONE: Final = r"\text{none}"

READING: Final = ReadingTex()

SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~]")

HEAD: Final = """\
# All operations

Each operation is one row of a table that is written by hand. This page is generated from the table. For each operation
it shows the rule, a picture of both passes at a point with the local derivatives in red, and the derivation there with
sympy's own derivative beside it.

Accuracy is the largest error at 10,000 points of the operation's domain, hard ones among them, in units in the last
place (ulp) of the exact result: of the value, and of the derivatives in the order of the operands. It is measured
against 60 digits and more by `benchmarks/accuracy.py`, for floats (both passes at a point), for compiled functions on
columns with NumPy and SciPy, and for C with glibc. Half an ulp is the rounding of the exact result; the goal is 4 ulp,
and what is above it says why.

Columns of special functions take SciPy's functions, which are a thousand times faster than this project's own row by
row, and err by more: by up to 100 ulp (1e-14 of the number) for operands up to 20, and by up to 1e-12 for operands of
hundreds. Where SciPy is not installed, columns of some of them are computed row by row, and others are refused. Machine
code, which computes long columns with the extra `llvm`, has elementary functions of its own, within 1 ulp:
`benchmarks/vector_functions.py` measures them.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_index(), *(line for title, rows in listed().items() for line in _family(title, rows))])


def plain(text: str) -> str:
    """Return a text with the markup of Markdown escaped."""
    return SPECIAL.sub(r"\\\g<0>", text)


def _index() -> Iterator[str]:
    for title, rows in listed().items():
        yield f"- **{title}:** {', '.join(f'[`{called(op)}`](#operation-{op.name})' for op in rows)}"
    yield ""


def _family(title: str, rows: Iterable[Op]) -> Iterator[str]:
    yield from [f"## {title}", ""]
    for op in rows:
        yield from _section(op)


def _section(op: Op) -> Iterator[str]:
    yield from [f'<a id="operation-{op.name}"></a>', "", f"### `{called(op)}`", "", plain(described(op)), ""]
    yield from _formula(rule(op))
    if op.kink:
        yield from [f"At a kink: {plain(op.kink.convention)}.", ""]
    if op.name in ACCURACY:
        yield from [accuracy(op), ""]
    if op.arity:
        shown = Shown(op)
        options = " ".join(f'{name}="{value}"' if value else name for name, value in shown.options.items())
        where = f"Both passes of {shown.program} at {shown.options['at']}"
        yield from [f"<!-- graphgrad {options}", shown.program, "-->"]
        yield from [f"![{plain(where)}](operations/{op.name}.svg)", "", *_formula(shown.derivation())]


def _formula(lines: Iterable[str]) -> Iterator[str]:
    yield from ["```math", r"\begin{aligned}", *lines, r"\end{aligned}", "```", ""]


def described(op: Op) -> str:
    """Return an operation's description as a sentence, and its other names."""
    first = op.about.split(maxsplit=1)[0]
    text = f"{first.capitalize() if first.isalpha() and len(first) > 1 else first}{op.about[len(first) :]}."
    return text + (f" Also called {' and '.join(op.aliases)}." if op.aliases else "")


def accuracy(op: Op) -> str:
    """Return the sentence on an operation's errors, and the reason for those above the goal."""
    paths = "; ".join(f"{path} {', '.join(map(_ulps, errors))}" for path, errors in ACCURACY[op.name].items())
    reason = EXCEPTIONS.get(op.name)
    return f"Accuracy in ulp: {paths}." + (f" Above {GOAL}: {plain(reason)}." if reason else "")


def _ulps(error: float) -> str:
    return "any" if error >= LARGE else f"{error:g}"


def worst(name: str) -> float:
    """Return the largest error of a row on any path."""
    return max(error for errors in ACCURACY[name].values() for error in errors)


def rule(op: Op) -> Iterator[str]:
    """Yield an operation and its derivatives as lines of a formula; on arrays, its VJPs of the adjoint g."""
    rules = {name: text for i, name in enumerate(OPERANDS[: op.arity]) if (text := backward(op, i))}
    yield f"f &= {called(op, Latex())}" + r" \\" * bool(rules)
    for number, (name, text) in enumerate(rules.items(), 1):
        left = rf"\bar{{{name}}}" if op.on_arrays else partial(name)
        yield f"{left} &= {text}" + r" \\" * (number < len(rules))


def backward(op: Op, position: int) -> str:
    """Return in LaTeX what flows back to an operand; empty for any number of operands."""
    return "" if op.on_arrays and op.variadic else derivative(op, position, READING) or NONE


def partial(name: str) -> str:
    """Return a partial derivative's symbol in LaTeX."""
    return rf"\frac{{\partial f}}{{\partial {name}}}"


class Shown:
    """An operation at a point: the program, the options of its picture, and the derivation there."""

    def __init__(self, op: Op) -> None:
        """Find a point at which it is defined."""
        self.op, self.program = op, f"f = {PROGRAMS.get(op.name, called(op))}"
        self.names = [name for i, name in enumerate(OPERANDS[: op.arity]) if op.rule(i)]
        given = dict(zip(OPERANDS, POINTS.get(op.name, ()), strict=False))
        self.at, self.value = point(op, parse(self.program), given)

    @property
    def options(self) -> dict[str, str]:
        """The options of the picture."""
        at = ", ".join(f"{name}={written(x)}" for name, x in self.at.items())
        local = {} if self.op.on_arrays else {"local": ""}
        seed = {"seed": written(seed_for(self.value))} if np.ndim(self.value) else {}
        return {"wrt": ", ".join(self.names), **local, "at": at, **seed}

    def derivation(self) -> Iterator[str]:
        """Yield the derivatives there, or on arrays the adjoints, as lines of a formula."""
        result = parse(self.program).backprop(self.at, self.names, seed=seed_for(self.value))
        lines = list(flows(self.op, result) if self.op.on_arrays else explained(result, self.names))
        yield from (line + r" \\" * (number < len(lines)) for number, line in enumerate(lines, 1))


def explained(result: Backprop, names: Iterable[str]) -> Iterator[str]:
    """Yield each derivative at the point, and sympy's."""
    for name in names:
        yield derivation(result.explain(name, "latex"))


def flows(op: Op, result: Backprop) -> Iterator[str]:
    """Yield the adjoints of an array operation's operands at the point, as lines of a formula."""
    tex = parse(PROGRAMS[op.name]).to_latex() if op.name in PROGRAMS else called(op, Latex())
    yield f"f &= {equal(tex, matrix(result.value))}"
    yield f"g &= {matrix(seed_for(result.value))}"
    for position, name in enumerate(OPERANDS[: op.arity]):
        if name in result.grad and op.rule(position):
            sides = filter(None, [backward(op, position), matrix(result.grad[name])])
            yield rf"\bar{{{name}}} &= {equal(*sides)}"


def matrix(value: Any) -> str:
    """Return a number, or an array of up to two axes, as LaTeX."""
    if np.ndim(value) == 0:
        return number(value)
    rows = r" \\ ".join(" & ".join(map(number, row)) for row in np.atleast_2d(value))
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def point(op: Op, graph: Graph, given: dict[str, float]) -> tuple[dict[str, Any], Any]:
    """Return a point for an operation, of numbers or of small arrays that fit together, and its value there."""
    for shapes in product(SHAPES if op.on_arrays else [()], repeat=op.arity):
        found = {name: values(op, i, shape) for i, (name, shape) in enumerate(zip(OPERANDS, shapes, strict=False))}
        at = found | given
        with contextlib.suppress(GraphgradError):
            value = graph.backprop(at, [], seed=1).value
            if np.size(value):
                return at, value
    raise GraphgradError(f"no values of the shapes {SHAPES} fit {op.name}")


def values(op: Op, position: int, shape: tuple[int, ...]) -> Any:
    """Return rounded numbers from an operand's domain, as a number or as an array of a shape."""
    count, domain = prod(shape), op.domain(position)
    if isinstance(domain, Definite | Places):
        return np.reshape([*map(float, domain.entries(count, 0))], shape)[()]
    probes = op.domain(position).probes(2 * count + 2)[position % 2 + 1 :: 2][-count:]
    rounded = [round(probe, 1) for probe in probes]
    return np.reshape(rounded, shape) if shape else rounded[0]


def seed_for(value: Any) -> Any:
    """Return an adjoint for an array, with different entries."""
    return np.reshape(np.arange(1.0, np.size(value) + 1), np.shape(value))


def written(value: Any) -> str:
    """Return a number or an array as it is written beside an expression."""
    return f"[{', '.join(map(written, value))}]" if np.ndim(value) else f"{value:g}"


def derivation(explanation: Explanation) -> str:
    """Return a local derivative at the point and sympy's derivative, as a line of a formula."""
    by, sympy = explanation.chain.name.tex, explanation.sympy
    ours = "".join(equal(factor.formula.tex, number(factor.value)) for factor in explanation.chain.factors) or "0"
    theirs = rf"\text{{{sympy.why}}}" if sympy.value is None else equal(sympy.tex, number(sympy.value))
    return rf"{partial(by)} &= {ours} && \text{{sympy: }} {theirs}"


def equal(*sides: str) -> str:
    """Return an equation of the sides, without repetitions."""
    return " = ".join(dict.fromkeys(sides))


def number(value: object) -> str:
    """Return a number as LaTeX, to six digits."""
    return number_tex(short(value))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
