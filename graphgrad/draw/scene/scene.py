"""Turn a graph into a scene: boxes and arrows with their texts, before any layout or format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from graphgrad.draw.options import DrawOptions
from graphgrad.draw.scene.description import alt, source_line
from graphgrad.draw.scene.labels import Labels, noted
from graphgrad.draw.scene.model import Arrow, Box, Cell, Scene
from graphgrad.draw.scene.nary import with_nary_nodes
from graphgrad.draw.scene.outline import outlined
from graphgrad.draw.scene.schedule import schedule
from graphgrad.draw.view import LEAVES
from graphgrad.draw.words import PASSES
from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.plain import joined

if TYPE_CHECKING:
    from graphgrad.draw.scene.outline import Outline
    from graphgrad.draw.view import Edge, Node, View

__all__ = ["scene"]

OUTPUT: Final = "output"
"""The key of the output's box."""


def scene(view: View, options: DrawOptions | None = None, outline: Outline | None = None) -> Scene:
    """Return the scene of a graph, by default with both passes.

    `outline` is the graph with parts closed into boxes, as the caption says; by default, those of a large graph are.

    Raises `RenderError` where there is too much to draw.

    >>> from graphgrad import parse
    >>> from graphgrad.draw.view import view_of
    >>> drawn = scene(view_of(parse("x*y").backprop({"x": 3, "y": 5}).passes))
    >>> [box.text for box in drawn.boxes]
    ['x', 'y', '×', 'E']
    >>> [(arrow.above, arrow.below) for arrow in drawn.arrows]
    [('3', ('5',)), ('5', ('3',)), ('15', ('1',))]
    """
    options = options or DrawOptions()
    outline = outline or outlined(view, options.expand)
    drawn = with_nary_nodes(outline.view) if options.joins else outline.view
    painter = (_RecordPainter if options.style.cells else _Painter)(drawn, options)
    boxes, arrows = painter.picture()
    title = options.title or f"Computational graph of {source_line(view)}"
    down = options.direction == "down"
    described = alt(view, options.passes, outline.note, down=down)
    return Scene(boxes, arrows, title, described, painter.schedule.words, outline.note, down)


