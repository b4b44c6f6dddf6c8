"""What is not supported for arrays is an error of graphgrad, never one of Python or NumPy."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.cli import command as cli
from graphgrad.ext import block

if TYPE_CHECKING:
    from pathlib import Path

LAYER = "L = sum(sigmoid(affine(x, W, b)))"
AT = {"x": [1, 2], "W": [[1, 2], [3, 4]], "b": [0, 0]}
X2, X3 = [1, 2], [1, 2, 3]


def test_the_chain_rule_in_words_is_for_numbers() -> None:
    """An explanation of arrays is an error with a hint."""
    with pytest.raises(gg.GraphgradError, match="written out for numbers") as caught:
        gg.parse(LAYER).backprop(AT).explain("W")
    assert "take an entry each" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "written"), [(LAYER, "affine"), ("sum(x)", "sum"), ("x @ y", "@"), ("log_softmax(x)*2", "log_softmax")]
)
def test_sympy_is_given_no_operation_on_arrays(text: str, written: str) -> None:
    """The error names the operation as it is written, and points at it."""
    with pytest.raises(gg.ExpressionError, match=f"and {written} is an operation on arrays") as caught:
        gg.parse(text).to_sympy()
    assert caught.value.span[1] > caught.value.span[0]


@pytest.mark.parametrize("language", ["python", "c", "javascript"])
@pytest.mark.parametrize(("text", "written"), [("sum(x*x)", "sum"), ("max(x)", "max"), ("x @ y", "@")])
def test_a_language_without_arrays_names_the_operation_as_written(language: str, text: str, written: str) -> None:
    """The error does not use the operation's name in the rule table."""
    with pytest.raises(gg.GraphgradError, match=f"has no function for {written}, an operation on arrays"):
        getattr(gg.parse(text), f"to_{language}")()


def test_without_inputs_to_differentiate_by_an_array_needs_no_seed() -> None:
    """There is no backward pass, so a seed is not needed."""
    result = gg.parse("x*x").backprop({"x": X3}, wrt=[])
    assert result.value.tolist() == [1, 4, 9]
    assert result.grad == {}
    assert result.check()


def test_results_are_compared_by_what_they_hold() -> None:
    """Results with arrays, or with a fault in a branch not taken, can be compared."""
    g = gg.parse("where(x > 0, x, log(x - 5))")
    assert g.backprop({"x": 1}) == g.backprop({"x": 1})
    assert g.backprop({"x": 1}) != g.backprop({"x": 2})
    assert gg.parse(LAYER).backprop(AT) == gg.parse(LAYER).backprop(AT)
    assert gg.parse(LAYER).backprop(AT) != gg.parse("L = sum(x)").backprop({"x": X2})


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("x[5]", {"x": X2}, "there is no entry 5"),
        ("reshape(x, shape=(3, 2))", {"x": X2}, "2 entries do not fill 3×2"),
        ("reshape_like(x, y)", {"x": X3, "y": X2}, "3 entries do not fill"),
        ("tail_like(x, y)", {"x": X2, "y": X3}, "3 > 2"),
        ("head_like(x, y)", {"x": X2, "y": X3}, "3 > 2"),
        ("head_like(x, y, axis=1)", {"x": [X2], "y": X3}, "there is no axis 1"),
        ("broadcast_like(x, y)", {"x": X3, "y": [X2]}, "3 ≠ 2"),
        ("broadcast_like(x, y)", {"x": [X2], "y": X2}, "1×2 is not broadcast to"),
        ("sum_like(x, y)", {"x": X3, "y": X2}, "3 ≠ 2"),
        ("spread_like(x, y)", {"x": X3, "y": X2}, "is not broadcast to a number"),
        ("place_like(x, y, at=[0])", {"x": X3, "y": X2}, "is not broadcast to a number"),
        ("matmul_left(g, x, y)", {"g": X3, "x": [X2], "y": X2}, "the adjoint is"),
        ("matmul_right(g, x, y)", {"g": X3, "x": [X2], "y": X2}, "the adjoint is"),
        ("one_hot(t, x)", {"t": X3, "x": [X2]}, "a class for each"),
        ("one_hot_back(x, t)", {"t": X3, "x": [X2]}, "a class for each"),
    ],
)
def test_shapes_that_do_not_fit_are_an_error(text: str, at: dict[str, Any], why: str) -> None:
    """The error has the sizes."""
    with pytest.raises(gg.ShapeError, match=why):
        gg.parse(f"sum({text})").backprop(at)


