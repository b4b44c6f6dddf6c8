"""The dialects of SQL: how each writes functions, numbers and names, and how it passes on the rows of a table."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import frexp, ulp
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.languages.language import ARITHMETIC
from graphgrad.compile.optimize.lowering import POINT_REWRITES, ROW_REWRITES
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Namespace
from graphgrad.ops.elementary import PRODUCT
from graphgrad.ops.targets import LIBM
from graphgrad.printing.operators import ATOM, SIGN_POWER, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["DIALECTS", "SQL", "Dialect", "DuckDB", "PostgreSQL", "SQLite", "quoted_name"]

SQL: Final[Spellings] = {
    **{name: name for name in LIBM if name not in ("cbrt", "expm1", "hypot", "log", "log1p", "log2", "pow")},
    "abs": "abs",
    "log": "ln",
    "pow": "power",
    "sign": "sign",
}
"""The functions that DuckDB, PostgreSQL and SQLite have in common; that of `log` differs, and none has them all."""

DUCKDB: Final[Spellings] = {
    **SQL,
    "cbrt": "cbrt",
    "gamma": "gamma",
    "lgamma": "lgamma",
    "log2": "log2",
    "sign": "CAST(sign({0}) AS DOUBLE)",
}
"""The numeric functions of DuckDB, https://duckdb.org/docs/stable/sql/functions/numeric; its sign is an integer."""

POSTGRESQL: Final[Spellings] = {
    **SQL,
    "cbrt": "cbrt",
    "exp": "CASE WHEN {0} < -745.13 THEN 0 WHEN {0} <= 709.782712893384 OR {0} IN ('Infinity', 'NaN') THEN exp({0})"
    " WHEN {0} > 709 THEN 'Infinity' END",
}
"""The functions of PostgreSQL 12 and later, table 9.5 of its manual; exp raises an error beyond the floats."""

SQLITE: Final[Spellings] = {**SQL, "log2": "log2", "max": "max", "min": "min", "sign": "CAST(sign({0}) AS REAL)"}
"""The functions of SQLite 3.35 and later, https://sqlite.org/lang_mathfunc.html."""

BELOW_1: Final = "abs({0}) {1} 1 OR {0} = 'NaN'"


def _power_domain(x: Fraction | None, y: Fraction | None) -> str:
    """Return where a power is a number; shorter where the base or the exponent is a known number."""
    if x is not None and x > 0:
        return ""
    if y is None:
        return "{0} > 0 OR {0} = 0 AND {1} >= 0 OR {0} < 0 AND {1} = floor({1})"
    if y.denominator == 1:
        return "" if y >= 0 else "{0} <> 0"
    return "{0} >= 0" if y > 0 else "{0} > 0"


DOMAINS: Final[Spellings] = {
    "acos": BELOW_1.format("{0}", "<="),
    "acosh": "{0} >= 1",
    "asin": BELOW_1.format("{0}", "<="),
    "atanh": BELOW_1.format("{0}", "<"),
    "gamma": "{0} > 0 OR {0} <> floor({0})",
    "lgamma": "{0} > 0 OR {0} <> floor({0})",
    "log": "{0} > 0",
    "log10": "{0} > 0",
    "log2": "{0} > 0",
    "pow": _power_domain,
    "sqrt": "{0} >= 0",
}
"""Where an operation is defined: elsewhere it is NULL, where databases raise an error or return an infinity."""

FINITE: Final = "{0} NOT IN ('Infinity', '-Infinity')"

POSTGRESQL_DOMAINS: Final[Spellings] = {**DOMAINS, "cos": FINITE, "sin": FINITE, "tan": FINITE}
"""PostgreSQL raises an error for the angle infinity as well."""

SQLITE_DOMAINS: Final[Spellings] = {"atanh": "abs({0}) < 1", "pow": _power_domain}
"""SQLite returns NULL itself, but for these."""


def _cube_root(m: Any, x: Any) -> Any:
    """Take a power of the absolute value, and one step of Newton's method, which doubles its digits."""
    size = m.abs(x)
    root = m.pow(size, Fraction(1 / 3))
    return m.where(size, m.sign(x) * (root - (root - size / m.where(size, root * root, 1)) / 3), x)


def _log1p(m: Any, x: Any) -> Any:
    """Divide the error out that 1 + x has: Goldberg, "What every computer scientist should know", theorem 4."""
    total = 1 + x
    return m.where(m.eq(total, 1), x, m.log(total) * (x / m.where(m.eq(total, 1), 1, total - 1)))