class _Painter:
    """Turns nodes and edges into boxes and arrows, with the numbers on the arrows, by the picture's options."""

    def __init__(self, view: View, options: DrawOptions) -> None:
        self.view, self.output = view, view.nodes[view.output]
        self.values, self.adjoints = PASSES[options.passes]
        self.fold, self.local, self.cells = options.fold, options.local, options.style.cells
        self.labels = Labels(view, values=options.values)
        self.schedule = schedule(view, values=self.values, adjoints=self.adjoints, labels=self.labels)
        self.forked = self.nodes_in_two_boxes()
        self.told = view.told_operands

    def nodes_in_two_boxes(self) -> set[int]:
        """Return the nodes with a second box behind their own: a branch, where a value is used more than once."""
        uses, output = self.view.uses, self.output.number
        return {
            number
            for number, node in self.view.nodes.items()
            if uses[number] + (number == output) > 1 and node.kind != "constant"
        }

    def picture(self) -> tuple[tuple[Box, ...], tuple[Arrow, ...]]:
        """Return boxes and arrows, operands before their results."""
        boxes, arrows = list[Box](), list[Arrow]()
        for number, node in self.view.nodes.items():
            edges = self.view.edges.get(number, ())
            folded = self.folded(node, edges)
            kept = [edge for edge in edges if edge is not folded]
            boxes += [self.constant(edge) for edge in kept if self.is_constant(edge.operand)]
            boxes += self.boxes(node, folded)
            arrows += [*map(self.arrow, kept), *self.trunk(node)]
        last, arrow = self.ending()
        return (*boxes, *last), (*arrows, *arrow)

    def is_constant(self, number: int) -> bool:
        return self.view.nodes[number].kind == "constant"

    def folded(self, node: Node, edges: tuple[Edge, ...]) -> Edge | None:
        """Return the edge from the constant that is drawn inside the box of an operation of two operands, if any."""
        if not self.fold or node.op is None or not node.op.symbols:
            return None
        constants = [edge for edge in edges if self.is_constant(edge.operand)]
        return constants[0] if len(constants) == 1 == len(edges) - len(constants) else None

    def boxes(self, node: Node, folded: Edge | None) -> list[Box]:
        """Return a node's box, and a branch behind it where it is used more than once."""
        if node.kind == "constant" and node is not self.output:
            return []
        box = self.box(node, folded)
        return [box, Box(f"b{node.number}", "branch", Phrase(""))] if node.number in self.forked else [box]

    def box(self, node: Node, folded: Edge | None) -> Box:
        if node.kind == "group":
            cells = (Cell("", f"{node.size} nodes", 0),)
            return Box(f"n{node.number}", "group", self.labels.node(node), cells, node.share, node.lit)
        text = self.with_constant(node, folded) if folded else self.labels.node(node)
        text = noted(text, node.note)
        return Box(f"n{node.number}", node.kind, text, (), node.share, node.lit)

    def with_constant(self, node: Node, folded: Edge) -> Phrase:
        constant = self.labels.node(self.view.nodes[folded.operand])
        return self.labels.folded(node.op, self.labels.node(node), constant, folded.position) if node.op else constant

    def source(self, node: Node) -> str:
        """Return the key of the box at which the arrows to a node's uses start."""
        return f"{'b' if node.number in self.forked else 'n'}{node.number}"

    def constant(self, edge: Edge) -> Box:
        """Return the box of a constant operand; each use has its own box, so that no constant fans out."""
        return Box(_key(edge), "constant", self.labels.node(self.view.nodes[edge.operand]))

    def arrow(self, edge: Edge) -> Arrow:
        """Return the arrow from an operand to its result."""
        operand, below = self.view.nodes[edge.operand], self.below(edge)
        constant = operand.kind == "constant"
        tail = _key(edge) if constant else self.source(operand)
        above = Phrase("") if constant else self.above(operand, named=operand.number not in self.forked)
        steps = self.schedule.forward[edge.operand], self.schedule.backward.get(edge.result, 0)
        ends = tail, f"n{edge.result}"
        op, carried = self.view.nodes[edge.result].op, int(bool(edge.adjoint_text))
        role, told = (op.role(edge.position), op.chooses) if op else ("", False)
        if edge.through:
            role, told = edge.role, bool(edge.role)
        lines = edge.key, *ends, self.values, bool(below), above, below, bool(below), steps, edge.lit
        return Arrow(*lines, carried=carried, role=role, told=told)

    def trunk(self, node: Node) -> list[Arrow]:
        """Return the arrow from a node to its branch, on which the sum of its contributions flows back."""
        if node.number not in self.forked:
            return []
        below = self.adjoint(node)
        steps = self.schedule.forward[node.number], self.schedule.arrives[node.number]
        ends = f"n{node.number}", self.source(node)
        return [Arrow(f"t{node.number}", *ends, self.values, bool(below), self.above(node), below, bool(below), steps)]

    def above(self, node: Node, *, named: bool = True) -> Phrase:
        """Return a node's value as the text above an arrow, with the name that the program gives it."""
        name = self.symbol(node) if named and node.kind == "operation" else ""
        parts = [self.labels.name(name)] if name else []
        parts += [self.labels.number(node.value)] if self.values and node.value is not None else []
        return joined(parts)

    def symbol(self, node: Node) -> str:
        """Return the name that the program gives to a node, or the one by which formulas in the picture call it."""
        shown = node.number in self.told or ((self.local or self.view.letters) and node.number in self.view.lettered)
        return node.name or (self.view.names[node.number] if shown else "")

    def below(self, edge: Edge) -> tuple[Phrase, ...]:
        """Return the texts below an arrow: the contribution to the adjoint and, with `local`, the local derivative."""
        if not self.adjoints or edge.contribution is None:
            return ()
        local = self.labels.derivative(edge) if self.local else Phrase("")
        text, number = self.labels.formula(edge.adjoint_text), self.labels.number(edge.contribution)
        return tuple(filter(None, (text, number, local)))

    def adjoint(self, node: Node) -> tuple[Phrase, ...]:
        """Return a node's adjoint as a text; nothing where adjoints are not drawn or it has none."""
        return (self.labels.number(node.adjoint),) if self.adjoints and node.adjoint is not None else ()

    def ending(self) -> tuple[list[Box], list[Arrow]]:
        """Return the box with the output's name, and the arrow to it; its adjoint is the seed of the backward pass."""
        above, seed = self.above(self.output, named=False), self.adjoint(self.output)
        steps, back = (self.schedule.forward[self.output.number], self.schedule.start), bool(seed)
        arrow = Arrow("out", self.source(self.output), OUTPUT, self.values, back, above, seed, back, steps)
        return [Box(OUTPUT, "output", self.output_name())], [arrow]

    def output_name(self) -> Phrase:
        return noted(self.labels.name(self.view.output_name), self.view.note)


