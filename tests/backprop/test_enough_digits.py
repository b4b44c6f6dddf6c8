"""With a precision of N digits, the N digits that are shown are right, whatever cancels."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from mpmath import mp
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg
from graphgrad.backprop.passes import rational
from graphgrad.cli import main
from graphgrad.namespaces.display import digits, entries

CANCELLING: list[tuple[str, dict[str, Any], Any]] = [
    ("(exp(x) - 1)/x", {"x": "1e-15"}, lambda x: (mp.exp(x) - 1) / x),
    ("1 - cos(x)", {"x": "1e-30"}, lambda x: 1 - mp.cos(x)),
    ("(1 - cos(x))/x**2", {"x": "1e-8"}, lambda x: (1 - mp.cos(x)) / x**2),
    ("sqrt(x + 1) - sqrt(x)", {"x": "1e14"}, lambda x: mp.sqrt(x + 1) - mp.sqrt(x)),
    ("(x + y) - x", {"x": "1e40", "y": "0.1"}, lambda x, y: y),
    ("x - y", {"x": "0." + "1" * 60 + "2", "y": "0." + "1" * 61}, lambda x, y: x - y),
    ("x**2 - y**2", {"x": "100000000000000000001", "y": "1e20"}, lambda x, y: (x - y) * (x + y)),
    ("((1 + x) - 1)**2/x + 3*x", {"x": "1e-100"}, lambda x: 4 * x),
    ("log(1 + x)/x", {"x": "1e-50"}, lambda x: mp.log1p(x) / x),
    ("sin(x)", {"x": "1e300"}, mp.sin),
    ("where(1 - cos(x) > 0, 1, x)*x", {"x": "1e-30"}, lambda x: x),
    ("abs(1 - cos(x)) + 5*x", {"x": "1e-40"}, lambda x: 1 - mp.cos(x) + 5 * x),
    ("x/(1 - cos(x))", {"x": "1e-30"}, lambda x: x / (1 - mp.cos(x))),
    ("1/(exp(x) - 1) - 1/x", {"x": "1e-20"}, lambda x: 1 / mp.expm1(x) - 1 / x),
    ("cosh(x + y) - cosh(x)", {"x": "2.5", "y": "1e-30"}, lambda x, y: mp.cosh(x + y) - mp.cosh(x)),
]


def right(ours: Any, theirs: Any, count: int) -> bool:
    """Whether so many digits of a number are right."""
    exact = rational(theirs)
    return bool(abs(rational(ours) - exact) <= abs(exact) / 10**count)


@pytest.mark.parametrize("count", [5, 20, 60])
@pytest.mark.parametrize(("text", "at", "formula"), CANCELLING, ids=[line[0] for line in CANCELLING])
def test_all_digits_asked_for_are_right(text: str, at: dict[str, Any], formula: Any, count: int) -> None:
    """The value is mpmath's with a thousand digits, and so is each derivative, by differences."""
    result = gg.parse(text).backprop(at, precision=count)
    with mp.workdps(1_000):
        point = [mp.mpf(x) for x in at.values()]
        assert right(result.value, formula(*point), count)
        for i, name in enumerate(at):
            step = mp.mpf(10) ** -400
            sides = [formula(*point[:i], point[i] + h, *point[i + 1 :]) for h in (step, -step)]
            derivative = (sides[0] - sides[1]) / (2 * step)
            assert right(result.grad[name], derivative, min(count, 60)) or abs(derivative) < mp.mpf(10) ** -300
    assert not any("precision" in warning for warning in result.warnings)


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("sum(exp(x) - 1)", {"x": ["1e-30", "-1e-30"]}, "1e-60"),
        ("exp(x) - 1", {"x": ["1e-30", "1"]}, "[1e-30, 1.7182818284590452354]"),
        ("mean(x) - y", {"x": ["0.1", "0.2"], "y": "0.15000000000000000000000000000000000000001"}, "-1e-41"),
        ("sum(x*y)", {"x": ["1e30", "1", "-1e30"], "y": [1, "0.5", 1]}, "0.5"),
    ],
)
def test_the_entries_of_arrays_have_their_digits(text: str, at: dict[str, Any], value: str) -> None:
    """Each entry is judged by its own size."""
    assert entries(gg.parse(text).backprop(at, precision=20, seed=1).value) == value


def test_gradients_of_arrays_have_their_digits() -> None:
    """A derivative in which terms cancel is computed with more digits."""
    grad = gg.parse("sum(x + 1 - cos(x))/2 - sum(x)/2").backprop({"x": ["1e-30", "1e-40"]}, precision=20).grad["x"]
    assert entries(grad) == "[5e-31, 5e-41]"


