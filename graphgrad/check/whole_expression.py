"""Build sympy's expression of a whole graph once, and estimate the work of differentiating it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.passes import rational
from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.sympy_witness import Witness, witness
from graphgrad.namespaces.symbolic import SwellError, Sympy
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes
    from graphgrad.tape.tape import Step, Tape

__all__ = ["WholeExpression", "work_estimate"]

MAX_TREE: Final = 2_000
"""The most operations, counted as a tree without sharing, that sympy differentiates."""

LEGIBLE: Final = 120
"""The most operations, counted as a tree, of an expression whose derivatives are shown as formulas."""

MAX_WORK: Final = 10_000
"""The largest work estimate of an expression whose derivatives are shown as formulas."""

SMALL: Final = 200
"""The work estimate up to which the whole expression is differentiated beside its operations."""

PARTIAL_SECONDS: Final = 0.5
"""The CPU time for one derivative of the whole expression beside those of its operations."""

PAIRS: Final = 16
"""The number of pairs of operations that cost as much as one operation alone."""


@dataclass(frozen=True)
class WholeExpression:
    """Sympy's expression of a tape's output over symbols with these names, built on first use."""

    tape: Tape
    names: tuple[str, ...]
    exact: bool = False
    _slow: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, passes: Passes) -> WholeExpression:
        """Return the expression of a graph that was run."""
        return cls(passes.tape, tuple(passes.inputs), passes.kind.exact)

    def place(self, inputs: Mapping[str, Any], name: str) -> tuple[int, list[Fraction]]:
        """Return the position of an input among the witness's symbols, and the point in their order.

        >>> WholeExpression(None, ("x", "y")).place({"y": 0.5, "x": 2.0}, "y")
        (1, [Fraction(2, 1), Fraction(1, 2)])
        """
        return self.names.index(name), [Fraction(rational(inputs[other])) for other in self.names]

    @cached_property
    def is_legible(self) -> bool:
        """Whether the expression is short enough for its derivatives to be shown."""
        return self.tape.tree_size() <= LEGIBLE and work_estimate(self.tape) <= MAX_WORK

    @cached_property
    def is_small(self) -> bool:
        """Whether sympy differentiates the whole expression at little cost.

        >>> from graphgrad import parse
        >>> WholeExpression.of(parse("x*y").backprop({"x": 3, "y": 5}).passes).is_small
        True
        """
        return self.tape.tree_size() <= MAX_TREE and work_estimate(self.tape) <= SMALL

    @cached_property
    def witness(self) -> tuple[str, Witness | None]:
        """Sympy as a witness of the whole expression, or why there is none.

        >>> from graphgrad.graph.builder import build
        >>> from graphgrad.tape.tape import lower
        >>> from graphgrad.text.parser import parse
        >>> why, witness = WholeExpression(lower(build("x*y", parse("x*y"))), ("x", "y")).witness
        >>> witness.derivative(0)
        y
        """
        size = self.tape.tree_size()
        if size > MAX_TREE:
            count = _count(size)
            return f"written out as a tree it has {count} operations, of which sympy is asked {MAX_TREE}", None
        m = Sympy()
        symbols = {name: m.symbol(name) for name in self.names}
        try:
            expression = within(
                PARTIAL_SECONDS,
                lambda: forward(self.tape, m, symbols)[self.tape.outputs[0]],
                steps=partial(work_estimate, self.tape),
            )
        except DeadlineError as error:
            return f"sympy {error}", None
        except (SwellError, RecursionError):
            return "sympy would swell", None
        return "", Witness(m, list(symbols.values()), expression, exact=self.exact)

    def partial(self, position: int, point: list[Fraction]) -> Fraction | None:
        """Return sympy's derivative at a point by one symbol; None where it has none, or takes sympy too long.

        >>> from graphgrad import parse
        >>> whole = WholeExpression.of(parse("x*y").backprop({"x": 3, "y": 5}).passes)
        >>> whole.partial(0, [Fraction(3), Fraction(5)])
        Fraction(5, 1)
        """
        _, witness = self.witness
        if witness is None or position in self._slow:
            return None
        try:
            return within(PARTIAL_SECONDS, lambda: witness.partial(position, point))
        except DeadlineError:
            self._slow.update(range(len(self.names)))
            return None


def work_estimate(tape: Tape) -> int:
    """Return an upper estimate of sympy's work on derivatives of the whole expression, in milliseconds.

    It grows with the square of the size. Evaluating an operation evaluates its operands as well, twice where it is no
    polynomial; for a choice between two numbers, sympy compares all parts of both.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.tape.tape import lower
    >>> from graphgrad.text.parser import parse
    >>> [work_estimate(lower(build(text, parse(text)))) for text in ("3*x", "sin(3*x)", "abs(sin(3*x))")]
    [1, 3, 13]
    """
    return max(tape.tree_size() ** 2 // PAIRS, tape.tree_size(_weight))


def _weight(step: Step) -> int:
    """Return the number of times that sympy evaluates the operands of a step."""
    if step.op.kink or step.op.chooses:
        return 4 if step.op.kink else 1
    return 1 if not step.op.on_arrays and _is_polynomial(step) else 2


def _is_polynomial(step: Step) -> bool:
    sympys = witness(step.op, len(step.operands))
    return bool(sympys.expression.is_polynomial(*sympys.symbols))


def _count(size: int) -> str:
    return str(size) if size < 10**6 else f"1e{len(str(size)) - 1}" if size.bit_length() < 10**4 else "countless"
