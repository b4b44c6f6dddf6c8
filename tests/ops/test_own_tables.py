"""A table of operations with rows of the user's own is immutable, and its rules call each other."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import own_rows
import pytest
from own_rows import CUBES, MINE, SQUARES, table

import graphgrad as gg
from graphgrad.ops.fingerprint import fingerprint
from graphgrad.ops.own import code_of


def test_the_default_table_does_not_change() -> None:
    """A table with more rows is another one."""
    assert "swish" in MINE
    assert "swish" not in gg.OPERATIONS
    assert len(MINE) == len(gg.OPERATIONS) + len(MINE.own)
    assert MINE["exp"] is gg.OPERATIONS["exp"]


def test_a_table_cannot_be_changed() -> None:
    """Neither its rows nor its attributes."""
    with pytest.raises(TypeError):
        MINE["exp"] = MINE["swish"]  # type: ignore[index]
    with pytest.raises(TypeError):
        MINE.own["exp"] = MINE["swish"]  # type: ignore[index]
    with pytest.raises(AttributeError, match="does not change"):
        MINE.own = {}


def test_a_table_says_what_it_has() -> None:
    """Its own rows are named."""
    assert repr(gg.OPERATIONS) == "<Operations>"
    assert repr(SQUARES) == "<Operations with f, g>"


def test_a_table_can_get_more_rows() -> None:
    """The rows that it has stay as they are, and a new one may call them."""
    more = SQUARES.with_(gg.Op("h", lambda m, x: m.f(x) + m.g(x), d=(lambda m, z, x: 6 * x,)))
    assert more["f"] is SQUARES["f"]
    assert gg.parse("h(x)", operations=more).backprop({"x": 3}).value == 27


def test_a_row_may_stand_in_two_tables() -> None:
    """In each, its rule calls what that table has."""
    row = gg.Op("around", lambda m, x: m.f(x) + 1, d=(lambda m, z, x: m.df(x),))
    tables = [
        gg.OPERATIONS.with_(
            row,
            gg.Op("f", lambda m, x, k=k: k * x, d=(lambda m, z, x, k=k: k,)),
            gg.Op("df", lambda m, x, k=k: k + 0 * x, d=(lambda m, z, x: 0,)),
        )
        for k in (5, 7)
    ]
    graphs = [gg.parse("around(x)", operations=each) for each in tables]
    assert [graph.backprop({"x": 2}).value for graph in graphs] == [11, 15]
    assert [graph.backprop({"x": 2}).grad["x"] for graph in graphs] == [5, 7]


def test_a_rule_that_calls_itself_is_an_error() -> None:
    """It has no end."""
    mine = gg.OPERATIONS.with_(gg.Op("loop", lambda m, x: m.loop(x), d=(lambda m, z, x: 1,)))
    with pytest.raises(gg.GraphgradError, match="loop"):
        gg.parse("loop(x)", operations=mine).backprop({"x": 1})


def test_copies_of_a_row_and_a_table_are_they_themselves() -> None:
    """They do not change."""
    row = table(2)["f"]
    assert copy.deepcopy(row) is copy.copy(row) is row
    assert copy.deepcopy(SQUARES) is copy.copy(SQUARES) is SQUARES


def test_rows_and_tables_of_a_module_can_be_pickled() -> None:
    """They are found again by the table's name, as classes and functions are."""
    for value in (MINE, MINE["swish"], MINE["energy"].with_params({"axis": 0}), gg.OPERATIONS, gg.OPERATIONS["exp"]):
        assert pickle.loads(pickle.dumps(value)) is value
    graph = gg.parse("twice(x) + energy(x)", operations=MINE)
    assert pickle.loads(pickle.dumps(graph)) == graph


def test_rows_of_a_table_that_no_module_holds_cannot_be_pickled() -> None:
    """The error says what to do."""
    row = table(5)["f"]
    with pytest.raises(gg.GraphgradError, match="cannot be pickled") as caught:
        pickle.dumps(row)
    assert "assign the table that with_ returns to a name of the module 'own_rows'" in caught.value.hint


def test_a_row_that_is_another_one_when_it_is_found_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph would compute something else."""
    pickled = pickle.dumps(gg.parse("f(x)", operations=SQUARES))
    monkeypatch.setattr(own_rows, "SQUARES", CUBES)
    with pytest.raises(gg.GraphgradError, match=r"f has other rules in own_rows\.SQUARES"):
        pickle.loads(pickled)


def test_a_row_whose_module_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a class would be."""
    pickled = pickle.dumps(SQUARES["f"])
    monkeypatch.delattr(own_rows, "SQUARES")
    with pytest.raises(gg.GraphgradError, match="the operation f is not found in own_rows"):
        pickle.loads(pickled)


def test_another_process_finds_a_row_by_its_module() -> None:
    """It imports the module."""
    code = "import pickle, sys; print(pickle.loads(bytes.fromhex(sys.argv[1])).backprop({'x': 3}).value)"
    pickled = pickle.dumps(gg.parse("f(x)", operations=SQUARES)).hex()
    folder = Path(own_rows.__file__).parent
    done = subprocess.run([sys.executable, "-c", code, pickled], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "9.0\n"


def test_the_code_of_rows_tells_them_apart() -> None:
    """By constants of closures, too: what is kept by it is not mixed up."""
    assert code_of(SQUARES["f"]) != code_of(CUBES["f"])
    assert code_of(SQUARES["f"]) == code_of(table(2)["f"])


@pytest.mark.parametrize(
    "other",
    [lambda x: x - 1, lambda x: x + 2, lambda x, y=2: x + 1, lambda x: [y + 1 for y in x], lambda x: abs(x) + 1],
)
def test_fingerprints_tell_functions_apart(other: object) -> None:
    """By code, constants, defaults, inner functions and names."""
    assert fingerprint([other]) != fingerprint([lambda x: x + 1])


def test_a_table_is_made_of_another() -> None:
    """There is no table without the package's rows."""
    with pytest.raises(gg.GraphgradError, match="is made from the one that the package has"):
        gg.Operations()
