"""Write queries for databases that sqlglot knows, with the functions that nearly every database has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install
from graphgrad.base.suggestion import suggestion
from graphgrad.compile.languages.sql_dialects import SQL, Dialect
from graphgrad.compile.optimize.lowering import POINT_REWRITES, ROW_REWRITES
from graphgrad.ops.elementary import COMPARISON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings
    from graphgrad.printing.operators import Text

__all__ = ["Portable"]

PORTABLE: Final[Spellings] = {
    name: SQL[name]
    for name in (
        *("abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "exp", "floor", "log", "pow", "sign", "sin", "sqrt"),
        "tan",
    )
}
"""What sqlglot writes as LN or LOG, CEIL or CEILING, ATAN2 or ATN2, as the database calls it."""

PORTABLE_REWRITES: Final[Spellings] = {**POINT_REWRITES, "hypot": ROW_REWRITES["hypot"]}


PRODUCTS: Final = {"mariadb": "mysql", "mssql": "tsql", "sqlserver": "tsql"}
"""Names of databases that are no names of dialects."""


class Portable(Dialect):
    """A dialect that sqlglot writes, from a query of few means: no truth value is a column."""

    spellings = PORTABLE
    rewrites = PORTABLE_REWRITES
    cast = "CAST({0} AS DOUBLE)"
    has_whole_rows = False
    operators = replace(
        Dialect.operators,
        choice="CASE WHEN #1 THEN #2 WHEN NOT (#1) THEN #3 END",
        indicator="CASE WHEN #1 THEN 1e0 WHEN NOT (#1) THEN 0e0 END",
    )

    def __init__(self, name: str, known: Iterable[str]) -> None:
        """Take a name that sqlglot has for a dialect; `known` are the names of the others.

        Raises `GraphgradError` where sqlglot has no such dialect, or is not installed.
        """
        self._name = name
        try:
            from sqlglot.dialects.dialect import Dialects
        except ImportError:
            hint = f"the dialects are: {', '.join(known)}; others need: {install('sql')}"
            raise GraphgradError(f"{name!r} is no dialect of SQL", hint=hint) from None
        others = sorted(dialect.value for dialect in Dialects if dialect.value and dialect.value not in known)
        names = [*known, *others]
        if name not in names:
            usual = PRODUCTS.get(name)
            hint = f"take {usual!r}" if usual else suggestion(name, names, f"the dialects are: {', '.join(names)}")
            raise GraphgradError(f"{name!r} is no dialect of SQL", hint=hint)

    @property
    def title(self) -> str:  # type: ignore[override]  # a class variable of the other dialects
        """What errors call the dialect."""
        return f"portable SQL for {self._name}"

    def repeats(self, op: Op, operands: Sequence[Text]) -> bool:
        """Whether an operation repeats its operands: a condition is written twice."""
        return op.chooses or op.binds == COMPARISON or super().repeats(op, operands)

    def finished(self, text: str) -> str:
        """Return the query in the dialect."""
        import sqlglot

        level = sqlglot.ErrorLevel.RAISE
        try:
            [written] = sqlglot.transpile(text, read="duckdb", write=self._name, unsupported_level=level, pretty=True)
        except sqlglot.errors.SqlglotError as error:
            raise GraphgradError(f"sqlglot cannot write this for {self._name}: {error}") from None
        return written
