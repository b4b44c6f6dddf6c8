"""Find the operation that an expression spells out, and that is finite where the expression is not."""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import permutations, product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.namespaces.array_values import as_floats, cycled, is_array, shape_of
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.namespaces.namespace import Fault, NotFiniteError, Pullback
from graphgrad.ops.table import OPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["row_instead"]

Found = tuple["Op", tuple[int, ...]]
"""An operation, and the nodes that are its operands."""

PROBES: Final = (-1.3, -0.4, 0.35, 0.8, 1.2, 1.9, 3.2)
"""The values at which an expression is compared with an operation."""

ENOUGH: Final = 3
"""The fewest probes at which both have a value."""

EQUAL: Final = 1e-9
"""The relative distance of two equal values."""

MOST_STEPS: Final = 12
"""The most steps of an expression that is compared, and the most nodes above the faulty one that are looked at."""

BINARY: Final = 2
"""The most operands of an operation that is looked for."""


def row_instead(passes: Passes, node: int) -> Found | None:
    """Return an operation with its operands that is equal to an expression around a node, and finite at the point.

    The expression is compared with each row at a few probes; no row is named here. None where there is no such row.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("", parse("log(1 + exp(x))")), {"x": 1000}, wrt=[])
    >>> op, operands = row_instead(passes, passes.tape.steps[0].target)
    >>> op.name, [passes.values[i] for i in operands]
    ('softplus', [1000.0])
    """
    if passes.kind is not FLOATS:
        return None
    m = passes.namespace
    for top in _above(passes.tape, node):
        for cut, steps in _cuts(passes.tape, top):
            if node in cut or not any(target == node for target, _, _ in steps):
                continue
            if (found := _match(passes, m, steps, cut)) is not None:
                return found
    return None


def _above(tape: Tape, node: int) -> Iterator[int]:
    """Yield a node and the nodes that depend on it, in the order of the tape."""
    reached = {node}
    yield node
    for target, _, operands in tape.steps:
        if target > node and not reached.isdisjoint(operands):
            reached.add(target)
            yield target
            if len(reached) > MOST_STEPS:
                return


def _cuts(tape: Tape, top: int) -> Iterator[tuple[tuple[int, ...], list[Any]]]:
    """Yield the nodes that an expression is a function of, with its steps, from the nearest to the farthest."""
    frontier, steps = {top}, list[Any]()
    leaves = {*tape.inputs.values(), *tape.constants}
    while (inner := frontier - leaves) and len(steps) < MOST_STEPS:
        step = tape.step(max(inner))
        steps.insert(0, step)
        frontier = (frontier - {step.target}) | {i for i in step.operands if i not in tape.constants}
        if 0 < len(frontier) <= BINARY and len(steps) > 1:
            yield tuple(sorted(frontier)), list(steps)


def _match(passes: Passes, m: Namespace, steps: Sequence[Any], cut: tuple[int, ...]) -> Found | None:
    if any(isinstance(passes.values[i], Fault) for i in cut):
        return None
    at_point = [as_floats(passes.values[i]) for i in cut]
    probes = list(_probes(at_point))
    spelled_out = [_run(passes.tape, m, steps, dict(zip(cut, xs, strict=True))) for xs in probes]
    for op in _candidates(len(cut), at_point):
        for order in permutations(range(len(cut))):
            operands = [at_point[i] for i in order]
            values = (_value(m, op, [xs[i] for i in order]) for xs in probes)
            if _agree(spelled_out, values) and _is_finite(m, op, operands):
                return op, tuple(cut[i] for i in order)
    return None


def _probes(like: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield operands in the shapes of those at the point."""
    count = len(PROBES)
    for numbers in product(range(count), repeat=len(like)):
        yield [_filled(x, number) for x, number in zip(like, numbers, strict=True)]


def _filled(like: Any, number: int) -> Any:
    return cycled(PROBES[number:] + PROBES[:number], shape_of(like)) if is_array(like) else PROBES[number]


def _run(tape: Tape, m: Namespace, steps: Sequence[Any], values: dict[int, Any]) -> Any:
    """Return the value of the last step; None where there is none."""
    values |= {register: m.const(number) for register, number in tape.constants.items()}
    for target, op, operands in steps:
        values[target] = _value(m, op, [values[i] for i in operands])
        if values[target] is None:
            return None
    return values[steps[-1].target]


def _value(m: Namespace, op: Op, operands: Sequence[Any]) -> Any:
    with suppress(ArithmeticError, ValueError, TypeError, IndexError, Fault):
        z = m.value(op, operands)
        return None if isinstance(z, Fault) else z
    return None


def _agree(xs: Sequence[Any], ys: Iterator[Any]) -> bool:
    """Whether two lists of values are equal where both exist, and enough of them do."""
    both = 0
    for x, y in zip(xs, ys, strict=True):
        if x is not None and y is not None:
            if shape_of(x) != shape_of(y) or not _is_small(abs(x - y) - EQUAL * abs(x)):
                return False
            both += 1
    return both >= ENOUGH


def _is_small(distance: Any) -> bool:
    return bool((distance <= 0).all()) if is_array(distance) else bool(distance <= 0)


def _is_finite(m: Namespace, op: Op, operands: Sequence[Any]) -> bool:
    """Whether an operation has a finite value and finite derivatives."""
    z = _value(m, op, operands)
    if z is None or not (is_array(z) or math.isfinite(z)):
        return False
    with suppress(NotFiniteError, ArithmeticError, ValueError, Fault):
        partials = [m.partial(op, i, z, operands) for i in range(len(operands))]
        return all(_is_finite_partial(d, z) for d in partials)
    return False


def _is_finite_partial(d: Any, z: Any) -> bool:
    if isinstance(d, Pullback):
        d.apply(abs(z) * 0 + 1)
        return True
    return not isinstance(d, Fault) and math.isfinite(d)


def _candidates(count: int, operands: Sequence[Any]) -> Iterator[Op]:
    """Yield the rows with so many operands that are written as functions, those on arrays with all their axes."""
    for op in OPS.values():
        if op.symbols or op.variadic or op.arity != count or op.kink is not None or not op.rules or None in op.rules:
            continue
        if not op.on_arrays:
            yield op
        elif is_array(operands[0]):
            yield from (op.with_params(given) for given in _options(op.options, len(shape_of(operands[0]))))


def _options(options: Mapping[str, Any], rank: int) -> Iterator[dict[str, Any]]:
    """Yield each choice of an axis, with and without keeping it."""
    axes = (
        [options["axis"], *(axis for axis in range(-1, rank) if axis != options["axis"])] if "axis" in options else [0]
    )
    for axis, keepdims in product(axes, (False, True) if "keepdims" in options else (False,)):
        given = {"axis": axis, "keepdims": keepdims}
        yield {name: given.get(name, default) for name, default in options.items()}
