"""A compiled function in other array libraries: same numbers, and results of that library."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
from table import called, differentiable
from table import points as domain_points
from test_corpus import FORMULAS, is_near

import graphgrad as gg
from graphgrad.ops import NUMERIC


class Library(NamedTuple):
    """How a library's arrays are made and read."""

    make: Any
    kind: Any


def torch() -> Library:
    """Return PyTorch, on the CPU."""
    found = pytest.importorskip("torch", reason="PyTorch is not installed")
    return Library(found.asarray, found.Tensor)


def jax() -> Library:
    """Return JAX, with 64 bits."""
    found = pytest.importorskip("jax", reason="JAX is not installed")
    found.config.update("jax_enable_x64", True)
    return Library(found.numpy.asarray, found.Array)


def dask() -> Library:
    """Return Dask's arrays, in chunks."""
    found = pytest.importorskip("dask.array", reason="Dask is not installed")
    return Library(partial(found.from_array, chunks=2), found.Array)


def strict() -> Library:
    """Return the array API standard and nothing more."""
    found = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    return Library(found.asarray, type(found.asarray(0.0)))


@pytest.fixture(params=[torch, jax, dask, strict], ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Library:
    """Return each library that is installed."""
    return request.param()  # type: ignore[no-any-return]


def seen(x: Any) -> Any:
    """Return an array as NumPy's."""
    return np.asarray(x)


def answer(f: Any, at: dict[str, Any]) -> Any:
    """Return a function's results, or None where the library lacks a function and the error says so."""
    try:
        return f(**at)
    except gg.GraphgradError as error:
        assert "has no function" in error.message
        return None


def test_published_formulas_have_their_numbers(library: Library) -> None:
    """With its points as rows, every tenth formula is within its own bounds."""
    for line in FORMULAS[::10]:
        f = gg.parse(line["expr"]).compile()
        rows = {name: np.array([float(point["at"][name]) for point in line["points"]]) for name in f.inputs}
        if not rows:
            continue
        found = answer(f, {name: library.make(x) for name, x in rows.items()})
        if found is None:
            continue
        value, grad = found
        assert all(isinstance(x, library.kind) for x in (value, *grad.values()))
        values, partials = seen(value), {name: seen(d) for name, d in grad.items()}
        for i, point in enumerate(line["points"]):
            scale = max(abs(Decimal(d)) for d in point["grad"].values())
            near = partial(is_near, bound=max(point["bound"], 1e-11), scale=scale)
            assert near(float(values[i]), point["value"]), line["id"]
            assert [n for n, d in point["grad"].items() if not near(float(partials[n][i]), d)] == [], line["id"]


LIBRARY_DIGITS: Final = {"beta": 1e-6, "betaln": 1e-6}
"""The relative error of the libraries' own functions, where it is larger: JAX takes differences of log gamma."""


@pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
def test_every_operation_is_computed(op: Any, library: Library) -> None:
    """Each row of the table has the interpreter's numbers, or an error that says what the library lacks."""
    graph, wrt, places = gg.parse(called(op)), differentiable(op), domain_points(op)
    f = graph.compile(wrt)
    counting = {name for i, name in enumerate(graph.inputs) if name not in wrt and not op.flat and op.d[i] is None}
    here: dict[str, Any] = {name: library.make(np.array([at[name] for at in places])) for name in graph.inputs}
    here |= dict.fromkeys(counting, 2.0)
    found = answer(f, here)
    if found is None:
        pytest.skip("the library has no such function")
    value, grad = found
    for i, at in enumerate(places):
        result = graph.backprop(at | dict.fromkeys(counting, 2.0), wrt)
        digits = LIBRARY_DIGITS.get(op.name, 1e-11)
        assert float(seen(value)[i]) == pytest.approx(result.value, rel=digits, abs=1e-13)
        assert {n: float(seen(d)[i]) for n, d in grad.items()} == pytest.approx(
            result.grad, rel=1e3 * digits, abs=1e-12
        )


def test_numbers_and_arrays_are_broadcast(library: Library) -> None:
    """Numbers take the arrays' type, and every result has the common shape."""
    f = gg.parse("where(x > 1, x*y, exp(z)) + max(x, 0.5, y)").compile()
    x = library.make(np.array([[0.5], [1.5]], np.float32))
    y = library.make(np.array([1.0, 2.0, 3.0], np.float32))
    value, grad = f(x, y, 0.5)
    assert {tuple(a.shape) for a in (value, *grad.values())} == {(2, 3)}
    assert all("float32" in str(a.dtype) for a in (value, *grad.values()))
    expected, _ = f(seen(x), seen(y), 0.5)
    assert seen(value) == pytest.approx(expected, rel=1e-6)


def test_out_is_numpys_alone(library: Library) -> None:
    """Another library's results are its own to place."""
    with pytest.raises(gg.GraphgradError, match="out= needs NumPy arrays"):
        gg.parse("x*y").compile()(library.make(np.ones(2)), 1.0, out=(None, {}))


def test_it_stands_inside_jit() -> None:
    """JAX traces through a compiled function, and agrees with its own gradient."""
    jax_ = pytest.importorskip("jax", reason="JAX is not installed")
    jax_.config.update("jax_enable_x64", True)
    f = gg.parse("sin(x*y)*exp(-x**2) + where(x > 1, log(x), 0)*y").compile()
    x, y = jax_.numpy.linspace(0.1, 2, 7), 1.5
    value, grad = jax_.jit(lambda x: f(x, y))(x)
    assert np.asarray(value) == pytest.approx(np.asarray(f(np.asarray(x), y)[0]))
    own = jax_.vmap(jax_.grad(lambda x: f(x, y)[0]))(x)
    assert np.asarray(grad["x"]) == pytest.approx(np.asarray(own))


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
def test_a_branch_not_taken_has_no_effect(library: Library) -> None:
    """Nor does it where the library's own differentiation would meet 0 times infinity."""
    value, grad = gg.parse("where(x > 0, log(x)*sqrt(x), x)").compile()(library.make(np.array([-2.0, 0.0, 4.0])))
    assert seen(value)[:2].tolist() == [-2.0, 0.0]
    assert seen(grad["x"])[:2].tolist() == [1.0, 1.0]


def test_dask_stays_lazy() -> None:
    """Nothing is computed until it is asked for."""
    dask_ = pytest.importorskip("dask.array", reason="Dask is not installed")
    x = dask_.ones(10, chunks=5)
    value, grad = gg.parse("exp(x)*erf(x)").compile()(x)
    assert isinstance(value, dask_.Array)
    assert value.chunks == x.chunks
    assert grad["x"].compute().shape == (10,)
