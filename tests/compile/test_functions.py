"""Functions of columns by schemes: within 1 ulp of the exact value, the same bits in every vector, NumPy's ends."""

from __future__ import annotations

import math
import platform
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np
import pytest
from own_functions import compiled
from table import called

import graphgrad as gg
from graphgrad.compile import machine_code
from graphgrad.compile.functions.composed import SUMS
from graphgrad.compile.functions.numpy_lanes import computed
from graphgrad.compile.functions.table import FUNCTIONS
from graphgrad.compile.languages.numpy_ufuncs import UFUNCS, Ufuncs
from graphgrad.compile.machine_code import has_llvm
from graphgrad.namespaces import Floats, Mpmath
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Columns = tuple[NDArray[np.float64], ...]

EACH: Final = pytest.mark.parametrize("name", FUNCTIONS)
WITHIN_1_ULP: Final = pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in SUMS])
SUM: Final = pytest.mark.parametrize("name", SUMS)
needs_llvm = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")

BOUND: Final = 1.0
"""Units in the last place of the exact value."""

WIDE: Final = np.finfo(np.longdouble).nmant > 60
"""Whether a `long double` has digits enough to tell a unit in the last place of a double."""

DIGITS: Final = {"rem": 700}
"""Digits for the exact value where 50 are too few: the largest quotient of doubles has 632."""

MANY, FEW, WORST = 100_000, 2_000, 30
"""Points that are compared in `long double`; in 50 digits, where there is none; and of the former, again in these."""

ENDS: Final = (
    *(0.0, 5e-324, 2.0**-1022, 1e-300, 1e-17, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 10.0, 22.0, 64.0, 700.0, 709.0, 745.0),
    *(709.782712893384, 709.7827128933841, 745.1332191019411, 745.1332191019412, 708.3964185322641, 708.4, 1022.0),
    *(1023.0, 1024.0, 1074.0, 1075.0, 308.25471555991674, 308.2547155599168, 323.3, 323.6, 710.475860073943),
    *(710.4758600739439, 710.4758600739440, 1000.0, 2.0**31, 2.0**52, 2.0**53, 2.0**53 + 2, 1e17, 1e200, 1e308),
    *(1 - 2.0**-53, 1 + 2.0**-52, 1.7976931348623157e308, math.inf, math.nan),
)
"""Numbers at which functions begin, end, overflow and underflow, beside those with the other sign."""


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """Let NumPy compute beyond the range of doubles without a warning."""
    with np.errstate(all="ignore"):
        yield


def columns(name: str, count: int) -> Columns:
    """Return points of every size and sign, half of them of the sizes that are met most."""
    rng = np.random.default_rng(16)
    drawn = []
    for _ in range(OPS[name].arity):
        parts = count // 8
        usual = [rng.uniform(-2, 2, parts), rng.uniform(-40, 40, 2 * parts), rng.uniform(-750, 750, parts)]
        near_1 = 1 + rng.choice([-1, 1], parts) * 2 ** rng.uniform(-53, -1, parts)
        sizes = [2 ** rng.uniform(-30, 11, parts), 2 ** rng.uniform(-1074, 1024, count - 6 * parts)]
        signed = [size * rng.choice([-1, 1], len(size)) for size in sizes]
        drawn.append(rng.permutation(np.concatenate([*usual, near_1, *signed])))
    return tuple(drawn)


def ends(name: str) -> Columns:
    """Return every combination of the numbers at which something ends."""
    signed = np.array([sign * x for x in ENDS for sign in (1, -1)])
    return tuple(x.ravel() for x in np.meshgrid(*[signed] * OPS[name].arity))


def of_numpy(name: str, xs: Columns) -> NDArray[np.float64]:
    """Return what NumPy, SciPy or the operation's rule computes."""
    op, ufuncs = OPS[name], Ufuncs()
    return np.asarray(ufuncs.of(op)(*xs) if ufuncs.knows(op) else gg.parse(called(op)).compile([])(*xs)[0])


TAILS: Final = {"normcdf": mpmath.ncdf}
"""Functions of mpmath that are right where an operation's rule cancels at any number of digits."""


@cache
def exact(name: str, xs: tuple[float, ...]) -> Any:
    """Return the value to 50 digits, nan where there is none."""
    digits = DIGITS.get(name, 50)
    m = Mpmath(digits=digits)
    with mpmath.workdps(digits):
        numbers = [mpmath.mpf(x) for x in xs]
        try:
            return mpmath.mpf(TAILS[name](*numbers) if name in TAILS else m.value(OPS[name], numbers))
        except (ArithmeticError, TypeError, ValueError):
            return mpmath.mpf("nan")


def ulps(y: float, value: Any) -> float:
    """Return how far a double is from the value, in units of the double grid there."""
    if not mpmath.isfinite(value) or not value:
        return 0.0
    with mpmath.workdps(50):
        unit = mpmath.ldexp(1, max(mpmath.frexp(value)[1] - 53, -1074))
        return float(abs(mpmath.mpf(y) - value) / unit)


def rough_ulps(y: NDArray[np.float64], value: Any) -> Any:
    """Return the same for all rows, to some thousandths, for values of `long double`."""
    unit = np.ldexp(np.longdouble(1), np.maximum(np.frexp(value)[1] - 53, -1074))
    found = np.abs(y - value) / unit
    return np.where(np.isfinite(value) & np.isfinite(y) & (np.abs(value) < 2.0**1023), found, 0)


