"""Tallies, sums and moments: parts of a table add up to the whole, however it is cut."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphgrad.tables.moments import Mean, Moments, Sum, moments_of
from graphgrad.tables.tally import FIRST, Finding, Point, Sample, Tally

FLOATS = st.floats(-1e6, 1e6, allow_subnormal=False)

TALLIES = st.builds(
    Tally,
    rows=st.integers(10, 20),
    columns=st.just(("x", "inf", "nan")),
    left_out=st.integers(0, 5),
    nulls=st.dictionaries(st.sampled_from("xyz"), st.integers(1, 5)),
    wrong=st.dictionaries(
        st.sampled_from("xyz"),
        st.builds(Finding, st.integers(1, 3), st.integers(0, 9), st.sampled_from(["n/a", "nan"])),
    ),
    not_finite=st.integers(0, 9),
    first=st.lists(st.builds(Point, st.integers(0, 9), st.just(0), st.just({"x": math.inf})), max_size=FIRST).map(
        tuple
    ),
    most_samples=st.just(4),
    samples=st.lists(
        st.builds(
            Sample, st.floats(0, 1), st.integers(0, 9), st.just(0), st.just({"x": 1.0}), st.just(1.0), st.just({})
        ),
        max_size=4,
    ).map(lambda samples: tuple(sorted(samples, key=lambda sample: sample[:3]))),
)


@given(TALLIES, TALLIES, TALLIES)
def test_adding_is_associative(a: Tally, b: Tally, c: Tally) -> None:
    """A tree of tallies gives that of a chain."""
    assert (a + b) + c == a + (b + c)


@given(TALLIES)
def test_an_empty_tally_changes_nothing(tally: Tally) -> None:
    """On either side."""
    assert Tally() + tally == tally == tally + Tally()


@given(TALLIES)
def test_a_tally_is_plain_data(tally: Tally) -> None:
    """JSON holds it, without numbers that JSON lacks."""
    assert Tally.from_dict(json.loads(json.dumps(tally.as_dict(), allow_nan=False))) == tally


@given(st.lists(FLOATS, min_size=1))
def test_sums_do_not_depend_on_their_order(numbers: list[float]) -> None:
    """Two floats hold the sum, so that both orders round to the same."""
    there, back = (reduce(add, map(Sum, order)).value for order in (numbers, numbers[::-1]))
    assert there == pytest.approx(float(sum(map(Fraction, numbers))), rel=1e-15, abs=1e-22)
    assert back == pytest.approx(there, rel=1e-15, abs=1e-22)


@pytest.mark.parametrize("numbers", [(math.inf, 1.0), (1.0, math.inf), (1e308, 1e308), (-math.inf, -1.0)])
def test_sums_may_be_infinite(numbers: tuple[float, float]) -> None:
    """An infinity stays one."""
    assert reduce(add, map(Sum, numbers)).value == sum(numbers)


@given(st.lists(FLOATS, min_size=1), st.data())
def test_means_add_up(numbers: list[float], data: st.DataObject) -> None:
    """The mean and the squares of the parts give those of the whole."""
    cut = data.draw(st.integers(0, len(numbers)))
    whole, parts = Mean.of(np.array(numbers)), Mean.of(np.array(numbers[:cut])) + Mean.of(np.array(numbers[cut:]))
    size = max(map(abs, numbers))
    assert parts.rows == whole.rows
    assert parts.mean == pytest.approx(whole.mean, abs=1e-12 * size)
    assert parts.squares == pytest.approx(whole.squares, rel=1e-9, abs=1e-12 * size**2)


def test_a_large_mean_costs_the_squares_no_digits() -> None:
    """The sum of squares less the square of the sum would lose all of them."""
    x = 1e9 + np.arange(1000) % 2
    parts = reduce(add, (Mean.of(part) for part in np.split(x, 50)))
    assert parts.squares == pytest.approx(250, rel=1e-9)


@pytest.mark.parametrize("sizes", [[100], [1, 99], [50, 50], [3] * 33 + [1]])
def test_moments_are_those_of_numpy(sizes: list[int]) -> None:
    """Whatever the parts."""
    random = np.random.default_rng(1)
    x, y = random.normal(5, 2, 100), random.normal(-1, 3, 100)
    f, partials = x * y, {"x": y, "y": x}
    cuts = np.cumsum(sizes)[:-1]

    def part(*arrays: Any) -> Any:
        return zip(*(np.split(array, cuts) for array in arrays), strict=True)

    found = [moments_of(f, {"x": b, "y": a}, {"x": a, "y": b}, {"x": 0.5}) for f, a, b in part(f, x, y)]
    total = reduce(add, [moments for moments in found if moments])
    assert total.value.mean == pytest.approx(f.mean())
    assert total.value.squares == pytest.approx(99 * f.var(ddof=1))
    assert (total.low, total.high) == (f.min(), f.max())
    assert total.total.value == pytest.approx(math.fsum(f))
    for name, own in {"x": x, "y": y}.items():
        moments = total.inputs[name]
        assert moments.own.squares == pytest.approx(99 * own.var(ddof=1))
        assert moments.products == pytest.approx(99 * np.cov(own, f)[0, 1])
        assert moments.partial.mean == pytest.approx(partials[name].mean())
        assert moments.elasticity.mean == pytest.approx(1)
    assert total.inputs["x"].variance == pytest.approx((0.5 * y) @ (0.5 * y))
    assert Moments.read(json.loads(json.dumps(total))) == total
