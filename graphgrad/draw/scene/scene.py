"""An annotated graph as boxes and arrows: what a picture shows, before any format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import RenderError
from graphgrad.draw.scene.description import alt, source_line
from graphgrad.draw.scene.graph_queries import clipped, used
from graphgrad.draw.scene.model import Arrow, Box, Cell, Scene
from graphgrad.draw.scene.outline import outlined
from graphgrad.draw.scene.schedule import LEAVES, schedule
from graphgrad.namespaces.display import entries, short

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import networkx as nx

__all__ = ["PASSES", "scene"]

PASSES: Final = {"forward": (True, False), "backward": (False, True), "both": (True, True)}
"""Whether values are drawn, and whether adjoints."""

COMMUTATIVE: Final = "+×"
"""The glyphs with which it does not matter on which side a constant stands."""

OUTPUT: Final = "output"
"""The output's key, and its name in the picture where the program gives it none."""


def scene(  # noqa: PLR0913  each is an option of the picture
    dag: nx.MultiDiGraph[int],
    *,
    passes: str = "both",
    fold: bool = False,
    local: bool = False,
    title: str | None = None,
    cells: tuple[tuple[str, str], ...] = (),
    expand: Collection[str] = (),
    values: bool = False,
) -> Scene:
    """Return what a picture of the passes shows.

    With `fold`, constants stand in the operation's own node ("×5"); with `local`, the local derivatives stand below the
    adjoints; with `cells`, as a `Theme` gives them, the numbers stand in a box per value; with `values`, small arrays
    are written out, of which else the shape is. Of a large graph, parts are closed into boxes, as the caption says;
    `expand` names those to open. Raises `RenderError` where there is too much to draw.

    >>> from graphgrad import parse
    >>> drawn = scene(parse("x*y").backprop({"x": 3, "y": 5}).dag)
    >>> [box.text for box in drawn.boxes]
    ['x', 'y', '×', 'output']
    >>> [(arrow.above, arrow.below) for arrow in drawn.arrows]
    [('3', ('5',)), ('5', ('3',)), ('15', ('1',))]
    """
    if passes not in PASSES:
        raise RenderError(f"there is no pass {passes!r} to draw", hint=f"take one of {', '.join(PASSES)}")
    outline = outlined(dag, expand)
    painter = (_RecordPainter if cells else _Painter)(
        outline.dag, passes, fold=fold, local=local, cells=cells, written=entries if values else short
    )
    boxes, arrows = painter.picture()
    title = title or f"Computational graph of {source_line(dag)}"
    told = " ".join([alt(dag, passes), *([f"{outline.note}."] if outline.note else [])])
    return Scene(boxes, arrows, title, told, painter.schedule.words, outline.note)


@dataclass(frozen=True, slots=True)
class _Use:
    """A constant operand as a node of its own, so that no constant fans out."""

    node: int
    result: int
    position: int

    @property
    def key(self) -> str:
        """The key of its arrow."""
        return f"e{self.node}_{self.result}_{self.position}"


class _Painter:
    """Turns nodes and edges into boxes and arrows, numbers on the arrows; holds what the picture is asked to show."""

    def __init__(  # noqa: PLR0913  each is an option of the picture
        self,
        dag: nx.MultiDiGraph[int],
        passes: str,
        *,
        fold: bool,
        local: bool,
        cells: tuple[tuple[str, str], ...],
        written: Callable[[Any], str],
    ) -> None:
        self.dag, self.used, self.output = dag, used(dag), dag.graph["output"]
        self.values, self.adjoints = PASSES[passes]
        self.fold, self.local, self.cells, self.written = fold, local, cells, written
        self.schedule = schedule(dag, values=self.values, adjoints=self.adjoints)

    def number(self, value: Any) -> str:
        """Return a number, or an array, as it stands on an arrow."""
        return self.written(value).replace("-", "−")

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
        last, arrow = self.ending()
        return (*boxes, *last), (*arrows, *arrow)

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
        if self.is_constant(node) and node != self.output:
            return []
        box = self.box(node, folded)
        return [box, Box(f"b{node}", "branch", "")] if self.fans_out(node) else [box]

    def box(self, node: int, folded: _Use | None) -> Box:
        attributes = self.dag.nodes[node]
        if attributes["kind"] == "group":
            return Box(
                f"n{node}", "group", clipped(attributes["label"]), (Cell("", f"{attributes['count']} nodes", 0),)
            )
        text = _noted(clipped(attributes["label"]), attributes)
        return Box(f"n{node}", attributes["kind"], self.with_constant(text, folded) if folded else text)

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
        """Return the arrow from an operand to its result."""
        below = self.below(self.dag.edges[use.node, use.result, use.position])
        constant = self.is_constant(use.node)
        tail = _key(use) if constant else self.source(use.node)
        above = "" if constant else self.above(use.node, named=not self.fans_out(use.node))
        steps = self.schedule.forward[use.node], self.schedule.backward.get(use.result, 0)
        return Arrow(use.key, tail, f"n{use.result}", self.values, bool(below), above, below, bool(below), steps)

    def trunk(self, node: int) -> list[Arrow]:
        """Return the arrow from a node to its branch, where all that flows back to it comes together."""
        if not self.fans_out(node):
            return []
        adjoint = self.dag.nodes[node].get("adjoint") if self.adjoints else None
        below = () if adjoint is None else (self.number(adjoint),)
        steps = self.schedule.forward[node], self.schedule.arrives[node]
        back = bool(below)
        return [
            Arrow(f"t{node}", f"n{node}", self.source(node), self.values, back, self.above(node), below, back, steps)
        ]

    def above(self, node: int, *, named: bool = True) -> str:
        """Return the value that leaves a node, with the name that the program gives it."""
        attributes = self.dag.nodes[node]
        value = attributes.get("value") if self.values else None
        name = attributes["name"] if named and attributes["kind"] == "operation" else None
        parts = [clipped(name)] if name else []
        return " = ".join(parts + ([] if value is None else [self.number(value)]))

    def below(self, edge: dict[str, Any]) -> tuple[str, ...]:
        """Return the adjoint that flows back along an edge and, where asked for, the local derivative in it."""
        if not self.adjoints or edge.get("contribution") is None:
            return ()
        known = self.local and (edge["partial"] is not None or edge.get("formula"))
        red = [edge["red"]] if edge.get("red") else []
        return (*red, self.number(edge["contribution"]), *([_derivative(edge)] if known else []))

    def ending(self) -> tuple[list[Box], list[Arrow]]:
        """Return the output's name, and the arrow out of the graph; the backward pass starts there with its seed."""
        seed = self.dag.nodes[self.output].get("adjoint") if self.adjoints else None
        started = seed is not None
        above = self.above(self.output, named=False)
        steps = self.schedule.forward[self.output], self.schedule.start
        below = (self.number(seed),) if started else ()
        arrow = Arrow("out", self.source(self.output), OUTPUT, self.values, started, above, below, started, steps)
        return [Box(OUTPUT, "output", self.output_name())], [arrow]

    def output_name(self) -> str:
        return _noted(clipped(self.dag.graph.get("output_name") or OUTPUT), self.dag.graph)


