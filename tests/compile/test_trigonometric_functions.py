"""Sine, cosine and tangent of columns where their argument is hard to reduce, and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mpmath
import numpy as np
import pytest
from own_functions import compiled

from graphgrad.compile import machine_code as machine
from graphgrad.compile.functions.llvm_lanes import LlvmLanes, written
from graphgrad.compile.functions.numpy_lanes import computed
from graphgrad.compile.functions.table import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

needs_llvm = pytest.mark.skipif(not machine.has_llvm(), reason="llvmlite is not installed")
NAMES: Final = ("sin", "cos", "tan")
HARDEST: Final = 6381956970095103 * 2.0**797
"""The double that is closest to a multiple of π/2, for its size (J.-M. Muller, Elementary Functions, 2016, 11.3)."""


def next_to_multiples(count: int) -> Any:
    """Return doubles next to multiples of π/2, up to the largest."""
    rng = np.random.default_rng(5)
    multiples = [*range(1, count), *(int(n) for n in 2 ** rng.uniform(8, 62, count))]
    with mpmath.workdps(60):
        near = [float(n * mpmath.pi / 2) for n in multiples]
    powers = [2.0**k for k in range(-5, 1024, 3)]
    return np.array([*near, *powers, 2.0**20 - 2**-33, 2.0**20, HARDEST, -HARDEST, 1.7976931348623157e308])


def largest_error(name: str, found: Sequence[float], xs: Sequence[float]) -> float:
    """Return the largest error in units in the last place."""
    with mpmath.workdps(400):
        exact = [getattr(mpmath, name)(mpmath.mpf(float(x))) for x in xs]
        units = [mpmath.ldexp(1, mpmath.frexp(y)[1] - 53) for y in exact]
        return float(max(abs(mpmath.mpf(float(z)) - y) / unit for z, y, unit in zip(found, exact, units, strict=True)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reading", [pytest.param("machine", marks=needs_llvm), "numpy"])
def test_next_to_multiples_of_a_quarter_turn(name: str, reading: str) -> None:
    """Where nearly all digits of the argument cancel, at any size."""
    xs = next_to_multiples(400)
    y = compiled(name)(xs) if reading == "machine" else computed(FUNCTIONS[name], xs)
    assert largest_error(name, y, xs) <= 1


def written_schemes(names: Sequence[str]) -> str:
    """Return the instructions of schemes of one operand."""
    ir = pytest.importorskip("llvmlite.ir")
    vector = ir.VectorType(ir.DoubleType(), 8)
    function = ir.Function(ir.Module(), ir.FunctionType(ir.VoidType(), [vector]), "f")
    lanes = LlvmLanes(ir, ir.IRBuilder(function.append_basic_block()), 8)
    for name in names:
        written(FUNCTIONS[name], lanes, function.args)
    return str(function.module)


def test_sine_and_cosine_of_one_argument_share_nearly_all() -> None:
    """The reduction and both polynomials."""
    count: Callable[..., int] = lambda *names: written_schemes(names).count('@"llvm.fma')
    assert count("sin", "cos") == count("sin") == count("cos")
    assert count("sin", "cos", "tan") < 1.2 * count("tan")
