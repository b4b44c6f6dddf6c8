"""Give an annotated graph attributes that every writer of networkx can store."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.arguments import as_float
from graphgrad.base.terminal_text import printable
from graphgrad.namespaces.array_values import shape_of
from graphgrad.namespaces.display import exact, short
from graphgrad.namespaces.kinds import known_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import networkx as nx

__all__ = ["Attributes", "made_writable"]

MAX_ENTRIES: Final = 1_000
"""The most numbers of an array that are written out; of a larger one, the shape is written."""

START: Final = "_start"
END: Final = "_end"
"""How the names of the two numbers of a span end."""

UNREACHED: Final = {"partial": None, "contribution": None, "formula": None}
"""The attributes of an edge that neither pass reached."""


WRITTEN_AS_THEY_ARE: Final = frozenset((bool, int, float))
"""The types of most attributes."""


class Attributes(dict[str, Any]):
    """The attributes of a node, an edge or a graph: numbers, texts and truth values, which a file can hold.

    Some more can be looked up, but are not listed: arrays, tuples, dictionaries, and None for what is absent.

    >>> attributes = Attributes({"value": 15.0, "span_start": 0, "span_end": 3}, {"adjoint": None})
    >>> attributes["adjoint"], attributes["span"], list(attributes)
    (None, (0, 3), ['value', 'span_start', 'span_end'])
    """

    __slots__ = ("unlisted",)
    unlisted: Mapping[str, Any]

    def __init__(self, listed: dict[str, Any], unlisted: Mapping[str, Any]) -> None:
        """Take the attributes that are listed, and those that can be looked up alone."""
        super().__init__(listed)
        self.unlisted = unlisted

    def __missing__(self, name: str) -> Any:
        if (end := f"{name}{END}") in self.keys():
            return self[f"{name}{START}"], self[end]
        return self.unlisted[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._has_unlisted(str(name))

    def _has_unlisted(self, name: str) -> bool:
        return super().__contains__(f"{name}{END}") or self.unlisted.get(name) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or a default where it is absent or None."""
        return self[name] if name in self else default  # noqa: SIM401  it would call itself


def made_writable(dag: nx.MultiDiGraph[int]) -> nx.MultiDiGraph[int]:
    """Return an annotated graph, whose attributes this replaces by such as networkx can write.

    None, tuples and dictionaries are not listed any more, but can be looked up. A number that is no float is the
    nearest float, and its text is `value_exact`, for `value`. An array can be looked up, and is listed as such a text
    or, where it is large, as `value_shape`. A span is listed as `span_start` and `span_end`.

    >>> import networkx as nx
    >>> from graphgrad import parse
    >>> dag = parse("x/3").backprop({"x": 1}, exact=True).dag
    >>> dag.nodes[2]["value"], dag.nodes[2]["value_exact"], dag.edges[1, 2, 1]["partial"]
    (0.3333333333333333, '1/3', None)
    >>> next(nx.generate_graphml(dag))[:8]
    '<graphml'
    """
    dag.graph = _attributes(dag.graph)
    nodes, edges = dag._node, dag._succ  # noqa: SLF001  what networkx shows of them is read-only, or a plain copy
    for node, attributes in nodes.items():
        nodes[node] = _attributes(attributes)
    for heads in edges.values():
        for positions in heads.values():
            for position, attributes in positions.items():
                positions[position] = _attributes(UNREACHED | attributes)
    return dag


def _attributes(given: dict[str, Any]) -> Attributes:
    listed, unlisted = dict[str, Any](), dict[str, Any]()
    for name, value in given.items():
        if value is None:
            unlisted[name] = None
        elif type(value) in WRITTEN_AS_THEY_ARE or (type(value) is str and value.isprintable()):
            listed[name] = value
        else:
            written = dict(_written(name, value))
            listed |= written
            if name not in written and f"{name}{END}" not in written:
                unlisted[name] = value
    return Attributes(listed, unlisted if any(each is not None for each in unlisted.values()) else _absent(*unlisted))


@cache
def _absent(*names: str) -> Mapping[str, None]:
    """Return None for each name, in one mapping for all nodes and edges that lack the same: they are many."""
    return dict.fromkeys(names)


def _written(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is written of an attribute."""
    match value:
        case (int(start), int(end)):
            yield f"{name}{START}", start
            yield f"{name}{END}", end
        case str():
            shown = printable(value)
            yield name if shown == value else f"{name}_shown", shown
        case bool() | int():
            yield name, value
        case float():  # one of NumPy's, too
            yield name, float(value)
        case _:
            yield from _numbers(name, value)


def _numbers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is written of a number that is no float, or of an array; nothing for any other value."""
    kind = known_kind(value)
    if kind is None:
        return
    if kind.real:
        yield name, as_float(value) if value >= 0 else -as_float(-value)
    if prod(shape_of(value)) <= MAX_ENTRIES:
        yield f"{name}_exact", exact(value)
    else:
        yield f"{name}_shape", short(value)
