"""Minimise a graph: SciPy gets value and gradient, and the path is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from graphgrad.analysis.minimize_options import METHODS, MinimizeOptions
from graphgrad.backprop.both_passes import backprop
from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import DomainError, GraphgradError
from graphgrad.base.public import public
from graphgrad.base.suggestion import suggestion
from graphgrad.base.terminal_text import aligned
from graphgrad.namespaces.array_values import as_array, shape_of
from graphgrad.namespaces.display import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Values
    from graphgrad.ops.shapes import Shape

__all__ = ["Minimum", "Point", "minimize"]

N_co = TypeVar("N_co", covariant=True)
"""The kind of the inputs: numbers or arrays."""

WITHOUT_GRADIENT: Final = ("cobyla", "cobyqa", "nelder-mead", "powell")
"""The methods of SciPy's that ask for values alone, and would warn of a gradient."""

MAX_ROWS: Final = 20
"""The longest path that is printed in full; of a longer one, the first and the last half of so many points."""


@public
class Point(NamedTuple, Generic[N_co]):
    """A point of the path, and the output's value there.

    >>> from graphgrad import minimize, parse
    >>> minimize(parse("(x - 3)**2"), {"x": 0}).path[0]
    Point(at={'x': 0.0}, value=9.0)
    """

    at: dict[str, N_co]
    value: float


@public
@dataclass(frozen=True, slots=True)
class Minimum(Generic[N_co]):
    """Where SciPy ended: the point, the value and the gradient there, and the path from the start to it.

    `success` and `message` are SciPy's; `outside` counts the points it tried where the output has no value. `str()`
    shows all of it. For type checkers it is generic in the kind of the inputs, numbers or arrays.

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

    def __str__(self) -> str:
        """Return how it ended, where, and the path as a table."""
        steps = list(enumerate(self.path))
        half = MAX_ROWS // 2
        shown = steps if len(steps) <= MAX_ROWS else [*steps[:half], (None, None), *steps[-half:]]
        table = aligned([["no.", *self.x, "value"], *(_row(number, point, len(self.x)) for number, point in shown)])
        end = ", ".join(f"{name} = {short(number)}" for name, number in self.x.items())
        verdict = "minimum" if self.success else "no minimum found"
        ending = [f"{verdict}: value = {short(self.value)} at {end}", f"{self.message} ({self._counts()})"]
        return "\n".join([*ending, "", table])

    def _counts(self) -> str:
        outside = f", {self.outside} outside the domain" if self.outside else ""
        return f"{len(self.path) - 1} steps, {self.evaluations} evaluations{outside}"


def _row(number: int | None, point: Point[Any] | None, count: int) -> list[str]:
    if point is None:
        return ["…"] * (count + 2)
    return [str(number), *map(short, point.at.values()), short(point.value)]


def minimize(graph: GraphData, start: Values, how: MinimizeOptions) -> Minimum[Any]:
    """Minimise a graph's output over the inputs that `start` names; see `graphgrad.minimize`.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> text = "(x - 3)**2 + (y + 1)**2"
    >>> minimum = minimize(build(text, parse(text)), {"x": 0, "y": 0}, MinimizeOptions())
    >>> round(minimum.x["x"], 6), round(minimum.x["y"], 6)
    (3.0, -1.0)
    """
    names = choose_wrt(graph, start)
    if not names:
        raise GraphgradError("there is nothing to vary", hint='give a start: {"x": 0}')
    start = {name: as_array(start[name]) for name in names}
    goal = _Goal(graph, _Layout.of(start, names), dict(how.at or {}))
    first = goal.layout.flat(start)
    goal.start(first)
    return _minimum(goal, _scipy(goal, first, _limits(graph, goal.layout, how.bounds), how))


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the numbers that SciPy varies are inputs: one after the other, an array's in the order of its rows."""

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
        found, start = dict[str, Any](), 0
        for name, size in self.sizes():
            shape, part = self.shapes[name], x[start : start + size]
            found[name], start = as_array(part).reshape(shape) if shape else part[0], start + size
        return found


