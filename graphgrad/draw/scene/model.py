"""Define the scene: boxes, arrows between them, and the step at which each appears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from graphgrad.typeset.phrase import Phrase
from graphgrad.typeset.plain import spoken

__all__ = ["Arrow", "Box", "Cell", "Line", "Scene"]


NOTHING: Final = Phrase("")


class Cell(NamedTuple):
    """A word and a number in a box, and the step at which the number appears; before it, its room is left free."""

    word: str
    number: Phrase | str
    step: int
    known: bool = True

    @property
    def text(self) -> Phrase:
        """The text at the last step."""
        return spoken(*filter(None, (self.word, self.number)))

    @property
    def shown(self) -> Phrase:
        """The text at the present step."""
        return self.text if self.known else Phrase(self.word)


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the picture, with its text and the cells of numbers in it.

    `kind` is input, constant, operation, output, branch (a dot where a value fans out), value (a value's numbers, in
    themes with cells), or group (many nodes closed into one box). It is shaded by its `share` in the rounding error of
    the output, and `lit` on the path to blame.
    """

    key: str
    kind: str
    text: Phrase
    cells: tuple[Cell, ...] = ()
    share: float = 0.0
    lit: bool = False

    @property
    def texts(self) -> tuple[Phrase, ...]:
        """The texts at the last step: its own, if it has any, then its cells'."""
        return (*self.head, *(cell.text for cell in self.cells))

    @property
    def shown(self) -> tuple[Phrase, ...]:
        """The texts at the present step."""
        return (*self.head, *(cell.shown for cell in self.cells))

    @property
    def head(self) -> tuple[Phrase, ...]:
        """Its own text; nothing where that is empty and there are cells."""
        return (self.text,) if self.text or not self.cells else ()


class Line(NamedTuple):
    """One of an arrow's lines, of kind "forward", "backward" or "line" (without a head), its texts and its step.

    It is `lit` on the path to blame. `moving` is the text that travels along the line in a moving picture: its number.
    """

    kind: str
    texts: tuple[Phrase, ...]
    step: int
    lit: bool = False
    moving: int | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of the picture, from operand to result, with the texts above and below it.

    Without `forward` it is a thin line; with `backward` a second arrow runs beside it in the other direction. A `pair`
    has two lanes. `steps` are the steps at which the forward and the backward line appear. `lit` is the line along
    which the path to blame runs, "forward" or "backward". `carried` is the text below that is the number sent back.
    `role` is what the operand is to the operation, such as its exponent, where operands could be mistaken for each
    other; a `told` one is always written beside the arrow, others where the operands are not drawn in their order.
    """

    key: str
    tail: str
    head: str
    forward: bool
    backward: bool
    above: Phrase = NOTHING
    below: tuple[Phrase, ...] = ()
    pair: bool = False
    steps: tuple[int, int] = (0, 0)
    lit: str = ""
    carried: int | None = 0
    role: str = ""
    told: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines to draw: the forward or thin one, then the backward one."""
        kind, above = "forward" if self.forward else "line", (self.above,) if self.above else ()
        first = Line(kind, above, self.steps[0], self.lit == "forward", 0 if above else None)
        if not self.backward:
            return (first,)
        moving = self.carried if self.below else None
        return first, Line("backward", self.below, self.steps[1], self.lit == "backward", moving)

    def at(self, step: int) -> Arrow:
        """Return the arrow as it is drawn at a step."""
        forward, backward = (step >= since for since in self.steps)
        return replace(
            self,
            forward=self.forward and forward,
            backward=self.backward and backward,
            above=self.above if forward else NOTHING,
            below=self.below if backward else (),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's boxes, its arrows in the order of the operands, its title and its description.

    `words` describes each step of the passes, from step 0, the bare graph; `caption` is drawn below the picture. It is
    laid out from left to right, or `down`.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    title: str
    description: str
    words: tuple[str, ...] = ("the graph",)
    caption: str = ""
    down: bool = False

    @property
    def captions(self) -> tuple[str, ...]:
        """The caption of each step."""
        return tuple(f"step {step} of {len(self.words) - 1}: {words}" for step, words in enumerate(self.words))

    def at(self, step: int) -> Scene:
        """Return the picture at a step."""
        caption = self.captions[step]
        boxes = tuple(_box_at(box, step) for box in self.boxes)
        arrows = tuple(arrow.at(step) for arrow in self.arrows)
        return replace(self, boxes=boxes, arrows=arrows, title=f"{self.title}, {caption}", caption=caption)


def _box_at(box: Box, step: int) -> Box:
    return replace(box, cells=tuple(cell._replace(known=step >= cell.step) for cell in box.cells))
