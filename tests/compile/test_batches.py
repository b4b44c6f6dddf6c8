"""Large tapes in batches, of machine code or on arrays: both have the numbers of both passes, whatever a tape holds."""

from __future__ import annotations

import ctypes
import math
import random
import signal
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch

import pytest

import graphgrad as gg
from graphgrad.compile import batched, interpreted
from graphgrad.compile.batches import functions
from graphgrad.compile.batches.assembly import forward_loop
from graphgrad.compile.batches.joined import joined
from graphgrad.compile.machine_code import has_llvm
from graphgrad.namespaces import Fault, Floats
from graphgrad.ops import OPS
from graphgrad.tape import Writer, lower
from graphgrad.tape.sweeps import backward, forward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.ops import Op
    from graphgrad.tape import Tape

pytestmark = pytest.mark.usefixtures("runner")

needs_llvm = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")


@pytest.fixture(params=[pytest.param("machine code", marks=needs_llvm), "arrays"])
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run all batches in machine code, or on arrays, however short they are."""
    if request.param == "arrays":
        monkeypatch.setattr("graphgrad.compile.batches.machine.has_llvm", lambda: False)
    shortest = 0 if request.param == "arrays" else math.inf
    monkeypatch.setattr("graphgrad.compile.batches.arrays.SHORTEST", shortest)
    return str(request.param)


ON_NUMBERS = [op for op in OPS.values() if op.arity and not op.on_arrays]
AWKWARD = (0.0, 1.0, -1.0, -0.5, 0.5, 2.0, 1e-300, -1e-300, 1e300, -1e300, 710.0, -1000.0)
"""Edges of domains, kinks, ties of operands, and what overflows."""


LOSSY = {"rem"}
"""Rows whose rule loses all digits where the quotient is beyond 2**53; C's function does not."""


def one_operation(op: Op, count: int) -> tuple[Tape, list[int]]:
    """Return the tape of one operation, and the registers by which there are derivatives."""
    m = Writer(strict=True)
    tape = m.tape([m.value(op, [m.input(f"x{i}") for i in range(count)])])
    return tape, [i for i in range(count) if op.rule(i) is not None]


def by_floats(tape: Tape, values: Sequence[float], wanted: Sequence[int]) -> list[float] | None:
    """Return what both passes give on floats; None where they refuse, or a result is not finite."""
    m = Floats()
    registers = forward(tape, m, dict(zip(tape.inputs, values, strict=True)))
    output = registers[tape.outputs[0]]
    if isinstance(output, Fault):
        return None
    try:
        adjoints = backward(tape, m, registers, tape.locally_constant(wanted), 1.0).adjoints
    except Fault:
        return None
    results = [output, *(float(adjoints.get(i, 0)) for i in wanted)]
    return results if all(map(math.isfinite, results)) else None


@pytest.mark.parametrize("op", ON_NUMBERS, ids=lambda op: op.name)
def test_every_row_has_its_value_and_its_derivatives(op: Op) -> None:
    """Within the domain, where the functions of C are those of Python, to the last few bits."""
    tape, wanted = one_operation(op, op.arity)
    run = batched(tape, wanted)
    assert run is not None
    for probes in zip(*(op.domain(i).probes(7) for i in range(op.arity)), strict=True):
        expected = by_floats(tape, probes, wanted)
        if expected is not None:
            assert run([*map(float, probes)]) == pytest.approx(expected, rel=2e-15)


@pytest.mark.parametrize("op", ON_NUMBERS, ids=lambda op: op.name)
def test_no_row_has_a_number_where_the_passes_have_none(op: Op) -> None:
    """At edges of domains, poles, kinks and ties, a number is that of both passes; else they are asked."""
    tape, wanted = one_operation(op, op.arity)
    run = batched(tape, wanted)
    assert run is not None
    draw = random.Random(0)
    rows = [[x] * op.arity for x in AWKWARD] + [draw.choices(AWKWARD, k=op.arity) for _ in range(20)]
    for row in rows:
        found = run(row)
        if found is not None and op.name not in LOSSY:
            assert found == pytest.approx(by_floats(tape, row, wanted), rel=2e-15, abs=1e-320)


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("count", [2, 3, 7, 40])
def test_ties_share_among_any_number_of_operands(name: str, count: int) -> None:
    """Each of the chosen ones takes an equal share, and nothing flows to the others."""
    tape, wanted = one_operation(OPS[name], count)
    run = batched(tape, wanted)
    assert run is not None
    draw = random.Random(1)
    for _ in range(20):
        row = [float(draw.randrange(4)) for _ in range(count)]
        assert run(row) == by_floats(tape, row, wanted)


