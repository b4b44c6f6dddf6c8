"""Hold a derivative along a direction against differences in higher precision, with steps of each entry's own size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.error_bound import JUDGED
from graphgrad.backprop.passes import rational
from graphgrad.check.judged import NEGLIGIBLE, doubt_note, is_usable, unbounded, underflow
from graphgrad.check.report import Row, compared
from graphgrad.namespaces.array_structure import Structure
from graphgrad.namespaces.array_values import as_floats, is_entrywise, shape_of
from graphgrad.namespaces.arrays import Arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from graphgrad.backprop.error_bound import GradientErrors
    from graphgrad.check.higher_precision import HighPrecision, Precisions
    from graphgrad.namespaces.kind import Kind

__all__ = ["Line", "directions", "is_bent", "smallest_size"]

STEPS: Final = (20, 50, 110, 400)
"""The steps of the differences in mpmath, relative to the entries, as negative powers of ten.

The last is below one period of a sine at any float.
"""

LONG_STEPS: Final = (Fraction(1, 2**21), Fraction(1, 2**25), Fraction(1, 2**29))
"""The steps in long doubles. The first, near the cube root of their rounding, makes it as small as the truncation."""

MAX_DIGITS: Final = 4_000
"""The most digits that a difference is computed with."""

SETTLED: Final = 1000
"""A difference is settled if another step changes it by so much less than its distance from ours."""

LONG_SETTLED: Final = 10
"""The same for long doubles."""

MAX_BOUNDED: Final = 24
"""The most entries of a derivative that are bounded one by one."""

SLACK: Final = Fraction(1, 10**6)
"""What truncation in long doubles may be, relative to the terms."""

BENT: Final = Fraction(1, 10**6)
"""The relative difference of one-sided slopes from which on there is a kink."""

WIDEST: Final = 1e100
"""The largest ratio of two entries of a direction."""

MAGNITUDES: Final = 4
"""The powers of ten that entries along one direction in long doubles span."""


class _Held(NamedTuple):
    """What the differences say: `agrees` is None where they settle on nothing; `theirs` is the last of them."""

    agrees: bool | None
    theirs: Fraction | None


def is_bent(left: Any, right: Any, tolerance: Any = BENT) -> Any:
    """Whether the changes to both sides differ as at a kink.

    >>> is_bent(Fraction(1), Fraction(-1)), is_bent(Fraction(1), Fraction(1))
    (True, False)
    """
    return abs(right - left) > tolerance * (abs(left) + abs(right))


def _random_direction(np: Any, x: Any, seed: int) -> Any:
    """Return a direction in the shape of x with entries between 1/4 and 1, of random signs."""
    shape, numbers = shape_of(x), np.random.default_rng(seed)
    return numbers.uniform(0.25, 1, shape) * numbers.choice([-1.0, 1.0], shape)


def _balanced(np: Any, direction: Any, sizes: Any) -> Any:
    """Return a direction divided by the sizes of a derivative's entries, so that each contributes alike.

    >>> import numpy as np
    >>> _balanced(np, np.array([1.0, -1.0, 1.0]), np.array([100.0, 1.0, 0.0])).tolist()
    [0.1, -10.0, 0.1]
    """
    largest = np.max(sizes, initial=0.0)
    if not 0 < largest < math.inf:
        return direction
    sizes = np.where(sizes > 0, np.maximum(sizes, largest / WIDEST), largest)
    return direction / sizes * (np.sqrt(np.min(sizes)) * np.sqrt(largest))


def _by_magnitude(np: Any, direction: Any, x: Any, least: float) -> Iterator[Any]:
    """Yield a direction in parts, each in entries of similar size and proportional to them; zeros count as `least`.

    >>> import numpy as np
    >>> x = np.array([1e-9, 3.0, 0.0])
    >>> [part.tolist() for part in _by_magnitude(np, np.ones(3), x, 2.0)]
    [[1e-09, 0.0, 0.0], [0.0, 3.0, 2.0]]
    """
    sizes = np.where(x == 0, least, np.abs(x))
    groups = np.floor(np.log10(sizes) / MAGNITUDES)
    for group in np.unique(groups):
        yield np.where(groups == group, direction * sizes, 0.0)


def directions(errors: GradientErrors, name: str, derivative: Any, line: Line, seed: int) -> Sequence[Any]:
    """Return random directions along which a derivative is compared, which together move all entries by their size."""
    np = Structure().np
    direction = _random_direction(np, line.point, seed)
    if line.long:
        return [*_by_magnitude(np, direction, line.point, line.least)]
    return [_balanced(np, direction, _entry_sizes(errors, name, derivative, direction))]


def _entry_sizes(errors: GradientErrors, name: str, derivative: Any, direction: Any) -> Any:
    """Return the sizes of a derivative's entries, at least that of the numbers whose rounding they have."""
    np = Structure().np
    sizes = np.abs(np.asarray(_floats(derivative), dtype=float))
    u = float(errors.passes.kind.unit_roundoff)
    if not u:
        return sizes
    shape = shape_of(derivative)
    if prod(shape) > MAX_BOUNDED:
        bound = errors.bound(name, np.abs(direction)).total
        return np.maximum(sizes, float(bound) / u / prod(shape)) if is_usable(bound) else sizes
    units = np.eye(prod(shape)).reshape((*shape, *shape))
    bounds = [errors.bound(name, units[place]).total for place in product(*map(range, shape))]
    known = np.array([float(bound) if is_usable(bound) else 0.0 for bound in bounds]).reshape(shape)
    return np.maximum(sizes, known / u)


