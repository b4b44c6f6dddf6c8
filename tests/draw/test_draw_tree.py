"""The graph as a tree in a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import graphgrad
from graphgrad.base import columns
from graphgrad.draw import MAX_LINES, tree

if TYPE_CHECKING:
    from graphgrad.api import Backprop
    from graphgrad.draw import Pass


def drawn(result: Backprop, *, colour: bool = False, passes: Pass = "both") -> str:
    """Return the tree of what both passes found."""
    return tree(result.passes, colour=colour, passes=passes)


def test_the_books_fruits() -> None:
    """The tree has the output on top, operands below in order, and both numbers in columns."""
    graph = graphgrad.parse("(apple*n + orange*m)*tax")
    result = graph.backprop({"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1})
    assert drawn(result).splitlines() == [
        "                 value  adjoint",
        "×                  715        1",
        "├─ +               650      1.1",
        "│  ├─ ×            200      1.1",
        "│  │  ├─ apple     100      2.2",
        "│  │  └─ n           2      110",
        "│  └─ ×            450      1.1",
        "│     ├─ orange    150      3.3",
        "│     └─ m           3      165",
        "└─ tax             1.1      650",
    ]


@pytest.mark.parametrize(("passes", "heads"), [("forward", ["value"]), ("backward", ["adjoint"])])
def test_one_pass(passes: Pass, heads: list[str]) -> None:
    """A tree of one pass has that pass's column alone."""
    assert drawn(graphgrad.parse("x*2").backprop({"x": 1}), passes=passes).splitlines()[0].split() == heads


def test_a_shared_node_stands_in_full_once() -> None:
    """A node used twice stands there in full once, and after that as a reference to it."""
    lines = drawn(graphgrad.parse("s = sin(x); s*s").backprop({"x": 1})).splitlines()
    assert lines[2].startswith("├─ s = sin")
    assert lines[-1] == "└─ s ↑"


def test_a_shared_node_without_a_name_has_a_letter() -> None:
    """A reference to a node that the program does not name gives the letter of explanations."""
    lines = drawn(graphgrad.parse("sin(x)*sin(x)").backprop({"x": 1})).splitlines()
    assert lines[2].startswith("├─ s = sin")
    assert lines[-1] == "└─ s ↑"


def test_wide_glyphs_are_two_columns() -> None:
    """The numbers stay aligned beside Japanese names."""
    lines = drawn(graphgrad.parse("りんご*n").backprop({"りんご": 100, "n": 5})).splitlines()
    assert len({columns(line) for line in lines}) == 1


def test_control_characters_stay_out() -> None:
    """A name cannot steer the terminal."""
    graph = graphgrad.parse("1*2", name_literals=["\x1b[2J\r\n\u202e"])
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", drawn(graph.backprop()))


def test_colour_only_when_asked_for() -> None:
    """Adjoints are red with `colour`, which changes nothing else."""
    result = graphgrad.parse("x*2").backprop({"x": 1})
    painted = drawn(result, colour=True)
    assert "\x1b[31m2\x1b[0m" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == drawn(result)


def test_a_large_graph_is_cut() -> None:
    """A tree too long for anyone says how many nodes it does not show."""
    text = " + ".join(f"x{i}" for i in range(5_000))
    lines = drawn(graphgrad.parse(text).backprop({f"x{i}": 1 for i in range(5_000)})).splitlines()
    shown = len(lines) - 2
    assert shown <= MAX_LINES
    assert lines[-1] == f"… {9_999 - shown} more nodes not shown"


def test_a_deep_branch_is_cut() -> None:
    """A chain deeper than the page is wide ends in an ellipsis."""
    lines = drawn(graphgrad.parse("sin(" * 3_000 + "x" + ")" * 3_000).backprop({"x": 1})).splitlines()
    assert max(map(len, lines)) < 100
    assert " …" in lines[-2]


def test_a_graph_without_numbers() -> None:
    """A graph is shown before any pass, too."""
    assert [line.strip() for line in tree(graphgrad.parse("x + y").data).splitlines()[1:]] == ["+", "├─ x", "└─ y"]


def test_names_are_read_as_mathematics() -> None:
    """Greek letters and subscripts are written so, except where another name of the program is read the same."""
    shown = tree(graphgrad.parse("sigma_x*nu + x_1").backprop({"sigma_x": 1, "nu": 2, "x_1": 3}).passes)
    assert all(name in shown for name in ("σₓ", "ν", "x₁"))
    both = tree(graphgrad.parse("nu*ν").backprop({"nu": 2, "ν": 3}).passes)
    assert "nu" in both
    assert "ν" in both