def _expm1(m: Any, x: Any) -> Any:
    """Take a product near 0, where the difference cancels; further away, a factor is beyond the floats."""
    return m.where(m.lt(m.abs(x), 1), 2 * m.exp(x / 2) * m.sinh(x / 2), m.exp(x) - 1)


REWRITES: Final[Spellings] = {
    "cbrt": _cube_root,
    "expm1": _expm1,
    "hypot": ROW_REWRITES["hypot"],
    "log1p": _log1p,
    "log2": lambda m, x: m.log(x) / m.log(2),
    "pow": POINT_REWRITES["pow"],
}
"""Functions that a dialect lacks, written with others; and short powers, as in other languages."""

DUCKDB_REWRITES: Final[Spellings] = {name: REWRITES[name] for name in ("expm1", "hypot", "log1p", "pow")}
POSTGRESQL_REWRITES: Final[Spellings] = {**DUCKDB_REWRITES, "log2": REWRITES["log2"]}
SQLITE_REWRITES: Final[Spellings] = {name: rewrite for name, rewrite in REWRITES.items() if name != "log2"}

SMALL_LETTERS: Final = str.maketrans(ascii_uppercase, ascii_lowercase)

DIGITS: Final = 53
"""The binary digits of a float."""

LARGEST_STEP: Final = 62
"""The largest power of 2 that is written out: its digits are read as an integer of 64 bits."""

SURE: Final = Fraction(49, 100)
"""A decimal within so many ulp of a float is read as that float by any conversion with some digits in reserve."""

LONGEST_NAME: Final = 63
"""PostgreSQL cuts longer names off after so many bytes."""

FAR: Final = 1e20
"""Between this and its inverse, SQLite's conversion has some digits in reserve."""


def quoted_name(name: str) -> str:
    """Return a name as a quoted identifier: the one escaping function of SQL.

    >>> print(quoted_name('12" pizzas'))
    "12"" pizzas"
    """
    if not name or "\0" in name:
        raise GraphgradError(f"{name!r} is no name in SQL", hint="take another name")
    return '"' + name.replace('"', '""') + '"'


class Dialect(Namespace):
    """The namespace in which a number is an SQL expression; a subclass is one dialect.

    Attributes:
        double: the type of double precision.
        domains: where an operation is defined, as a condition on its operands {0} and {1}, or a function that returns
            one from the operands that are known numbers.
        cast: a column as a number, NULL where it is none.
        has_whole_rows: whether a whole row can be passed on as one column, and `columns_of` opens it.
        fence: the end of a step that keeps its columns from being computed again in the next one.
        nested: how many steps are planned within each other, 0 for any number; the next one is computed as a whole.
    """

    title: ClassVar[str]
    double: ClassVar[str] = "DOUBLE"
    domains: ClassVar[Spellings] = DOMAINS
    rewrites: ClassVar[Spellings]
    cast: ClassVar[str]
    has_whole_rows: ClassVar[bool] = True
    columns_of: ClassVar[str] = "{}.*"
    fence: ClassVar[str] = ""
    nested: ClassVar[int] = 0
    operators = replace(
        ARITHMETIC,
        signs={"==": "=", "!=": "<>"},
        choice="CASE #1 WHEN TRUE THEN #2 WHEN FALSE THEN #3 END",
        indicator="CAST(#1 AS DOUBLE)",
        nonzero="#1 <> 0",
        is_condition=False,
        sign_after_operator=False,
    )

    def knows(self, op: Op) -> bool:
        """Whether the dialect has a function or an operator for an operation."""
        return op.name in self.spellings or self.operators.knows(op)

    def folded(self, name: str) -> str:
        """Return what names that the dialect takes for one have in common: here, they may differ by ASCII capitals."""
        return name.translate(SMALL_LETTERS)

    def const(self, number: Fraction) -> Text:
        """Return a literal of type double that reads back as the same float."""
        value = Floats().const(number)
        return Text(self.literal(value), SIGN_POWER if value < 0 else ATOM)

    def literal(self, value: float) -> str:
        """Return a literal: with an exponent, without which SQL reads a decimal number."""
        text = repr(value)
        return text if "e" in text else f"{text.removesuffix('.0')}e0"

    def value(self, op: Op, operands: Sequence[Text]) -> Text:
        """Return an operation on operands as text; division by 0 is NULL."""
        if op.binds == PRODUCT and op.symbols[0] == "/":
            operands = [operands[0], self.divisor(operands[1])]
        spelling = self.spellings.get(op.name, "")
        written = None if spelling else self.operators.written(op, operands)
        if written:
            return written
        call = spelling if "(" in spelling else f"{spelling}({', '.join(f'{{{i}}}' for i in range(len(operands)))})"
        domain = self.domain(op, operands)
        template = f"CASE WHEN {domain} THEN {call} END" if domain else call
        return Text(template.format(*[x.string for x in operands]))

    def domain(self, op: Op, operands: Sequence[Text]) -> str:
        """Return the condition under which an operation is defined, empty where it always is."""
        domain = self.domains.get(op.name, "")
        return domain if isinstance(domain, str) else domain(*map(self.number, operands))

    def number(self, text: Text) -> Fraction | None:
        """Return the number that a literal stands for, None for anything else."""
        try:
            return Fraction(float(text.string))
        except ValueError:
            return None

    def divisor(self, text: Text) -> Text:
        """Return a divisor: NULL in place of 0."""
        return text if self.number(text) else Text(f"NULLIF({text.string}, {self.literal(0.0)})")

    def finished(self, text: str) -> str:
        """Return a query as it is handed out."""
        return text

    def repeats(self, op: Op, operands: Sequence[Text]) -> bool:
        """Whether the text of an operation repeats that of an operand, which is to be a name then."""
        spelling = self.spellings.get(op.name, "")
        return spelling.count("{0}") > 1 or bool(spelling and self.domain(op, operands))


