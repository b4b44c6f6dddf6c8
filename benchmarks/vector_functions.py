"""Measure the functions of columns that are computed inside a loop: their errors, and their time.

    python benchmarks/vector_functions.py                     # all, at 1e5 points
    python benchmarks/vector_functions.py --points 1e8 exp    # one, at many points

Errors are in units in the last place of the exact value. All points are compared in `long double` by the C library,
and the worst thousand again with 50 digits by mpmath; where there is no C compiler or no wide `long double`, few points
are compared with mpmath alone. Times are nanoseconds per element on one core, of 2,048 elements that lie in its cache;
libmvec is glibc's vector library, called as `gcc -O3 -march=native -ffast-math` does.
"""

from __future__ import annotations

import argparse
import ctypes
import math
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np

from graphgrad.compile.functions.llvm_lanes import LlvmLanes, written
from graphgrad.compile.functions.numpy_lanes import computed
from graphgrad.compile.functions.table import FUNCTIONS
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.compile.machine_code import machine_code
from graphgrad.namespaces import Mpmath
from graphgrad.ops import OPS
from graphgrad.ops.targets import LIBM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK: Final = 1_000_000
FEW: Final = 2_000
WORST: Final = 1_000
LANES: Final = 8
IN_CACHE: Final = 2_048
WAYS: Final = ["own", "reading", "NumPy", "libmvec"]
"""The machine code and NumPy's reading of a scheme, NumPy's or SciPy's function, and C's."""

ROUNDS: Final = 300

IN_C: Final = {name: name for name in LIBM} | {name: name for name in ("exp2", "exp10", "erf", "erfc")}
"""The functions of C by operation."""

USUAL: Final = {
    **dict.fromkeys(("log", "log2", "log10"), (0.01, 100.0)),
    **dict.fromkeys(("asin", "acos"), (-1.0, 1.0)),
    "acosh": (1.0, 9.0),
    "atanh": (-0.99, 0.99),
    "log1p": (-0.9, 10.0),
    "pow": (0.1, 10.0),
}
"""Where times are measured, if not from -4 to 4."""

USUALLY: Final = (-4.0, 4.0)

ROWS: Final = """
void rows_{name}({columns}, double *restrict y, long n)
{{ _Pragma("omp simd") for (long i = 0; i < n; i++) y[i] = {name_in_c}({operands}); }}
"""
ERRORS: Final = """
void errors_{name}({columns}, const double *restrict y, double *restrict e, long n)
{{ for (long i = 0; i < n; i++) {{
     {wide} value = {name_in_c}{suffix}({operands}), size = value < 0 ? -value : value, error = y[i] - value;
     int exponent = size > 0x1p-1022 ? ilogbl(size) - 52 : -1074;
     e[i] = size < 0x1p1023 && isfinite(y[i]) ? (double)((error < 0 ? -error : error) * ldexpl(1, -exponent)) : 0; }} }}
"""
SOURCES: Final = {"fast.c": (ROWS, "-ffast-math -fopenmp-simd"), "wide.c": (ERRORS, "")}
"""Loops over the functions of C, and the options to compile them with."""

WIDER: Final = {"pow": ("_Float128", "f128")}
"""Functions that are not right enough in `long double`, and their types and suffixes."""


def points(name: str, count: int, rng: np.random.Generator) -> Iterator[Any]:
    """Yield a column for each operand: numbers of every size and sign, most of them of the sizes that are met most."""
    part = count // 8
    for _ in range(OPS[name].arity):
        usual = [
            rng.uniform(*USUAL.get(name, USUALLY), 2 * part),
            rng.uniform(-40, 40, part),
            rng.uniform(-750, 750, part),
        ]
        near_1 = 1 + rng.choice([-1, 1], part) * 2 ** rng.uniform(-53, -1, part)
        sizes = [2 ** rng.uniform(-30, 11, part), 2 ** rng.uniform(-1074, 1024, count - 6 * part)]
        signed = [size * rng.choice([-1, 1], len(size)) for size in sizes]
        yield rng.permutation(np.concatenate([*usual, near_1, *signed]))


