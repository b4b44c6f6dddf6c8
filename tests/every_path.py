"""Computes expressions in every way there is, for tests/test_differential.py.

tests/ops/test_one_row.py runs it with a package that has more rows: it reads `[[text, point], …]` as JSON and prints,
by path, a value and a gradient for each.
"""

from __future__ import annotations

import ctypes
import json
import math
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

import graphgrad as gg
from graphgrad.compile import Checked
from graphgrad.compile import interpreted as run_on_floats
from graphgrad.compile.columns import ufunc_plan
from graphgrad.compile.languages.c import FILE
from graphgrad.compile.languages.helpers import helpers, preamble
from graphgrad.compile.languages.javascript_passes import both_passes
from graphgrad.compile.languages.translation import kernels_in_c, prototype
from graphgrad.ops import OPS
from graphgrad.tape import differentiated, lower
from graphgrad.tape.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["EACH", "TOGETHER", "Job", "Numbers", "Point"]

Point = dict[str, float]
Job = tuple[gg.Graph, Point]
Numbers = tuple[float, dict[str, float]]


def _numbers(value: Any, grad: dict[str, Any]) -> Numbers:
    return _nearest(value), {name: _nearest(d) for name, d in grad.items()}


def _nearest(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def interpreted(graph: gg.Graph, at: Point) -> Numbers:
    """Run both passes on floats."""
    result = graph.backprop(at)
    return _numbers(result.value, result.grad)


def derivative_graphs(graph: gg.Graph, at: Point) -> Numbers:
    """Run the graph, and that of each derivative, forward."""
    values = {name: graph.gradient(name).backprop(at, wrt=[]).value for name in graph.inputs}
    return _numbers(graph.backprop(at, wrt=[]).value, values)


def as_arrays(graph: gg.Graph, at: Point) -> Numbers:
    """Run both passes on arrays of one entry."""
    result = graph.backprop({name: [x] for name, x in at.items()}, seed=1)
    return _numbers(np.squeeze(result.value), {name: d[0] for name, d in result.grad.items()})


def exact(graph: gg.Graph, at: Point) -> Numbers:
    """Run both passes on fractions."""
    result = graph.backprop({name: Fraction(x) for name, x in at.items()}, exact=True)
    return _numbers(result.value, result.grad)


def precise(graph: gg.Graph, at: Point) -> Numbers:
    """Run both passes in 40 digits."""
    result = graph.backprop({name: Fraction(x) for name, x in at.items()}, precision=40)
    return _numbers(result.value, result.grad)


def by_sympy(graph: gg.Graph, at: Point) -> Numbers:
    """Put numbers into sympy's formula, and take the gradient from the interpreter."""
    formula = graph.to_sympy()
    numbers = {symbol: Fraction(at[symbol.name]) for symbol in formula.free_symbols}
    import sympy

    value = formula.subs({symbol: sympy.Rational(x.numerator, x.denominator) for symbol, x in numbers.items()})
    return _numbers(sympy.N(value, 30), interpreted(graph, at)[1])


def compiled(graph: gg.Graph, at: Point) -> Numbers:
    """Call the compiled function at a point."""
    return _numbers(*graph.compile()(*map(float, at.values())))


def interpreted_flat(graph: gg.Graph, at: Point) -> Numbers:
    """Run the interpreter of long tapes."""
    results = run_on_floats(differentiated(graph.data, graph.inputs))([*at.values()]) or [math.nan] * (1 + len(at))
    return _numbers(results[0], dict(zip(graph.inputs, results[1:], strict=True)))


def on_columns(graph: gg.Graph, at: Point, library: Any = np) -> Numbers:
    """Call the compiled function with columns."""
    value, grad = graph.compile()(**{name: library.asarray([x, x, x]) for name, x in at.items()})
    return _numbers(value[1], {name: d[1] for name, d in grad.items()})


def by_llvm(graph: gg.Graph, at: Point) -> Numbers:
    """Call it with columns, arithmetic as machine code from the first call on."""
    with patch.multiple(ufunc_plan, WORTH_COMPILING=(0, 0)):
        return on_columns(graph, at)


def by_standard(graph: gg.Graph, at: Point) -> Numbers:
    """Call it with arrays of the array API standard."""
    import array_api_strict

    return on_columns(graph, at, array_api_strict)


def by_python(graph: gg.Graph, at: Point) -> Numbers:
    """Run the source in Python."""
    return _numbers(*_function(graph.to_python())(*at.values()))


def by_numpy(graph: gg.Graph, at: Point) -> Numbers:
    """Run the source in Python with NumPy."""
    return _numbers(*_function(graph.to_python(numpy=True))(*at.values()))


def _function(source: str) -> Callable[..., Any]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope["f"]  # type: ignore[no-any-return]


def in_batches(graph: gg.Graph, at: Point) -> Numbers:
    """Call the compiled function at a point as that of a large graph."""
    refused = AssertionError("the graph does not run in batches")
    with (
        patch("graphgrad.compile.function.LARGEST", 0),
        patch("graphgrad.compile.interpreter.interpreted", side_effect=refused),
    ):
        return compiled(graph, at)


def by_javascript(jobs: Sequence[Job]) -> list[Numbers]:
    """Run the source of all in one process of Node."""
    functions = [f"(() => {{ {graph.to_javascript()}\nreturn f; }})()" for graph, _ in jobs]
    rows = _node(functions, [[*at.values()] for _, at in jobs], "...")
    return [(_float(value), {name: _float(d) for name, d in grad.items()}) for value, grad in rows]


def by_page(jobs: Sequence[Job]) -> list[Numbers]:
    """Run what a page runs; its gradient stands in the adjoints of the inputs."""
    functions = []
    for graph, _ in jobs:
        tape = lower(graph.data)
        found = transcript(tape, tape.fixed(tape.inputs.values()), Checked().knows)
        numbers = [found.values.get(tape.outputs[0]), *(found.adjoints.get(tape.inputs[name]) for name in graph.inputs)]
        functions.append(both_passes(found, graph.inputs, {"all": numbers}))
    rows = _node(functions, [[*at.values()] for _, at in jobs], "")
    return [
        (_float(row["all"][0]), {name: _float(d or "0") for name, d in zip(at, row["all"][1:], strict=True)})
        for (_, at), row in zip(jobs, rows, strict=True)
    ]


def _float(text: str) -> float:
    return float(text.replace("Infinity", "inf"))


def _node(functions: Sequence[str], points: Sequence[Sequence[float]], spread: str) -> list[Any]:
    script = f"""
        const fs = [{",".join(functions)}];
        const text = (key, value) => (typeof value === "number" ? String(value) : value);
        console.log(JSON.stringify({json.dumps(points)}.map((x, i) => fs[i]({spread}x)), text));
    """
    done = subprocess.run(["node"], input=script, check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def by_c(jobs: Sequence[Job]) -> list[Numbers]:
    """Compile the source of all into one library."""
    folder = Path(tempfile.mkdtemp())
    texts = [graph.to_c(name=f"f{i}") for i, (graph, _) in enumerate(jobs)]
    kernels = kernels_in_c().values()
    shared = [preamble(FILE), *helpers(FILE).values(), *map(prototype, kernels), *kernels]
    for helper in ("#include <math.h>\n", *sorted(shared, key=len, reverse=True)):
        texts = [text.replace(helper, "") for text in texts]
    (folder / "all.c").write_text("\n".join(["#include <math.h>", *shared, *texts]), encoding="utf-8")
    command = ["cc", "-std=c99", "-O1", "-shared", "-fPIC", "-o", f"{folder}/all.so", f"{folder}/all.c", "-lm"]
    subprocess.run(command, check=True, timeout=300)
    library = ctypes.CDLL(str(folder / "all.so"))
    return [_called(library[f"f{i}"], at) for i, (_, at) in enumerate(jobs)]


def _called(function: Any, at: Point) -> Numbers:
    grad = (ctypes.c_double * len(at))()
    function.restype = ctypes.c_double
    return function(*map(ctypes.c_double, at.values()), grad), dict(zip(at, grad, strict=True))


EACH: dict[str, Callable[[gg.Graph, Point], Numbers]] = {
    "interpreter": interpreted,
    "derivative graphs": derivative_graphs,
    "arrays": as_arrays,
    "exact": exact,
    "precise": precise,
    "sympy": by_sympy,
    "compiled": compiled,
    "flat interpreter": interpreted_flat,
    "columns": on_columns,
    "Python": by_python,
    "NumPy": by_numpy,
    **({"LLVM": by_llvm, "batches": in_batches} if find_spec("llvmlite") else {}),
    **({"array API": by_standard} if find_spec("array_api_strict") else {}),
}
TOGETHER: dict[str, Callable[[Sequence[Job]], list[Numbers]]] = {
    **({"JavaScript": by_javascript, "page": by_page} if shutil.which("node") else {}),
    **({"C": by_c} if shutil.which("cc") else {}),
}


def main() -> None:
    """Read expressions, compute them, and print the numbers."""
    jobs = [(gg.parse(text), at) for text, at in json.load(sys.stdin)]
    found = {path: [compute(graph, at) for graph, at in jobs] for path, compute in EACH.items()}
    found |= {path: together(jobs) for path, together in TOGETHER.items()}
    print(json.dumps({"rows": len(OPS), "paths": found}))


if __name__ == "__main__":
    main()
