"""Propagate uncertainties to first order: the output's error from those of the inputs, and each input's share.

The formula is GUM's, 5.1.2 and 5.2.2 (JCGM 100:2008, "Guide to the expression of uncertainty in measurement"):
σ² = Σᵢ Σⱼ ρᵢⱼ (∂f/∂xᵢ σᵢ)(∂f/∂xⱼ σⱼ). An input's adjoint is the sum over all its paths, so that an input that is used
several times is counted correctly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

from graphgrad.analysis.amounts import PLUS_MINUS, amount, full_gradient, value_of
from graphgrad.analysis.second_order import missed_by_first_order
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.passes import rational
from graphgrad.backprop.refuse_arrays import refuse_all_but_reals
from graphgrad.base.arguments import as_float, mapping_of
from graphgrad.base.errors import DomainError, GraphgradError
from graphgrad.base.notebook import Block, Shown, Table, as_text
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.backprop.passes import Passes

__all__ = ["Part", "Propagation", "propagate"]

VISIBLE: Final = 0.1
"""The smallest part of the first order's error beyond which what it misses is noted."""

PAIR: Final = 2

SLACK: Final = 1e-12
"""The tolerance for rounding when correlations are checked for contradictions."""


@public
@dataclass(frozen=True, slots=True)
class Part(Shown):
    """One input: its value and standard deviation, the derivative, and its share in the output's variance.

    The shares add up to 1; a correlated input's can be negative. They are None if the output's variance is 0.

    >>> from graphgrad import parse
    >>> parse("2*x").backprop({"x": 3}).propagate({"x": 0.5})["x"]
    Part(name='x', value=3.0, error=0.5, derivative=2.0, share=1.0)
    """

    name: str
    value: float
    error: float
    derivative: float
    share: float | None

    @property
    def contribution(self) -> float:
        """The output's error from this input's alone: ``|∂f/∂x| σ``.

        >>> from graphgrad import parse
        >>> parse("2*x").backprop({"x": 3}).propagate({"x": 0.5})["x"].contribution
        1.0
        """
        return abs(self.derivative) * self.error

    def _blocks_(self) -> list[Block]:
        return [_table([self])]


@public
@dataclass(frozen=True, slots=True)
class Propagation(Shown):
    """The output's value with its standard deviation `error`, to first order, and every input's part in it.

    `missed` estimates the standard deviation that first order does not see, from the output recomputed one error away
    (None where that was not done), and `note` says where it is not small. `str()` shows a table; `p["x"]` is the part
    of an input.

    >>> from graphgrad import parse
    >>> print(parse("2*x").backprop({"x": 3}).propagate({"x": 0.5}))
    value = 6 ± 1
    <BLANKLINE>
       value    ±  derivative  gives ±  share
    x      3  0.5           2        1  100 %
    """

    value: float
    error: float
    rows: tuple[Part, ...]
    missed: float | None = None
    note: str = ""

    @property
    def shares(self) -> dict[str, float | None]:
        """Each input's share in the variance, by name.

        >>> from graphgrad import parse
        >>> parse("x + y").backprop({"x": 3, "y": 1}).propagate({"x": 1, "y": 1}).shares
        {'x': 0.5, 'y': 0.5}
        """
        return {row.name: row.share for row in self.rows}

    @property
    def notes(self) -> dict[str | None, str]:
        """The notes of a picture: each input's error and share, and under None the output's error.

        >>> from graphgrad import parse
        >>> parse("2*x").backprop({"x": 3}).propagate({"x": 0.5}).notes
        {None: '± 1', 'x': '± 0.5 (100 %)'}
        """
        more = " to first order" if self.note else ""
        output = {None: f"{PLUS_MINUS[0]} {short(self.error)}{more}"}
        return output | {row.name: f"{PLUS_MINUS[0]} {short(row.error)} ({_share(row.share)})" for row in self.rows}

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain data.

        >>> from graphgrad import parse
        >>> parse("2*x").backprop({"x": 3}).propagate({"x": 0.5}).as_dict()["inputs"]["x"]
        {'value': 3.0, 'error': 0.5, 'derivative': 2.0, 'contribution': 1.0, 'share': 1.0}
        """
        keys = ("value", "error", "derivative", "contribution", "share")
        inputs = {row.name: {key: getattr(row, key) for key in keys} for row in self.rows}
        beyond = {"missed": self.missed, "note": self.note}
        return {"value": self.value, "error": self.error, **beyond, "inputs": inputs}

    def __getitem__(self, name: str) -> Part:
        """Return one input's part."""
        return {row.name: row for row in self.rows}[name]

    def __str__(self) -> str:
        """Return the value with its error, and a table of the parts."""
        return as_text(self._blocks_())

    def _blocks_(self) -> list[Block]:
        head = f"value = {short(self.value)} {PLUS_MINUS[0]} {short(self.error)}"
        return [head, *([self.note] if self.note else []), "", _table(self.rows)]


def _table(rows: Sequence[Part]) -> Table:
    cells = [[r.name, *map(short, (r.value, r.error, r.derivative, r.contribution)), _share(r.share)] for r in rows]
    return Table(["", "value", PLUS_MINUS[0], "derivative", f"gives {PLUS_MINUS[0]}", "share"], cells)


def _share(share: float | None) -> str:
    return "no share" if share is None else f"{100 * share:.3g} %"