# ---- programs


def compiled(graph: gg.Graph, wrt: Sequence[str] | None = None) -> Any:
    """Return the compiled function as that of a large graph, which must run in batches."""
    with (
        patch("graphgrad.compile.function.LARGEST", 0),
        patch("graphgrad.compile.interpreter.interpreted", side_effect=AssertionError("it does not run in batches")),
    ):
        return graph.compile(wrt)


def without_the_passes(graph: gg.Graph, wrt: Sequence[str] | None = None) -> Any:
    """Return the same, with an error where the batches would ask both passes."""
    function = compiled(graph, wrt)

    def call(**at: float) -> Any:
        with patch("graphgrad.compile.function.backprop", side_effect=AssertionError("both passes are asked")):
            return function(**at)

    return call


def arithmetic(statements: int, seed: int, *, inputs: int = 12) -> str:
    """Return a program of arithmetic, with shared and repeated operands, constants, and inputs that few use."""
    draw, names, lines = random.Random(seed), [f"x{i}" for i in range(inputs)], []
    for k in range(statements):
        a, b, c, d = (draw.choice(names[-40:] + names[:3]) for _ in range(4))
        lines.append(
            draw.choice(
                (
                    f"v{k} = ({a}*{b} - 0.3*{c})/(1.5 + {d}*{d}) + {c}",
                    f"v{k} = {a}*{a}/(2 + {a}*{a}) - {b}*{c}/7",
                    f"v{k} = -({a} - {b})/(3 + {c}*{c} + {d}*{d})",
                    f"v{k} = ({a} + {b} + {a})/4",
                )
            )
        )
        names.append(f"v{k}")
    ends = " + ".join(names[-60:])
    return "\n".join([*lines, f"({ends})/60"])


@pytest.mark.parametrize(("statements", "seed"), [(1, 0), (2, 1), (40, 2), (200, 3), (1_000, 4), (3_000, 5)])
def test_arithmetic_is_the_same_to_the_last_bit(statements: int, seed: int) -> None:
    """Contributions are added in the order in which both passes add them."""
    graph = gg.parse(arithmetic(statements, seed))
    function, draw = without_the_passes(graph), random.Random(seed)
    for _ in range(3):
        at = {name: draw.uniform(-2, 2) for name in graph.inputs}
        result = graph.backprop(at)
        assert function(**at) == (result.value, result.grad)


MIXED = (
    "v{k} = where({a} > {b}, exp(-{c}**2), sin({c})*{d})",
    "v{k} = max({a}, {b}, {c}, {d}) - min({a}, 0.5) + relu({d} - 0.2)/3",
    "v{k} = tanh({a}) + sigmoid({b})*log(2 + {c}**2) - pi/4*{d}",
    "v{k} = sqrt(1 + {a}**2 + abs({b}))/(1 + hypot({c}, 1)) + floor({d}*3)/7",
    "v{k} = atan2({a}, 2 + {b}**2) + erf({c}) - 2**{d}/9 + ({d}*{d} + 1)**-1.5",
    "v{k} = where({a} > 0, log({a}), {b})/5 + where({a} > 0, sqrt({a}), cos({a}))/3",
    "v{k} = lgamma(2 + {a}**2)/9 + normcdf({b}) + round({c})/9 + sign({d})",
)


def mixed(statements: int, seed: int) -> str:
    """Return a program of functions, choices, kinks and constants, whose values stay small."""
    draw, names, lines = random.Random(seed), [f"x{i}" for i in range(8)], []
    for k in range(statements):
        operands = dict(zip("abcd", (draw.choice(names[-30:] + names[:8]) for _ in range(4)), strict=True))
        lines += [draw.choice(MIXED).format(k=f"{k}_", **operands), f"v{k} = tanh(v{k}_)*0.9 + 0.05"]
        names.append(f"v{k}")
    return "\n".join([*lines, " + ".join(names[-50:])])


