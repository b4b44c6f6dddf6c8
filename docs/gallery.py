"""Generate the gallery of operations and the tables of options from graphgrad's own tables."""

from __future__ import annotations

import contextlib
import io
import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from graphgrad import GraphgradError, parse
from graphgrad.cli import command as cli
from graphgrad.ext.block import OPTIONS
from graphgrad.namespaces import short
from graphgrad.printing import OPERANDS, Latex, called, derivative, listed, number_tex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

    from graphgrad import Backprop, Graph
    from graphgrad.analysis import Explanation
    from graphgrad.ops import Op

__all__ = ["setup"]

SHAPES: Final = ((3,), (2,), (2, 2), ())
"""Candidate shapes of an operand; the first combination that fits is shown."""

SPECIAL: Final = re.compile(r"[\\*`|_<]")
NONE: Final = r"\text{none}"


class Generated(SphinxDirective):
    """A directive that generates reStructuredText."""

    def lines(self) -> Iterator[str]:
        """Yield the text, line by line."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated text."""
        self.env.note_reread()  # the tables may change without the document
        self.content = StringList(list(self.lines()), source=f"{self.env.doc2path(self.env.docname)} <{self.name}>")
        return self.parse_content_to_nodes(allow_section_headings=True)


def plain(text: str) -> str:
    """Return a text with the markup of reStructuredText escaped."""
    return SPECIAL.sub(r"\\\g<0>", text)


class Operations(Generated):
    """An index of all operations, and for each its description, rule, picture of both passes, and derivation."""

    def lines(self) -> Iterator[str]:
        """Yield the index, then a section for each row of the table, family by family."""
        for title, rows in listed().items():
            links = ", ".join(f":ref:`{plain(called(op))} <operation-{op.name}>`" for op in rows)
            yield from [f"* **{title}:** {links}"]
        yield ""
        for title, rows in listed().items():
            yield from [title, "-" * len(title), ""]
            for op in rows:
                yield from section(op)


def section(op: Op) -> Iterator[str]:
    """Yield an operation's section."""
    title = plain(called(op))
    yield from [f".. _operation-{op.name}:", "", title, "^" * len(title), ""]
    yield from [plain(described(op)), ""]
    yield from formula(rule(op))
    if op.kink:
        yield from [f"At a kink: {plain(op.kink.convention)}.", ""]
    if op.arity:
        shown = Shown(op)
        yield from [f".. graphgrad:: {shown.program}", *(f"   :{key}: {value}" for key, value in shown.options.items())]
        yield from ["", *formula(shown.derivation())]


def formula(lines: Iterable[str]) -> Iterator[str]:
    """Yield aligned lines of LaTeX as a display formula."""
    yield from [".. math::", "", r"   \begin{aligned}", *(f"   {line}" for line in lines), r"   \end{aligned}", ""]


def described(op: Op) -> str:
    """Return an operation's description as a sentence, and its other names."""
    first = op.about.split(maxsplit=1)[0]
    text = f"{first.capitalize() if first.isalpha() and len(first) > 1 else first}{op.about[len(first) :]}."
    return text + (f" Also called {' and '.join(op.aliases)}." if op.aliases else "")


def rule(op: Op) -> Iterator[str]:
    """Yield an operation and its derivatives as lines of a formula; on arrays, its VJPs of the adjoint g."""
    rules = [] if op.on_arrays and op.variadic else [backward(op, i) for i in range(op.arity)]
    yield f"f &= {called(op, Latex())}" + r" \\" * bool(rules)
    for position, (name, text) in enumerate(zip(OPERANDS, rules, strict=False), 1):
        left = rf"\bar{{{name}}}" if op.on_arrays else partial(name)
        yield f"{left} &= {text}" + r" \\" * (position < len(rules))


def backward(op: Op, position: int) -> str:
    """Return in LaTeX what flows back to an operand."""
    return derivative(op, position, Latex()) or NONE


def partial(name: str) -> str:
    """Return a partial derivative's symbol in LaTeX."""
    return rf"\frac{{\partial f}}{{\partial {name}}}"


class Shown:
    """An operation at a point: the program, the options of its picture, and the derivation there."""

    def __init__(self, op: Op) -> None:
        """Find a point at which it is defined."""
        self.op, self.program = op, f"f = {called(op)}"
        self.names = [name for i, name in enumerate(OPERANDS[: op.arity]) if op.rule(i)]
        self.at, self.value = point(op, parse(self.program))

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
    yield f"f &= {equal(called(op, Latex()), matrix(result.value))}"
    yield f"g &= {matrix(seed_for(result.value))}"
    for position, name in enumerate(OPERANDS[: op.arity]):
        if name in result.grad and op.rule(position):
            rule = [] if op.variadic else [backward(op, position)]
            yield rf"\bar{{{name}}} &= {equal(*rule, matrix(result.grad[name]))}"


def matrix(value: Any) -> str:
    """Return a number, or an array of up to two axes, as LaTeX."""
    if np.ndim(value) == 0:
        return number(value)
    rows = r" \\ ".join(" & ".join(map(number, row)) for row in np.atleast_2d(value))
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def point(op: Op, graph: Graph) -> tuple[dict[str, Any], Any]:
    """Return a point for an operation, of numbers or of small arrays that fit together, and its value there."""
    for shapes in product(SHAPES if op.on_arrays else [()], repeat=op.arity):
        at = {name: values(op, i, shape) for i, (name, shape) in enumerate(zip(OPERANDS, shapes, strict=False))}
        with contextlib.suppress(GraphgradError):
            value = graph.backprop(at, [], seed=1).value
            if np.size(value):
                return at, value
    raise GraphgradError(f"no values of the shapes {SHAPES} fit {op.name}")


def values(op: Op, position: int, shape: tuple[int, ...]) -> Any:
    """Return rounded numbers from an operand's domain, as a number or as an array of a shape."""
    count = prod(shape)
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


class Options(Generated):
    """The options of the directive, the fence and the magic."""

    def lines(self) -> Iterator[str]:
        """Yield a table with a row for each option."""
        yield from [".. list-table::", "   :widths: auto", ""]
        for name, option in OPTIONS.items():
            yield from [f"   * - ``{name}``", f"     - {plain(option.about)}"]
        yield ""


class Help(Generated):
    """The output of `graphgrad --help`."""

    def lines(self) -> Iterator[str]:
        """Yield the help as a code block."""
        yield from [".. code-block:: text", "", *(f"   {line}".rstrip() for line in help_text().splitlines())]


def help_text() -> str:
    """Return the output of `graphgrad --help`."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        cli.main(["--help"])
    return printed.getvalue()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    app.add_directive("operations", Operations)
    app.add_directive("graphgrad-options", Options)
    app.add_directive("graphgrad-help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
