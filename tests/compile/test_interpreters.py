"""Long tapes run over and over: by the plain interpreter, and in batches of machine code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import graphgrad as gg
from graphgrad.compile import LARGEST, batched, interpreted
from graphgrad.compile.machine_code import has_llvm
from graphgrad.namespaces import Floats
from graphgrad.ops import OPS
from graphgrad.tape import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops import Op
    from graphgrad.tape import Tape


def in_batches(tape: Tape) -> Any:
    """Return what runs a tape in batches, for its value alone."""
    return batched(tape, [])


needs_llvm = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")
EACH = pytest.mark.parametrize("interpreter", [interpreted, pytest.param(in_batches, marks=needs_llvm)])
Interpreter = Any
STATEMENTS = 1_100


def tape_of(name: str, count: int) -> Tape:
    """Return the tape of one operation."""
    m = Writer()
    return m.tape([m.value(OPS[name], [m.input(f"x{i}") for i in range(count)])])


def long_program(statements: int) -> str:
    """Return a program with a kink and a choice in every statement, too long to be made one function."""
    lines = [f"v{k} = sin(v{k - 1}*y) + where(x > 0, relu(y - 0.{k % 7}), x**2)/{k + 2}" for k in range(1, statements)]
    return "\n".join(["v0 = x*y", *lines, f"v{statements - 1} + v1"])


@EACH
@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.arity and not op.on_arrays])
def test_every_operation_runs(interpreter: Interpreter, name: str) -> None:
    """An interpreter gives what the row gives on floats."""
    op = OPS[name]
    run: Callable[..., Any] = interpreter(tape_of(name, op.arity))
    for probes in zip(*(op.domain(i).probes(5) for i in range(op.arity)), strict=True):
        assert run(probes) == [pytest.approx(Floats().value(op, probes), rel=1e-14)]


@EACH
@pytest.mark.parametrize("op", [op for op in OPS.values() if op.variadic and not op.on_arrays], ids=lambda op: op.name)
@pytest.mark.parametrize("count", [2, 3, 4, 5, 12])
def test_any_number_of_operands_runs(interpreter: Interpreter, op: Op, count: int) -> None:
    """What takes any number of operands is the same as a few after another, wherever they stand."""
    operands = [float(3 * i % count) for i in range(count)]
    run = interpreter(tape_of(op.name, count))
    for _ in operands:
        operands = [*operands[1:], operands[0]]
        assert run(operands) == [Floats().value(op, operands)]


@EACH
@pytest.mark.parametrize(("name", "point"), [("div", (1.0, 0.0)), ("log", (-1.0,)), ("exp", (1e4,)), ("sqrt", (-1.0,))])
def test_what_is_not_plain_is_handed_back(interpreter: Interpreter, name: str, point: tuple[float, ...]) -> None:
    """Outside the domain, or beyond float64, a run gives None instead of a number that is not finite."""
    assert interpreter(tape_of(name, len(point)))(point) is None


@EACH
def test_a_nan_hides_behind_no_comparison(interpreter: Interpreter) -> None:
    """What a comparison makes of a nan is no result."""
    m = Writer()
    x = m.input("x")
    run = interpreter(m.tape([m.where(m.gt(m.log(x), 0), 1, x)]))
    assert run([2.0]) == [1.0]
    assert run([-1.0]) is None


@EACH
def test_a_large_graph_is_compiled(interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiled function of a large graph gives exactly what both passes give, on either side of a choice."""
    if interpreter is interpreted:
        monkeypatch.setattr("graphgrad.compile.batches.program.batched", lambda *_: None)
    graph = gg.parse(long_program(STATEMENTS))
    assert len(graph.dag) > LARGEST
    compiled = graph.compile()
    for point in ({"x": 0.5, "y": 0.7}, {"x": -0.5, "y": 0.7}):
        result = graph.backprop(point)
        value, grad = compiled(**point)
        assert value == pytest.approx(result.value, rel=1e-12)
        assert grad == pytest.approx(result.grad, rel=1e-12)


def test_a_large_graph_takes_what_a_small_one_takes() -> None:
    """Whole numbers are floats, names work in any order, and an error says where."""
    graph = gg.parse(long_program(STATEMENTS) + " + log(x)")
    compiled = graph.compile(["x"])
    assert compiled(1, 2) == compiled(y=2.0, x=1.0)
    with pytest.raises(gg.DomainError, match=r"log\(-1\)"):
        compiled(-1, 2)


def test_threads_share_a_compiled_function() -> None:
    """Each call has registers of its own."""
    compiled = gg.parse(long_program(STATEMENTS)).compile()
    points = [(0.1 + i / 100, 0.5) for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda point: compiled(*point), points)) == [compiled(*point) for point in points]


@EACH
@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.flat and op.arity == 1 and not op.on_arrays])
def test_whole_numbers_beyond_64_bits(interpreter: Interpreter, name: str) -> None:
    """A piecewise constant operation is computed in floats: no integer of 64 bits holds 1e20."""
    run = interpreter(tape_of(name, 1))
    for x in (9.3e18, -9.3e18, 1e20, -1e20, 1e300, -1e300, 2.5, -2.5):
        assert run([x]) == [Floats().value(OPS[name], [x])]
