"""`f.raw` gives the numbers and the errors of `f` to the last bit, as one tuple, in machine code and in Python."""

from __future__ import annotations

import gc
import math
import pickle
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from itertools import product
from random import Random
from types import BuiltinFunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table import TABLE, called, differentiable
from test_beyond_floats import CHAINS, POWERS
from test_corpus import FORMULAS
from test_properties import expressions

import graphgrad as gg
from graphgrad.compile.machine_code import has_llvm
from graphgrad.compile.point import raw
from graphgrad.compile.point.c_entry import ENTRIES
from graphgrad.compile.point.layout import DIRECT, address_in_c, layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops import Op

ODD: Final = (0.0, -0.0, 1.0, -2.5, 0.3, 1e-200, 1e200, -1e200, 710.0, -710.0, math.inf, -math.inf, math.nan)
needs_machine_code = pytest.mark.skipif(not (has_llvm() and layout()), reason="no machine code here")


AT_EXIT: Final = """
import os
from graphgrad.compile.point import c_entry
import graphgrad as gg

class Definition(c_entry._Definition):
    def __del__(self, write=os.write):
        write(1, b"freed")

c_entry._Definition = Definition
f = gg.parse("x*y").compile()
assert f.raw(2.0, 3.0) == (6.0, 3.0, 2.0)
"""


@pytest.fixture(params=[pytest.param("machine code", marks=needs_machine_code), "Python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Compile to machine code, or without LLVM."""
    if request.param == "Python":
        monkeypatch.setattr(raw, "_is_compiler_there", lambda: False)
    return str(request.param)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a maker of functions in machine code that has nothing to fall back to, once it has been called."""

    def made(text: str, given: Any = None) -> Any:
        f: Any = given or gg.parse(text).compile()
        with pytest.raises((gg.GraphgradError, TypeError)):
            f.raw(*["?"] * len(f.inputs))
        monkeypatch.setattr(raw._Machine, "__call__", lambda *_: pytest.fail("falls back"))  # noqa: SLF001  to see that it does not
        return f

    return made


def outcome(call: Callable[[], Any]) -> Any:
    """Return the bits of the numbers, or the error."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001  whatever it is
        return type(error), str(error)
    value, *rest = result
    partials = rest[0].values() if rest and isinstance(rest[0], dict) else rest
    return [float(x).hex() for x in (value, *partials)]


def assert_same(f: Any, *at: Any) -> None:
    """Compare `f.raw` with `f` at a point."""
    assert outcome(lambda: f.raw(*at)) == outcome(lambda: f(*at)), (f.__doc__, at)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula["id"])
def test_published_formulas(way: str, formula: dict[str, Any]) -> None:
    """At their points, and for machine code at one with an odd number in some place."""
    f: Any = gg.parse(formula["expr"]).compile()
    points = [[float(point["at"][name]) for name in f.inputs] for point in formula["points"]]
    for point in points + points[:1]:  # the first call compiles
        assert_same(f, *point)
    rng = Random(formula["id"])
    for point in points[:1] if f.inputs and way == "machine code" else ():
        place = rng.randrange(len(point))
        assert_same(f, *point[:place], rng.choice(ODD), *point[place + 1 :])


@TABLE
def test_each_operation(way: str, op: Op) -> None:
    """At operands however large or small."""
    f: Any = gg.parse(called(op)).compile(differentiable(op))
    outcome(lambda: f.raw(*[1.5] * op.arity))  # the first call compiles
    few = way == "Python" or op.arity > 1  # an error takes f long to explain
    numbers = (-0.0, 0.3, -2.5) if few else ODD
    for at in product(numbers, repeat=len(f.inputs)):
        assert_same(f, *at)


@pytest.mark.parametrize("text", POWERS + CHAINS)
def test_chains(way: str, text: str) -> None:  # noqa: ARG001  sets the way
    """Where an error of the one operation is infinity to the next, which makes it finite."""
    f: Any = gg.parse(text).compile()
    outcome(lambda: f.raw(*[1.5] * len(f.inputs)))  # the first call compiles
    for at in product(ODD, repeat=len(f.inputs)):
        assert_same(f, *at)


@needs_machine_code
@given(expressions(), st.lists(st.floats(), min_size=8, max_size=8))
def test_any_expression(text: str, numbers: list[float]) -> None:
    """At any floats."""
    f: Any = gg.parse(text).compile()
    for _ in range(2):  # the first call compiles
        assert_same(f, *numbers[: len(f.inputs)])


@needs_machine_code
@pytest.mark.parametrize("name", DIRECT)
def test_functions_of_c_are_those_that_python_calls(name: str) -> None:
    """The library of C gives Python's bits at ten thousand points."""
    rng, f = np.random.default_rng(3), getattr(math, name)
    count = 2 if name in {"atan2", "pow"} else 1
    if not address_in_c(name, count):
        pytest.skip("they differ here")
    compiled: Any = gg.parse(f"{name}({', '.join('xy'[:count])})").compile([])
    assert not isinstance(compiled.raw, MethodType)
    for at in rng.normal(scale=10 ** rng.uniform(-3, 3, (10_000, 1)), size=(10_000, count)).tolist():
        try:
            expected = f(*at)
        except (ArithmeticError, ValueError):
            continue
        assert compiled.raw(*at)[0].hex() == float(expected).hex(), at


@needs_machine_code
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("(apple*n + orange*m)*tax", (100.0, 2.0, 150.0, 3.0, 1.1)),
        ("where(x < 0, -x, log(x))", (-1.0,)),
        ("where(x < 0, -x, where(x < 1, log(x), 1/(x - 2)))", (0.5,)),
        ("max(x, y, z) + floor(x) - ceil(y) + abs(z)", (-0.5, 2.5, 7.0)),
        ("hypot(x, y) + gamma(x) + digamma(y) + besselj(2, x)", (0.5, 2.5)),
        ("exp(-x*x)*erf(y)**3 + pi", (0.5, 2.5)),
        ("x**y + y**2.5", (0.5, 2.5)),
    ],
)
def test_it_stays_in_machine_code(alone: Callable[..., Any], text: str, at: tuple[float, ...]) -> None:
    """Neither Python's functions nor a branch that is not taken make it fall back."""
    f = alone(text)
    assert outcome(lambda: f.raw(*at)) == outcome(lambda: f(*at))
    assert all(type(x) is float for x in f.raw(*at))


