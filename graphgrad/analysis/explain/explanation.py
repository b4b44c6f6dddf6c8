"""Format a chain rule as plain text, as Markdown with formulas, or as LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from graphgrad.analysis.explain.chain import MAX_COUNT, Formula
from graphgrad.analysis.explain.phrases import WORDS
from graphgrad.base.public import public
from graphgrad.base.terminal_text import printable
from graphgrad.namespaces.display import short
from graphgrad.printing.latex import number_tex
from graphgrad.printing.latex_names import escaped
from graphgrad.text.quoted_names import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.analysis.explain.chain import Chain, Factor, Gathered, Path
    from graphgrad.check.sympy_formula import SympyDerivative

__all__ = ["FORMATS", "Explanation"]

MAX_POINT: Final = 12
"""The most inputs whose values are written."""

MAX_WARNINGS: Final = 12
"""The most kinks and overflows that are written."""

SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

Equation = list[str]
"""The sides of an equation, from left to right."""


class _Plain:
    """Plain text for a terminal."""

    times, plus, dots, between = " × ", " + ", "…", "\n"

    def pick(self, formula: Formula) -> str:
        return printable(formula.text)

    def number(self, value: Any) -> str:
        return short(value)

    def partial(self, of: str, by: str, occurrence: int = 0) -> str:
        which = f"⁽{str(occurrence).translate(SUPERSCRIPTS)}⁾" if occurrence else ""
        return f"∂{grouped(of)}/∂{grouped(by)}{which}"

    def inline(self, text: str) -> str:
        return text

    def prose(self, text: str) -> str:
        return printable(text)

    def heading(self, text: str) -> str:
        return text

    def equations(self, equations: Sequence[Equation]) -> str:
        return "\n".join("  " + " = ".join(sides) for sides in equations)

    def remark(self, text: str) -> str:
        return f"  ({text})"


class _Latex(_Plain):
    """LaTeX for a document that loads amsmath."""

    times, plus, dots = r" \times ", " + ", r"\dots"

    def pick(self, formula: Formula) -> str:
        return formula.tex

    def number(self, value: Any) -> str:
        return number_tex(short(value))

    def partial(self, of: str, by: str, occurrence: int = 0) -> str:
        which = f"^{{({occurrence})}}" if occurrence else ""
        return rf"\frac{{\partial {of}}}{{\partial {by}{which}}}"

    def inline(self, text: str) -> str:
        return f"${text}$"

    def prose(self, text: str) -> str:
        return escaped(text)

    def equations(self, equations: Sequence[Equation]) -> str:
        return f"\\begin{{align*}}\n{_rows(equations)}\n\\end{{align*}}"

    def remark(self, text: str) -> str:
        return f"({text})"


class _Markdown(_Latex):
    """Markdown with LaTeX formulas between dollar signs, for notebooks and code hosts."""

    between = "\n\n"

    def prose(self, text: str) -> str:
        return re.sub(r"([\\`*_{}\[\]<>()#+.!|$~-])", r"\\\1", printable(text))

    def heading(self, text: str) -> str:
        return f"**{text}**"

    def equations(self, equations: Sequence[Equation]) -> str:
        return f"$$\n\\begin{{aligned}}\n{_rows(equations)}\n\\end{{aligned}}\n$$"


FORMATS: Final[dict[str, _Plain]] = {"text": _Plain(), "markdown": _Markdown(), "latex": _Latex()}


def _rows(equations: Sequence[Equation]) -> str:
    return " \\\\\n".join(f"{sides[0]} &= {' = '.join(sides[1:])}" for sides in equations)


@public
@dataclass(frozen=True)
class Explanation:
    """An explanation of a derivative: `chain` as data, sympy's derivative as `sympy`, `str()` in format and language.

    The chain is that of the output's derivative; where the passes had another `seed` than 1, the text says so.

    >>> from graphgrad import parse
    >>> explanation = parse("x*y").backprop({"x": 3, "y": 5}).explain("x")
    >>> explanation.chain.derivative, explanation.sympy.text
    (5.0, 'y')
    """

    chain: Chain
    sympy: SympyDerivative
    format: str = "text"
    language: str = "en"
    seed: Any = 1

    def __str__(self) -> str:
        """Return the explanation as text."""
        between = FORMATS[self.format].between
        return "\n\n".join(between.join(block) for block in _Blocks(self).blocks())

    def _repr_markdown_(self) -> str:
        """Show itself in a notebook, with formulas."""
        return str(replace(self, format="markdown"))

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the explanation as plain text and with formulas; without it, the text would be that of a dataclass."""
        return {"text/plain": str(replace(self, format="text")), "text/markdown": self._repr_markdown_()}


