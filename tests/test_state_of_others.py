"""State that belongs to others: it has no effect on a number, and is as it was afterwards."""

from __future__ import annotations

import decimal
import random
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from table import called, differentiable, points

import graphgrad as gg
from graphgrad.ops import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

mpmath = pytest.importorskip("mpmath")

ARRAYS: Final = {
    "norm(x)": [3.0, 4.0],
    "softmax(x)@x": [1.0, 2.0, 800.0],
    "mean(x)": [1e308, 1e308],
    "logsumexp(x)": [1e3, 2.0],
    "sum(exp(x))": [800.0, -800.0],
    "cross_entropy(softmax(x), 1)": [0.5, 0.25],
    "sum(lgamma(x)*digamma(x))": [1.5, 2.5, -0.3],
}


def few_digits() -> AbstractContextManager[Any]:
    """Set mpmath to 5 digits."""
    return mpmath.workdps(5)  # type: ignore[no-any-return]


def many_digits() -> AbstractContextManager[Any]:
    """Set mpmath to 100 digits."""
    return mpmath.workdps(100)  # type: ignore[no-any-return]


def strict_numpy() -> AbstractContextManager[Any]:
    """Let NumPy raise an error at each floating-point flag."""
    return np.errstate(all="raise")


def coarse_decimals() -> AbstractContextManager[Any]:
    """Set decimals to two digits, rounded up, within few exponents, and with traps."""
    traps = [decimal.Inexact, decimal.Rounded, decimal.FloatOperation, decimal.Subnormal, decimal.InvalidOperation]
    return decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_UP, Emax=5, Emin=-5, traps=traps))


@contextmanager
def strict_warnings() -> Iterator[None]:
    """Turn warnings into errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def state() -> tuple[Any, ...]:
    """Return all that others may have set."""
    contexts = str(decimal.getcontext()), str(decimal.DefaultContext)
    generators = hash(random.getstate()), str(np.random.get_state())  # noqa: NPY002  the global one is others'
    return mpmath.mp.prec, np.geterr(), contexts, [*warnings.filters], generators, sys.getrecursionlimit()


def numbers(text: str, at: dict[str, Any], wrt: list[str]) -> list[str]:
    """Return what every way of computing gives, to the last bit."""
    graph = gg.parse(text)
    told = []
    result = graph.backprop(at, wrt)
    told += [repr((result.value, result.grad)), str(result.check()), result.to_json(), str(result.warnings)]
    told.append(result.render("svg", engine="embedded").decode())
    if not any(isinstance(x, list) for x in at.values()):
        told.append(str(graph.backprop(at, wrt, precision=30).value))
        told += [graph.to_python(wrt), *(str(result.explain(name)) for name in wrt)]
        value, grad = graph.compile(wrt)(**{name: np.array([x, x]) for name, x in at.items()})
        told.append(repr((value, grad)))
    told.append(
        repr(graph.compile(wrt)(**{name: np.asarray(x) if isinstance(x, list) else x for name, x in at.items()}))
    )
    return told


@pytest.mark.parametrize("setting", [few_digits, many_digits, strict_numpy, coarse_decimals, strict_warnings])
@pytest.mark.parametrize(
    ("text", "at", "wrt"),
    [(called(op), points(op)[1], differentiable(op)) for op in NUMERIC.values() if op.arity]
    + [(text, {"x": x}, ["x"]) for text, x in ARRAYS.items()]
    + [("exp(x)*0.1234567", {"x": 800.0}, ["x"]), ("1/x**2", {"x": 1e200}, ["x"])],
)
def test_no_setting_of_others_matters(
    text: str, at: dict[str, Any], wrt: list[str], setting: Callable[[], AbstractContextManager[Any]]
) -> None:
    """Every number is the same to the last bit, and the setting is still the same."""
    usual = numbers(text, at, wrt)
    with setting():
        before = state()
        assert numbers(text, at, wrt) == usual
        assert state() == before