@pytest.mark.parametrize(
    "at",
    [
        (3, 5),
        (True, 2.5),
        (Fraction(1, 3), 2.0),
        (np.float64(0.5), np.int32(3)),
        (np.float32(0.1), 1.0),
        (10**400, 1.0),
        ("3", "5"),
        (None, 2.0),
        (1.0,),
        (),
        (1j, 2.0),
        (object(), 2.0),
    ],
)
def test_other_arguments_are_as_those_of_f(way: str, at: tuple[Any, ...]) -> None:  # noqa: ARG001  sets the way
    """Numbers of any kind, missing ones, and what is none: the same numbers or the same error."""
    f = gg.parse("x*log(y)").compile()
    for _ in range(2):  # the first call compiles
        assert_same(f, *at)


def test_defaults_of_the_text(way: str) -> None:  # noqa: ARG001  sets the way
    """An input that is left out, or None, has the value that the text gives it."""
    f: Any = gg.parse("rate = 1.5; x*rate").compile()
    assert f.raw(None, 2.0) == f.raw(1.5, 2.0) == (3.0, 2.0, 1.5)
    assert gg.parse("x = 2; x*x").compile().raw() == (4.0, 4.0)


def test_arrays_give_a_tuple_of_arrays(way: str) -> None:  # noqa: ARG001  sets the way
    """Row by row, or by operations on arrays."""
    x = np.array([1.0, 2.0])
    value, *partials = gg.parse("x*y").compile().raw(x, 3.0)
    assert [value.tolist(), *map(list, partials)] == [[3, 6], [3, 3], [1, 2]]
    total: Any = gg.parse("sum(x*x)").compile()
    assert [*map(np.ndarray.tolist, map(np.asarray, total.raw(x)))] == [5, [2, 4]]


def test_the_order_is_that_of_wrt(way: str) -> None:  # noqa: ARG001  sets the way
    """Also where it is not that of the inputs, and where a partial is constant."""
    assert gg.parse("x*y + z").compile(["z", "x"]).raw(2.0, 3.0, 4.0) == (10.0, 1.0, 3.0)
    assert gg.parse("x*y").compile([]).raw(2.0, 3.0) == (6.0,)
    assert gg.parse("2*pi").compile().raw() == (2 * math.pi,)


