"""Define the scene: boxes, arrows between them, and the step at which each appears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

__all__ = ["Arrow", "Box", "Cell", "Line", "Scene"]


class Cell(NamedTuple):
    """A word and a number in a box, and the step from which the number is known; till then it keeps its room."""

    word: str
    number: str
    step: int
    known: bool = True

    @property
    def text(self) -> str:
        """What is written in the end."""
        return f"{self.word} {self.number}".strip()

    @property
    def shown(self) -> str:
        """What is written now."""
        return self.text if self.known else self.word


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the picture, and the cells of numbers in it.

    `kind` is input, constant, operation, output, branch where a value fans out, value where the numbers stand in boxes,
    or group where many nodes are closed into one.
    """

    key: str
    kind: str
    text: str
    cells: tuple[Cell, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands in it in the end: its own text, if it has any, then its cells'."""
        return (*self.head, *(cell.text for cell in self.cells))

    @property
    def shown(self) -> tuple[str, ...]:
        """What stands in it now."""
        return (*self.head, *(cell.shown for cell in self.cells))

    @property
    def head(self) -> tuple[str, ...]:
        """Its own text, unless its cells alone say what it is."""
        return (self.text,) if self.text or not self.cells else ()


class Line(NamedTuple):
    """One of the lines an arrow is drawn with ("forward", "backward", a mere "line"), its texts and its step."""

    kind: str
    texts: tuple[str, ...]
    step: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of the picture, from operand to result, with the texts above and below it.

    Without `forward` it is a thin line; with `backward` a second arrow runs beside it in the other direction. It has
    two lanes where it is a `pair`; `steps` are those from which the two are there.
    """

    key: str
    tail: str
    head: str
    forward: bool
    backward: bool
    above: str = ""
    below: tuple[str, ...] = ()
    pair: bool = False
    steps: tuple[int, int] = (0, 0)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines it is drawn with."""
        first = Line("forward" if self.forward else "line", (self.above,) if self.above else (), self.steps[0])
        return (first, Line("backward", self.below, self.steps[1])) if self.backward else (first,)

    def at(self, step: int) -> Arrow:
        """Return what is there of it at a step."""
        forward, backward = (step >= since for since in self.steps)
        return replace(
            self,
            forward=self.forward and forward,
            backward=self.backward and backward,
            above=self.above if forward else "",
            below=self.below if backward else (),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's boxes, its arrows in the order of the operands, its title, and what it shows in words.

    `words` says what happens at each step of the passes, from step 0, the bare graph; `caption` stands below it.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    title: str
    description: str
    words: tuple[str, ...] = ("the graph",)
    caption: str = ""

    @property
    def captions(self) -> tuple[str, ...]:
        """The caption of each step."""
        return tuple(f"step {step} of {len(self.words) - 1}: {words}" for step, words in enumerate(self.words))

    def at(self, step: int) -> Scene:
        """Return what is there of the picture at a step."""
        caption = self.captions[step]
        boxes = tuple(_box_at(box, step) for box in self.boxes)
        arrows = tuple(arrow.at(step) for arrow in self.arrows)
        return replace(self, boxes=boxes, arrows=arrows, title=f"{self.title}, {caption}", caption=caption)


def _box_at(box: Box, step: int) -> Box:
    return replace(box, cells=tuple(cell._replace(known=step >= cell.step) for cell in box.cells))
