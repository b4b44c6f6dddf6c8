"""Every path computes and refuses the same: random formulas over the whole table, at ordinary and extreme points."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from every_path import EACH, TOGETHER

import graphgrad as gg
from graphgrad.backprop.error_bound import gradient_bounds, value_bound
from graphgrad.backprop.faults import fault_in, fault_origin
from graphgrad.compile.languages.python_point import _shown
from graphgrad.compile.languages.special_columns import SPECIAL_COLUMNS
from graphgrad.namespaces import Fault
from graphgrad.ops import NUMERIC
from graphgrad.ops.op import Naturals
from graphgrad.printing import Notation, Text
from graphgrad.tape import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from every_path import Job, Numbers, Point

    from graphgrad.ops import Op

PER_ROW = 2
NAMES = ("x", "y", "z")
NUMBERS = ("0", "1", "2", "3", "0.5", "-1", "-2", "7", "pi", "2**-500", "2**600", "10**400")
EDGES = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.5,
    3.0,
    0.5,
    2.0**-530,
    2.0**530,
    -(2.0**530),
    2.0**-1000,
    2.0**1000,
    40.0,
    -700.0,
)

TINY, HUGE = 1e-280, 1e280
"""Between them, no product of two numbers of a formula's size loses digits to underflow, or overflows."""

MARGIN = 16
"""The multiple of the interpreter's error bound within which another path agrees: its functions round twice as much."""

NEARLY = 1e-9
"""The relative distance to a jump within which rounding may decide."""

BY_SCIPY = {"columns", "LLVM", "NumPy"}
"""Paths that compute special functions with SciPy."""

SCIPY_ERROR = Fraction(1, 10**9)
"""The relative error that SciPy's functions may have, for negative or large operands."""

DIGITS = {"exact", "precise"}
UNSETTLED = {"Python", "array API", "sympy"}
"""Paths that are left to tests of their own: `math` raises an `OverflowError`, and the others are slow, or partial."""

PATHS = [path for path in (*EACH, *TOGETHER) if path not in {"interpreter", *UNSETTLED}]


class Reference(NamedTuple):
    """What the interpreter does: its numbers with the errors they may have; or the error it raises."""

    numbers: Sequence[float] = ()
    errors: Sequence[Fraction] = ()
    error: gg.GraphgradError | None = None


def formula(random: Random, op: Op, depth: int) -> str:
    """Return an operation on inputs, numbers and further operations."""
    count = random.choice((2, 3)) if op.variadic else op.arity
    operands = [operand(random, depth) for _ in range(count)]
    for i in range(op.arity):
        if op.rule(i) is None:  # it must be a constant
            operands[i] = random.choice("0123" if isinstance(op.domain(i), Naturals) else ("0.5", "1", "2", "7.25"))
    return Notation().value(op, [Text(text if text.isalnum() else f"({text})") for text in operands]).string


def operand(random: Random, depth: int) -> str:
    """Return an input, a number or an operation."""
    if depth and random.random() < 0.6:
        return formula(random, random.choice([op for op in NUMERIC.values() if op.arity]), depth - 1)
    return random.choice(NAMES if random.random() < 0.8 else NUMBERS)


def point(random: Random, names: Sequence[str]) -> Point:
    """Return a point of extreme and of ordinary values."""
    return {
        name: random.choice(EDGES) if random.random() < 0.5 else random.randint(-3000, 3000) / 1024 for name in names
    }


def made(seed: int, per_row: int = PER_ROW) -> Iterator[Job]:
    """Yield formulas that begin with each row of the table, and points."""
    random = Random(seed)
    for op, i in product(NUMERIC.values(), range(per_row)):
        graph = gg.parse(formula(random, op, i % 3)) if op.arity else gg.parse(op.name)
        if graph.inputs:
            yield graph, point(random, graph.inputs)


@cache
def jobs(seed: int = 1) -> list[Job]:
    """Return the formulas of the tests, always the same."""
    return list(made(seed))


def reference(graph: gg.Graph, at: Point) -> Reference:
    """Return what the interpreter does; without errors where no bound holds."""
    try:
        result = graph.backprop(at)
    except gg.GraphgradError as error:
        return Reference(error=error)
    numbers = [result.value, *result.grad.values()]
    bounds = [value_bound(result.passes), *gradient_bounds(result.passes).values()]
    moderate = all(map(is_moderate, everything(result))) and not near_jump(result)
    errors = [Fraction(bound.total) for bound in bounds if moderate and bound.total is not None]
    return Reference(numbers, [MARGIN * error for error in errors] if len(errors) == len(numbers) else [])


