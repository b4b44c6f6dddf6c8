"""Columns: a compiled function on arrays gives, row by row, what it gives at a point."""

from __future__ import annotations

import signal
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from table import called, differentiable
from table import points as domain_points
from test_corpus import FORMULAS, is_near
from test_properties import expressions

import graphgrad as gg
from graphgrad.base import collector_paused
from graphgrad.compile.columns import blocks
from graphgrad.compile.columns import llvm_plan as fused
from graphgrad.compile.columns import ufunc_plan as plan
from graphgrad.compile.columns.run_columns import columns as right
from graphgrad.compile.machine_code import has_llvm
from graphgrad.ops import NUMERIC

pytest.importorskip("scipy", reason="special functions of columns are SciPy's")

BOOK = "(apple*n + orange*m)*tax"
TABLE = pytest.mark.parametrize("op", [op for op in NUMERIC.values() if op.arity], ids=lambda op: op.name)
rng = np.random.default_rng(0)


@pytest.fixture(params=["NumPy", "machine code"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run everything both ways, though machine code is made only when it pays."""
    if request.param != "NumPy":
        monkeypatch.setattr(plan, "WORTH_COMPILING", (0, 0))


@pytest.mark.parametrize("line", FORMULAS, ids=lambda line: line["id"])
def test_published_formulas_have_their_numbers(line: dict[str, Any]) -> None:
    """With its points as rows, a formula's values and gradients are within the line's own bounds."""
    f = gg.parse(line["expr"]).compile()
    if not f.inputs:
        pytest.skip("no column can be given")
    rows = {name: np.array([float(point["at"][name]) for point in line["points"]]) for name in f.inputs}
    values, grad = f(**rows)
    for i, point in enumerate(line["points"]):
        near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
        assert near(values[i], point["value"])
        assert [name for name, d in point["grad"].items() if not near(grad[name][i], d)] == []


@TABLE
def test_every_operation_takes_columns(op: Any) -> None:
    """Each row of the table has the interpreter's numbers, whichever of its operands are columns."""
    graph, wrt, places = gg.parse(called(op)), differentiable(op), domain_points(op)
    f = graph.compile(wrt)
    columns = {name: np.array([at[name] for at in places]) for name in graph.inputs}
    for fixed in [None, *graph.inputs[1:]]:
        here = {name: x[2] if name == fixed else x for name, x in columns.items()}
        values, grad = f(**here)
        for i in range(len(places)):
            at = {name: x if name == fixed else x[i] for name, x in here.items()}
            result = graph.backprop(at, wrt)
            assert values[i] == pytest.approx(result.value, rel=1e-13, abs=1e-14)
            assert {name: d[i] for name, d in grad.items()} == pytest.approx(result.grad, rel=1e-12, abs=1e-14)


@given(expressions(), st.lists(st.tuples(*[st.floats(-4, 4)] * 3), min_size=1, max_size=4))
def test_columns_are_points(text: str, rows: list[tuple[float, ...]]) -> None:
    """On any expression a row has the numbers of its point, or nan where the point has none."""
    f = gg.parse(text).compile()
    columns = dict(zip(("x", "y", "りんご"), np.array(rows).T, strict=True))
    if not f.inputs:
        return
    values, grad = f(**{name: columns[name] for name in f.inputs})
    for i in range(len(rows)):
        try:
            value, partials = f(**{name: columns[name][i] for name in f.inputs})
        except gg.DomainError:
            continue
        assert values[i] == pytest.approx(value, rel=1e-9, abs=1e-9)
        assert {name: d[i] for name, d in grad.items()} == pytest.approx(partials, rel=1e-9, abs=1e-9)


def columns(names: tuple[str, ...], rows: int, dtype: type = float) -> dict[str, Any]:
    """Return random columns between 0.5 and 1.5."""
    return {name: (rng.random(rows) + 0.5).astype(dtype) for name in names}


def test_columns_and_numbers_are_broadcast() -> None:
    """Every derivative has the result's shape, that by a number too."""
    f = gg.parse(BOOK).compile()
    n = np.arange(4.0)
    value, grad = f(apple=100, n=n, orange=150, m=3, tax=1.1)
    assert value == pytest.approx((100 * n + 450) * 1.1)
    assert {x.shape for x in grad.values()} == {(4,)}
    assert grad["orange"] == pytest.approx([3.3] * 4)
    table, slopes = f(100, n[:, None], 150, np.arange(3), 1.1)
    assert table.shape == slopes["tax"].shape == (4, 3)
    assert table == pytest.approx((100 * n[:, None] + 150 * np.arange(3)) * 1.1)


@pytest.mark.parametrize("shape", [(1,), (0,), (0, 3), (3, 0), (2, 3, 4), (70_000, 3), (2, 100_001), (3, 5, 20_000)])
def test_any_shape_will_do(shape: tuple[int, ...]) -> None:
    """Blocks cover every row once, of arrays that lie in one piece and of others."""
    f = gg.parse("x*y + sin(x)").compile()
    x, y = rng.random(shape), rng.random(shape[-1:])
    for these in (x, np.asfortranarray(x), x[..., ::-1]):
        value, grad = f(these, y)
        np.testing.assert_array_max_ulp(value, these * y + np.sin(these), 2)
        np.testing.assert_array_max_ulp(grad["x"], y + np.cos(these), 2)
        assert np.array_equal(grad["y"], np.broadcast_to(these, shape))


def test_an_array_without_axes_gives_one() -> None:
    """A result has the shape of what it is computed from."""
    value, grad = gg.parse("x*y").compile()(np.array(2.0), 3.0)
    assert value.shape == grad["x"].shape == ()
    assert (float(value), float(grad["x"])) == (6.0, 3.0)


def test_float32_stays_float32() -> None:
    """The result has the columns' common type, and numbers do not widen it."""
    f = gg.parse("exp(-x**2/2)*y + where(x > y, 1, x)*(x < y)").compile()
    x = columns(("x", "y"), 10_000, np.float32)
    value, grad = f(**x)
    assert {a.dtype for a in (value, *grad.values())} == {np.dtype(np.float32)}
    precise, _ = f(**{name: a.astype(float) for name, a in x.items()})
    assert value == pytest.approx(precise, rel=1e-5)
    assert f(x["x"], 2.5)[0].dtype == np.float32
    assert f(x["x"], x["y"].astype(float))[0].dtype == np.float64


def test_integers_become_float64() -> None:
    """Integers and booleans are converted block by block, and never overflow."""
    f = gg.parse("x*x*y").compile()
    x = np.full(100_000, 10**9)
    value, grad = f(x, np.True_)
    assert value.dtype == grad["x"].dtype == float
    assert np.array_equal(value, np.full(100_000, 1e18))
    assert f([1, 2, 3], np.array([True, False, True]))[0].tolist() == [1, 0, 9]


def test_inputs_may_be_read_only_and_are_left_alone() -> None:
    """No input is written to, strided and read-only ones included."""
    f = gg.parse("(x - y)/(x + y)").compile()
    table = rng.random((50_000, 4))
    table.flags.writeable = False
    before = table.copy()
    value, grad = f(table[:, 1], table[::-1, 2])
    assert value == pytest.approx((table[:, 1] - table[::-1, 2]) / (table[:, 1] + table[::-1, 2]))
    assert np.array_equal(table, before)
    assert all(x.flags.writeable for x in (value, *grad.values()))


def test_results_go_where_they_are_wanted() -> None:
    """`out` is what a call returns; what is left out is made."""
    f = gg.parse(BOOK).compile()
    at = columns(f.inputs, 30_000)
    first = f(**at)
    out = np.empty(30_000), {name: np.empty((30_000, 2))[:, 0] for name in f.inputs[:2]}
    value, grad = f(**at, out=out)
    assert value is out[0]
    assert all(grad[name] is x for name, x in out[1].items())
    assert np.array_equal(value, first[0])
    assert all(np.array_equal(grad[name], first[1][name]) for name in f.inputs)


@pytest.mark.parametrize("name", ["value", "out", "shape", "self"])
def test_an_input_may_be_called_as_a_result_is(name: str) -> None:
    """Its derivative is another result than the value, also in given arrays."""
    x, out = np.array([3.0]), (np.zeros(1), {name: np.zeros(1)})
    f = gg.parse(f"{name}*{name}").compile()
    given = f(x, out=out) if name != "out" else f(x)
    for value, grad in (f(x), given):
        assert (value.tolist(), grad[name].tolist()) == ([9], [6])


def test_an_unfit_out_is_refused() -> None:
    """A wrong shape or type, memory of an input, and an unknown name are errors that say so."""
    f = gg.parse("x*y").compile()
    x = np.ones(3)
    for out, why in [
        ((np.empty(4), {}), "shape"),
        ((np.empty(3, np.float32), {}), "float64"),
        ((x, {}), "shares memory"),
        ((None, {"z": np.empty(3)}), "'z'"),
        ((y := np.empty(3), {"x": y}), "shares memory"),
    ]:
        with pytest.raises(gg.GraphgradError, match=why):
            f(x, np.ones(3), out=out)
    with pytest.raises(gg.GraphgradError, match="out= needs columns"):
        f(1.0, 2.0, out=(None, {}))


def test_what_is_no_column_is_refused() -> None:
    """Shapes that do not go together, texts and complex numbers are named."""
    f = gg.parse("x*y").compile()
    with pytest.raises(gg.GraphgradError, match=r"x \(3,\), y \(4,\)"):
        f(np.ones(3), np.ones(4))
    for wrong in (np.array(["a"]), np.ones(3, complex)):
        with pytest.raises(gg.GraphgradError, match="the column y is of type"):
            f(np.ones(3), wrong)
    with pytest.raises(gg.UnknownNameError, match="no value for 'y'"):
        f(np.ones(3))
    unused = gg.parse("s = 2*x; t = 3*y; s").compile()
    assert unused(np.ones(3))[1]["y"].tolist() == [0.0, 0.0, 0.0]


def test_outside_the_domain_stands_nan_and_beyond_float64_infinity() -> None:
    """A column never stops at a row: it follows NumPy, and says nothing."""
    value, _ = gg.parse("log(x) + exp(800*x)").compile()(np.array([-1.0, 0.5, 1.0]))
    assert np.isnan(value[0])
    assert np.isfinite(value[1])
    assert value[2] == np.inf


@pytest.mark.parametrize("exponent", [2, 3, 5, 8, 9, 10, 25, -1, -2, -7, -9, -12, 0.5, -2.5, 7.5])
def test_powers_of_anything_are_those_of_python(exponent: float) -> None:
    """Whole and half powers are within a few ulp, also of negative numbers, zeros and infinities."""
    whole = [-0.0, -np.inf] if exponent % 1 == 0 else []  # where the root is none, pow has conventions of its own
    x = np.array([-3.7, -1.0, -0.3, 0.0, 0.3, 1.0, 3.7, np.inf, *whole])
    value, _ = gg.parse(f"x**({exponent})").compile()(x)
    with np.errstate(all="ignore"):
        expected = np.array([np.float64(base) ** exponent for base in x])
    assert value == pytest.approx(expected, rel=1e-14, nan_ok=True)


def test_a_hypotenuse_is_never_too_long_for_its_squares() -> None:
    """It is within a few ulp for the largest and the smallest sides, and where one is 0 or infinite."""
    sides = np.array([0.0, -0.0, 5e-324, 1e-200, 3.0, -4.0, 1e200, 1.2e308, np.inf, -np.inf])
    x, y = np.repeat(sides, len(sides)), np.tile(sides, len(sides))
    value, _ = gg.parse("hypot(x, y)").compile()(x, y)
    with np.errstate(over="ignore"):
        assert value == pytest.approx(np.hypot(x, y), rel=1e-15, abs=1e-323)


def test_a_branch_not_taken_has_no_effect() -> None:
    """Neither a value nor a derivative that does not exist there gets into a row."""
    f = gg.parse("where(x > 0, log(x)*sqrt(x), x)*y").compile()
    value, grad = f(np.array([-2.0, 0.0, 4.0]), 3.0)
    assert value.tolist() == [-6.0, 0.0, pytest.approx(6 * np.log(4))]
    assert grad["x"][:2].tolist() == [3.0, 3.0]


def test_kinks_follow_the_same_convention_as_a_point() -> None:
    """At a kink a row has the derivative that the interpreter takes."""
    for text in ("abs(x)", "relu(x)", "sign(x)", "floor(x)", "max(x, 0)", "min(x, 0, -x)", "x > 0"):
        graph = gg.parse(text)
        _, grad = graph.compile()(np.array([-1.0, 0.0, 1.0]))
        assert grad["x"].tolist() == [graph.backprop({"x": x}).grad["x"] for x in (-1, 0, 1)]


def test_memory_is_that_of_blocks() -> None:
    """Beyond inputs and outputs the memory does not grow with the rows."""
    terms = "+".join(f"sin({i}*x)*exp(-{i}*x)*cos(x/{i})" for i in range(1, 5))
    peaks = []
    for rows in (400_000, 1_600_000):
        f = gg.parse(terms).compile()
        x, out = np.linspace(0, 1, rows), (np.empty(rows), {"x": np.empty(rows)})
        f(x[:10])
        tracemalloc.start()
        f(x, out=out)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_many_threads_may_call_it() -> None:
    """Each call has its own buffers, and plans are made once whoever comes first."""
    f = gg.parse("x*sin(x*y) + exp(y)").compile()
    xs = [rng.random(20_000) for _ in range(16)]
    expected = [x * np.sin(x * 0.5) + np.exp(0.5) for x in xs]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda x: f(x, 0.5)[0], xs))
    assert all(np.allclose(a, b, rtol=1e-14) for a, b in zip(found, expected, strict=True))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_an_interrupt_stops_it_promptly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a long call within a few blocks, and leaves no thread of its own behind."""
    monkeypatch.setattr(blocks, "_cores", lambda: 2)
    f = gg.parse("+".join(f"erf(x/{i})*lgamma(x*{i})" for i in range(1, 40))).compile()
    x = np.linspace(1, 2, 2_000_000)
    f(x[:20_000])
    threads, before = threading.active_count(), signal.signal(signal.SIGALRM, _interrupt)
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt), collector_paused():  # Hypothesis's hook in it would swallow an interrupt
            f(x)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - start < 5
    assert threading.active_count() == threads


def test_the_last_block_is_computed_whoever_takes_it() -> None:
    """Also by a thread that has taken it, and not begun it, when the caller finds none left."""
    caller, taken, none_left = threading.current_thread(), threading.Event(), threading.Event()

    class LastBlock:
        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            if threading.current_thread() is caller:
                taken.wait(10)
                none_left.set()
                raise StopIteration
            if taken.is_set():
                raise StopIteration
            taken.set()
            none_left.wait(10)
            time.sleep(0.05)  # the caller leaves its loop meanwhile
            return (slice(0, 1),)

    done: list[Any] = []
    blocks.WorkerThreads(lambda: done.append, LastBlock(), np).run(2)
    assert done == [(slice(0, 1),)]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_error_in_a_thread_reaches_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong in a block is raised by the call."""
    monkeypatch.setattr(blocks, "_cores", lambda: 3)
    f = gg.parse("x*y").compile()
    f(np.ones(10), 2.0)

    def failing(*_: object) -> None:
        raise MemoryError

    for kind in (blocks.Plan, fused.Fused):
        monkeypatch.setattr(kind, "worker", lambda *_: failing)
    with pytest.raises(MemoryError):
        f(np.ones(1_000_000, int), 2.0)


