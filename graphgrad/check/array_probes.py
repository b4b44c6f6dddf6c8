"""Choose the entries of arrays at which a rule is probed: spread, far out, near 0, alike, and on each branch."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.probes import Recorder, thresholds
from graphgrad.check.value_witness import attempt
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.ops.array_domains import Definite, Places
from graphgrad.ops.op import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.shapes import Shape

__all__ = ["Entries", "Shapes", "array_of", "array_probes", "holds_classes", "operands_of"]

SPREAD: Final = 3
"""The number of probes whose entries are spread evenly over the operands' domains."""

SCALES: Final = (Fraction(47), Fraction(-47), Fraction(3, 10**6))
"""Factors that bring the entries of a probe beyond 100 on either side, and near 0."""

Shapes = tuple["Shape", ...]
Entries = tuple[Fraction, ...]


def holds_classes(op: Op, shapes: Sequence[Shape], position: int) -> bool:
    """Whether an operand holds class indices, which have no derivative."""
    return op.classes == position and (isinstance(op.domain(position), Places) or len({*map(len, shapes[:2])}) > 1)


@lru_cache(maxsize=1024)
def array_probes(op: Op, shapes: Shapes) -> tuple[tuple[Entries, ...], ...]:
    """Return the probes of an operation on arrays: for each operand its entries.

    They are spread over the domains, far out and near 0, with zeros and ones in the last operand, with all entries
    alike, and next to each number that a decision of the rules compares to.

    >>> from graphgrad.ops.table import OPS
    >>> points = array_probes(OPS["outer"], ((2,), (2,)))
    >>> len(points), max(abs(x) for point in points for entries in point for x in entries) > 100
    (8, True)
    """
    spread = [tuple(_entries(op, i, prod(shape), k) for i, shape in enumerate(shapes)) for k in range(SPREAD)]
    scaled = [tuple(_scaled(op, i, entries, c) for i, entries in enumerate(spread[0])) for c in SCALES]
    last = spread[-1][-1]
    zeros = (*spread[-1][:-1], tuple(Fraction((k + 1) % 2) for k in range(len(last))))
    alike = tuple((entries[:1] or (Fraction(1),)) * len(entries) for entries in spread[1])
    points = [*spread, *scaled, zeros, alike]
    points += [
        tuple(_around(op, i, Fraction(x), entries) for i, entries in enumerate(spread[0]))
        for x in _compared_numbers(op, shapes, [*spread, *scaled])
    ]
    return tuple(_with_classes(op, shapes, point) for point in points)


def _entries(op: Op, position: int, count: int, k: int) -> Entries:
    domain = op.domain(position)
    if isinstance(domain, (Definite, Places)):
        return domain.entries(count, k)
    return tuple(Fraction(x) for x in domain.probes(count + 7 * k + 2 * position + 3)[-count:])[:count]


def _scaled(op: Op, position: int, entries: Entries, factor: Fraction) -> Entries:
    domain = op.domain(position)
    if isinstance(domain, Definite):
        return domain.scaled(entries, factor)
    fits = isinstance(domain, Interval) and all(domain.low < x * factor < domain.high for x in entries)
    return tuple(x * factor for x in entries) if fits else entries


def _around(op: Op, position: int, x: Fraction, entries: Entries) -> Entries:
    """Return numbers a little below and above x in turn, where the domain has them."""
    domain = op.domain(position)
    near = tuple(x * (1 + Fraction((-1) ** k * (k + 1), 2**20)) for k in range(len(entries)))
    return near if isinstance(domain, Interval) and all(domain.low < y < domain.high for y in near) else entries


def _with_classes(op: Op, shapes: Shapes, point: tuple[Entries, ...]) -> tuple[Entries, ...]:
    return tuple(
        tuple(Fraction(k % 2) for k in range(len(entries))) if holds_classes(op, shapes, i) else entries
        for i, entries in enumerate(point)
    )


def _compared_numbers(op: Op, shapes: Shapes, points: Sequence[tuple[Entries, ...]]) -> list[float]:
    """Return the numbers that the rules compare entries to, read on floats."""
    recorder = Recorder()
    m, found = Entrywise(recorder), dict[float, set[int]]()
    for k, point in enumerate(points):
        recorder.decisions = []
        operands = operands_of(m, shapes, _with_classes(op, shapes, point))
        with m.np.errstate(all="ignore"):
            z = attempt(op.value, m.operations, *operands)
            for i in range(len(shapes)):
                attempt(op.pull, m.operations, i, m.np.ones(op.shape(*shapes)), z, *operands)
        known = {float(x) for entries in point for x in entries}
        compared = (x for xs, _ in recorder.decisions for x in xs if isinstance(x, (int, float)))
        for x in (x for x in compared if x not in known):
            found.setdefault(float(x), set()).add(k)
    return thresholds(found)


def operands_of(m: Entrywise, shapes: Shapes, point: tuple[Entries, ...]) -> list[Any]:
    """Return a probe's operands as arrays of a namespace's numbers."""
    return [array_of(m, [m.const(x) for x in xs], shape) for xs, shape in zip(point, shapes, strict=True)]


def array_of(m: Entrywise, entries: Sequence[Any], shape: Shape) -> Any:
    """Return an array of objects."""
    array = m.np.empty(len(entries), dtype=object)
    array[:] = entries
    return array.reshape(shape)[()]
