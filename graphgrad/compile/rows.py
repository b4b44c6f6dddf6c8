"""Read the inputs of a graph from a frame, series or arrays, and give results row by row in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.base.arguments import mapping_of, number_of, quoted
from graphgrad.base.errors import GraphgradError, UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.compile.columns.frames import Frame, frame_of, is_lazy, lazily
from graphgrad.compile.columns.run_columns import as_column, is_column
from graphgrad.compile.columns.series import PANDAS, Column, any_null, read, series_like, unwrapped
from graphgrad.compile.columns.tabular import is_frame, is_series, library_of
from graphgrad.graph.array_defaults import in_floats

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.graph.data import GraphData

    Run = Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]]

__all__ = [
    "PARTIAL",
    "VALUE",
    "Given",
    "Rows",
    "on_columns",
    "partial_name",
    "renamed",
    "rows_of",
    "values_and_partials",
    "without_nulls",
]

VALUE: Final = "value"
"""The name of the column of values."""

PARTIAL: Final = "∂"
"""What stands before an input's name in the name of its column of partials."""


def partial_name(name: str) -> str:
    """Return the name of the column of partials by an input.

    >>> partial_name("apple")
    '∂apple'
    """
    return f"{PARTIAL}{name}"


@dataclass(frozen=True, slots=True)
class Rows:
    """The inputs row by row: numbers and NumPy arrays by name, and the form that results are given in.

    `frame` is the frame that they come from, `natives` are the series among them, and `nulls` is the mask of the rows
    in which one of them is null.
    """

    numbers: dict[str, Any]
    frame: Frame | None = None
    natives: dict[str, Any] = field(default_factory=dict)
    nulls: Any = None

    def given(self, results: Mapping[str, Any], names: Any = None) -> Any:
        """Return arrays of results in this form: as columns added to the frame, as series, or as they are.

        A result that is a `Column` has its own nulls, the others those of the rows.
        `names` are the names of columns that differ from those of the results: by these, or all in order.
        """
        columns = {name: x if isinstance(x, Column) else Column(x, self.nulls) for name, x in results.items()}
        if self.frame is not None:
            return self._with_columns(self.frame, columns, names)
        if names is not None:
            raise GraphgradError("names= are those of a frame's new columns, and there is no frame")
        if not self.natives:
            return {name: column.numbers for name, column in columns.items()}
        self._refuse_other_lengths(columns)
        return series_like([*self.natives.values()], columns)

    def refuse_other_rows(self, name: str, column: Any) -> None:
        """Raise `GraphgradError` where a series has not the frame's or the other series' index."""
        _refuse_other_indexes({**self.natives, name: column}, self.frame)

    def _refuse_other_lengths(self, results: Mapping[str, Column]) -> None:
        import numpy as np

        name, native = next(iter(self.natives.items()))
        shape = np.shape(next(iter(results.values())).numbers)
        if shape != (len(native),):
            message = f"the column '{name}' has {len(native)} rows, and the result the shape {shape}"
            raise GraphgradError(message, hint="give columns of one length, or NumPy arrays")

    def _with_columns(self, frame: Frame, results: Mapping[str, Column], names: Any) -> Any:
        import numpy as np

        columns = renamed([*results], names)
        for column in columns.values():
            if column in frame.names:
                hint = f"name the new column, as in names={{'{_key_of(columns, column)}': '…'}}"
                raise GraphgradError(f"the frame has a column '{column}' already", hint=hint)
        shape = (len(frame),)
        new = {}
        for name, (x, nulls) in results.items():
            if np.shape(x) not in ((), shape):
                raise GraphgradError(f"the frame has {len(frame)} rows, and the result the shape {np.shape(x)}")
            new[columns[name]] = Column(x if np.shape(x) == shape else np.full(shape, x), nulls)
        return frame.with_columns(new, [*self.natives.values()])


def _key_of(columns: Mapping[str, str], column: str) -> str:
    return next(key for key, value in columns.items() if value == column)


