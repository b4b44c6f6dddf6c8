"""Measure value and gradient over many rows on a graphics card, compared with JAX and PyTorch by hand.

    python benchmarks/gpu.py [--rows ROWS] [--rounds ROUNDS] [--dtype float64|float32] [--device gpu|cpu]

The formula is the Black–Scholes price of a call with its five derivatives, over 1e8 rows. graphgrad's compiled function
gets arrays of CuPy, PyTorch or JAX, which compute it on their device; beside it are the formula written by hand with
`jax.jit` and with `torch.compile`, whose derivatives are those libraries' own. graphgrad's function is one program
within `jax.jit`; within `torch.compile` it would be one per operation, so it is called with tensors as it is.

Each contender runs in a process of its own, so that it has all of the card's memory; the columns are on the card before
the time starts. The first call, which compiles, is shown apart; of the others the fastest counts.

A sample of every contender's rows is held against graphgrad's on the processor. The exit status is 0 where all agree, 1
where one does not, and 2 where nothing could be run: without a card, or without any of the libraries. `--device cpu`
shows at fewer rows that the script works; its times say nothing about a card.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from point import FORMULA, POINT, price

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Columns = dict[str, NDArray[np.floating[Any]]]
    Run = Callable[[], tuple[Any, dict[str, Any]]]

__all__: list[str] = []

ROWS: Final = 100_000_000
ROUNDS: Final = 5
SAMPLE: Final = 10_000
"""The rows that are held against the processor's."""

TOLERANCE: Final = {"float64": 1e-11, "float32": 1e-3}
"""The highest difference, relative to the largest number of the column."""

AGREED, DIFFERED, NOTHING_RAN = 0, 1, 2
"""Exit statuses."""


class UnavailableError(Exception):
    """A contender cannot run here; the message says what is missing."""


class Measured(NamedTuple):
    """What a contender's process tells: seconds, the device, and its numbers at the sample of rows."""

    first: float
    best: float
    device: str
    numbers: dict[str, NDArray[np.floating[Any]]]


def columns(rows: int, dtype: str) -> Columns:
    """Return a column for each input, spread around the point."""
    rng = np.random.default_rng(0)
    return {name: rng.uniform(0.8 * x, 1.2 * x, rows).astype(dtype, copy=False) for name, x in POINT.items()}


def library(name: str, package: str) -> Any:
    """Import a library; raise `UnavailableError` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnavailableError(f"not installed: pip install {package}") from None


# ---- the libraries: their device, and a column on it


def on_jax(device: str) -> tuple[str, Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the device's name, the function that puts a column on it, and the one that waits for a result."""
    jax = library("jax", '"jax[cuda12]"')
    jax.config.update("jax_enable_x64", True)
    try:
        found = jax.devices(device)[0]
    except RuntimeError:
        raise UnavailableError("JAX sees no card") from None
    return found.device_kind, lambda x: jax.device_put(x, found), jax.block_until_ready


