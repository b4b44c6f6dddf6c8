"""Call a compiled function on each partition of a frame of Dask, later, and where the partitions are."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from graphgrad.base.errors import GraphgradError
from graphgrad.compile.columns.run_columns import is_column
from graphgrad.compile.columns.tabular import is_series, library_name

__all__ = ["by_partition", "by_series", "is_partitioned"]


def is_partitioned(native: Any) -> bool:
    """Whether a frame or series is one of Dask.

    >>> import pandas
    >>> is_partitioned(pandas.DataFrame({"x": [1]}))
    False
    """
    kind = type(native)
    return library_name(kind) == "dask" and hasattr(kind, "map_partitions")


def by_partition(function: Any, method: str, native: Any, options: Mapping[str, Any]) -> Any:
    """Return a frame of Dask with a method of a compiled function called on each partition, once it is computed.

    It is called at once with a frame of the same columns without rows, so that it can refuse them.

    Raises `GraphgradError` for a column among the options.
    """
    mappings = [options, *(x for x in options.values() if isinstance(x, Mapping))]
    for name, x in chain.from_iterable(mapping.items() for mapping in mappings):
        if name != "names" and (is_column(x) or is_series(x)):
            message = f"'{name}' is a column, and the rows of the partitions are not known yet"
            raise GraphgradError(message, hint="give a number, or make it a column of the frame")
    call = _Call(pickle.dumps(function), method, dict(options))
    return native.map_partitions(call, meta=call(native._meta))  # noqa: SLF001  what Dask calls the frame without rows


def by_series(function: Any, wrt: Sequence[str], at: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return value and gradient as series of Dask, for inputs of which some are; the others are numbers.

    Dask brings the rows of the series together, by their index. Raises `GraphgradError` for other columns among them.
    """
    series = {name: x for name, x in at.items() if is_partitioned(x)}
    numbers = {name: x for name, x in at.items() if name not in series}
    (first, column), *others = series.items()
    frame = column.to_frame(name=first).assign(**dict(others))
    free = "∂" * (1 + max(map(len, at)))  # longer than the names of inputs, so that it is none of them
    names = {"value": free, **{name: f"{free}{name}" for name in wrt}}
    results = by_partition(function, "map_frame", frame, {"at": numbers, "names": names})
    value, *partials = (results[name] for name in names.values())
    renamed = (partial.rename(f"∂{name}") for name, partial in zip(wrt, partials, strict=True))
    return value.rename("value"), dict(zip(wrt, renamed, strict=True))


class _Call:
    """A call of a compiled function's method with a partition; it travels as the formula, not as code."""

    def __init__(self, function: bytes, method: str, options: dict[str, Any]) -> None:
        self.function, self.method, self.options = function, method, options

    def __call__(self, partition: Any) -> Any:
        return getattr(_loaded(self.function), self.method)(partition, **self.options)

    def __dask_tokenize__(self) -> tuple[Any, ...]:
        """Return what tells this call from others, for the keys of Dask's tasks."""
        return self.function, self.method, repr(self.options)


@lru_cache(maxsize=32)
def _loaded(function: bytes) -> Any:
    """Return a compiled function, compiled once in a process for all its partitions."""
    return pickle.loads(function)  # noqa: S301  the client made it of a formula
