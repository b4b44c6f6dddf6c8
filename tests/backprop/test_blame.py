"""Blame: what made a value or a derivative nan, infinite, 0 or huge."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scripts import script

import graphgrad as gg
from graphgrad.cli import main

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the benchmark as a module."""
    return script("benchmarks/blame.py")


def test_planted_causes_are_named(benchmark: ModuleType) -> None:
    """Of 100 planted causes of nan, infinite and 0, in values and derivatives, 95 are named."""
    causes = list(islice(benchmark.planted(), 100))
    assert len(causes) == 100
    assert sum(map(benchmark.is_named, causes)) >= 95


def test_nothing_is_blamed_where_nothing_is_wrong(benchmark: ModuleType) -> None:
    """No number of the corpus that is neither infinite nor 0 has a blame."""
    assert benchmark.false_blames() == []


SENTENCES = [
    ("relu(x)*y", {"x": -3, "y": 2}, "∂/∂x", "∂/∂x is 0 because relu(x) at column 1 is flat at x = -3"),
    ("relu(x)*y", {"x": -3, "y": 2}, "∂/∂y", "∂/∂y is 0 because relu(x) at column 1 is flat at x = -3"),
    ("E = x*y", {"x": 3, "y": 0}, "∂/∂x", "∂E/∂x is 0 because E at column 6 has the operand y = 0"),
    (
        "max(x, y)",
        {"x": 3, "y": 4},
        "∂/∂x",
        "∂/∂x is 0 because max(x, y) at column 1 takes another operand at x = 3, y = 4",
    ),
    (
        "where(x > 0, y, z)",
        {"x": 3, "y": 4, "z": 5},
        "∂/∂z",
        "∂/∂z is 0 because where(x > 0, y, z) at column 1 does not take z",
    ),
    (
        "tanh(x)*2",
        {"x": 1000},
        "∂/∂x",
        "∂/∂x is 0 because tanh(x) at column 1 has a derivative that underflows to 0 at x = 1000",
    ),
    ("y = 2; x = 3; y*3", {}, "∂/∂x", "∂/∂x is 0 because the output does not depend on x"),
    (
        "exp(-x**2)",
        {"x": 40},
        "value",
        "the value is 0 because exp(-x**2) at column 1 underflows to 0 at -x**2 = -1600",
    ),
    ("a*exp(x) + 1", {"a": 2, "x": 800}, "∂/∂a", "∂/∂a is infinite because exp(x) at column 3 overflows at x = 800"),
    (
        "y*x**60 + 3",
        {"x": 1e4, "y": 2},
        "∂/∂x",
        "∂/∂x is huge because x**60 at column 4 is 1e+240 at x = 10000",
    ),
    (
        "y/(x - 1)",
        {"x": 1 + 1e-12, "y": 2},
        "∂/∂x",
        "∂/∂x is huge because x - 1 at column 6 changes by 1e+12 % per % of x at x = 1",
    ),
]


@pytest.mark.parametrize(("text", "at", "of", "sentence"), SENTENCES)
def test_a_sentence_says_what_and_where(text: str, at: dict[str, float], of: str, sentence: str) -> None:
    """The cause is named with its place and the values that it had."""
    blames = {blame.of: blame for blame in gg.parse(text).backprop(at).blame}
    assert blames[of].sentence == sentence


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x**2", {"x": 0}),
        ("cos(x)", {"x": 0}),
        ("x - x", {"x": 3}),
        ("(x - y)**2", {"x": 3, "y": 3}),
        ("sin(x)*y", {"x": 0, "y": 0}),
        ("x*y", {"x": 1e150, "y": 1e-150}),
        ("log(x)", {"x": 1}),
        ("abs(x)", {"x": 0}),
    ],
)
def test_a_zero_that_is_right_is_no_fault(text: str, at: dict[str, float]) -> None:
    """A stationary point, terms that cancel, and an input that is 0 have no blame, or only that factor."""
    assert [blame for blame in gg.parse(text).backprop(at).blame if "has the operand" not in blame.sentence] == []


