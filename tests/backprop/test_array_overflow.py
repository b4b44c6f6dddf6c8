"""Overflow within arrays: the error names the operation whose derivative is infinity times zero."""

from __future__ import annotations

from typing import Any, Final

import pytest

import graphgrad as gg

LARGE: Final[dict[str, Any]] = {"x": [[1.0, 2.0]], "w": [[1e3, 0.0], [0.0, 1e3]]}
INNER: Final = (
    *("x@w", "x*1000", "sum(x@w)", "transpose(x)*1000", "cumsum(x*1000)", "x[0]*1000"),
    *("conv(x[0]*1000, x[0])", "prod(x*1000)", "mean(x*1000)", "var(x*1000)"),
)
OUTER: Final = ("tanh(exp({}))", "log(exp({}))", "exp(-exp({}))", "atan(exp({}))", "1/exp({})")


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("outer", OUTER)
def test_the_operation_with_the_infinite_derivative_is_named(inner: str, outer: str) -> None:
    """Not one that the sweep comes to afterwards, as the product within."""
    text = f"sum({outer.replace('{}', inner)})"
    at = {name: LARGE[name] for name in gg.parse(text).inputs}
    with pytest.raises(gg.DomainError) as raised:
        gg.parse(text).backprop(at)
    assert str(raised.value).startswith(f"the derivative of exp({inner}) by {inner} is infinity times zero")
