"""Compute columns from columns: broadcasting, types, and results in the caller's arrays."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphgrad.base.arguments import quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.blocks import run
from graphgrad.compile.columns.merged_axes import merged_axes
from graphgrad.compile.columns.repeated_calls import CAST, COLUMN, SCALAR
from graphgrad.compile.columns.tabular import is_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.compile.columns.memory import Memory
    from graphgrad.compile.columns.ufunc_plan import Planner

__all__ = ["as_column", "columns", "is_column", "refuse_other_types"]

Results = tuple[Any, dict[str, Any]]


def is_column(value: Any) -> bool:
    """Whether an input's value is an array or series of any library, a list or a tuple, rather than a number."""
    return not _is_scalar(value) if hasattr(value, "shape") else isinstance(value, (list, tuple)) or is_series(value)


def _is_scalar(value: Any) -> bool:
    numpy = sys.modules.get("numpy")  # its scalars exist only once it is loaded
    return numpy is not None and isinstance(value, numpy.generic)


def columns(planner: Planner, at: Mapping[str, Any], wrt: Sequence[str], out: Any = None) -> Results:
    """Return value and gradient, row by row, for inputs of which some are NumPy arrays.

    Arrays are broadcast. The results have their common type, float64 for integers; they are nan outside an operation's
    domain and inf beyond the largest float. `out` is a `(value, grad)` of arrays to fill; a missing one or None is
    allocated. Raises `GraphgradError` where arrays do not fit.
    """
    np = planner.ufuncs.numpy
    given = {name: at.get(name, 0.0) for name in planner.tape.inputs}
    arrays = {name: as_column(np, name, x) for name, x in given.items() if is_column(x)}
    dtype, shape = _dtype(np, arrays), _shape(np, arrays)
    kinds = tuple(_kind(arrays.get(name), dtype) for name in given)
    inputs = [x if x.shape == shape else np.broadcast_to(x, shape) for x in arrays.values()]
    results = _Targets(planner.memory, shape, dtype, inputs).arrays(("value", *wrt), out)
    if results[0].size:
        fitting = merged_axes([*inputs, *results])
        plan = planner.runnable(kinds, fitting)
        with np.errstate(all="ignore"):
            numbers = plan.values([x for name, x in given.items() if name not in arrays], dtype)
        run(plan, fitting, numbers, planner.memory)
    return results[0], dict(zip(wrt, results[1:], strict=True))


def _kind(column: Any, dtype: Any) -> str:
    if column is None:
        return SCALAR
    return COLUMN if column.dtype == dtype else CAST


def _dtype(np: Any, arrays: Mapping[str, Any]) -> Any:
    for name, x in arrays.items():
        refuse_other_types(name, x)
    types = {x.dtype if x.dtype.kind == "f" else np.dtype(float) for x in arrays.values()}
    return types.pop() if len(types) == 1 else np.result_type(*types)


def refuse_other_types(name: str, array: Any) -> None:
    """Raise `GraphgradError` for an array that is not of floats, integers or booleans.

    >>> import numpy as np
    >>> refuse_other_types("x", np.array(["a"]))
    Traceback (most recent call last):
    graphgrad.GraphgradError: the column x is of type <U1
    give floats or integers
    """
    if array.dtype.kind not in "biuf":
        raise GraphgradError(f"the column {name} is of type {array.dtype}", hint="give floats or integers")


def as_column(np: Any, name: str, x: Any) -> Any:
    """Return an array; raise `GraphgradError` for what is none, and for a masked one, whose mask would be lost."""
    if type(x) is not np.ndarray and isinstance(x, np.ndarray) and np.any(getattr(x, "mask", False)):
        raise GraphgradError(f"the column '{name}' is masked in some rows", hint="fill them: x.filled(nan)")
    try:
        return np.asarray(x)
    except (TypeError, ValueError):
        raise GraphgradError(
            f"the column '{name}' cannot be {quoted(x)}", hint="give numbers, one for each row"
        ) from None


def _shape(np: Any, arrays: Mapping[str, Any]) -> tuple[int, ...]:
    shapes = {x.shape for x in arrays.values()}
    try:
        return shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)  # type: ignore[no-any-return]
    except ValueError:
        listed = ", ".join(f"{name} {x.shape}" for name, x in arrays.items())
        raise GraphgradError(f"the columns' shapes do not go together: {listed}") from None


def _pair(out: Any) -> tuple[Any, Mapping[str, Any]]:
    """Return the array for the value and those for the derivatives by name."""
    if out is None:
        return None, {}
    if not isinstance(out, tuple | list) or len(out) != len(("value", "grad")) or not isinstance(out[1], Mapping):
        raise GraphgradError(f"out= cannot be {quoted(out)}", hint="give (value, grad): an array, and arrays by name")
    return out[0], out[1]


@dataclass(frozen=True, slots=True)
class _Targets:
    """The results' arrays: of this shape and type, sharing no memory with inputs or each other."""

    memory: Memory
    shape: tuple[int, ...]
    dtype: Any
    inputs: Sequence[Any]

    def arrays(self, names: Sequence[str], out: Any) -> list[Any]:
        """Return the caller's arrays, and new ones for those missing."""
        value, grad = _pair(out)
        given = [value, *(grad.get(name) for name in names[1:])]
        for name in grad:
            if name not in names[1:]:
                raise GraphgradError(f"out= has an array for '{name}', by which nothing is differentiated")
        for i, (name, x) in enumerate(zip(names, given, strict=True)):
            if x is not None:
                self.refuse(name, x, given[:i])
        return [self.memory.empty(self.shape, self.dtype) if x is None else x for x in given]

    def refuse(self, name: str, x: Any, others: Sequence[Any]) -> None:
        """Raise `GraphgradError` where an array cannot hold the result."""
        if not isinstance(x, self.memory.numpy.ndarray) or (x.shape, x.dtype, x.flags.writeable) != (
            self.shape,
            self.dtype,
            True,
        ):
            raise GraphgradError(f"out= for {name} has to be a writable array of {self.dtype}, shape {self.shape}")
        if any(other is not None and self.memory.numpy.shares_memory(x, other) for other in (*self.inputs, *others)):
            raise GraphgradError(f"out= for {name} shares memory with another column", hint="give an array of its own")
