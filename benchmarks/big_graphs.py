"""Measure a program of 100,000 operations, from its text to the gradient by 100 inputs, and far larger ones.

Then measure the gradient alone, called repeatedly: the compiled function compared with CasADi's virtual machine.

    python benchmarks/big_graphs.py [ROUNDS]
    python benchmarks/big_graphs.py --huge

The second command measures up to 10,000,000 operations, in a process of its own for each text: nanoseconds for each
operation, and the peak memory of the process, from the text to value and gradient.

The peers come with `pip install ".[bench]"`; the output names those that are missing. The text is valid Python:
the peers compile it with Python and run it on their own values, as their documentation shows. Every round runs all of
them in turn. Times are CPU times; the fastest of several rounds counts, since other load on the machine only adds time.
Garbage is collected between runs, so that none pays for another's.
"""

from __future__ import annotations

import gc
import importlib
import math
import random
import resource
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

OPERATIONS: Final = 100_000
INPUTS: Final = [f"x{i}" for i in range(100)]
AT: Final = {name: 0.5 + i / 200 for i, name in enumerate(INPUTS)}
ROUNDS: Final = 5
PER_STATEMENT: Final = 10
RECENT: Final = 200
"""A statement uses inputs and results of at most this many statements before it."""


def program(operations: int) -> str:
    """Return a program with this number of operations, ten to a statement, whose values stay near 1."""
    draw, lines, total = random.Random(0), [], operations // PER_STATEMENT - 1
    for k in range(total):
        a, b, c, d, e, f = (_operand(draw, k) for _ in range(6))
        w = draw.randrange(100, 1_000)
        lines.append(f"v{k} = ({a}*{b} - 0.{w}*{c} + {d}*{e})/(2.{w} + {e}*{f}) + 0.{w}1*{a}")
    ends = " + ".join(f"v{k}" for k in range(total - PER_STATEMENT - 1, total))
    return "\n".join([*lines, f"y = {ends}"])


def _operand(draw: random.Random, k: int) -> str:
    i = draw.randrange(len(INPUTS) + min(k, RECENT))
    return INPUTS[i] if i < len(INPUTS) else f"v{k - 1 - (i - len(INPUTS))}"


def chain(operations: int) -> str:
    """Return a program in which every operation needs the one before it."""
    draw = random.Random(0)
    first = "v0 = x0*x1"
    steps = (f"v{k} = v{k - 1}{draw.choice('+-')}{draw.choice(INPUTS)}" for k in range(1, operations))
    return "\n".join([first, *steps])