def largest_error(name: str, compute: Callable[..., NDArray[np.float64]]) -> float:
    """Return the largest error over many points, in ulp of the exact value."""
    if WIDE and name in UFUNCS:
        xs = columns(name, MANY)
        y = compute(*xs)
        value = getattr(np, UFUNCS[name])(*(x.astype(np.longdouble) for x in xs))
        rows = np.argsort(rough_ulps(y, value))[-WORST:]
    else:
        xs = columns(name, FEW)
        y, rows = compute(*xs), np.arange(FEW)
    return max(ulps(y[i], exact(name, tuple(float(x[i]) for x in xs))) for i in rows if np.isfinite(y[i]))


def bits(x: NDArray[np.floating[Any]]) -> bytes:
    """Return what cannot be told apart where arrays are the same; one nan is like another."""
    return np.where(np.isnan(x), math.nan, x).astype(x.dtype).tobytes()


@needs_llvm
@WITHIN_1_ULP
def test_machine_code_is_within_one_ulp(name: str) -> None:
    """Over the whole range of doubles."""
    assert largest_error(name, compiled(name)) <= BOUND


@WITHIN_1_ULP
def test_numpy_s_reading_is_within_one_ulp(name: str) -> None:
    """The same scheme without fused products and sums."""
    assert largest_error(name, lambda *xs: computed(FUNCTIONS[name], *xs)) <= BOUND


@SUM
@pytest.mark.parametrize("reading", [pytest.param("machine", marks=needs_llvm), "numpy"])
def test_a_sum_has_the_error_that_its_row_states(name: str, reading: str) -> None:
    """Where the terms of a formula cancel, the error is that of the terms."""
    op, xs = OPS[name], columns(name, FEW)
    y = compiled(name)(*xs) if reading == "machine" else computed(FUNCTIONS[name], *xs)
    for number, *operands in zip(y.tolist(), *(x.tolist() for x in xs), strict=True):
        assert abs(number - exact(name, tuple(operands))) <= 2.0**-52 * op.rounding_error(Floats(), number, *operands)


@needs_llvm
@EACH
def test_every_width_of_vectors_has_the_same_bits(name: str) -> None:
    """In 8, 4 and 2 lanes and in one alone, everywhere."""
    xs = tuple(np.concatenate([x, end]) for x, end in zip(columns(name, 20_000), ends(name), strict=True))
    found = bits(compiled(name)(*xs))
    assert [vector for vector in (32, 16, 8) if bits(compiled(name, 8, vector)(*xs)) != found] == []


@needs_llvm
@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="it is a processor of another kind")
@EACH
def test_an_older_processor_has_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where vectors are shorter, and masks and some instructions on integers are missing."""
    xs = tuple(np.concatenate([x, end]) for x, end in zip(columns(name, 20_000), ends(name), strict=True))
    found, older = bits(compiled(name)(*xs)), machine_code.Compiler()
    older.settings = {**older.settings, "cpu": "haswell", "features": ""}
    monkeypatch.setattr(machine_code, "compiler", lambda: older)
    monkeypatch.setenv("GRAPHGRAD_CACHE", "0")
    assert bits(compiled.__wrapped__(name)(*xs)) == found


@needs_llvm
@EACH
def test_a_row_has_the_same_bits_alone_as_in_a_vector(name: str) -> None:
    """What the other lanes compute does not matter, nor whether a rare computation is made for them."""
    xs = ends(name)
    whole = compiled(name)(*xs)
    alone = [compiled(name)(*(x[i : i + 1] for x in xs))[0] for i in range(len(whole))]
    assert bits(np.array(alone)) == bits(whole)


@EACH
@pytest.mark.parametrize("reading", [pytest.param("machine", marks=needs_llvm), "numpy"])
def test_what_is_no_number_and_no_normal_one_is_numpy_s(name: str, reading: str) -> None:
    """Zeros of both signs, infinities and nan come from the same rows; finite numbers are within the bound."""
    xs = ends(name)
    y = compiled(name)(*xs) if reading == "machine" else computed(FUNCTIONS[name], *xs)
    theirs = of_numpy(name, xs)
    special = ~np.isfinite(theirs) | (theirs == 0) | ~np.isfinite(y) | (y == 0)
    wrong = special & ~((y == theirs) & (np.signbit(y) == np.signbit(theirs)) | np.isnan(y) & np.isnan(theirs))
    assert [(*(x[i] for x in xs), y[i], theirs[i]) for i in np.flatnonzero(wrong)] == []
    rows = np.flatnonzero(~special)[:: OPS[name].arity ** 5]
    if name not in SUMS:
        assert max(ulps(y[i], exact(name, tuple(float(x[i]) for x in xs))) for i in rows) <= BOUND


@needs_llvm
@EACH
def test_single_precision_is_double_precision_rounded(name: str) -> None:
    """Columns of 32-bit floats are computed in doubles."""
    xs = tuple(x.astype(np.float32) for x in (*columns(name, 20_003),))
    expected = compiled(name)(*(x.astype(np.float64) for x in xs)).astype(np.float32)
    assert bits(compiled(name, 4)(*xs)) == bits(expected)
