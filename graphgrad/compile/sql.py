"""Write a graph's value and gradient as a query for the rows of a table."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.backprop.inputs import choose_wrt, read_value, values_at
from graphgrad.backprop.refuse_arrays import refuse_array_inputs, refuse_array_operations
from graphgrad.base.arguments import mapping_of, text_of, texts_of
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.compile.languages.sql import Target, query
from graphgrad.compile.languages.sql_dialects import DIALECTS, quoted_name
from graphgrad.compile.languages.sql_portable import Portable
from graphgrad.compile.rows import VALUE, partial_name, renamed
from graphgrad.namespaces.floats import FLOATS
from graphgrad.tape.gradient import decided, differentiated
from graphgrad.tape.tape import lower
from graphgrad.tape.writer import Writer
from graphgrad.text.quoted_names import column_names, dotted_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphgrad.compile.languages.sql_dialects import Dialect
    from graphgrad.graph.data import GraphData
    from graphgrad.ops.op import Op
    from graphgrad.tape.tape import Tape

__all__ = ["Request", "sql"]


class Request(NamedTuple):
    """What a query is to be: the arguments of `Graph.to_sql` as they were given."""

    table: str | Sequence[str]
    dialect: str
    at: Mapping[str, Any] | None = None
    names: Mapping[str, str] | Sequence[str] | None = None
    columns: Iterable[str] | None = None


def sql(graph: GraphData, wrt: Iterable[str] | None, request: Request) -> str:
    """Return a query for a table's columns, a graph's value in each row, and its derivatives.

    Raises `GraphgradError` for a wrong argument and for a formula that the dialect cannot write.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> print(sql(build("2", parse("2")), [], Request("t", "sqlite")), end="")
    SELECT
        "table row".*,
        2.0 AS "value"
    FROM "t" AS "table row"
    """
    dialect = _dialect(request.dialect)
    wanted = choose_wrt(graph, wrt)
    message = f"{dialect.title} has no operation {{}} on arrays"
    refuse_array_operations(graph, message, "its gradient can be computed with backprop() and compile()")
    numbers = _numbers(graph, mapping_of(request.at, "the point"))
    read = [name for name in graph.inputs if name not in numbers]
    added = renamed([VALUE, *map(partial_name, wanted)], request.names)
    kept = None if request.columns is None else column_names(request.columns, "columns")
    _refuse_equal_names(read, added, kept or (), dialect)
    target = Target(_table(request.table), tuple(added.values()), kept)
    tape = _with_constants(differentiated(graph, wanted), numbers)
    try:
        return query(tape, dialect, target) + "\n"
    except GraphgradError as error:
        raise _refused(graph, dialect, error) from None


def _dialect(name: str) -> Dialect:
    text = text_of(name, "a dialect of SQL").strip().lower()
    return DIALECTS[text]() if text in DIALECTS else Portable(text, DIALECTS)


def _table(table: str | Sequence[str]) -> tuple[str, ...]:
    """Return the parts of a table's name; in a text they are separated by dots."""
    parts = tuple(dotted_names(table)) if isinstance(table, str) else texts_of(table, "table", '"t" or ("schema", "t")')
    if not parts or not all(part.strip() for part in parts):
        raise GraphgradError(f"{table!r} is not the name of a table", hint='give "t", "schema.t" or ("schema", "t")')
    for part in parts:
        quoted_name(part)
    return parts


def _numbers(graph: GraphData, at: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return the inputs that are constants, by the text or the call, as the floats that they are."""
    empty = replace(lower(graph), steps=(), outputs=())
    given = values_at(graph, empty, at, FLOATS)
    values = {name: read_value(graph, name, value, FLOATS) for name, value in given.items()}
    refuse_array_inputs(values, "a query is", "a column of the table is read by its name")
    return {name: Fraction(value) for name, value in values.items()}


def _refuse_equal_names(read: Sequence[str], added: Mapping[str, str], kept: Sequence[str], dialect: Dialect) -> None:
    """Refuse names that the dialect takes for one, perhaps because they differ by capitals only."""
    seen: dict[str, str] = {}
    for name in (*read, *kept):
        other = seen.setdefault(dialect.folded(name), name)
        if other != name:
            message = f"{dialect.title} does not tell the columns {other!r} and {name!r} apart"
            raise GraphgradError(message, hint="rename one of them")
    for usual, name in added.items():
        if dialect.folded(name) in seen:
            hint = f"give the new one another name: {_option(usual)}names={{{usual!r}: '…'}}"
            raise GraphgradError(f"there is a column {seen[dialect.folded(name)]!r} already", hint=hint)
        seen[dialect.folded(name)] = name


def _option(usual: str) -> str:
    return f"--{'value-name' if usual == VALUE else 'partial-prefix'}, in Python "


def _with_constants(tape: Tape, numbers: Mapping[str, Fraction]) -> Tape:
    """Return the tape with numbers in place of inputs."""
    inputs = {name: register for name, register in tape.inputs.items() if name not in numbers}
    constants = {tape.inputs[name]: number for name, number in numbers.items()}
    return decided(replace(tape, inputs=inputs, constants=tape.constants | constants))


def _refused(graph: GraphData, dialect: Dialect, error: GraphgradError) -> GraphgradError:
    """Return the error with the place of the operation that the dialect cannot write, and which dialects can."""
    steps = (step for step in lower(graph).steps if not _writes(dialect, step.op, len(step.operands)))
    first = next(steps, None)
    if first is None:
        return error
    op, arity = first.op, len(first.operands)
    message = error.message
    if _writes(dialect, op, arity, derivatives=False):
        message = f"{message}, which the derivative of {op.written} needs"
    known = [other.title for other in dict.fromkeys(DIALECTS.values()) if _writes(other(), op, arity)]
    hint = f"there is one in {' and '.join(known)}" if known else error.hint
    return ExpressionError(message, graph.source, graph.spans[first.target], hint=hint)


def _writes(dialect: Dialect, op: Op, arity: int, *, derivatives: bool = True) -> bool:
    """Whether a dialect can write an operation, and its derivatives."""
    m = Writer()
    operands = [m.input(f"x{i}") for i in range(arity)]
    z = m.value(op, operands)
    known = [i for i in range(arity) if derivatives and op.rule(i) is not None]
    outputs = [z, *(m.partial(op, i, z, operands) for i in known)]
    try:
        query(m.tape(outputs), dialect, Target(("t",), tuple(map(str, range(len(outputs))))))
    except GraphgradError:
        return False
    return True
