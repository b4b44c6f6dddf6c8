"""Minimise a graph with SciPy, which gets value and gradient, and record the path."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from graphgrad.analysis.minimize_options import METHODS, MinimizeOptions
from graphgrad.analysis.stationary import Around, kind_of_point
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.arguments import mapping_of, quoted
from graphgrad.base.errors import DomainError, ExpressionError, GraphgradError
from graphgrad.base.extras import install
from graphgrad.base.notebook import Block, Shown, Table, as_text
from graphgrad.base.public import public
from graphgrad.base.suggestion import suggestion
from graphgrad.namespaces.array_structure import Structure
from graphgrad.namespaces.array_values import as_array, shape_of
from graphgrad.namespaces.display import short
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Values
    from graphgrad.ops.shapes import Shape

__all__ = ["Minimum", "Point", "minimize"]

N_co = TypeVar("N_co", covariant=True)
"""The kind of the inputs: numbers or arrays."""

WITHOUT_GRADIENT: Final = ("cobyla", "cobyqa", "nelder-mead", "powell")
"""SciPy's methods that use values alone, and warn if they get a gradient."""

NEAR: Final = 1e-8
"""The distance from a bound, relative to the size of an input, within which the input is at the bound."""

Limits = list[tuple[float | None, float | None]]
"""The bounds of each number that varies."""

MAX_ROWS: Final = 20
"""The most points of a path that are printed; of a longer path, half as many from the start and from the end."""


@public
class Point(NamedTuple, Generic[N_co]):
    """A point of the path, and the output's value at it.

    >>> from graphgrad import minimize, parse
    >>> minimize(parse("(x - 3)**2"), {"x": 0}).path[0]
    Point(at={'x': 0.0}, value=9.0)
    """

    at: dict[str, N_co]
    value: float


@public
@dataclass(frozen=True, slots=True)
class Minimum(Shown, Generic[N_co]):
    """The result of minimising: the final point, its value and gradient, and the path from the start to it.

    `found` is "minimum", or "saddle point" or "maximum" where the output falls on leaving the point; it is empty where
    SciPy did not converge. `success` says whether a minimum was found, and `message` is SciPy's. `outside` counts the
    points that SciPy tried and where the output has no value. `str()` shows all of it. For type checkers it is generic
    in the kind of the inputs, numbers or arrays.

    >>> from graphgrad import minimize, parse
    >>> minimum = minimize(parse("x - log(x)"), {"x": 5})
    >>> round(minimum.x["x"], 4), round(minimum.value, 4), minimum.success
    (1.0, 1.0, True)
    """

    x: dict[str, N_co]
    value: float
    grad: dict[str, N_co]
    path: tuple[Point[N_co], ...]
    success: bool
    message: str
    evaluations: int
    outside: int = 0
    found: str = "minimum"

    def __str__(self) -> str:
        """Return the outcome, the final point, and the path as a table."""
        return as_text(self._blocks_())

    def _blocks_(self) -> list[Block]:
        steps = list(enumerate(self.path))
        half = MAX_ROWS // 2
        shown = steps if len(steps) <= MAX_ROWS else [*steps[:half], (None, None), *steps[-half:]]
        table = Table(["no.", *self.x, "value"], [_row(number, point, len(self.x)) for number, point in shown])
        end = ", ".join(f"{written(name)} = {short(number)}" for name, number in self.x.items())
        other = f", but a {self.found}" if self.found and self.found != "minimum" else ""
        verdict = "minimum" if self.success else f"no minimum found{other}"
        ending = f"{verdict}: value = {short(self.value)} at {end}"
        return [ending, f"{self.message} ({self._counts()})", "", table]

    def _counts(self) -> str:
        outside = f", {self.outside} outside the domain" if self.outside else ""
        return f"{len(self.path) - 1} steps, {self.evaluations} evaluations{outside}"


def _row(number: int | None, point: Point[Any] | None, count: int) -> list[str]:
    if point is None:
        return ["…"] * (count + 2)
    return [str(number), *map(short, point.at.values()), short(point.value)]


