"""Second derivatives where a branch is taken at a single point."""

from __future__ import annotations

import pytest

import graphgrad as gg


@pytest.mark.parametrize(
    "text",
    ["where(x != 0, sin(x)/x, 1)", "where(x == 0, 1, sin(x)/x)", "where(x, sin(x)/x, 1)", "where(x != y, x*y, 4)"],
)
def test_the_second_derivative_of_such_a_branch_is_refused(text: str) -> None:
    """That of the constant 1 is 0, that of sin(x)/x is -1/3: the Hessian is an error and no number."""
    graph = gg.parse(text)
    point = {"x": 0, "y": 0} if "y" in text else {"x": 0}
    with pytest.raises(gg.DomainError, match="that of a branch which is taken at this point only"):
        graph.hessian().at(point)


def test_beside_the_point_there_is_one() -> None:
    """At another point the branch is a whole neighbourhood's."""
    hessian = gg.parse("where(x != 0, sin(x)/x, 1)").hessian()
    assert hessian.at({"x": 0.01})["x", "x"] == pytest.approx(-1 / 3, abs=1e-4)
    assert gg.parse("where(x > 0, x**2, 0)").hessian().at({"x": 3})["x", "x"] == 2