class _RecordPainter(_Painter):
    """Turns each node into a box for its operation, and a box for its value with the numbers in it."""

    def nodes_in_two_boxes(self) -> set[int]:
        """Return the nodes with a second box behind their own: that of their value."""
        return {number for number, node in self.view.nodes.items() if node.kind not in LEAVES}

    def boxes(self, node: Node, folded: Edge | None) -> list[Box]:
        """Return a node's boxes: its operation, unless it is a leaf, and its value."""
        if node.kind == "constant" and node is not self.output:
            return []
        value = Box(self.source(node), "value", self.name(node), self.filled(node))
        return [value] if node.kind in LEAVES else [self.box(node, folded), value]

    def name(self, node: Node) -> Phrase:
        """Return a value's name in the program, or the output's name."""
        if node is not self.output:
            return noted(self.labels.name(node.name or self.symbol(node)), node.note)
        return noted(self.labels.name(node.name), self.view.note) if node.name else self.output_name()

    def filled(self, node: Node) -> tuple[Cell, ...]:
        """Return the cells of a value's box for the passes that are drawn and have reached it."""
        numbers = {
            "value": (self.values, node.value, self.schedule.forward),
            "adjoint": (self.adjoints, node.adjoint, self.schedule.arrives),
        }
        known = ((word, *numbers[name]) for name, word in self.cells)
        return tuple(
            Cell(word, self.labels.number(number), steps[node.number])
            for word, shown, number, steps in known
            if shown and number is not None
        )

    def source(self, node: Node) -> str:
        """Return the key of the box at which the arrows to a node's uses start."""
        return f"{'v' if node.number in self.forked else 'n'}{node.number}"

    def arrow(self, edge: Edge) -> Arrow:
        """Return an arrow without numbers, with a second line only where a local derivative is written on it."""
        return replace(self.bare(super().arrow(edge)), carried=None)

    def bare(self, arrow: Arrow) -> Arrow:
        below = arrow.below[1:]
        backward = arrow.backward and (not self.values or bool(below))
        return replace(arrow, above=Phrase(""), below=below, backward=backward, pair=backward and self.values)

    def trunk(self, node: Node) -> list[Arrow]:
        """Return the arrow from an operation to its value."""
        return [self.bare(arrow) for arrow in super().trunk(node)]

    def ending(self) -> tuple[list[Box], list[Arrow]]:
        """Return nothing: the box of the output's value has its name."""
        return [], []


def _key(edge: Edge) -> str:
    """Return the key of a constant operand's box."""
    return f"c{edge.result}_{edge.position}"