def renamed(results: list[str], names: Any) -> dict[str, str]:
    """Return the name of each result's column, from a mapping of some or a sequence of all.

    >>> renamed(["value", "∂x"], {"x": "slope"})
    {'value': 'value', '∂x': 'slope'}
    """
    hint = f"give column names by result, such as {{'{results[0]}': 'total'}}, or a list of {len(results)}"
    if names is None:
        return {name: name for name in results}
    if isinstance(names, (list, tuple)) and len(names) == len(results):
        names = dict(zip(results, names, strict=True))
    if not isinstance(names, Mapping) or not all(isinstance(x, str) for pair in names.items() for x in pair):
        raise GraphgradError(f"names= cannot be {quoted(names)}", hint=hint)
    columns = {name: name for name in results}
    for key, column in names.items():
        found = key if key in columns else partial_name(key)
        if found not in columns:
            raise GraphgradError(f"names= has '{key}', which is no result", hint=suggestion(key, columns, hint))
        columns[found] = column
    if len({*columns.values()}) < len(columns):
        raise GraphgradError("names= gives two new columns one name", hint=hint)
    return columns


def rows_of(graph: GraphData, given: Any, named: Mapping[str, Any] | None = None) -> Rows:
    """Return the inputs from a frame, or from a mapping of numbers, arrays and series; `named` are further ones.

    What is not given has the default of the program. Raises `UnknownNameError` for a name that is no input and for an
    input without a value, and `GraphgradError` for a column that is not of numbers and for operations on arrays.

    >>> from graphgrad import parse
    >>> rows_of(parse("tax = 1.08; x*tax").data, {"x": [1, 2]}).numbers
    {'tax': 1.08, 'x': array([1, 2])}
    """
    frame = frame_of(given) if is_frame(given) else None
    if frame is not None and (step := next((step for step in graph.steps if step.op.on_arrays), None)):
        message = f"{step.op.spoken or step.op.name} works on whole columns, and the result is not one for each row"
        hint = "give arrays by name: f(x=df['x'].to_numpy())"
        raise GraphgradError(message, hint=hint)
    values = dict(named or {}) if frame is not None else {**mapping_of(given, "the columns"), **(named or {})}
    choose_wrt(graph, values)  # raises an error for a name that is no input
    if frame is not None:
        values |= _columns_of(graph, frame, values)
    _refuse_missing(graph, values, frame)
    natives = {name: x for name, x in values.items() if is_series(x)}
    _refuse_other_indexes(natives, frame)
    columns = {name: read(name, x) for name, x in natives.items()}
    numbers = {
        name: columns[name].numbers if name in columns else _number_or_array(name, x) for name, x in values.items()
    }
    defaults = {name: _number_or_array(name, in_floats(x)) for name, x in graph.defaults.items() if name not in numbers}
    return Rows(defaults | numbers, frame, natives, any_null(columns.values()))


@dataclass(frozen=True, slots=True)
class Given:
    """What a user gives for a graph: a frame or columns by name, further inputs, and names of a frame's new columns.

    >>> from graphgrad import parse
    >>> Given(parse("x*y").data, {"x": [1, 2]}, {"y": 3}).apply(lambda rows: rows.numbers)
    {'x': array([1, 2]), 'y': 3.0}
    """

    graph: GraphData
    columns: Any
    named: Mapping[str, Any] = field(default_factory=dict)
    names: Any = None

    def apply(self, results: Callable[[Rows], dict[str, Any]]) -> Any:
        """Return what a function computes from rows, in their form: at once, or later for a lazy frame of Polars."""
        named = {name: unwrapped(x)[0] for name, x in self.named.items()}
        columns, wrap = _unwrapped(self.columns)

        def function(columns: Any) -> Any:
            rows = rows_of(self.graph, columns, named)
            return rows.given(results(rows), self.names)

        if not is_lazy(columns):
            return wrap(function(columns))
        for name, x in named.items():
            if is_column(x):
                message = f"'{name}' is a column, and the rows of the lazy frame are not known yet"
                raise GraphgradError(message, hint="give a number, or make it a column of the frame")
        return wrap(lazily(columns, function))