class _Blocks:
    """Writes the blocks of an explanation, each a heading and the lines below it."""

    def __init__(self, explanation: Explanation) -> None:
        self.chain, self.sympy, self.seed = explanation.chain, explanation.sympy, explanation.seed
        self.style, self.words = FORMATS[explanation.format], WORDS[explanation.language]
        self.of, self.by = self.style.pick(self.chain.output), self.style.pick(self.chain.name)
        self.whole = self.style.partial(self.of, self.by)

    def blocks(self) -> Iterator[list[str]]:
        yield [self.heading("title"), *self.point()]
        if self.chain.steps:
            yield [self.heading("steps"), self.equations(self.steps()), *self.left_out()]
        if self.chain.factors:
            yield [self.heading("local"), self.equations(map(self.local, self.chain.factors)), *self.occurrences()]
        yield from self.combined()
        if self.seed != 1:
            yield [self.heading("seed"), self.equations([self.seeded()])]
        yield [self.heading("sympy"), self.closing()]
        if self.chain.warnings:
            yield [self.heading("note"), *map(self.warning, self.chain.warnings[:MAX_WARNINGS])]

    def warning(self, text: str) -> str:
        return self.style.remark(self.style.prose(text))

    def phrase(self, word: str, **more: Any) -> str:
        names = {"of": self.style.inline(self.of), "by": self.style.inline(self.by)}
        return str(getattr(self.words, word)).format(**names, **more)

    def heading(self, word: str, **more: Any) -> str:
        return self.style.heading(self.phrase(word, **more))

    def equations(self, equations: Iterable[Equation]) -> str:
        return self.style.equations([*equations])

    def point(self) -> list[str]:
        equations = [f"{self.style.pick(name)} = {self.style.number(value)}" for name, value in self.chain.at]
        more = [self.style.dots] * (len(equations) > MAX_POINT)
        values = ", ".join(map(self.style.inline, equations[:MAX_POINT] + more))
        return [self.phrase("point", values=values)] if equations else []

    def steps(self) -> Iterator[Equation]:
        for name, formula, value in self.chain.steps:
            yield [self.style.pick(name), self.style.pick(formula), *self.value(value)]

    def value(self, value: Any) -> list[str]:
        return [] if isinstance(value, Exception) else [self.style.number(value)]

    def left_out(self) -> list[str]:
        count = self.chain.left_out
        return [self.style.remark(self.phrase("left_out", count=count))] if count else []

    def occurrences(self) -> list[str]:
        repeated = any(factor.occurrence for factor in self.chain.factors)
        return [self.style.remark(self.phrase("occurrences"))] if repeated else []

    def name(self, factor: Factor) -> str:
        return self.style.partial(self.style.pick(factor.of), self.style.pick(factor.by), factor.occurrence)

    def local(self, factor: Factor) -> Equation:
        sides = [self.name(factor), self.style.pick(factor.formula), self.style.number(factor.value)]
        return [*dict.fromkeys(sides)]

    def combined(self) -> Iterator[list[str]]:
        """Yield the blocks that combine the local derivatives: along paths, or node by node."""
        derivative = self.style.number(self.chain.derivative)
        if self.chain.gathered:
            yield [self.heading("gather", count=self.count()), self.equations(map(self.gathered, self.chain.gathered))]
        elif not self.chain.paths:
            yield [self.heading("nothing"), self.equations([[self.whole, derivative]])]
        elif not self.chain.paths[0].factors:
            yield [self.heading("itself"), self.equations([[self.whole, derivative]])]
        elif len(self.chain.paths) == 1:
            yield [self.heading("path"), self.equations([self.path(self.chain.paths[0], first=self.whole)])]
        else:
            products = self.style.plus.join(self.operand(path.product) for path in self.chain.paths)
            yield [self.heading("paths", count=self.count()), self.equations(map(self.path, self.chain.paths))]
            yield [self.heading("sum"), self.equations([[self.whole, products, derivative]])]

    def seeded(self) -> Equation:
        """Return the entry of the gradient: the seed times the derivative."""
        seed, derivative = self.operand(self.seed), self.chain.derivative
        product = self.style.number(self.seed * derivative)
        return [*(self.style.times.join((seed, by)) for by in (self.whole, self.operand(derivative))), product]

    def count(self) -> str:
        count = self.chain.path_count
        return str(count) if count < MAX_COUNT else f"> {MAX_COUNT}"

    def path(self, path: Path, first: str = "") -> Equation:
        names = self.style.times.join(map(self.name, path.factors))
        numbers = self.style.times.join(self.operand(factor.value) for factor in path.factors)
        sides = [first, names, numbers, self.style.number(path.product)]
        return [*dict.fromkeys(side for side in sides if side)]

    def gathered(self, gathered: Gathered) -> Equation:
        names, numbers = [], []
        for user, adjoint, factor in gathered.terms:
            outer = self.style.partial(self.of, self.style.pick(user))
            is_output = user == self.chain.output
            names.append(self.name(factor) if is_output else self.style.times.join((self.name(factor), outer)))
            values = [factor.value] if is_output else [factor.value, adjoint]
            numbers.append(self.style.times.join(map(self.operand, values)))
        if gathered.left_out:
            names.append(self.style.dots)
            numbers.append(self.style.dots)
        whole = self.style.partial(self.of, self.style.pick(gathered.name))
        sides = [whole, *map(self.style.plus.join, (names, numbers)), self.style.number(gathered.adjoint)]
        return [*dict.fromkeys(sides)]

    def operand(self, value: Any) -> str:
        """Return a number as an operand of a product or a sum: a negative one in brackets."""
        number = self.style.number(value)
        return f"({number})" if number.startswith("-") else number

    def closing(self) -> str:
        sympy = self.sympy
        if not sympy.sides and sympy.value is None:
            return self.style.remark(self.phrase("not_attempted", why=self.style.prose(sympy.why)))
        formula = self.style.pick(Formula(sympy.text, sympy.tex)) if sympy.text else self.style.dots
        sides = [self.whole, formula, *([] if sympy.sides else [self.style.number(sympy.value)])]
        equation = self.equations([[*dict.fromkeys(sides)]])
        if not sympy.sides:
            return equation
        numbers = ", ".join(self.style.inline(self.style.number(float(side))) for side in sympy.sides)
        return "\n".join([equation, self.style.remark(": ".join([self.phrase("sides"), numbers]))])
