"""Pictures of programs on arrays: shapes in place of numbers, values on demand, the book's softmax with loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pictures import shown_by

import graphgrad as gg
from graphgrad.draw import tree

if TYPE_CHECKING:
    from graphgrad.draw import Scene

AT = {"x": np.ones((100, 64)), "w": np.ones((64, 10)), "b": np.zeros(10), "t": np.eye(10)[np.arange(100) % 10]}
LOSS = "loss = softmax_cross_entropy(affine(x, w, b), t)"


def drawn(text: str, at: dict[str, Any], **options: Any) -> Scene:
    """Return the scene of both passes by everything but the target."""
    graph = gg.parse(text)
    return shown_by(graph.backprop(at, [name for name in graph.inputs if name != "t"]), **options)


def test_arrows_carry_shapes() -> None:
    """An array is drawn by its shape, black and red; a number stays a number."""
    labels = {(arrow.above, arrow.below) for arrow in drawn(LOSS, AT).arrows}
    assert ("100×64", ("100×64",)) in labels
    assert ("64×10", ("64×10",)) in labels
    assert ("10 entries", ("10 entries",)) in labels


def test_softmax_with_loss_is_drawn_as_the_book_draws_it() -> None:
    """One node, and softmax(y) − t of its logits y on the red arrow, over the batch divided by its size."""
    picture = drawn(LOSS, AT)
    assert "Softmax-with-Loss" in [box.text for box in picture.boxes]
    assert ("(softmax(s) − t)/100", "100×10") in [arrow.below for arrow in picture.arrows]
    assert "s = 100×10" in [arrow.above for arrow in picture.arrows]
    single = drawn(LOSS, {"x": [[1.0, 2]], "w": np.ones((2, 3)), "b": np.zeros(3), "t": [[0, 1, 0]]})
    assert ("softmax(s) − t", "1×3") in [arrow.below for arrow in single.arrows]


def test_it_is_y_minus_t_only_where_the_loss_is_the_end() -> None:
    """Behind the loss, what flows back is something else, and is not labelled so."""
    assert all("− t" not in " ".join(arrow.below) for arrow in drawn(f"{LOSS}; 3*loss", AT).arrows)


def test_small_arrays_are_written_out_on_demand() -> None:
    """With `values` their entries stand on the arrow and in the tree."""
    at = {"x": [1, 2], "y": 3}
    assert "[1, 2]" in [arrow.above for arrow in drawn("sum(x*y)", at, values=True).arrows]
    passes = gg.parse("sum(x*y)").backprop(at).passes
    assert "[1, 2]" in tree(passes, values=True)
    assert "2 entries" in tree(passes)


@pytest.mark.parametrize(
    ("size", "values", "number"), [(2, True, "[0, 1]"), (2, False, "2 entries"), (30, True, "30 entries")]
)
def test_local_derivatives_are_written_out_as_values_are(size: int, values: bool, number: str) -> None:
    """With `values` a small array's local derivatives are its entries too; those of a long one are its shape."""
    arrows = shown_by(gg.parse("sum(x*y)").backprop({"x": [*range(size)], "y": 3}), local=True, values=values).arrows
    assert f"= x = {number}" in " ".join(below for arrow in arrows for below in arrow.below)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("affine(x, w, b)", "x@w + b"),
        ("a = affine(x, w, b); E = softmax_cross_entropy(a, t)", "a = x@w + b\nE = cross_entropy(softmax(a), t)"),
        ("mean_squared_error(x, t)", "mean((x - t)**2)"),
        ("x = 3; sin(x)", "x = 3\nsin(x)"),
    ],
)
def test_composite_nodes_open(text: str, opened: str) -> None:
    """Affine is × and +, softmax with loss is softmax and cross-entropy; names and defaults stay."""
    assert str(gg.parse(text).opened()) == opened


def test_an_opened_graph_has_the_same_numbers() -> None:
    """Value and gradient do not depend on how much is shown."""
    closed = gg.parse(LOSS)
    ours, theirs = closed.backprop(AT, ["w"]), closed.opened().backprop(AT, ["w"])
    assert theirs.value == pytest.approx(ours.value, rel=1e-12)
    np.testing.assert_allclose(theirs.grad["w"], ours.grad["w"], rtol=1e-10, atol=1e-15)


def test_the_backward_pass_starts_with_its_seed() -> None:
    """The arrow into the graph carries the adjoint that was given, as a number or by its shape."""
    number = gg.parse("x*y").backprop({"x": 3, "y": 5}, seed=2.5)
    assert shown_by(number).arrows[-1].below == ("2.5",)
    array = gg.parse("softmax(x)").backprop({"x": [1, 2, 3]}, seed=[1, 0, 0])
    assert shown_by(array).arrows[-1].below == ("3 entries",)