def _unwrapped(given: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return a frame or columns by name without narwhals, and what wraps the results as the frame or first series."""
    if not isinstance(given, Mapping):
        return unwrapped(given)
    _, wrap = unwrapped(next(filter(is_series, given.values()), None))
    return {name: unwrapped(x)[0] for name, x in given.items()}, lambda results: {
        name: wrap(x) for name, x in results.items()
    }


def on_columns(graph: GraphData, run: Run, at: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the value and the derivatives as series of the first series' library."""
    results = Given(graph, at).apply(lambda rows: values_and_partials(rows, run))
    value, *partials = results.values()
    return value, {name.removeprefix(partial_name("")): x for name, x in zip([*results][1:], partials, strict=True)}


def values_and_partials(rows: Rows, run: Run) -> dict[str, Any]:
    """Return the value and the derivatives under the names of their columns."""
    import numpy as np

    numbers = rows.numbers
    if not any(map(is_column, numbers.values())):  # every row is the same
        shape = () if rows.frame is None else (len(rows.frame),)
        numbers = {name: np.full(shape, x) for name, x in numbers.items()}
    value, grad = run(numbers)
    return {VALUE: value, **{partial_name(name): d for name, d in grad.items()}}


def without_nulls(at: Mapping[str, Any]) -> dict[str, Any]:
    """Return series as NumPy arrays for operations on whole arrays; raise `GraphgradError` where one holds a null."""
    arrays = {}
    for name, x in at.items():
        if is_frame(x):
            raise GraphgradError(f"'{name}' cannot be a frame", hint="give its numbers: df.to_numpy()")
        column = read(name, x) if is_series(x) else Column(x)
        if column.nulls is not None:
            row = int(column.nulls.argmax())
            message = f"the column '{name}' is null in row {row}, and the expression works on whole columns"
            raise GraphgradError(message, hint="fill or drop the nulls before")
        arrays[name] = column.numbers
    return arrays


def _columns_of(graph: GraphData, frame: Frame, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {*frame.names}
    for name in values:
        if name in names:
            raise GraphgradError(
                f"'{name}' is a column of the frame, and given as an argument, too", hint="leave one out"
            )
    return {name: frame.column(name) for name in graph.inputs if name in names}


def _refuse_missing(graph: GraphData, values: Mapping[str, Any], frame: Frame | None) -> None:
    used = {operand for step in graph.steps for operand in step.operands} | {graph.output}
    for name in graph.inputs:
        node = graph.node(name)
        if name in values or name in graph.defaults or node not in used:
            continue
        if frame is None:
            raise UnknownNameError(
                f"no value for '{name}'", graph.source, graph.spans[node], hint=f"give {_argument(name)}"
            )
        others = [column for column in frame.names if isinstance(column, str) and column not in graph.inputs]
        hint = suggestion(name, others, f"give it as an argument: f(df, {_argument(name)})")
        raise UnknownNameError(f"the frame has no column '{name}'", graph.source, graph.spans[node], hint=hint)


def _argument(name: str) -> str:
    return f"{name}=…" if name.isidentifier() else f"**{{{name!r}: …}}"


def _refuse_other_indexes(natives: Mapping[str, Any], frame: Frame | None) -> None:
    """Raise `GraphgradError` where series of pandas have other indexes: they would be computed by position."""
    indexes = [(f"'{name}'", x.index) for name, x in natives.items() if _has_index(x)]
    if frame is not None and _has_index(frame.native):
        indexes.insert(0, ("the frame", frame.native.index))
    for name, index in indexes[1:]:
        if not index.equals(indexes[0][1]):
            message = f"the indexes of {indexes[0][0]} and {name} differ"
            raise GraphgradError(message, hint="align them, or leave the indexes out: .reset_index(drop=True)")


def _has_index(native: Any) -> bool:
    return library_of(type(native)) == PANDAS and hasattr(native, "index")


def _number_or_array(name: str, x: Any) -> Any:
    if is_frame(x):
        raise GraphgradError(f"'{name}' cannot be a frame", hint="give the frame first: f(df)")
    if not is_column(x):
        return number_of(x, name)
    import numpy as np

    return as_column(np, name, x)
