"""Writes the gallery of operations and the tables of options, from the tables that graphgrad itself reads."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Final

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from graphgrad import cli, parse
from graphgrad.ext.block import OPTIONS
from graphgrad.latex import Latex, number_tex
from graphgrad.numerals import short
from graphgrad.rules import OPS
from graphgrad.table import OPERANDS, called, derivative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

    from graphgrad.explain import Explanation
    from graphgrad.op import Op

__all__ = ["setup"]

PROBES: Final = 4
"""Of so many points in an operand's domain, the third is shown, and for the next operand the last."""

SPECIAL: Final = re.compile(r"[\\*`|_]")
DERIVED: Final = {False: r"\frac{{\partial z}}{{\partial {}}}", True: r"\bar{{{}}}"}
"""How the derivative of a number by an operand is written, and an array's adjoint."""

NONE: Final = r"\text{none}"


class Written(SphinxDirective):
    """A directive that stands for reStructuredText which it writes."""

    def lines(self) -> Iterator[str]:
        """Yield the text, line by line."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the text's nodes."""
        self.env.note_reread()  # the tables may change while the document does not
        self.content = StringList(list(self.lines()), source=f"{self.env.doc2path(self.env.docname)} <{self.name}>")
        return self.parse_content_to_nodes(allow_section_headings=True)


def plain(text: str) -> str:
    """Return a text so that reStructuredText shows it and obeys nothing in it."""
    return SPECIAL.sub(r"\\\g<0>", text)


def sentence(text: str) -> str:
    """Return a text as a sentence."""
    return plain(f"{text[0].upper()}{text[1:]}.")


class Operations(Written):
    """All operations: what each is, its rule, a picture of both passes, and how the derivative comes about."""

    def lines(self) -> Iterator[str]:
        """Yield a section for each row of the table."""
        for op in OPS.values():
            yield from section(op)


def section(op: Op) -> Iterator[str]:
    """Yield an operation's section."""
    yield from [f".. _operation-{op.name}:", "", op.name, "-" * len(op.name), ""]
    yield from [f"{sentence(op.about)} {written(op)}", ""]
    yield from [".. math::", "", *(f"   {line}" for line in rule(op)), ""]
    if op.kink:
        yield from [f"At a kink: {plain(op.kink.convention)}.", ""]
    if op.arity and not op.vjp:
        yield from picture(op)


def written(op: Op) -> str:
    """Return how an operation is written."""
    ways = [called(op), *op.aliases]
    return f"Written {' or '.join(f'``{way}``' for way in ways)}."


def rule(op: Op) -> Iterator[str]:
    """Yield an operation and its derivatives, or the adjoints that it makes of g, as lines of a formula."""
    yield r"\begin{aligned}"
    yield f"z &= {called(op, Latex())}"
    for position in range(op.arity * (not (op.vjp and op.variadic))):
        tex = derivative(op, position, Latex()) or NONE
        yield rf"\\ {DERIVED[bool(op.vjp)].format(OPERANDS[position])} &= {tex}"
    yield r"\end{aligned}"


def picture(op: Op) -> Iterator[str]:
    """Yield the picture of both passes at a point, and the derivation there."""
    names = [name for position, name in enumerate(OPERANDS[: op.arity]) if op.rule(position)]
    at = {name: round(op.domain(i).probes(PROBES)[2 + i % 2], 1) for i, name in enumerate(OPERANDS[: op.arity])}
    point = ", ".join(f"{name}={value:g}" for name, value in at.items())
    program = f"z = {called(op)}"
    yield from [f".. graphgrad:: {program}", "   :local:", f"   :at: {point}", f"   :wrt: {', '.join(names)}", ""]
    result = parse(program).backprop(at, names)
    explained = [result.explain(name, "latex") for name in names]
    yield from [".. math::", "", r"   \begin{aligned}", *map(derivation, explained), r"   \end{aligned}", ""]


def derivation(explanation: Explanation) -> str:
    """Return a local derivative at the point, and sympy's derivative beside it, as a line of a formula."""
    by, sympy = explanation.chain.name.tex, explanation.sympy
    ours = "".join(equal(factor.formula.tex, number(factor.value)) for factor in explanation.chain.factors) or "0"
    theirs = rf"\text{{{sympy.why}}}" if sympy.value is None else equal(sympy.tex, number(sympy.value))
    return rf"   \frac{{\partial z}}{{\partial {by}}} &= {ours} && \text{{sympy: }} {theirs} \\"


def equal(*sides: str) -> str:
    """Return the sides of an equation, each one once."""
    return " = ".join(dict.fromkeys(sides))


def number(value: object) -> str:
    """Return a number as LaTeX, to six digits."""
    return number_tex(short(value))


class Options(Written):
    """The options of the directive, the fence and the magic."""

    def lines(self) -> Iterator[str]:
        """Yield a table with a row for each option."""
        yield from [".. list-table::", "   :widths: auto", ""]
        for name, option in OPTIONS.items():
            yield from [f"   * - ``{name}``", f"     - {plain(option.about)}"]
        yield ""


class Help(Written):
    """What the command prints for `--help`."""

    def lines(self) -> Iterator[str]:
        """Yield the help as it stands on a terminal."""
        yield from [".. code-block:: text", "", *(f"   {line}".rstrip() for line in help_text().splitlines())]


def help_text() -> str:
    """Return what `graphgrad --help` prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        cli.main(["--help"])
    return printed.getvalue()


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known to Sphinx."""
    app.add_directive("operations", Operations)
    app.add_directive("graphgrad-options", Options)
    app.add_directive("graphgrad-help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