def test_it_can_be_checked_at_sample_rows() -> None:
    """The report holds the compiled numbers against the interpreter, and that against sympy."""
    f = gg.parse("x*exp(-y) + log(x)").compile()
    report = f.check({"x": np.linspace(1, 3, 1000), "y": 0.5}, rows=5)
    assert report, str(report)
    assert len(report.having("ok")) == len(report.rows)
    assert [row.subject for row in report.rows if row.level == "compiled"][:3] == [
        "row 0: value",
        "row 0: ∂/∂x",
        "row 0: ∂/∂y",
    ]
    assert {row.subject.partition(":")[0] for row in report.rows} == {f"row {i}" for i in (0, 200, 400, 600, 800)}
    assert f.check(rows=3)


def test_rows_outside_the_domain_are_not_attempted() -> None:
    """A check says which rows it could not look at, and why."""
    report = gg.parse("log(x)").compile().check({"x": np.array([-1.0, 2.0])})
    assert [row.subject for row in report.not_attempted] == ["row 0: the whole row"]
    assert report


@pytest.mark.parametrize("factor", [1.001, 1 + 1e-12, 0, -1])
def test_a_wrong_compiled_number_is_found(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """A check does not believe the compiled function, beyond what rounding explains."""
    monkeypatch.setattr("graphgrad.compile.function.columns", lambda *args: (right(*args)[0] * factor, right(*args)[1]))
    report = gg.parse("x*y").compile().check(rows=2)
    assert [row.subject for row in report.failures] == ["row 0: value", "row 1: value"]


def test_cancellation_is_no_failure() -> None:
    """Where rounding alone takes both ways of computing apart, the report says so."""
    f = gg.parse("x**2 - y*y + (x - y)*1e-13").compile()
    x = 1 + np.arange(50) / 7
    report = f.check({"x": x, "y": x * (1 + 2**-50)})
    assert report, "rounding"
    assert {doubt.subject for doubt in report.doubts} >= {"value in row 0"}


def test_what_single_precision_cannot_hold_is_no_failure() -> None:
    """A number beyond float32 is not attempted, and one below it is 0 there."""
    report = gg.parse("exp(x)").compile().check({"x": np.array([1, 100, -200], dtype=np.float32)})
    assert not report.failures, str(report)
    assert {row.note for row in report.not_attempted} == {"it is beyond float32"}


def test_polygamma_takes_any_rows() -> None:
    """Rows that SciPy's zeta function does not know are worked out one by one."""
    x = np.array([-1.5, 0.0, -2.0, 3.0, 0.1, np.nan])
    graph = gg.parse("polygamma(2, x)")
    value, grad = graph.compile()(x)
    for i in (0, 3, 4):
        point = graph.backprop({"x": x[i]})
        assert (value[i], grad["x"][i]) == (
            pytest.approx(point.value, rel=1e-13),
            pytest.approx(point.grad["x"], rel=1e-13),
        )
    assert np.isnan(value[[1, 2, 5]]).all()


def test_the_mask_of_an_array_is_never_lost() -> None:
    """A masked number is none, and is not computed with; an array that masks nothing is taken."""
    f = gg.parse("x*y").compile()
    with pytest.raises(gg.GraphgradError, match=r"the column 'x' is masked in some rows\nfill them"):
        f(np.ma.array([1.0, 2.0], mask=[False, True]), 2)
    assert f(np.ma.array([1.0, 2.0]), 2)[0].tolist() == [2, 4]


def test_special_functions_say_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SciPy and LLVM the error names the operation and the extra to install."""
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.setattr(plan, "has_llvm", lambda: False)
    f = gg.parse("erf(x)").compile()
    assert f(0.0)[0] == 0.0
    with pytest.raises(gg.GraphgradError, match=r"(?s)columns of erf need SciPy.*pip install .*\[scipy\]"):
        f(np.ones(3))


@pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")
def test_functions_of_machine_code_need_no_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few the rows are."""
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    assert gg.parse("erf(x)").compile()(np.ones(3))[0] == pytest.approx([0.8427007929497149] * 3)
