"""Make lines level: give boxes and labels on one line the same height, where the order in their columns allows it.

An engine keeps lines short on the whole, so that a value's line may have a small bend before and behind a function.
Here, all that a line could run straight through is a block, which has one height. The order in each column stays as it
is, so that no line crosses another one that it did not cross before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.draw.layout.clearance import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.draw.layout.stops import Columns, Stop
    from graphgrad.draw.scene.model import Arrow
    from graphgrad.draw.theme import Theme

__all__ = ["level"]

NEAR: Final = 12.0
"""How much the heights of a line's ends may differ, in points, where other lines end there, too."""

BENDS: Final = (inf, 3 * NEAR, NEAR)
"""The bends that are made level: all, or where the picture became too high, only smaller ones."""

SWEEPS: Final = 12
"""How often each block is moved towards its place."""

HIGHER: Final = 1.15
"""How much higher a picture may become."""

MOST: Final = 3_000
"""The most places in the columns of a picture whose lines are made level: for more, it would take seconds."""

_Item = str | tuple[int, int]
"""What stands in a column: the key of a box or of labels, or an arrow that passes, with the column."""


class _Link(NamedTuple):
    """A piece of a line between neighbouring columns: how soon it is made level, how much it bends, and its ends."""

    rank: int
    bend: float
    before: _Item
    after: _Item


def level(found: Columns, arrows: Sequence[Arrow], theme: Theme, between: float) -> None:
    """Make lines level in columns, unless the picture would become much higher, and keep room between all.

    `between` is the least distance of two arrows that pass through a column side by side.
    """
    if len(found.heights) + len(found.passing) > MOST:
        return
    links = sorted(_links(found, arrows), key=lambda each: each[:2])
    apart = _Blocks(found, arrows, theme, between).heights()
    for most in BENDS:
        blocks = _Blocks(found, arrows, theme, between)
        for link in links:
            if link.bend <= most:
                blocks.join(link.before, link.after)
        levels = blocks.heights()
        if _extent(levels) <= HIGHER * _extent(apart):
            break
    else:
        levels = apart
    found.heights = {key: levels[key] for key in found.heights}
    found.passing = {key: levels[key] for key in found.passing}


def _heights(found: Columns) -> dict[_Item, float]:
    heights: dict[_Item, float] = {}
    heights.update(found.passing.items())
    heights.update(found.heights.items())
    return heights


def _extent(heights: dict[_Item, float]) -> float:
    return max(heights.values()) - min(heights.values())


def _links(found: Columns, arrows: Sequence[Arrow]) -> Iterator[_Link]:
    """Yield the pieces of lines that are to be level: all but those to or from places where several lines meet."""
    leaving, arriving = Counter(arrow.tail for arrow in arrows), Counter(arrow.head for arrow in arrows)
    for index, way in enumerate(found.ways):
        for before, after in pairwise(way):
            bend = abs(found.height(index, before) - found.height(index, after))
            alone = (leaving[before.key] < 2) + (arriving[after.key] < 2)  # noqa: PLR2004  no other line is there
            if alone == 2 or (bend <= NEAR and len(way) > 2):  # noqa: PLR2004  both ends; a label is on the way
                yield _Link(2 - alone, bend, _item(index, before), _item(index, after))


def _item(index: int, stop: Stop) -> _Item:
    return stop.key or (index, stop.column)


class _Blocks:
    """The blocks of items of the same height, and which of them are directly above which others, and how far."""

    def __init__(self, found: Columns, arrows: Sequence[Arrow], theme: Theme, between: float) -> None:
        self.wanted = _heights(found)
        self.members = {item: [item] for item in self.wanted}
        self.block = {item: item for item in self.wanted}
        self.above: dict[_Item, dict[_Item, float]] = defaultdict(dict)
        self.below: dict[_Item, dict[_Item, float]] = defaultdict(dict)
        passing = defaultdict[int, list[_Item]](list)
        for item in found.passing:
            passing[item[1]].append(item)
        lanes = [theme.lane if arrow.pair else 0.0 for arrow in arrows]

        def reach(item: _Item, side: int) -> float:
            return found.reach(item, side) if isinstance(item, str) else lanes[item[0]]

        def middle(item: _Item) -> float:
            return self.wanted[item] + (reach(item, 1) - reach(item, -1)) / 2

        for column, keys in enumerate(found.keys):
            for low, high in pairwise(sorted([*keys, *passing[column]], key=middle)):
                lines = isinstance(low, tuple) + isinstance(high, tuple)
                room = reach(low, 1) + (theme.row_gap, LEAST, between)[lines] + reach(high, -1)
                self.put(low, high, room if lines else min(room, self.wanted[high] - self.wanted[low]))

    def put(self, low: _Item, high: _Item, room: float) -> None:
        """Keep a block above another one, at a distance or further away."""
        self.above[low][high] = self.below[high][low] = max(room, self.above[low].get(high, room))

    def join(self, one: _Item, other: _Item) -> None:
        """Make the blocks of two items one, unless one of them has to be above the other."""
        kept, gone = self.block[one], self.block[other]
        if kept == gone or self.is_above(kept, gone) or self.is_above(gone, kept):
            return
        for item in self.members[gone]:
            self.block[item] = kept
        self.members[kept] += self.members.pop(gone)
        for high, room in self.above.pop(gone, {}).items():
            del self.below[high][gone]
            self.put(kept, high, room)
        for low, room in self.below.pop(gone, {}).items():
            del self.above[low][gone]
            self.put(low, kept, room)

    def is_above(self, low: _Item, high: _Item) -> bool:
        """Tell whether a block has to be above another one."""
        seen, waiting = {low}, [low]
        while waiting:
            for each in self.above[waiting.pop()]:
                if each == high:
                    return True
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)
        return False

    def heights(self) -> dict[_Item, float]:
        """Return the height of each item: that of its block, near the mean of those that its items have had."""
        wanted = {block: sum(map(self.wanted.__getitem__, each)) / len(each) for block, each in self.members.items()}
        order = self.order()
        up, down = dict(wanted), dict(wanted)
        for block in order:
            up[block] = max([wanted[block], *(up[low] + room for low, room in self.below[block].items())])
        for block in reversed(order):
            down[block] = min([wanted[block], *(down[high] - room for high, room in self.above[block].items())])
        placed = {block: (up[block] + down[block]) / 2 for block in order}
        for _ in range(SWEEPS):
            for block in order:
                least = max((placed[low] + room for low, room in self.below[block].items()), default=wanted[block])
                most = min((placed[high] - room for high, room in self.above[block].items()), default=wanted[block])
                placed[block] = min(max(wanted[block], least), most)
            order.reverse()
        return {item: placed[block] for item, block in self.block.items()}

    def order(self) -> list[_Item]:
        """Return the blocks, each behind all that are below it."""
        lacking = {block: len(self.below[block]) for block in self.members}
        order = [block for block, count in lacking.items() if not count]
        for block in order:
            for high in self.above[block]:
                lacking[high] -= 1
                if not lacking[high]:
                    order.append(high)
        return order
