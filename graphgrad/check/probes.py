"""Choose the points at which a rule is probed: spread over its domain, far out, near 0, and on each of its branches.

The rules are read on floats in a namespace that records each decision: a comparison, a choice, an absolute value or a
maximum. A number that the decisions compare to becomes a probe, with one on either side; and where two probes take
different branches, the boundary between them is bisected, so that each branch is probed next to its end, too.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from graphgrad.check.value_witness import attempt
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import CachedOperations
from graphgrad.ops.op import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.ops.array_domains import Definite, Places
    from graphgrad.ops.op import Naturals, Op

__all__ = ["Point", "Recorder", "is_inside", "probes", "thresholds"]

Point = tuple[Fraction, ...]

SPREAD: Final = 5
"""The number of probes that are spread evenly over an operand's domain."""

FAR: Final = (1.3e-6, -123.4375, 2.0, 0.0, -1.7e-6, 123.625, -1021.75, 3.0, 1009.375, -1e6 - 0.75, 1e6 + 0.375)
"""Further coordinates: the whole numbers 0, 2 and 3, very small ones, and large ones of both signs."""

MOST_OUTSIDE: Final = 2000
"""The largest coordinate outside the domain of a row, where a function may be slow to compute."""

TOGETHER: Final = ((123.625, 1009.375), (-123.4375, -1021.75), (123.625, 123.625), (-1021.75, -1021.75))
"""Where all operands lie far out on the same side, in both orders and alike."""

COUNTS: Final = (0.0, 1.0, 2.0, 3.0, 5.0)
"""The coordinates of an operand that counts."""

END: Final = 2.0**-20
"""How near a probe comes to the end of a domain, to a number that is compared to, and to the boundary of a branch."""

MAX_THRESHOLDS: Final = 6
"""The most numbers that the decisions of a rule compare to, for which there are probes."""

MAX_BASES: Final = 3
"""The most branches on which there are probes beside the numbers that are compared to."""

MAX_BRANCHES: Final = 8
"""The most pairs of branches whose boundary is bisected."""

BISECTIONS: Final = 50

Xs = tuple[float, ...]
Branch = tuple[tuple[bool, ...], ...]


class Recorder(Floats):
    """Floats that record the numbers that every decision compares, and how it falls."""

    def __init__(self) -> None:
        self.decisions: list[tuple[tuple[Any, ...], tuple[bool, ...]]] = []
        self._operations = CachedOperations(self)

    @property
    def operations(self) -> CachedOperations:
        """The operations that rules call."""
        return self._operations

    def function(self, op: Op, within: frozenset[Op] = frozenset()) -> Any:
        """Return an operation that records what it decides."""
        function = super().function(op, within)
        if not op.arity or not (op.kink or op.chooses):
            return function

        def recorded(*xs: Any) -> Any:
            z = function(*xs)
            self.decisions.append((() if op.chooses else xs, _outcome(op, xs, z)))
            return z

        return recorded


def _outcome(op: Op, xs: Sequence[Any], z: Any) -> tuple[bool, ...]:
    """Return which way an operation decides: the condition, the sign of what jumps, or which operand is the value."""
    if op.chooses:
        return (bool(xs[0]),)
    return (z > 0, z < 0) if op.flat else tuple(x == z for x in xs)


@lru_cache(maxsize=1024)
def probes(op: Op, count: int) -> tuple[Point, ...]:
    """Return the points at which the rules of an operation on `count` operands are probed.

    >>> from graphgrad.ops.table import OPS
    >>> points = probes(OPS["abs"], 1)
    >>> len(points), min(points), (Fraction(0),) in points
    (19, (Fraction(-4000003, 4),), True)
    """
    rule = _Rules(op)
    points: dict[Xs, Branch] = {}
    for k, xs in enumerate(_spread(op, count)):
        if (branch := rule.branch(xs)) is not None or k < SPREAD:
            points[xs] = branch or ()
    for xs in _beside_thresholds(op, points, rule.thresholds):
        if (branch := rule.branch(xs)) is not None:
            points[xs] = branch
    for xs in _at_boundaries(op, points, rule.branch):
        points.setdefault(xs, ())
    return tuple(tuple(map(Fraction, xs)) for xs in points)


def _spread(op: Op, count: int) -> Iterator[Xs]:
    """Yield points that differ in every coordinate, and one with all coordinates alike."""
    if not count:
        yield ()
        return
    columns = [_coordinates(op.domain(i), SPREAD + 2 * i) for i in range(count)]
    for k in range(max(map(len, columns))):
        yield tuple(column[(k + 3 * i) % len(column)] for i, column in enumerate(columns))
    if count > 1 and _are_intervals(op, count):
        yield (columns[0][1],) * count
        for pair in TOGETHER:
            yield tuple(pair[i % 2] for i in range(count))
            yield tuple(pair[(i + 1) % 2] for i in range(count))


