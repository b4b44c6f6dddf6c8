"""An annotated graph as boxes and arrows: what a picture shows, before any format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphgrad.draw.alt import alt, source_line
from graphgrad.draw.parts import clipped, used
from graphgrad.errors import RenderError
from graphgrad.numerals import short

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["MAX_NODES_DRAWN", "PASSES", "Arrow", "Box", "Scene", "scene"]

MAX_NODES_DRAWN: Final = 400
"""Nobody reads a picture of more nodes than this."""

PASSES: Final = {"forward": (True, False), "backward": (False, True), "both": (True, True)}
"""Whether values are drawn, and whether adjoints."""

COMMUTATIVE: Final = "+×"
"""The glyphs with which it does not matter on which side a constant stands."""

OUTPUT: Final = "output"
"""The output's key, and its name in the picture where the program gives it none."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the picture; `kind` is input, constant, operation, output, or branch where a value fans out."""

    key: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of the picture, from operand to result, with the texts above and below it.

    Without `forward` it is but a thin line; with `backward` a second arrow runs beside it, the other way.
    """

    tail: str
    head: str
    forward: bool
    backward: bool
    above: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's boxes, its arrows in the order of the operands, its title, and what it shows in words."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    title: str
    description: str


def scene(
    dag: nx.MultiDiGraph[int],
    *,
    passes: str = "both",
    fold: bool = False,
    local: bool = False,
    title: str | None = None,
) -> Scene:
    """Return what a picture of the passes shows.

    With `fold`, constants stand in the operation's own node ("×5"); with `local`, the local derivatives stand below the
    adjoints. Raises `RenderError` where there is too much to draw.

    >>> from graphgrad import parse
    >>> drawn = scene(parse("x*y").backprop({"x": 3, "y": 5}).dag)
    >>> [box.text for box in drawn.boxes]
    ['x', 'y', '×', 'output']
    >>> [(arrow.above, arrow.below) for arrow in drawn.arrows]
    [('3', ('5',)), ('5', ('3',)), ('15', ('1',))]
    """
    _refuse(dag, passes)
    painter = _Painter(dag, passes, fold=fold, local=local)
    boxes, arrows = painter.picture()
    return Scene(boxes, arrows, title or f"Computational graph of {source_line(dag)}", alt(dag, passes))


def _refuse(dag: nx.MultiDiGraph[int], passes: str) -> None:
    if passes not in PASSES:
        raise RenderError(f"there is no pass {passes!r} to draw", hint=f"take one of {', '.join(PASSES)}")
    if len(dag) > MAX_NODES_DRAWN:
        message = f"{len(dag)} nodes are too many to draw: the limit is {MAX_NODES_DRAWN}"
        raise RenderError(message, hint="draw a part of the expression")


@dataclass(frozen=True, slots=True)
class _Use:
    """A constant operand as a node of its own, so that no constant fans out."""

    node: int
    result: int
    position: int


class _Painter:
    """Turns nodes and edges into boxes and arrows; holds what the picture is asked to show."""

    def __init__(self, dag: nx.MultiDiGraph[int], passes: str, *, fold: bool, local: bool) -> None:
        self.dag, self.used, self.output = dag, used(dag), dag.graph["output"]
        self.values, self.adjoints = PASSES[passes]
        self.fold, self.local = fold, local

    def picture(self) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
        """Return boxes and arrows, operands before their results."""
        boxes, arrows = list[Box](), list[Arrow]()
        for node in sorted(self.used):
            operands = self.operands(node)
            folded = self.folded(node, operands)
            kept = [use for use in operands if use != folded]
            boxes += [self.constant(use) for use in kept if self.is_constant(use.node)]
            boxes += self.boxes(node, folded)
            arrows += [*map(self.arrow, kept), *self.trunk(node)]
        name = clipped(self.dag.graph.get("output_name") or OUTPUT)
        return (*boxes, Box(OUTPUT, "output", name)), (*arrows, self.last_arrow())

    def operands(self, node: int) -> list[_Use]:
        """Return a node's operands in order."""
        edges = self.dag.in_edges(node, keys=True)
        return sorted((_Use(*edge) for edge in edges), key=lambda use: use.position)

    def is_constant(self, node: int) -> bool:
        return bool(self.dag.nodes[node]["kind"] == "constant")

    def folded(self, node: int, operands: list[_Use]) -> _Use | None:
        """Return the one constant operand that goes into an operation's own node."""
        constants = [use for use in operands if self.is_constant(use.node)]
        infix = not self.dag.nodes[node]["label"][:1].isalnum()
        return constants[0] if self.fold and infix and len(operands) == 2 and len(constants) == 1 else None  # noqa: PLR2004

    def boxes(self, node: int, folded: _Use | None) -> list[Box]:
        """Return a node's box, and a branch behind it where it is used more than once."""
        attributes = self.dag.nodes[node]
        if self.is_constant(node) and node != self.output:
            return []
        text = clipped(attributes["label"])
        box = Box(f"n{node}", attributes["kind"], self.with_constant(text, folded) if folded else text)
        return [box, Box(f"b{node}", "branch", "")] if self.fans_out(node) else [box]

    def with_constant(self, glyph: str, folded: _Use) -> str:
        number = clipped(self.dag.nodes[folded.node]["label"])
        return glyph + number if folded.position or glyph in COMMUTATIVE else number + glyph

    def fans_out(self, node: int) -> bool:
        uses = sum(result in self.used for _, result in self.dag.out_edges(node)) + (node == self.output)
        return uses > 1 and not self.is_constant(node)

    def source(self, node: int) -> str:
        """Return the key of the box from which a node's value goes on."""
        return f"b{node}" if self.fans_out(node) else f"n{node}"

    def constant(self, use: _Use) -> Box:
        return Box(_key(use), "constant", clipped(self.dag.nodes[use.node]["label"]))

    def arrow(self, use: _Use) -> Arrow:
        edge = self.dag.edges[use.node, use.result, use.position]
        below = self.below(edge)
        if self.is_constant(use.node):
            return Arrow(_key(use), f"n{use.result}", self.values, bool(below), "", below)
        above = self.above(use.node, named=not self.fans_out(use.node))
        return Arrow(self.source(use.node), f"n{use.result}", self.values, bool(below), above, below)

    def trunk(self, node: int) -> list[Arrow]:
        """Return the arrow from a node to its branch, where all that flows back to it comes together."""
        if not self.fans_out(node):
            return []
        adjoint = self.dag.nodes[node].get("adjoint") if self.adjoints else None
        below = () if adjoint is None else (_number(adjoint),)
        return [Arrow(f"n{node}", f"b{node}", self.values, bool(below), self.above(node), below)]

    def above(self, node: int, *, named: bool = True) -> str:
        """Return the value that leaves a node, with the name that the program gives it."""
        attributes = self.dag.nodes[node]
        value = attributes.get("value") if self.values else None
        name = attributes["name"] if named and attributes["kind"] == "operation" else None
        parts = [clipped(name)] if name else []
        return " = ".join(parts + ([] if value is None else [_number(value)]))

    def below(self, edge: dict[str, Any]) -> tuple[str, ...]:
        """Return the adjoint that flows back along an edge and, where asked for, the local derivative in it."""
        if not self.adjoints or edge.get("contribution") is None:
            return ()
        return (_number(edge["contribution"]), *([_derivative(edge)] if self.local else []))

    def last_arrow(self) -> Arrow:
        """Return the arrow out of the graph; the backward pass starts there with 1."""
        attributes = self.dag.nodes[self.output]
        started = self.adjoints and attributes.get("adjoint") is not None
        above = self.above(self.output, named=False)
        return Arrow(self.source(self.output), OUTPUT, self.values, started, above, ("1",) if started else ())


def _key(use: _Use) -> str:
    return f"c{use.result}_{use.position}"


def _derivative(edge: dict[str, Any]) -> str:
    """Return a local derivative as formula and number, once where they are the same."""
    number, formula = _number(edge["partial"]), _signed(clipped(edge.get("formula") or ""))
    return "∂ = " + " = ".join(dict.fromkeys(text for text in (formula, number) if text))


def _number(value: Any) -> str:  # noqa: ANN401
    return _signed(short(value))


def _signed(text: str) -> str:
    """Return a text with minus signs in place of hyphens."""
    return text.replace("-", "−")
