"""Write out the chain rule at a point: named steps, local derivatives, and paths or sums at each node."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.edge_formulas import MAX_SYMBOL, formula
from graphgrad.backprop.kinks import is_beside_kink
from graphgrad.backprop.result_warnings import warnings
from graphgrad.base.public import public
from graphgrad.printing.named import named
from graphgrad.printing.names import ReadingNames
from graphgrad.printing.reading import Reading, ReadingTex, as_factor
from graphgrad.printing.text import Notation
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step
    from graphgrad.printing.operators import Text
    from graphgrad.tape.tape import Tape

__all__ = ["Chain", "Factor", "Formula", "Gathered", "Meaning", "Path", "Uses", "chain"]

MAX_FACTORS: Final = 60
"""The most factors, over all paths, that are written out; beyond, the contributions are summed node by node."""

MAX_STEPS: Final = 40
"""The most steps that are written out; of more steps, those nearest to the output."""

MAX_TERMS: Final = 8
"""The most terms of a node's sum of contributions that are written out."""

MAX_COUNT: Final = 10**9
"""The number at which the counting of paths stops."""


@public
class Formula(NamedTuple):
    """A formula, or a name, as text and as LaTeX.

    >>> from graphgrad import parse
    >>> parse("x*y").backprop({"x": 2, "y": 3}).explain("x").chain.name
    Formula(text='x', tex='x')
    """

    text: str
    tex: str


@public
class Meaning(NamedTuple):
    """A step with its name: `name = formula = value`.

    >>> from graphgrad import parse
    >>> [step] = parse("x*y").backprop({"x": 3, "y": 5}).explain("x").chain.steps
    >>> step.name.text, step.formula.text, step.value
    ('E', 'x*y', 15.0)
    """

    name: Formula
    formula: Formula
    value: Any


@public
class Factor(NamedTuple):
    """A local derivative: ∂of/∂by = formula = value; `occurrence` counts the uses of an operand used twice, else 0.

    `multiplied` is the formula as it stands in a product, in brackets where it needs them.

    >>> from graphgrad import parse
    >>> [factor] = parse("x*y").backprop({"x": 3, "y": 5}).explain("x").chain.factors
    >>> factor.of.text, factor.by.text, factor.formula.text, factor.value
    ('E', 'x', 'y', 5.0)
    """

    of: Formula
    by: Formula
    occurrence: int
    formula: Formula
    value: Any
    multiplied: Formula = Formula("", "")


@public
class Path(NamedTuple):
    """A path from the input to the output: the local derivatives on it, and their product.

    >>> from graphgrad import parse
    >>> [path.product for path in parse("x*x").backprop({"x": 3}).explain("x").chain.paths]
    [3.0, 3.0]
    """

    factors: tuple[Factor, ...]
    product: Any


@public
class Gathered(NamedTuple):
    """A node's adjoint as a sum over its users; a term is a user, its adjoint, and the local derivative between them.

    `left_out` counts the terms that are not written out. A chain has these instead of paths if the paths are too many.

    >>> from graphgrad import parse
    >>> chain = parse("a = x*x; b = a*a; c = b*b; c*c*c").backprop({"x": 1}).explain("x").chain
    >>> [(gathered.name.text, gathered.adjoint) for gathered in chain.gathered]
    [('s', 1.0), ('c', 3.0), ('b', 6.0), ('a', 12.0), ('x', 24.0)]
    """

    name: Formula
    terms: tuple[tuple[Formula, Any, Factor], ...]
    adjoint: Any
    left_out: int = 0


@public
class Uses(NamedTuple):
    """A node that is used more than once on the way to the output, and the nodes that use it, one for each use.

    >>> from graphgrad import parse
    >>> [uses] = parse("x*sin(x)").backprop({"x": 3}).explain("x").chain.uses
    >>> uses.name.text, [user.text for user in uses.by]
    ('x', ['s', 'E'])
    """

    name: Formula
    by: tuple[Formula, ...]


