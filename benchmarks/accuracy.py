"""Measure how many units in the last place the value and the derivatives of every operation on numbers are off.

Each row of the table is computed at 10,000 points of its domain, hard ones among them: near the domain's ends, near
roots, at large and at tiny arguments. The referee is the row's own plain rule in 60 digits and more, which the check
holds against mpmath's functions and sympy's derivatives. `python benchmarks/accuracy.py` prints the table and writes
`docs/accuracy.json`, which the documentation of the operations shows; `python benchmarks/accuracy.py sin log` measures
these rows again.
"""

from __future__ import annotations

import ctypes
import json
import math
import random
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import graphgrad as gg
from graphgrad.namespaces import Fault, Floats, Mpmath
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.ops import NUMERIC
from graphgrad.ops.op import Interval
from graphgrad.printing import OPERANDS, called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphgrad.ops import Op

COUNT: Final = 10_000
"""The points of each row."""

DIGITS: Final = (60, 90, 500)
"""The digits of the referee: the first that agree with the next ones to `AGREED`, else the last."""

AGREED: Final = Fraction(1, 10**30)
"""The relative difference of two readings that counts as none."""

KINDS: Final = (0.2, 0.4, 0.8)
"""The shares of points, added up, near an end of the domain, of any size, and evenly spread; the others are large."""

MOST: Final = 1e6
"""The largest error that is told: no digit of the second half is right."""

SMALLEST: Final = 2.0**-1022
"""Below it, floats have fewer digits; a result there is not judged."""

FILE: Final = Path(__file__).parents[1] / "docs" / "accuracy.json"

PATHS: Final = ("floats", "columns", "C")


def coordinate(domain: Any, chance: random.Random) -> float:
    """Return a number of an operand's domain: near an end, of any size, evenly spread, or large."""
    if not isinstance(domain, Interval):
        return float(chance.randrange(5))
    near, sized, even = KINDS
    low, high, kind = domain.low, domain.high, chance.random()
    ends = [end for end in (low, high) if math.isfinite(end)]
    if kind < near and ends:
        end, size = chance.choice(ends), 10 ** chance.uniform(-15, 0) * min(1.0, (high - low) / 2)
        x = end + size if end == low else end - size
    elif math.isfinite(high - low):
        x = chance.uniform(low, high)
    else:
        exponent = chance.uniform(-20, 2) if kind < sized else chance.uniform(0, 2.8)
        size = chance.uniform(0, 10) if sized <= kind < even else 10**exponent
        x = low + size if ends else size * chance.choice((-1, 1))
    return x if low < x < high else coordinate(domain, chance)


def points(op: Op) -> list[list[float]]:
    """Return the points of a row, the same ones each time."""
    chance = random.Random(op.name)
    return [[coordinate(op.domain(i), chance) for i in range(op.arity)] for _ in range(COUNT)]


def referee(op: Op, xs: Sequence[float], readings: Sequence[Mpmath]) -> list[Fraction | None]:
    """Return the value and the derivatives of a row in many digits, None where there is none."""
    found = _read(op, xs, readings[0])
    for m in readings[1:]:
        previous, found = found, _read(op, xs, m)
        if all(map(_agree, previous, found)):
            return found
    return found


def _agree(x: Fraction | None, y: Fraction | None) -> bool:
    """Whether two readings agree; a 0 may be a number that cancels in both."""
    return x == y if x is None or y is None else abs(x - y) < AGREED * abs(y)


def _read(op: Op, xs: Sequence[float], m: Mpmath) -> list[Fraction | None]:
    try:
        precise = [m.const(Fraction(x)) for x in xs]
        z = m.value(op, precise)
        return [_fraction(m, z), *(_fraction(m, m.partial(op, i, z, precise)) for i in _by(op))]
    except (ArithmeticError, ValueError, TypeError):
        return [None] * (1 + len(_by(op)))


def _by(op: Op) -> list[int]:
    return [i for i in range(op.arity) if op.rule(i) is not None]


def _fraction(m: Mpmath, number: Any) -> Fraction | None:
    if isinstance(number, Fault):
        return None
    try:
        return as_fraction(m.context.mpf(number), 2000)
    except (ValueError, TypeError):
        return None


