"""Passes with many digits, and the errors of floats in ulps."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from test_corpus import FORMULAS, each
from test_properties import expressions, gradient_or_reject, points

import graphgrad as gg
from graphgrad.backprop import rational
from graphgrad.cli import main
from graphgrad.namespaces import digits
from graphgrad.ops import NUMERIC


def is_near(ours: Any, theirs: str, scale: Decimal = Decimal(0)) -> bool:
    """Whether a number has the 40 digits of a reference; where terms cancel to 0, 40 digits of `scale`."""
    reference = Fraction(theirs)
    error = abs(rational(ours) - reference)
    return bool(error <= Fraction(1, 10**38) * (abs(reference) or Fraction(scale)))


@each(FORMULAS)
def test_the_corpus_has_its_forty_digits(line: dict[str, Any]) -> None:
    """With 50 digits, value and gradient have the published digits."""
    graph = gg.parse(line["expr"])
    for point in line["points"]:
        largest = max(abs(Decimal(d)) for d in point["grad"].values())
        result = graph.backprop(point["at"], point["grad"], precision=80)
        assert is_near(result.value, point["value"])
        assert [name for name, d in point["grad"].items() if not is_near(result.grad[name], d, largest)] == []


def test_a_float_stands_for_the_decimal_it_is_written_as() -> None:
    """The input 1.1 is eleven tenths, as in exact mode."""
    result = gg.parse("3*x").backprop({"x": 1.1}, precision=30)
    assert digits(result.value) == "3.3"


def test_all_digits_that_are_shown_are_right() -> None:
    """Rounding errors are confined to the guard digits."""
    for count in (5, 20, 50, 1000):
        result = gg.parse("sqrt(x)*sqrt(x)*exp(1)").backprop({"x": 2}, precision=count)
        with mpmath.workdps(count + 20):
            assert digits(result.value) == mpmath.nstr(2 * mpmath.e, count)


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_every_operation_runs_and_is_checked(op: Any) -> None:
    """Each operation has value and derivatives in many digits, and sympy agrees to 30 digits."""
    from graphgrad.printing import Notation, Text

    names = list("xyz"[: op.arity])
    graph = gg.parse(Notation().value(op, [Text(name) for name in names]).string)
    point = {name: op.domain(i).probes(5 + 2 * i)[3] for i, name in enumerate(names)}
    wrt = [name for i, name in enumerate(names) if op.rule(i) is not None]
    result = graph.backprop(point, wrt, precision=50)
    report = result.check()
    assert report, str(report)
    assert report.worst is None or report.worst.relative < 1e-25


@given(expressions(), points)
def test_floats_are_near_the_many_digits(text: str, at: dict[str, float]) -> None:
    """`ulps` is the distance between the same passes in floats and in many digits."""
    floats = gradient_or_reject(text, at)
    precise = gg.parse(text).backprop({name: Fraction(x) for name, x in floats.at.items()}, precision=50)
    distances = floats.ulps()
    assert floats.value == pytest.approx(float(precise.value), rel=1e-9, abs=1e-9)
    if precise.value and distances.value is not None:
        error = abs(Fraction(floats.value) - rational(precise.value))
        assert distances.value == pytest.approx(float(error / Fraction(math.ulp(float(precise.value)))))


def test_ulps_tell_good_rounding_from_bad() -> None:
    """A correctly rounded number is within half an ulp; a sum with cancellation is far off."""
    assert gg.parse("sqrt(x)").backprop({"x": 2}).ulps().value == pytest.approx(0.3, abs=0.2)
    bad = gg.parse("(1 - cos(x))/x**2").backprop({"x": 1e-7}).ulps()
    assert bad.value is not None
    assert bad.value > 1e10
    assert str(gg.parse("2*x").backprop({"x": 3}).ulps()) == "distance from 50 digits: value exact, ∂/∂x exact"


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("log(x)", -1, "log(-1) is not defined"),
        ("log(x)", 0, "log(0) is not defined"),
        ("1/x", 0, "1/0 is not defined"),
        ("sqrt(x)", 0, "the derivative of sqrt(x) by x is not finite"),
        ("(-8)**x", Fraction(1, 3), "is not defined"),
        ("exp(exp(x)) - exp(exp(x))*2", 100, "indeterminate"),
        ("x", "nan", "is not a finite number"),
        ("x", mpmath.inf, "is not a finite number"),
    ],
)
def test_faults_are_those_of_floats(text: str, at: Any, message: str) -> None:
    """An operation without a real value has the error of floats, with its operands."""
    with pytest.raises(gg.DomainError) as caught:
        gg.parse(text).backprop({"x": at}, precision=50)
    assert message in caught.value.message


def test_overflow_is_infinity_and_a_warning() -> None:
    """A number of more than sixty thousand digits counts as infinite, with a warning."""
    result = gg.parse("exp(exp(x))").backprop({"x": 100}, precision=30)
    assert mpmath.isinf(result.value)
    assert "overflow" in result.warnings[0]
    assert gg.parse("exp(-exp(x))").backprop({"x": 100}, precision=30).value == 0


def test_branches_and_kinks_are_those_of_floats() -> None:
    """The branch not taken has no effect, and a kink warns."""
    assert gg.parse("where(x > 0, log(x), 3*x)").backprop({"x": -1}, precision=30).grad == {"x": 3}
    assert "kink" in gg.parse("floor(x)*x").backprop({"x": 2}, precision=30).warnings[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": 0}, "a precision of 0 digits"),
        ({"precision": 10**6}, "a precision of 1000000 digits"),
        ({"precision": 1.5}, "a precision of 1.5 digits"),
        ({"precision": 5, "exact": True}, "exact fractions have no precision"),
    ],
)
def test_a_precision_is_a_number_of_digits(options: Any, message: str) -> None:
    """It lies between 1 and ten thousand, and excludes exact mode."""
    with pytest.raises(gg.GraphgradError, match=message):
        gg.parse("x").backprop({"x": 1}, **options)


def test_only_floats_have_ulps() -> None:
    """Passes in fractions or in many digits give an error."""
    for options in ({"exact": True}, {"precision": 20}):
        with pytest.raises(gg.GraphgradError, match="only floats"):
            gg.parse("x").backprop({"x": 1}, **options).ulps()


def test_analysis_and_pictures_take_many_digits() -> None:
    """Changes, errors and pictures take numbers of any precision."""
    result = gg.parse("x**2").backprop({"x": 3}, precision=40)
    change = result.sensitivity({"x": "+1"})["x"].change
    assert change is not None
    assert change.difference == 1
    assert result.propagate({"x": "10%"}).error == pytest.approx(1.8)
    assert ">9<" in result.render("svg").decode()


def test_numbers_of_chosen_precision_are_stored() -> None:
    """JSON has all digits, and loads back as numbers of the same precision."""
    result = gg.parse("s = x/3; s*exp(-s)").backprop({"x": "0.1"}, precision=50)
    again = gg.from_json(result.render("json").decode())
    assert isinstance(again, gg.Backprop)
    assert digits(again.value) == digits(result.value)
    assert {name: digits(d) for name, d in again.grad.items()} == {name: digits(d) for name, d in result.grad.items()}
    assert again.check()
    assert digits(result.value)[:48] in result.render("graphml").decode()


def test_the_command_writes_all_digits(capsys: pytest.CaptureFixture[str]) -> None:
    """`--precision` shows every digit, as text and as strings in JSON; `--ulps` measures the floats."""
    assert main(["x*sqrt(2)", "--at", "x=pi/4", "--precision", "50", "--check", "off"]) == 0
    assert "∂/∂x = 1.4142135623730950488016887242096980785696718753769\n" in capsys.readouterr().out
    assert main(["x/3", "--at", "x=1", "--precision", "40", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["value"] == "0." + "3" * 40
    assert answer["check"]["ok"] is True
    assert main(["x/3", "--at", "x=0.1", "--ulps", "--json"]) == 0
    assert 0 < json.loads(capsys.readouterr().out)["ulps"]["value"] < 2
