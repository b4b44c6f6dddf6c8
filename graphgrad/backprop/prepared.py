"""Prepare a graph for both passes: what depends on the graph and on the wanted inputs, but on no point."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.pause_gc import collector_paused
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.graph.data import GraphData
    from graphgrad.tape.tape import Tape

__all__ = ["Prepared", "prepared"]

FEW_STEPS: Final = 1_000
"""The most steps of a graph whose preparation is kept: that of a larger one takes little of the time of its passes."""

MOST_KEPT: Final = 32
"""The most choices of inputs for which a graph's preparation is kept."""


class Prepared:
    """A graph's tape, with the inputs to differentiate by: their names and registers."""

    def __init__(self, graph: GraphData, wrt: tuple[str, ...]) -> None:
        """Lower the graph to its tape."""
        self.tape: Tape = lower(graph)
        self.wrt = wrt
        self.wanted = tuple(map(graph.node, wrt))
        self.fixed = self.tape.fixed(self.wanted)
        ops = {step.op for step in self.tape.steps}
        self.has_array_operations = any(op.on_arrays for op in ops)
        self.has_kinks = any(op.kink for op in ops)
        self.is_large = len(self.tape.steps) > FEW_STEPS

    @cached_property
    def floats(self) -> list[Any]:
        """The registers with the constants as floats."""
        return self.tape.leaves(FLOATS.namespace, {})


def prepared(graph: GraphData, wrt: Iterable[str] | None) -> Prepared:
    """Return a graph prepared for derivatives by some inputs, all by default; the same object at the next call.

    Raises `UnknownNameError` for a name that is no input.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> graph = build("x*y", parse("x*y"))
    >>> prepared(graph, ["x"]).wanted, prepared(graph, None) is prepared(graph, ["x", "y"])
    ((0,), True)
    """
    names = choose_wrt(graph, wrt)
    kept: dict[tuple[str, ...], Prepared] = graph.kept.setdefault(prepared, {})
    return kept.get(names) or _made(graph, names, kept)


def _made(graph: GraphData, names: tuple[str, ...], kept: dict[tuple[str, ...], Prepared]) -> Prepared:
    if len(graph.steps) > FEW_STEPS:
        with collector_paused():
            return Prepared(graph, names)
    if len(kept) >= MOST_KEPT:
        kept.clear()
    made = kept[names] = Prepared(graph, names)
    return made
