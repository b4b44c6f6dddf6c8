"""Define a table of operations as an immutable object: the default one, or one with rows of a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import GraphgradError
from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from graphgrad.ops.op import Op

__all__ = ["Operations", "by_name", "table_given"]


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
    """An immutable table of operations: each row by its name. `OPERATIONS.with_` returns one with more rows.

    Attributes:
        own: the rows that the package does not have, by name.
        aliases: the name of a row by each of its other names.

    >>> from graphgrad import OPERATIONS, Op
    >>> mine = OPERATIONS.with_(
    ...     Op("swish", lambda m, x: x * m.sigmoid(x), d=(lambda m, z, x: z + m.sigmoid(x) * (1 - z),))
    ... )
    >>> mine
    <Operations with swish>
    >>> mine["swish"].arity, "swish" in OPERATIONS
    (1, False)
    """

    __slots__ = ("__weakref__", "_rows", "aliases", "own")

    _rows: Mapping[str, Op]
    aliases: Mapping[str, str]
    own: Mapping[str, Op]

    def __init__(self) -> None:
        """Raise `GraphgradError`: a table is made of another one."""
        message = "a table of operations is made from the one that the package has"
        raise GraphgradError(message, hint="write gg.OPERATIONS.with_(gg.Op(…))")

    @classmethod
    def _of(cls, rows: Mapping[str, Op], own: Mapping[str, Op]) -> Self:
        """Return a table of these rows, in the order in which lists show them."""
        table = object.__new__(cls)
        aliases = {alias: op.name for op in rows.values() for alias in op.aliases}
        fields = {"_rows": rows, "own": MappingProxyType(own), "aliases": MappingProxyType(aliases)}
        for name, value in fields.items():
            object.__setattr__(table, name, value)
        return table

    @classmethod
    def of_package(cls, rows: Iterable[Op]) -> Self:
        """Return the table of the package's rows, none of which is a user's own."""
        return cls._of(by_name(rows), {})

    def with_(self, *ops: Op) -> Self:
        """Return a table with more rows, whose rules may call each other and every row of this table.

        Raises `GraphgradError` for a row that is declared wrongly, which the message names, and for a name or a symbol
        that another row has.

        >>> from graphgrad import OPERATIONS, Op, parse
        >>> mine = OPERATIONS.with_(
        ...     Op("cube", lambda m, x: x * x * x, d=(lambda m, z, x: 3 * x * x,)),
        ...     Op("cubes", lambda m, x, y: m.cube(x) + m.cube(y),
        ...        d=(lambda m, z, x, y: 3 * x * x, lambda m, z, x, y: 3 * y * y)),
        ... )
        >>> parse("cubes(x, 2)", operations=mine).backprop({"x": 3}).grad
        {'x': 27.0}
        """
        from graphgrad.ops.declared import checked
        from graphgrad.ops.own import bound

        checked(ops, self, self.own)
        rows, own = dict(self._rows), dict(self.own)
        table = self._of(rows, own)
        added = by_name([*rows.values(), *(bound(op, own, rows) for op in ops)])
        rows |= added
        own |= {op.name: added[op.name] for op in ops}
        object.__setattr__(table, "aliases", self._of(rows, own).aliases)
        return table

    def __getitem__(self, name: str) -> Op:
        """Return the row of this name."""
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._rows)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __setattr__(self, name: str, value: object) -> None:
        """Raise `AttributeError`: a table does not change."""
        raise AttributeError(f"a table of operations does not change: {name}")

    def __repr__(self) -> str:
        """Return a text that names the rows that the package does not have."""
        return f"<Operations with {', '.join(self.own)}>" if self.own else "<Operations>"

    def __reduce__(self) -> Any:
        """Return where the table is found again: its rules have no names of their own, the table has one."""
        if not self.own:
            return "OPERATIONS"
        from graphgrad.ops.own import found_again, place_of

        return found_again, place_of([*self.own.values()][-1], self)

    def __copy__(self) -> Self:
        """Return the table itself."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return the table itself."""
        return self

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Whether it is the same table."""
        return self is other


def table_given(operations: object) -> Operations | None:
    """Return what was given as `operations`, None for the default. Raises `GraphgradError` where it is no table.

    >>> from graphgrad import Op
    >>> table_given([Op("one", lambda m: 1)])
    Traceback (most recent call last):
    graphgrad.GraphgradError: operations is a list, not a table of operations
    write operations=gg.OPERATIONS.with_(gg.Op(…))
    """
    if operations is None or isinstance(operations, Operations):
        return operations
    message = f"operations is a {type(operations).__name__}, not a table of operations"
    raise GraphgradError(message, hint="write operations=gg.OPERATIONS.with_(gg.Op(…))")
