"""Compute the coefficients of the schemes in `graphgrad/compile/functions`: minimax polynomials, by Remez's algorithm.

    python benchmarks/coefficients.py            # print all of them, with their errors
    python benchmarks/coefficients.py exp log    # some of them

Each polynomial has the least largest error relative to the function of which it is a part; its coefficients are then
rounded to doubles. E. Remez, C. R. Acad. Sci. 199, 1934; J.-M. Muller, Elementary Functions, 3rd ed., 2016, chapter 3.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import mpmath as mp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

DIGITS: Final = 60
GRID: Final = 60
"""Points per coefficient in which the largest errors are looked for."""

ROUNDS: Final = 12


@dataclass(frozen=True)
class Fit:
    """A polynomial to be found: `f` on an interval, by powers of x; `weight` makes the error that is to be least."""

    f: Callable[[Any], Any]
    powers: Sequence[int]
    weight: Callable[[Any], Any]
    low: Any
    high: Any

    def coefficients(self) -> tuple[list[float], float]:
        """Return the coefficients as doubles, of the first power first, and the largest weighted error."""
        found = [float(c) for c in self._remez()]
        return found, float(max(abs(self._error(x, found)) for x in self._grid()))

    def _error(self, x: Any, coefficients: Iterable[Any]) -> Any:
        return self.weight(x) * (self.f(x) - sum(c * x**n for c, n in zip(coefficients, self.powers, strict=True)))

    def _grid(self) -> list[Any]:
        """Return points that are denser at the ends, none of them 0."""
        count, middle, half = GRID * len(self.powers), (self.low + self.high) / 2, (self.high - self.low) / 2
        return [middle - half * mp.cos(mp.pi * (i + mp.mpf(1) / 3) / count) for i in range(count)]

    def _remez(self) -> Sequence[Any]:
        powers, grid, found = self.powers, self._grid(), list[Any]()
        values = [(x, self.weight(x) * self.f(x), self.weight(x)) for x in grid]
        nodes = [values[(2 * i + 1) * len(grid) // (2 * len(powers) + 2)] for i in range(len(powers) + 1)]
        for _ in range(ROUNDS):
            rows = [[w * x**n for n in powers] + [mp.mpf(-1) ** i] for i, (x, _, w) in enumerate(nodes)]
            *found, level = mp.lu_solve(mp.matrix(rows), mp.matrix([value for _, value, _ in nodes]))
            errors = [v - w * sum(c * x**n for c, n in zip(found, powers, strict=True)) for x, v, w in values]
            nodes = [values[i] for i in _alternation(errors, len(powers) + 1)] or nodes
            if max(map(abs, errors)) < abs(level) * (1 + mp.mpf(10) ** -4):
                break
        return found


def _alternation(errors: Sequence[Any], count: int) -> list[int]:
    """Return where the error is largest between its changes of sign; as many as asked for, none if there are fewer."""
    best: list[int] = []
    for i, error in enumerate(errors):
        if best and (error > 0) == (errors[best[-1]] > 0):
            best[-1] = i if abs(error) > abs(errors[best[-1]]) else best[-1]
        else:
            best.append(i)
    while len(best) > count:
        best.pop(0 if abs(errors[best[0]]) < abs(errors[best[-1]]) else -1)
    return best if len(best) == count else []


SLACK: Final = 1 + mp.mpf(2) ** -20
"""An interval ends a little after that of the reduced arguments, which are rounded."""

HALF_LOG_2: Final = mp.log(2) / 2 * SLACK
LOG_END: Final = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * SLACK

QUARTER_PI: Final = mp.pi / 4 * SLACK
QUARTER: Final = mp.mpf(SLACK) / 4


def of_square(f: Callable[[Any], Any], count: int, weight: Callable[[Any], Any], end: Any) -> Fit:
    """Return the polynomial of x² that is an even function f on -end ≤ x ≤ end."""
    return Fit(f, range(0, 2 * count, 2), weight, mp.mpf(10) ** -6, end)


def tail(value: Callable[[Any], Any], weight: Callable[[Any, Any], Any], numbers: Sequence[str], count: int) -> Fit:
    """Return the polynomial of a `Tail`, from its level, pole and middle and the ends of its interval."""
    level, pole, middle, low, high = map(mp.mpf, numbers)

    def x(t: Any) -> Any:
        return middle * (1 + t) / (1 - t)

    def f(t: Any) -> Any:
        return (x(t) + pole) * value(x(t)) - level

    ends = [(x - middle) / (x + middle) for x in (low, high)]
    return Fit(f, range(count), lambda t: weight(x(t), f(t) + level), *ends)


FITS: Final[dict[str, Fit]] = {
    "exp": Fit(lambda r: (mp.expm1(r) - r) / r**2, range(10), lambda r: r**2 / mp.exp(r), -HALF_LOG_2, HALF_LOG_2),
    "expm1": Fit(
        lambda r: (mp.expm1(r) - r - r**2 / 2) / r**3, range(10), lambda r: r**3 / mp.expm1(r), -HALF_LOG_2, HALF_LOG_2
    ),
    "exp2": Fit(
        lambda r: (2**r - 1 - r * mp.log(2)) / r**2,
        range(10),
        lambda r: r**2 / 2**r,
        -mp.mpf(SLACK) / 2,
        mp.mpf(SLACK) / 2,
    ),
    "exp10": Fit(
        lambda r: (10**r - 1 - r * mp.log(10)) / r**2,
        range(10),
        lambda r: r**2 / 10**r,
        -mp.log10(2) / 2 * SLACK,
        mp.log10(2) / 2 * SLACK,
    ),
    "log": Fit(
        lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, range(7), lambda z: z / 2, mp.mpf(0), LOG_END
    ),
    "log_in_two_parts": Fit(
        lambda z: ((2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z - mp.mpf(2) / 3) / z,
        range(8),
        lambda z: z**2 / 2,
        mp.mpf(0),
        LOG_END,
    ),
    "sinh": Fit(lambda z: (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, range(6), lambda z: z, mp.mpf(0), HALF_LOG_2**2),
    "cosh": Fit(lambda z: (mp.cosh(mp.sqrt(z)) - 1) / z, range(5), lambda z: z, mp.mpf(0), HALF_LOG_2**2),
    "inverse_cbrt": Fit(lambda f: f ** (-mp.mpf(1) / 3), range(7), mp.cbrt, 1 / mp.sqrt(8) / SLACK, mp.sqrt(8) * SLACK),
    "sine": of_square(lambda r: (mp.sin(r) - r) / r**3, 6, lambda r: r**3 / mp.sin(r), QUARTER_PI),
    "cosine": of_square(lambda r: (mp.cos(r) - 1 + r**2 / 2) / r**4, 6, lambda r: r**4 / mp.cos(r), QUARTER_PI),
    "atan": Fit(lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, range(12), lambda z: z, mp.mpf(0), QUARTER),
    "asin": Fit(lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, range(12), lambda z: z, mp.mpf(0), QUARTER),
    "erf": of_square(lambda x: mp.erf(x) / x - 1, 12, lambda x: x / mp.erf(x), mp.mpf("0.84375")),
    "normal_near_0": of_square(
        lambda x: ((mp.ncdf(x) - 0.5) / x - 1 / mp.sqrt(2 * mp.pi)) / x**2,
        8,
        lambda x: x**3 / mp.ncdf(-x),
        mp.mpf("0.66"),
    ),
    "erf_tail": tail(
        lambda x: mp.exp(x * x) * mp.erfc(x),
        lambda x, value: mp.erfc(x) / mp.erf(x) / value,
        ("0.65625", "0.6875", "2.25", "0.84375", "6"),
        13,
    ),
    "erfc_tail": tail(
        lambda x: mp.exp(x * x) * mp.erfc(x),
        lambda _, value: 1 / value,
        ("0.625", "0.6875", "3.5", "0.46875", "28"),
        22,
    ),
    "normal_tail": tail(
        lambda x: mp.exp(x * x / 2) * mp.ncdf(-x),
        lambda _, value: 1 / value,
        ("0.4609375", "0.96875", "4.75", "0.65", "39.5"),
        22,
    ),
}
"""The polynomials by the names that they have in the schemes' modules."""


def main(names: Sequence[str]) -> None:
    """Print the polynomials."""
    with mp.workdps(DIGITS):
        for name in names or FITS:
            coefficients, error = FITS[name].coefficients()
            print(f"{name}: error {error:.2g}, {error * 2**53:.3f} half units")
            print("".join(f"    {c!r},\n" for c in coefficients))


if __name__ == "__main__":
    main(sys.argv[1:])
