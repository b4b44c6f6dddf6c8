"""Describe how an operation is written: in text, in LaTeX, in Python and in pictures."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Final, Self

from graphgrad.base.errors import GraphgradError

__all__ = ["Spelling"]

ORDINALS: Final = {3: "rd"}
"""The endings of ordinal numbers from 3 on, where they are not "th"."""


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    r"""The name of an operation and how it is written: the part that all rows of the table have in common.

    Attributes:
        name: what the table calls it.
        glyph: what pictures write on its node; the name by default.
        symbols: the operators that the text writes it with, the first one being the usual one: `("*", "×")`.
        binds: the binding powers (left, right) of that operator.
        dunder: what Python calls that operator, without the underscores: `"add"` for `__add__`.
        postfix: what the text writes behind its operand, as in `x.T`.
        spoken: the function's name in the text, where it is not `name`: `sum_along` is written `sum(x, axis=0)`.
        aliases: other names that the text may give.
        tex: the body of a LaTeX macro with the operands #1, #2, …; a body without operands is a function's name.
        helper: the word that people read for an operation that only derivatives use; the list of operations has none.
        joins: the signs of its two operands in a sum or a product of many that is drawn as one node, and what is
            written at the second one: ("+", "−", "minus") for x − y. The first one is the sign of the node.
        series: what the text calls it over the values for each number of an index: "sum" for
            `sum(x[i] for i in 0..9)`.
        parameters: the operands' names, where it stands for a function that the text defines; its derivatives are shown
            as ∂f/∂x.
        hidden: how many of its last operands are outer names, which stand in its definition and not in its calls.
        about: one line for the list of operations, in which the operands are x, y, z.
        roles: what pictures write at its operands where these could be mistaken for each other, in the order of the
            operands: `("base", "exponent")`. It is empty where their order does not matter.
        arity: how many operands it takes; where their number is free, the fewest.

    >>> from graphgrad.ops.table import OPS
    >>> mul, erf = OPS["mul"], OPS["erf"]
    >>> (mul.written, mul.glyph, mul.tex), (erf.written, erf.glyph, erf.tex)
    (('*', '×', '#1 \\cdot #2'), ('erf', 'erf', '\\operatorname{erf}'))
    """

    name: str
    _: KW_ONLY
    glyph: str = ""
    symbols: tuple[str, ...] = ()
    binds: tuple[int, int] = (0, 0)
    dunder: str = ""
    postfix: str = ""
    spoken: str = ""
    aliases: tuple[str, ...] = ()
    tex: str = ""
    helper: str = ""
    joins: tuple[str, ...] = ()
    series: str = ""
    parameters: tuple[str, ...] = ()
    hidden: int = 0
    about: str = ""
    roles: tuple[str, ...] = ()
    arity: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Fill in what follows from the name. Raises `GraphgradError` where what should be a text is none."""
        try:
            self._fill_in()
        except (TypeError, AttributeError, LookupError, ValueError) as error:
            message = f"the operation {self.name!r} is written with something that is no text: {error}"
            raise GraphgradError(
                message, hint="name, glyph, spoken and tex are texts, symbols tuples of them"
            ) from None

    def _fill_in(self) -> None:
        object.__setattr__(self, "glyph", self.glyph or self.helper or self.name)
        object.__setattr__(self, "spoken", self.spoken or self.name)
        object.__setattr__(self, "tex", self.tex or self._plain_tex())

    def __copy__(self) -> Self:
        """Return the row itself: it does not change."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return the row itself."""
        return self

    def _plain_tex(self) -> str:
        if self.symbols:
            return f"#1 {self.symbols[0]} #2" if self.infix else f"{self.symbols[0]}#1"
        name = (self.helper or self.spoken).replace("_", r"\_")
        return rf"\operatorname{{{name}}}"

    @property
    def prefix(self) -> bool:
        """Whether it is an operator before its one operand, as a sign is."""
        return bool(self.symbols) and self.arity == 1

    @property
    def infix(self) -> bool:
        """Whether it is an operator between its operands."""
        return bool(self.symbols) and self.arity > 1

    @property
    def written(self) -> str:
        """What stands for it in the text: an operator or a name.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["matmul"].written, OPS["sum_along"].written
        ('@', 'sum')
        """
        return self.symbols[0] if self.symbols else self.postfix or self.spoken

    def role(self, position: int) -> str:
        """Return what pictures write at an operand; the positions beyond those with roles are counted.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["pow"].role(1), OPS["mul"].role(1), OPS["concat"].role(2)
        ('exponent', '', '3rd')
        """
        if not self.roles or position < len(self.roles):
            return self.roles[position] if self.roles else ""
        return f"{position + 1}{ORDINALS.get(position + 1, 'th')}"

    @property
    def power(self) -> int:
        """The binding power as an operand: under an operator that binds more tightly it needs parentheses."""
        left, right = self.binds
        return left - 1 if self.infix and left == right else min(left, right)