def test_the_path_is_lit_in_every_picture() -> None:
    """The node to blame and the edges from it are lit; with blame=False they are not."""
    result = gg.parse("relu(x*w)*v").backprop({"x": 2, "w": -3, "v": 1})
    marks = {
        "svg": 'class="gg-operation gg-blamed"',
        "dot": "#e00030",
        "tex": "draw=blamed",
        "mmd": "stroke:#e00030",
        "html": "gg-operation gg-blamed",
    }
    for form, mark in marks.items():
        assert mark in result.render(form).decode()
    assert 'class="gg-operation gg-blamed"' not in result.render("svg", blame=False).decode()
    assert "blamed" not in gg.parse("x*w").backprop({"x": 2, "w": -3}).render("svg").decode().split("</style>")[1]


def test_the_command_says_it_in_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentences follow the warnings; JSON has them with their spans."""
    arguments = ["relu(x)*y", "--at", "x=-3,y=2", "--wrt", "x", "--check", "off"]
    assert main(arguments) == 0
    assert "∂/∂x is 0 because relu(x) at column 1 is flat at x = -3\n" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    blame = json.loads(capsys.readouterr().out)["blame"]
    assert [(each["of"], each["state"], each["span"]) for each in blame] == [
        ("value", "zero", [0, 7]),
        ("∂/∂x", "zero", [0, 7]),
    ]


def test_columns_name_the_first_rows_concerned() -> None:
    """Rows with nan, infinity and 0 are found in the columns' order, with what made them so."""
    f = gg.parse("log(x)*exp(y)").compile()
    found = f.blame({"x": [1.5, 0.0, 2.0, 3.0, -1.0], "y": [0.5, 0.5, 800.0, -800.0, 0.5]}, rows=3)
    assert [(row, blame.state) for row, blame in found if blame.of == "value"] == [
        (1, "infinite"),
        (2, "infinite"),
        (3, "zero"),
    ]
    assert found[0].blame.sentence == "the value is infinite because log(0) is not defined: here x = 0"
    assert f.blame({"x": np.array([1.5, 2.0]), "y": 1.0}) == ()


@pytest.mark.parametrize(
    ("text", "x", "of", "state"),
    [
        ("sqrt(x)", 0.0, "∂/∂x", "infinite"),
        ("asin(x)", 1.0, "∂/∂x", "infinite"),
        ("1/x", 0.0, "value", "infinite"),
        ("2*x", -math.inf, "value", "infinite"),
        ("2*x", math.nan, "value", "nan"),
        ("sqrt(x)", -1.0, "value", "nan"),
    ],
)
def test_columns_tell_what_is_nan_from_what_is_infinite(text: str, x: float, of: str, state: str) -> None:
    """As the numbers are in the results, also where the interpreter has none."""
    [(_, blame)] = gg.parse(text).compile().blame({"x": [x]})
    assert (blame.of, blame.state) == (of, state)
    assert blame.sentence.startswith(f"{of.replace('value', 'the value')} is {state} because ")


def test_columns_have_to_fit() -> None:
    """Misfitting columns are an error, as they are in a check."""
    with pytest.raises(gg.GraphgradError, match="do not go together"):
        gg.parse("x*y").compile().blame({"x": [1, 2], "y": [1, 2, 3]})


def test_an_indeterminate_number_names_the_operation_that_overflowed() -> None:
    """Where infinity arose further up, the error says in which operation."""
    with pytest.raises(gg.DomainError, match=r"here 2\*exp\(x\) = inf.*: exp\(x\) overflows") as caught:
        gg.parse("2*exp(x) - 3*exp(x)").backprop({"x": 800})
    assert caught.value.span == (0, 19)


