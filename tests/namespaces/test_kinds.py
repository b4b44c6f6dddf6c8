"""Kinds of numbers: what each provides, and a new kind that is added by one file and its registration."""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intervals import INTERVALS, Interval

import graphgrad as gg
from graphgrad.backprop import backprop
from graphgrad.cli import answer_json
from graphgrad.draw import tree
from graphgrad.namespaces import FLOATS, FRACTIONS, KINDS, ManyDigits, fraction, kind_of, read, selected_kind

if TYPE_CHECKING:
    from graphgrad.namespaces import Kind

numbers = st.fractions(-1000, 1000)
COMPUTED: list[Kind] = [FLOATS, FRACTIONS, ManyDigits(30)]
each = pytest.mark.parametrize("kind", COMPUTED, ids=lambda kind: kind.name)


@each
@given(given=numbers)
def test_a_number_is_of_the_kind_that_read_it(kind: Kind, given: Fraction) -> None:
    """A number is taken by the kind that read it, and by no other."""
    assert type(kind_of(read(kind, given))) is type(kind)


@each
@given(given=numbers)
def test_a_number_in_json_reads_back(kind: Kind, given: Fraction) -> None:
    """A number read back from JSON is of the same kind, and is written as the same JSON."""
    number = read(kind, given)
    stored = json.loads(json.dumps(kind.to_json(number)))
    again = kind.from_json(stored, number)
    assert type(again) is type(number)
    assert kind.to_json(again) == stored


@each
@given(given=st.lists(numbers, min_size=1, max_size=4))
def test_an_array_in_json_reads_back(kind: Kind, given: list[Fraction]) -> None:
    """An array read back from JSON has the same entries of the same kind."""
    array = read(kind, [float(x) for x in given] if kind.dtype else given)
    stored = json.loads(json.dumps(kind_of(array).to_json(array)))
    again = kind_of(array).from_json(stored, array)
    assert again.dtype == array.dtype
    assert [type(x) for x in again] == [type(x) for x in array]
    assert kind_of(again).to_json(again) == stored


@each
def test_a_kind_is_found_again_by_its_settings(kind: Kind) -> None:
    """The settings of a kind that JSON stores select the same kind."""
    assert selected_kind(kind.settings) == kind
    assert copy.deepcopy(kind) == kind


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (1.1, Fraction(11, 10)),
        (3, Fraction(3)),
        ("1/3", Fraction(1, 3)),
        (Decimal("0.25"), Fraction(1, 4)),
        (Fraction(2, 3), Fraction(2, 3)),
        (mpmath.mpf("0.5"), Fraction(1, 2)),
        (np.float64(1.1), Fraction(11, 10)),
        (np.float32(0.5), Fraction(1, 2)),
        (np.int64(3), Fraction(3)),
        (True, Fraction(1)),
    ],
)
@each
def test_numbers_are_read_from_any_form(kind: Kind, given: Any, number: Fraction) -> None:
    """A float is the decimal that it is written as; NumPy's numbers are read like Python's."""
    assert fraction(given) == number
    if not isinstance(given, str) or kind is not FLOATS:
        value = gg.parse("2*x").backprop({"x": given}, **{key: kind.settings[key] for key in ("exact", "precision")})
        assert kind_of(value.value).rational(value.value) == pytest.approx(2 * number, rel=1e-16)


@pytest.mark.parametrize("given", ["abc", "nan", None, object(), math.nan, mpmath.inf, Decimal("NaN"), 1j])
@each
def test_what_is_no_number_is_refused(kind: Kind, given: Any) -> None:
    """Every kind gives an error with the input's name."""
    with pytest.raises(gg.DomainError, match="is not a finite number"):
        backprop(gg.parse("x").data, {"x": given}, kind=kind)


def test_a_seed_is_read_like_an_input() -> None:
    """A seed is converted to the kind of the passes, for example to many digits."""
    grad = gg.parse("3*x").backprop({"x": 1}, precision=30, seed="1/3").grad
    assert kind_of(grad["x"]).digits(grad["x"]) == "1"


@pytest.mark.parametrize("options", [{"exact": True}, {"precision": 20}])
@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 3), (2, 1)])
def test_what_was_broadcast_along_all_axes_gets_its_adjoint(options: dict[str, Any], shape: tuple[int, ...]) -> None:
    """The adjoint of an operand with axes of length 1 is summed back to its shape, in Python's numbers too."""
    x, y = np.full(shape, 2), np.arange(6).reshape(2, 3)
    grad = gg.parse("sum(x*y)").backprop({"x": x, "y": y}, **options).grad["x"]
    assert grad.shape == shape
    assert grad.sum() == y.sum()