def one_expression(operations: int) -> str:
    """Return one expression on one line: a sum of products."""
    draw = random.Random(0)
    return "x0" + "".join(f"{draw.choice('+-')}{draw.choice(INPUTS)}*x{i % 100}" for i in range(operations // 2))


def nested(operations: int) -> str:
    """Return an expression in which every operation stands in the parentheses of the next."""
    draw = random.Random(0)
    return "(" * operations + "x0" + "".join(f"{draw.choice('+-')}{draw.choice(INPUTS)})" for _ in range(operations))


def weights(operations: int) -> str:
    """Return a program in which every second operation has a literal of its own."""
    draw, lines = random.Random(0), ["v0 = x0"]
    for k in range(1, operations // 20 + 1):
        terms = (f" + 0.{draw.randrange(10**8):08d}*{draw.choice(INPUTS)}" for _ in range(10))
        lines.append(f"v{k} = v{k - 1}{''.join(terms)}")
    return "\n".join(lines)


HUGE: Final[dict[str, Callable[[int], str]]] = {
    "statements of ten": program,
    "a chain": chain,
    "one line": one_expression,
    "nested": nested,
    "literals": weights,
}


# ---- contenders: each yields the name of a stage when it is done, and last the gradient


def graphgrad(text: str) -> Iterator[Any]:
    """Parse and build the graph, make networkx's, run both passes."""
    graph = gg.parse(text)
    yield "read and build"
    graph.dag  # noqa: B018  it is made on first access
    yield "networkx"
    result = graph.backprop(AT)
    yield "value and gradient"
    yield result.grad


def casadi(text: str) -> Iterator[Any]:
    """Run the text on symbols, differentiate, make a function of value and gradient."""
    ca = importlib.import_module("casadi")
    code = compile(text, "program", "exec")
    yield "read"
    x = ca.SX.sym("x", len(INPUTS))
    y = _run(code, dict(zip(INPUTS, ca.vertsplit(x), strict=True)))
    yield "build"
    function = ca.Function("f", [x], [y, ca.gradient(y, x)])
    _, grad = function(list(AT.values()))
    yield "value and gradient"
    yield dict(zip(INPUTS, grad.full().ravel().tolist(), strict=True))


def micrograd(text: str) -> Iterator[Any]:
    """Run the text on values, and backward from the last one."""
    engine = importlib.import_module("micrograd.engine")
    code = compile(text, "program", "exec")
    yield "read"
    values = {name: engine.Value(x) for name, x in AT.items()}
    y = _run(code, values)
    yield "build"
    y.backward()
    yield "value and gradient"
    yield {name: value.grad for name, value in values.items() if name in AT}


def torch(text: str) -> Iterator[Any]:
    """Run the text on tensors of one number each, and backward from the last one."""
    library = importlib.import_module("torch")
    code = compile(text, "program", "exec")
    yield "read"
    values = {name: library.tensor(x, dtype=library.float64, requires_grad=True) for name, x in AT.items()}
    inputs = dict(values)
    y = _run(code, values)
    yield "build"
    y.backward()
    yield "value and gradient"
    yield {name: tensor.grad.item() for name, tensor in inputs.items()}


def _run(code: Any, names: dict[str, Any]) -> Any:
    exec(code, names)
    return names["y"]


CONTENDERS: Final[dict[str, Callable[[str], Iterator[Any]]]] = {
    "graphgrad": graphgrad,
    "casadi": casadi,
    "micrograd": micrograd,
    "torch": torch,
}
GOALS: Final = {"casadi": 0.5}
"""The highest ratio of graphgrad's time to a peer's."""

GOAL_FASTEST: Final = 0.7
"""The highest ratio of graphgrad's time to the fastest peer's."""

TOTAL: Final = "text to gradient"
LARGE: Final = {
    "100,000 operations": lambda: program(100_000),
    "1,000,000 operations": lambda: program(1_000_000),
    "a chain 1,000,000 deep": lambda: chain(1_000_000),
}
GOAL_MEMORY: Final = 3.0
"""Gigabytes."""

SIZES: Final = [1_000_000, 3_000_000, 10_000_000]
GOAL_HUGE: Final = 4.0
"""Gigabytes, without the networkx graph: that one takes 500 bytes an operation by itself."""


def measured(name: str, text: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds of each stage with their sum, and the gradient."""
    times: dict[str, float] = {}
    stages = CONTENDERS[name](text)
    gc.collect()
    start = time.process_time()
    for stage in stages:
        if isinstance(stage, dict):
            break
        times[stage] = time.process_time() - start
        start = time.process_time()
    return {**times, TOTAL: sum(times.values())}, stage


def missing() -> dict[str, str]:
    """Return the reasons why peers cannot run, by name."""
    reasons = {}
    for name in list(CONTENDERS)[1:]:
        try:
            importlib.import_module(name)
        except ImportError as error:
            reasons[name] = str(error)
    return reasons


def present() -> list[str]:
    """Return the contenders that can run, and print those that cannot."""
    absent = missing()
    for name, reason in absent.items():
        print(f"{name} is left out: {reason}")
    return [name for name in CONTENDERS if name not in absent]


def timed(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return each contender's fastest seconds, by stage."""
    text = program(OPERATIONS)
    times = [{name: measured(name, text)[0] for name in names} for _ in range(rounds)]
    return {name: {stage: min(t[name][stage] for t in times) for stage in times[0][name]} for name in names}


def compared(rounds: int) -> None:
    """Print the stages of every contender, and the ratio of graphgrad's time to each peer's."""
    names = present()
    gradients = {name: measured(name, program(OPERATIONS // 10))[1] for name in names}  # also warms up
    for name in names:
        apart = max(abs(gradients[name][x] - gradients["graphgrad"][x]) for x in INPUTS)
        print(f"{name:<12} gradient of a small program: at most {apart:.1e} from graphgrad's")
    best = timed(names, rounds)
    for name in names:
        stages = ", ".join(f"{stage} {seconds * 1e3:.0f}" for stage, seconds in best[name].items() if stage != TOTAL)
        print(f"{name:<12} {best[name][TOTAL] * 1e3:7.0f} ms   {stages}")
    for name in names[1:]:
        print(f"graphgrad / {name:<12} {best['graphgrad'][TOTAL] / best[name][TOTAL]:5.2f}{_goal(name, best)}")


def _goal(name: str, best: dict[str, dict[str, float]]) -> str:
    fastest = min(list(best)[1:], key=lambda peer: best[peer][TOTAL])
    goal = min(GOALS.get(name, 1), GOAL_FASTEST if name == fastest else 1)
    ratio = best["graphgrad"][TOTAL] / best[name][TOTAL]
    return f"  ≤ {goal} {'met' if ratio <= goal else 'MISSED'}" if goal < 1 else ""


# ---- the repeated gradient: each maker returns a function that computes it at AT

CALLS: Final = 20
"""The number of calls in a round; the fastest counts."""


def with_llvm(text: str) -> Callable[[], dict[str, float]]:
    """Return the compiled function's gradient, and print the time of compiling."""
    importlib.import_module("llvmlite")
    return _compiled(text, "llvmlite")


def with_numpy(text: str) -> Callable[[], dict[str, float]]:
    """Return the same as if llvmlite were not installed."""
    with patch("graphgrad.compile.batches.machine.has_llvm", lambda: False):
        return _compiled(text, "NumPy")


def _compiled(text: str, title: str) -> Callable[[], dict[str, float]]:
    graph, times = gg.parse(text), []
    for _ in range(2):
        start = time.process_time()
        compiled = graph.compile()
        times.append(time.process_time() - start)
    verdict = "met" if times[0] <= GOAL_COMPILE else "MISSED"
    print(f"compile with {title}: {times[0]:.2f} s, again {times[1]:.2f} s  ≤ {GOAL_COMPILE} {verdict}")
    return lambda: compiled(**AT)[1]


def casadi_called(text: str) -> Callable[[], dict[str, float]]:
    """Return the gradient of CasADi's function, called with a list."""
    function, values = casadi_function(text), [*AT.values()]
    return lambda: dict(zip(INPUTS, function(values)[1].full().ravel().tolist(), strict=True))


def casadi_buffered(text: str) -> Callable[[], dict[str, float]]:
    """Return the gradient of CasADi's function, called through its buffers, which saves making arrays."""
    import numpy as np

    function = casadi_function(text)
    buffer, run = function.buffer()
    x, y, grad = np.array([*AT.values()]), np.zeros(1), np.zeros(len(INPUTS))
    buffer.set_arg(0, x.data)
    buffer.set_res(0, y.data)
    buffer.set_res(1, grad.data)

    def gradient(_: Any = (function, buffer)) -> dict[str, float]:
        x[:] = [*AT.values()]
        run()
        return dict(zip(INPUTS, grad.tolist(), strict=True))

    return gradient


def casadi_function(text: str) -> Any:
    """Return CasADi's function of value and gradient."""
    ca = importlib.import_module("casadi")
    x = ca.SX.sym("x", len(INPUTS))
    y = _run(compile(text, "program", "exec"), dict(zip(INPUTS, ca.vertsplit(x), strict=True)))
    return ca.Function("f", [x], [y, ca.densify(ca.gradient(y, x))])


REPEATED: Final[dict[str, Callable[[str], Callable[[], dict[str, float]]]]] = {
    "graphgrad with llvm": with_llvm,
    "graphgrad with NumPy": with_numpy,
    "casadi by buffer": casadi_buffered,
    "casadi by call": casadi_called,
}
COMPILED, PLAIN, BUFFERED, CALLED = REPEATED
GOALS_AGAIN: Final = {COMPILED: 0.2e-3, PLAIN: 20e-3}
"""The most seconds of a gradient. With llvmlite, the goal is less than CasADi's as well."""

GOAL_COMPILE: Final = 1.0
"""The most seconds of compiling."""


def prepared() -> dict[str, Callable[[], dict[str, float]]]:
    """Return the functions to call repeatedly."""
    runs, text = {}, program(OPERATIONS)
    for name, make in REPEATED.items():
        try:
            runs[name] = make(text)
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return runs


def timed_again(runs: dict[str, Callable[[], dict[str, float]]], rounds: int) -> dict[str, float]:
    """Return the seconds of each function's fastest call."""
    best = dict.fromkeys(runs, math.inf)
    for _ in range(rounds):
        best = {name: min(best[name], fastest(run)) for name, run in runs.items()}
    return best


def repeated(rounds: int) -> None:
    """Print the fastest call of each function, and the ratio of graphgrad's time to CasADi's."""
    runs = prepared()
    gradients = {name: run() for name, run in runs.items()}
    best = timed_again(runs, rounds)
    for name, seconds in best.items():
        apart = max(abs(gradients[name][x] - gradients[PLAIN][x]) for x in INPUTS)
        most = GOALS_AGAIN.get(name)
        goal = f"  ≤ {most * 1e3:g} {'met' if seconds <= most else 'MISSED'}" if most else ""
        print(f"{name:<22} {seconds * 1e3:8.3f} ms a gradient, at most {apart:.1e} from that with NumPy{goal}")
    for peer in (BUFFERED, CALLED):
        if {COMPILED, peer} <= best.keys():
            ratio = best[COMPILED] / best[peer]
            print(f"{COMPILED} / {peer:<18} {ratio:5.2f}  < 1 {'met' if ratio < 1 else 'MISSED'}")


def fastest(run: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of several calls."""
    times = []
    for _ in range(CALLS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def large() -> None:
    """Print time and memory of each large program, run in a process of its own."""
    for title in LARGE:
        command = [sys.executable, __file__, "--large", title]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


def one_large(title: str) -> None:
    """Print the stages and the peak memory of one program."""
    times, _ = measured("graphgrad", LARGE[title]())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in times.items())
    verdict = "met" if memory <= GOAL_MEMORY else "MISSED"
    print(f"{title:<24} {stages} s; {memory:.2f} GB  ≤ {GOAL_MEMORY} {verdict}")


def huge() -> None:
    """Print time and memory of each kind of text in each size."""
    for title in HUGE:
        for size in SIZES:
            command = [sys.executable, __file__, "--huge", title, str(size)]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True)


def one_huge(title: str, operations: int) -> None:
    """Print the time for each operation, and the peak memory."""
    text = HUGE[title](operations)
    gc.collect()
    start = time.process_time()
    graph = gg.parse(text)
    built = time.process_time()
    grad = graph.backprop({name: AT[name] for name in graph.inputs}).grad
    end = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    build, passes = ((b - a) / operations * 1e9 for a, b in ((start, built), (built, end)))
    print(
        f"{title:<18} {operations:>10,} operations: build {build:5.0f} ns each, value and {len(grad)} partials "
        f"{passes:5.0f} ns each; {memory:.2f} GB  ≤ {GOAL_HUGE} {'met' if memory <= GOAL_HUGE else 'MISSED'}"
    )


def main() -> None:
    """Print the tables."""
    if sys.argv[1:2] == ["--huge"]:
        if len(sys.argv) > 2:  # noqa: PLR2004  the title and the size follow
            one_huge(sys.argv[2], int(sys.argv[3]))
        else:
            huge()
        return
    if sys.argv[1:2] == ["--large"]:
        one_large(sys.argv[2])
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    compared(rounds)
    repeated(rounds)
    large()


def in_a_deep_stack(run: Callable[[], None]) -> None:
    """Run with a stack as deep as a graph: micrograd traverses it by recursion."""
    sys.setrecursionlimit(10**7)
    threading.stack_size(2**30 - 2**12)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


if __name__ == "__main__":
    in_a_deep_stack(main)
