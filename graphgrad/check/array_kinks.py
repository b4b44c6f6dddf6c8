"""Check array gradients at kinks, entry by entry, by differences on either side in many digits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.error_bound import direction_bound
from graphgrad.backprop.kinks import kink_entries
from graphgrad.base.time_limit import count_steps
from graphgrad.check.bounded_referee import bounded_rows
from graphgrad.check.node_checks import TOLERANCE
from graphgrad.check.nodes import kink_row
from graphgrad.check.one_sided import one_sided, steps_of_size
from graphgrad.check.report import Row
from graphgrad.check.sympy_witness import exact_number
from graphgrad.namespaces.array_values import is_array, shape_of
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.many_digits import Precise
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["array_kink_rows"]

MAX_ENTRIES: Final = 400
"""The most entries, of all nodes together, that are computed in many digits."""

MAX_WORK: Final = 1_000
"""The most entries, times places, that one input's differences at kinks may take."""

OTHERS: Final = 2
"""The number of an input's entries away from kinks that are looked at, too."""

DIGITS: Final = 300
"""The digits of the differences, whose smallest step is 1e-120: a subexpression may lose some hundred of them."""

NUDGE: Final = 2.0**-10
"""How far an entry at 0 is moved to see whether it reaches a kink."""

WITHIN: Final = Fraction(1, 10**20)
"""The step of a difference, relative to the distance from the point."""


def array_kink_rows(passes: Passes, grad: Mapping[str, Any]) -> list[Row]:
    """Return the rows of gradients at a point where a node has a kink."""
    entries = sum(prod(shape_of(value)) for value in passes.values)
    if entries > MAX_ENTRIES:
        note = "at a kink there is no one slope along a direction; the nodes are checked one by one"
        return [Row("whole direction", f"{len(grad)} gradients", "not attempted", note=note, stands_for=len(grad))]
    return [row for name, ours in grad.items() if name in passes.inputs for row in _bounded_rows(passes, name, ours)]


def _bounded_rows(passes: Passes, name: str, ours: Any) -> list[Row]:
    return bounded_rows(Row("whole", f"∂/∂{name}", "ok"), lambda: _rows(passes, name, ours))


def _rows(passes: Passes, name: str, ours: Any) -> list[Row]:
    """Return a row for each entry that is at a kink or wrong, and one for all the others."""
    places = list(product(*map(range, shape_of(passes.inputs[name]))))
    beside, rows = _Beside(passes, name), list[Row]()
    for place in _chosen(passes, name, places):
        count_steps(len(passes.tape.steps))
        rows.append(beside.row(place, ours[place] if place else ours))
    plain = [row for row in rows if row.status == "ok"]
    others = [row for row in rows if row.status != "ok"]
    if plain:
        worst = max(plain, key=lambda row: row.relative)
        others.append(worst._replace(note=f"{len(plain)} of {len(places)} entries" if places != [()] else ""))
    return others


