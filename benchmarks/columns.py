"""Measure value and gradient on columns: compiled graphs compared with JAX, PyTorch, numexpr, lambdify and numba.

    python benchmarks/columns.py [EVERY] [ROWS] [ROUNDS]

Formulas with functions that take long are measured on many rows and on few. The corpus is every EVERY-th formula of
`tests/data/open.jsonl`, with its points repeated to ROWS rows. Each tool computes the value and the derivative by every
input in float64, is used as its documentation advises for speed, and is warmed up: compile times are left out. For
this, graphgrad compiles machine code at its first call here, while it normally does so once it has run often enough
that it pays. All tools run in turn; the fastest of several rounds counts, since other load on the machine only adds
time. The tools come with `pip install ".[bench]"`; a missing one is left out. `limit.py` compares with C.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
import time
from pathlib import Path
from statistics import geometric_mean
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np

import graphgrad as gg
from graphgrad.compile.columns import ufunc_plan as plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__: list[str] = []

CORPUS: Final = Path(__file__).parent.parent / "tests" / "data" / "open.jsonl"
CHEAP: Final = "(a*n + o*m)*t"
LONG: Final = """
d1 = (log(spot/strike) + (rate + vol**2/2)*years)/(vol*sqrt(years))
d2 = d1 - vol*sqrt(years)
spot*(1 + tanh(d1/sqrt(2)))/2 - strike*exp(-rate*years)*(1 + tanh(d2/sqrt(2)))/2
"""

HARD: Final = {
    "Black–Scholes with erf": LONG.replace("tanh", "erf"),
    "sin and cos": "a*sin(n)*cos(o) + m*sin(t*a)",
    "pow": "a*x**b",
    "exp and log": "exp(-a*x)*log(y)",
    "erfc": "a*erfc(b*x)",
    "tanh": "a*tanh(b*x + c)",
    "gamma": "a*gamma(b*x)",
}
"""Formulas with the functions that take long, by title."""

FEW: Final = 1_000
"""So few rows that a call's own time counts."""

FEW_GOAL: Final = 1.0
EVERY: Final = 16
ROWS: Final = 1_000_000
ROUNDS: Final = 5
AT_A_TIME: Final = 4
GOAL: Final = 2.0
"""How many times faster than either peer the corpus should be, in the geometric mean."""

NOT_SLOWER: Final = 0.98
"""The share of formulas that should not be slower than the best peer."""

WORST: Final = 8
PLAIN: Final = "graphgrad without LLVM"

Columns = dict[str, Any]


def graphgrad(text: str, at: Columns) -> Callable[[], Any]:
    """Compile the graph."""
    f = gg.parse(text).compile()
    f(**{name: x[:2] for name, x in at.items()})
    return lambda: f(**at)


def graphgrad_numpy(text: str, at: Columns) -> Callable[[], Any]:
    """Compile the graph without machine code, as if the extra `llvm` were not installed."""
    f = gg.parse(text).compile()

    def call() -> Any:
        with patch.object(plan, "has_llvm", lambda: False):
            return f(**at)

    return call


def graphgrad_out(text: str, at: Columns) -> Callable[[], Any]:
    """Compile the graph, and have it fill the same arrays in every call."""
    f = gg.parse(text).compile()
    out = f(**at)
    return lambda: f(**at, out=out)


def statements(text: str) -> Callable[[dict[str, Any]], Any]:
    """Return a function that runs a program, whose text is also Python's, in a namespace."""
    *lines, last = [line for line in text.strip().splitlines() if line]
    code = compile("\n".join([*lines, f"result = {last}"]), "<formula>", "exec")

    def run(names: dict[str, Any]) -> Any:
        exec(code, names)
        return names["result"]

    return run


def jax(text: str, at: Columns) -> Callable[[], Any]:
    """Compile value and gradient with XLA."""
    jax_, jnp = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    special, nn = importlib.import_module("jax.scipy.special"), importlib.import_module("jax.nn")
    jax_.config.update("jax_enable_x64", True)
    own = {"lgamma": special.gammaln, "gamma": special.gamma, "erf": special.erf, "sigmoid": nn.sigmoid, "pi": math.pi}
    own |= {"max": jnp.maximum, "min": jnp.minimum, "atan2": jnp.arctan2}
    names = {**vars(jnp), **own}
    run, order = statements(text), list(at)

    def total(*x: Any) -> Any:
        value = run({**names, **dict(zip(order, x, strict=True))})
        return value.sum(), value

    f = jax_.jit(jax_.value_and_grad(total, argnums=tuple(range(len(order))), has_aux=True))
    x = [jnp.asarray(x) for x in at.values()]
    return lambda: jax_.block_until_ready(f(*x))


