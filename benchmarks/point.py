"""Measure value and gradient at one point: compiled graphs compared with other tools.

    python benchmarks/point.py [ROUNDS]
    python benchmarks/point.py corpus [EVERY]

The formula is the Black–Scholes price of a call with its five derivatives; micrograd, which has no logarithm, gets a
smaller one. Each tool is used as its documentation advises for speed, and warmed up; its compile time is shown apart.
In every round all tools run in turn; a ratio is the median over the rounds of a tool's time divided by graphgrad's in
the same round. `f.raw` is compared with lambdify and with CasADi's function called through prepared buffers; `corpus`
prints how many times as long lambdify takes for one in EVERY formulas of `tests/data/open.jsonl`. The tools come with
`pip install ".[bench]"`; a missing one is left out.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
import time
from pathlib import Path
from statistics import geometric_mean, median
from timeit import Timer
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import graphgrad as gg
from graphgrad.compile.point import raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__: list[str] = []

FORMULA: Final = """
d1 = (log(spot/strike) + (rate + vol**2/2)*years)/(vol*sqrt(years))
d2 = d1 - vol*sqrt(years)
spot*(1 + erf(d1/sqrt(2)))/2 - strike*exp(-rate*years)*(1 + erf(d2/sqrt(2)))/2
"""
POINT: Final = {"spot": 100.0, "strike": 105.0, "rate": 0.02, "vol": 0.25, "years": 1.5}
ROUNDS: Final = 15
SECONDS: Final = 0.05
"""How long a tool is called in each round."""

GOALS: Final = {"sympy lambdify, cse": 1.4}
"""How many times faster than a tool graphgrad should be; for other tools, 1."""

RAW, BUFFERS = "graphgrad, f.raw", "CasADi, buffers"
RAW_GOALS: Final = {"sympy lambdify, cse": 3.0, BUFFERS: 0.5}
"""The same for `f.raw`."""

OWN: Final = ("graphgrad", RAW, "f.raw, no llvmlite", "written by hand", BUFFERS)
"""What `f` is not held against."""

CORPUS: Final = Path(__file__).parents[1] / "tests" / "data" / "open.jsonl"


def price(m: Any, spot: Any, strike: Any, rate: Any, vol: Any, years: Any) -> Any:  # noqa: PLR0913, PLR0917  the formula's inputs
    """Return the call's price, computed with a library's functions."""
    spread = vol * m.sqrt(years)
    d1 = (m.log(spot / strike) + (rate + vol**2 / 2) * years) / spread
    cdf: Callable[[Any], Any] = lambda x: (1 + m.erf(x / 2**0.5)) / 2
    return spot * cdf(d1) - strike * m.exp(-rate * years) * cdf(d1 - spread)


def at_point(f: Callable[..., Any]) -> Callable[[], Any]:
    """Return a call of the function at the point, with the arguments written out."""
    a, b, c, d, e = POINT.values()
    return lambda: f(a, b, c, d, e)


def graphgrad() -> Callable[[], Any]:
    """Compile the formula."""
    return at_point(gg.parse(FORMULA).compile())


def as_tuple() -> Callable[[], Any]:
    """Compile the formula to machine code with an entry for CPython."""
    return at_point(gg.parse(FORMULA).compile().raw)


def as_tuple_in_python() -> Callable[[], Any]:
    """Compile the formula as where llvmlite is not installed."""
    with patch.object(raw, "_is_compiler_there", lambda: False):
        return at_point(gg.parse(FORMULA).compile().raw)


def by_hand() -> Callable[[], Any]:
    """Write the textbook's formulas by hand, with every common part computed once."""
    log, sqrt, exp, erf, root2, density = (
        math.log,
        math.sqrt,
        math.exp,
        math.erf,
        math.sqrt(2),
        1 / math.sqrt(2 * math.pi),
    )

    def f(spot: float, strike: float, rate: float, vol: float, years: float) -> tuple[float, dict[str, float]]:
        root = sqrt(years)
        spread = vol * root
        d1 = (log(spot / strike) + (rate + vol * vol / 2) * years) / spread
        d2 = d1 - spread
        n1, n2 = (1 + erf(d1 / root2)) / 2, (1 + erf(d2 / root2)) / 2
        discount = exp(-rate * years)
        paid = strike * discount
        vega = spot * density * exp(-d1 * d1 / 2) * root
        theta = vega * vol / (2 * years) + rate * paid * n2
        grad = {"spot": n1, "strike": -discount * n2, "rate": years * paid * n2, "vol": vega, "years": theta}
        return spot * n1 - paid * n2, grad

    return at_point(f)


