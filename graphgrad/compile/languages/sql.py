"""Write a tape as an SQL query: the columns of a table, and the tape's outputs as further columns."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.compile.languages.language import in_order, path_conditions
from graphgrad.compile.languages.sql_dialects import quoted_name
from graphgrad.compile.optimize.lowering import lowered
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.namespace import Fault
from graphgrad.printing.operators import Text
from graphgrad.tape.sweeps import forward

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphgrad.compile.languages.sql_dialects import Dialect
    from graphgrad.ops.op import Step
    from graphgrad.tape.tape import Tape

__all__ = ["Target", "query"]

DEEPEST: Final = 12
"""The most expressions within each other; the stack of SQLite's parser holds 100 symbols."""

LONGEST: Final = 200
"""The most operators in a row; SQLite refuses expressions that are more than 1,000 high."""

MAX_REPEATED: Final = 40
"""The most characters of a condition that is repeated; a longer one becomes a column."""

NOT_IN_STEPS: Final = frozenset({"true", "false"})
"""The names under which SQLite finds no column of a common table expression, however they are quoted."""

COLUMN: Final = re.compile(r'"(?:[^"]|"")*"')
"""A quoted name in an expression."""


@dataclass(frozen=True, slots=True)
class Target:
    """The table that is read, its name in parts, the columns that are added, and those of the table, None for all."""

    table: tuple[str, ...]
    columns: tuple[str, ...]
    kept: tuple[str, ...] | None = None

    @property
    def source(self) -> str:
        """The table's full name, quoted."""
        return ".".join(map(quoted_name, self.table))


@dataclass(frozen=True, slots=True)
class _Expression:
    """An expression, the last step whose columns it reads, its nesting, and its operators in a row."""

    text: Text
    level: int = 0
    depth: int = 0
    length: int = 0

    @property
    def is_leaf(self) -> bool:
        """Whether it is a column or a literal, which may be repeated."""
        return not self.length


class _Kept(NamedTuple):
    """What steps pass on of a row: its source in the table, its name in the steps, and what the query makes of it."""

    source: str
    name: str
    opened: str


def query(tape: Tape, dialect: Dialect, target: Target) -> str:
    """Return a query for the columns of a table and the outputs of a tape, which is lowered to the dialect.

    >>> from graphgrad.compile.languages.sql_dialects import SQLite
    >>> from graphgrad.tape.writer import Writer
    >>> m = Writer()
    >>> print(query(m.tape([m.lift(2)]), SQLite(), Target(("shop", "orders"), ("value",))))
    SELECT
        "table row".*,
        2.0 AS "value"
    FROM "shop"."orders" AS "table row"
    """
    tape = lowered(tape, dialect.knows, dialect.title, dialect.rewrites)
    writer = _QueryWriter(tape, dialect, target) if tape.inputs else _ConstantWriter(tape, dialect, target)
    return dialect.finished(writer.query())


class _ConstantWriter:
    """Writes a query that reads no column: what is no number is NULL."""

    def __init__(self, tape: Tape, dialect: Dialect, target: Target) -> None:
        self.tape, self.dialect, self.target = tape, dialect, target

    def query(self) -> str:
        values = forward(self.tape, Floats(), {})
        texts = [self.text(values[register]) for register in self.tape.outputs]
        row = quoted_name("table row")
        kept = [f"{row}.*"] if self.target.kept is None else [f"{row}.{quoted_name(name)}" for name in self.target.kept]
        return "\n".join(_select([*kept, *_named(texts, self.target.columns)], f"{self.target.source} AS {row}"))

    def text(self, number: float | Fault) -> str:
        is_finite = not isinstance(number, Fault) and number - number == 0
        return self.dialect.literal(float(number)) if is_finite else f"CAST(NULL AS {self.dialect.double})"


