"""Objects that travel: they are pickled, copied, and sent to and from other processes."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pytest

import graphgrad as gg

TEXTS: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "floats": ("f(x) = x**2; f(a)*sin(b) + max(a, b)", {"a": 1.5, "b": 2.0}, {}),
    "fractions": ("a/b", {"a": 1, "b": 3}, {"exact": True}),
    "digits": ("exp(a)/b", {"a": 1, "b": 3}, {"precision": 30}),
    "arrays": ("sum(softmax(x) @ w)", {"x": [1.0, 2.0], "w": [3.0, 4.0]}, {}),
    "fractions in arrays": ("sum(x*y)", {"x": [1, 2], "y": [3, 4]}, {"exact": True}),
    "overflow on the way": ("log1p(x/y)", {"x": 1.0, "y": 1e-160}, {}),
    "a branch without a value": ("where(x > 0, log(x), 0)", {"x": -1.0}, {}),
    "nothing": ("2", {}, {}),
}
WAYS: Final = {
    "pickle": lambda given: pickle.loads(pickle.dumps(given)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "x +": {},
    "log(x)": {"x": -1.0},
    "x/y": {"x": 1.0, "y": 0.0},
    "sum(x*y)": {"x": [1, 2], "y": [1, 2, 3]},
    "x*z": {"y": 1},
    "1e999*x": {"x": 1},
}


def result_of(name: str) -> gg.Backprop[Any]:
    """Return the result of one of the texts."""
    text, at, options = TEXTS[name]
    return gg.parse(text).backprop(at, **options)


def run(text: str, at: dict[str, Any]) -> gg.Backprop[Any]:
    """Run both passes in another process."""
    return gg.parse(text).backprop(at)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_result(name: str, way: str) -> None:
    """It is equal, draws the same picture, and is checked, before and after it has been used."""
    result = result_of(name)
    for _ in range(2):
        other = WAYS[way](result)
        assert other == result
        assert repr(other) == repr(result)
        assert other.render("svg") == result.render("svg")
        assert other.check().ok == result.check().ok
        assert {**other.dag.nodes}.keys() == {**result.dag.nodes}.keys()
        result.check()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TEXTS)
def test_a_graph_and_what_is_made_of_it(name: str, way: str) -> None:
    """A graph is equal and has the same hash; functions and derivatives give the same numbers."""
    text, at, options = TEXTS[name]
    graph = gg.parse(text)
    other = WAYS[way](graph)
    assert other == graph
    assert hash(other) == hash(graph)
    assert {graph: 1}[other] == 1
    function, derivatives = graph.compile(), graph.gradient()
    if not options:
        assert repr(WAYS[way](function)(**at)) == repr(function(**at))
        assert repr(WAYS[way](derivatives).at(at)) == repr(derivatives.at(at))
    assert WAYS[way](derivatives) == derivatives


def test_other_graphs_have_other_hashes() -> None:
    """As far as anything tells them apart."""
    assert len({hash(gg.parse(text)) for text in ("x*y", "y*x", "x + y", "x", "2")}) == 5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", FAULTS)
def test_an_error(text: str, way: str) -> None:
    """It keeps its class, message, and place."""
    with pytest.raises(gg.GraphgradError) as raised:
        run(text, FAULTS[text])
    other = WAYS[way](raised.value)
    assert type(other) is type(raised.value)
    assert str(other) == str(raised.value)
    assert vars(other).keys() == vars(raised.value).keys()


def both_arrive(start: str) -> None:
    """Send results and errors from another process; raises `AssertionError` where one is not what it was."""
    with ProcessPoolExecutor(2, mp_context=get_context(start)) as pool:
        good = pool.submit(run, "x*sin(y)", {"x": 2.0, "y": 3.0})
        bad = pool.submit(run, "log(x)", {"x": -1.0})
        assert good.result(timeout=100) == run("x*sin(y)", {"x": 2.0, "y": 3.0})
        with pytest.raises(gg.DomainError, match=r"log\(x\)"):
            bad.result(timeout=100)


def test_a_process_that_is_started_anew() -> None:
    """A result arrives, and so does an error, as what it is."""
    both_arrive("spawn")


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_process_that_is_a_fork() -> None:
    """Likewise; it is another process that forks, which has no threads of other tests."""
    command = [sys.executable, "-c", "import test_travel; test_travel.both_arrive('fork')"]
    subprocess.run(command, check=True, cwd=Path(__file__).parent, timeout=100)


def test_numbers_of_a_chosen_precision_keep_it() -> None:
    """The copy has as many digits, and arithmetic goes on in them."""
    value = result_of("digits").value
    other = pickle.loads(pickle.dumps(value))
    assert other == value
    assert repr(other) == repr(value)
    assert str(other + 1) == str(value + 1)
