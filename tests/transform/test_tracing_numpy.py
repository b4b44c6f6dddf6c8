"""Every function of NumPy's and SciPy's is recorded as what it computes, or refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import scipy.special

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Function = Callable[..., Any]

CALLS: Final[dict[str, Callable[[Function], Function]]] = {
    "f(x)": lambda f: lambda x, y: f(x),
    "f(x, y)": lambda f: f,
    "f(0.5, x)": lambda f: lambda x, y: f(0.5, x),
    "f(x, y, 0.5)": lambda f: lambda x, y: f(x, y, 0.5),
    "f(x, 0)": lambda f: lambda x, y: f(x, 0),
    "f(x, 1)": lambda f: lambda x, y: f(x, 1),
    "f(x, 2)": lambda f: lambda x, y: f(x, 2),
    "f(x, axis=0)": lambda f: lambda x, y: f(x, axis=0),
    "f(x, keepdims=True)": lambda f: lambda x, y: f(x, keepdims=True),
    "f(x, dtype=int)": lambda f: lambda x, y: f(x, dtype=int),
    "f(x, out=None)": lambda f: lambda x, y: f(x, out=None),
    "f(x, where=False)": lambda f: lambda x, y: f(x, where=False),
    "f(x, initial=5)": lambda f: lambda x, y: f(x, initial=5),
    "f([x, y])": lambda f: lambda x, y: f([x, y]),
    "f([x, y], 0)": lambda f: lambda x, y: f([x, y], 0),
    "f([x, y], 1)": lambda f: lambda x, y: f([x, y], 1),
    "f([x, y], axis=0)": lambda f: lambda x, y: f([x, y], axis=0),
    "f([x, y], [y, 2x])[0]": lambda f: lambda x, y: f([x, y], [y, 2 * x])[0],
    "f(array)": lambda f: lambda x, y: f(np.array([x, y])),
    "f(array)[0]": lambda f: lambda x, y: f(np.array([x, y]))[0],
    "f(array, array)": lambda f: lambda x, y: f(np.array([x, y]), np.array([y, 2 * x])),
    "sum(f(array))": lambda f: lambda x, y: np.sum(f(np.array([x, y]))),
}
"""Ways to call a function with two traced numbers."""

NO_FUNCTIONS: Final = (
    "test",
    "save",
    "savez",
    "savetxt",
    "load",
    "from",
    "memmap",
    "info",
    "show",
    "set",
    "print",
    "genf",
)
"""How the names begin of what writes, reads or changes settings."""


def functions() -> Iterator[Function]:
    """Yield the functions of three modules."""
    for module in (np, np.linalg, scipy.special):
        for name in sorted(vars(module)):
            function = getattr(module, name, None)
            if callable(function) and not name.startswith(("_", *NO_FUNCTIONS)):
                yield function


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_recorded_as_what_it_computes_or_refused(call: str) -> None:
    """At another point than those of the tracer, the graph has the function's value."""
    at, recorded = {"x": 0.37, "y": 1.73}, 0
    for function in functions():
        called = CALLS[call](function)
        try:
            value = gg.trace(called, *at).backprop(at).value
            theirs = called(*map(np.float64, at.values()))
        except (gg.GraphgradError, TypeError):  # NumPy's refusal of what is one of graphgrad's own ways to call
            continue
        recorded += 1
        assert np.asarray(value, float) == pytest.approx(np.asarray(theirs, float), nan_ok=True), function
    assert recorded or "=" in call


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x & 3,
        lambda x: 6 & x,
        lambda x: x | (x > 0),
        lambda x: ~x,
        lambda x, y: (x > 0) ^ y,
        lambda x: np.bitwise_and(x, 3),
        lambda x: ((x > 0) + (x > 1)) & (x > 2),
    ],
)
def test_bits_of_numbers_are_refused(function: Function) -> None:
    """`6 & 3` is 2: only conditions are combined by `&`, `|`, `^` and `~`."""
    with pytest.raises(gg.GraphgradError, match="work on its bits"):
        gg.trace(function)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda x: np.linalg.norm(x, 1), "np.norm with ord = 1"),
        (lambda x: np.linalg.norm(x, 2), "np.norm with ord = 2"),
        (lambda x: np.linalg.norm(x, "fro"), "np.norm with ord = 'fro'"),
        (lambda x: np.einsum("...i->...", x), "np.einsum without letters"),
        (lambda x: np.trace(x, 1), "np.trace with offset = 1"),
        (lambda x: np.sum(x, dtype=int), "np.sum with dtype"),
        (lambda x: np.sum(x, initial=1), "np.sum with initial = 1"),
        (lambda x: np.sum(x, where=[True]), "np.sum with where = "),
        (lambda x: np.mean(x, axis=x), "np.mean with axis = "),
        (lambda x: x.mean(axis=0.5), "np.mean with axis = 0.5"),
        (lambda x: np.reshape(x, (2, 2), order="F"), "np.reshape with order = 'F'"),
        (lambda x: 2 * np.where(x), "np.where of 1 argument"),
        (lambda x, y: np.hypot(x, y, np.zeros(1)), "np.hypot with options"),
        (lambda x: pow(x, 2, 3), "a power with a modulus"),
        (lambda x: x << 1, "a shift of bits"),
        (lambda x: x.shape, "no .shape"),
        (lambda x: x.astype(int), "no .astype"),
        (lambda x: np.spacing(np.array([x, x]))[0], "the function cannot be recorded"),
    ],
)
def test_what_no_operation_means_is_refused(function: Function, told: str) -> None:
    """An argument or an attribute that has no counterpart is named."""
    with pytest.raises(gg.GraphgradError) as caught:
        gg.trace(function)
    assert told in str(caught.value)