def in_c(names: list[str], folder: str) -> Any:
    """Return the functions of C as a library, None without a compiler."""
    if shutil.which("gcc") is None:
        return None
    for file, (pattern, options) in SOURCES.items():
        text = "#define _GNU_SOURCE\n#include <math.h>\n" + "".join(of_c(pattern, name) for name in names)
        Path(folder, file).write_text(text, encoding="utf-8")
        command = ["gcc", "-O3", "-march=native", "-fPIC", *options.split(), "-c", file]
        subprocess.run(command, check=True, cwd=folder)
    for libraries in (["-lmvec", "-lm"], ["-lm"]):  # -ffast-math would switch subnormal numbers off when linking, too
        command = ["gcc", "-shared", "fast.o", "wide.o", "-o", "functions.so", *libraries]
        if not subprocess.run(command, check=False, capture_output=True, cwd=folder).returncode:
            return ctypes.CDLL(str(Path(folder, "functions.so")))
    return None


def of_c(pattern: str, name: str) -> str:
    """Return a loop over a function of C."""
    xs = "xz"[: OPS[name].arity]
    columns, operands = (", ".join(form.format(x) for x in xs) for form in ("const double *restrict {}", "{}[i]"))
    wide, suffix = WIDER.get(name, ("long double", "l"))
    return pattern.format(name=name, name_in_c=IN_C[name], columns=columns, operands=operands, wide=wide, suffix=suffix)


def called(function: Any, *columns: Any) -> None:
    """Call a function of C on columns."""
    function(*(ctypes.c_void_p(x.ctypes.data) for x in columns), ctypes.c_long(len(columns[0])))


def compiled(name: str) -> Any:
    """Return a scheme as a function of C on columns of whole vectors."""
    from llvmlite import ir

    module, index = ir.Module(), ir.IntType(64)
    arity, kind = OPS[name].arity, ir.VectorType(ir.DoubleType(), LANES)
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [ir.PointerType()] * (arity + 1) + [index]), "rows")
    *columns, count = function.args
    before, body, after = (function.append_basic_block() for _ in range(3))
    ir.IRBuilder(before).branch(body)
    b = ir.IRBuilder(body)
    row = b.phi(index)
    *places, target = (b.gep(column, [row], source_etype=ir.DoubleType()) for column in columns)
    value = written(FUNCTIONS[name], LlvmLanes(ir, b, LANES), [b.load(place, typ=kind, align=8) for place in places])
    b.store(value, target, align=8)
    following = b.add(row, index(LANES))
    row.add_incoming(index(0), before)
    row.add_incoming(following, b.block)
    b.cbranch(b.icmp_signed("<", following, count), body, after)
    ir.IRBuilder(after).ret_void()
    code = machine_code(str(module), "rows")
    loop = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (arity + 1), ctypes.c_long)(code.address)
    loop.code = code  # type: ignore[attr-defined]  # the function's memory
    return loop


TAILS: Final = {"normcdf": mpmath.ncdf}
"""Functions of mpmath that are right where an operation's rule cancels at any number of digits."""


def exact(name: str, xs: list[float]) -> Any:
    """Return the value to 50 digits, nan where there is none."""
    m = Mpmath()
    with mpmath.workdps(50):
        try:
            numbers = [mpmath.mpf(x) for x in xs]
            return mpmath.mpf(TAILS[name](*numbers) if name in TAILS else m.value(OPS[name], numbers))
        except (ArithmeticError, TypeError, ValueError):
            return mpmath.mpf("nan")


def error(y: float, value: Any) -> float:
    """Return how far a double is from the value, in units of the double grid there."""
    if not mpmath.isfinite(value) or not value or not math.isfinite(y):
        return 0.0
    with mpmath.workdps(50):
        return float(abs(mpmath.mpf(y) - value) / mpmath.ldexp(1, max(mpmath.frexp(value)[1] - 53, -1074)))


