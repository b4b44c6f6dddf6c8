"""Measure how the output responds to each input: derivatives, elasticities, and the effect of given changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from graphgrad.analysis.amounts import amount, full_gradient, value_of
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.refuse_arrays import refuse_all_but_reals
from graphgrad.base.arguments import as_float, mapping_of
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.notebook import Block, Shown, Table, as_text
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import FLOATS, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["Change", "Influence", "Sensitivity", "sensitivity"]

ROUNDING: Final = 1e-9
"""The largest difference, relative to the predicted change, that counts as rounding and not as curvature."""

ULPS: Final = 64
"""The same bound, in units in the last place of the output."""

TOGETHER: Final = "all together"

N_co = TypeVar("N_co", covariant=True)
"""The kind of number: float, `Fraction`, or one of many digits."""


@public
@dataclass(frozen=True, slots=True)
class Change(Shown, Generic[N_co]):
    """The effect of a change: as the gradient predicts it, and recomputed at the changed point.

    `recomputed` is None where the changed point has no value, and `note` says why. `moved` maps each changed input to
    its change; `value` is the output's before the change.

    >>> from graphgrad import parse
    >>> change = parse("x**2").backprop({"x": 3}).sensitivity({"x": 1})["x"].change
    >>> change.predicted, change.recomputed
    (6.0, 7.0)
    """

    moved: dict[str, N_co]
    predicted: N_co
    recomputed: N_co | None
    value: N_co
    note: str = ""

    @property
    def difference(self) -> N_co | None:
        """The recomputed change minus the predicted one; None where there is no recomputed value.

        >>> from graphgrad import parse
        >>> parse("x**2").backprop({"x": 3}).sensitivity({"x": 1})["x"].change.difference
        1.0
        """
        return None if self.recomputed is None else _number(self.recomputed) - self.predicted

    @property
    def linear(self) -> bool:
        """Whether the prediction is right up to rounding.

        >>> from graphgrad import parse
        >>> s = parse("3*x + y**2").backprop({"x": 1, "y": 2}).sensitivity({"x": 1, "y": 1})
        >>> s["x"].change.linear, s["y"].change.linear
        (True, False)
        """
        value, predicted, recomputed = map(_number, (self.value, self.predicted, self.recomputed))
        if recomputed is None:
            return False
        largest = as_float(max(abs(value), abs(recomputed)))
        rounding = math.ulp(largest) * ULPS if math.isfinite(largest) else 0.0
        relative = Fraction(ROUNDING) if isinstance(predicted, Fraction) else ROUNDING
        return bool(abs(recomputed - predicted) <= max(relative * abs(predicted), rounding))

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain data.

        >>> from graphgrad import parse
        >>> parse("x**2").backprop({"x": 3}).sensitivity({"x": 1})["x"].change.as_dict()
        {'by': {'x': 1.0}, 'predicted': 6.0, 'recomputed': 7.0, 'difference': 1.0, 'linear': False, 'note': ''}
        """
        numbers = {"by": self.moved, "predicted": self.predicted, "recomputed": self.recomputed}
        return {**numbers, "difference": self.difference, "linear": self.linear, "note": self.note}

    def _blocks_(self) -> list[Block]:
        moved = ", ".join(f"{name} {_signed(by)}" for name, by in self.moved.items())
        return [Table(CHANGE_HEAD, [_change_cells(self, moved)]), *([self.note] if self.note else [])]


@public
@dataclass(frozen=True, slots=True)
class Influence(Shown, Generic[N_co]):
    """The influence of one input: value, derivative, elasticity (None where the output is 0), and its given change.

    >>> from graphgrad import parse
    >>> apple = parse("apple**2").backprop({"apple": 100}).sensitivity()["apple"]
    >>> apple.value, apple.derivative, apple.elasticity
    (100.0, 200.0, 2.0)
    """

    name: str
    value: N_co
    derivative: N_co
    elasticity: N_co | None
    change: Change[N_co] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain data.

        >>> from graphgrad import parse
        >>> parse("apple**2").backprop({"apple": 100}).sensitivity()["apple"].as_dict()
        {'value': 100.0, 'derivative': 200.0, 'elasticity': 2.0}
        """
        numbers = {"value": self.value, "derivative": self.derivative, "elasticity": self.elasticity}
        return {**numbers, "change": self.change.as_dict()} if self.change else numbers

    def _blocks_(self) -> list[Block]:
        return _table([self])


@public
@dataclass(frozen=True, slots=True)
class Sensitivity(Shown, Generic[N_co]):
    """The influence of every input; `together` is the effect of all changes at once, if several are given.

    `str()` shows a table; `s["apple"]` is the row of an input.

    >>> from graphgrad import parse
    >>> print(parse("apple*n").backprop({"apple": 100, "n": 5}).sensitivity())
           value  derivative  % per %
    apple    100           5        1
    n          5         100        1
    """

    value: N_co
    rows: tuple[Influence[N_co], ...]
    together: Change[N_co] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain data.

        >>> from graphgrad import parse
        >>> parse("apple**2").backprop({"apple": 100}).sensitivity().as_dict()
        {'inputs': {'apple': {'value': 100.0, 'derivative': 200.0, 'elasticity': 2.0}}}
        """
        together = {"together": self.together.as_dict()} if self.together else {}
        return {"inputs": {row.name: row.as_dict() for row in self.rows}, **together}

    def __getitem__(self, name: str) -> Influence[N_co]:
        """Return one input's influence."""
        return {row.name: row for row in self.rows}[name]

    def __str__(self) -> str:
        """Return a table; it shows a difference where the prediction is wrong by more than rounding."""
        return as_text(self._blocks_())

    def _blocks_(self) -> list[Block]:
        return _table(self.rows, self.together)