def smallest_size(values: Iterable[Any], *, typical: bool) -> float:
    """Return the smallest size of an entry that is not 0, at most 1; where `typical`, the median instead.

    >>> import numpy as np
    >>> smallest_size([np.array([0.0, -1e-3]), 5.0], typical=False)
    0.001
    """
    np = Structure().np
    sizes = np.concatenate([np.ravel(np.abs(np.asarray(_floats(value), dtype=float))) for value in values])
    sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
    return min(float(np.median(sizes) if typical else sizes.min()), 1.0) if sizes.size else 1.0


@dataclass(frozen=True)
class Line:
    """The terms of a number as a function of one operand, `terms(precision, operand)`, along a direction from a point.

    `least` is the size of the step at an entry that is 0; `size` is that of the numbers whose rounding the terms have.
    """

    terms: Callable[[HighPrecision, Any], Any]
    point: Any
    direction: Any
    least: float
    size: float
    precisions: Precisions

    long: bool = False

    def row(self, row: Row, ours: Any, bound: Any, kind: Kind) -> Row:
        """Return a row with the comparison of a derivative's entries along the direction."""
        along, usable = self.along(ours), is_usable(bound)
        held = self.held(ours, rational(bound) if usable else 0, underflow(kind))
        if not usable and held.theirs is not None:
            row = row._replace(ours=float(along))
            return unbounded(row, abs(along - held.theirs), self.absolute(ours), kind)
        if held.agrees is None or held.theirs is None:
            return row._replace(status="not attempted", note="smaller and smaller differences do not settle")
        if not held.agrees:
            return compared(row.level, row.subject, float(along), held.theirs, row.node)._replace(status="failed")
        error, terms = abs(along - held.theirs), self.absolute(ours)
        note = "" if self.long or error <= NEGLIGIBLE * terms else doubt_note(error, bound, terms, kind)
        return row._replace(ours=float(along), status="rounding" if note else "ok", note=note)

    @property
    def _first(self) -> HighPrecision:
        return self.precisions.long_doubles if self.long else self.precisions.digits(0)

    def along(self, ours: Any) -> Fraction:
        """Return the sum of the derivative's entries times the direction's."""
        return self._first.inner_product(ours, self.direction)

    def absolute(self, ours: Any) -> Fraction:
        """Return the sum of the absolute terms."""
        return self._first.inner_product(_absolute(ours), _absolute(self.direction))

    def held(self, ours: Any, bound: float | Fraction, least: Fraction) -> _Held:
        """Compare the derivative's entries, whose error along the direction is bounded, with difference quotients.

        An entry may be off by `least` more. Only the last two quotients tell that it is wrong: those with a step of
        many periods of a sine settle at 0.
        """
        along, terms = self.along(ours), self.absolute(ours)
        wanted = JUDGED * Fraction(bound) + NEGLIGIBLE * terms
        allowed = wanted + JUDGED * least * self.absolute(_ones(self.direction))
        if self.long:
            allowed += JUDGED * self.precisions.long_doubles.unit_roundoff * terms
        slope, settles = None, False
        for slope, last in _with_last(self._long_slopes() if self.long else self._slopes(float(wanted))):
            distance = abs(along - slope.number)
            within = allowed + slope.rounding
            if distance <= within + slope.truncation and slope.truncation <= max(SLACK * terms, within):
                return _Held(agrees=True, theirs=slope.number)
            settles = last is not None and self._settles(slope, last.number, distance)
            if settles and self.long:
                break
        return _Held(agrees=False if settles else None, theirs=slope and slope.number)

    def _settles(self, slope: _Slope, last: Fraction, distance: Fraction) -> bool:
        """Whether a shorter step changes a quotient by little; long doubles' also for its size."""
        change = abs(slope.number - last)
        resolved = not self.long or change <= max(slope.rounding, abs(slope.number) / slope.settled)
        return resolved and change * slope.settled <= distance

    def _slopes(self, wanted: float) -> Iterator[_Slope]:
        """Yield the difference quotients in mpmath, with smaller and smaller steps."""
        for step, precise in self._attempts(wanted):
            yield _Slope(self.slope(precise, step), Fraction(0), Fraction(0), SETTLED)

    def _attempts(self, wanted: float) -> Iterator[tuple[Fraction, HighPrecision]]:
        """Yield smaller and smaller steps, with a namespace in which the difference has the digits that are wanted."""
        for places in STEPS:
            exponent = places - self._reach[0]
            digits = 2 * places + self._reach[1] + 20
            if self.size > 0 and wanted > 0:
                digits = max(digits, math.log10(self.size) - math.log10(wanted) + exponent + 5)
            if digits <= MAX_DIGITS:
                yield Fraction(10) ** -math.ceil(exponent), self.precisions.digits(digits)

    def _long_slopes(self) -> Iterator[_Slope]:
        """Yield those in long doubles; a step twice as long shows what truncation does."""
        precise = self.precisions.long_doubles
        here = self._at(precise, Fraction(0))
        for relative in LONG_STEPS:
            step = relative * Fraction(10.0 ** self._reach[0])
            number, twice = self.slope(precise, step), self.slope(precise, 2 * step)
            moved = self._at(precise, 2 * step)
            size = max(Fraction(self.size), precise.total(abs(moved)))
            of_step = precise.total(abs(moved - here)) / relative  # the operand's own rounding changes the step
            rounding = JUDGED * (size + of_step) * precise.unit_roundoff / step
            yield _Slope(number, rounding, abs(number - twice), LONG_SETTLED)

    @cached_property
    def _reach(self) -> tuple[float, float]:
        """The power of ten by which the direction reaches the nearest entry's size, and the span to the furthest."""
        np = Structure().np
        point, direction = (np.abs(np.asarray(_floats(x), dtype=float)) for x in (self.point, self.direction))
        with np.errstate(divide="ignore"):
            ratios = np.ravel(np.log10(np.where(point > 0, point, self.least)) - np.log10(direction))
        ratios = ratios[np.isfinite(ratios)]
        return (float(ratios.min()), float(np.ptp(ratios))) if ratios.size else (0.0, 0.0)

    def slope(self, precise: HighPrecision, step: Fraction) -> Fraction:
        """Return the central difference quotient."""
        ahead, back = (self._at(precise, sign * step) for sign in (1, -1))
        return precise.total((ahead - back) / (2 * precise.number(step)))

    def _at(self, precise: HighPrecision, step: Fraction) -> Any:
        return self.terms(precise, precise.lift(self.point) + precise.number(step) * precise.lift(self.direction))

    def sides(self) -> tuple[Fraction, Fraction]:
        """Return the slopes to both sides along the direction."""
        step, precise = next(self._attempts(0.0))
        back, here, ahead = (self._at(precise, sign * step) for sign in (-1, 0, 1))
        h = precise.number(step)
        return precise.total((here - back) / h), precise.total((ahead - here) / h)

    def without_kinks(self) -> Any:
        """Return the direction with 0 in each entry at a kink: where the slopes to both sides differ."""
        if self.long:
            precise = self.precisions.long_doubles
            step = LONG_STEPS[-1] * Fraction(10.0 ** self._reach[0])
        else:
            step, precise = next(self._attempts(0.0))
        np, here = precise.np, self.terms(precise, precise.lift(self.point))
        ahead, back = (self._at(precise, sign * step) for sign in (1, -1))
        bent = np.asarray(is_bent(here - back, ahead - here, precise.number(BENT)), dtype=bool)
        crossed = Arrays().sum_like(np.where(bent, 1.0, 0.0), self.direction)
        return np.where(crossed > 0, 0.0, self.direction)


class _Slope(NamedTuple):
    """A difference quotient with its own errors, and how much less than its distance from ours another must differ."""

    number: Fraction
    rounding: Fraction
    truncation: Fraction
    settled: int


def _with_last(slopes: Iterable[_Slope]) -> Iterator[tuple[_Slope, _Slope | None]]:
    """Yield each slope with the one before it."""
    last = None
    for slope in slopes:
        yield slope, last
        last = slope


def _ones(x: Any) -> Any:
    """Return an array like this one of ones."""
    return x * 0 + 1


def _absolute(x: Any) -> Any:
    return abs(rational(x))


def _floats(x: Any) -> Any:
    """Return an operand as floats, whatever its kind of number is."""
    return as_floats(x) if is_entrywise(x) else float(rational(x)) if not shape_of(x) else x
