"""What tests of spellings share: every table there is, and how far a number is from a row's own value."""

from __future__ import annotations

import ast
import math
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from table import points

import graphgrad
from graphgrad.namespaces import Fault, Floats, Mpmath
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.ops import NUMERIC
from graphgrad.ops.elementary import POSITIVE, R
from graphgrad.ops.targets import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.ops import Op

ROOT: Final = Path(graphgrad.__file__).parent

ULPS: Final = 10
"""How far a spelling may be from the row's own value.

A library's function is right to 1 to 4 ulp; of those that come along, JavaScript's polygamma measures 8.5.
"""

MOST: Final = 10**9
"""More is as wrong as can be."""

ROOTED: Final = frozenset({"lgamma", "digamma"})
"""Functions that libraries compute to so many ulp of 1 where they are smaller: they have zeros in their domain."""

TINY: Final = 2.0**-1000
"""Floats of less are rounded more coarsely, or none."""

HUGE: Final = 1e16
"""Where a row that subtracts loses all digits, another function with the same name shows itself."""


def is_table(node: ast.AST) -> bool:
    """Tell whether a statement defines a spelling table: `NAME: Final[Spellings] = …`."""
    return isinstance(node, ast.AnnAssign) and "Spellings" in ast.unparse(node.annotation)


@cache
def tables() -> dict[str, Mapping[str, Any]]:
    """Return every spelling table of the package, by module and name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if is_table(node) and isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[f"{module}.{node.target.id}"] = getattr(import_module(module), node.target.id)
    return found


def spelled() -> list[Op]:
    """Return the operations on numbers that any table spells."""
    return [op for name, op in NUMERIC.items() if op.arity and any(name in table for table in tables().values())]


def probes(op: Op) -> Iterator[list[float]]:
    """Yield operands from an operation's domain, huge ones among them where the row has a finite value there."""
    near = [list(point.values()) for point in points(op)]
    unbounded = [i for i in range(op.arity) if op.domain(i) in (R, POSITIVE)]
    far = [[*xs[:i], HUGE, *xs[i + 1 :]] for xs in near[:2] for i in unbounded]
    for xs in near + far:
        if own_value(op, xs) is not None:
            yield xs


def own_value(op: Op, xs: Sequence[float]) -> Fraction | None:
    """Return the value of a row, None where it has none, or not as a float of full precision."""
    return _own_value(op, tuple(xs))


@cache
def _own_value(op: Op, xs: tuple[float, ...]) -> Fraction | None:
    """Read the rule on floats, or in 60 digits where it says no more than its own name."""
    if op.name in OPERATORS or op.name in Mpmath.spellings:
        m = Mpmath()
        try:
            found = m.value(op, [m.const(Fraction(x)) for x in xs])
            return as_fraction(m.context.mpf(found)) if TINY < abs(found) < 1 / TINY or not found else None
        except (ArithmeticError, ValueError, TypeError):
            return None
    z = Floats().value(op, xs)
    return None if isinstance(z, Fault) or math.isinf(z) else Fraction(z)


def ulps(op: Op, xs: Sequence[float], ours: Any) -> float:
    """Return by how many units in the last place a number is off the row's own value."""
    own = own_value(op, xs)
    assert own is not None
    if not math.isfinite(ours):
        return math.inf
    unit = math.ulp(max(abs(float(own)), 1.0 if op.name in ROOTED else 0.0))
    count = abs(Fraction(float(ours)) - own) / Fraction(unit)
    return float(count) if count < MOST else math.inf


__all__ = ["HUGE", "ULPS", "is_table", "own_value", "probes", "spelled", "tables", "ulps"]