@pytest.mark.parametrize("text", ["x*y", "lambda*names", "sum(x)*y"])
def test_wrong_arguments(way: str, text: str) -> None:  # noqa: ARG001  sets the way
    """Too many, named ones and frames are refused."""
    pandas = pytest.importorskip("pandas")
    f: Any = gg.parse(text).compile()
    with pytest.raises(TypeError, match=r"raw\(\) takes at most 2 values, and here are 3"):
        f.raw(1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match="keyword"):
        f.raw(**dict.fromkeys(f.inputs, 1.0))
    with pytest.raises(gg.GraphgradError, match="this is a frame"):
        f.raw(pandas.DataFrame({name: [1.0] for name in f.inputs}))


@pytest.mark.parametrize("length", [500, 1_500, 3_000, 6_000])
def test_large_graphs(way: str, length: int) -> None:  # noqa: ARG001  sets the way
    """Machine code of more and of less effort, Python, and the interpreter of tapes."""
    text = "; ".join(["a0 = x*y", *(f"a{i} = a{i - 1}*cos(x) + y/{i}" for i in range(1, length // 4)), "a0 + 1"])
    text = text.replace("a0 + 1", f"a{length // 4 - 1}")
    f = gg.parse(text).compile()
    assert_same(f, 0.5, 2.0)
    assert_same(f, 0.5, 2.0)
    assert_same(f, 1, 2.0)
    assert_same(f, math.inf, 2.0)


def test_it_is_one_object(way: str) -> None:
    """The first call does not change which function it is; it says what it does."""
    f = gg.parse("x*y").compile()
    function: Any = f.raw
    assert isinstance(function, BuiltinFunctionType if way == "machine code" else MethodType)
    assert (f.raw(2.0, 3.0), f.raw(2.0, 3.0), f.raw == function) == ((6.0, 3.0, 2.0),) * 2 + (True,)
    assert "one tuple" in str(function.__doc__)
    assert function.__name__ == "raw"


@pytest.mark.parametrize("text", ["x*y", "lambda*names", "sum(x)*y"])
def test_it_can_be_pickled(way: str, text: str) -> None:  # noqa: ARG001  sets the way
    """Alone and with `f`, before and after it is compiled."""
    f: Any = gg.parse(text).compile()
    for _ in range(2):
        assert pickle.loads(pickle.dumps(f.raw))(2.0, 3.0) == pickle.loads(pickle.dumps(f)).raw(2.0, 3.0)
        assert f.raw(2.0, 3.0) == (6.0, 3.0, 2.0)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_it_survives_a_fork(way: str) -> None:
    """Machine code is in the memory that a child inherits; it is another process that forks, which has no threads."""
    code = f"""
from multiprocessing import get_context
import graphgrad as gg
from graphgrad.compile.point import raw
if {way!r} == "Python":
    raw._is_compiler_there = lambda: False
def results_at(f):
    return f.raw(2.0, 3.0), f.raw(2, 3)
f = gg.parse("x*y").compile()
expected = results_at(f)
assert expected[0] == (6.0, 3.0, 2.0)
with get_context("fork").Pool(1) as pool:
    assert pool.apply(results_at, (f,)) == expected
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)


def test_threads_may_make_the_first_call(way: str) -> None:  # noqa: ARG001  sets the way
    """All of them get the numbers."""
    f: Any = gg.parse("exp(x)*hypot(x, y)").compile()
    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(lambda _: f.raw(2.0, 3.0), range(400)))
    assert results == {(f(2.0, 3.0)[0], *f(2.0, 3.0)[1].values())}


def test_memory_stays_as_it_is(way: str) -> None:  # noqa: ARG001  sets the way
    """100,000 calls keep no reference to an argument or a result, and neither do those that fall back or fail."""
    f: Any = gg.parse("log(x)*hypot(x, y)").compile()
    x, y, whole, wrong = 2.5, 3.5, 2**70, math.nan
    f.raw(x, y)
    calls = [(100_000, (x, y)), (1_000, (whole, y)), (100, (wrong, y)), (1_000, (x, y, y))]
    for count, at in calls:
        _call(f, at, 10)
        gc.collect()
        before = [*map(sys.getrefcount, at)]
        tracemalloc.start()
        _call(f, at, count)
        gc.collect()
        assert [*map(sys.getrefcount, at)] == before
        assert tracemalloc.get_traced_memory()[0] < 20_000
        tracemalloc.stop()


def _call(f: Any, at: tuple[Any, ...], count: int) -> None:
    for _ in range(count):
        with suppress(gg.GraphgradError, TypeError):
            f.raw(*at)


@needs_machine_code
def test_it_outlives_f() -> None:
    """Where `f` is gone, machine code is still there, and what it falls back to is made again, once."""
    function: Any = gg.parse("x*log(y)").compile().raw
    gc.collect()
    assert function(2.0, 3.0) == function(2, 3) == (2 * math.log(3), math.log(3), 2 / 3)
    gc.collect()
    with pytest.raises(gg.DomainError, match=r"log\(-1\)"):
        function(2.0, -1.0)
    assert pickle.loads(pickle.dumps(function))(2.0, 3.0) == function(2.0, 3.0)


class Caller:
    """Calls a function while the collector takes apart the cycle that both are in."""

    def __init__(self, function: Callable[..., Any], results: list[Any]) -> None:
        self.function, self.results, self.itself = function, results, self

    def __del__(self) -> None:
        self.results += [self.function(2.0, 3.0), self.function(2, 3)]


@needs_machine_code
def test_it_works_until_it_is_gone() -> None:
    """Finalizers may call it while the collector takes apart the cycle that it is in."""
    results: list[Any] = []
    for i in range(20):
        f: Any = gg.parse(f"x*y + {i}").compile()
        f.raw(2.0, 3.0)
        f.__func__.caller = Caller(f.raw, results)
    del f
    gc.collect()
    assert sorted(results) == [(6.0 + i, 3.0, 2.0) for i in range(20) for _ in range(2)]


@needs_machine_code
def test_at_exit_the_definition_is_there_as_long_as_the_function() -> None:
    """The collector takes a cycle apart in any order, and CPython reads the definition when it frees the function."""
    assert not subprocess.run([sys.executable, "-c", AT_EXIT], check=True, capture_output=True).stdout


@needs_machine_code
def test_machine_code_goes_with_its_function() -> None:
    """Of many functions that are gone, only a few are still in memory; none is dropped that is still there."""
    kept: list[Any] = [gg.parse(f"x + {i}").compile() for i in range(10)]
    alone: list[Any] = [gg.parse(f"x*{i}").compile().raw for i in range(10)]
    numbers = [f.raw(1.0) for f in kept] + [function(2.0) for function in alone]
    gc.collect()
    before = len(ENTRIES)
    for _ in range(10):
        for _ in range(20):
            gg.parse("x*y").compile()
        gc.collect()
    assert len(ENTRIES) < 2 * (before + 20)
    assert numbers == [f.raw(1.0) for f in kept] + [function(2.0) for function in alone]


@needs_machine_code
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ZeroDivisionError, OverflowError])
def test_errors_of_functions_of_python(error: type[BaseException]) -> None:
    """One of arithmetic falls back to `f`; any other one is raised."""
    f: Any = gg.parse("hypot(x, y) + gamma(x)").compile([])
    expected = f(2.0, 3.0)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(f.__func__.__globals__, "hypot", failing_with(error))
        with pytest.raises(gg.GraphgradError):
            f.raw("?", "?")  # compiles
    if issubclass(error, ArithmeticError):
        assert f.raw(2.0, 3.0) == (expected,)
    else:
        with pytest.raises(error):
            f.raw(2.0, 3.0)


def failing_with(error: type[BaseException]) -> Callable[..., float]:
    """Return a function of floats that fails."""

    def failing(*_: float) -> float:
        raise error

    return failing


@needs_machine_code
@pytest.mark.parametrize("fault", [RuntimeError, OSError])
def test_python_steps_in(monkeypatch: pytest.MonkeyPatch, fault: type[Exception]) -> None:
    """Where LLVM cannot make code, or memory must not be executed."""

    def fail(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(raw, "machine_code", fail)
    f = gg.parse("x*log(y)").compile()
    assert_same(f, 2.0, 3.0)
    assert_same(f, 2.0, 3.0)
    assert_same(f, 2.0, -3.0)
    with pytest.raises(TypeError, match="at most 2 values"):
        f.raw(1.0, 2.0, 3.0)


@needs_machine_code
def test_an_interrupted_compilation_is_done_again(alone: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call makes machine code."""
    with monkeypatch.context() as patch:
        patch.setattr(raw, "machine_code", interrupted)
        f: Any = gg.parse("x*y").compile()
        with pytest.raises(KeyboardInterrupt):
            f.raw(2.0, 3.0)
    assert alone("x*y", f).raw(2.0, 3.0) == (6.0, 3.0, 2.0)


def interrupted(*_: Any, **__: Any) -> None:
    """Do as if someone pressed Ctrl-C."""
    raise KeyboardInterrupt
