"""Declare the options of `Graph.map_file`, and make the task of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypedDict

from graphgrad.backprop.inputs import choose_wrt, read_value
from graphgrad.backprop.refuse_arrays import refuse_array_operations
from graphgrad.base.arguments import count_of, flag_of, mapping_of, quoted, text_of
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.public import public
from graphgrad.compile.row_analysis import ERROR
from graphgrad.compile.rows import PARTIAL, VALUE
from graphgrad.graph.builder import build
from graphgrad.namespaces.array_values import is_array, is_nested
from graphgrad.namespaces.kinds import FLOATS
from graphgrad.tables.deviations import OTHERS, deviation
from graphgrad.tables.task import Task
from graphgrad.text.parser import parse
from graphgrad.text.quoted_names import column_names, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.value_types import Numbers, Wrt

__all__ = ["ROWS_CHECKED", "TableKeywords", "TableOptions", "task_of"]

ROWS_CHECKED: Final = 8
"""How many rows are checked, unless told otherwise."""

MOST_CHECKED: Final = 10_000
"""The most rows that may be checked: so many take some minutes."""


@public
class TableKeywords(TypedDict, total=False):
    """The keyword arguments of `Graph.map_file`, for the signature of a function that passes them on.

    >>> import graphgrad as gg
    >>> from typing import Unpack
    >>> def bills(out: str, **options: Unpack[gg.TableKeywords]) -> gg.TableReport:
    ...     return gg.parse("apple*n*tax").map_file("orders.csv", out, **options)
    """

    at: Numbers | None
    wrt: Wrt
    where: str | None
    keep: Iterable[str] | None
    error: Numbers | None
    value_name: str
    error_name: str
    partial_prefix: str
    strict: bool
    summary: bool
    check: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TableOptions:
    """The options of `Graph.map_file`: the fields of `TableKeywords`, with their defaults."""

    at: Numbers | None = None
    wrt: Wrt = None
    where: str | None = None
    keep: Iterable[str] | None = None
    error: Numbers | None = None
    value_name: str = VALUE
    error_name: str = ERROR
    partial_prefix: str = PARTIAL
    strict: bool = False
    summary: bool = False
    check: int = ROWS_CHECKED


def task_of(graph: GraphData, options: TableOptions) -> Task:
    """Return what the options ask for of each row.

    Raises `GraphgradError` for an option with a wrong value, and `ExpressionError` for a condition that is no formula
    of one row.

    >>> task_of(build("x", parse("x")), TableOptions(at={"tax": "1.08"})).constants
    {'tax': 1.08}
    """
    constants = mapping_of(options.at, "at", 'values by name: {"tax": 1.08}')
    errors = mapping_of(options.error, "error", 'standard deviations by name: {"apple": "±2"}')
    keep = options.keep
    return Task(
        graph,
        None if options.wrt is None else choose_wrt(graph, options.wrt),
        constants={name: _constant(graph, name, x) for name, x in constants.items()},
        value_name=_name(options.value_name, "value_name"),
        partial_prefix=text_of(options.partial_prefix, "partial_prefix"),
        where=None if options.where is None else _condition(options.where),
        keep=None if keep is None else column_names(keep, "keep"),
        errors={name: _deviation(name, written) for name, written in errors.items()},
        error_name=_name(options.error_name, "error_name"),
        strict=flag_of(options.strict, "strict"),
        summary=flag_of(options.summary, "summary"),
        samples=_samples(options.check),
    )


def _constant(graph: GraphData, name: Any, x: Any) -> float:
    if is_array(x) or is_nested(x):
        raise GraphgradError(f"{name} = {quoted(x)}: a constant is one number", hint="columns are in the table")
    return float(read_value(graph, text_of(name, "the name of an input", 'a name: "x"'), x, FLOATS))


def _condition(where: Any) -> GraphData:
    text = text_of(where, "the condition", 'a condition: "n > 0"')
    graph = build(text, parse(text))
    if graph.output_name is not None:
        message = f"this gives {written(graph.output_name)} a value, and compares nothing"
        raise ExpressionError(message, text, graph.spans[graph.output], hint="a comparison is written ==")
    refuse_array_operations(graph, "a condition is on one row at a time, and {} is not", OTHERS)
    return graph


def _deviation(name: Any, written: Any) -> Any:
    text_of(name, "the name of an input", 'a name: "x"')
    return deviation(written, name)


def _name(value: Any, what: str) -> str:
    name = text_of(value, what)
    if not name:
        raise GraphgradError(f"{what} is empty", hint="a column has a name")
    return name


def _samples(check: Any) -> int:
    if check is False or check is None or (isinstance(check, int) and check == 0):
        return 0
    count = count_of(check, "check")
    if count > MOST_CHECKED:
        raise GraphgradError(f"check={quoted(count)}: that is too many rows", hint=f"the limit is {MOST_CHECKED:,}")
    return count