class _RecordPainter(_Painter):
    """Turns nodes into operations and, behind each, a box for its value with the numbers in it."""

    def boxes(self, node: int, folded: _Use | None) -> list[Box]:
        """Return a node's box, and behind an operation the one of its value."""
        kind = self.dag.nodes[node]["kind"]
        if kind == "constant" and node != self.output:
            return []
        value = Box(self.source(node), "value", self.name(node), self.filled(node))
        return [value] if kind in LEAVES else [self.box(node, folded), value]

    def name(self, node: int) -> str:
        """Return what a value is called: by the program, or the output."""
        name = self.dag.nodes[node]["name"] or ""
        if node == self.output:
            return _noted(clipped(name), self.dag.graph) if name else self.output_name()
        return _noted(clipped(name), self.dag.nodes[node])

    def filled(self, node: int) -> tuple[Cell, ...]:
        """Return the cells of a value's box, as far as the passes are drawn and came to it."""
        shown = {"value": self.values, "adjoint": self.adjoints}
        steps = {"value": self.schedule.forward, "adjoint": self.schedule.arrives}
        return tuple(
            Cell(word, self.number(number), steps[name][node])
            for name, word in self.cells
            if shown[name] and (number := self.dag.nodes[node].get(name)) is not None
        )

    def source(self, node: int) -> str:
        """Return the key of the box from which a node's value goes on."""
        return f"n{node}" if self.dag.nodes[node]["kind"] in LEAVES else f"v{node}"

    def arrow(self, use: _Use) -> Arrow:
        """Return an arrow without numbers, one line only where nothing has to be written on a second one."""
        return self.bare(super().arrow(use))

    def bare(self, arrow: Arrow) -> Arrow:
        below = arrow.below[1:]
        backward = arrow.backward and (not self.values or bool(below))
        return replace(arrow, above="", below=below, backward=backward, pair=backward and self.values)

    def fans_out(self, node: int) -> bool:
        """Tell whether a box stands behind a node's own: that of its value."""
        return self.dag.nodes[node]["kind"] not in LEAVES

    def trunk(self, node: int) -> list[Arrow]:
        """Return the arrow from an operation to its value."""
        return [self.bare(arrow) for arrow in super().trunk(node)]

    def ending(self) -> tuple[list[Box], list[Arrow]]:
        """Return nothing: the output's box says its name."""
        return [], []


def _noted(text: str, attributes: Mapping[str, Any]) -> str:
    """Return a text with the note beside it, if there is one."""
    return " ".join(filter(None, (text, attributes.get("note"))))


def _key(use: _Use) -> str:
    return f"c{use.result}_{use.position}"


def _derivative(edge: dict[str, Any]) -> str:
    """Return a local derivative as formula and number, once where they are the same."""
    number = "" if edge["partial"] is None else _number(edge["partial"])
    formula = clipped(edge.get("formula") or "")
    sides = (formula if formula.replace("-", "−") != number else "", number)
    return "∂ = " + " = ".join(text for text in sides if text)


def _number(value: Any) -> str:
    return short(value).replace("-", "−")