def on_torch(device: str) -> tuple[str, Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the same for PyTorch."""
    torch = library("torch", "torch")
    if device == "cpu":
        return "cpu", torch.from_numpy, lambda result: result
    if not torch.cuda.is_available():
        raise UnavailableError("PyTorch sees no card")

    def wait(result: Any) -> Any:
        torch.cuda.synchronize()
        return result

    return torch.cuda.get_device_name(), lambda x: torch.from_numpy(x).cuda(), wait


def on_cupy(device: str) -> tuple[str, Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the same for CuPy, which has cards alone."""
    cupy = library("cupy", "cupy-cuda12x")
    if device == "cpu":
        raise UnavailableError("CuPy computes on cards alone")
    try:
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    except cupy.cuda.runtime.CUDARuntimeError:
        raise UnavailableError("CuPy sees no card") from None

    def wait(result: Any) -> Any:
        cupy.cuda.Device().synchronize()
        return result

    return name, cupy.asarray, wait


# ---- the contenders: each makes a call of columns on the device


def ours(x: dict[str, Any]) -> Run:
    """Call graphgrad's compiled function with arrays of the library."""
    f = gg.parse(FORMULA).compile()
    return lambda: f(**x)


def ours_in_jit(x: dict[str, Any]) -> Run:
    """Call graphgrad's compiled function within `jax.jit`."""
    f = gg.parse(FORMULA).compile()
    jitted = library("jax", "jax").jit(lambda at: f(**at))
    return lambda: jitted(x)


def jax_by_hand(x: dict[str, Any]) -> Run:
    """Differentiate the formula written with JAX."""
    jax, jnp = importlib.import_module("jax"), importlib.import_module("jax.numpy")
    erf = importlib.import_module("jax.scipy.special").erf
    m = type("m", (), {"sqrt": jnp.sqrt, "log": jnp.log, "exp": jnp.exp, "erf": erf})

    def total(*at: Any) -> Any:
        value = price(m, *at)
        return value.sum(), value

    f = jax.jit(jax.value_and_grad(total, argnums=tuple(range(len(x))), has_aux=True))

    def run() -> tuple[Any, dict[str, Any]]:
        (_, value), grad = f(*x.values())
        return value, dict(zip(x, grad, strict=True))

    return run


def torch_by_hand(x: dict[str, Any]) -> Run:
    """Differentiate the formula written with PyTorch, and compiled."""
    torch = importlib.import_module("torch")
    compiled = torch.compile(lambda *at: price(torch, *at))
    at = [column.requires_grad_() for column in x.values()]

    def run() -> tuple[Any, dict[str, Any]]:
        value = compiled(*at)
        return value.detach(), dict(zip(x, torch.autograd.grad(value, at, torch.ones_like(value)), strict=True))

    return run


CONTENDERS: Final[dict[str, tuple[Callable[..., Any], Callable[[dict[str, Any]], Run]]]] = {
    "graphgrad, arrays of JAX in jax.jit": (on_jax, ours_in_jit),
    "graphgrad, arrays of JAX": (on_jax, ours),
    "graphgrad, tensors of PyTorch": (on_torch, ours),
    "graphgrad, arrays of CuPy": (on_cupy, ours),
    "by hand, jax.jit": (on_jax, jax_by_hand),
    "by hand, torch.compile": (on_torch, torch_by_hand),
}
"""The contenders by name: their library, and what they call."""


def measured(name: str, rows: int, rounds: int, dtype: str, device: str) -> Measured | str:
    """Run a contender, and return what was measured, or why it cannot run."""
    place, prepare = CONTENDERS[name]
    try:
        title, put, wait = place(device)
        run = prepare({name: put(column) for name, column in columns(rows, dtype).items()})
        start = time.perf_counter()
        value, grad = wait(run())
        first, times = time.perf_counter() - start, []
        for _ in range(rounds):
            start = time.perf_counter()
            wait(run())
            times.append(time.perf_counter() - start)
    except UnavailableError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  a library's own error, such as for too little memory, is told
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    every = max(rows // SAMPLE, 1)
    numbers = {"value": value, **grad}
    return Measured(first, min(times), title, {name: on_processor(x[::every]) for name, x in numbers.items()})


def on_processor(array: Any) -> NDArray[np.floating[Any]]:
    """Return an array of any library as one of NumPy's."""
    if hasattr(array, "detach"):
        return array.detach().cpu().numpy()  # type: ignore[no-any-return]  # PyTorch's
    return array.get() if hasattr(array, "get") else np.asarray(array)


def difference(numbers: dict[str, Any], right: dict[str, Any]) -> float:
    """Return the largest difference from the right numbers, relative to the largest of each column; nan is the worst.

    >>> difference({"value": np.array([1.0, 2.0])}, {"value": np.array([1.0, 4.0])})
    0.5
    """
    return max(float(np.max(np.abs(numbers[name] - x)) / np.max(np.abs(x))) for name, x in right.items())


def options() -> argparse.Namespace:
    """Return the arguments."""
    parser = argparse.ArgumentParser(description="Value and gradient over many rows on a graphics card.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--dtype", choices=TOLERANCE, default="float64")
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    return parser.parse_args()


def main() -> int:
    """Print the table, and return the exit status."""
    given = options()
    every = max(given.rows // SAMPLE, 1)
    sample = {name: column[::every] for name, column in columns(given.rows, given.dtype).items()}
    value, grad = gg.parse(FORMULA).compile()(**{name: x.astype("float64") for name, x in sample.items()})
    right = {"value": value, **grad}
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    print(f"{given.rows:,} rows of {given.dtype}, {given.rounds} rounds on the {given.device}")
    print(f"{'':<38}{'first':>11}{'fastest':>12}{'rows/ns':>9}  difference")
    status, devices = NOTHING_RAN, set[str]()
    for name in CONTENDERS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(measured, (name, given.rows, given.rounds, given.dtype, given.device))
        if isinstance(found, str):
            print(f"{name:<38}{found}", flush=True)
            continue
        off = difference(found.numbers, right)
        agrees = off <= TOLERANCE[given.dtype]
        status = DIFFERED if status == DIFFERED or not agrees else AGREED
        devices.add(found.device)
        speed = given.rows / found.best * 1e-9
        row = f"{found.first * 1e3:>8,.0f} ms{found.best * 1e3:>9,.2f} ms{speed:>9.3f}  {off:.1e}"
        print(f"{name:<38}{row}{'' if agrees else '  WRONG'}", flush=True)
    if status == NOTHING_RAN:
        hint = (
            ""
            if given.device == "cpu"
            else "; --device cpu --rows 1000000 shows on the processor that this script runs"
        )
        print(f"nothing could be run: see above what is missing{hint}", file=sys.stderr)
    else:
        print(f"device: {', '.join(sorted(devices))}")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
