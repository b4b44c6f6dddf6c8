"""Convert keyword arguments to a frozen dataclass of options, and report misspelt names."""

from __future__ import annotations

import inspect
import math
from dataclasses import MISSING, fields
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from graphgrad.base.arguments import as_float
from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["options_from", "refuse_tolerance", "takes"]

Options = TypeVar("Options")
Function = TypeVar("Function", bound="Callable[..., object]")


def options_from(
    kind: type[Options],
    given: Mapping[str, object],
    *,
    error: type[GraphgradError] = GraphgradError,
    of: str = "",
    listed_as: str = "the options are",
) -> Options:
    """Return keyword arguments as a dataclass of options, whose `__post_init__` validates their values.

    Raises `error` for a name that is no option. `of` says in its message what the options are of, and `listed_as` is
    written before their list in its hint.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Page:
    ...     margin: float = 4.0
    >>> options_from(Page, {"margn": 2})
    Traceback (most recent call last):
    graphgrad.GraphgradError: there is no option 'margn'
    did you mean 'margin'?
    """
    known = _names(kind)
    for name in given:
        if name not in known:
            hint = suggestion(name, known, f"{listed_as}: {', '.join(known)}")
            raise error(f"there is no option '{name}'{of and f' of {of}'}", hint=hint)
    make: Callable[..., Options] = kind
    return make(**given)


def takes(kind: type) -> Callable[[Function], Function]:
    """Return a decorator that adds a dataclass's fields to a function's signature as keywords.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Page:
    ...     margin: float = 4.0
    >>> @takes(Page)
    ... def draw(path: str, **options): ...
    >>> inspect.signature(draw)
    <Signature (path: 'str', *, margin: 'float' = 4.0)>
    """

    def with_keywords(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        decorated: Any = function
        decorated.__signature__ = signature.replace(parameters=[*own, *map(_keyword, fields(kind))])
        return function

    return with_keywords


def _keyword(field: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if field.default is MISSING else field.default
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=field.type)


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def refuse_tolerance(tolerance: object) -> None:
    """Raise `GraphgradError` where a tolerance is not a finite number from 0 on.

    >>> refuse_tolerance("1e-8")
    Traceback (most recent call last):
    graphgrad.GraphgradError: tolerance = '1e-8' is not a number from 0 on
    """
    if not isinstance(tolerance, Real) or not 0 <= as_float(tolerance) < math.inf:
        raise GraphgradError(f"tolerance = {tolerance!r} is not a number from 0 on")
