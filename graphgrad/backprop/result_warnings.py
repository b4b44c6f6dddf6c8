"""Warn about kinks, overflows and missing digits in the numbers of both passes."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.doubts import doubts
from graphgrad.backprop.faults import instead_text, node_text, values_text
from graphgrad.backprop.kinks import kink_entries
from graphgrad.namespaces.array_values import is_array
from graphgrad.namespaces.kinds import known_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.ops.op import Step

__all__ = ["overflowed_nodes", "warnings"]

ADVISED: Final = 3
"""The most overflows for which an operation to write instead is looked for."""


def warnings(passes: Passes) -> tuple[str, ...]:
    """Return a sentence for each kink and each overflow, and for each number that lacks digits that were asked for."""
    return (
        *(_kink_warning(passes, node) for node in passes.kinks),
        *(_overflow_warning(passes, node, advise=i < ADVISED) for i, node in enumerate(overflowed_nodes(passes))),
        *_derivative_warnings(passes),
        *(f"precision: {doubt}" for doubt in (doubts(passes) if passes.kind.promises_digits else ())),
    )


def _overflow_warning(passes: Passes, node: int, *, advise: bool) -> str:
    text, instead = node_text(passes.graph, node), instead_text(passes, node) if advise else ""
    return f"overflow: {text} is beyond {passes.kind.largest}, taken as infinity{instead and '; '}{instead}"


def _derivative_warnings(passes: Passes) -> list[str]:
    """Return a sentence for each derivative that is infinite where no value is."""
    if overflowed_nodes(passes) or not passes.backward.adjoints:
        return []
    infinite = [name for name, d in passes.grad.items() if _is_infinite(d)]
    return [f"overflow: the derivative by {x} is beyond {passes.kind.largest}, taken as infinity" for x in infinite]


def _kink_warning(passes: Passes, node: int) -> str:
    step = passes.tape.step(node)
    operands = step.operands[:1] if step.op.chooses else step.operands  # a branch may have no value
    xs = [passes.values[i] for i in operands]
    convention = step.op.kink.convention if step.op.kink else ""
    where = _kink_places(passes, step, xs) or values_text(passes.graph, operands, xs)
    return f"kink: {node_text(passes.graph, node)} at {where}: {convention}"


def _kink_places(passes: Passes, step: Step, xs: Sequence[Any]) -> str:
    """Return how many entries of an array are at a kink, and the first of them; empty for a number."""
    value = passes.values[step.target]
    if not passes.arrays or not any(map(is_array, xs)):
        return ""
    at = kink_entries(step, passes.namespace, xs, passes.backward.adjoints.get(step.target))
    place = next(place for place, x in zip(product(*map(range, at.shape)), at.flat, strict=True) if x)
    return f"{int(at.sum())} of {value.size if is_array(value) else 1} entries, first {list(place)}"


def overflowed_nodes(passes: Passes) -> list[int]:
    """Return the nodes whose value is infinite although their operands are finite."""
    if passes.kind.known_finite([value for value in passes.values if value is not None]):
        return []
    infinite = {i for i, value in enumerate(passes.values) if _is_infinite(value)}
    steps = passes.tape.steps if infinite else ()
    return [target for target, _, operands in steps if target in infinite and infinite.isdisjoint(operands)]


def _is_infinite(value: Any) -> bool:
    kind = known_kind(value)
    return kind is not None and kind.is_infinite(value)
