"""Write out a chain rule in one of the formats, in one of the languages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from graphgrad.analysis.explain.chain import MAX_COUNT, Formula
from graphgrad.analysis.explain.phrases import WORDS
from graphgrad.analysis.explain.styles import FORMATS, MINUS, QUOTED, TIMES, Equation, Style
from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.analysis.explain.chain import Chain, Factor, Gathered, Path
    from graphgrad.check.sympy_formula import SympyDerivative

__all__ = ["FORMATS", "Explanation"]

MAX_POINT: Final = 12
"""The most inputs whose values are written."""

MAX_USES: Final = 6
"""The most nodes whose uses are told."""

MAX_WARNINGS: Final = 12
"""The most kinks and overflows that are written."""


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
        style = FORMATS[self.format]
        return style.finished("\n\n".join(style.between.join(block) for block in _Blocks(self).blocks()))

    def _repr_markdown_(self) -> str:
        """Show itself in a notebook, with formulas."""
        return str(replace(self, format="markdown"))

    def _repr_mimebundle_(self, **_wanted: object) -> dict[str, str]:
        """Return the explanation as plain text and with formulas; without it, the text would be that of a dataclass."""
        return {"text/plain": str(replace(self, format="text")), "text/markdown": self._repr_markdown_()}


def _style(explanation: Explanation) -> Style:
    names = [name for name, *_ in (*explanation.chain.at, *explanation.chain.steps)]
    is_quoted = explanation.format == "text" and any("`" in name.text for name in names)
    return QUOTED if is_quoted else FORMATS[explanation.format]


class _Blocks:
    """Writes the blocks of an explanation, each a heading and the lines below it."""

    def __init__(self, explanation: Explanation) -> None:
        self.chain, self.sympy, self.seed = explanation.chain, explanation.sympy, explanation.seed
        self.style, self.words = _style(explanation), WORDS[explanation.language]
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
            yield [
                self.heading("gather", count=self.count()),
                self.equations(map(self.gathered, self.chain.gathered)),
                self.end(),
            ]
        elif not self.chain.paths:
            why = "flat" if self.chain.depends else "nothing"
            yield [self.heading(why), self.equations([[self.whole, derivative]])]
        elif not self.chain.paths[0].factors:
            yield [self.heading("itself"), self.equations([[self.whole, derivative]])]
        elif len(self.chain.paths) == 1:
            yield [self.heading("path"), self.equations([self.path(self.chain.paths[0], first=self.whole)]), self.end()]
        else:
            products = self.style.plus.join(self.operand(path.product) for path in self.chain.paths)
            yield [
                self.heading("paths", count=self.count()),
                self.equations(map(self.path, self.chain.paths)),
                self.end(),
            ]
            yield [self.heading("sum"), self.equations([[self.whole, products, derivative]]), *self.uses()]

    def seeded(self) -> Equation:
        """Return the entry of the gradient: the seed times the derivative."""
        seed, derivative = self.multiplied(self.seed), self.chain.derivative
        product = self.style.number(self.seed * derivative)
        return [*(self.style.times.join((seed, by)) for by in (self.whole, self.multiplied(derivative))), product]

    def count(self) -> str:
        count = self.chain.path_count
        return str(count) if count < MAX_COUNT else f"> {MAX_COUNT}"

    def end(self) -> str:
        """Return the sentence that says with what the product begins."""
        seed = f"{self.style.partial(self.of, self.of)} = 1"
        return self.style.remark(self.phrase("end", seed=self.style.inline(seed)))

    def uses(self) -> Iterator[str]:
        """Yield a sentence for each node because of which there is a sum."""
        for name, by in self.chain.uses[:MAX_USES]:
            counts = Counter(self.style.inline(self.style.pick(user)) for user in by)
            is_single = len(counts) == 1
            users = [
                f"{user} ({self.often(count)})" if count > 1 and not is_single else user
                for user, count in counts.items()
            ]
            listed = users[0] if not users[1:] else self.words.also.join((", ".join(users[:-1]), users[-1]))
            node = self.style.inline(self.style.pick(name))
            yield self.style.remark(self.phrase("used", node=node, often=self.often(len(by)), users=listed))

    def often(self, count: int) -> str:
        return self.words.twice if count == 2 else self.words.times.format(count=count)  # noqa: PLR2004  twice

    def path(self, path: Path, first: str = "") -> Equation:
        """Return the product along a path three times: derivatives, their formulas, their numbers; from the end on."""
        factors = path.factors[::-1]
        written = (
            map(self.name, factors),
            (self.style.factor(factor.multiplied) for factor in factors),
            (self.multiplied(factor.value) for factor in factors),
        )
        sides = [first, *map(self.style.times.join, written), self.style.number(path.product)]
        return [*dict.fromkeys(side for side in sides if side)]

    def gathered(self, gathered: Gathered) -> Equation:
        sums: list[list[str]] = [[], [], []]
        for user, adjoint, factor in gathered.terms:
            outer = self.style.partial(self.of, self.style.pick(user))
            formula, number = self.style.factor(factor.multiplied), self.multiplied(factor.value)
            terms = [(outer, self.name(factor)), (outer, formula), (self.multiplied(adjoint), number)]
            for total, term in zip(sums, terms, strict=True):
                total.append(term[1] if user == self.chain.output else self.style.times.join(term))
        for total in sums if gathered.left_out else ():
            total.append(self.style.dots)
        whole = self.style.partial(self.of, self.style.pick(gathered.name))
        sides = [whole, *map(self.style.plus.join, sums), self.style.number(gathered.adjoint)]
        return [*dict.fromkeys(sides)]

    def operand(self, value: Any) -> str:
        """Return a number as a term of a sum: a negative one in brackets."""
        number = self.style.number(value)
        return f"({number})" if number.startswith(MINUS) else number

    def multiplied(self, value: Any) -> str:
        """Return a number as a factor of a product: a negative one and a power of ten in brackets."""
        number = self.style.number(value)
        return f"({number})" if number.startswith(MINUS) or any(sign in number for sign in TIMES) else number

    def closing(self) -> str:
        sympy = self.sympy
        if not sympy.sides and sympy.value is None:
            return self.style.remark(self.phrase("not_attempted", why=self.style.prose(sympy.why)))
        formula = self.style.sympy(Formula(sympy.text, sympy.tex)) if sympy.text else self.style.dots
        sides = [self.whole, formula, *([] if sympy.sides else [self.style.number(sympy.value)])]
        equation = self.equations([[*dict.fromkeys(sides)]])
        if not sympy.sides:
            return equation
        numbers = ", ".join(self.style.inline(self.style.number(float(side))) for side in sympy.sides)
        return "\n".join([equation, self.style.remark(": ".join([self.phrase("sides"), numbers]))])