def test_a_branch_not_taken_is_no_number() -> None:
    """What `where` did not take has no value, and is no cause."""
    result = gg.parse("where(x > 0, 1/x, 0)*y").backprop({"x": 0, "y": 3})
    assert [blame.sentence for blame in result.blame if blame.of == "∂/∂x"] == [
        "∂/∂x is 0 because where(x > 0, 1/x, 0) at column 1 does not take 1/x"
    ]


OVERFLOWED = [
    ("1/(x*y)", {"x": 1e200, "y": 1e200}, "x*y"),
    ("x/sqrt(1 + x**2)", {"x": 1e200}, "x**2"),
    ("exp(-cosh(x))*y", {"x": 1e4, "y": 3}, "cosh(x)"),
    ("y/gamma(x)", {"x": 200, "y": 3}, "gamma(x)"),
]


@pytest.mark.parametrize(("text", "at", "guilty"), OVERFLOWED)
def test_a_zero_behind_an_overflow_names_the_overflow(text: str, at: dict[str, float], guilty: str) -> None:
    """A value that is 0 because an operand is infinite is the fault of what overflowed."""
    blame = gg.parse(text).backprop(at, []).blame[0]
    assert (text[slice(*blame.span)], "overflows" in blame.sentence) == (guilty, True)


@pytest.mark.parametrize("text", ["sqrt(x**2 + y**2)", "log(x**2*y)", "atan(x**2)*y", "hypot(1.7e108*x, 1.7e108*y)"])
def test_a_derivative_of_0_behind_an_overflow_names_the_overflow(text: str) -> None:
    """A derivative that is 0 because a value on the way is infinite is the fault of what overflowed, and lit there."""
    result = gg.parse(text).backprop({"x": 1e200, "y": 1e200}, ["x"])
    blame = next(blame for blame in result.blame if blame.of == "∂/∂x")
    assert result.grad["x"] == 0
    assert "overflows" in blame.sentence
    assert blame.edges


ROUNDED_AWAY = [
    ("(x + 1e20) - 1e20", {"x": 1}, "x + 1e20", "1e+20"),
    ("1 - cos(x)", {"x": 1e-10}, "cos(x)", "1"),
    ("log(1 + x)*3", {"x": 1e-20}, "1 + x", "1"),
    ("a = 1 + x; b = a - 1; b*y", {"x": 1e-18, "y": 3}, "1 + x", "1"),
    ("erf(x) - 1", {"x": 10}, "erf(x)", "1"),
    ("sin(x) - x", {"x": 1e-12}, "sin(x)", "1e-12"),
    ("where(x > 0, 1 + x - 1, 5)", {"x": 1e-20}, "1 + x", "1"),
]


@pytest.mark.parametrize(("text", "at", "guilty", "to"), ROUNDED_AWAY)
def test_a_zero_by_rounding_names_what_was_rounded(text: str, at: dict[str, float], guilty: str, to: str) -> None:
    """A value that is 0 though more digits give another number is the fault of the rounding that lost it."""
    blame = gg.parse(text).backprop(at, []).blame[0]
    assert text[slice(*blame.span)] == guilty
    assert f"is rounded to {to} at" in blame.sentence


RIGHT_ZEROS = [
    ("sin(x)**2 + cos(x)**2 - 1", {"x": 1}),
    ("10*x - 1", {"x": 0.1}),
    ("0.1*x - 1", {"x": 10}),
    ("x/3*3 - x", {"x": 1}),
    ("x**2 - y**2", {"x": 3, "y": 3}),
    ("exp(x) - exp(x)", {"x": 0.3}),
    ("x - 1", {"x": 1}),
]

STATIONARY = [
    ("x**2*exp(-x)", {"x": 0}),
    ("(x - 1)**2 + relu(x - 5) + 1", {"x": 1}),
    ("(x - 1)**2 + floor(x/3) + max(x, 4)", {"x": 1}),
    ("x*y - 2*x + relu(x - 9)", {"x": 1, "y": 2}),
    ("cos(x) + where(x > 1, x, 3)", {"x": 0}),
]


