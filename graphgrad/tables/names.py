"""Decide for each name of a formula whether it is a column of the table or a constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.text.quoted_names import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from graphgrad.graph.data import Default, GraphData
    from graphgrad.tables.task import Task

__all__ = ["Names", "constants_of", "kept_columns", "names_of", "refuse_unknown_constants"]

MAX_LISTED: Final = 12
"""The most columns that an error lists."""

OTHER_SEPARATORS: Final = ";\t|"
"""What stands between values in other kinds of text."""


class Names(NamedTuple):
    """The columns that a formula reads, and the values of its other inputs."""

    columns: tuple[str, ...]
    constants: dict[str, float]


def names_of(graph: GraphData, task: Task, schema: pa.Schema) -> Names:
    """Return which of a formula's inputs are columns; a column goes before the text's own default.

    Raises `UnknownNameError` for an input that is neither, and `GraphgradError` for one that is both a column and a
    constant of the task, and where two columns have its name.
    """
    known = {*schema.names}
    columns = tuple(name for name in graph.inputs if name in known)
    for name in columns:
        if name in task.constants:
            raise GraphgradError(
                f"'{name}' is a column of the table, and --at gives it a value, too",
                hint=f"leave {written(name)}=… out, or give the constant another name in the formula",
            )
        if len(schema.get_all_field_indices(name)) > 1:
            raise GraphgradError(f"the table has several columns '{name}'", hint="rename all but one")
    constants = {name: x for name, x in constants_of(task, graph).items() if name not in known}
    missing = next((name for name in graph.inputs if name not in known and name not in constants), None)
    if missing is not None:
        span = graph.spans[graph.nodes[missing]]
        hint = f"{_near(missing, schema.names)} (a constant: --at {written(missing)}=…)"
        raise UnknownNameError(f"the table has no column '{missing}'", graph.source, span, hint=hint)
    return Names(columns, constants)


def constants_of(task: Task, graph: GraphData) -> dict[str, float]:
    """Return the values that a formula's defaults and the task give to its inputs."""
    defaults = {name: _number(name, x) for name, x in graph.defaults.items()}
    return defaults | {name: x for name, x in task.constants.items() if name in graph.nodes}


def _number(name: str, default: Default) -> float:
    if isinstance(default, tuple):
        message = f"'{name}' is an array, and a formula over a table computes with one number for each row"
        raise GraphgradError(message, hint="write the array's entries as numbers of their own")
    return float(default)


def refuse_unknown_constants(task: Task, graphs: Sequence[GraphData]) -> None:
    """Raise `UnknownNameError` for a constant that is in no formula of the task."""
    known = {name for graph in graphs for name in graph.inputs}
    for name in task.constants:
        if name not in known:
            choose_wrt(task.graph, [name])


def kept_columns(task: Task, schema: pa.Schema, new: Sequence[str]) -> list[str]:
    """Return the columns of the table that stand before the new ones.

    Raises `UnknownNameError` for a column that the table lacks, and `GraphgradError` where a new column would have the
    name of another one.
    """
    kept = schema.names if task.keep is None else list(task.keep)
    known, written_ones = {*schema.names}, {*kept}
    for name in kept:
        if name not in known:
            raise UnknownNameError(f"the table has no column '{name}' to keep", hint=_near(name, schema.names))
    first = {name: i for i, name in reversed([*enumerate(new)])}
    taken = next((name for i, name in enumerate(new) if name in written_ones or first[name] < i), None)
    if taken is not None:
        raise GraphgradError(
            f"the table has a column '{taken}' already, and the result would be called so",
            hint=_other_name(task, taken),
        )
    return kept


def _other_name(task: Task, taken: str) -> str:
    if taken in (task.value_name, task.error_name):
        option = "value" if taken == task.value_name else "error"
        return f"--{option}-name, in Python {option}_name=…, gives it another name; --keep leaves columns out"
    return "--partial-prefix, in Python partial_prefix=…, gives partials other names; --keep leaves columns out"


def _near(name: str, columns: Sequence[str]) -> str:
    listed = ", ".join(columns[:MAX_LISTED]) + ", …" * (len(columns) > MAX_LISTED)
    same = next((column for column in columns if column.strip().casefold() == name.strip().casefold()), None)
    if same is not None:
        return f"did you mean {repr(same) if written(same) == same else written(same)}?"
    for column in columns:
        mark = next((mark for mark in OTHER_SEPARATORS if name in map(str.strip, column.split(mark))), None)
        if mark is not None:
            return f"it has a column {written(column)}: separate the values by commas, not by {mark!r}"
    return suggestion(name, columns, f"its columns are: {listed}" if columns else "it has no columns")
