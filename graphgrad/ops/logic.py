"""Declare the operations of logic: of numbers that are true where they are not 0, with 1 for true and 0 for false.

They are read from left to right: where the first operand decides, the second one has no effect, even where it has no
value, as in x > 0 ∧ log(x) < 1 at x = −1.
"""

from __future__ import annotations

from typing import Final

from graphgrad.ops.elementary import CONJUNCTION, DISJUNCTION, EXCLUSION, NEGATION
from graphgrad.ops.op import Op, nothing

__all__ = ["FAMILIES"]

# fmt: off
LOGIC: Final = (
    Op("logical_and", lambda m, x, y: m.ne(m.where(x, y, 0), 0), d=(nothing, nothing), glyph="∧", symbols=("∧",),
       binds=CONJUNCTION, tex=r"#1 \land #2", rounding=0, witness=lambda mp, x, y: x != 0 and y != 0,
       about="1 where both x and y are true, that is not 0; else 0"),
    Op("logical_or", lambda m, x, y: m.ne(m.where(x, 1, y), 0), d=(nothing, nothing), glyph="∨", symbols=("∨",),
       binds=DISJUNCTION, tex=r"#1 \lor #2", rounding=0, witness=lambda mp, x, y: x != 0 or y != 0,
       about="1 where x or y is true, that is not 0; else 0"),
    Op("logical_not", lambda m, x: m.eq(x, 0), d=(nothing,), glyph="¬", symbols=("¬",), binds=NEGATION,
       tex=r"\lnot #1", rounding=0, witness=lambda mp, x: x == 0, about="1 where x is false, that is 0; else 0"),
    Op("logical_xor", lambda m, x, y: m.ne(m.ne(x, 0), m.ne(y, 0)), d=(nothing, nothing), glyph="⊻", symbols=("⊻",),
       binds=EXCLUSION, aliases=("xor",), tex=r"#1 \veebar #2", rounding=0,
       witness=lambda mp, x, y: (x != 0) != (y != 0), about="1 where just one of x and y is true; else 0"),
)
# fmt: on

FAMILIES: Final = {"Logic": LOGIC}