@pytest.mark.parametrize("text", ["max(x)", "min(x)", "mean(x)", "sum(logsumexp(x))", "sum(softmax(x))"])
def test_nothing_is_chosen_from_no_entries(text: str) -> None:
    """An empty array has no largest."""
    with pytest.raises(gg.DomainError, match="not defined"):
        gg.parse(text).backprop({"x": [[], []]})


@pytest.mark.parametrize("text", ["sum(softmax(x))", "sum(sigmoid(x))", "logsumexp(x)", "softmax_cross_entropy(x, x)"])
def test_what_is_irrational_has_no_exact_value_in_an_array_either(text: str) -> None:
    """The entries of exact arrays are fractions."""
    with pytest.raises(gg.DomainError, match="not a rational number"):
        gg.parse(text).backprop({"x": X2}, exact=True)


def test_the_largest_of_an_exact_array() -> None:
    """It is right where entries are tied, too."""
    result = gg.parse("max(x)").backprop({"x": ["1/2", "1/2", 0]}, exact=True)
    assert result.grad["x"].tolist() == [0.5, 0.5, 0]
    assert "2 of" not in result.warnings[0]


def test_class_indices_stay_indices_in_a_second_derivative() -> None:
    """They have no adjoint and no derivative."""
    result = gg.parse("sum(one_hot_back(x, t))").backprop({"x": [X2, X2], "t": [1, 5]})
    assert result.grad["x"].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("options", [{}, {"local": ""}, {"explain": ""}, {"page": ""}, {"exact": ""}])
@pytest.mark.parametrize("text", [LAYER, "max(x)*sum(W)*b[0]"])
def test_documents_get_a_picture_of_arrays_or_a_clear_error(text: str, options: dict[str, str]) -> None:
    """A tool that builds documents gets no other exception."""
    written = {"at": "x=[1,2], W=[[1,2],[3,4]], b=[0,0]", "check": "off", **options}
    message = "written out for numbers" if "explain" in options else "not a rational number"
    try:
        answer = block.read(text, written).answer()
        assert "<svg" in answer.svg
        assert answer.html()
        assert not answer.explanations()
    except gg.GraphgradError as error:
        assert message in str(error)


def damaged(folder: Path) -> dict[str, Path]:
    """Write files that hold no array of numbers, each for another reason."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", b"\x93NUMPY" + bytes(100))
    contents = {"text": b"x", "nothing": b"", "half": packed.getvalue()[:40], "header": packed.getvalue()}
    for name, content in contents.items():
        (folder / f"{name}.npy").write_bytes(content)
    np.save(folder / "objects.npy", np.array([1, None], dtype=object))
    np.save(folder / "words.npy", np.array(["a"]))
    np.save(folder / "complex.npy", np.array([1j]))
    return {path.stem: path for path in folder.iterdir()}


@pytest.mark.parametrize("kind", ["text", "nothing", "half", "header", "objects", "words", "complex"])
def test_the_command_refuses_a_file_without_numbers(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status is 2, and no code in the file is run."""
    assert cli.main(["sum(x)", "--at", f"x=@{damaged(tmp_path)[kind]}"]) == 2
    assert "array of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[[1,2],[3]]", "is not an array of finite numbers, with rows of one length"),
        ("[1,[2]]", "with rows of one length"),
        ("[1,2", "this is no array"),
        ("@missing.npy", "cannot read missing.npy"),
        ("@", "cannot read"),
    ],
)
def test_the_command_refuses_what_is_no_array(value: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 2, or 3 for a file that is not there, and the message has the reason."""
    assert cli.main(["sum(x)", "--at", f"x={value}"]) == (3 if value.startswith("@") else 2)
    assert message in capsys.readouterr().err