@pytest.mark.parametrize(("statements", "seed"), [(3, 0), (30, 1), (300, 2), (1_000, 3)])
def test_programs_with_all_kinds_of_steps(statements: int, seed: int) -> None:
    """Branches that are not taken hold what they like: they need no second computation."""
    graph = gg.parse(mixed(statements, seed))
    function, draw = without_the_passes(graph), random.Random(seed)
    for _ in range(3):
        at = {name: draw.uniform(-1, 1) for name in graph.inputs}
        result = graph.backprop(at)
        value, grad = function(**at)
        assert value == pytest.approx(result.value, rel=1e-12)
        assert grad == pytest.approx(result.grad, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("wrt", [["x"], ["y"], ["z", "x"], []])
def test_derivatives_by_some_inputs(wrt: list[str]) -> None:
    """They come in the order asked for, and nothing is computed for the others."""
    graph = gg.parse("x**2*y + exp(z)/y + x*floor(z)")
    at = {"x": 1.5, "y": 2.0, "z": 0.7}
    result = graph.backprop(at, wrt=wrt)
    value, grad = without_the_passes(graph, wrt)(**at)
    assert (value, grad) == (pytest.approx(result.value, rel=1e-15), pytest.approx(result.grad, rel=1e-15))
    assert [*grad] == wrt


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x", {"x": 3.0}),
        ("pi*x", {"x": 2.0}),
        ("pi*x + pi", {"x": 2.0}),
        ("x*x", {"x": 3.0}),
        ("x - x", {"x": 3.0}),
        ("floor(x)", {"x": 2.5}),
        ("where(x > 0, 2, 3)", {"x": 2.5}),
        ("f = x*y; x", {"x": 2.5, "y": 1.0}),
        ("2 + 3*x**0", {"x": 0.0}),
        ("max(x, x)", {"x": 1.0}),
        ("max(x, y)*relu(x - y)", {"x": 1.0, "y": 1.0}),
        ("abs(x)*y", {"x": 0.0, "y": 2.0}),
        ("where(0.1 + 0.2 == 0.3, x, 2*x)", {"x": 3.0}),
        ("x*2**600*2**-600", {"x": 3.0}),
    ],
)
def test_what_is_short_or_special(text: str, at: dict[str, float]) -> None:
    """Outputs that are inputs, constants, repeated operands, kinks, derivatives that are 0 everywhere."""
    graph = gg.parse(text)
    result = graph.backprop(at)
    value, grad = without_the_passes(graph)(**at)
    assert (value, grad) == (pytest.approx(result.value, rel=1e-15), pytest.approx(result.grad, rel=1e-15))


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("where(x > 0, log(x), 0)", 0.0, (0.0, 0.0)),
        ("where(x > 0, log(x), x)", -1.0, (-1.0, 1.0)),
        ("where(x > 0, sqrt(x)*log(x), 3*x)", 0.0, (0.0, 3.0)),
        ("where(x > 0, x*log(x)/sqrt(x), where(x < -1, sqrt(x), 2*x))", -0.5, (-1.0, 2.0)),
        ("max(x, where(x > 1, 1/(x - 1), 0))", 1.0, (1.0, 1.0)),
        ("relu(x)*where(x > 0, 1/x, 5) + x", 0.0, (0.0, 1.0)),
        ("where(x > 0, exp(800*x)/exp(800*x), x)", -1.0, (-1.0, 1.0)),
        ("floor(where(x > 0, log(x), 2)) + x", -1.0, (1.0, 1.0)),
    ],
)
def test_a_branch_not_taken_contributes_nothing(text: str, x: float, expected: tuple[float, float]) -> None:
    """Not 0 times what is infinite there."""
    value, grad = without_the_passes(gg.parse(text))(x=x)
    assert (value, grad["x"]) == expected


