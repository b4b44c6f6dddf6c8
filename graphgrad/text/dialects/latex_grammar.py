"""Define `LatexGrammar`: what LaTeX has beside the tables of every grammar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphgrad.text.grammar import Grammar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.ops.op import Op

__all__ = ["LatexGrammar"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LatexGrammar(Grammar):
    r"""What LaTeX has beside the tables of every grammar.

    Attributes:
        macros: by a command, the operation on its arguments in braces, and their number: \frac.
        fences: by a pair of brackets, the operation that they are: the absolute value.
        behind: by what stands behind an operand, the operation: ^{\top}.
        letters: Greek letters that are functions before a bracket: \Gamma.
        fused: by a function, the operation within bars, and what both are together.
        where: the operation that chooses.
        exp: the exponential function.
        log: its inverse.
        euler: the name of its base.
    """

    macros: Mapping[str, tuple[Op, int]]
    fences: Mapping[tuple[str, str], Op]
    behind: Mapping[str, Op]
    letters: frozenset[str]
    fused: Mapping[str, tuple[Op, Op]]
    where: Op
    exp: Op
    log: Op
    euler: str = "e"
