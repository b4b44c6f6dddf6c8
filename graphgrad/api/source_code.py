"""Define the methods of `Graph` that write source code and queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.base.arguments import flag_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Numbers, Wrt

__all__ = ["SourceCode"]


class SourceCode:
    """The value and the gradient of a graph in other languages."""

    data: GraphData

    def to_python(self, wrt: Wrt = None, *, name: str = "f", numpy: bool = False) -> str:
        """Return the source of a Python function of the inputs, in their order, that returns value and gradient.

        It needs only Python's `math`, takes floats, and returns a float and a dict of floats. Each intermediate result
        is computed once, and only in a branch that is taken. With `numpy=True` it takes and returns NumPy arrays.
        Raises `GraphgradError` where `name` cannot name a function, `UnknownNameError` for a name that is no input, and
        `ExpressionError` at an operation on arrays.

        >>> import graphgrad as gg
        >>> print(gg.parse("log(x)*y").to_python())
        from math import log
        <BLANKLINE>
        <BLANKLINE>
        def f(x: float, y: float) -> tuple[float, dict[str, float]]:
            'Value and gradient of log(x)*y.'
            v1 = log(x)
            return v1 * y, {'x': y / x, 'y': v1}
        <BLANKLINE>
        """
        from graphgrad.compile.languages.numpy import NumPy
        from graphgrad.compile.languages.python import Python
        from graphgrad.compile.source import code

        return code(self.data, NumPy() if flag_of(numpy, "numpy") else Python(), wrt, name)

    def to_c(self, wrt: Wrt = None, *, name: str = "f") -> str:
        """Return the source of a C99 function that returns the value and fills `grad`, in the order of `wrt`.

        Outside an operation's domain the numbers are those of `<math.h>`, nan or infinity. Raises what `to_python`
        raises: `GraphgradError`, `UnknownNameError`, `ExpressionError`.

        >>> import graphgrad as gg
        >>> gg.parse("exp(x)*y").to_c().splitlines()[4]
        'double f(double x, double y, double grad[2]) {'
        """
        from graphgrad.compile.languages.c import C
        from graphgrad.compile.source import code

        return code(self.data, C(), wrt, name)

    def to_javascript(self, wrt: Wrt = None, *, name: str = "f") -> str:
        """Return the source of a JavaScript function that returns `[value, {name: derivative}]`.

        It includes the functions that `Math` lacks. Outside an operation's domain the numbers are NaN or Infinity.
        Raises what `to_python` raises: `GraphgradError`, `UnknownNameError`, `ExpressionError`.

        >>> import graphgrad as gg
        >>> gg.parse("exp(x)*y").to_javascript().splitlines()[4].strip()
        'return [v2, {"x": v2, "y": v1}];'
        """
        from graphgrad.compile.languages.javascript import JavaScript
        from graphgrad.compile.source import code

        return code(self.data, JavaScript(), wrt, name)

    def to_sql(  # noqa: PLR0913  each is an option of the query
        self,
        wrt: Wrt = None,
        *,
        table: str | Sequence[str] = "t",
        dialect: str = "duckdb",
        at: Numbers | None = None,
        names: Mapping[str, str] | Sequence[str] | None = None,
        columns: Iterable[str] | None = None,
    ) -> str:
        """Return a query for the columns of a table with the value and the derivatives added: `value`, `∂apple`, ….

        The inputs are columns of the table, except those that `at` or the text gives a number, which becomes a literal.
        `table` may have dots, `"shop.orders"`; for names that have some, give the parts: `("shop", "orders.2024")`.
        `dialect` is duckdb, sqlite or postgres, or another one that sqlglot knows, with the extra `sql`.
        `names` renames columns that are added, by these names or those of the inputs, or all in order. `columns` lists
        those of the table that are kept, by default all.

        Columns are cast to double precision. A row with a null, or with text that is no number, has nulls, and so has
        a number outside the domain of an operation, such as a quotient by 0. Expressions that are used more than once
        are columns of common table expressions. Raises `UnknownNameError` for a name that is no input,
        `ExpressionError` at an operation that the dialect lacks, and `GraphgradError` for another wrong argument and
        for columns of one name.

        >>> import graphgrad as gg
        >>> print(gg.parse("price*n").to_sql("n", table="orders", columns=["id"]))
        WITH "numbers" AS (
            SELECT
                "table row"."id" AS "kept1",
                TRY_CAST("table row"."price" AS DOUBLE) AS "price",
                TRY_CAST("table row"."n" AS DOUBLE) AS "n"
            FROM "orders" AS "table row"
        ), "stage1" AS (
            SELECT
                "kept1", "price", "n",
                CASE WHEN "price" IS NOT NULL AND "n" IS NOT NULL THEN 1 END AS "complete"
            FROM "numbers"
        )
        SELECT
            "kept1" AS "id",
            CASE WHEN "complete" = 1 THEN "price" * "n" END AS "value",
            CASE WHEN "complete" = 1 THEN "price" END AS "∂n"
        FROM "stage1"
        <BLANKLINE>
        """
        from graphgrad.compile.sql import Request, sql

        return sql(self.data, wrt, Request(table, dialect, at, names, columns))