def worst(name: str, ways: dict[str, Callable[..., None]], errors_in_c: Any, count: int) -> dict[str, float]:
    """Return the largest error of each way to compute a function on columns into the last one."""
    rng, suspects = np.random.default_rng(16), {way: np.empty((0, OPS[name].arity + 2)) for way in ways}
    count = count if errors_in_c else min(count, FEW)
    for first in range(0, count, BLOCK):
        xs = list(points(name, -(-min(BLOCK, count - first) // LANES) * LANES, rng))
        for way, compute in ways.items():
            y, errors = np.empty(len(xs[0])), np.ones(len(xs[0]))
            compute(*xs, y)
            if errors_in_c:
                called(errors_in_c, *xs, y, errors)
            rows = np.argpartition(errors, -WORST)[-WORST:] if errors_in_c else np.arange(len(y))
            found = np.concatenate([suspects[way], np.column_stack([errors, *xs, y])[rows]])
            suspects[way] = found[np.argsort(found[:, 0])[-WORST:]] if errors_in_c else found
    return {way: max(error(row[-1], exact(name, list(row[1:-1]))) for row in found) for way, found in suspects.items()}


def times(name: str, ways: dict[str, Callable[..., None]]) -> dict[str, float]:
    """Return the least time of each way, in nanoseconds per element; the ways take turns."""
    rng = np.random.default_rng(0)
    xs = [rng.uniform(*USUAL.get(name, USUALLY), IN_CACHE) for _ in range(OPS[name].arity)]
    y, found = np.empty(IN_CACHE), dict.fromkeys(ways, math.inf)
    calls = {way: prepared(compute, *xs, y) for way, compute in ways.items()}
    for _ in range(ROUNDS):
        for way, call in calls.items():
            start = perf_counter()
            call()
            found[way] = min(found[way], (perf_counter() - start) / IN_CACHE * 1e9)
    return found


def prepared(compute: Callable[..., None], *columns: Any) -> Callable[[], None]:
    """Return a call whose arguments are made; one of C's functions gets addresses."""
    if isinstance(compute, partial) and compute.func is called:
        arguments = [ctypes.c_void_p(x.ctypes.data) for x in columns]
        return partial(compute.args[0], *arguments, ctypes.c_long(len(columns[0])))
    return partial(compute, *columns)


def of_scheme(name: str, *columns: Any) -> None:
    """Compute by NumPy's reading of the scheme."""
    *xs, y = columns
    y[:] = computed(FUNCTIONS[name], *xs)


def of_numpy(ufunc: Callable[..., Any], *columns: Any) -> None:
    """Compute by a function of NumPy or SciPy."""
    *xs, y = columns
    y[:] = ufunc(*xs)


def ways_of(name: str, library: Any) -> dict[str, Callable[..., None]]:
    """Return the ways to compute a function on columns, of which the last column is the result."""
    found: dict[str, Callable[..., None]] = {
        "own": partial(called, compiled(name)),
        "reading": partial(of_scheme, name),
    }
    ufuncs = Ufuncs()
    if ufuncs.knows(OPS[name]):
        found["NumPy"] = partial(of_numpy, ufuncs.of(OPS[name]))
    if library and name in IN_C:
        found["libmvec"] = partial(called, library[f"rows_{name}"])
    return found


def main() -> None:
    """Print a row for each function."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=float, default=1e5)
    parser.add_argument("--errors-of", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("names", nargs="*", help="operations; all that have a scheme if none is given")
    options = parser.parse_args()
    names = options.names or list(FUNCTIONS)
    unknown = set(names) - FUNCTIONS.keys()
    if unknown:
        parser.error(f"no scheme: {', '.join(sorted(unknown))}")
    print(f"{'':12}" + "".join(f"{way + ', ' + unit:>14}" for unit in ("ulp", "ns") for way in WAYS))
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        library = in_c([name for name in names if name in IN_C], folder)
        is_wide = np.finfo(np.longdouble).nmant > 60  # noqa: PLR2004  the digits of x86's
        for name in names:
            ways = ways_of(name, library)
            in_long_double = library[f"errors_{name}"] if library and is_wide and name in IN_C else None
            judged = {way: compute for way, compute in ways.items() if way in options.errors_of}
            errors, found = worst(name, judged, in_long_double, int(options.points)), times(name, ways)
            cells = [*(f"{errors[w]:.3f}" if w in errors else "" for w in WAYS)]
            cells += [f"{found[w]:.3f}" if w in found else "" for w in WAYS]
            print(f"{name:12}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
