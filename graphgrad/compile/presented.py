"""Present a compiled function: under the names of its inputs, with its attributes and methods."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.point.raw import raw_function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.compile.protocol import Compiled

__all__ = ["presented"]

POSITIONAL_OR_KEYWORD: Final = inspect.Parameter.POSITIONAL_OR_KEYWORD


class _ByName(partial[Any]):
    """A compiled function whose inputs cannot be names of Python parameters, or that has no fast path."""

    def __reduce__(self) -> Any:
        """Return the function to compile it again with, and its arguments."""
        method: Any = self.func
        return getattr, (method.__self__, "compiled")


def presented(fallback: Any) -> Compiled:
    """Return the function with its attributes: the fast path itself if its parameters have the names of the inputs."""
    inputs = fallback.graph.inputs
    function: Any = getattr(fallback.fast_path, "__func__", None)
    parameters = function.__code__.co_varnames[2 : 2 + len(inputs)] if function else ()
    presented: Any = fallback.fast_path
    if function is None or parameters != (*inputs[1:], *inputs[:1]):
        presented = function = _ByName(fallback.bound)
    else:
        function.__signature__ = _signature(inputs)
    function.__name__ = function.__qualname__ = "compiled"
    function.__doc__ = f"Value and gradient of {fallback.graph.source}."
    function.inputs, function.wrt = inputs, fallback.wrt
    is_small = fallback.fast_path and not fallback.run
    function.raw = raw_function(fallback) if is_small else fallback.run_as_tuple
    for method in (fallback.check, fallback.blame, fallback.map_frame, fallback.propagate, fallback.sensitivity):
        setattr(function, method.__name__, method)
    return presented  # type: ignore[no-any-return]


def _signature(inputs: Sequence[str]) -> inspect.Signature:
    """Return the parameters as a reader is to see them; a method's first one is not shown."""
    defaults = {**dict.fromkeys(inputs), "out": float, "names": None}
    shown = (inspect.Parameter(name, POSITIONAL_OR_KEYWORD, default=x) for name, x in defaults.items())
    return inspect.Signature([inspect.Parameter("_fallback", POSITIONAL_OR_KEYWORD), *shown])