def test_reading_arrays_of_many_digits_warns_of_nothing() -> None:
    """What a fresh interpreter imports on the way sets flags that are none of the caller's."""
    code = "import graphgrad as gg; gg.parse('sum(x)').backprop({'x': [1, 2]}, precision=20)"
    command = [sys.executable, "-W", "error", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == ""


def test_arrays_of_many_digits_are_checked_and_stored() -> None:
    """The check takes their entries, and numbers read back from JSON have the same precision."""
    result = gg.parse("sum(x*y)/3").backprop({"x": [1, 2], "y": [3, "1/3"]}, precision=30)
    report = result.check()
    assert report
    assert not report.not_attempted
    assert gg.from_json(result.to_json()) == result


# ---- a kind that the package does not have


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register intervals: one entry among the kinds."""
    monkeypatch.setattr("graphgrad.namespaces.kinds.KINDS", (INTERVALS, *KINDS))


registered = pytest.mark.usefixtures("_registered")
GRAPH = gg.parse("s = a*b + c; s**2/a")
AT = {"a": Interval(1.0, 2.0), "b": 3, "c": Interval(-1.0, 1.0)}


@registered
@given(st.floats(1, 2), st.floats(-1, 1))
def test_both_passes_compute_in_a_new_kind(a: float, c: float) -> None:
    """For inputs within the intervals, the value and each derivative lie within the resulting intervals."""
    wide: gg.Backprop[Any] = GRAPH.backprop(AT)
    single = GRAPH.backprop({"a": Fraction(a), "b": 3, "c": Fraction(c)}, exact=True)
    assert wide.value.low <= single.value <= wide.value.high
    assert all(wide.grad[name].low <= d <= wide.grad[name].high for name, d in single.grad.items())


@registered
def test_a_new_kind_is_shown() -> None:
    """It appears in the tree, in pictures of every format, in a page, in text and in an explanation."""
    result = gg.parse("a*b").backprop({"a": Interval(1.0, 2.0), "b": 3})
    assert "[1, 2]" in tree(result.passes)
    assert ">[1, 2]<" in result.render("svg").decode()
    for form in ("dot", "mmd", "tex", "graphml", "html"):
        assert "1, 2" in result.render(form).decode().replace("1.0, 2.0", "1, 2")
    assert "Intervals have no sliders" in result.render("html").decode()
    assert "At a = [1, 2], b = [3, 3]" in result.describe()
    assert "∂E/∂b = a = [1, 2]" in str(result.explain("b"))


@registered
def test_a_new_kind_is_stored() -> None:
    """The kind and its numbers read back from JSON; the command's JSON has the numbers as text."""
    result = GRAPH.backprop(AT)
    again = gg.from_json(result.to_json())
    assert isinstance(again, gg.Backprop)
    assert again == result
    assert again.grad == result.grad
    assert json.loads(answer_json(GRAPH, result, result.check()))["at"]["a"] == "[1.0, 2.0]"


@registered
def test_what_a_new_kind_does_not_support_is_reported() -> None:
    """The check by sympy, an undefined quotient and exact mode have clear messages."""
    assert str(GRAPH.backprop(AT).check()).endswith("not attempted: values: sympy has no intervals")
    with pytest.raises(gg.DomainError, match=r"\[1, 1\]/\[-1, 1\] is not defined"):
        gg.parse("1/c").backprop({"c": AT["c"]})
    with pytest.raises(gg.DomainError, match="is not a finite number"):
        GRAPH.backprop(AT, exact=True)
    with pytest.raises(gg.GraphgradError, match="only floats"):
        GRAPH.backprop(AT).ulps()
    with pytest.raises(gg.GraphgradError, match="elasticities and changes are for real numbers"):
        GRAPH.backprop(AT).sensitivity()
    with pytest.raises(gg.GraphgradError, match="errors are for real numbers"):
        GRAPH.backprop(AT).propagate({"a": 0.1})


@registered
def test_arrays_of_a_new_kind() -> None:
    """They are computed entry by entry, without code of the kind for arrays."""
    graph = gg.parse("sum(x*y)")
    passes = backprop(graph.data, {"x": [Interval(1.0, 2.0), 3], "y": 2}, kind=INTERVALS)
    assert kind_of(passes.value).short(passes.value) == "[8, 10]"
    assert kind_of(passes.grad["x"]).text(passes.grad["x"]) == "[[2.0, 2.0], [2.0, 2.0]]"
