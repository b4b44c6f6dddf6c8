"""Convert a graph to a sympy expression, object by object: sympy never parses text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.refuse_arrays import refuse_array_operations
from graphgrad.base.errors import LimitError
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.namespaces.symbolic import SYMPY, SwellError, Sympy
from graphgrad.tape.sweeps import forward
from graphgrad.tape.tape import lower

if TYPE_CHECKING:
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.tape import Tape

__all__ = ["Genuine", "to_sympy"]

SECONDS: Final = 10.0
"""The CPU time that sympy may take to build an expression."""


GENUINE: Final[Spellings] = {**SYMPY, "floor": "floor", "ceil": "ceiling"}
"""Sympy's own functions for all operations, rounding included."""


class Genuine(Sympy):
    """The namespace of sympy's own classes; `Sympy` replaces `floor` and `ceiling` by ones it can differentiate."""

    spellings = GENUINE


def to_sympy(graph: GraphData) -> Any:
    """Return a graph's sympy expression over real symbols; a shared node is one shared object.

    Raises `LimitError` where the expression is too large, or too deep, for sympy, and `ExpressionError` at an operation
    on arrays.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> to_sympy(build("x*sqrt(y)", parse("x*sqrt(y)")))
    x*sqrt(y)
    """
    tape, m = lower(graph), Genuine()
    refuse_array_operations(graph, "sympy is given expressions of numbers, and {} is an operation on arrays")
    try:
        symbols = {name: m.symbol(name) for name in graph.inputs}
        return within(SECONDS, lambda: forward(tape, m, symbols)[tape.outputs[0]], steps=lambda: _choices(tape))
    except DeadlineError as error:
        reason = f"sympy {error}"
    except SwellError:
        reason = "it holds a constant of too many digits"
    except RecursionError:
        reason = "it is too deep"
    raise LimitError(f"the expression is too large for sympy: {reason}", graph.source)


def _choices(tape: Tape) -> int:
    """Return the work of comparing nested choices, in steps; all else is built without comparing."""
    return tape.tree_size(lambda step: 4 if step.op.kink else 1) if any(step.op.kink for step in tape.steps) else 0