def lambdify() -> Callable[[], Any]:
    """Print sympy's own derivatives as Python."""
    sympy = importlib.import_module("sympy")
    symbols = sympy.symbols(list(POINT))
    value = price(sympy, *symbols)
    f = sympy.lambdify(symbols, [value, *(value.diff(s) for s in symbols)], modules="math", cse=True)
    return at_point(f)


def casadi() -> Callable[[], Any]:
    """Build a CasADi function of value and gradient, called with floats."""
    ca = importlib.import_module("casadi")
    symbols = [ca.SX.sym(name) for name in POINT]
    value = price(ca, *symbols)
    f = ca.Function("f", symbols, [value, ca.gradient(value, ca.vertcat(*symbols))])
    return at_point(f)


def casadi_buffers() -> Callable[[], Any]:
    """Build the same function, called through buffers that hold the point and take the results."""
    ca, array = importlib.import_module("casadi"), importlib.import_module("numpy").array
    symbols = [ca.SX.sym(name) for name in POINT]
    value = price(ca, *symbols)
    f = ca.Function("f", [ca.vertcat(*symbols)], [value, ca.gradient(value, ca.vertcat(*symbols))])
    buffers, call = f.buffer()
    given, results = array([*POINT.values()]), (array([0.0]), array([0.0] * len(POINT)))
    buffers.set_arg(0, memoryview(given))
    for i, result in enumerate(results):
        buffers.set_res(i, memoryview(result))
    call.keep = f, buffers, given, results
    return call  # type: ignore[no-any-return]


def jax() -> Callable[[], Any]:
    """Compile with XLA."""
    jax_, jnp = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    jax_.config.update("jax_enable_x64", True)
    special = importlib.import_module("jax.scipy.special")
    m = type("m", (), {"sqrt": jnp.sqrt, "log": jnp.log, "exp": jnp.exp, "erf": special.erf})
    f = jax_.jit(jax_.value_and_grad(lambda *x: price(m, *x), argnums=(0, 1, 2, 3, 4)))
    x = [jnp.asarray(x) for x in POINT.values()]
    return lambda: jax_.block_until_ready(f(*x))


def torch() -> Callable[[], Any]:
    """Run PyTorch's tape."""
    torch_ = importlib.import_module("torch")
    x = [torch_.tensor(x, dtype=torch_.float64, requires_grad=True) for x in POINT.values()]

    def call() -> Any:
        value = price(torch_, *x)
        return value, torch_.autograd.grad(value, x)

    return call


def autograd() -> Callable[[], Any]:
    """Run HIPS autograd."""
    anp, special = importlib.import_module("autograd.numpy"), importlib.import_module("autograd.scipy.special")
    m = type("m", (), {"sqrt": anp.sqrt, "log": anp.log, "exp": anp.exp, "erf": special.erf})
    f = importlib.import_module("autograd").value_and_grad(lambda x: price(m, *x))
    x = tuple(POINT.values())
    return lambda: f(x)


def micrograd(at: Mapping[str, float] = POINT) -> Callable[[], Any]:
    """Run micrograd on (a*n + o*m)*t of five numbers; of the point, that is (spot*rate + strike*vol)*years."""
    value = importlib.import_module("micrograd.engine").Value

    def call() -> Any:
        a, n, o, m, t = map(value, at.values())
        result = (a * n + o * m) * t
        result.backward()
        return result

    return call


