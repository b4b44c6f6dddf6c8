"""Repeat the operations of a formula for another one that differs in its references alone.

Formulas that were filled down mean the same of other cells, as long as those hold plain numbers. What a formula means
is then worked out once, and the operations are repeated on the nodes of the other cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.graph.builder import Builder
    from graphgrad.text.statement import Apply, Span

__all__ = ["Log", "Recipe", "recipe_of"]


class Log(NamedTuple):
    """What reading a formula added: each operation, its operands, its span, and its node."""

    operations: list[tuple[Apply, tuple[int, ...], Span, int]]


class Recipe(NamedTuple):
    """The operations of a formula over registers: first the nodes of the cells, then constants, then the results.

    `steps` are operations, their operands' registers, and where their spans stand in those of the formula.
    """

    constants: tuple[int, ...]
    steps: Sequence[tuple[Apply, tuple[int, ...], int]]
    output: int
    logical: bool

    def repeated(self, builder: Builder, cells: Sequence[int], spans: Sequence[Span], offset: int) -> int:
        """Add the operations on other cells; return the node of the result."""
        registers = [*cells, *self.constants]
        for item, operands, place in self.steps:
            start, end = spans[place]
            nodes = tuple([registers[i] for i in operands])
            registers.append(builder.operation(item, nodes, (start + offset, end + offset)))
        return registers[self.output]


def recipe_of(
    log: Log, cells: Sequence[int], output: tuple[int, bool], spans: Sequence[Span], builder: Builder
) -> Recipe | None:
    """Return how a formula was read as a recipe; None where it is not sure which cell an operand is.

    `output` is the node of the result, and whether it is TRUE or FALSE.
    """
    results = {node for _, _, _, node in log.operations}
    known = set(cells)
    if not known.isdisjoint(results):
        return None
    used = {node for _, nodes, _, _ in log.operations for node in nodes} | {output[0]}
    constants = sorted(used - known - results)
    if any(node not in builder.constants for node in constants):
        return None
    registers = {node: i for i, node in enumerate([*cells, *constants])}
    first = len(registers)
    places = {span: i for i, span in reversed([*enumerate(spans)])}
    steps = []
    for i, (item, nodes, span, node) in enumerate(log.operations):
        steps.append((item, tuple([registers[each] for each in nodes]), places[span]))
        registers.setdefault(node, first + i)
    return Recipe(tuple(constants), steps, registers[output[0]], output[1])