def torch(text: str, at: Columns) -> Callable[[], Any]:
    """Run PyTorch's tape."""
    torch_ = importlib.import_module("torch")
    own = {
        "gamma": lambda x: torch_.exp(torch_.lgamma(x)),
        "pi": math.pi,
        "cbrt": lambda x: x.sign() * x.abs() ** (1 / 3),
    }
    own |= {"max": lifted(torch_, torch_.maximum), "min": lifted(torch_, torch_.minimum)}
    names = {**{n: lifted(torch_, getattr(torch_, n)) for n in FUNCTIONS if hasattr(torch_, n)}, **own}
    run = statements(text)
    x = {name: torch_.from_numpy(column).requires_grad_() for name, column in at.items()}

    def call() -> Any:
        value = run({**names, **x})
        return value, torch_.autograd.grad(value, list(x.values()), torch_.ones_like(value), allow_unused=True)

    return call


FUNCTIONS: Final = [
    "exp",
    "log",
    "sin",
    "cos",
    "sqrt",
    "abs",
    "tan",
    "erf",
    "cosh",
    "tanh",
    "expm1",
    "atan",
    "log1p",
    "atan2",
    "lgamma",
    "asin",
    "acos",
    "log10",
    "acosh",
    "sigmoid",
    "log2",
    "asinh",
    "sinh",
    "hypot",
    "atanh",
]


def lifted(torch_: Any, function: Any) -> Any:
    """Return a function that also takes plain numbers, which it makes tensors."""
    number = lambda x: x if isinstance(x, torch_.Tensor) else torch_.tensor(x, dtype=torch_.float64)
    return lambda *x: function(*map(number, x))


def lambdify(text: str, at: Columns) -> Callable[[], Any]:
    """Print sympy's own derivatives as NumPy."""
    sympy = importlib.import_module("sympy")
    symbols = {name: sympy.Symbol(name) for name in at}
    value = statements(text)({**vars(sympy), **symbols})
    grad = [value.diff(s) for s in symbols.values()]
    f = sympy.lambdify(list(symbols.values()), [value, *grad], modules="numpy", cse=True)
    return lambda: f(*at.values())


def numexpr(text: str, at: Columns) -> Callable[[], Any]:
    """Evaluate sympy's value and derivatives one by one."""
    ne, sympy = importlib.import_module("numexpr"), importlib.import_module("sympy")
    symbols = {name: sympy.Symbol(name) for name in at}
    value = statements(text)({**vars(sympy), **symbols})
    texts = [str(e) for e in (value, *(value.diff(s) for s in symbols.values()))]
    return lambda: [ne.evaluate(text, at) for text in texts]


def numba(text: str, at: Columns) -> Callable[[], Any]:
    """Fuse graphgrad's generated Python into one parallel loop that fills the same arrays: the best possible time."""
    nb = importlib.import_module("numba")
    body = gg.parse(text).to_python().partition("'\n")[2].replace("return ", "value, grad = ").splitlines()
    *lines, last = [line.strip() for line in body if line.strip()]
    results = last.removeprefix("value, grad = ").replace("{", "").replace("}", "")
    pairs = [pair.partition(": ")[2] or pair for pair in results.split(", ")]
    stores = [f"o{i}[i] = {x}" for i, x in enumerate(pairs)]
    loads = [f"{name} = c_{name}[i]" for name in at]
    outputs = ", ".join(f"o{i}" for i in range(len(pairs)))
    source = [
        "from math import *",
        f"def f({', '.join(f'c_{name}' for name in at)}, {outputs}):",
        f"    for i in prange(len(c_{next(iter(at))})):",
        *(f"        {line}" for line in [*loads, *lines, *stores]),
    ]
    scope: dict[str, Any] = {"prange": nb.prange}
    exec("\n".join(source), scope)
    f = nb.njit(parallel=True, fastmath=False)(scope["f"])
    filled = [np.empty_like(next(iter(at.values()))) for _ in pairs]
    return lambda: f(*at.values(), *filled)


