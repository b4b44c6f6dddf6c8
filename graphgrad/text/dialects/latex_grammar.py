"""Define `LatexGrammar`: what LaTeX has beside the tables of every grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphgrad.text.grammar import Grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.text.statement import Span

__all__ = ["LatexGrammar"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LatexGrammar(Grammar):
    r"""What LaTeX has beside the tables of every grammar.

    Attributes:
        macros: by a command, the operation on its arguments in braces, and their number: \frac.
        fences: by a pair of brackets, the operation that they are: the absolute value.
        behind: by what stands behind an operand, the operation: ^{\top}.
        letters: Greek letters that are functions before a bracket: \Gamma.
        fused: by a function and the operation within its bars, what both are together.
        below: by a function's name, the operations that have an operand below it, and whether that is their first one.
        call: what applies a function, which has been waiting for its operands: of the `LatexReader`, the function, the
            span of the call and the number of operands.
        ends: what checks the code of a statement or of a sum that ends.
        root: the root with an index.
        where: the operation that chooses.
        det: the determinant, None where the table has none.
        exp: the exponential function.
        log: its inverse.
        euler: the name of its base.
    """

    macros: Mapping[str, tuple[Op, int]]
    fences: Mapping[tuple[str, str], Op]
    behind: Mapping[str, Op]
    letters: frozenset[str]
    fused: Mapping[tuple[str, Op], Op]
    below: Mapping[str, tuple[tuple[Op, bool], ...]]
    call: Callable[[Any, Any, Span, int], None]
    ends: Callable[[Any, Sequence[Any], Sequence[Span]], None]
    root: Op
    where: Op
    det: Op | None
    exp: Op
    log: Op
    euler: str = "e"

    def known(self, word: str, sign: str) -> str:
        r"""Return the function whose name has a sign behind it, as \log_{2}; an empty text if there is none."""
        names = (f"{word}{sign}", rf"\operatorname{{{word}}}{sign}", rf"\{word}{sign}")
        return next((name for name in names if name in self.functions), "")