@public
@dataclass(frozen=True)
class Chain:
    """The chain rule for one input at a point; either `paths` or `gathered` derives the derivative.

    `at` is the point, `left_out` the number of steps far from the output that are not written out, and `path_count` the
    number of paths, counted up to a billion. `uses` are the nodes because of which there are several paths. `depends`
    says whether the output depends on the input at all.

    >>> from graphgrad import parse
    >>> chain = parse("x*x + y").backprop({"x": 3, "y": 5}).explain("x").chain
    >>> chain.derivative, chain.path_count, [step.formula.text for step in chain.steps]
    (6.0, 2, ['x*x', 's + y'])
    """

    name: Formula
    output: Formula
    at: tuple[tuple[Formula, Any], ...]
    derivative: Any
    steps: tuple[Meaning, ...]
    factors: tuple[Factor, ...]
    paths: tuple[Path, ...]
    gathered: tuple[Gathered, ...]
    path_count: int
    left_out: int
    warnings: tuple[str, ...]
    tex_names: dict[str, str]
    uses: tuple[Uses, ...] = ()
    depends: bool = True


def chain(passes: Passes, name: str) -> Chain:
    """Return the chain rule for one input; `passes` differentiate by that input alone."""
    return _ChainBuilder(passes, name).chain()


class _ChainBuilder:
    """Builds a `Chain`: `live_edges` are the edges with contributions on paths to the input, by result."""

    def __init__(self, passes: Passes, name: str) -> None:
        self.passes, self.tape, self.name = passes, passes.tape, name
        self.node, self.output = passes.graph.node(name), passes.graph.output
        self.steps = {step.target: step for step in self.tape.steps}
        self.counts = _path_counts(self.tape, passes.backward.contributions, self.node)
        self.live_edges = self._live_edges()
        self.names = _names(passes, set(self.live_edges))
        self.plain, self.latex = Reading(), ReadingTex(self.names.values())
        self.text, self.tex = (
            named(self.tape, m, lambda node, _: self.names.get(node))[0] for m in (self.plain, self.latex)
        )

    def _live_edges(self) -> dict[int, list[tuple[int, int]]]:
        """Return the edges with contributions on paths to the input, by result, in the order of operands."""
        edges: dict[int, list[tuple[int, int]]] = {}
        for result, position in sorted(self.passes.backward.contributions):
            if self.counts.get(self.steps[result].operands[position]):
                edges.setdefault(result, []).append((result, position))
        return edges

    def chain(self) -> Chain:
        steps = [step for step in self.tape.steps if step.target in self.names]
        shown = steps[-MAX_STEPS:]
        written_out = self._factor_count() <= MAX_FACTORS
        return Chain(
            name=self.formula(self.node),
            output=self.formula(self.output),
            at=tuple((self.input(name), value) for name, value in self.passes.inputs.items()),
            derivative=self.passes.grad[self.name],
            steps=tuple(self.meaning(step) for step in shown),
            factors=tuple(self.factor(edge) for step in shown for edge in self._partials(step)),
            paths=tuple(map(self.path, self._paths())) if written_out else (),
            gathered=() if written_out else tuple(self._gathered({step.target for step in shown})),
            path_count=self.counts.get(self.output, 0),
            left_out=len(steps) - len(shown),
            warnings=warnings(self.passes),
            tex_names={name: self.latex.name(name).string for name in self.passes.inputs},
            uses=tuple(self._uses()),
            depends=self.output in {self.node, *self.tape.depending_on([self.node])},
        )

    def formula(self, node: int) -> Formula:
        return Formula(self.text[node].string, self.tex[node].string)

    def input(self, name: str) -> Formula:
        return Formula(written(name), self.latex.name(name).string)

    def meaning(self, step: Step) -> Meaning:
        texts = [m.value(step.op, [symbols[i] for i in step.operands]) for m, symbols in self._notations()]
        return Meaning(self.formula(step.target), _both(texts), self.passes.values[step.target])

    def _notations(self) -> list[tuple[Notation, list[Any]]]:
        return [(self.plain, self.text), (self.latex, self.tex)]

    def factor(self, edge: tuple[int, int]) -> Factor:
        result, position = edge
        step = self.steps[result]
        operand = step.operands[position]
        occurrence = step.operands[: position + 1].count(operand) if self._is_one_of_several(step, operand) else 0
        beside = is_beside_kink(step, self.passes.namespace, self.passes.values)
        texts = [formula(self.tape, step, position, s, m, z=s[result], beside=beside) for m, s in self._notations()]
        multiplied = [as_factor(text, m) for text, (m, _) in zip(texts, self._notations(), strict=True)]
        value, names = self.passes.backward.partials[edge], (self.formula(result), self.formula(operand))
        return Factor(*names, occurrence, _both(texts), value, Formula(*multiplied))

    def _is_one_of_several(self, step: Step, operand: int) -> bool:
        """Tell whether ∂result/∂operand alone would be read as another number: that of another use of the operand."""
        in_output = step.target == self.output and len(self.users.get(operand, ())) > 1
        return in_output or step.operands.count(operand) > 1

    @cached_property
    def users(self) -> dict[int, list[int]]:
        """The nodes that use a node on the paths, one for each use."""
        users: dict[int, list[int]] = {}
        for result, edges in self.live_edges.items():
            for _, position in edges:
                users.setdefault(self.steps[result].operands[position], []).append(result)
        return users

    def _uses(self) -> Iterator[Uses]:
        """Yield the nodes with several uses on the paths, the input first."""
        for node in sorted(self.users):
            if len(self.users[node]) > 1:
                yield Uses(self.formula(node), tuple(map(self.formula, self.users[node])))

    def _partials(self, step: Step) -> Iterator[tuple[int, int]]:
        """Yield the edges with local derivatives; by the condition of a choice nobody differentiates."""
        edges = ((step.target, position) for position in range(step.op.chooses, len(step.operands)))
        return (edge for edge in edges if edge in self.passes.backward.partials)

    def path(self, edges: Sequence[tuple[int, int]]) -> Path:
        factors = tuple(map(self.factor, edges))
        product = self.passes.namespace.const(Fraction(1))
        for factor in reversed(factors):
            product = product * factor.value
        return Path(factors, product)

    def _factor_count(self) -> int:
        """Return the number of factors on all paths together, counted up to `MAX_COUNT`."""
        lengths = {self.node: 0}
        for step in self.tape.steps:
            operands = [step.operands[position] for _, position in self.live_edges.get(step.target, ())]
            lengths[step.target] = min(sum(lengths[i] + self.counts[i] for i in operands), MAX_COUNT)
        return lengths.get(self.output, 0)

    def _paths(self) -> Iterator[list[tuple[int, int]]]:
        """Yield the paths, each from the input to the output."""
        waiting: list[tuple[int, list[tuple[int, int]]]] = [(self.output, [])]
        while waiting:
            node, path = waiting.pop()
            if node == self.node:
                yield path
            for result, position in reversed(self.live_edges.get(node, ())):
                waiting.append((self.steps[result].operands[position], [(result, position), *path]))

    def _gathered(self, shown: set[int]) -> Iterator[Gathered]:
        """Yield each node's adjoint as a sum over its users, from the output to the input."""
        users: dict[int, list[tuple[int, int]]] = {}
        for edges in self.live_edges.values():
            for result, position in edges:
                users.setdefault(self.steps[result].operands[position], []).append((result, position))
        adjoints = self.passes.backward.adjoints
        for node in [*sorted(users.keys() & shown, reverse=True), self.node]:
            edges = users[node][-MAX_TERMS:]
            terms = tuple((self.formula(edge[0]), adjoints[edge[0]], self.factor(edge)) for edge in edges)
            yield Gathered(self.formula(node), terms, adjoints[node], len(users[node]) - len(edges))


def _both(texts: Sequence[Text]) -> Formula:
    return Formula(*(text.string for text in texts))


def _path_counts(tape: Tape, contributions: Mapping[tuple[int, int], Any], node: int) -> dict[int, int]:
    """Return the number of paths from a node to each register, along edges with contributions."""
    counts = {node: 1}
    for step in tape.steps:
        paths = (counts.get(operand, 0) for i, operand in enumerate(step.operands) if (step.target, i) in contributions)
        counts[step.target] = min(sum(paths), MAX_COUNT)
    return counts


def _names(passes: Passes, on_paths: Container[int]) -> dict[int, str]:
    """Return the names of nodes: the text's, the output's, and letters for nodes on paths and for long texts."""
    reading, names = ReadingNames(passes.graph, passes.tape), dict(passes.graph.names)
    names.setdefault(passes.graph.output, reading.output)

    def name_of(node: int, text: Text) -> str | None:
        if node not in names and (node in on_paths or len(text.string) > MAX_SYMBOL):
            names[node] = reading[node]
        return names.get(node)

    named(passes.tape, Notation(), name_of)
    return names
