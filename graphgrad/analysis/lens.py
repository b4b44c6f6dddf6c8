"""Show where the digits of a value or a derivative are lost: each node's part in the rounding error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.analysis.rounding_errors import rounding_errors
from graphgrad.backprop.error_bound import NOTHING, GradientErrors, value_bound
from graphgrad.backprop.error_source import Recorded, share_text
from graphgrad.backprop.faults import output_text
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.passes import rational
from graphgrad.base.notebook import Block, Shown, Table, as_text
from graphgrad.base.public import public
from graphgrad.namespaces.array_values import is_array, shape_of, unboxed
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphgrad.backprop.error_bound import ErrorBound
    from graphgrad.backprop.passes import Passes
    from graphgrad.text.statement import Span

__all__ = ["Lens", "LensRow", "Lenses", "lens"]

WIDTH: Final = 100
"""The longest line of a sentence in the text."""

MAX_SHOWN: Final = 8
"""The most rows in the text."""

MAX_ENTRIES: Final = 64
"""The most entries of an array among which the lens looks for the one with the largest error."""

NEGLIGIBLE: Final = 1e-20
"""The share in the bound below which there is no row: what an underflow may lose."""


@public
class LensRow(NamedTuple):
    """What the rounding at one node contributes to the error of an output.

    Attributes:
        name: the node's text, or the local derivative computed on one of its edges.
        span: where the node stands in the text.
        node: the node's number.
        ulps: the most that its rounding can change in the output, to first order, in ulps of the output.
        share: its part of the whole bound, from 0 to 1.
        error: what its rounding did change, in ulps with its sign; None where that was not measured.
        condition: by how many percent the output changes per percent of the node's value.

    >>> from graphgrad import parse
    >>> row = parse("(exp(x) - 1)/x").backprop({"x": 1e-15}).lens().worst
    >>> row.name, row.span, row.node, row.ulps > 4e14, row.condition > 8e14
    ('exp(x)', (1, 7), 1, True, True)
    """

    name: str
    span: Span
    node: int
    ulps: float
    share: float
    error: float | None
    condition: float | None


@public
@dataclass(frozen=True, slots=True)
class Lens(Shown):
    """Where the digits of a value or a derivative are lost; `rows` has a row per node that rounds, the worst first.

    Attributes:
        of: what the lens looks at: "value" or "∂/∂x".
        number: the number itself.
        bound: the most that all roundings together can change in it, to first order; None where there is no bound.
        ulps: the bound in ulps (units in the last place) of the number, or of the bound where that is larger.
        error: by how many ulps the number is off, the sum of the rows' errors; None where that was not measured.
        doubted: how many of its `digits` decimal digits the bound leaves in doubt.
        sentence: which rounding most of the possible error is, where it stands, and what magnifies it.

    >>> from graphgrad import parse
    >>> lens = parse("sqrt(x + 1) - sqrt(x)").backprop({"x": 1e14}).lens()
    >>> lens.doubted, lens.digits, lens.worst.name
    (15, 16, 'sqrt(x + 1)')
    >>> print(parse("sin(x)*x").backprop({"x": 0.5}).lens("x"))
    lens on ∂/∂x: off by 0.238 ulp, at most 2.28 ulp
    79 % of the possible error of ∂/∂x is the rounding of the derivative of sin(x) by x at column 1
                  ulps at most  share    ulps  % per %
    ∂(sin(x))/∂x           1.8   79 %  +0.192
    sin(x)               0.479   21 %  +0.046    0.522
    """

    of: str
    number: Any
    bound: Any
    ulps: float | None
    error: float | None
    doubted: int
    digits: int
    sentence: str
    rows: tuple[LensRow, ...]

    @property
    def worst(self) -> LensRow:
        """The row that contributes most to the bound; where nothing is rounded, the output with 0 ulps.

        >>> from graphgrad import parse
        >>> worst = parse("x*y").backprop({"x": 3, "y": 5}).lens().worst
        >>> worst.name, worst.ulps
        ('x*y', 0.0)
        """
        return self.rows[0]

    @property
    def shares(self) -> dict[int, float]:
        """Each node's share in the bound.

        >>> from graphgrad import parse
        >>> parse("x*0.5 + y").backprop({"x": 0.1, "y": 3}).lens().shares
        {4: 0.98..., 2: 0.01...}
        """
        shares: dict[int, float] = {}
        for row in (row for row in self.rows if row.share):
            shares[row.node] = shares.get(row.node, 0.0) + row.share
        return shares

    def as_dict(self) -> dict[str, Any]:
        """Return the lens as plain data.

        >>> from graphgrad import parse
        >>> parse("x + y").backprop({"x": 3, "y": 5}).lens().as_dict()["ulps"]
        0.0
        """
        return {
            "of": self.of,
            "bound": None if self.bound is None else float(self.bound),
            "ulps": self.ulps,
            "error": self.error,
            "doubted_digits": self.doubted,
            "sentence": self.sentence,
            "rows": [row._asdict() | {"span": list(row.span)} for row in self.rows],
        }

    def __str__(self) -> str:
        """Return the sentence, what is known of the error, and a table of the worst rows."""
        return as_text(self._blocks_())

    def _blocks_(self) -> list[Block]:
        blocks: list[Block] = [f"lens on {self.of}: {self._error()}{self._doubt()}", fill(self.sentence, WIDTH)]
        if self.ulps:
            head = ("", "ulps at most", "share", "ulps", "% per %")
            blocks.append(Table(head, list(map(_cells, self.rows[:MAX_SHOWN]))))
        left = len(self.rows) - MAX_SHOWN
        return blocks + [f"and {left} more"] * (left > 0)

    def _error(self) -> str:
        if self.ulps is None:
            return "no bound"
        measured = "" if self.error is None else f"off by {abs(self.error):.3g} ulp, "
        return f"{measured}at most {self.ulps:.3g} ulp"

    def _doubt(self) -> str:
        return f"; about {self.doubted} of {self.digits} digits are in doubt" if self.doubted else ""


@dataclass(frozen=True, slots=True)
class Lenses:
    """The lenses on a value and on its derivatives by name."""

    value: Lens
    grad: Mapping[str, Lens]

    def as_dict(self) -> dict[str, Any]:
        """Return them as plain data.

        >>> from graphgrad import parse
        >>> Lenses(parse("2*x").backprop({"x": 1}).lens(), {}).as_dict()["value"]["sentence"]
        'the value is exact: nothing on the way is rounded'
        """
        return {"value": self.value.as_dict(), "grad": {name: each.as_dict() for name, each in self.grad.items()}}

    def __str__(self) -> str:
        """Return the texts of all lenses."""
        return "\n\n".join(map(str, (self.value, *self.grad.values())))


def _cells(row: LensRow) -> tuple[str, ...]:
    error = "" if row.error is None else f"{row.error:+.3g}"
    condition = "" if row.condition is None else f"{row.condition:.3g}"
    return (row.name, f"{row.ulps:.3g}", share_text(row.share), error, condition)


def lens(passes: Passes, name: str | None = None) -> Lens:
    """Return where the digits of the value are lost, or those of the derivative by an input.

    Of an array, it is the entry with the largest bound among the first `MAX_ENTRIES`. Raises `UnknownNameError`
    for a name that is no input.

    >>> from graphgrad import parse
    >>> passes = parse("(1 - cos(x))/x**2").backprop({"x": 1e-8}).passes
    >>> lens(passes).worst.name, lens(passes, "x").worst.name
    ('cos(x)', 'cos(x)')
    """
    if name is None:
        return _of_value(passes)
    return _of_derivative(passes, *choose_wrt(passes.graph, (name,)))


class Names(NamedTuple):
    """What a lens looks at, as a key and in words."""

    key: str
    words: str

    def at(self, place: str) -> Names:
        """Return the names of an entry of an array."""
        return Names(self.key + place, self.words + place)


def _of_value(passes: Passes) -> Lens:
    value = passes.value
    bound, seed, place = _worst_entry(value, lambda seed: value_bound(passes, seed))
    measured = rounding_errors(passes.tape, passes.values, seed)
    of = Names("value", output_text(passes.graph, "the value")).at(place)
    return _lens(Recorded(passes, passes.tape, passes.values, {}), bound, measured, of, _entry(value, seed))


def _of_derivative(passes: Passes, name: str) -> Lens:
    errors = GradientErrors.of(passes, (name,))
    of = Names(f"∂/∂{name}", f"∂{output_text(passes.graph)}/∂{written(name)}")
    traced = errors.traced
    if traced is None:
        return _lens(Recorded(passes, passes.tape, passes.values, {}), errors.bound(name, 1), None, of, math.nan)
    derivative = unboxed(traced.values[traced.tape.outputs[0]])
    bound, seed, place = _worst_entry(derivative, lambda seed: errors.bound(name, seed))
    recorded = Recorded(passes, traced.tape, traced.values, traced.edges)
    measured = rounding_errors(traced.tape, traced.values, seed)
    return _lens(recorded, bound, measured, of.at(place), _entry(derivative, seed))


def _entry(value: Any, seed: Any) -> Any:
    """Return a number as it is, and the entry of an array that a seed selects."""
    return (value * seed).sum() if is_array(value) else value


def _worst_entry(value: Any, bound_of: Callable[[Any], ErrorBound]) -> tuple[ErrorBound, Any, str]:
    """Return the bound of a number; of an array, that of its worst entry, the seed that selects it, and its index."""
    if not is_array(value):
        return bound_of(1), 1, ""
    places = islice(product(*map(range, shape_of(value))), MAX_ENTRIES)
    entries = [(bound_of(seed), seed, place) for place in places for seed in [_unit(value, place)]]
    if not entries:
        return NOTHING, value, ""
    bound, seed, place = max(entries, key=lambda entry: _relative(entry[0].total, value[entry[2]]))
    return bound, seed, str(list(place))


def _unit(value: Any, place: tuple[int, ...]) -> Any:
    """Return an array of zeros with a 1 at a place."""
    unit = value.copy()
    unit[...] = 0
    unit[place] = 1
    return unit


def _relative(bound: Any, value: Any) -> float:
    """Return a bound relative to a value: infinite where there is none, and where the value is 0."""
    if bound is None:
        return math.inf
    return float(bound / abs(value)) if value else math.inf if bound else 0.0


def _lens(
    recorded: Recorded, bound: ErrorBound, measured: Mapping[int, Fraction] | None, of: Names, number: Any
) -> Lens:
    kind = recorded.passes.kind
    u = kind.unit_roundoff
    bound = bound if u else NOTHING
    if bound.total is None or not bound.total:
        sentence = f"{of.words} {_without_rows(bound, u)}"
        ulps = None if bound.total is None else 0.0
        graph = recorded.passes.graph
        row = LensRow(recorded.name(graph.output), graph.spans[graph.output], graph.output, 0.0, 0.0, None, None)
        error = None if ulps is None else 0.0
        return Lens(of.key, number, bound.total, ulps, error, 0, kind.decimal_digits, sentence, (row,))
    ulp = _ulp(max(abs(number), bound.total), u)
    rows = _rows(recorded, bound, measured, number, ulp)
    source = recorded.source(bound)
    sentence = f"{share_text(rows[0].share)} of the possible error of {of.words} is {source}"
    error = None if measured is None else _ratio(sum(measured.values(), Fraction(0)), ulp)
    relative = kind.log10(bound.total) - kind.log10(number) if number else math.inf
    doubted, digits = kind.digits_in_doubt(relative), kind.decimal_digits
    return Lens(of.key, number, bound.total, float(bound.total / ulp), error, doubted, digits, sentence, rows)


def _without_rows(bound: ErrorBound, u: Any) -> str:
    if not u:
        return "is exact: fractions are never rounded"
    if bound.total is None:
        return "has no bound of its error: a derivative on the way is not finite"
    return "is exact: nothing on the way is rounded"


def _rows(
    recorded: Recorded, bound: ErrorBound, measured: Mapping[int, Fraction] | None, number: Any, ulp: Any
) -> tuple[LensRow, ...]:
    """Return a row for each node, and for each edge whose local derivative rounds, the largest first."""
    registers: dict[Any, list[int]] = {}
    for register in (register for register, term in bound.terms.items() if term >= bound.total * NEGLIGIBLE):
        registers.setdefault(recorded.edges.get(register, register), []).append(register)
    rows = [_row(recorded, bound, measured, group, (number, ulp)) for group in registers.values()]
    return tuple(sorted(rows, key=lambda row: -row.ulps))


def _row(
    recorded: Recorded,
    bound: ErrorBound,
    measured: Mapping[int, Fraction] | None,
    registers: list[int],
    scale: tuple[Any, Any],
) -> LensRow:
    (number, ulp), first = scale, registers[0]
    total = sum(bound.terms[register] for register in registers)
    node, share = recorded.node(first), float(total / bound.total)
    errors = None if measured is None else sum((measured.get(i, Fraction(0)) for i in registers), Fraction(0))
    error = None if errors is None else _ratio(errors, ulp)
    condition = None if first in recorded.edges else _condition(recorded, bound, first, number)
    span = recorded.passes.graph.spans[node]
    return LensRow(recorded.label(first), span, node, float(total / ulp), share, error, condition)


def _ratio(error: Fraction, ulp: Any) -> float:
    """Return an error in ulps; infinite where that is beyond float64."""
    try:
        return float(error / Fraction(rational(ulp)))
    except OverflowError:
        return math.inf if error > 0 else -math.inf


def _condition(recorded: Recorded, bound: ErrorBound, register: int, number: Any) -> float | None:
    """Return |adjoint · value / output|; None of an array, and where the output is 0."""
    value, adjoint = recorded.values[register], bound.adjoints[register]
    return None if is_array(value) or is_array(adjoint) or not number else float(abs(adjoint * value / number))


def _ulp(number: Any, u: Any) -> Any:
    """Return the unit in the last place of a number."""
    return math.ulp(number) if isinstance(number, float) else 2 * u * number
