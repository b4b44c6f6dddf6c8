"""Functions that a text defines, as functions of the language that the code is in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from function_programs import Programs
from test_source import run

import graphgrad as gg
from graphgrad.compile.languages.language import function as written_out

if TYPE_CHECKING:
    from pathlib import Path

DENSITY = "f(x, y) = exp(-x**2/(2*y))/sqrt(2*pi*y) + log(1 + x*y)**3; f(a, b) + f(b, 2) + f(2, a) + f(a*b, 3)"
AT = {"a": 0.7, "b": 1.3}
LANGUAGES = pytest.mark.parametrize("language", ["Python", "JavaScript", "C"])
CODE = {"Python": gg.Graph.to_python, "JavaScript": gg.Graph.to_javascript, "C": gg.Graph.to_c}
DEFINED = {"Python": "def f_(", "JavaScript": "function f_(", "C": "static results3 f_("}


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take functions also where writing their calls out is shorter."""
    monkeypatch.setattr("graphgrad.compile.source.function", lambda *given: written_out(*given) + "\n" * 100_000)


@LANGUAGES
def test_a_function_is_written_once_where_that_is_shorter(language: str, tmp_path: Path) -> None:
    """It has the value and the derivatives, and each call is one."""
    graph = gg.parse(DENSITY)
    code = CODE[language](graph)
    assert code.count(DEFINED[language]) == 1
    assert code.count("f_(") == 5
    [[(value, grad)]] = run(language, [(graph, ("a", "b"), [AT])], tmp_path)
    result = graph.backprop(AT)
    assert value == pytest.approx(result.value, rel=1e-14)
    assert grad == pytest.approx(result.grad, rel=1e-13)


@LANGUAGES
def test_short_functions_are_written_out(language: str) -> None:
    """The code of two calls of a short one is shorter without it."""
    assert DEFINED[language] not in CODE[language](gg.parse("f(x, y) = x**2 + y; f(3, a) + f(b, 1)"))


@LANGUAGES
@pytest.mark.usefixtures("always")
def test_random_programs_have_their_numbers(language: str, tmp_path: Path) -> None:
    """A call has the number of its body, and so have the derivatives."""
    programs, seen = Programs(random.Random(5)), 0
    for number in range(25):
        graph = gg.parse(programs.pair()[0])
        names = graph.inputs
        at = {name: random.Random(name).uniform(0.2, 0.9) for name in names}
        folder = tmp_path / str(number)
        folder.mkdir()
        [[(value, grad)]] = run(language, [(graph, tuple(names), [at])], folder)
        result = graph.backprop(at)
        assert value == pytest.approx(result.value, rel=1e-12, abs=1e-12)
        assert grad == pytest.approx(result.grad, rel=1e-11, abs=1e-11)
        seen += "f(x): " in CODE[language](graph) or "derivative" in CODE[language](graph)
    assert seen > 10


@LANGUAGES
@pytest.mark.usefixtures("always")
def test_a_call_in_a_branch_that_is_not_taken_has_no_effect(language: str, tmp_path: Path) -> None:
    """The logarithm of a negative number, and a slope that is infinite."""
    graph = gg.parse("f(x) = log(x)*sqrt(x); where(a > 0, f(a), 2*a) + b")
    told = run(language, [(graph, ("a", "b"), [{"a": -1.0, "b": 5.0}, {"a": 0.0, "b": 5.0}])], tmp_path)
    assert told == [[(3.0, {"a": 2.0, "b": 1.0}), (5.0, {"a": 2.0, "b": 1.0})]]


@LANGUAGES
@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "text",
    [
        "k = 2; f(x) = k*x**3; f(a) + f(b)",  # an outer name
        "g(x) = x*x; f(y) = g(y) + x; f(x) + f(b)",  # an outer name that is a parameter as well
        "v1(x) = x**3; results3(y, z) = y*z**2; v1(a)*v1(b) + results3(a, v2)",  # names of the code's own
        "f(x) = floor(x)*x; f(a) + f(f(b))",  # a call of a call
        "f(x, y) = floor(x) + y; f(a, b)*f(b, 1)",  # an operand along which nothing flows back
        "f(x) = x**3; f(2)*a + f(a)",  # a call of numbers
        "σ(x) = 1/(1 + exp(-x)); σ(a)*σ(b)",
        "lambda(x) = x**2; return(x) = x**3; lambda(a) + return(b)",  # words of the languages
    ],
)
def test_functions_of_any_kind(language: str, text: str, tmp_path: Path) -> None:
    """Outer names, names that the code has itself, operands that are numbers."""
    graph = gg.parse(text)
    at = {name: 0.5 + i for i, name in enumerate(graph.inputs)}
    [[(value, grad)]] = run(language, [(graph, tuple(graph.inputs), [at])], tmp_path)
    result = graph.backprop(at, wrt=graph.inputs)
    assert value == pytest.approx(result.value, rel=1e-14)
    assert grad == pytest.approx(result.grad, rel=1e-13)


@LANGUAGES
@pytest.mark.usefixtures("always")
def test_only_the_results_that_are_needed_are_computed(language: str) -> None:
    """By b alone, the first function has no derivative, and the second no value that anything reads."""
    code = CODE[language](gg.parse("f(x) = sin(x); g(x) = cos(x); f(a)*b + g(b)"), ["b"])
    assert "f(x): the value" in code
    assert "f(x): the value, and" not in code
    assert "g(x): the value, and the derivative by x" in code


def test_numpy_writes_calls_out() -> None:
    """Its functions take rows, and compute what an array needs."""
    assert "def f_" not in gg.parse(DENSITY).to_python(numpy=True)