def minimize(graph: GraphData, start: Values, options: MinimizeOptions) -> Minimum[Any]:
    """Minimise a graph's output over the inputs that `start` names; see `graphgrad.minimize`.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "(x - 3)**2 + (y + 1)**2"
    >>> minimum = minimize(build(text, parse(text)), {"x": 0, "y": 0}, MinimizeOptions())
    >>> round(minimum.x["x"], 6), round(minimum.x["y"], 6)
    (3.0, -1.0)
    """
    names = choose_wrt(graph, mapping_of(start, "the start"))
    if not names:
        raise GraphgradError("there is nothing to vary", hint='give a start: {"x": 0}')
    start = {name: _read(start[name], name) for name in names}
    objective = _Objective(graph, _Layout.of(start, names), dict(options.at or {}))
    first = objective.layout.flat(start)
    objective.start(first)
    limits = _limits(graph, objective.layout, options.bounds)
    return _minimum(objective, _run_scipy(objective, first, limits, options), first, limits)


def _read(value: Any, name: str) -> Any:
    """Return a start as an array of floats."""
    try:
        return as_array(value)
    except (TypeError, ValueError, OverflowError):
        hint = "give a finite number, or an array of them"
        raise GraphgradError(f"the start of '{name}' cannot be {quoted(value)}", hint=hint) from None


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of the inputs in SciPy's vector: one after the other, arrays flattened by rows."""

    shapes: dict[str, Shape]

    @classmethod
    def of(cls, start: Mapping[str, Any], names: Sequence[str]) -> _Layout:
        return cls({name: shape_of(start[name]) for name in names})

    def sizes(self) -> Iterator[tuple[str, int]]:
        for name, shape in self.shapes.items():
            yield name, math.prod(shape)

    def flat(self, values: Mapping[str, Any]) -> list[float]:
        parts = (values[name] for name in self.shapes)
        return [float(x) for part in parts for x in (part.ravel() if shape_of(part) else [part])]

    def named(self, x: Sequence[float]) -> dict[str, Any]:
        values, start = dict[str, Any](), 0
        for name, size in self.sizes():
            shape, part = self.shapes[name], x[start : start + size]
            values[name], start = as_array(part).reshape(shape) if shape else part[0], start + size
        return values


def _limits(
    graph: GraphData, layout: _Layout, bounds: Mapping[str, tuple[float | None, float | None]] | None
) -> Limits | None:
    if not bounds:
        return None
    for name in choose_wrt(graph, bounds):
        if name not in layout.shapes:
            raise GraphgradError(f"'{name}' has bounds, but no start")
    return [bounds.get(name, (None, None)) for name, size in layout.sizes() for _ in range(size)]


@dataclass
class _Objective:
    """The function that SciPy minimises, and a record of its evaluations.

    `inside` is the last point where the output has a value, with its value and gradient.
    """

    graph: GraphData
    layout: _Layout
    fixed: dict[str, Any]
    seen: dict[tuple[float, ...], float] = field(default_factory=dict)
    path: list[Point[Any]] = field(default_factory=list)
    inside: tuple[list[float], float, list[float]] = ([], 0.0, [])
    evaluations: int = 0
    outside: int = 0

    def start(self, x: Sequence[float]) -> None:
        value, grad = self.value_and_gradient(x)
        if not all(map(math.isfinite, [value, *grad])):
            message = f"at the start the output is {short(value)}, and its gradient has {short(max(grad, key=abs))}"
            raise GraphgradError(message, hint="start where both are finite")
        self.inside = (list(x), value, grad)
        self.step(x)

    def value_and_gradient(self, x: Sequence[float]) -> tuple[float, list[float]]:
        passes = backprop(self.graph, self.fixed | self.layout.named(x), self.layout.shapes)
        return passes.value, self.layout.flat(passes.grad)

    def __call__(self, x: Any) -> tuple[float, list[float]]:
        point = [float(number) for number in x]
        self.evaluations += 1
        try:
            value, grad = self.value_and_gradient(point)
            if not all(map(math.isfinite, [value, *grad])):
                return self.penalty(point)
        except DomainError:
            return self.penalty(point)
        self.inside = point, value, grad
        self.seen[tuple(point)] = value
        return value, grad

    def value(self, x: Any) -> float:
        return self(x)[0]

    def penalty(self, point: list[float]) -> tuple[float, list[float]]:
        """Return a value and a gradient outside the domain that lead back to the last point inside."""
        self.outside += 1
        inside, value, grad = self.inside
        offset = [x - y for x, y in zip(point, inside, strict=True)]
        length = math.hypot(*offset) or 1.0
        steepness = 1.0 + math.hypot(*grad)
        slope = [steepness * x / length for x in offset]
        return value + abs(value) + steepness * length, slope

    def step(self, x: Any, *_: Any) -> None:
        """Record a point of the path, as SciPy's callback, unless it lies outside the domain."""
        point = [float(number) for number in x]
        if tuple(point) not in self.seen:
            self(point)
        if tuple(point) in self.seen:
            self.path.append(Point(self.layout.named(point), self.seen[tuple(point)]))


