"""What a picture shows: boxes, arrows, and the numbers on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pictures import shown_by

import graphgrad

if TYPE_CHECKING:
    from graphgrad.draw import Arrow, Scene


def drawn(text: str, wrt: list[str] | None = None, **how: Any) -> Scene:
    """Return the scene of an expression in x, y, z at 2, 3, 5."""
    graph = graphgrad.parse(text)
    at = {name: value for name, value in {"x": 2, "y": 3, "z": 5}.items() if name in graph.inputs}
    return shown_by(graph.backprop(at, wrt), **how)


def texts(picture: Scene, kind: str) -> list[str]:
    """Return the texts of the boxes of a kind."""
    return [box.text for box in picture.boxes if box.kind == kind]


def out_of(picture: Scene, text: str) -> list[Arrow]:
    """Return the arrows that leave the boxes with this text."""
    keys = {box.key for box in picture.boxes if box.text == text}
    return [arrow for arrow in picture.arrows if arrow.tail in keys]


def test_boxes() -> None:
    """Inputs show their names, operations their glyphs, the output its name."""
    picture = drawn("E = x*y + z")
    assert texts(picture, "input") == ["x", "y", "z"]
    assert texts(picture, "operation") == ["×", "+"]
    assert texts(picture, "output") == ["E"]


def test_an_output_without_a_name_is_called_e() -> None:
    """Where the program names no output, the picture says what it is."""
    assert texts(drawn("x*y"), "output") == ["E"]


def test_arrows_carry_values_forward_and_adjoints_backward() -> None:
    """The value stands above an arrow, the adjoint below it, and the backward pass starts with 1."""
    picture = drawn("x*y")
    assert [(a.above, a.below) for a in picture.arrows] == [("2", ("3",)), ("3", ("2",)), ("6", ("1",))]


def test_forward_pass_alone() -> None:
    """A picture of the forward pass has no arrow backward."""
    assert not any(arrow.backward or arrow.below for arrow in drawn("x*y", passes="forward").arrows)


def test_backward_pass_alone() -> None:
    """A picture of the backward pass shows adjoints and no values."""
    arrows = drawn("x*y", passes="backward").arrows
    assert not any(arrow.forward or arrow.above for arrow in arrows)
    assert [arrow.below for arrow in arrows] == [("3",), ("2",), ("1",)]


def test_an_unknown_pass_is_refused() -> None:
    """A pass that does not exist is an error that names those that do."""
    with pytest.raises(graphgrad.RenderError, match="forward, backward, both"):
        drawn("x", passes="sideways")


def test_nothing_flows_back_to_what_is_not_wanted() -> None:
    """No arrow runs back to an input that the gradient is not asked for."""
    picture = drawn("x*y", wrt=["x"])
    assert [arrow.backward for name in "xy" for arrow in out_of(picture, name)] == [True, False]


def test_an_intermediate_is_named_with_its_value() -> None:
    """What the program calls an intermediate stands before its value."""
    assert out_of(drawn("s = x*y; s + z"), "×")[0].above == "s = 6"


def test_local_derivatives_on_request() -> None:
    """With `local`, the derivative's formula and number stand below the adjoint, a plain number once."""
    picture = drawn("x*y + z", local=True)
    assert out_of(picture, "x")[0].below == ("3", "∂ = y = 3")
    assert out_of(picture, "z")[0].below == ("1", "∂E/∂z = 1")


def test_minus_is_a_minus_sign() -> None:
    """Negative numbers are set with a minus sign, not with a hyphen."""
    assert out_of(drawn("x - y"), "−")[0].above == "−1"


@pytest.mark.parametrize(
    ("text", "glyph"),
    [
        ("x*5", "×5"),
        ("5*x", "×5"),
        ("x + 1.08", "+1.08"),
        ("3 + x", "+3"),
        ("x - 3", "−3"),
        ("3 - x", "3−"),
        ("x/4", "÷4"),
        ("1/x", "1÷"),
        ("x*1e8", "×(1 × 10⁸)"),
        ("x**2.5", "x^2.5"),
        ("(1e-8)**x", "(1 × 10⁻⁸)ⁿ"),
        ("x**2", "x²"),
        ("2**x", "2ⁿ"),
    ],
)
def test_folding(text: str, glyph: str) -> None:
    """With `fold`, a constant stands in its operation's node, on the side it was written on where that matters."""
    picture = drawn(text, fold=True)
    assert texts(picture, "operation") == [glyph]
    assert texts(picture, "constant") == []


