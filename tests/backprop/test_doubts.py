"""The digits in doubt: how many, of which number, lost at which node and magnified by which operation."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.backprop.doubts import doubts
from graphgrad.backprop.error_bound import JUDGED
from graphgrad.cli import main

U = Fraction(1, 2**53)
CORPUS = Path(__file__).parents[1] / "data" / "open.jsonl"


def doubts_of(text: str, at: dict[str, Any], **how: Any) -> dict[str, gg.Doubt]:
    """Return the doubts of the report on both passes at a point, by subject."""
    report = gg.parse(text).backprop(at, **how).check("local")
    return {doubt.subject: doubt for doubt in report.doubts}


CANCELLED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("(1e16+x)-1e16", {"x": 1}, 16, "1e16+x at column 2", "the difference at column 9"),
    ("sqrt(x+1)-sqrt(x)", {"x": 1e14}, 15, "sqrt(x+1) at column 1", "the difference at column 10"),
    ("(1-cos(x))/x**2", {"x": 1e-8}, 16, "cos(x) at column 4", "the difference at column 3"),
    ("(exp(x) - 1)/x", {"x": 1e-15}, 15, "exp(x) at column 2", "the difference at column 9"),
    ("x**2-y**2", {"x": 100000001, "y": 1e8}, 8, "x**2 at column 1", "the difference at column 5"),
    ("s = x*y; t = s-z; t*2", {"x": 1 / 3, "y": 3, "z": 1 - 1e-14}, 14, "s at column 5", "the difference at column 15"),
    (
        "s = a*b\nt = s + c\nt - d",
        {"a": 0.1, "b": 3.3, "c": 0.1, "d": 0.43},
        16,
        "t at line 2, column 5",
        "line 3, column 3",
    ),
    ("3*(x*y + z)", {"x": 0.1, "y": 3, "z": -0.3}, 16, "x*y at column 4", "the sum at column 8"),
    ("sin(x*y)", {"x": 1e15 / 3, "y": 1.1}, 14, "x*y at column 5", "the sin at column 1"),
    ("sin(pi)*x", {"x": 1}, 16, "pi at column 5", "the sin at column 1"),
    ("sum(x - mean(x))", {"x": [0.1, 0.2, 0.5]}, 16, "mean(x) at column 9", ""),
    ("sum(exp(x)-exp(y))", {"x": [1, 2], "y": [1, 2]}, 16, "exp(x) at column 5", ""),
]


@pytest.mark.parametrize(
    ("text", "at", "digits", "rounded", "magnifier"), CANCELLED, ids=[line[0] for line in CANCELLED]
)
def test_the_node_at_which_digits_are_lost_is_named(
    text: str, at: dict[str, Any], digits: int, rounded: str, magnifier: str
) -> None:
    """The sentence has the number of digits, the node that is rounded, and the operation that magnifies it."""
    doubt = doubts_of(text, at)["value"]
    assert (doubt.digits, doubt.of) == (digits, 16)
    assert doubt.cause.startswith(f"the rounding of {rounded}"), doubt.cause
    assert magnifier in doubt.cause
    assert str(doubt).startswith(
        f"of the value {'all' if digits == 16 else f'about {digits} of'} 16 digits are in doubt"
    )


@pytest.mark.parametrize(
    ("text", "at", "subject", "rounded"),
    [
        ("sqrt(x+1)-sqrt(x)", {"x": 1e14}, "∂/∂x", "sqrt(x) at column 11"),
        ("(exp(x)-1)/x", {"x": 1e-15}, "∂/∂x", "exp(x) at column 2"),
        ("sin(x*y)", {"x": 1e15 / 3, "y": 1.1}, "∂/∂y", "x*y at column 5"),
        ("mean_squared_error(tanh(x), y)", {"x": [1, 2], "y": np.tanh([1, 2])}, "∂/∂x[0]", "tanh(x) at column 20"),
    ],
)
def test_gradients_are_doubted_as_values_are(text: str, at: dict[str, Any], subject: str, rounded: str) -> None:
    """What cancels on the way back is named as well."""
    assert doubts_of(text, at)[subject].cause.startswith(f"the rounding of {rounded}")


@pytest.mark.parametrize(
    ("text", "at", "how"),
    [
        ("x*y + sin(x)", {"x": 0.3, "y": 0.7}, {}),
        ("x - y", {"x": 0.3, "y": 0.3 + 2**-52}, {}),  # floats that lie near each other have an exact difference
        ("(x + y) - x", {"x": 10**15, "y": 1}, {}),  # small integers are exact
        ("exp(-x)", {"x": 1000}, {}),  # an underflow loses no digits of another number
        ("exp(x)", {"x": 800}, {}),
        ("sqrt(x + 1) - sqrt(x)", {"x": 10**8 - 1}, {"precision": 30}),
        ("(x + y) - x", {"x": 10**16, "y": 1}, {"exact": True}),
        ("sum(x*y)", {"x": [0.1, 0.2], "y": [3, 4]}, {}),
    ],
)
def test_nothing_is_doubted_where_nothing_is_lost(text: str, at: dict[str, Any], how: dict[str, Any]) -> None:
    """A report has no doubts where each number has nearly all of its digits, or none that rounding took."""
    assert doubts_of(text, at, **how) == {}


def test_of_the_corpus_exactly_what_lost_digits_may_be_doubted() -> None:
    """No number of the corpus has lost more digits than the report says, against the published ones."""
    doubted = 0
    for line in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()):
        for point in line["points"]:
            result = gg.parse(line["expr"]).backprop({name: float(x) for name, x in point["at"].items()})
            found = {doubt.subject: doubt.digits for doubt in doubts(result.passes)}
            doubted += len(found)
            numbers = {"value": (result.value, point["value"])}
            numbers |= {f"∂/∂{name}": (result.grad[name], point["grad"][name]) for name in point["grad"]}
            for subject, (ours, right) in numbers.items():
                lost = abs(Fraction(ours) - Fraction(right)) / (abs(Fraction(ours)) or 1)
                allowed = found.get(subject, 3) + math.log10(JUDGED) + 0.5  # the digits are rounded to a whole number
                assert lost <= U * Fraction(10**allowed) or lost < Fraction(1, 10**39), (line["expr"], subject)
    assert doubted > 0


@pytest.mark.parametrize(
    ("text", "at", "jumps"),
    [
        ("floor(x*y)", {"x": 0.29, "y": 100}, True),
        ("where(x*10 >= y*3, x, y)", {"x": 0.3, "y": 1}, True),
        ("x - y*floor(x/y)", {"x": 0.3, "y": 0.1}, True),
        ("abs(x*y - z)", {"x": 0.1, "y": 3, "z": 0.3}, True),
        ("floor(x)", {"x": 2}, False),
        ("abs(x - y)", {"x": 0.3, "y": 0.3}, False),
        ("where(x > y, x, y)", {"x": 0.3, "y": 0.1}, False),
        ("max(x*y, z)", {"x": 0.1, "y": 3, "z": 0.5}, False),
    ],
)
def test_a_decision_within_rounding_is_doubted(text: str, at: dict[str, float], jumps: bool) -> None:
    """Where rounding may have taken the other side, the report says so, and how floats are read."""
    found = [doubt for doubt in gg.parse(text).backprop(at).check("local").doubts if "a jump" in doubt.cause]
    assert bool(found) == jumps
    assert all("floats are the binary numbers that they are" in doubt.cause for doubt in found)


def test_the_command_says_what_is_in_doubt(capsys: pytest.CaptureFixture[str]) -> None:
    """The doubts stand below the verdict, and in JSON with digits, node and span."""
    argv = ["(1e16+x)-1e16", "--at", "x=1"]
    assert main(argv) in (0, 1)
    assert "\n  of the value all 16 digits are in doubt: the rounding of 1e16+x at column 2" in capsys.readouterr().out
    main([*argv, "--json"])
    [doubt] = json.loads(capsys.readouterr().out)["check"]["doubts"]
    assert (doubt["subject"], doubt["digits"], doubt["of"], doubt["node"], doubt["span"]) == (
        "value",
        16,
        16,
        2,
        [1, 7],
    )
