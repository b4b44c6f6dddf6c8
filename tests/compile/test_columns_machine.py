"""Columns as machine code: NumPy's arithmetic to the last bit; and memory that is used again.

The functions that are computed within the loop have tests of their own (`test_functions.py`). Here NumPy's plans are
given the same ones, so that whatever else a loop does has the same bits.
"""

from __future__ import annotations

import gc
import math
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_functions import with_own_functions
from table import called
from test_corpus import FORMULAS
from test_properties import expressions

import graphgrad as gg
from graphgrad.compile import LEAST, MOST, Memory
from graphgrad.compile.columns import llvm_kernel as machine
from graphgrad.compile.columns import llvm_plan as fused
from graphgrad.compile.columns import repeated_calls
from graphgrad.compile.columns import ufunc_plan as plan
from graphgrad.compile.machine_code import has_llvm
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest.importorskip("scipy", reason="special functions of columns are SciPy's")
needs_llvm = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")

ODD: Final = (0.0, -0.0, math.inf, -math.inf, math.nan, 1e308, 1e-308, 5e-324, 1.0, -1.0)
rng = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make machine code from the first row on."""
    monkeypatch.setattr(plan, "WORTH_COMPILING", (0, 0))
    with_own_functions(monkeypatch)


def results(text: str, at: dict[str, Any]) -> list[Any]:
    """Return the value and the partial derivatives."""
    value, grad = gg.parse(text).compile()(**at)
    return [value, *grad.values()]


def results_of_numpy(text: str, at: dict[str, Any]) -> list[Any]:
    """Return the same without machine code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "has_llvm", lambda: False)
        return results(text, at)


def bits(arrays: list[Any]) -> list[bytes]:
    """Return what cannot be told apart where arrays are the same; one nan is like another."""
    return [np.where(np.isnan(x), math.nan, x).astype(x.dtype).tobytes() for x in arrays]


def recorded(patch: pytest.MonkeyPatch) -> list[fused.Fused]:
    """Return a list of what will have been made machine code."""
    made: list[fused.Fused] = []

    def recorded(make: Callable[..., fused.Fused]) -> Callable[..., fused.Fused]:
        def recording(*given: Any, **options: Any) -> fused.Fused:
            made.append(make(*given, **options))
            return made[-1]

        return recording

    for make in (fused.fused, fused.whole):
        patch.setattr(fused, make.__name__, recorded(make))
    return made


@needs_llvm
@pytest.mark.parametrize("line", FORMULAS, ids=lambda line: line["id"])
def test_published_formulas_have_the_numbers_of_numpy(line: dict[str, Any]) -> None:
    """At its points and beyond every domain, a formula has the same bits as without machine code."""
    names = gg.parse(line["expr"]).inputs
    if not names:
        pytest.skip("no column can be given")
    points = {name: [float(point["at"][name]) for point in line["points"]] for name in names}
    at = {name: np.array([*x, *rng.permutation(ODD), *rng.normal(size=60)]) for name, x in points.items()}
    assert bits(results(line["expr"], at)) == bits(results_of_numpy(line["expr"], at))


@needs_llvm
@given(
    expressions(),
    st.lists(st.tuples(*[st.sampled_from(ODD) | st.floats(-4, 4)] * 3), min_size=1, max_size=20),
    st.sampled_from([np.float32, np.float64]),
)
def test_any_expression_has_the_numbers_of_numpy(text: str, rows: list[tuple[float, ...]], dtype: type) -> None:
    """Whatever is written, in either type, and however many rows are left beside whole vectors."""
    with np.errstate(over="ignore"):
        columns = dict(zip(("x", "y", "りんご"), np.array(rows).astype(dtype).T, strict=True))
    at = {name: columns[name].copy() for name in gg.parse(text).inputs}
    if at:
        assert bits(results(text, at)) == bits(results_of_numpy(text, at))


