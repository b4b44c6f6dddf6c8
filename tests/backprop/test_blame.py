"""Blame: what made a value or a derivative nan, infinite, 0 or huge."""

from __future__ import annotations

import importlib.util
import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.cli import main

if TYPE_CHECKING:
    from types import ModuleType

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "blame.py"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    """Return the benchmark as a module."""
    spec = importlib.util.spec_from_file_location("blame_benchmark", BENCHMARK)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


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
        "svg": 'class="operation blamed"',
        "dot": "#e00030",
        "tex": "draw=blamed",
        "mmd": "stroke:#e00030",
        "html": "operation blamed",
    }
    for form, mark in marks.items():
        assert mark in result.render(form).decode()
    assert 'class="operation blamed"' not in result.render("svg", blame=False).decode()
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
        (1, "nan"),
        (2, "infinite"),
        (3, "zero"),
    ]
    assert found[0].blame.sentence == "the value is nan because log(0) is not defined: here x = 0"
    assert f.blame({"x": np.array([1.5, 2.0]), "y": 1.0}) == ()


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