@settings(max_examples=60)
@given(expressions(), points)
def test_any_formula_has_its_digits_or_says_so(text: str, at: dict[str, float]) -> None:
    """Twenty digits are those of a run with three hundred, except where a warning says which are not."""
    point = {name: Fraction(x) for name, x in gradient_or_reject(text, at).at.items()}
    graph = gg.parse(text)
    result, precise = (graph.backprop(point, precision=count) for count in (20, 300))
    if not any(warning.startswith("precision") for warning in (*result.warnings, *precise.warnings)):
        assert right(result.value, precise.value, 20)
        assert [name for name in result.grad if not right(result.grad[name], precise.grad[name], 20)] == []


@pytest.mark.parametrize(
    ("text", "at", "shown"),
    [
        ("x + y - x - y", {"x": 0.1, "y": 0.3}, "of the value all 20 digits are in doubt"),
        ("sin(pi*x)", {"x": 1}, "of the value all 20 digits are in doubt"),
        ("(x + y - x - y)*z + x", {"x": 0.1, "y": 0.3, "z": 2}, "of ∂/∂z all 20 digits are in doubt"),
        ("floor(x*y)", {"x": 0.29, "y": 100}, "floor(x*y) at column 1 is within rounding of a jump"),
        ("(1 - cos(x))*y", {"x": Fraction(1, 10**2000), "y": 1}, "of the value all 20 digits are in doubt"),
    ],
)
def test_at_the_cap_the_result_says_how_many_are_right(text: str, at: dict[str, Any], shown: str) -> None:
    """A 0 by cancellation never gets its digits: the result warns, and so does the check."""
    result = gg.parse(text).backprop(at, precision=20)
    assert any(shown in warning and warning.startswith("precision: ") for warning in result.warnings)
    assert any(shown in str(doubt) for doubt in result.check("local").doubts)


@pytest.mark.parametrize(("text", "at"), [("x - x", {"x": 0.1}), ("0*x", {"x": 0.1}), ("sin(x)", {"x": 0})])
def test_an_exact_zero_is_right(text: str, at: dict[str, Any]) -> None:
    """Where nothing is rounded, one run suffices."""
    result = gg.parse(text).backprop(at, precision=20)
    assert result.value == 0
    assert result.passes.kind.settings == {"exact": False, "precision": 20}
    assert result.warnings == ()


def test_numbers_come_in_the_precision_asked_for() -> None:
    """However many digits were computed with, a result has ten more than the precision, and shows the precision."""
    plain, cancelled = (gg.parse(text).backprop({"x": "1e-30"}, precision=20) for text in ("x + 1", "1 - cos(x)"))
    assert cancelled.value.context.dps == plain.value.context.dps == 30  # type: ignore[attr-defined]
    assert cancelled.grad["x"].context.dps == 30  # type: ignore[attr-defined]
    assert digits(cancelled.value) == "5e-61"
    arrays = gg.parse("1 - cos(x)").backprop({"x": ["1e-30"]}, precision=20, seed=1)
    assert np.ravel(arrays.value)[0].context.dps == 30


def test_a_run_with_more_digits_is_stored_and_checked() -> None:
    """JSON keeps the digits that were computed with, so that the numbers read back are the same, and are checked."""
    result = gg.parse("(1 - cos(x))/x**2").backprop({"x": "1e-30"}, precision=20)
    again = gg.from_json(result.to_json())
    assert again == result
    assert result.check().ok
    assert again.check().ok  # type: ignore[union-attr]
    with pytest.raises(gg.GraphgradError, match="a precision of"):
        gg.from_json(result.to_json().replace('"working": ', '"working": 9'))


def test_the_command_warns_of_missing_digits(capsys: pytest.CaptureFixture[str]) -> None:
    """The answer shows the right digits, and where there are none it says so."""
    assert main(["1-cos(x)", "--at", "x=1e-30", "--precision", "20", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["value"], answer["grad"], answer["warnings"]) == ("5e-61", {"x": "1e-30"}, [])
    assert main(["x+y-x-y", "--at", "x=0.1,y=0.3", "--precision", "20", "--check", "off"]) == 0
    assert "precision: of the value all 20 digits are in doubt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("x - 0.1", "x=0.1000000000000000000000000000000000000000000000000000001", "1e-55"),
        ("(1e60 + x) - 1e60", "x=1/3", "0.33333333333333333333"),
        ("sin(x)/y", "x=pi + 1e-60,y=1e-60", "-1"),
    ],
)
def test_values_in_text_have_all_digits_that_are_needed(
    text: str, at: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A value on the command line is the number that is written, not its first thirty digits."""
    main([text, "--at", at, "--precision", "20", "--check", "off"])
    assert f"value = {value}\n" in capsys.readouterr().out


def test_what_is_undefined_at_every_precision_is_refused() -> None:
    """A run with more digits finds the same fault, and the first one is reported."""
    with pytest.raises(gg.DomainError, match="1/0 is not defined"):
        gg.parse("1/(x - x)").backprop({"x": 0.1}, precision=20)