class DuckDB(Dialect):
    """DuckDB, which passes a row on as a struct, and computes equal expressions once."""

    title = "DuckDB"
    spellings = DUCKDB
    rewrites = DUCKDB_REWRITES
    cast = "TRY_CAST({0} AS DOUBLE)"


class PostgreSQL(Dialect):
    """PostgreSQL, which passes a row on as a composite value, and merges subqueries unless they have an OFFSET."""

    title = "PostgreSQL"
    double = "DOUBLE PRECISION"
    spellings = POSTGRESQL
    domains = POSTGRESQL_DOMAINS
    rewrites = POSTGRESQL_REWRITES
    cast = "CAST({0} AS DOUBLE PRECISION)"
    columns_of = "({}).*"
    fence = "OFFSET 0"
    nested = 16  # its planner takes 5 s for 200 steps, and 40 s for 400
    operators = replace(Dialect.operators, indicator="CAST(CAST(#1 AS INTEGER) AS DOUBLE PRECISION)")

    def folded(self, name: str) -> str:
        """Return what is left of the name; quoted ones differ by capitals, too."""
        return name.encode()[:LONGEST_NAME].decode(errors="ignore")

    def literal(self, value: float) -> str:
        """Return a literal with its type: those with an exponent are decimal numbers, too."""
        return f"{value!r}::float8"

    def number(self, text: Text) -> Fraction | None:
        """Return the number that a literal with its type stands for."""
        return super().number(Text(text.string.removesuffix("::float8")))


class SQLite(Dialect):
    """SQLite, which merges subqueries unless they have an OFFSET, and has no way to pass a row on."""

    title = "SQLite"
    double = "REAL"
    spellings = SQLITE
    domains = SQLITE_DOMAINS
    rewrites = SQLITE_REWRITES
    cast = "CASE WHEN {0} <= CAST(9e999 AS REAL) THEN CAST({0} AS REAL) END"  # text that is no number is above all
    has_whole_rows = False
    fence = "LIMIT -1 OFFSET 0"
    operators = replace(Dialect.operators, indicator="CAST(#1 AS REAL)")

    def literal(self, value: float) -> str:
        """Return a decimal where that is read back, else a quotient or a product with powers of 2.

        SQLite's conversion is off by one ulp for a few decimals near the middle between two floats.

        >>> SQLite().literal(1.08), SQLite().literal(1e22)
        ('1.08', '(4768371582031250.0 * 2097152.0)')
        """
        near = 1 / FAR < abs(value) < FAR or not value
        if near and abs(Fraction(repr(value)) - Fraction(value)) <= SURE * Fraction(ulp(value)):
            return repr(value)
        mantissa, exponent = frexp(value)
        whole, exponent = int(mantissa * 2**DIGITS), exponent - DIGITS
        sign, steps = ("*", exponent) if exponent > 0 else ("/", -exponent)
        factors = [min(LARGEST_STEP, steps - done) for done in range(0, steps, LARGEST_STEP)]
        return f"({whole}.0{''.join(f' {sign} {2**factor}.0' for factor in factors)})"

    def divisor(self, text: Text) -> Text:
        """Return a divisor as it is: a quotient by 0 is NULL."""
        return text


DIALECTS: Final[dict[str, type[Dialect]]] = {
    "duckdb": DuckDB,
    "sqlite": SQLite,
    "postgres": PostgreSQL,
    "postgresql": PostgreSQL,
}
"""The dialects by the names that a caller gives."""
