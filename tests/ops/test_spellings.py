"""Spelling tables: they name operations that there are, and what they call them has the row's own value."""

from __future__ import annotations

import math
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from spelling import HUGE, ULPS, own_value, probes, spelled, tables, ulps
from table import called

import graphgrad as gg
from graphgrad.compile import Reductions, interpreted, lowered, simplified
from graphgrad.compile.columns import ufunc_plan
from graphgrad.compile.columns.array_libraries import LIBRARIES, _Arrays
from graphgrad.compile.columns.llvm_kernel import INSTRUCTIONS
from graphgrad.compile.functions.table import FUNCTIONS
from graphgrad.compile.languages.numpy_ufuncs import SCIPY, UFUNCS, Ufuncs
from graphgrad.compile.optimize.cancelling_sums import _Floats as RandomComplex
from graphgrad.compile.optimize.lowering import EXPANSIONS, GUARDED_REWRITES, POINT_REWRITES, ROW_REWRITES
from graphgrad.compile.optimize.products_and_signs import REWRITES
from graphgrad.namespaces import Arrays, Fault, Floats, Mpmath, Sympy
from graphgrad.namespaces.array_matrices import IN_LAPACK
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.floats import _saturating
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.namespaces.rationals import Exact
from graphgrad.ops import NUMERIC, OPS
from graphgrad.ops.shapes import MisfitError
from graphgrad.tape import Writer, forward
from graphgrad.transform.write_sympy import Genuine

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.ops import Op

SPELLED = pytest.mark.parametrize("op", spelled(), ids=lambda op: op.name)

DIGITS: Final = Fraction(1, 10**40)
"""How near two readings in 60 digits come to each other."""

BEYOND_THE_STANDARD: Final = frozenset(
    {"lgamma", "gamma", "polygamma", "factorial", "digamma_step", "gamma_density", "beta_density", "erfcinv"}
)
"""Operations whose functions are composed of some that the array API standard does not have."""

SHAPES: Final[dict[str, tuple[tuple[tuple[int, ...], ...], dict[str, Any]]]] = {
    "sum_like": (((3, 4), (4,)), {}),
    "broadcast_like": (((4,), (3, 4)), {}),
    "spread_like": (((3,), (3, 4)), {"axis": 1}),
    "sum_along": (((3, 4),), {"axis": 1, "keepdims": True}),
    "count_along": (((3, 4),), {"axis": 0}),
    "row_count": (((3, 4),), {}),
    "amax": (((3, 4),), {"axis": 1}),
    "amin": (((3, 4),), {"axis": 0}),
    "matmul": (((3, 4), (4, 2)), {}),
    "matmul_left": (((3, 2), (3, 4), (4, 2)), {}),
    "matmul_right": (((3, 2), (3, 4), (4, 2)), {}),
    "outer": (((3,), (4,)), {}),
    "transpose": (((3, 4),), {}),
    "reshape": (((3, 4),), {"shape": (2, 6)}),
    "reshape_like": (((3, 4), (12,)), {}),
    "take": (((3, 4),), {"at": (1,)}),
    "place_like": (((4,), (3, 4)), {"at": (1,)}),
    "concat": (((3, 4), (2, 4)), {}),
    "stack": (((3, 4), (3, 4)), {"axis": 1}),
    "head_like": (((5, 4), (3, 4)), {}),
    "tail_like": (((5, 4), (3, 4)), {}),
    "prod": (((3, 4),), {"axis": 1}),
    "cumsum": (((3, 4),), {"axis": 1}),
    "cumprod": (((3, 4),), {}),
    "recurrence": (((3, 4), (3, 4)), {"axis": 0}),
    "flip": (((3, 4),), {"axis": 1}),
    "roll": (((3, 4),), {"shift": 2, "axis": 0}),
    "shift": (((3, 4),), {"by": -1, "axis": 1}),
    "einsum": (((3, 4), (4, 2), (2,)), {"subscripts": "ij,jk,k->ki"}),
    "diag": (((3, 3),), {}),
    "tril": (((3, 4),), {"k": 1}),
    "triu": (((2, 3, 4),), {}),
    "eye": (((2, 3, 3),), {}),
    "ones": (((3, 4),), {}),
    "conv": (((2, 2, 5, 5), (3, 2, 2, 2)), {"stride": 2, "padding": 1}),
    "conv_input": (((2, 3, 3, 3), (2, 2, 5, 5), (3, 2, 2, 2)), {"stride": 2, "padding": 1}),
    "conv_kernel": (((2, 3, 3, 3), (2, 2, 5, 5), (3, 2, 2, 2)), {"stride": 2, "padding": 1}),
    "windows": (((3, 4),), {"size": (2, 3), "stride": 1, "padding": 1}),
    "overlap_add": (((3, 2), (6,)), {"size": (2,)}),
    "gather": (((7, 2), (3,)), {}),
    "scatter_add": (((3, 2), (3,), (7, 2)), {}),
    "one_hot": (((3, 4), (3, 4)), {}),
    "one_hot_back": (((3, 4), (3, 4)), {}),
}
"""Operands' shapes, and parameters, of operations on arrays."""