def _run_scipy(objective: _Objective, start: list[float], bounds: Any, options: MinimizeOptions) -> Any:
    try:
        from scipy import optimize
    except ImportError:
        message = "to minimise, SciPy is needed, and it is not installed"
        raise GraphgradError(message, hint=install("scipy")) from None
    method = options.method
    without_gradient = str(method).lower() in WITHOUT_GRADIENT
    function, jac = (objective.value, None) if without_gradient else (objective, True)
    arguments = {"method": method, "bounds": bounds, "tol": options.tolerance, "options": dict(options.options or {})}
    try:
        with Structure().quiet():  # SciPy squares a gradient that overflows
            return optimize.minimize(function, start, jac=jac, callback=objective.step, **arguments)
    except (ValueError, TypeError) as error:
        hint = suggestion(method, METHODS) if isinstance(method, str) and method not in METHODS else ""
        raise GraphgradError(f"SciPy refuses: {error}", hint=hint) from None


def _minimum(objective: _Objective, result: Any, start: Sequence[float], limits: Limits | None) -> Minimum[Any]:
    evaluations, outside = objective.evaluations, objective.outside
    objective(result.x)
    x, value, grad = objective.inside  # the last point inside, if SciPy ended outside the domain
    last = Point(objective.layout.named(x), value)
    if objective.layout.flat(objective.path[-1].at) != x:
        objective.path.append(last)
    converged = bool(result.success) and objective.outside == outside
    found = kind_of_point(_around(objective, start, limits), _eigenvectors) if converged else ""
    return Minimum(
        last.at,
        value,
        objective.layout.named(grad),
        tuple(objective.path),
        success=found == "minimum",
        message=str(result.message),
        evaluations=evaluations,
        outside=outside,
        found=found,
    )


def _around(objective: _Objective, start: Sequence[float], limits: Limits | None) -> Around:
    """Return the final point, and the ways to leave it within the bounds."""
    x, value, grad = objective.inside
    bounds = [
        (-math.inf if a is None else a, math.inf if b is None else b) for a, b in limits or [(None, None)] * len(x)
    ]
    sizes = [max(abs(a), abs(b)) or 1.0 for a, b in zip(x, start, strict=True)]
    free = [i for i, (low, high) in enumerate(bounds) if low + NEAR * sizes[i] < x[i] < high - NEAR * sizes[i]]

    def evaluate(point: Sequence[float]) -> tuple[float, Sequence[float]] | None:
        try:
            evaluated = objective.value_and_gradient(point)
        except ExpressionError:
            return None
        return evaluated if all(map(math.isfinite, [evaluated[0], *evaluated[1]])) else None

    def inside(point: Sequence[float]) -> bool:
        return all(low <= number <= high for number, (low, high) in zip(point, bounds, strict=True))

    return Around(x, value, grad, evaluate, sizes, free, inside)


def _eigenvectors(matrix: list[list[float]]) -> list[list[float]]:
    from scipy import linalg

    return linalg.eigh(matrix)[1].T.tolist() if matrix else []