@needs_llvm
@pytest.mark.parametrize(
    "text", ["where(x > y, x, -y)*(x != y)", "where(x, y, 2)", "abs(x)*sign(y)", "floor(x)+ceil(y)"]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_choices_and_kinks_are_those_of_numpy(text: str, dtype: type) -> None:
    """Comparisons, conditions and steps agree on zeros of both signs, infinities and nan, in either type."""
    with np.errstate(over="ignore"):
        odd: Any = np.array(ODD).astype(dtype)
    x, y = np.tile(odd, len(odd)), np.repeat(odd, len(odd))
    found = results(text, {"x": x, "y": y})
    assert {array.dtype for array in found} == {np.dtype(dtype)}
    assert bits(found) == bits(results_of_numpy(text, {"x": x, "y": y}))


@needs_llvm
@pytest.mark.parametrize("name", machine.INSTRUCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_instruction_is_numpy_s(name: str, dtype: type) -> None:
    """Arithmetic and steps have the same bits, also of what lies between two whole numbers."""
    with np.errstate(over="ignore"):
        numbers: Any = np.array((*ODD, 0.3, 0.5, 1.5, 2.5, -0.5, -1.5, 2.0**52 + 0.5)).astype(dtype)
    grid = np.meshgrid(*[numbers] * max(OPS[name].arity, 1))
    at = dict(zip("xy", (np.ascontiguousarray(x.ravel()) for x in grid), strict=False))
    assert bits(results(called(OPS[name]), at)) == bits(results_of_numpy(called(OPS[name]), at))


@needs_llvm
def test_numbers_beside_columns_and_results_that_are_constant() -> None:
    """An input may be a number, and an output an input, a constant, or twice the same."""
    x = rng.random(1_001)
    for text in ("x", "2*x", "k*x", "x + y", "exp(x)", "k + 0*x", "x*y + polygamma(1, x)", "max(x, y, k)"):
        at = {name: {"x": x, "y": x + 1, "k": 3.0}[name] for name in gg.parse(text).inputs}
        assert bits(results(text, at)) == bits(results_of_numpy(text, at))


@needs_llvm
def test_arithmetic_between_calls_is_one_loop() -> None:
    """Only functions that are no instructions of a machine take turns with it."""
    with pytest.MonkeyPatch.context() as patch:
        made = recorded(patch)
        gg.parse("a*digamma(b*c + d)/c").compile([])(*rng.random((4, 9)))
    assert [type(part).__name__ for part in made[0].parts] == ["Arithmetic", "Call", "Arithmetic"]
    assert made[0].width == 2


def laid_out(kind: str, column: Any) -> Any:
    """Return a column of the same numbers, which are small whole ones, that lies differently in memory."""
    rows = len(column)
    if kind == "every third":
        return np.repeat(column, 3)[::3]
    if kind == "backwards":
        return column[::-1].copy()[::-1]
    if kind == "a field":
        fields = np.zeros(rows, [("flag", "?"), ("x", "f8")])  # not aligned
        fields["x"] = column
        return fields["x"]
    return column.astype(kind)


LAYOUTS: Final = (
    "every third",
    "backwards",
    "a field",
    ">f8",
    "<f4",
    ">f4",
    "i1",
    ">i2",
    "i4",
    "i8",
    "u1",
    "u2",
    "u8",
    "?",
)


@needs_llvm
@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("rows", [3, 8, 1_001])
def test_columns_of_any_layout_have_the_same_numbers(kind: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strided, unaligned, swapped, single and whole numbers are loaded by machine code as contiguous doubles are."""
    f = gg.parse("x*exp(-y)*k + where(x > y, x, y/3)").compile()
    x, y = rng.integers(0, 2, rows).astype(float), rng.integers(0, 2, rows).astype(float)
    expected = f(x, y, 0.7)
    monkeypatch.setattr(plan.Planner, "plan", None)  # no calls of NumPy take its place
    value, grad = f(laid_out(kind, x), y, 0.7)
    assert bits([value, *grad.values()]) == bits([expected[0], *expected[1].values()])


@needs_llvm
@pytest.mark.parametrize("order", ["C", "F"])
def test_stretched_columns_have_the_same_numbers(order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An axis of length 1, or a missing one, is read again and again; results go to arrays of any layout."""
    f = gg.parse("x*exp(-y) + z").compile()
    x, y, z = rng.random((40, 1, 9)), rng.random((70, 1)), np.float64(3.0)
    whole = np.broadcast_arrays(x, y, z)
    expected = f(*(a.copy() for a in whole))
    monkeypatch.setattr(plan.Planner, "plan", None)
    results = [np.zeros((40, 70, 9), order=order) for _ in range(4)]
    f(x, y, np.array(z), out=(results[0], dict(zip("xyz", results[1:], strict=True))))
    assert bits(results) == bits([expected[0], *expected[1].values()])


@needs_llvm
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0, 1], ids=["aligned", "not aligned"])
def test_streamed_results_are_those_stored(dtype: type, offset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large results go past the caches where they begin at a vector's boundary; whatever the number of rows."""
    f = gg.parse("x*y + k").compile()
    for rows in (100, 150_001):
        x, y = rng.random((2, rows)).astype(dtype)
        expected = f(x, y, 2.0)
        with monkeypatch.context() as patch:
            for module in (repeated_calls, fused):
                patch.setattr(module, "streamed_bytes", lambda: 0)
            memory = Memory(np).empty((4, 1 << 18), np.dtype(dtype))
            memory[...] = np.nan
            value, *slopes = (row[offset : offset + rows] for row in memory)
            f(x, y, 2.0, out=(value, dict(zip(f.inputs, slopes, strict=True))))
        assert bits([value, *slopes]) == bits([expected[0], *expected[1].values()])
        assert np.isnan(memory[:, offset + rows]).all()


@needs_llvm
def test_few_rows_have_the_numbers_of_many() -> None:
    """Rows that fill no vector are computed as those that do, and so is the last, unfilled one."""
    f = gg.parse("sin(x)*exp(y)").compile()
    x, y = rng.random((2, 100))
    value, grad = f(x, y)
    for rows in (1, 2, 7, 8, 9, 99):
        few, slopes = f(x[:rows], y[:rows])
        assert few.tolist() == value[:rows].tolist()
        assert slopes["y"].tolist() == grad["y"][:rows].tolist()


@needs_llvm
def test_a_call_like_the_one_before_goes_to_the_kernel_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plan is looked for again; new numbers, new columns and arrays for the results are those of the call."""
    f = gg.parse("x*y + k").compile()
    x, y = rng.random((2, 100))
    f(x, y, 2.0)
    monkeypatch.setattr(plan.Planner, "runnable", None)
    assert bits([f(y, x, 3.0)[0]]) == bits([x * y + 3.0])
    out = np.zeros(100), {name: np.zeros(100) for name in f.inputs}
    assert f(x, y, 4.0, out=out)[0] is out[0]
    assert out[0].tolist() == (x * y + 4.0).tolist()
    assert out[1]["x"].tolist() == y.tolist()


@needs_llvm
@pytest.mark.parametrize("text", ["digamma(k)*x + 2", "gamma(k)*x*2 + 1", "x*digamma(k) + lgamma(r)*y", "x + k*r"])
def test_a_repeated_call_has_functions_of_numbers(text: str) -> None:
    """What a kernel needs of the numbers, beside themselves, is computed again in each call."""
    at: dict[str, Any] = {"x": rng.random(100), "y": rng.random(100), "k": 3.0, "r": 2.5}
    f: Any = gg.parse(text).compile()
    given: list[dict[str, Any]] = [{name: k * at[name] for name in f.inputs} for k in (1, 2, 1, 3)]
    for each in given:
        value, grad = f(*each.values())
        for found, expected in zip([value, *grad.values()], results_of_numpy(text, each), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-12)


@needs_llvm
def test_a_thread_left_behind_has_the_arrays_and_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two interrupts can end a call while another thread is in the kernel: nothing that this uses is freed."""
    parts: list[Any] = []
    held: list[Any] = []
    make = vars(machine)["machine_code"]

    def recorded(*given: Any, **options: Any) -> Any:
        code = make(*given, **options)
        held.append(weakref.ref(code))
        return code

    monkeypatch.setattr(machine, "machine_code", recorded)
    f: Any = gg.parse("x*y + k").compile()
    x, y = rng.random(100), rng.random(100)
    f(x, y, 2.0)
    monkeypatch.setattr(repeated_calls, "run_rows", lambda run, *_: parts.append(run))
    results = f(x, y, 3.0)
    held += map(weakref.ref, (x, y, results[0], *results[1].values()))
    del f, x, y, results
    gc.collect()
    assert len(held) == len([each for each in held if each() is not None]) == 7
    parts.clear()
    gc.collect()
    assert [each() for each in held] == [None] * 7


@needs_llvm
@pytest.mark.parametrize("start", [0, 50, 150, 200], ids=["an input", "part of an input", "part of another", "another"])
def test_results_that_share_memory_are_refused_in_every_call(start: int) -> None:
    """Also by a call that is like the one before."""
    f = gg.parse("x*y").compile()
    memory, y, slope = rng.random(300), rng.random(100), np.zeros(100)
    x, value, bad = memory[:100], memory[200:], memory[start : start + 100]
    f(x, y, out=(value, {"x": slope, "y": np.zeros(100)}))
    with pytest.raises(gg.GraphgradError, match="shares memory"):
        f(x, y, out=(value, {"x": bad, "y": slope}))


@needs_llvm
def test_it_waits_until_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows, or a few calls, are done before a compiler has begun."""
    monkeypatch.setattr(plan, "WORTH_COMPILING", (10_000, 0))
    made, turns = recorded(monkeypatch), []
    f = gg.parse("x*y").compile(["x"])
    for _ in range(6):
        f(np.ones(3_000), 2.0)
        turns.append(len(made))
    assert turns == [0, 0, 0, 1, 1, 1]


@needs_llvm
def test_kept_code_is_used_before_it_would_pay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another function of the same formula, as in the next process, reads it; without a folder nobody looks."""
    monkeypatch.setenv("GRAPHGRAD_CACHE", str(tmp_path / "cache"))
    made, x = recorded(monkeypatch), np.ones(3_000)
    gg.parse("x*y + 7").compile()(x, 2.0)
    for reading, looked in ((1 << 30, 1), (10_000, 2)):
        monkeypatch.setattr(plan, "WORTH_COMPILING", (1 << 40, 0))
        monkeypatch.setattr(plan, "WORTH_READING", reading)
        f = gg.parse("x*y + 7").compile()
        for _ in range(4):
            assert f(x, 2.0)[0].tolist() == [9.0] * 3_000
        assert len(made) == looked
    monkeypatch.setenv("GRAPHGRAD_CACHE", str(tmp_path / "none"))
    monkeypatch.setattr(plan.Planner, "instructions", None)
    assert gg.parse("x*y + 7").compile()(np.ones(1 << 20), 2.0)[0].tolist() == [9.0] * (1 << 20)


@needs_llvm
def test_a_machine_without_it_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where LLVM cannot make code, NumPy goes on, and nobody tries again at every call."""
    tries: list[object] = []

    def failing(*given: object, **_options: object) -> None:
        tries.append(given)
        raise RuntimeError("unknown machine")

    monkeypatch.setattr(fused, "whole", failing)
    f = gg.parse("x*y").compile()
    for _ in range(2):
        assert f(np.arange(3.0), 2.0)[0].tolist() == [0, 2, 4]
    assert len(tries) == 1


def test_an_old_llvm_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions that speak otherwise are left alone."""
    for found, answer in (("0.44.1", False), ("0.45.0", True), ("1.0", True)):
        monkeypatch.setitem(sys.modules, "llvmlite", SimpleNamespace(__version__=found))
        assert has_llvm.__wrapped__() is answer


ROWS: Final = LEAST // 8


def test_results_that_somebody_holds_are_left_alone() -> None:
    """Each call's results stay what they were, also where only a part of them is held."""
    f = gg.parse("k*x").compile()
    x = np.ones(ROWS)
    kept = [f(float(k), x)[0][5:] for k in range(6)]
    assert [set(part.tolist()) for part in kept] == [{float(k)} for k in range(6)]


def test_memory_that_nobody_holds_is_used_again() -> None:
    """A loop that replaces its results by the next ones needs two sets of them."""
    f = gg.parse("x*y").compile()
    x, y = np.ones(ROWS), np.ones(ROWS)
    places = set()
    value, grad = f(x, y)
    for _ in range(10):
        value, grad = f(x, y)
        places |= {array.ctypes.data for array in (value, *grad.values())}
    assert len(places) <= 6


def test_nobody_waits_for_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal's handler may compute columns, too, while what it interrupts allocates: it gets memory of its own."""
    memory, allocate, within = Memory(np), np.empty, list[Any]()

    def interrupted(*given: Any) -> Any:
        monkeypatch.setattr(memory, "numpy", np)
        within.append(memory.empty((LEAST,), np.dtype(float)))
        return allocate(*given)

    monkeypatch.setattr(memory, "numpy", SimpleNamespace(empty=interrupted, ndarray=np.ndarray, uint8=np.uint8))
    outer = memory.empty((LEAST,), np.dtype(float))
    assert not np.shares_memory(outer, *within)


def test_a_size_beyond_all_memory_leaves_the_pool_in_order() -> None:
    """What could not be allocated is not let go of later."""
    memory = Memory(np)
    with pytest.raises(MemoryError):
        memory.empty((1 << 50,), np.dtype(float))
    arrays = [memory.empty((LEAST + i,), np.dtype(float)) for i in range(2 * MOST[1])]
    assert len({x.ctypes.data for x in arrays}) == len(arrays)


@pytest.mark.parametrize("kinds", ["mmm", "mma", "maa", "aam"])
def test_results_may_be_matrices(kinds: str) -> None:
    """An array of a class whose shape is always of two axes is filled as any other."""
    x, f = rng.random((20, 50)), gg.parse("x*x + k*x").compile()
    value, by_x, by_k = (np.zeros((20, 50)).view(np.matrix if kind == "m" else np.ndarray) for kind in kinds)
    found = f(x=x, k=2.0, out=(value, {"x": by_x, "k": by_k}))
    assert found[0] is value
    for result, expected in ((value, x * x + 2 * x), (by_x, 2 * x + 2), (by_k, x)):
        np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-15)


def test_no_more_is_remembered_than_was_agreed() -> None:
    """Large arrays are their holders' alone, and of many the oldest are forgotten."""
    memory, (most, many) = Memory(np), MOST
    for size, count in ((most + 8, 1), (most // 2, 3), (LEAST, many + 1)):
        held = [memory.empty((size // 8,), np.dtype(float)) for _ in range(count)]
        oldest = weakref.ref(held[0].base)
        held.clear()
        assert oldest() is None


def test_all_functions_share_what_is_idle() -> None:
    """A second function takes over what the results of a first lay in."""
    x = np.ones(3 * ROWS + 5)
    place = gg.parse("x*7").compile()(x)[0].ctypes.data
    value, grad = gg.parse("x*9").compile()(x)
    assert place in {value.ctypes.data, grad["x"].ctypes.data}


def test_threads_do_not_share_memory() -> None:
    """Calls at once have results of their own."""
    f = gg.parse("k*x*y").compile()
    x = np.ones(4 * ROWS)

    def work(k: int) -> Iterator[bool]:
        for _ in range(20):
            value, grad = f(float(k), x, 2.0)
            yield bool((value == 2 * k).all() and (grad["y"] == k).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(all(found) for found in pool.map(lambda k: list(work(k)), range(8)))
