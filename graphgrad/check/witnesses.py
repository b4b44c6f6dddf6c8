"""Hold both witnesses of the whole: sympy's expression of it, and sympy's derivatives of its operations, chained."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphgrad.check.chained import ChainedWitness
from graphgrad.check.whole_expression import WholeExpression

if TYPE_CHECKING:
    from graphgrad.backprop.passes import Passes

__all__ = ["Witnesses"]


class Witnesses(NamedTuple):
    """The witnesses of a graph that was run, built on first use and shared by its check and its explanations."""

    whole: WholeExpression
    chained: ChainedWitness

    @classmethod
    def of(cls, passes: Passes, whole: WholeExpression | None = None) -> Witnesses:
        """Return the witnesses of these passes; `whole` is the expression of their graph, where it is known.

        >>> from graphgrad import parse
        >>> Witnesses.of(parse("x*y").backprop({"x": 3, "y": 5}).passes).chained.settled.adjoint(0)
        Fraction(5, 1)
        """
        return cls(whole or WholeExpression.of(passes), ChainedWitness(passes))
