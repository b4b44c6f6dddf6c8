"""Propagate errors and measure sensitivities row by row, over arrays, series or a frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.inputs import choose_wrt
from graphgrad.backprop.written_amounts import written_amount
from graphgrad.base.arguments import mapping_of
from graphgrad.base.errors import GraphgradError
from graphgrad.base.public import public
from graphgrad.base.suggestion import suggestion
from graphgrad.compile.columns.row_errors import elasticities, propagated
from graphgrad.compile.columns.run_columns import as_column, is_column, refuse_other_types
from graphgrad.compile.columns.series import Column, any_null, read, unwrapped
from graphgrad.compile.columns.tabular import is_series
from graphgrad.compile.rows import VALUE, partial_name, values_and_partials
from graphgrad.namespaces.kinds import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.compile.rows import Given, Rows
    from graphgrad.graph.data import GraphData

    Run = Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]]

__all__ = [
    "ERROR",
    "RowPropagation",
    "RowSensitivity",
    "propagate_rows",
    "sensitivity_rows",
]

ERROR: Final = "error"
"""The name of the column of errors."""


def share_name(name: str) -> str:
    """Return the name of the column of an input's shares.

    >>> share_name("apple")
    'share apple'
    """
    return f"share {name}"


def elasticity_name(name: str) -> str:
    """Return the name of the column of elasticities by an input.

    >>> elasticity_name("apple")
    'elasticity apple'
    """
    return f"elasticity {name}"


@public
class RowPropagation(NamedTuple):
    """The value of each row with its error, a standard deviation, and each input's share in its variance.

    They are arrays, or series where the columns are series. The shares of a row add up to 1; they are nan where its
    variance is 0 or not finite.

    >>> from graphgrad import parse
    >>> rows = parse("x + y").compile().propagate({"x": [1, 2], "y": 3}, {"x": 3, "y": [4, 0]})
    >>> rows.value, rows.error, rows.shares["x"]
    (array([4., 5.]), array([5., 3.]), array([0.36, 1.  ]))
    """

    value: Any
    error: Any
    shares: dict[str, Any]


@public
class RowSensitivity(NamedTuple):
    """The value of each row, its derivative and its elasticity by each input, in percent per percent.

    They are arrays, or series where the columns are series. An elasticity is nan where the value is 0 or not finite.

    >>> from graphgrad import parse
    >>> parse("x**2").compile().sensitivity({"x": [1, 3]})
    RowSensitivity(value=array([1., 9.]), derivatives={'x': array([2., 6.])}, elasticities={'x': array([2., 2.])})
    """

    value: Any
    derivatives: dict[str, Any]
    elasticities: dict[str, Any]


def propagate_rows(given: Given, run_by: Callable[[tuple[str, ...]], Run], errors: Any) -> Any:
    """Return each row's error as `Compiled.propagate` says; `run_by` returns what computes certain derivatives."""
    errors = mapping_of(errors, "the errors", 'standard deviations by name: {"x": 0.5}')
    inputs = choose_wrt(given.graph, errors)
    _refuse_arrays(given.graph)
    import numpy as np

    run = run_by(inputs)

    def results(rows: Rows) -> dict[str, Any]:
        columns = {name: _sigma(rows, name, errors[name]) for name in inputs}
        computed = values_and_partials(rows, run)
        derivatives = {name: computed[partial_name(name)] for name in inputs}
        value = computed[VALUE]
        _refuse_other_shapes(value, columns)
        error, shares = propagated(derivatives, {name: column.numbers for name, column in columns.items()})
        found = {ERROR: error if inputs else np.zeros_like(value), **{share_name(x): y for x, y in shares.items()}}
        nulls = any_null([Column(value, rows.nulls), *columns.values()])  # the value has those of the rows alone
        return {VALUE: value, **{name: Column(x, nulls) for name, x in found.items()}}

    found = given.apply(results)
    if not isinstance(found, dict):
        return found
    return RowPropagation(found[VALUE], found[ERROR], {name: found[share_name(name)] for name in inputs})


def sensitivity_rows(given: Given, run: Run, wrt: tuple[str, ...]) -> Any:
    """Return each row's derivatives and elasticities as `Compiled.sensitivity` says."""
    _refuse_arrays(given.graph)

    def results(rows: Rows) -> dict[str, Any]:
        computed = values_and_partials(rows, run)
        derivatives = {name: computed[partial_name(name)] for name in wrt}
        inputs = dict.fromkeys(wrt, math.nan) | rows.numbers  # what the output does not use may have no value
        found = elasticities(computed[VALUE], derivatives, inputs)
        return computed | {elasticity_name(name): x for name, x in found.items()}

    found = given.apply(results)
    if not isinstance(found, dict):
        return found
    derivatives = {name: found[partial_name(name)] for name in wrt}
    return RowSensitivity(found[VALUE], derivatives, {name: found[elasticity_name(name)] for name in wrt})


def _refuse_arrays(graph: GraphData) -> None:
    if any(step.op.on_arrays for step in graph.steps):
        message = "errors and elasticities of columns are row by row, and the expression works on whole arrays"
        raise GraphgradError(message, hint="take numbers, or a part of the expression without operations on arrays")


def _refuse_other_shapes(value: Any, sigmas: dict[str, Column]) -> None:
    import numpy as np

    for name, sigma in sigmas.items():
        if np.shape(sigma.numbers) not in ((), np.shape(value)):
            shapes = f"{np.shape(sigma.numbers)}, and the value the shape {np.shape(value)}"
            raise GraphgradError(
                f"the error of {name} has the shape {shapes}", hint="give a number, or one for each row"
            )


def _sigma(rows: Rows, name: str, error: Any) -> Column:
    """Return the standard deviation of an input as a column: a number, an array, or a column with nulls."""
    import numpy as np

    is_named = rows.frame is not None and isinstance(error, str) and error in rows.frame.names
    column = rows.frame.column(error) if rows.frame is not None and is_named else unwrapped(error)[0]
    title = f"error of {name}"
    if is_series(column):
        rows.refuse_other_rows(title, column)
        sigma = read(title, column)
    elif is_column(column):
        sigma = Column(as_column(np, title, column))
        refuse_other_types(title, sigma.numbers)
    else:
        sigma = Column(_constant(rows, name, column))
    if np.any(np.less(sigma.numbers, 0)):
        raise GraphgradError(f"{name}: an error is negative", hint="a standard deviation is not")
    return sigma


def _is_text(name: Any) -> bool:
    return isinstance(name, str)


def _constant(rows: Rows, name: str, error: Any) -> Any:
    try:
        number, is_relative = written_amount(error, name, FLOATS)
    except GraphgradError:
        if rows.frame is None or not isinstance(error, str) or not error.isidentifier():
            raise
        hint = suggestion(error, filter(_is_text, rows.frame.names), "give a column, or an amount such as ±5%")
        raise GraphgradError(f"the frame has no column '{error}' for the error of {name}", hint=hint) from None
    if not (number >= 0 and math.isfinite(number)):
        raise GraphgradError(f"{name}: an error of {error} is none", hint="a standard deviation is not negative")
    return number / 100 * abs(rows.numbers.get(name, math.nan) * 1.0) if is_relative else number
