"""Functions on arrays in the text: the subscripts of einsum, and hints for names that array libraries have."""

from __future__ import annotations

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.ops.table import OPERATIONS
from graphgrad.text.instead import INSTEAD
from graphgrad.text.plain import plain_grammar

FUNCTIONS = plain_grammar(OPERATIONS).functions
X, W = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)

KNOWN = [
    "sum",
    "mean",
    "var",
    "std",
    "min",
    "max",
    "prod",
    "cumsum",
    "cumprod",
    "any",
    "all",
    "argmax",
    "argmin",
    "norm",
    "dot",
    "vdot",
    "inner",
    "outer",
    "matmul",
    "tensordot",
    "einsum",
    "kron",
    "cross",
    "trace",
    "det",
    "slogdet",
    "inv",
    "pinv",
    "solve",
    "cholesky",
    "eig",
    "eigvals",
    "eigh",
    "svd",
    "qr",
    "lstsq",
    "diag",
    "triu",
    "tril",
    "transpose",
    "reshape",
    "ravel",
    "squeeze",
    "expand_dims",
    "broadcast_to",
    "concatenate",
    "stack",
    "split",
    "tile",
    "repeat",
    "roll",
    "flip",
    "take",
    "take_along_axis",
    "where",
    "sort",
    "argsort",
    "logsumexp",
    "softmax",
    "median",
    "gather",
    "conv",
    "max_pool",
    "avg_pool",
    "batch_norm",
    "dropout",
]
"""Reductions, linear algebra and layers of NumPy, JAX and the textbooks."""


@pytest.mark.parametrize("text", [
    'einsum("ij,jk->ik", x, w)',
    'einsum( "ij, jk -> ik" , x, w)',
    'einsum("ij,jk", x, w)',
    'einsum(x, w, subscripts="ij,jk->ik")',
])  # fmt: skip
def test_subscripts_stand_first_or_by_name(text: str) -> None:
    """Both spellings are one graph, which is written with the name."""
    graph = gg.parse(text)
    assert graph.backprop({"x": X, "w": W}, seed=1).value.tolist() == (X @ W).tolist()
    assert str(gg.parse(str(graph))) == str(graph)


@pytest.mark.parametrize(("text", "column"), [
    ('sum("ij", x)', 5),
    ('einsum(x, "ij,j", y)', 11),
    ('einsum("i1,j", x)', 8),
    ('"ij"', 1),
    ('einsum("ij" x)', 8),
    ('x + "ij->i", y', 5),
])  # fmt: skip
def test_a_text_elsewhere_is_refused_at_its_quote(text: str, column: int) -> None:
    """Nothing but the subscripts of a call that takes some may stand in quotes."""
    with pytest.raises(gg.ExpressionSyntaxError) as caught:
        gg.parse(text)
    assert caught.value.span[0] + 1 == column


@pytest.mark.parametrize("subscripts", ["ij,jk->ik", "i->i", "ij->k", "ij->iij", "ii->i"])
def test_subscripts_that_do_not_fit_are_a_shape_error(subscripts: str) -> None:
    """It is raised before anything is computed, unless they do fit."""
    graph = gg.parse(f'einsum("{subscripts}", x)')
    if subscripts == "ij->iij":
        assert np.shape(graph.backprop({"x": X}, seed=1).value) == (2, 2, 3)
        return
    with pytest.raises(gg.ShapeError):
        graph.backprop({"x": X}, seed=1)


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_function_works_or_says_what_to_write(name: str) -> None:
    """It is in the table, or its hint is that of its name."""
    assert (name in FUNCTIONS) != (name in INSTEAD)


@pytest.mark.parametrize("name", INSTEAD)
def test_a_hint_says_what_to_write_instead(name: str) -> None:
    """What is no operation has a hint of its own, which is no near name."""
    assert name not in FUNCTIONS
    with pytest.raises(gg.UnknownNameError) as caught:
        gg.parse(f"{name}(x)")
    assert caught.value.hint == INSTEAD[name]


def test_correction_is_ddof() -> None:
    """NumPy's second name of the parameter is read as the first; together they are refused."""
    assert str(gg.parse("var(x, correction=1)")) == "var(x, ddof=1)"
    with pytest.raises(gg.ExpressionSyntaxError, match="no parameter 'correction'"):
        gg.parse("var(x, ddof=1, correction=1)")
    with pytest.raises(gg.ExpressionSyntaxError, match="no parameter 'correction'"):
        gg.parse("mean(x, correction=1)")