def fastest(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return each tool's fastest time, all running in turn.

    Each runs several times before the next one, because the first runs still suffer from the caches and the spinning
    threads of the tool before.
    """
    best = dict.fromkeys(calls, math.inf)
    for _ in range(rounds):
        for name, call in calls.items():
            for _ in range(AT_A_TIME):
                start = time.perf_counter()
                call()
                best[name] = min(best[name], time.perf_counter() - start)
    return best


def ready(tools: dict[str, Any], text: str, at: Columns) -> dict[str, Callable[[], Any]]:
    """Return the installed tools that can compute a formula."""
    calls = {}
    for name, make in tools.items():
        try:
            calls[name] = make(text, at)
            calls[name]()
        except ImportError:
            calls.pop(name, None)
        except Exception as error:  # noqa: BLE001  a peer may raise anything
            calls.pop(name, None)
            print(f"  {name} cannot do {text[:40]!r}: {str(error).splitlines()[0][:80]}")
    return calls


def formulas(every: int, rows: int) -> Iterator[tuple[str, str, Columns]]:
    """Yield formulas of the corpus with columns."""
    lines = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    for line in lines[::every]:
        points = [point["at"] for point in line["points"]]
        at = {name: np.resize([float(p[name]) for p in points], rows) for name in gg.parse(line["expr"]).inputs}
        if at and not {"E", "I", "S"} & set(at):
            yield line["id"], line["expr"], at


def timed(text: str, rows: int, rounds: int) -> dict[str, float]:
    """Return each tool's seconds for one formula."""
    rng = np.random.default_rng(0)
    at = {name: rng.random(rows) + 0.5 for name in gg.parse(text).inputs}
    tools = {"graphgrad": graphgrad, "graphgrad, out=": graphgrad_out, PLAIN: graphgrad_numpy}
    tools |= {"JAX jit": jax, "PyTorch": torch}
    tools |= {"sympy lambdify, cse": lambdify, "numexpr": numexpr, "numba, fused": numba}
    return fastest(ready(tools, text, at), 2 * rounds)


def one(title: str, text: str, rows: int, rounds: int, goals: dict[str, float]) -> None:
    """Print the table of one formula."""
    best = timed(text, rows, rounds)
    print(f"\n{title}, {rows:,} rows")
    for name, took in best.items():
        ratio = took / best["graphgrad"]
        goal = goals.get(name)
        verdict = f"  ≥ {goal:.2f} {'met' if ratio >= goal else 'MISSED'}" if goal else ""
        print(f"{name:<24}{took * 1e3:>9.2f} ms{ratio:>8.2f}{verdict}")


OWN: Final = {"graphgrad": graphgrad, PLAIN: graphgrad_numpy}
PEERS: Final = {"JAX jit": jax, "PyTorch": torch}


def hard(rows: int, rounds: int) -> None:
    """Print the milliseconds of each tool for the hard functions, and the microseconds for few rows."""
    for count, scale, unit in ((rows, 1e3, "ms"), (FEW, 1e6, "µs")):
        print(f"\n{'hard functions, ' + unit:<24}{count:>10,} rows")
        for title, text in {"cheap": CHEAP, **HARD}.items():
            best = timed(text, count, rounds)
            peers = [took for name, took in best.items() if not name.startswith("graphgrad")]
            verdict = f"best peer {min(peers, default=math.nan) / best['graphgrad']:5.2f}  ≥ {FEW_GOAL:.2f}"
            print(f"{title:<24}{verdict}  " + ", ".join(f"{name} {took * scale:.2f}" for name, took in best.items()))


def timed_corpus(every: int, rows: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return each tool's seconds, by formula."""
    return {name: fastest(ready(OWN | PEERS, text, at), rounds) for name, text, at in formulas(every, rows)}


def corpus(every: int, rows: int, rounds: int) -> None:
    """Print the comparison on the corpus, with machine code and without."""
    best = timed_corpus(every, rows, rounds)
    print(f"\ncorpus, every {every}th formula, {rows:,} rows")
    for ours in OWN:
        print(ours)
        compared({name: {peer: t[peer] / t[ours] for peer in PEERS if peer in t} for name, t in best.items()})


def compared(ratios: dict[str, dict[str, float]]) -> None:
    """Print how many times faster than each peer graphgrad is, and the formulas for which it is slower than one."""
    for peer in PEERS:
        of_peer = [by_peer[peer] for by_peer in ratios.values() if peer in by_peer]
        if of_peer:
            mean = geometric_mean(of_peer)
            verdict = "met" if mean >= GOAL else "MISSED"
            print(f"  {peer:<10}{len(of_peer):>4} formulas  geometric mean {mean:5.2f}  ≥ {GOAL:.2f} {verdict}")
    worst = sorted((min(by_peer.values(), default=math.inf), name) for name, by_peer in ratios.items())
    slower = [(ratio, name) for ratio, name in worst if ratio < 1]
    share = 1 - len(slower) / len(ratios)
    verdict = "met" if share >= NOT_SLOWER else "MISSED"
    print(f"  slower than the best peer: {len(slower)} of {len(ratios)}  ≤ {1 - NOT_SLOWER:.0%} {verdict}")
    for ratio, name in slower[:WORST]:
        print(f"    {ratio:5.2f}  {name}")


def main() -> None:
    """Print the tables."""
    given = [int(x) for x in sys.argv[1:4]]
    every, rows, rounds = [*given, *(EVERY, ROWS, ROUNDS)[len(given) :]]
    one(
        "cheap: " + CHEAP,
        CHEAP,
        rows,
        rounds,
        {"JAX jit": 1, "PyTorch": 1, "sympy lambdify, cse": 1, "numba, fused": 0.8},
    )
    one("long", LONG, rows, rounds, {"JAX jit": 1, "PyTorch": 1, "sympy lambdify, cse": 1})
    hard(rows, rounds)
    corpus(every, rows, rounds)


if __name__ == "__main__":
    with patch.object(plan, "WORTH_COMPILING", (0, 0)):
        main()
