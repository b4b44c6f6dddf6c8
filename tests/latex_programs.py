"""Programs of all operations, for the laws of the LaTeX that is written and of the LaTeX that is read."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from graphgrad.ops import OPS
from graphgrad.printing import Notation, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.ops import Op

NAMES = ("a", "x1", "x_1", "x_1_2", "alpha", "α", "psi", "axis", "sin_", "りんご_1", "rate", "_v")
NUMBERS = ("2", "10", "0.5", "1e-7", "1e300", "3%")
LEAVES = (*NAMES, *NUMBERS, "pi")
INDICES = ((0,), (1,), (-1,), ((1, 3, None),), ((None, None, 2),), (0, Ellipsis), (Ellipsis, 0), (None, 0), (0, 1))
KINDS: dict[str, tuple[Any, ...]] = {
    "None": (None, 0, 1, -1, (0, 1), (1, 0)),
    "False": (False, True),
    "0": (0, 1, -1),
    "-1": (-1, 0, 1),
    "1": (1, 0, -2),
    "": ("", "ij,jk->ik", "ii"),
    "(0,)": ((0,), (0, 2)),
    "(2, 2)": ((2, 2), (3,)),
    "(-1,)": ((-1,), (2, 3), (3, 2), ()),
    "(Ellipsis,)": INDICES,
    "axes": (None, (0, 1), (1, 0)),
}
"""Values of a parameter, by its default or its name."""


def variants(op: Op) -> Iterator[Op]:
    """Yield an operation with all its parameters."""
    choices = [KINDS.get(name) or KINDS[str(default)] for name, default in op.options.items()]
    yield from (op.with_params(dict(zip(op.options, values, strict=True))) for values in product(*choices))


ROWS = [variant for op in OPS.values() for variant in variants(op)]


def applied(op: Op, operands: Iterable[str]) -> str:
    """Return the text of an operation on texts."""
    return Notation().value(op, [Text(text, 0 if re.search(r"\W", text) else 999) for text in operands]).string


def programs() -> st.SearchStrategy[str]:
    """Return programs of all operations, with all parameters; every intermediate may have a name."""

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def fed(op: Op) -> st.SearchStrategy[str]:
            most = op.arity + 2 * op.variadic
            return st.lists(inner, min_size=op.arity, max_size=most).map(lambda operands: applied(op, operands))

        return st.sampled_from(ROWS).flatmap(fed) | infix(inner)

    def infix(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        ops = st.sampled_from([op for op in OPS.values() if op.symbols or op.postfix == ".T"])
        return st.tuples(ops, inner, inner).map(
            lambda each: applied(each[0].with_params({}), each[1:][: each[0].arity])
        )

    expression = st.recursive(st.sampled_from(LEAVES), grow, max_leaves=8)
    program = st.tuples(expression, expression).map("s = {0[0]}; {0[1]} - s".format)
    return expression | program | expression.map("z = {}".format) | expression.map("z == ({})".format)


def small_programs() -> Iterator[str]:
    """Yield every operation on a few leaves, and every operation on one of those at each of its places."""
    leaves = ["a", "x_1", "2", "psi"]
    inner = [applied(op, leaves[: op.arity]) for op in ROWS]
    yield from (*LEAVES, *inner)
    yield from (applied(op, reversed(leaves[: op.arity])) for op in ROWS)
    for op in (row for row in OPS.values() if row.arity):
        for position, text in product(range(op.arity), inner):
            others = ["a", "b", "c", "d"][: op.arity]
            yield applied(op.with_params({}), [*others[:position], text, *others[position + 1 :]])