def test_an_overflow_is_a_number_like_others() -> None:
    """As in both passes: what divides by it is 0."""
    call = without_the_passes(gg.parse("y/(1 + exp(-1000*x))"), ["y"])
    assert call(x=-1.0, y=2.0) == (0.0, {"y": 0.0})


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("log(x)", {"x": -1.0}),
        ("1/(1/x)", {"x": 0.0}),
        ("atan(1/x)*y", {"x": 0.0, "y": 1.0}),
        ("exp(log(x))", {"x": 0.0}),
        ("y + 1/(1/x)", {"x": 0.0, "y": 1.0}),
        ("where(log(x) > 0, 1, x)", {"x": -1.0}),
        ("where(log(x) > 0, log(x), x)", {"x": -1.0}),
        ("max(x, log(x))", {"x": -1.0}),
        ("acot(x)", {"x": 0.0}),
        ("0*log(x) + where(x > 0, x, 1)", {"x": -1.0}),
        ("sqrt(x)*0 + max(x, -1)", {"x": -1.0}),
        ("min(1/x, 5)", {"x": 0.0}),
        ("tanh(1/x)", {"x": 0.0}),
    ],
)
@pytest.mark.parametrize("wrt", [None, "last"])
def test_what_the_passes_refuse_is_refused(text: str, at: dict[str, float], wrt: str | None) -> None:
    """A number outside its domain is not hidden by what would make it finite again, whatever derivatives are wanted."""
    graph = gg.parse(text)
    with pytest.raises(gg.DomainError) as by_passes:
        graph.backprop(at)
    function = compiled(graph, wrt and [graph.inputs[-1]])
    with pytest.raises(gg.DomainError, match=r"^") as by_batches:
        function(**at)
    assert str(by_batches.value) == str(by_passes.value)


def test_a_derivative_that_does_not_exist_is_refused_at_once() -> None:
    """As for a small graph."""
    with patch("graphgrad.compile.function.LARGEST", 0), pytest.raises(gg.DomainError, match="derivative"):
        gg.parse("polygamma(n, x)").compile()
    assert compiled(gg.parse("polygamma(n, x)"), ["x"])(n=1.0, x=2.0)[0] == pytest.approx(math.pi**2 / 6 - 1)


def test_own_operations_run_in_batches() -> None:
    """Their rules are written out in those of the table."""
    own = gg.OPERATIONS.with_(
        gg.Op("swish", lambda m, x: x * m.sigmoid(x), d=(lambda m, z, x: m.sigmoid(x) * (1 + x - z),))
    )
    graph = gg.parse("swish(x)*swish(x*y) + y", operations=own)
    at = {"x": 0.7, "y": -0.3}
    result = graph.backprop(at)
    value, grad = without_the_passes(graph)(**at)
    assert value == pytest.approx(result.value, rel=1e-14)
    assert grad == pytest.approx(result.grad, rel=1e-14)


def test_a_run_leaves_nothing_behind() -> None:
    """A run after one that was not finite, or took other branches, has the numbers of the first."""
    graph = gg.parse(mixed(60, 9))
    function, points = compiled(graph), [dict.fromkeys(graph.inputs, x) for x in (0.3, -0.8, 1e200, 0.3)]
    found = []
    for at in points:
        try:
            found.append(function(**at))
        except gg.GraphgradError:
            found.append((math.nan, {}))
    assert found[0] == found[-1]


@pytest.mark.parametrize("text", ["atan(x)*y", "exp(-x) + y", "where(x > 1, y, x)", "1/x + y"])
@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_an_input_that_is_not_finite_is_refused(text: str, x: float) -> None:
    """As by a small graph, also where the result would be finite."""
    graph = gg.parse(text)
    with pytest.raises(gg.GraphgradError, match="is not a finite number"):
        compiled(graph)(x=x, y=2.0)


def test_numbers_are_not_in_doubt_after_a_run_that_was() -> None:
    """The next run is judged by its own values."""
    tape = lower(gg.parse("log(x)").data)
    run: Any = batched(tape, [0])
    assert run([-1.0]) is None
    with patch("graphgrad.compile.batches.doubts.Doubts.are_unfounded", side_effect=AssertionError("in doubt")):
        assert run([1.0]) == [0.0, 1.0]


def test_an_interruption_gets_through_machine_code() -> None:
    """A function that it calls cannot raise: what interrupts it is raised behind the run."""
    run: Any = batched(lower(gg.parse("x*y").data), [0])
    with patch.object(functions, "or_nan", return_value=Mock(side_effect=KeyboardInterrupt)):
        called = functions._called_back(OPS["gamma"])  # noqa: SLF001  as machine code calls it
    result = ctypes.c_double(math.nan)
    called(ctypes.addressof(result), 3.0)
    assert math.isnan(result.value)
    with pytest.raises(KeyboardInterrupt):
        run([1.0, 2.0])
    assert run([1.0, 2.0]) == [2.0, 2.0]