def ulps(found: Any, exact: Fraction | None) -> float:
    """Return how many units in the last place a number is off; 0 where the exact one is no float of full precision."""
    if exact is None or (exact and not SMALLEST < abs(exact) < Fraction(sys.float_info.max)):
        return 0.0
    if isinstance(found, Fault) or not math.isfinite(found):
        return math.inf
    unit = math.ulp(float(exact)) if exact else SMALLEST
    return float(abs(Fraction(float(found)) - exact) / Fraction(unit))


def on_floats(op: Op, rows: Sequence[Sequence[float]]) -> Iterator[list[Any]]:
    """Yield the value and derivatives as both passes compute them."""
    m = Floats()
    for xs in rows:
        z: Any = m.value(op, xs)
        yield [z, *(z if isinstance(z, Fault) else m.partial(op, i, z, xs) for i in _by(op))]


def on_columns(op: Op, rows: Sequence[Sequence[float]]) -> Iterator[list[Any]]:
    """Yield what the compiled function returns for columns."""
    graph = gg.parse(called(op))
    wrt = [OPERANDS[i] for i in _by(op)]
    with np.errstate(all="ignore"):
        value, grad = graph.compile(wrt)(*np.array(rows).T)
    columns = [np.broadcast_to(column, len(rows)) for column in (value, *(grad[name] for name in wrt))]
    yield from zip(*columns, strict=True)


def in_c(op: Op, rows: Sequence[Sequence[float]]) -> Iterator[list[Any]]:
    """Yield what the function in C returns."""
    graph, wrt = gg.parse(called(op)), [OPERANDS[i] for i in _by(op)]
    folder = Path(tempfile.mkdtemp())
    (folder / "f.c").write_text(graph.to_c(wrt), encoding="utf-8")
    command = ["cc", "-std=c99", "-O1", "-shared", "-fPIC", "-o", f"{folder}/f.so", f"{folder}/f.c", "-lm"]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(f"{folder}/f.so").f
    function.restype = ctypes.c_double
    grad = (ctypes.c_double * max(len(wrt), 1))()
    for xs in rows:
        z = function(*map(ctypes.c_double, xs), grad)
        yield [z, *grad[: len(wrt)]]
    shutil.rmtree(folder)


def measured(op: Op) -> dict[str, Any]:
    """Return the largest errors of a row by path: of the value, and of each derivative, and the points of the worst."""
    readings, rows = [Mpmath(digits=digits) for digits in DIGITS], points(op)
    exact = [referee(op, xs, readings) for xs in rows]
    found: dict[str, Any] = {}
    worst: dict[str, list[list[float]]] = {}
    for path, compute in zip(PATHS, (on_floats, on_columns, in_c), strict=True):
        if path == "C" and shutil.which("cc") is None:
            continue
        most, at = [0.0] * (1 + len(_by(op))), [[0.0]] * (1 + len(_by(op)))
        try:
            for xs, ours, theirs in zip(rows, compute(op, rows), exact, strict=True):
                for i, (number, right) in enumerate(zip(ours, theirs, strict=False)):
                    if (error := ulps(number, right)) > most[i]:
                        most[i], at[i] = error, list(xs)
        except gg.GraphgradError as error:
            print(op.name, path, error, file=sys.stderr)
            continue
        found[path], worst[path] = [round(min(error, MOST), 1) for error in most], at
    return {"ulps": found, "worst": worst}


def main(names: Sequence[str]) -> None:
    """Print the table and write the file: all rows, or those named and what was measured of the others before."""
    chosen = [op for op in NUMERIC.values() if op.arity and not op.helper and (not names or op.name in names)]
    table = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    for op in chosen:
        row = measured(op)
        table[op.name] = row["ulps"]
        print(f"{op.name:<20}", *(f"{path} {errors}" for path, errors in row["ulps"].items()), flush=True)
        if names:
            print(row["worst"])
    known = {name: table[name] for name in NUMERIC if name in table}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(errors)}" for name, errors in known.items())
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