def everything(result: gg.Backprop) -> Iterator[Any]:
    """Yield all numbers of both passes."""
    backward = result.passes.backward
    for number in (
        *result.passes.values,
        *backward.adjoints.values(),
        *backward.partials.values(),
        *backward.contributions.values(),
    ):
        if not isinstance(number, Fault) and number is not None:
            yield number


def is_moderate(number: float) -> bool:
    """Whether a number is 0 or far from underflow and overflow."""
    return number == 0 or TINY < abs(number) < HUGE


def near_jump(result: gg.Backprop) -> bool:
    """Whether rounding may decide at a jump or a kink of what is itself computed."""
    values, leaves = result.passes.values, {*result.passes.tape.inputs.values(), *result.passes.tape.constants}
    for step in result.passes.tape.steps:
        xs = [values[i] for i in step.operands if not isinstance(values[i], Fault)]
        if (step.op.kink or step.op.chooses) and not leaves.issuperset(step.operands):
            targets = [*xs, 0.0, *map(round, xs)]
            if any(math.isclose(a, b, rel_tol=NEARLY, abs_tol=NEARLY) for a in xs for b in targets if a is not b):
                return True
    return False


@cache
def references() -> list[Reference]:
    """Return what the interpreter does on all jobs."""
    return [reference(*job) for job in jobs()]


def attempt(compute: Callable[[], Numbers]) -> list[float] | None:
    """Return the numbers of a path, None where it refuses."""
    try:
        value, grad = compute()
    except (gg.GraphgradError, ZeroDivisionError):
        return None
    return [value, *grad.values()]


def is_hidden(job: Job, error: gg.GraphgradError) -> bool:
    """Whether a value that does not exist may not show in the result, as in `log(x) < y`, or `atan(1/x)`."""
    passes: Any = getattr(error, "passes", None)
    fault = None if passes is None else fault_in(passes.values[passes.graph.output])
    if fault is None:
        return True
    tape = lower(job[0].data)
    origin = fault_origin(passes.values, fault)
    return origin not in {*_shown(tape), *tape.outputs} or fault.op.name == "acot"


def difference(path: str, job: Job, known: Reference, found: list[float] | None) -> str:
    """Return how a path differs from the interpreter, empty where it does not."""
    if path in DIGITS and any(not x and math.copysign(1, x) < 0 for x in job[1].values()):
        return ""  # fractions and many digits have no zero with a sign, and so another branch of atan2
    if known.error is not None:
        shown = path not in {*DIGITS, "derivative graphs"} and not is_hidden(job, known.error)
        finite = found is not None and all(map(math.isfinite, found))
        wrong = found is not None if path == "compiled" else shown and finite
        return "only the interpreter refuses it" if wrong else ""
    if path == "flat interpreter" and found and all(map(math.isnan, found)):
        return ""  # it leaves what overflows on the way to the interpreter
    if found is None:
        refuses = path == "compiled" or (known.errors and path != "exact")
        return "only the path refuses it" if refuses else ""
    by_scipy = path in BY_SCIPY and any(step.op.name in SPECIAL_COLUMNS for step in lower(job[0].data).steps)
    for ours, theirs, error in zip(known.numbers, found, known.errors, strict=False):
        allowed = error + by_scipy * SCIPY_ERROR * abs(Fraction(ours))
        if not math.isfinite(theirs) or abs(Fraction(ours) - Fraction(theirs)) > allowed:
            return f"{theirs!r} instead of {ours!r}"
    return ""


@pytest.mark.parametrize("path", PATHS)
def test_a_path_computes_what_the_interpreter_computes(path: str) -> None:
    """Numbers agree within a few times the error bound, and what the interpreter refuses gives no finite numbers."""
    if path in TOGETHER:
        found = [[value, *grad.values()] for value, grad in TOGETHER[path](jobs())]
    else:
        found = [attempt(lambda job=job: EACH[path](*job)) for job in jobs()]  # type: ignore[misc]
    differences = {
        (str(job[0]), str(job[1])): text
        for job, known, numbers in zip(jobs(), references(), found, strict=True)
        if (text := difference(path, job, known, numbers))
    }
    assert differences == {}


def test_the_formulas_reach_far() -> None:
    """Most are compared, and some are refused."""
    compared = [known for known in references() if known.errors]
    assert len(compared) > len(jobs()) / 4
    assert sum(known.error is not None for known in references()) > len(jobs()) / 10