class _QueryWriter:
    """Writes the steps of a query: what is used more than once is a column of a step, which later steps read.

    A step is a common table expression. Step 0 has the inputs as numbers; a column stands in the first step behind
    those that it reads. With each row, the steps pass on either the whole row of the table, which the query opens at
    its end, or the columns by which the results are joined to the table.
    """

    def __init__(self, tape: Tape, dialect: Dialect, target: Target) -> None:
        self.tape, self.dialect, self.target = tape, dialect, target
        self.uses = Counter(operand for step in tape.steps for operand in step.operands)
        self.uses.update(tape.outputs)
        self.paths = path_conditions(tape, DEEPEST)
        self.names = _Names([*tape.inputs, *target.table, *target.columns])
        self.inputs = {name: self.in_steps(name) for name in tape.inputs}
        self.row = self.names.one("table row")
        self.complete = " AND ".join(f"{column} IS NOT NULL" for column in self.inputs.values())
        self.steps: list[dict[str, str]] = [{}]
        leaves = tape.leaves(dialect, {name: Text(column) for name, column in self.inputs.items()})
        self.expressions = {i: _Expression(leaf) for i, leaf in enumerate(leaves) if leaf is not None}

    def query(self) -> str:
        """Return the query."""
        for step in in_order(self.tape, self.paths):
            self.write(step)
        results = [self.expressions[register].text.string for register in self.tape.outputs]
        if self.target.kept is not None:
            return self.by_rows(results, [self.kept(quoted_name(name)) for name in self.target.kept])
        if self.dialect.has_whole_rows:
            row = self.names.one("row")
            return self.by_rows(results, [_Kept(self.row, row, self.dialect.columns_of.format(row))])
        return self.by_points(results)

    def in_steps(self, name: str) -> str:
        """Return what a column is called in the steps: its own name if that can be."""
        return self.names.one("column", numbered=True) if name.casefold() in NOT_IN_STEPS else quoted_name(name)

    def in_table(self) -> list[str]:
        """Return the columns of the table that are read."""
        return [f"{self.row}.{quoted_name(name)}" for name in self.inputs]

    def kept(self, column: str) -> _Kept:
        """Return a column of the table that is passed on."""
        name = self.names.one("kept", numbered=True)
        return _Kept(f"{self.row}.{column}", name, f"{name} AS {column}")

    def write(self, step: Step) -> None:
        """Write an operation, and make it a column if it is used more than once."""
        for register in step.operands:
            own = self.expressions[register]
            if own.depth >= DEEPEST or own.length >= LONGEST or self.repeats(step):
                self.make_column(register)
        operands = [self.expressions[register] for register in step.operands]
        text = self.dialect.value(step.op, [operand.text for operand in operands])
        within = [operand.depth + (not _begins(text, operand)) for operand in operands]
        self.expressions[step.target] = _Expression(
            text,
            level=max((operand.level for operand in operands), default=0),
            depth=max(within, default=0),
            length=1 + max((operand.length for operand in operands), default=0),
        )
        if self.uses[step.target] > 1:
            self.make_column(step.target)

    def repeats(self, step: Step) -> bool:
        """Whether the text of an operation repeats its operands."""
        return self.dialect.repeats(step.op, [self.expressions[register].text for register in step.operands])

    def make_column(self, register: int) -> None:
        """Make an expression a column of a step, unless it is one; where it is not needed, it is NULL."""
        own = self.expressions[register]
        if own.is_leaf:
            return
        text, level = own.text.string, own.level
        path = self.paths[register]
        for condition, _ in path:
            if len(self.expressions[condition].text.string) > MAX_REPEATED:
                self.make_column(condition)
            level = max(level, self.expressions[condition].level)
        if path:
            text = f"CASE WHEN {' AND '.join(self.condition(*part) for part in path)} THEN {text} END"
        column = self.names.one("v", numbered=True)
        self.steps += [{} for _ in range(level + 2 - len(self.steps))]
        self.steps[level + 1][column] = text
        self.expressions[register] = _Expression(Text(column), level + 1)

    def condition(self, register: int, holds: bool) -> str:  # noqa: FBT001  a part of a path
        """Return the condition of a branch."""
        truth = self.dialect.operators.truth(self.expressions[register].text)
        return truth if holds else f"NOT ({truth})"

    def numbers(self) -> list[str]:
        """Return the columns of step 0."""
        casts = map(self.dialect.cast.format, self.in_table())
        return [f"{cast} AS {column}" for cast, column in zip(casts, self.inputs.values(), strict=True)]

    def by_rows(self, results: Sequence[str], kept: Sequence[_Kept]) -> str:
        """Return the query whose steps pass on the whole row, or columns of it."""
        complete = self.names.one("complete")
        self.steps += [{}] * (len(self.steps) == 1)
        self.steps[1] = {complete: f"CASE WHEN {self.complete} THEN 1 END", **self.steps[1]}
        passed_on = [f"{part.source} AS {part.name}" for part in kept]
        first = _select([*passed_on, *self.numbers()], f"{self.target.source} AS {self.row}")
        results = [f"CASE WHEN {complete} = 1 THEN {result} END" for result in results]
        steps, last = self.written([part.name for part in kept], first, results)
        columns = [*(part.opened for part in kept), *_named(results, self.target.columns)]
        return "\n".join([steps, *_select(columns, last)])

    def by_points(self, results: Sequence[str]) -> str:
        """Return the query whose results are computed once for equal inputs, and joined to the table."""
        raw = self.in_table()
        keys = [self.names.one("key", numbered=True) for _ in raw]
        own = [f"{column} AS {key}" for column, key in zip(raw, keys, strict=True)]
        source = f"{self.target.source} AS {self.row}"
        first = _select([*own, *self.numbers()], source, verb="SELECT DISTINCT")
        steps, last = self.written(keys, first, [*results, self.complete])
        found = self.names.one("results")
        own = [self.in_steps(name) for name in self.target.columns]
        named = [f"{result} AS {name}" for result, name in zip(results, own, strict=True)]
        table = _select([*keys, *named], last, f"WHERE {self.complete}")
        columns = _named([f"{found}.{name}" for name in own], self.target.columns)
        joined = " AND ".join(f"{column} = {found}.{key}" for column, key in zip(raw, keys, strict=True))
        body = _select([f"{self.row}.*", *columns], source, f"LEFT JOIN {found} ON {joined}")
        return "\n".join([f"{steps}, {self.step(found, table)}", *body])

    def written(self, passed_on: Sequence[str], first: Sequence[str], results: Iterable[str]) -> tuple[str, str]:
        """Return the steps as text, and the name of the last one."""
        needed = _columns_in(results)
        live = []
        for step in reversed(self.steps):
            live.append(needed - step.keys())
            needed = (needed - step.keys()) | _columns_in(step.values())
        name = self.names.one("numbers")
        texts = [self.step(name, first)]
        order = [*self.inputs.values(), *(column for step in self.steps for column in step)]
        for step, wanted in zip(self.steps[1:], reversed(live[:-1]), strict=True):
            columns = [", ".join([*passed_on, *(column for column in order if column in wanted)])]
            columns += [f"{text} AS {column}" for column, text in step.items()]
            lines = _select(columns, name)
            name = self.names.one("stage", numbered=True)
            is_whole = bool(self.dialect.nested) and len(texts) % self.dialect.nested == 0
            texts.append(self.step(name, lines, how="AS MATERIALIZED" if is_whole else "AS"))
        return f"WITH {', '.join(texts)}", name

    def step(self, name: str, lines: Sequence[str], how: str = "AS") -> str:
        """Return a common table expression."""
        fence = [self.dialect.fence] if self.dialect.fence else []
        return "\n".join([f"{name} {how} (", *(f"    {line}" for line in [*lines, *fence]), ")"])


class _Names:
    """Names that differ from the given ones and from each other, by more than capitals."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = {name.casefold() for name in taken}

    def one(self, name: str, *, numbered: bool = False) -> str:
        """Return another name, quoted."""
        tries = (f"{name}{i}" if numbered or i else name for i in count(int(numbered)))
        free = next(each for each in tries if each.casefold() not in self.taken)
        self.taken.add(free)
        return quoted_name(free)


def _columns_in(texts: Iterable[str]) -> set[str]:
    return {column for text in texts for column in COLUMN.findall(text)}


def _begins(text: Text, operand: _Expression) -> bool:
    """Whether an operation begins with an operand without brackets."""
    return text.string.startswith(operand.text.string)


def _named(texts: Iterable[str], names: Sequence[str]) -> Iterator[str]:
    return (f"{text} AS {quoted_name(name)}" for text, name in zip(texts, names, strict=True))


def _select(columns: Iterable[str], *source: str, verb: str = "SELECT") -> list[str]:
    """Return the lines of a query; a name may hold line breaks of its own."""
    *others, last = columns
    return [verb, *(f"    {column}," for column in others), f"    {last}", f"FROM {source[0]}", *source[1:]]
