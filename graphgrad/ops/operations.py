"""Define a table of operations as an immutable object: the default one, or one with rows of a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from types import MappingProxyType
from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError
from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphgrad.ops.op import Op

__all__ = ["Operations", "by_name"]


def by_name(rows: Iterable[Op]) -> dict[str, Op]:
    """Return operations by name. Raises `GraphgradError` for a name that `m.name` cannot spell, or that two rows have.

    >>> from graphgrad.ops.table import FAMILIES
    >>> by_name(FAMILIES["Arithmetic"][:1]).keys()
    dict_keys(['add'])
    """
    table: dict[str, Op] = {}
    for op in rows:
        if not op.name.isidentifier() or iskeyword(op.name) or op.name.startswith("_"):
            hint = "take letters, digits and underscores, a letter first, and no word of Python's own"
            raise GraphgradError(f"{op.name!r} cannot be the name of an operation", hint=hint)
        if op.name in table:
            raise GraphgradError(f"two operations are called {op.name!r}", hint="give one another name")
        table[op.name] = op
    return table


@public
class Operations(Mapping[str, "Op"]):
    """An immutable table of operations: each row by its name.

    >>> from graphgrad.ops.op import Op
    >>> from graphgrad.ops.table import OPERATIONS
    >>> mine = OPERATIONS.with_(Op("swish", lambda m, x: x / (1 + m.exp(-x)), d=(lambda m, z, x: z,)))
    >>> mine["swish"].arity, "swish" in OPERATIONS
    (1, False)
    """

    __slots__ = ("_rows", "aliases")

    def __init__(self, rows: Iterable[Op]) -> None:
        """Take the rows, in the order in which lists show them."""
        self._rows = by_name(rows)
        self.aliases: Mapping[str, str] = MappingProxyType(
            {alias: op.name for op in self._rows.values() for alias in op.aliases}
        )

    def with_(self, *ops: Op) -> Operations:
        """Return a table with more rows. Raises `GraphgradError` for a name that a row has already."""
        return Operations([*self._rows.values(), *ops])

    def __getitem__(self, name: str) -> Op:
        """Return the row of this name."""
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Whether it is the same table."""
        return self is other