def _limits(
    graph: GraphData, layout: _Layout, bounds: Mapping[str, tuple[float | None, float | None]] | None
) -> list[tuple[float | None, float | None]] | None:
    if not bounds:
        return None
    for name in choose_wrt(graph, bounds):
        if name not in layout.shapes:
            raise GraphgradError(f"'{name}' has bounds, but no start")
    return [bounds.get(name, (None, None)) for name, size in layout.sizes() for _ in range(size)]


@dataclass
class _Goal:
    """The function that SciPy minimises, and what it met on the way."""

    graph: GraphData
    layout: _Layout
    fixed: dict[str, Any]
    seen: dict[tuple[float, ...], float] = field(default_factory=dict)
    path: list[Point[Any]] = field(default_factory=list)
    inside: tuple[list[float], float, list[float]] = ([], 0.0, [])
    evaluations: int = 0
    outside: int = 0

    def start(self, x: Sequence[float]) -> None:
        self.inside = (list(x), *self.passes(x))
        self.step(x)

    def passes(self, x: Sequence[float]) -> tuple[float, list[float]]:
        found = backprop(self.graph, self.fixed | self.layout.named(x), self.layout.shapes)
        return found.value, self.layout.flat(found.grad)

    def __call__(self, x: Any) -> tuple[float, list[float]]:
        point = [float(number) for number in x]
        self.evaluations += 1
        try:
            value, grad = self.passes(point)
            if not all(map(math.isfinite, [value, *grad])):
                return self.back(point)
        except DomainError:
            return self.back(point)
        self.inside = point, value, grad
        self.seen[tuple(point)] = value
        return value, grad

    def value(self, x: Any) -> float:
        return self(x)[0]

    def back(self, point: list[float]) -> tuple[float, list[float]]:
        """Return a slope outside the domain that leads back to where the output last had a value."""
        self.outside += 1
        there, value, grad = self.inside
        way = [x - y for x, y in zip(point, there, strict=True)]
        length = math.hypot(*way) or 1.0
        steepness = 1.0 + math.hypot(*grad)
        slope = [steepness * w / length for w in way]
        return value + abs(value) + steepness * length, slope

    def step(self, x: Any, *_: Any) -> None:
        """Note a point of the path, as SciPy says which ones it took; those outside the domain have no value."""
        point = [float(number) for number in x]
        if tuple(point) not in self.seen:
            self(point)
        if tuple(point) in self.seen:
            self.path.append(Point(self.layout.named(point), self.seen[tuple(point)]))


def _scipy(goal: _Goal, start: list[float], bounds: Any, how: MinimizeOptions) -> Any:
    try:
        from scipy import optimize
    except ImportError:
        message = "to minimise, SciPy is needed, and it is not installed"
        raise GraphgradError(message, hint="pip install 'graphgrad[scipy]'") from None
    method = how.method
    free = str(method).lower() in WITHOUT_GRADIENT
    function, jac = (goal.value, None) if free else (goal, True)
    options = {"method": method, "bounds": bounds, "tol": how.tolerance, "options": dict(how.options or {})}
    try:
        return optimize.minimize(function, start, jac=jac, callback=goal.step, **options)
    except (ValueError, TypeError) as error:
        hint = suggestion(method, METHODS) if isinstance(method, str) and method not in METHODS else ""
        raise GraphgradError(f"SciPy refuses: {error}", hint=hint) from None


def _minimum(goal: _Goal, found: Any) -> Minimum[Any]:
    evaluations, outside = goal.evaluations, goal.outside
    goal(found.x)
    x, value, grad = goal.inside  # where SciPy gave up outside the domain, the last point inside
    last = Point(goal.layout.named(x), value)
    if goal.layout.flat(goal.path[-1].at) != x:
        goal.path.append(last)
    return Minimum(
        last.at,
        value,
        goal.layout.named(grad),
        tuple(goal.path),
        success=bool(found.success) and goal.outside == outside,
        message=str(found.message),
        evaluations=evaluations,
        outside=outside,
    )