def propagate(
    passes: Passes, errors: Mapping[str, Any], correlations: Mapping[tuple[str, str], float] | None = None
) -> Propagation:
    """Return the output's standard deviation from those of the inputs, to first order.

    `errors` are standard deviations: numbers, or texts such as "±2" and "±1%" (of the value); an input that is not
    named is exact. `correlations` are between −1 and 1, by pairs of names. Raises `GraphgradError` for an error that is
    negative, for correlations that contradict each other, and where the value or a derivative is infinite.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("apple*tax", parse("apple*tax")), {"apple": 500, "tax": 1.08})
    >>> print(propagate(passes, {"apple": "±10", "tax": 0.005}))
    value = 540 ± 11.0856
    <BLANKLINE>
           value      ±  derivative  gives ±   share
    apple    500     10        1.08     10.8  94.9 %
    tax     1.08  0.005         500      2.5  5.09 %
    """
    refuse_all_but_reals(passes, "errors are")
    errors = mapping_of(errors, "the errors", 'standard deviations by name: {"x": 0.5}')
    sigmas = {name: _error(passes, name, errors[name]) for name in choose_wrt(passes.graph, errors)}
    grad = _gradient(passes, sigmas)
    names = [name for name in sigmas if name in grad]
    value = _finite(passes.value, "the value")
    slopes = {name: _finite(grad[name], f"∂/∂{name}") for name in names}
    matrix = _matrix(names, {} if correlations is None else correlations)
    flows = [slopes[name] * Fraction(sigmas[name]) for name in names]
    largest = max(map(abs, flows), default=Fraction(0)) or Fraction(1)
    scaled = [float(flow / largest) for flow in flows]
    terms = [
        flow * math.fsum(rho * other for rho, other in zip(row, scaled, strict=True))
        for flow, row in zip(scaled, matrix, strict=True)
    ]
    variance = max(math.fsum(terms), 0.0)
    shares = [term / variance if variance else None for term in terms]
    rows = [
        Part(name, as_float(passes.inputs[name]), sigmas[name], as_float(slopes[name]), share)
        for name, share in zip(names, shares, strict=True)
    ]
    error = as_float(largest * Fraction(math.sqrt(variance)))
    contributions = dict(zip(names, map(as_float, flows), strict=True))
    missed, note = missed_by_first_order(passes, {name: sigmas[name] for name in names}, contributions, matrix)
    return Propagation(as_float(value), error, tuple(rows), missed, note or _note(error, missed))


def _gradient(passes: Passes, sigmas: Mapping[str, float]) -> Mapping[str, Any]:
    """Return the derivatives by these inputs; those by exact ones may not exist, as that of (-2)**n by n."""
    try:
        return full_gradient(passes, [*sigmas])
    except DomainError:
        if all(sigmas.values()):
            raise
        return full_gradient(passes, [name for name, sigma in sigmas.items() if sigma])


def _finite(number: Any, what: str) -> Fraction:
    """Return a number of any kind as a fraction; raise `GraphgradError` where it is infinite."""
    if kind_of(number).is_finite(number):
        return Fraction(rational(number))
    raise GraphgradError(f"{what} is beyond float64, and so is its error", hint="measure in other units")


def _note(error: float, missed: float | None) -> str:
    """Return a note where the second order is not small against the first."""
    if not missed or missed <= VISIBLE * error:
        return ""
    more = f"recomputed one error away, the output changes by another {PLUS_MINUS[0]} {short(missed)} or so"
    return f"first order sees nothing here: {more}" if not error else f"first order is not enough: {more}"


def _error(passes: Passes, name: str, error: Any) -> float:
    sigma = float(amount(error, value_of(passes, name), of=name))
    if not (sigma >= 0 and math.isfinite(sigma)):
        raise GraphgradError(f"{name}: an error of {error} is none", hint="a standard deviation is not negative")
    return sigma


def _matrix(names: Sequence[str], correlations: Mapping[tuple[str, str], float]) -> list[list[float]]:
    """Return the correlation matrix.

    Raises `GraphgradError` for a matrix that is not positive semidefinite, so that no random numbers have it.
    """
    matrix = [[float(a == b) for b in names] for a in names]
    for a, b, rho in _correlations(correlations):
        if a not in names or b not in names or a == b:
            raise GraphgradError(f"a correlation of '{a}' and '{b}': both have to have an error, and to be two inputs")
        i, j = names.index(a), names.index(b)
        matrix[i][j] = matrix[j][i] = rho
    if correlations and not _is_semidefinite(matrix):
        raise GraphgradError("these correlations contradict each other", hint="no numbers are correlated like that")
    return matrix


def _correlations(correlations: Any) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of names, each with its correlation."""
    hint = 'give numbers from -1 to 1 by pairs of names: {("x", "y"): 0.5}'
    if not isinstance(correlations, Mapping):
        raise GraphgradError(f"the correlations are a {type(correlations).__name__}", hint=hint)
    for pair, rho in correlations.items():
        is_pair = isinstance(pair, tuple) and len(pair) == PAIR and isinstance(rho, Real)
        if not is_pair or not math.isfinite(rho):
            raise GraphgradError(f"a correlation of {pair!r} that is {rho!r}", hint=hint)
        yield *pair, float(rho)


def _is_semidefinite(matrix: list[list[float]]) -> bool:
    """Whether a symmetric matrix has no negative eigenvalue, by Gaussian elimination."""
    rows = [list(row) for row in matrix]
    for k, pivot in enumerate(rows):
        if pivot[k] < -SLACK or (pivot[k] <= SLACK and any(abs(x) > math.sqrt(SLACK) for x in pivot[k + 1 :])):
            return False
        for row in rows[k + 1 :]:
            factor = row[k] / pivot[k] if pivot[k] > SLACK else 0.0
            row[k:] = [x - factor * y for x, y in zip(row[k:], pivot[k:], strict=True)]
    return True