@needs_llvm
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="there are no such signals")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_before_a_function_s_first_line_leaves_no_number(runner: str) -> None:
    """A signal within machine code is handled where Python's function begins, which then gives no result."""
    if runner == "arrays":
        pytest.skip("NumPy's loops raise it")
    interrupted: list[int] = []

    def interrupt(*_: object) -> None:
        interrupted.append(1)
        raise KeyboardInterrupt

    def with_signal(kind: Any) -> str:
        assembly = forward_loop(kind).replace("entry:", f"entry:\n  call i32 @raise(i32 {signal.SIGALRM:d})", 1)
        return "declare i32 @raise(i32)\n" + assembly

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with patch("graphgrad.compile.batches.machine.forward_loop", with_signal):
            run: Any = batched(lower(gg.parse("gamma(x)").data), [0])
        assert run([3.0]) is None
    finally:
        signal.signal(signal.SIGALRM, before)
    assert interrupted


def test_the_order_of_names_is_that_of_the_inputs() -> None:
    """Wherever the inputs stand on the tape."""
    graph = gg.parse("y = 2; x*y + z")
    tape = lower(graph.data)
    run = batched(tape, [*tape.inputs.values()])
    assert run is not None
    assert run([float(i + 1) for i in range(len(tape.inputs))]) == by_floats(
        tape, [float(i + 1) for i in range(len(tape.inputs))], [*tape.inputs.values()]
    )


@pytest.mark.parametrize("exponent", [2, 3, 4, -1, -2, Fraction(1, 2), Fraction(-3, 2), 0, 1, 7, Fraction(1, 3)])
@pytest.mark.parametrize("x", [0.7, 2.5, -1.5])
def test_a_constant_exponent_is_written_into_the_code(exponent: Fraction | int, x: float) -> None:
    """A short power is a product, and so is its derivative; at a negative base, whatever the passes say."""
    graph = gg.parse(f"x**({exponent})*y")
    function, at = compiled(graph), {"x": x, "y": 3.0}
    try:
        result = graph.backprop(at)
    except gg.DomainError as refused:
        with pytest.raises(gg.DomainError) as again:
            function(**at)
        assert str(again.value) == str(refused)
        return
    value, grad = function(**at)
    assert value == pytest.approx(result.value, rel=4e-16)
    assert grad == pytest.approx(result.grad, rel=8e-16)


@pytest.mark.parametrize(("statements", "seed"), [(1, 0), (40, 2), (1_000, 4)])
@pytest.mark.parametrize("wrt", [None, ["x1", "x0"]])
def test_joined_tapes_have_the_same_gradient(statements: int, seed: int, wrt: list[str] | None) -> None:
    """Interpreted, as they are without llvmlite where batches are short."""
    graph = gg.parse(arithmetic(statements, seed))
    names = [name for name in wrt or graph.inputs if name in graph.inputs]
    tape = lower(graph.data)
    gradient = joined(tape, [tape.inputs[name] for name in names])
    assert gradient is not None
    at = {name: random.Random(seed).uniform(-2, 2) for name in graph.inputs}
    result = graph.backprop(at, wrt=names)
    assert interpreted(gradient)([*at.values()]) == [result.value, *result.grad.values()]


@pytest.mark.parametrize("text", ["where(x > 0, log(x), y)", "max(x, y)*x", "polygamma(x, y)"])
def test_what_depends_on_values_is_not_joined(text: str) -> None:
    """It needs choices around products, or has no derivative."""
    tape = lower(gg.parse(text).data)
    assert joined(tape, [*tape.inputs.values()]) is None


def test_short_batches_are_not_worth_calls_of_numpy() -> None:
    """A chain is interpreted where there is no machine code."""
    tape = lower(gg.parse("\n".join(["v0 = x*y", *(f"v{k} = v{k - 1}*x + y" for k in range(1, 50)), "v49"])).data)
    with (
        patch("graphgrad.compile.batches.machine.has_llvm", return_value=False),
        patch("graphgrad.compile.batches.arrays.SHORTEST", 8),
    ):
        assert batched(tape, [0, 1]) is None


def test_an_output_may_depend_on_no_input() -> None:
    """Its derivatives are 0."""
    m = Writer(strict=True)
    m.input("x")
    tape = m.tape([m.lift(2)])
    run = batched(replace(tape, inputs={"x": 0}), [0])
    assert run is not None
    assert run([5.0]) == [2.0, 0.0]
