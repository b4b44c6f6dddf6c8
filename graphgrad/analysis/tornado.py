"""Rank inputs by how far the output swings when each is changed in both directions: the table of a tornado chart."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from math import floor, log10
from typing import TYPE_CHECKING, Any, Final

from graphgrad.analysis.amounts import amount, full_gradient
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.faults import fault_in
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.refuse_arrays import refuse_all_but_reals
from graphgrad.base.arguments import count_of, mapping_of
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.notebook import Block, Shown, Table
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import FLOATS, kind_of
from graphgrad.printing.names import output_name
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["CHANGE", "MOST", "Bar", "Swings", "swings"]

CHANGE: Final = "±10%"
"""By how much each input is changed where nothing is said."""

MOST: Final = 20
"""The most inputs that are shown."""

SHORT: Final = 6
"""How many digits a number has where it is written short."""

MOST_LISTED: Final = 5
"""The most inputs without effect that are named."""

MOST_DIGITS: Final = 15
LARGEST: Final = 1e15
"""Where all digits of a float before the decimal point are known."""

MOST_TRIED: Final = 2
"""How many times more inputs are changed than are shown: the gradient says which, and curves may change the order."""


@public
@dataclass(frozen=True, slots=True)
class Bar:
    """One input of a tornado chart: the output where the input is lower and where it is higher by `change`.

    `low` and `high` are None where the changed point has no value. `predicted` is the change of the output by the
    gradient, for the input `change` higher.

    >>> from graphgrad import parse
    >>> bar = parse("apple*n").backprop({"apple": 100, "n": 5}).tornado().bars[0]
    >>> bar.name, bar.change, bar.low, bar.high, bar.swing
    ('apple', 10.0, 450.0, 550.0, 100.0)
    """

    name: str
    value: float
    change: float
    low: float | None
    high: float | None
    predicted: float

    @property
    def swing(self) -> float:
        """The distance between the two outputs; that by the gradient where one of them is missing.

        >>> Bar("x", 1.0, 0.1, 2.0, 5.0, 1.4).swing
        3.0
        """
        return 2 * abs(self.predicted) if self.low is None or self.high is None else abs(self.high - self.low)

    def as_dict(self) -> dict[str, Any]:
        """Return the bar as plain data.

        >>> Bar("x", 1.0, 0.1, 2.0, 5.0, 1.4).as_dict()["swing"]
        3.0
        """
        numbers = {name: getattr(self, name) for name in ("value", "change", "low", "high", "predicted", "swing")}
        return {"name": self.name, **numbers}


@dataclass(frozen=True, slots=True)
class Swings(Shown):
    """The inputs that drive an output, the one with the widest swing first; `left_out` counts those not shown.

    `still` are those of them whose change does not change the output: it is flat there, or they are 0, of which a
    percentage is 0.

    >>> from graphgrad import parse
    >>> print(parse("apple*n + floor(a) + b").backprop({"apple": 1, "n": 2, "a": 7.5, "b": 0}).tornado("±5%"))
           value  change  output lower  output higher  swing
    apple      1     ±5%           8.9            9.1    0.2
    n          2     ±5%           8.9            9.1    0.2
    without effect by ±5%: a
    0, of which ±5% is 0: b; change it by an amount
    """

    output: str
    value: float
    bars: tuple[Bar, ...]
    left_out: int = 0
    relative: str = field(default="", compare=False)
    still: tuple[Bar, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain data.

        >>> Swings("E", 500.0, ()).as_dict()
        {'output': 'E', 'value': 500.0, 'bars': [], 'left_out': 0}
        """
        bars = [bar.as_dict() for bar in self.bars]
        return {"output": self.output, "value": self.value, "bars": bars, "left_out": self.left_out}

    def shown(self, output: float | None) -> str:
        """Return an output in as many digits as tell the bars' ends apart; "none" where it has no value.

        >>> Swings("E", 1388393.25, (Bar("x", 1.0, 0.1, 1388078.5, 1388708.0, 314.7),)).shown(1388078.3)
        '1388078'
        """
        if output is None:
            return "none"
        smallest = min((bar.swing for bar in self.bars if bar.swing), default=0.0)
        largest = max(abs(self.value), abs(output))
        decimals = 2 - floor(log10(smallest)) if smallest else 0
        digits = decimals + floor(log10(largest)) + 1 if largest else 0
        if not SHORT < digits <= MOST_DIGITS or largest >= LARGEST:
            return short(output)
        return f"{output:.{max(decimals, 0)}f}".rstrip("0").rstrip(".") if decimals > 0 else f"{output:.0f}"

    def __str__(self) -> str:
        """Return a table."""
        return self._plain()

    def _blocks_(self) -> Iterable[Block]:
        head = ["", "value", "change", "output lower", "output higher", "swing"]
        rows = [_cells(self, bar) for bar in self.bars]
        return [Table(head, rows), *self._more()]

    def _more(self) -> Iterator[str]:
        """Yield what the table leaves out."""
        smaller = self.left_out - len(self.still)
        if smaller:
            yield f"and {smaller:,} more inputs, with smaller swings"
        change = self.relative or "these changes"
        if flat := [bar.name for bar in self.still if bar.change]:
            yield f"without effect by {change}: {_listed(flat)}"
        if zero := [bar.name for bar in self.still if not bar.change]:
            pronoun = "it" if len(zero) == 1 else "them"
            yield f"0, of which {change} is 0: {_listed(zero)}; change {pronoun} by an amount"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _cells(swings: Swings, bar: Bar) -> list[str]:
    change = swings.relative or f"±{short(bar.change)}"
    return [bar.name, short(bar.value), change, swings.shown(bar.low), swings.shown(bar.high), short(bar.swing)]