def _number(number: object) -> Any:
    """Return a number of any kind in a type that type checkers allow arithmetic with."""
    return number


CHANGE_HEAD: Final = ["change", "predicted", "recomputed", "difference"]


def _table(rows: Sequence[Influence[Any]], together: Change[Any] | None = None) -> list[Block]:
    """Return a table of rows, and below it why a change has no recomputed value."""
    changed = any(row.change for row in rows)
    head = ["", "value", "derivative", "% per %", *(CHANGE_HEAD if changed else [])]
    cells = [_cells(row) for row in rows]
    if together:
        cells.append([TOGETHER, "", "", "", *_change_cells(together, moved="")])
    changes = [(row.name, row.change) for row in rows if row.change] + [(TOGETHER, together)]
    undefined = [f"{name}, changed: {change.note}" for name, change in changes if change and change.note]
    return [Table(head, cells), *undefined]


def _cells(row: Influence[Any]) -> list[str]:
    elasticity = "" if row.elasticity is None else short(row.elasticity)
    changed = _change_cells(row.change, _signed(row.change.moved[row.name])) if row.change else []
    return [row.name, short(row.value), short(row.derivative), elasticity, *changed]


def _change_cells(change: Change[Any], moved: str) -> list[str]:
    if change.recomputed is None:
        return [moved, _signed(change.predicted), "none", ""]
    difference = "" if change.linear else _signed(change.difference)
    return [moved, _signed(change.predicted), _signed(change.recomputed), difference]


def _signed(number: Any) -> str:
    text = short(number)
    return text if text.startswith("-") or text == "0" else f"+{text}"


def sensitivity(passes: Passes, changes: Mapping[str, Any] | None = None) -> Sensitivity[Any]:
    """Return the influence of each input that was differentiated by or that a change is given for.

    A change is a number, or a text such as "+1" or "-10%" (of the input's value). An elasticity is the output's change
    in percent per percent of the input: x/f · ∂f/∂x. Raises `GraphgradError` for a change that is no amount.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("apple*n", parse("apple*n")), {"apple": 100, "n": 5})
    >>> print(sensitivity(passes, {"apple": "+1"}))
           value  derivative  % per %  change  predicted  recomputed  difference
    apple    100           5        1      +1         +5          +5
    n          5         100        1
    """
    refuse_all_but_reals(passes, "elasticities and changes are")
    changes = mapping_of(changes, "the changes", 'changes by name: {"x": 1}')
    names = choose_wrt(passes.graph, dict.fromkeys([*passes.wrt, *changes]))
    grad = full_gradient(passes, names)
    moved = {
        name: amount(change, value_of(passes, name), of=name, kind=passes.kind if passes.kind.exact else FLOATS)
        for name, change in changes.items()
    }
    for name, by in moved.items():
        if not kind_of(by).is_finite(by):
            raise GraphgradError(f"{name}: {by!r} is no amount", hint="give a finite number")
    alone = {name: _changed(passes, grad, {name: by}) for name, by in moved.items()}
    rows = [_influence(passes, name, grad[name], alone.get(name)) for name in names if name in passes.inputs]
    return Sensitivity(passes.value, tuple(rows), _changed(passes, grad, moved) if len(moved) > 1 else None)


def _influence(passes: Passes, name: str, derivative: Any, change: Change[Any] | None) -> Influence[Any]:
    x = passes.inputs[name]
    return Influence(name, x, derivative, _elasticity(x, derivative, passes.value), change)


def _elasticity(x: Any, derivative: Any, value: Any) -> Any:
    """Return x/f · ∂f/∂x; None where the output is 0, or where a number is infinite."""
    if not value or not all(kind_of(number).is_finite(number) for number in (x, derivative, value)):
        return None
    if not isinstance(value, float):
        return derivative * x / value
    try:
        return float(Fraction(derivative) * Fraction(x) / Fraction(value))  # no product over- or underflows
    except OverflowError:
        return None


def _changed(passes: Passes, grad: Mapping[str, Any], moved: dict[str, Any]) -> Change[Any]:
    predicted = sum(grad[name] * by for name, by in moved.items())
    changed = passes.inputs | {name: passes.inputs[name] + by for name, by in moved.items()}
    try:
        again = backprop(passes.graph, changed, (), kind=passes.kind)
    except ExpressionError as error:
        return Change(moved, predicted, None, passes.value, error.message)
    if not all(kind_of(number).is_finite(number) for number in (again.value, passes.value)):
        return Change(moved, predicted, None, passes.value, "the output is beyond float64")
    return Change(moved, predicted, again.value - passes.value, passes.value)
