"""Hold the functions that a text defines, and their calls: groups of nodes that pictures close into one box."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from graphgrad.text.statement import Code, Span

__all__ = ["Call", "Calls", "Function", "OuterNode"]


class OuterNode(NamedTuple):
    """A use of a node of the whole graph within a function's body: an outer name, or a named literal."""

    text: str
    node: int


class Function(NamedTuple):
    """A function that the text defines.

    `body` is its expression, in which a name is a parameter or the index of a sum; `outer` are the nodes of the graph
    that it uses beside its parameters, in the functions that it calls, too.
    """

    name: str
    parameters: tuple[str, ...]
    body: Code
    outer: tuple[OuterNode, ...]
    span: Span


class Call(NamedTuple):
    """A call of a function: the nodes that it applies it to, the node of its value, and its span.

    The nodes from `first` up to `end` were added for it. `number` is how many functions there were before its own.
    """

    name: str
    operands: tuple[int, ...]
    result: int
    first: int
    end: int
    span: Span


class Calls(NamedTuple):
    """The functions of a text, in the order of their definitions, and their calls: those within a call before it.

    `nodes` are those of this graph that stand for outer nodes, where the graph is a function's body.
    """

    functions: dict[str, Function]
    made: tuple[Call, ...]
    nodes: Mapping[int, int] = MappingProxyType({})

    def without(self, names: Collection[str]) -> Calls:
        """Return what remains where the calls of these functions are written out."""
        return self._replace(made=tuple(call for call in self.made if call.name not in names)) if names else self

    def around(self, node: int) -> list[Call]:
        """Return the calls that a node was added for, from the innermost one outwards."""
        return [call for call in self.made if call.first <= node < call.end]
