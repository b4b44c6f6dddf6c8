"""Numbers beyond the floats: every form of a graph and of a result has an answer, or an error of ours."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS: Final = (
    "x*2**1024",
    "1e308*x*10",
    "x + 10**400",
    "-x*10**400",
    "x/10**400",
    "x*(1/3)**9999",
    "x*10**4300",
    "x/10**5000",
    "where(x > 10**400, x, 2)",
    "max(x, 10**400)",
    "mod(x, 10**400)",
    "x**(10**400)",
    "sin(10**400*x)",
)
GRAPHS: Final[dict[str, Callable[[gg.Graph], Any]]] = {
    "compile": lambda g: g.compile()(1.5),
    "rows": lambda g: g.compile()([1.5, 2.0]),
    "python": lambda g: g.to_python(),
    "numpy": lambda g: g.to_python(numpy=True),
    "c": lambda g: g.to_c(),
    "javascript": lambda g: g.to_javascript(),
    "sql": lambda g: g.to_sql(),
    "latex": lambda g: g.to_latex(),
    "gradient": lambda g: g.gradient().at({"x": 1.5}),
    "gradient, exact": lambda g: g.gradient()["x"].backprop({"x": 1}, exact=True).value,
    "hessian": lambda g: g.hessian().at({"x": 1.5}),
    "str": lambda g: (str(g), repr(g)),
    "json": lambda g: gg.from_json(g.to_json()),
}
RESULTS: Final[dict[str, Callable[[gg.Backprop[Any]], Any]]] = {
    "check": lambda r: str(r.check()),
    "svg": lambda r: r.render("svg"),
    "page": lambda r: r.render("html"),
    "tex": lambda r: r.render("tex"),
    "graphml": lambda r: r.render("graphml"),
    "dag": lambda r: r.dag,
    "sensitivity": lambda r: str(r.sensitivity()),
    "change": lambda r: str(r.sensitivity({"x": "+1"})),
    "propagate": lambda r: str(r.propagate({"x": 0.1})),
    "explain": lambda r: str(r.explain("x")),
    "str": lambda r: (str(r), repr(r)),
}
POINTS: Final[dict[str, dict[str, Any]]] = {"floats": {}, "exact": {"exact": True}, "digits": {"precision": 30}}


def answered(function: Callable[[Any], Any], given: Any) -> None:
    """Call a function, which may raise errors of ours alone."""
    try:
        function(given)
    except gg.GraphgradError as error:
        assert "Exceeds the limit" not in str(error)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", GRAPHS)
def test_every_form_of_a_graph(text: str, form: str) -> None:
    """Generated code may overflow where it runs, and nowhere else."""
    answered(GRAPHS[form], gg.parse(text))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", RESULTS)
@pytest.mark.parametrize("kind", POINTS)
def test_every_form_of_a_result(text: str, form: str, kind: str) -> None:
    """In floats, fractions and many digits."""

    def form_of(graph: gg.Graph) -> Any:
        return RESULTS[form](graph.backprop({"x": 1}, **POINTS[kind]))

    answered(form_of, gg.parse(text))


@pytest.mark.parametrize("number", [Fraction(10) ** 4300, Fraction(1, 3**9999), -(Fraction(7, 2) ** 9000)])
def test_fractions_are_kept_whole(number: Fraction) -> None:
    """JSON has all digits of a number that Python itself would not write or read."""
    result = gg.parse("x*y").backprop({"x": number, "y": 1}, exact=True)
    stored = gg.from_json(result.to_json())
    assert isinstance(stored, gg.Backprop)
    assert (stored.value, stored.grad) == (number, {"x": 1, "y": number})
    assert stored.check().ok