def test_a_missing_attribute_can_be_asked_for() -> None:
    """`hasattr` and `getattr` with a default work on traced values as on numbers."""
    assert str(gg.trace(lambda x: x * (2 if hasattr(x, "shape") else getattr(x, "size", 3)))) == "x*3"


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * (2 if isinstance(x, float) else 3),
        lambda x: x + random.random(),
        lambda x: x * len(type(x).__name__),
        lambda x, y: x * y if type(x) is float or type(x) is np.float64 else x + y,
        lambda x: np.sum(x) if type(x) is np.ndarray else np.sum(x) / 2,
    ],
)
def test_a_function_that_is_not_its_graph_is_refused(function: Function) -> None:
    """What differs when it is called with numbers cannot pass silently."""
    with pytest.raises(gg.GraphgradError, match="the graph is not the function"):
        gg.trace(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.softplus(),
        lambda a, x: np.exp(a @ x).sum(),
        lambda x, y: np.arccosh(x) + np.log(-y),
        lambda x: (np.exp(1e9 * x) + 1) - np.exp(1e9 * x),
        lambda x: np.sqrt(x + 1e14) - np.sqrt(1e14) + (1e16 + x) - 1e16,
        lambda x, flag=None: x**2 if flag is None else x,
    ],
)
def test_no_alarm_is_raised_where_nothing_can_be_compared(function: Function) -> None:
    """A function that needs other arguments, has no value at the points, or rounds badly, is traced as before."""
    assert gg.trace(function).inputs


def test_other_parameters_end_the_inputs() -> None:
    """A parameter whose default is no number keeps it, and so do those behind it."""

    def power(x: Any, mode: str = "plain", n: float = 2) -> Any:
        return x**n if mode == "plain" else x

    assert gg.trace(power).inputs == ("x",)
    assert str(gg.trace(power)) == "x**2"


@pytest.mark.parametrize("function", [None, 3, "x*y", np.zeros(2), gg.parse("x")])
def test_what_is_no_function_is_refused(function: Any) -> None:
    """Only a function can be traced."""
    with pytest.raises(gg.GraphgradError, match="is no function"):
        gg.trace(function)