def _chosen(passes: Passes, name: str, places: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the entries of an input that reach a kink, as many as the work allows, and some others."""
    m, ats = Entrywise(passes.kind.namespace), _kinks(passes)  # an entry may have no value in a branch not taken
    inputs = {other: m.lift(value) for other, value in passes.inputs.items()}
    at_kinks, others = list[Any](), list[Any]()
    for place in places:
        moved = forward(passes.tape, m, inputs | {name: m.lift(_nudged(passes.inputs[name], place))})
        reaches = any(bool(m.np.any(m.np.not_equal(moved[i], passes.values[i]) & (at != 0))) for i, at in ats)
        (at_kinks if reaches else others).append(place)
    entries = sum(prod(shape_of(value)) for value in passes.values)
    return at_kinks[: max(OTHERS, MAX_WORK // entries)] + others[:: max(1, len(others) // OTHERS)][:OTHERS]


def _kinks(passes: Passes) -> list[tuple[int, Any]]:
    """Return the operands of the operations at a kink, each with 1 in the entries at the kink and 0 elsewhere.

    Of an operation that reduces an operand, all of the operand's entries count as being at its kinks.
    """
    ats = []
    for step in map(passes.tape.step, passes.kinks):
        operands = step.operands[:1] if step.op.chooses else step.operands
        xs = [passes.values[i] for i in operands]
        at = kink_entries(step, passes.namespace, xs, passes.backward.adjoints.get(step.target))
        is_reduced = step.op.on_arrays and any(shape_of(x) != shape_of(at) for x in xs)
        ats += [(i, passes.namespace.np.any(at) if is_reduced else at) for i in operands]
    return ats


def _nudged(x: Any, place: tuple[int, ...]) -> Any:
    """Return an input with one entry moved by some thousandths."""
    moved = 1.0009765625 * (x[place] if place else x) + NUDGE
    if not place:
        return moved
    copy = x.copy()
    copy[place] = moved
    return copy


class _Beside:
    """The output, times the seed, beside the point along one entry of an input."""

    def __init__(self, passes: Passes, name: str) -> None:
        self.passes, self.name = passes, name
        self.m = Entrywise(Precise(DIGITS))
        self.inputs = {other: self.m.lift(value) for other, value in passes.inputs.items()}
        self.seed = self.m.lift(passes.seed)
        self.known: dict[Any, Fraction | None] = {}

    def row(self, place: tuple[int, ...], ours: Any) -> Row:
        """Return the row of one entry's derivative."""
        subject = f"∂/∂{self.name}{list(place) if place else ''}"
        x = self.passes.inputs[self.name]
        point = [Fraction(entry) for entry in (x.flat if is_array(x) else [x])]
        entry = Fraction(x[place] if place else x)
        steps = steps_of_size([entry, *point], 0)
        sides = one_sided(
            steps, lambda distance: self.value(place, distance), lambda distance: self.slope(place, distance, ours)
        )
        if sides is None:
            return Row("whole direction", subject, "not attempted", note="there is no derivative beside this kink")
        row = kink_row("whole direction", subject, float(ours), replace(sides, whose="the"))
        if row.theirs is None or row.relative <= TOLERANCE or self.is_rounding(place, row):
            return row
        return row._replace(status="failed", note="both one-sided derivatives are that")

    def is_rounding(self, place: tuple[int, ...], row: Row) -> bool:
        """Whether a distance is within the bound of the entry's rounding."""
        along = self.m.np.zeros(shape_of(self.passes.inputs[self.name]))
        along[place] = 1.0
        return direction_bound(self.passes, self.name, along[()]).covers(Fraction(row.ours) - row.theirs)

    def value(self, place: tuple[int, ...], distance: Fraction) -> Fraction | None:
        """Return the sum of seed times output, with one entry of the input moved."""
        key = (place, distance) if distance else None
        if key not in self.known:
            self.known[key] = self.computed(place, distance)
        return self.known[key]

    def computed(self, place: tuple[int, ...], distance: Fraction) -> Fraction | None:
        moved: Any = self.inputs[self.name]
        step = self.m.entries.const(distance)
        if place:
            moved = moved.copy()
            moved[place] = moved[place] + step
        else:
            moved = moved + step
        try:
            output = forward(self.passes.tape, self.m, self.inputs | {self.name: moved})[self.passes.graph.output]
            return exact_number(self.m.np.sum(self.m.np.multiply(self.seed, output)))
        except (Fault, NotFiniteError, ArithmeticError, ValueError, TypeError):
            return None

    def slope(self, place: tuple[int, ...], distance: Fraction, ours: Any) -> Fraction | None:
        """Return the derivative at a distance from the point; at the point itself, the one to be checked."""
        if not distance:
            return Fraction(float(ours))
        step = distance * WITHIN
        far, near = self.value(place, distance), self.value(place, distance - step)
        return None if far is None or near is None else (far - near) / step