@pytest.mark.parametrize("text", ["max(x, 3)", "-x", "x*y"])
def test_what_does_not_fold(text: str) -> None:
    """Functions keep their arguments; what has no constant stays as it is."""
    assert drawn(text, fold=True) == drawn(text)


def test_a_constant_does_not_fan_out() -> None:
    """Every use of a constant has a text of its own."""
    assert texts(drawn("2*x + y/2"), "constant") == ["2", "2"]


def test_a_fan_out_is_a_branch_that_sums() -> None:
    """A value used twice branches: contributions on the branches, their sum on the way back to its node."""
    picture = drawn("x*x")
    assert [arrow.below for arrow in out_of(picture, "x")] == [("4",)]
    assert [arrow.below for arrow in out_of(picture, "")] == [("2",), ("2",)]


def test_what_leads_elsewhere_does_not_branch() -> None:
    """Statements that the output is not made from leave no trace."""
    picture = drawn("s = x*y; t = s + z; s")
    assert texts(picture, "operation") == ["×"]
    assert texts(picture, "branch") == []


def test_unused_inputs_are_not_drawn() -> None:
    """What the output is not made from is left out."""
    assert texts(drawn("x = 1; y = 2; y*3"), "input") == ["y"]


def test_a_constant_alone() -> None:
    """A program without operations is drawn all the same."""
    assert [box.kind for box in drawn("5").boxes] == ["constant", "output"]


def test_long_names_are_cut() -> None:
    """A name that leaves no room for anything else is cut."""
    name = "x" * 500
    picture = shown_by(graphgrad.parse(f"{name}*2").backprop({name: 1}))
    assert len(texts(picture, "input")[0]) < 40


def test_description() -> None:
    """The description says what is computed, the value and the gradient."""
    words = drawn("x*y").description
    assert "x*y" in words
    assert "At x = 2, y = 3: E = 6." in words
    assert "∂/∂x = 3, ∂/∂y = 2" in words


@pytest.mark.parametrize(
    ("text", "sign"),
    [("log2(x)", "log₂"), ("atan(x)", "arctan"), ("x**x", "xⁿ"), ("cbrt(x)", "∛"), ("x/2", "÷"), ("sign(x)", "sgn")],
)
def test_signs_are_those_of_mathematics(text: str, sign: str) -> None:
    """An operation has the sign or the name that a textbook prints."""
    assert texts(drawn(text), "operation") == [sign]


def test_a_local_derivative_says_of_what_by_what() -> None:
    """∂z/∂x stands before it where both have names; ∂ alone where they have none, or where an operand stands twice."""
    labels = [arrow.below[-1] for arrow in drawn("z = x*y", local=True).arrows[:2]]
    assert [label.split(" = ")[0] for label in labels] == ["∂z/∂x", "∂z/∂y"]
    assert out_of(drawn("z = x*x", local=True), "x")[0].below
    twice = [arrow.below[-1] for arrow in drawn("z = x*x", local=True).arrows if arrow.head == "n1"]
    assert {label.split(" = ")[0] for label in twice} == {"∂"}


def test_names_and_numbers_carry_their_latex() -> None:
    """Every text of a scene has LaTeX beside its Unicode reading."""
    scene = shown_by(graphgrad.parse("nu*x_1 - 3e8").backprop({"nu": 2, "x_1": 1e-9}), local=True)
    assert {box.text.tex for box in scene.boxes} >= {r"\nu", "x_{1}", r"3 \times 10^{8}", r"\times", "-"}
    assert all(label.tex for arrow in scene.arrows for label in (arrow.above, *arrow.below) if label)