def swings(
    passes: Passes, change: object = CHANGE, changes: Mapping[str, Any] | None = None, *, most: int = MOST
) -> Swings:
    """Return the inputs that drive the output, by recomputing it with each input changed in both directions.

    `change` is by how much all are changed, `changes` for single inputs: then these alone are looked at. Of many
    inputs, those with the largest changes by the gradient are tried. Raises `GraphgradError` for what is no amount.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("x*y**3", parse("x*y**3")), {"x": 3, "y": 5})
    >>> [bar.name for bar in swings(passes).bars]
    ['y', 'x']
    """
    refuse_all_but_reals(passes, "the bars of a tornado chart are")
    most = count_of(most, "most")
    given = mapping_of(changes, "the changes", 'changes by name: {"x": 1}')
    names = [name for name in choose_wrt(passes.graph, given or passes.wrt) if name in passes.inputs]
    grad = full_gradient(passes, names)
    kind = passes.kind if passes.kind.exact else FLOATS
    amounts = {name: abs(amount(given.get(name, change), passes.inputs[name], of=name, kind=kind)) for name in names}
    for name, by in amounts.items():
        if not kind_of(by).is_finite(by):
            raise GraphgradError(f"{name}: {by!r} is no amount", hint="give a finite number")
    ranked = sorted(names, key=lambda name: abs(grad[name] * amounts[name]), reverse=True)
    bars = [_bar(passes, name, amounts[name], grad[name]) for name in ranked[: MOST_TRIED * most]]
    bars.sort(key=lambda bar: -bar.swing)
    moved = [bar for bar in bars if bar.swing]
    shown, still = (moved[:most], [bar for bar in bars if not bar.swing]) if moved else (bars[:most], [])
    relative = change if isinstance(change, str) and change.endswith("%") and not given else ""
    value = _float(passes.value)
    return Swings(output_name(passes.graph), value, tuple(shown), len(names) - len(shown), relative, tuple(still))


def _bar(passes: Passes, name: str, by: Any, derivative: Any) -> Bar:
    x = passes.inputs[name]
    low, high = (_output(passes, name, moved) for moved in (x - by, x + by))
    return Bar(name, _float(x), _float(by), low, high, _float(derivative * by))


def _float(number: Any) -> float:
    """Return a number as a float. Raises `GraphgradError` where it is beyond float64."""
    with suppress(OverflowError):
        return float(number)
    raise GraphgradError("a bar of the tornado chart is beyond float64", hint="give smaller changes")


def _output(passes: Passes, name: str, moved: Any) -> float | None:
    """Return the output at a changed point, None where it has no value."""
    if passes.kind.promises_digits:
        with suppress(ExpressionError):
            return float(backprop(passes.graph, passes.inputs | {name: moved}, (), kind=passes.kind).value)
        return None
    values = forward(passes.tape, passes.namespace, passes.inputs | {name: moved})
    value = values[passes.graph.output]
    if fault_in(value) is not None or not kind_of(value).is_finite(value):
        return None
    return _float(value)