@pytest.mark.parametrize(("text", "at"), STATIONARY)
def test_a_stationary_point_has_no_blame(text: str, at: dict[str, float]) -> None:
    """Where a term is stationary, or terms cancel, the derivative 0 is not the fault of another term that is flat."""
    result = gg.parse(text).backprop(at, ["x"])
    assert result.grad["x"] == 0
    assert [blame for blame in result.blame if blame.of == "∂/∂x"] == []


@pytest.mark.parametrize(("text", "at"), RIGHT_ZEROS)
def test_a_zero_that_is_right_has_no_blame(text: str, at: dict[str, float]) -> None:
    """Terms that cancel for the inputs as floats, or as the decimal numbers that were given, are no fault."""
    result = gg.parse(text).backprop(at, [])
    assert (result.value, result.blame) == (0, ())


@pytest.mark.parametrize("kind", [{}, {"exact": True}, {"precision": 30}])
def test_a_factor_of_0_is_named_in_every_kind_of_number(kind: dict[str, Any]) -> None:
    """Where a factor is 0, the derivative by the other one is its fault in fractions and many digits, too."""
    blames = {blame.of: blame for blame in gg.parse("relu(x)*y").backprop({"x": -3, "y": 2}, **kind).blame}
    assert blames["∂/∂y"].sentence == "∂/∂y is 0 because relu(x) at column 1 is flat at x = -3"


@pytest.mark.parametrize("text", ["x*0", "0*sin(x)", "x**0", "y + log(x)*0"])
def test_a_literal_0_is_named_once(text: str) -> None:
    """A constant operand is not named by itself, as in "0 = 0"."""
    blame = gg.parse(text).backprop(dict.fromkeys(gg.parse(text).inputs, 2), ["x"]).blame[-1]
    assert blame.sentence.endswith("has the operand 0")


@pytest.mark.parametrize(
    ("text", "at"), [("polygamma(5, x)", {"x": 1e-200}), ("x**1e5", {"x": 3}), ("exp(x)*3", {"x": 800})]
)
def test_no_constant_is_said_to_have_its_value(text: str, at: dict[str, float]) -> None:
    """Literals are left out of what a sentence says of the operands."""
    assert gg.parse(text).backprop(at, []).blame[0].sentence.endswith(f"at x = {at['x']:g}")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("tan(x)", {"x": 1e308}),
        ("gamma(x)", {"x": 170.5}),
        ("x*x - y", {"x": 1e200, "y": 1}),
        ("x/y", {"x": 1e300, "y": 3}),
    ],
)
def test_huge_numbers_are_put_into_words_without_nan_and_inf(text: str, at: dict[str, float]) -> None:
    """How much a result changes per percent is computed without overflow."""
    sentences = [blame.sentence for blame in gg.parse(text).backprop(at).blame]
    assert not [sentence for sentence in sentences if "nan" in sentence or "inf %" in sentence]


@pytest.mark.parametrize("rows", [0, -1, "a", 1.5])
def test_a_number_of_rows_is_checked(rows: object) -> None:
    """A number of rows that is none is an error that says so."""
    with pytest.raises(gg.GraphgradError, match="rows cannot be"):
        gg.parse("log(x)").compile().blame({"x": [0.0, 1.0]}, rows=rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "guilty"),
    [
        ("relu(x)**2 + 1", "relu(x)"),
        ("h = relu(x); cos(h)*3", "relu(x)"),
        ("1 + (relu(x)*y)**3", "relu(x)"),
        ("cosh(floor(x/10 + 1))", "floor(x/10 + 1)"),
        ("cos(exp(400*x))", "exp(400*x)"),
    ],
)
def test_a_stationary_point_behind_a_zero_names_what_made_it_0(text: str, guilty: str) -> None:
    """Where a derivative is 0 because an operand is 0, what made the operand 0 is to blame."""
    blame = gg.parse(text).backprop(dict.fromkeys(gg.parse(text).inputs, -3), ["x"]).blame[-1]
    assert (blame.of, text[slice(*blame.span)]) == ("∂/∂x", guilty)
