"""Faults for the check to find: each rule of the table, wrong in each of several ways."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain, product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from graphgrad.namespaces import Arrays, Floats
from graphgrad.ops.array_domains import Definite, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.ops import Op

FACTORS: Final = {"sign": -1.0, "factor 2": 2.0, "factor 1 + 1e-9": 1 + 1e-9}
"""Ways to be wrong everywhere."""

SIDES: Final = (-1500.5, -150.5, -7.25, -2.0, -0.75, 0.0, 0.25, 0.875, 1.75, 3.0, 7.5, 101.0, 150.5, 1500.5)
"""Coordinates of the points at which a wrong rule is compared with the right one; none is a probe of the check."""

FEW: Final = (-150.5, -2.0, 0.0, 0.75, 2.0, 101.0, 150.5)
"""The same for three operands."""

DISTINCT: Final = 1e-13
"""Two floats are two numbers if they differ by more than this, relative to the larger, or to 1."""


class Planted(NamedTuple):
    """A row with one wrong rule: which rule, by which operand, in which way; the right rule, the wrong one, the row."""

    kind: str
    position: int
    way: str
    right: Callable[..., Any]
    wrong: Callable[..., Any]
    op: Op

    def __str__(self) -> str:
        """Return the fault in writing."""
        return f"{self.op.name}: {self.kind} by operand {self.position}, {self.way}"


def _raises(*_args: Any) -> Any:
    raise IndexError


def wrong_rules(
    right: Callable[..., Any], chosen: Callable[..., Any], swapped: Callable[..., Any], middle: float
) -> dict[str, Callable[..., Any]]:
    """Return a rule wrong in every way.

    `chosen(m, *args)` is the number on which it depends where the rule is wrong, and `swapped(*args)` are its arguments
    with another operand in the place of the right one.
    """

    def where(holds: Callable[[Any, Any], Any]) -> Callable[..., Any]:
        def wrong(m: Any, *args: Any) -> Any:
            z = right(m, *args)
            return m.where(holds(m, chosen(m, *args)), 2 * z, z)

        return wrong

    def times(factor: float) -> Callable[..., Any]:
        return lambda m, *args: right(m, *args) * factor

    return {
        **{way: times(factor) for way, factor in FACTORS.items()},
        "1e-12 more": lambda m, *args: right(m, *args) + 1e-12,
        "another operand": lambda m, *args: right(m, *swapped(*args)),
        "on one branch": where(lambda m, x: m.lt(x, middle)),
        "beyond 100": where(lambda m, x: m.gt(x, 100)),
        "below -100": where(lambda m, x: m.lt(x, -100)),
        "no number": lambda _m, *_args: None,
        "an exception": _raises,
    }


def _with(items: tuple[Any, ...], i: int, item: Any) -> tuple[Any, ...]:
    return (*items[:i], item, *items[i + 1 :])


def planted_in_numbers(op: Op) -> Iterator[Planted]:
    """Yield a row on numbers with each of its rules wrong in every way, where that changes a number."""
    yield from (fault for fault in chain(_values(op), _derivatives(op)) if _makes_a_difference(fault, op))


def _values(op: Op) -> Iterator[Planted]:
    """Yield a row on numbers with its value wrong in every way, in the plain and in the stable rule."""
    last = op.arity - 1
    middle = op.domain(last).probes(3)[1]
    for kind, right in (("f", op.f), ("stable_f", op.stable_f)):
        if right is not None:
            wrongs = wrong_rules(right, lambda _m, *xs: xs[last] if xs else 0, lambda *xs: xs[::-1], middle)
            for way, wrong in wrongs.items():
                yield Planted(kind, 0, way, right, wrong, _with_rule(op, kind, wrong))


def _with_rule(op: Op, kind: str, wrong: Callable[..., Any]) -> Op:
    return replace(op, f=wrong) if kind == "f" else replace(op, stable_f=wrong)


def _derivatives(op: Op) -> Iterator[Planted]:
    """Yield a row on numbers with its derivatives wrong in every way, in the plain and in the stable rules."""
    for position, right in enumerate(op.d):
        if right is not None:
            for way, wrong in _wrong_derivatives(op, right, position):
                yield Planted("d", position, way, right, wrong, replace(op, d=_with(op.d, position, wrong)))
    stable = op.stable_d or {}
    for position, right in stable.items():
        for way, wrong in _wrong_derivatives(op, right, position):
            yield Planted("stable_d", position, way, right, wrong, replace(op, stable_d={**stable, position: wrong}))


def _wrong_derivatives(op: Op, right: Callable[..., Any], position: int) -> Iterator[tuple[str, Callable[..., Any]]]:
    middle = op.domain(position).probes(3)[1]
    if op.variadic:
        return iter(wrong_rules(right, lambda _m, _z, x, *_: x, lambda z, _, *xs: (z, xs[-1], *xs), middle).items())
    return iter(
        wrong_rules(
            right,
            lambda _m, _z, *xs: xs[position],
            lambda z, *xs: (z, *xs[::-1]) if xs[1:] else (xs[0], z),
            middle,
        ).items()
    )


def planted_in_arrays(op: Any, shapes: Sequence[tuple[int, ...]]) -> Iterator[Planted]:
    """Yield a row on arrays with each of its rules wrong in every way, where that changes an entry on these shapes."""
    yield from (fault for fault in _array_rules(op) if _makes_a_difference_in_arrays(fault, op, shapes))


def _array_rules(op: Any) -> Iterator[Planted]:
    stable = op.stable_d or {}
    for kind, right in (("f", op.f), ("stable_f", op.stable_f)):
        if right is not None:
            for way, wrong in _wrong_arrays(right).items():
                yield Planted(kind, 0, way, right, wrong, _with_rule(op, kind, wrong))
    for position, right in enumerate(op.vjp):
        if isinstance(op.domain(position), Places):  # there is no derivative by a position
            continue
        for way, wrong in _wrong_vjps(op, right, position).items():
            yield Planted("vjp", position, way, right, wrong, replace(op, vjp=_with(op.vjp, position, wrong)))
    for position, right in stable.items():
        for way, wrong in _wrong_vjps(op, right, position).items():
            yield Planted("stable_d", position, way, right, wrong, replace(op, stable_d={**stable, position: wrong}))


def _wrong_arrays(right: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    wrong = wrong_rules(right, lambda m, x, *_: m.amin(x, axis=None, keepdims=False), lambda *xs: xs[::-1], 0.3)
    far = wrong_rules(right, lambda m, x, *_: m.amax(x, axis=None, keepdims=False), lambda *xs: xs, 0)
    return wrong | {"beyond 100": far["beyond 100"]}


def _wrong_vjps(op: Any, right: Callable[..., Any], position: int) -> dict[str, Callable[..., Any]]:
    if op.variadic:
        return wrong_rules(
            right, lambda _m, _g, _z, i, *xs: xs[i], lambda g, z, i, *xs: (g, z, (i + 1) % len(xs), *xs), 0.3
        )
    return wrong_rules(
        right, lambda _m, _g, _z, *xs: xs[position], lambda g, z, *xs: (g, z, *xs[::-1]) if xs[1:] else (z, g, *xs), 0.3
    )


def _makes_a_difference(fault: Planted, right: Op) -> bool:
    """Whether a fault changes a number of float64 anywhere: 2*0 is no other number than 0, nor is log(x) for x < -100.

    A rule that gives no number makes one.
    """
    return any(map(_changes(fault, right), _points(right)))


def _points(op: Op) -> Iterator[Sequence[float]]:
    near = ([op.domain(i).probes(5)[(k + i) % 5] for i in range(op.arity)] for k in range(5))
    return chain(near, product(FEW if op.arity > 2 else SIDES, repeat=op.arity))


def _changes(fault: Planted, op: Op) -> Callable[[Sequence[float]], bool]:
    m = Floats().operations

    def number(rule: Callable[..., Any], xs: Sequence[float]) -> float | None:
        args = list(xs)
        try:
            if "d" in fault.kind:
                args = [float(op.value(m, *xs)), *([xs[fault.position]] if op.variadic else []), *xs]
            found = float(rule(m, *args))
        except (ArithmeticError, ValueError, TypeError, IndexError):
            return None
        return found if math.isfinite(found) else None

    def changes(xs: Sequence[float]) -> bool:
        own = number(fault.right, xs)
        if own is None:
            return False
        planted = number(fault.wrong, xs)
        return planted is None or abs(planted - own) > DISTINCT * max(abs(own), 1e-300)

    return changes


def _makes_a_difference_in_arrays(fault: Planted, right: Any, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether a fault in a row on arrays changes an entry at any of some random arrays."""
    m, random = Arrays(), np.random.default_rng(5)
    for scale in (1.0, 300.0, -300.0):
        xs = [_entries(right.domain(i), scale, random.uniform(-1, 1, shape)) for i, shape in enumerate(shapes)]
        z = right.value(m.operations, *xs)
        first = [random.uniform(0.5, 2, np.shape(z)), z, *([fault.position] if right.variadic else [])]
        args = [*first, *xs] if fault.kind in {"vjp", "stable_d"} else xs
        like = xs[fault.position] if args is not xs else z
        own, planted = (_array(rule, m, args, like) for rule in (fault.right, fault.wrong))
        if own is not None and (
            planted is None or not np.allclose(planted, own, rtol=DISTINCT, atol=1e-300, equal_nan=True)
        ):
            return True
    return False


def _array(rule: Callable[..., Any], m: Arrays, args: Sequence[Any], like: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(rule(m.operations, *args), dtype=float)
            return m.operations.sum_like(found, like) + np.zeros(np.shape(like))
    except (ArithmeticError, ValueError, TypeError, IndexError):
        return None


def _entries(domain: Any, scale: float, unit: Any) -> Any:
    if isinstance(domain, Places):
        return np.arange(unit.size).reshape(unit.shape) % 2.0
    if isinstance(domain, Definite):
        return (unit / 2 + np.eye(len(unit)) * len(unit) * np.sign(scale)) * scale
    return unit * scale if domain.low < 0 else (unit + 1) / 2 if domain.high == 1 else abs(unit * scale)
