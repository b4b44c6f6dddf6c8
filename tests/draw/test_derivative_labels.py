"""Labels of local derivatives: whole formulas or none, brackets around powers, no letter that nobody can look up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from test_corpus import FORMULAS

import graphgrad as gg
from graphgrad.draw.scene.labels import Labels
from graphgrad.draw.scene.nary import with_nary_nodes
from graphgrad.draw.view import view_of
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from graphgrad.draw.view import View

LONG = "exp(alpha*x + beta*y + gamma_1*z)*sin(alpha*x + beta*y + gamma_1*z + 1)"
AT = {"alpha": 0.1, "beta": 0.2, "gamma_1": 0.3, "x": 1, "y": 2, "z": 3}


def labels(view: View) -> list[str]:
    """Return the labels of all local derivatives."""
    return [Labels(view).derivative(edge) for edge in view.all_edges]


@pytest.mark.parametrize("form", ["svg", "tex", "typ"])
def test_a_long_formula_is_left_out(form: str) -> None:
    """Where a formula has no room, the number stands alone; no formula is cut."""
    drawn = gg.parse(LONG).backprop(AT).render(form, local=True).decode()
    assert "…" not in drawn
    assert "..." not in drawn
    assert r"\dots" not in drawn


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("x**y*3", "∂(xʸ)/∂x = y·xʸ⁻¹ = 12"),
        ("sin(x**2)", "∂(x²)/∂x = 2·x = 4"),
        ("s = x_1*y; s**2", "∂s/∂y = x₁ = 5"),
        ("x/y", "∂E/∂y = −x/y² = −0.222222"),
        ("x*1e9", "∂E/∂x = 1 × 10⁹"),
    ],
)
def test_both_sides_are_typeset(text: str, label: str) -> None:
    """A power is put in brackets after ∂, numbers have a true minus sign and powers of ten."""
    inputs = gg.parse(text).inputs
    assert label in labels(view_of(gg.parse(text).backprop({n: {"x_1": 5, "x": 2, "y": 3}[n] for n in inputs}).passes))


def test_letters_can_be_looked_up() -> None:
    """Where a product of many factors is one node, no label has the letter of a part that is not drawn."""
    seen = 0
    for formula in (line["expr"] for line in FORMULAS[:150]):
        graph = gg.parse(formula)
        try:
            view = with_nary_nodes(view_of(graph.backprop(dict.fromkeys(graph.inputs, 0.7)).passes))
        except gg.GraphgradError:
            continue
        letters = {view.names[node] for node in view.lettered} - {
            view.names[node] for node in view.nodes if node in view.lettered
        }
        words = {word for edge in view.all_edges for word in re.findall(r"[^\W\d]\w*", view.formula(edge))}
        assert not words & letters - {*graph.inputs, *OPS}
        seen += bool(letters)
    assert seen
