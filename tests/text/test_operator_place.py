"""Where the operator of an expression stands in a text."""

from __future__ import annotations

import pytest

import graphgrad as gg
from graphgrad.text.operator_place import operation_start


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a - b*c - d", 8),
        ("a**b**c", 1),
        ("(a - b)", 3),
        ("a - -b", 2),
        ("-a - b", 3),
        ("sin(a - b)/2", 10),
        ("a*b/c*d", 5),
        ("x[0] - x[1]", 5),
        ("2% - a", 3),
        ("a.T @ b", 4),
        ("りんご + x", 4),
        ("a<b", 1),
        ("`a-b` - `c - d`", 6),
        ("`a``-` - 2", 7),
        ("hypot(a, b)", 0),
        ("(a + b) - (a + b)", 8),
    ],
)
def test_an_operation_stands_at_its_operator_or_at_its_name(text: str, start: int) -> None:
    """It is the operator that is applied last; a function stands at its name."""
    graph = gg.parse(text).data
    op = graph.steps[-1].op
    assert operation_start(text, graph.spans[graph.output], op) == start
