"""Store many steps in arrays of numbers: about 20 bytes for each, instead of two tuples and their integers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, chain, compress, islice, repeat
from operator import attrgetter, sub
from typing import TYPE_CHECKING, Final, overload

from graphgrad.ops.op import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.ops.op import Op

__all__ = ["PackedSteps", "ops_of", "rows_of"]

PART: Final = 1_024
"""How many steps are read from the arrays at once."""

_step: Final = partial(tuple.__new__, Step)
"""Makes a step of three values, in half the time of the class's own call."""

_op: Final = attrgetter("op")


class _Numbers(dict["Op", int]):
    """A number for each operation: its place in a list, to which new ones are added."""

    def __init__(self, ops: Iterable[Op] = ()) -> None:
        self.ops = [*ops]
        super().__init__((op, number) for number, op in enumerate(self.ops))

    def __missing__(self, op: Op) -> int:
        self[op] = len(self.ops)
        self.ops.append(op)
        return self[op]


def ops_of(steps: Sequence[Step]) -> set[Op]:
    """Return the operations that steps apply.

    >>> from graphgrad.ops.table import OPS
    >>> [op.name for op in ops_of((Step(1, OPS["sin"], (0,)),))]
    ['sin']
    """
    return steps.ops if type(steps) is PackedSteps else {*map(_op, steps)}


def rows_of(steps: Sequence[Step], order: int = 1) -> Iterable[tuple[int, Op, tuple[int, ...]]]:
    """Return target, operation and operands of each step in the fastest way; from the last one on with order -1.

    >>> from graphgrad.ops.table import OPS
    >>> [(target, op.name, operands) for target, op, operands in rows_of((Step(1, OPS["sin"], (0,)),))]
    [(1, 'sin', (0,))]
    """
    if type(steps) is PackedSteps:  # asking an abstract class with isinstance takes longer than a small graph's loop
        return steps.rows(order)
    return steps if order == 1 else reversed(steps)


class PackedSteps(Sequence[Step]):
    """A sequence of steps, in the order of their targets; a step is made when it is read, and a slice is a list.

    Attributes:
        targets: the target of each step.
        numbers: the number of each operation; one that is asked for gets one.

    >>> from graphgrad.ops.table import OPS
    >>> steps = PackedSteps([Step(1, OPS["mul"], (0, 0)), Step(2, OPS["sin"], (1,)), Step(3, OPS["mul"], (1, 2))])
    >>> steps[-1].operands, len(steps)
    ((1, 2), 3)
    """

    __slots__ = ("_codes", "_ends", "_flat", "numbers", "targets")

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        """Take the steps."""
        self.numbers = _Numbers()
        self.targets, self._codes, self._flat, self._ends = (array("i") for _ in range(4))
        self.extend(steps)

    @property
    def columns(self) -> tuple[array[int], array[int], array[int], array[int]]:
        """The arrays: targets, numbers of operations, operands, and where those of each step end."""
        return self.targets, self._codes, self._flat, self._ends

    def append(self, step: Step) -> None:
        """Add a step behind the others."""
        self.extend((step,))

    def extend(self, steps: Iterable[Step]) -> None:
        """Add steps behind the others."""
        steps, numbers = iter(steps), self.numbers
        while part := [*islice(steps, PART)]:
            targets, ops, operands = zip(*part, strict=True)
            self.targets.extend(targets)
            self._codes.extend(map(numbers.__getitem__, ops))
            self._ends.extend(islice(accumulate(map(len, operands), initial=len(self._flat)), 1, None))
            self._flat.extend(chain.from_iterable(operands))

    def rows(self, order: int = 1) -> Iterator[tuple[int, Op, tuple[int, ...]]]:
        """Return target, operation and operands of each step, without a `Step`; from the last one on with order -1."""
        starts = range(0, len(self), PART)[::order]
        return chain.from_iterable(map(self._rows, starts, repeat(order)))

    @property
    def ops(self) -> set[Op]:
        """The operations that the steps apply."""
        return {self.numbers.ops[code] for code in set(self._codes)}

    def kept(self, mask: Sequence[int]) -> PackedSteps:
        """Return the steps at whose place in the mask is 1, not 0.

        >>> from graphgrad.ops.table import OPS
        >>> PackedSteps([Step(1, OPS["sin"], (0,)), Step(2, OPS["cos"], (0,))]).kept([0, 1])[0].op.name
        'cos'
        """
        kept, counts = PackedSteps(), array("i", map(sub, self._ends, chain((0,), self._ends)))
        kept.numbers, kept.targets = _Numbers(self.numbers.ops), array("i", compress(self.targets, mask))
        kept._codes = array("i", compress(self._codes, mask))
        kept._ends = array("i", accumulate(compress(counts, mask)))
        kept._flat = array("i", compress(self._flat, chain.from_iterable(map(repeat, mask, counts))))
        return kept

    def __len__(self) -> int:
        return len(self.targets)

    def __iter__(self) -> Iterator[Step]:
        return map(_step, self.rows())

    def __reversed__(self) -> Iterator[Step]:
        return map(_step, self.rows(-1))

    @overload
    def __getitem__(self, place: int) -> Step: ...

    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...

    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        begin = self._ends[place - 1] if place else 0
        operands = tuple(self._flat[begin : self._ends[place]])
        return Step(self.targets[place], self.numbers.ops[self._codes[place]], operands)

    def _rows(self, start: int, order: int) -> Iterator[tuple[int, Op, tuple[int, ...]]]:
        """Return the rows of the part that begins at a place."""
        part = slice(start, start + PART)
        targets, codes, ends = self.targets[part], self._codes[part], self._ends[part]
        first = self._ends[start - 1] if start else 0
        flat = self._flat[first : ends[-1]]
        ops = map(self.numbers.ops.__getitem__, codes[::order])
        are_pairs = ends == array("i", range(first + 2, first + 2 * len(ends) + 1, 2))
        operands = _pairs(flat, order) if are_pairs else _groups(flat, [0, *(end - first for end in ends)], order)
        return zip(targets[::order], ops, operands, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PackedSteps | list | tuple):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as of a list

    def __repr__(self) -> str:
        return f"PackedSteps({[*self]})"


def _pairs(flat: array[int], order: int) -> Iterator[tuple[int, ...]]:
    return zip(flat[::2][::order], flat[1::2][::order], strict=True)


def _groups(flat: array[int], places: list[int], order: int) -> Iterator[tuple[int, ...]]:
    """Return the operands of each step, which lie between two places."""
    return map(tuple(flat).__getitem__, map(slice, places[:-1][::order], places[1:][::order]))
