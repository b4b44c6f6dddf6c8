"""Softmax with cross-entropy on the rows of a matrix: the loss and the adjoint of its logits from one set of powers.

The formulas are those of `graphgrad.ops.softmax` where one entry of each row is the largest: with e = exp(x - max(x)),
and s the sum of e over the other entries, log(softmax(x)) is x - max(x) - log1p(s). Rows up to `SHORT` are stored as
columns, so that NumPy's loops run along all rows at once.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np  # this module is imported by the first program of arrays

from graphgrad.compile.columns.reductions import ONE_THREAD, SHORT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["column_sums", "softmax_rows"]

FEW: Final = 24
"""The most entries of one row computed as Python's floats, which takes less time than calls on arrays."""


def softmax_rows(logits: Any, targets: Any) -> _FewEntries | _Columns | _Rows:
    """Return what computes the loss and the adjoint of logits, which have the targets' shape.

    Raises `FloatingPointError` for a row with two largest entries, for which these formulas lose digits.

    >>> rows = softmax_rows(np.array([[0.0, 3.0]]), np.array([[0.0, 1.0]]))
    >>> round(rows.loss(), 8), rows.less_sum()
    (0.04858735, array([[-0.04742587,  0.04742587]]))
    """
    size, classes = logits.size, logits.shape[-1]
    if size == classes <= FEW:
        return _FewEntries(logits, targets)
    flat = (-1, classes)
    return (_Columns if classes <= SHORT else _Rows)(logits.reshape(flat), targets.reshape(flat), logits.shape)


class _FewEntries:
    """One short row, in Python's floats."""

    __slots__ = ("differences", "largest", "others", "s", "shape", "targets")

    def __init__(self, logits: Any, targets: Any) -> None:
        row = logits.ravel().tolist()
        maximum = max(row)
        if row.count(maximum) != 1:  # no entry is equal to a nan
            raise FloatingPointError
        self.shape = logits.shape
        self.targets = targets.ravel().tolist()
        self.largest = row.index(maximum)
        self.differences = [x - maximum for x in row]
        self.others = list(map(math.exp, self.differences))
        self.others[self.largest] = 0.0
        self.s = sum(self.others)

    def loss(self) -> float:
        """Return -sum(t*log_softmax(x))."""
        excess = math.log1p(self.s)
        return math.fsum([t * (excess - d) for t, d in zip(self.targets, self.differences, strict=True)])

    def less_sum(self) -> Any:
        """Return t - softmax(x)*sum(t)."""
        largest, targets = self.largest, self.targets
        own = targets[largest]
        targets[largest] = 0.0
        rest = sum(targets)
        share = (own + rest) / (1 + self.s)
        adjoint = [t - e * share for t, e in zip(targets, self.others, strict=True)]
        adjoint[largest] = self.s * share - rest
        targets[largest] = own
        return np.array(adjoint).reshape(self.shape)


class _Matrix:
    """Many rows, in arrays; a subclass says in which layout."""

    __slots__ = ("differences", "largest", "others", "s", "shape", "targets", "totals")

    stored: Callable[..., Any]
    maxima: Callable[..., Any]
    sums: Callable[..., Any]

    def __init__(self, logits: Any, targets: Any, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.differences, self.targets = x, t = self.stored(logits), self.stored(targets)
        np.subtract(x, self.maxima(x), out=x)
        self.others = others = np.exp(x)
        self.largest = largest = np.floor(others)  # 1 at the largest entry, 0 elsewhere
        ones = largest.ravel()
        if _dot(ones, ones) > len(logits):
            raise FloatingPointError
        np.subtract(others, largest, out=others)
        self.s, self.totals = self.sums(others), self.sums(t)

    def loss(self) -> Any:
        """Return the mean of -sum(t*log_softmax(x)) over the rows."""
        excess = np.log1p(self.s).ravel()
        return (_dot(excess, self.totals.ravel()) - _dot(self.differences.ravel(), self.targets.ravel())) / excess.size

    def less_sum(self) -> Any:
        """Return t - softmax(x)*sum(t), whose entry at the largest logit is s*sum(t)/(1 + s) less the other targets.

        May be called once: it reuses the arrays.
        """
        largest, others = self.largest, self.others
        rest = self.targets - largest * self.targets
        other_targets = self.sums(rest)
        share = self.totals / (self.s + 1.0)
        others *= share
        rest -= others
        share *= self.s
        share -= other_targets
        largest *= share
        rest += largest
        return self.restored(rest)

    def restored(self, x: Any) -> Any:
        """Return an array in the layout and the shape of the logits."""
        raise NotImplementedError


class _Columns(_Matrix):
    """Short rows as columns."""

    __slots__ = ()

    def stored(self, x: Any) -> Any:
        return x.T.copy()

    def maxima(self, x: Any) -> Any:
        return np.maximum.reduce(x)

    def sums(self, x: Any) -> Any:
        return _ones(len(x)).dot(x) if x.size <= ONE_THREAD else np.add.reduce(x)

    def restored(self, x: Any) -> Any:
        return x.T.reshape(self.shape)


class _Rows(_Matrix):
    """Long rows as they are."""

    __slots__ = ()

    def stored(self, x: Any) -> Any:
        return x.copy()

    def maxima(self, x: Any) -> Any:
        return np.maximum.reduce(x, axis=1, keepdims=True)

    def sums(self, x: Any) -> Any:
        return np.add.reduce(x, axis=1, keepdims=True)

    def restored(self, x: Any) -> Any:
        return x.reshape(self.shape)


def column_sums(x: Any) -> Any:
    """Return the sums of a matrix's columns, by products with ones.

    >>> column_sums(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    rows, columns = x.shape
    if x.size <= ONE_THREAD:
        return _ones(rows).dot(x)
    step = max(ONE_THREAD // columns, 1)
    if columns > SHORT:
        return np.add.reduce(x)
    ones = _ones(step)
    sums = ones.dot(x[:step])
    for start in range(step, rows, step):
        part = x[start : start + step]
        sums += ones[: len(part)].dot(part)
    return sums


def _dot(x: Any, y: Any) -> Any:
    return x.dot(y) if x.size <= ONE_THREAD else np.einsum("i,i->", x, y)


@cache
def _ones(count: int) -> Any:
    return np.ones(count)