def written(op: Op, table: Any) -> Callable[..., float]:
    """Return an operation in those that a table of rewritings makes of it, read on floats."""
    m = Writer()
    tape = m.tape([m.value(op, [m.input(name) for name in "xyz"[: op.arity]])])
    missing = op.name if table is EXPANSIONS else ""
    tape = lowered(tape, lambda op: op.name != missing, "a test", POINT_REWRITES if table is EXPANSIONS else table)
    output = tape.outputs[0]
    return lambda *xs: forward(tape, Floats(), dict(zip("xyz", xs, strict=False)))[output]


def test_every_table_names_operations_that_there_are() -> None:
    """No table keeps an entry for a row that is gone or called otherwise."""
    assert len(tables()) >= 25
    known = OPS.keys() | {name for op in OPS.values() for name in (op.spoken, *op.aliases)}
    assert {(table, name) for table, found in tables().items() for name in found.keys() - known} == set()


@SPELLED
def test_floats(op: Op) -> None:
    """The functions of `math`, and of NumPy's scalars, are the row's to a few ulp."""
    for xs in probes(op):
        for m in (Floats(), _saturating()):
            assert ulps(op, xs, m.value(op, xs)) <= ULPS
            if op.name in m.spellings:
                assert ulps(op, xs, float(m.function(op)(*map(np.float64, xs)))) <= ULPS


@SPELLED
def test_the_flat_interpreter(op: Op) -> None:
    """Python's operators and functions, as the interpreter of long tapes calls them."""
    m = Writer()
    run = interpreted(m.tape([m.value(op, [m.input(name) for name in "xyz"[: op.arity]])]))
    for xs in probes(op):
        found = run(xs)
        assert found is None or ulps(op, xs, found[0]) <= ULPS  # None leaves what overflows to the row


@SPELLED
def test_fractions(op: Op) -> None:
    """What stays among the rationals is exactly the row's."""
    if op.name not in Exact.spellings:
        pytest.skip("it is read from its row")
    for xs in ([Fraction(x).limit_denominator(16) for x in xs] for xs in probes(op)):
        xs[1:] = [Fraction(round(x)) for x in xs[1:]]
        if (own := own_value(op, list(map(float, xs)))) is not None:
            found = Exact().value(op, xs)
            if isinstance(found, Fault):
                assert "not a rational number" in found.reason
                continue
            assert float(found) == pytest.approx(float(own), rel=1e-15)


@SPELLED
def test_many_digits_and_sympy(op: Op) -> None:
    """Mpmath's functions and sympy's agree to 40 digits, each being the other's witness."""
    for xs in (xs for xs in probes(op) if HUGE not in xs):
        if op.name == "nthroot" and not (xs[1] in {2, 3} and abs(xs[0]) < 1000):
            continue  # sympy would take the power of 1/y exactly, and factor numbers for it
        for witness in (Sympy(), Genuine()):
            m, numbers = Mpmath(), [Fraction(x) for x in xs]
            theirs = witness.value(op, [witness.const(x) for x in numbers])
            theirs = as_fraction(m.context.mpf(witness.sympy.N(theirs, 60)))
            ours = as_fraction(m.context.mpf(m.value(op, [m.const(x) for x in numbers])))
            assert abs(ours - theirs) <= DIGITS * (1 + abs(ours))


@SPELLED
def test_arrays(op: Op) -> None:
    """The functions of NumPy that rules are read with, and those that columns are computed with."""
    ufuncs = Ufuncs()
    for xs in probes(op):
        arrays = [np.array([x, x]) for x in xs]
        if op.name in Arrays.spellings:
            assert ulps(op, xs, Arrays().function(op)(*arrays)[1]) <= ULPS
        if op.name in UFUNCS or op.name in SCIPY:
            assert ulps(op, xs, ufuncs.of(op)(*arrays[:2])[1]) <= ULPS


@SPELLED
def test_other_libraries(op: Op) -> None:
    """The functions of the array API standard."""
    library = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    m = _Arrays(library, library.asarray([1.0]))
    if op.name not in LIBRARIES or not m.knows(op) or op.name in BEYOND_THE_STANDARD:
        pytest.skip("it is read from its row, or needs more than the standard")
    for xs in probes(op):
        assert ulps(op, xs, float(m.value(op, [library.asarray(x) for x in xs]))) <= ULPS