TOOLS: Final = {
    "graphgrad": graphgrad,
    RAW: as_tuple,
    "f.raw, no llvmlite": as_tuple_in_python,
    "written by hand": by_hand,
    "sympy lambdify, cse": lambdify,
    "CasADi": casadi,
    BUFFERS: casadi_buffers,
    "JAX jit": jax,
    "PyTorch": torch,
    "HIPS autograd": autograd,
    "micrograd, smaller": micrograd,
}


def seconds(call: Callable[[], Any], count: int) -> float:
    """Return the mean time of `count` calls."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def prepared() -> dict[str, tuple[Callable[[], Any], float]]:
    """Return the calls of the installed tools, each with the seconds until its first result."""
    calls = {}
    for name, make in TOOLS.items():
        start = time.perf_counter()
        try:
            call = make()
            call()
        except ImportError as error:
            print(f"{name}: not installed ({error.name})")
            continue
        calls[name] = call, time.perf_counter() - start
    return calls


def timed(calls: dict[str, Callable[[], Any]], rounds: int) -> list[dict[str, float]]:
    """Return each tool's seconds per call, round by round."""
    counts = {name: max(int(SECONDS / seconds(call, 10)), 1) for name, call in calls.items()}
    return [{name: seconds(call, counts[name]) for name, call in calls.items()} for _ in range(rounds)]


def of_corpus(every: int) -> None:
    """Print how many times the processor time of `f.raw` lambdify takes."""
    sympy, ratios = importlib.import_module("sympy"), []
    for line in CORPUS.read_text(encoding="utf-8").splitlines()[::every]:
        formula = json.loads(line)
        graph = gg.parse(formula["expr"])
        if not formula["points"]:
            continue
        at = [float(formula["points"][0]["at"][name]) for name in graph.inputs]
        value = graph.to_sympy()
        symbols = [next(s for s in value.free_symbols if s.name == name) for name in graph.inputs]
        theirs = sympy.lambdify(symbols, [value, *(value.diff(s) for s in symbols)], modules="math", cse=True)
        call, names = f"f({', '.join(map(repr, at))})", [{"f": f} for f in (graph.compile().raw, theirs)]
        try:
            timers = [Timer(call, timer=time.process_time, globals=name) for name in names]
            for timer in timers:
                timer.timeit(1)  # compiles
            counts = [max(int(SECONDS / 10 / (timer.timeit(10) / 10)), 1) for timer in timers]
        except (ArithmeticError, NameError, TypeError, ValueError):  # lambdify has no such function
            continue
        ours, others = (min(timer.repeat(9, n)) / n for timer, n in zip(timers, counts, strict=True))
        ratios.append(others / ours)
    ratios.sort()
    print(
        f"{len(ratios)} formulas: lambdify takes {geometric_mean(ratios):.2f} times as long as f.raw, geometric mean;"
    )
    print(f"least {ratios[0]:.2f}, a tenth below {ratios[len(ratios) // 10]:.2f}, most {ratios[-1]:.2f}")


def main() -> None:
    """Print the table."""
    mode, *more = [*sys.argv[1:], str(ROUNDS)]
    if mode == "corpus":
        of_corpus(int(more[0]))
        return
    rounds = int(mode)
    tools = prepared()
    times = timed({name: call for name, (call, _) in tools.items()}, rounds)
    print(f"{f'{rounds} rounds':<22}{'first result':>14}{'per call':>12}{'ratio':>8}{'to raw':>8}  goal")
    for name, (_, first) in tools.items():
        ratio, to_raw = (median(t[name] / t[ours] for t in times) for ours in ("graphgrad", RAW))
        verdict = "" if name in OWN else judged(ratio, GOALS.get(name, 1.0), "f")
        verdict += judged(to_raw, RAW_GOALS[name], "f.raw") if name in RAW_GOALS else ""
        took = median(t[name] for t in times)
        print(f"{name:<22}{first * 1e3:>11.1f} ms{took * 1e6:>9.2f} µs{ratio:>8.2f}{to_raw:>8.2f}{verdict}")


def judged(ratio: float, goal: float, of: str) -> str:
    """Return whether a goal is met."""
    return f"  {of} ≥ {goal} {'met' if ratio >= goal else 'MISSED'}"


if __name__ == "__main__":
    main()
