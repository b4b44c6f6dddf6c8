"""Sine and cosine of one column, computed together in NumPy: within 1 ulp, and NumPy's own where that is better."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import graphgrad as gg
from graphgrad.compile.columns import ufunc_plan as plan
from graphgrad.compile.functions import numpy_turns
from graphgrad.compile.functions.numpy_turns import FEWEST, LARGE, SineAndCosine

ROWS = 2 * numpy_turns.ROWS + 5


def both(x: Any) -> tuple[Any, Any]:
    """Return sine and cosine of a column."""
    sine, cosine = np.empty_like(x), np.empty_like(x)
    SineAndCosine(np)(x, sine, cosine)
    return sine, cosine


def largest_error(name: str, x: Any, found: Any) -> float:
    """Return the largest error in units in the last place."""
    with mpmath.workdps(60):
        exact = [getattr(mpmath, name)(mpmath.mpf(float(number))) for number in x]
        units = [mpmath.ldexp(1, mpmath.frexp(y)[1] - 53) for y in exact]
        return float(max(abs(float(z) - y) / unit for z, y, unit in zip(found, exact, units, strict=True)))


@pytest.mark.parametrize("size", [3.0, 100.0, 0.99 * LARGE])
def test_both_are_within_one_ulp(size: float) -> None:
    """In all quadrants, and next to the multiples of π/2."""
    rng = np.random.default_rng(1)
    multiples = np.round(rng.uniform(-size, size, FEWEST) / (np.pi / 2)) * (np.pi / 2)
    x = np.concatenate([rng.uniform(-size, size, FEWEST), multiples])
    sine, cosine = both(x)
    rows = slice(0, None, 5)
    assert largest_error("sin", x[rows], sine[rows]) <= 1
    assert largest_error("cos", x[rows], cosine[rows]) <= 1


def test_zeros_keep_their_signs() -> None:
    """And the smallest numbers their values."""
    x = np.resize([0.0, -0.0, 5e-324, -1e-310], FEWEST)
    sine, cosine = both(x)
    assert sine.tobytes() == x.tobytes()
    assert (cosine == 1).all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, 2 * LARGE, 1e300])
def test_rows_beyond_the_range_are_numpy_s(odd: float) -> None:
    """All rows computed together with them, and none else."""
    x = np.linspace(-3, 3, ROWS)
    x[1] = odd
    with np.errstate(invalid="ignore"):
        sine, cosine = both(x)
        same = slice(0, numpy_turns.ROWS)
        assert np.array_equal(sine[same], np.sin(x[same]), equal_nan=True)
        assert np.array_equal(cosine[same], np.cos(x[same]), equal_nan=True)
        assert largest_error("sin", x[-9:], sine[-9:]) <= 1


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("text", ["sin(x*y)*y", "cos(x*y)**2 + sin(x*y)", "tan(x)*cos(y) + sin(y)"])
def test_plans_without_machine_code_agree_with_one_point(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: type[np.floating[Any]]
) -> None:
    """Value and gradient, in blocks of which the last is short, with operands that are used again and that are not."""
    monkeypatch.setattr(plan, "has_llvm", lambda: False)
    rng = np.random.default_rng(2)
    at = {name: rng.uniform(-2, 2, 3 * FEWEST + 7).astype(kind) for name in "xy"}
    f = gg.parse(text).compile()
    value, grad = f(**at)
    digits = 1e-12 if kind is np.float64 else 1e-5
    for row in (0, 1, FEWEST, -1):
        one, slopes = f(**{name: float(column[row]) for name, column in at.items()})
        assert value[row] == pytest.approx(one, rel=digits, abs=digits)
        assert {name: column[row] for name, column in grad.items()} == pytest.approx(slopes, rel=digits, abs=digits)


def test_a_plan_computes_both_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where value or derivatives need both."""
    monkeypatch.setattr(plan, "has_llvm", lambda: False)
    calls = []
    monkeypatch.setattr(SineAndCosine, "__call__", lambda _self, *xs: calls.append(len(xs)))
    gg.parse("sin(x)").compile()(x=np.ones(9))
    assert calls == [3]