@pytest.mark.skipif(find_spec("llvmlite") is None, reason="llvmlite is not installed")
@pytest.mark.parametrize("name", [*INSTRUCTIONS, *FUNCTIONS])
def test_machine_code(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The instructions of a machine, and functions written in them."""
    monkeypatch.setattr(ufunc_plan, "WORTH_COMPILING", (0, 0))
    op = OPS[name]
    graph = gg.parse(called(op))
    f = graph.compile([])
    rows = list(probes(op))
    value, _ = f(*np.array(rows).T)
    assert [xs for xs, x in zip(rows, value, strict=True) if ulps(op, xs, x) > ULPS] == []


@pytest.mark.parametrize("table", [ROW_REWRITES, GUARDED_REWRITES, EXPANSIONS], ids=["rows", "guarded", "expansions"])
def test_rewritings(table: Any) -> None:
    """What is cheaper on columns, and what is written out by comparisons."""
    for op in (NUMERIC[name] for name in table):
        f = written(op, table)
        for xs in probes(op):
            assert ulps(op, xs, f(*xs)) <= ULPS


@pytest.mark.parametrize("table", [POINT_REWRITES, ROW_REWRITES], ids=["points", "rows"])
@pytest.mark.parametrize("exponent", [-8, -3, -2.5, -1, -0.5, 0.5, 1, 1.5, 2, 3, 4, 7, 8, 11, 2.25])
def test_powers(table: Any, exponent: float) -> None:
    """A power by a number is multiplied out, or not: each of its products rounds once."""
    m, op = Writer(), OPS["pow"]
    x: Any = m.input("x")
    tape = lowered(m.tape([x**exponent]), lambda _: True, "a test", table)
    for base in (0.3, 1.7, 29.0, -2.5):
        if base > 0 or exponent == round(exponent):
            found = forward(tape, Floats(), {"x": base})[tape.outputs[0]]
            assert ulps(op, [base, exponent], found) <= ULPS


@pytest.mark.parametrize("name", REWRITES)
def test_products_and_signs(name: str) -> None:
    """Whatever signs and factors are taken out of an operation's operands, its value stays."""
    m, op = Writer(), OPS[name]
    x: Any = m.input("x")
    y: Any = m.input("y")
    for left in (x, -x, 3 * x, x / y, 1 / x):
        for right in (y, -y, y * 0.25, y / x):
            value = m.value(op, [left, right][: op.arity])
            tape = m.tape([value])
            at = {"x": 1.7, "y": -0.6}
            expected = forward(tape, Floats(), at)[tape.outputs[0]]
            shorter = simplified(tape)
            assert forward(shorter, Floats(), at)[shorter.outputs[0]] == pytest.approx(expected, rel=1e-15, abs=4e-16)


def test_functions_of_complex_numbers() -> None:
    """On any branch, a root squared and a logarithm's exponential are the number itself."""
    m = RandomComplex(7)
    for z in (m.any() for _ in range(20)):
        assert abs(m.function(OPS["sqrt"])(z) ** 2 - z) < 1e-14
        assert abs(m.function(OPS["exp"])(m.function(OPS["log"])(z)) - z) < 1e-13
        assert abs(m.function(OPS["pow"])(z, complex(-3)) * z * z * z - 1) < 1e-12
    assert m.function(OPS["pi"]) == math.pi


@pytest.mark.parametrize("name", IN_LAPACK)
@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 3), (5, 5), (2, 4, 4)])
def test_linear_algebra(name: str, shape: tuple[int, ...]) -> None:
    """LAPACK has the numbers of elimination in 60 digits, on single matrices and on stacks where these are taken."""
    m, stack = Mpmath(), np.random.default_rng(4).uniform(-2, 2, shape)
    x = stack @ np.swapaxes(stack, -1, -2) + np.eye(shape[-1])
    operands = [x, x[0]] if OPS[name].arity > 1 else [x]
    try:
        OPS[name].shape(*map(np.shape, operands))
    except MisfitError:
        pytest.skip("it takes a single matrix")
    exact = Entrywise(m).value(OPS[name], [np.frompyfunc(m.context.mpf, 1, 1)(each) for each in operands])
    found = Arrays().value(OPS[name], operands)
    assert np.shape(found) == np.shape(exact)
    assert np.asarray(found) == pytest.approx(np.asarray(exact, dtype=float), rel=1e-12, abs=1e-12)


ENTRIES = [name for name, op in OPS.items() if op.on_arrays and name in Arrays.spellings.keys() - IN_LAPACK.keys()]


@pytest.mark.parametrize("name", ENTRIES)
def test_operations_on_arrays(name: str) -> None:
    """NumPy's loops, and the faster ones of compiled functions, have the numbers of exact fractions."""
    shapes, params = SHAPES[name]
    op = OPS[name].with_params(params)
    whole = [np.arange(np.prod(shape, dtype=int)).reshape(shape) * 3 % 7 for shape in shapes]
    exact = np.asarray(Entrywise(Exact()).value(op, [np.frompyfunc(Fraction, 1, 1)(x) for x in whole]))
    for m in (Arrays(), Reductions()):
        found = np.asarray(m.value(op, [x.astype(float) for x in whole]))
        assert found.shape == exact.shape
        assert (found == exact.astype(float)).all()