def _are_intervals(op: Op, count: int) -> bool:
    return all(isinstance(op.domain(i), Interval) for i in range(count))


def _coordinates(domain: Interval | Naturals | Definite | Places, spread: int) -> list[float]:
    if not isinstance(domain, Interval):
        return [*COUNTS]
    ends = [low + END * (1 + abs(low)) for low in (domain.low,) if math.isfinite(low) and low]
    ends += [high - END * (1 + abs(high)) for high in (domain.high,) if math.isfinite(high)]
    far = [x for x in FAR if abs(x) < MOST_OUTSIDE or domain.low < x < domain.high]
    return [*domain.probes(spread), *far, *ends]


def _beside_thresholds(op: Op, points: dict[Xs, Branch], found: Sequence[float]) -> Iterator[Xs]:
    """Yield points of several branches: one coordinate negated, at a number that is compared to, and beside it."""
    branches = {branch: xs for xs, branch in reversed(points.items()) if is_inside(op, xs)}
    bases = [*branches.values()][:MAX_BASES]
    for xs in bases:
        for i in range(len(xs)):
            if len(bases) > 1 and is_inside(op, turned := (*xs[:i], -xs[i], *xs[i + 1 :])):
                yield turned
            if isinstance(op.domain(i), Interval):
                for x in (y for t in found for y in (t * (1 - END), t, t * (1 + END))):
                    yield (*xs[:i], x, *xs[i + 1 :])


def _at_boundaries(op: Op, points: dict[Xs, Branch], branch: Callable[[Xs], Branch | None]) -> Iterator[Xs]:
    """Yield two points next to the boundary between any two branches that neighbouring probes take."""
    if not _are_intervals(op, len(next(iter(points), ()))):
        return
    seen: set[tuple[Branch, Branch]] = set()
    for (a, at_a), (b, at_b) in pairwise(sorted(points.items())):
        if at_a != at_b and (at_a, at_b) not in seen and len(seen) < MAX_BRANCHES:
            seen.add((at_a, at_b))
            yield from _bisected(a, b, at_a, branch)


def _bisected(a: Xs, b: Xs, at_a: Branch, branch: Callable[[Xs], Branch | None]) -> Iterator[Xs]:
    for _ in range(BISECTIONS):
        middle = tuple((x + y) / 2 for x, y in zip(a, b, strict=True))
        a, b = (middle, b) if branch(middle) == at_a else (a, middle)
        if all(abs(x - y) <= END * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True)):
            break
    yield from (xs for xs in (a, b) if branch(xs) is not None)


def is_inside(op: Op, xs: Sequence[Any]) -> bool:
    """Whether a point lies in the domain on which a row says that its operation is smooth.

    >>> from graphgrad.ops.table import OPS
    >>> is_inside(OPS["log"], [2]), is_inside(OPS["log"], [0])
    (True, False)
    """
    domains = [op.domain(i) for i in range(len(xs))]
    return all(d.low < x < d.high if isinstance(d, Interval) else x >= 0 for d, x in zip(domains, xs, strict=True))


class _Rules:
    """All rules of an operation, read together on floats; the numbers that their decisions compare to are counted."""

    def __init__(self, op: Op) -> None:
        self.op, self.m = op, Recorder()
        self._compared: dict[float, set[Xs]] = {}

    def branch(self, xs: Xs) -> Branch | None:
        """Return how all decisions fall at a point; None where the operation has no finite value in floats."""
        self.m.decisions = []
        z = self._value(xs)
        if z is None:
            return None
        for stable in (False, True):
            for position in range(len(xs)):
                attempt(self.op.partial, self.m.operations, position, z, *xs, stable=stable)
        for operands, _ in self.m.decisions:
            for x in operands:
                if isinstance(x, (int, float)) and math.isfinite(x) and x not in xs and x != z:
                    self._compared.setdefault(float(x), set()).add(xs)
        return tuple(outcome for _, outcome in self.m.decisions)

    def _value(self, xs: Xs) -> float | None:
        plain, stable = (attempt(self.op.value, self.m.operations, *xs, stable=form) for form in (False, True))
        del plain  # it is read for its decisions alone
        z = attempt(lambda: float(stable))
        return z if z is not None and math.isfinite(z) else None

    @property
    def thresholds(self) -> list[float]:
        """The numbers that decisions compare to at more than one point, and that are no probes already."""
        return thresholds(self._compared)


def thresholds(compared: dict[float, set[Any]]) -> list[float]:
    """Return the numbers other than 0 that were met at several points.

    >>> thresholds({100.0: {1, 2}, 3.5: {1}, 0.0: {1, 2}})
    [100.0]
    """
    return [x for x, points in compared.items() if len(points) > 1 and x][:MAX_THRESHOLDS]
