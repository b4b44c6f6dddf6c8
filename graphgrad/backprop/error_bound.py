"""Bound the rounding errors of a value and of its gradient to first order, by the adjoints.

The value z of an operation is rounded, which changes it by at most r·u·|z|, where u is the unit roundoff and r is what
the operation's row declares. Multiplied by the adjoint of z, that is what it can change in the output. So the sum of
|adjoint|·r·u·|z| over all operations bounds the output's error to first order. The gradient is computed as well,
and the adjoints of the backward sweep's own operations bound its error. For x + 1 - x at 1e16, where u·|x + 1| is 1:

>>> from graphgrad.backprop.both_passes import backprop
>>> from graphgrad.graph.builder import build
>>> from graphgrad.text.parser import parse
>>> passes = backprop(build("x + 1 - x", parse("x + 1 - x")), {"x": 1e16})
>>> bound = value_bound(passes)
>>> passes.value, bound.total, passes.tape.step(bound.worst).op.name
(0.0, 1.1102230246251565, 'add')

Sources: S. Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976); N. Higham, "Accuracy and
Stability of Numerical Algorithms", SIAM 2002, chapter 3. The error of a sum of n terms grows with the square root of n:
N. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41 (2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.backprop.finite_partials import FinitePartials
from graphgrad.backprop.passes import rational
from graphgrad.backprop.traced_gradient import traced_gradient
from graphgrad.namespaces.array_values import array_of, is_array, unboxed
from graphgrad.namespaces.many_digits import Precise
from graphgrad.namespaces.namespace import Fault
from graphgrad.tape.sweeps import backward

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphgrad.backprop.passes import Passes
    from graphgrad.backprop.traced_gradient import TracedGradient
    from graphgrad.namespaces.kind import Kind
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op
    from graphgrad.tape.sweeps import Registers
    from graphgrad.tape.tape import Tape

__all__ = [
    "JUDGED",
    "NOTHING",
    "ErrorBound",
    "GradientErrors",
    "direction_bound",
    "gradient_bounds",
    "node_bounds",
    "value_bound",
]

JUDGED: Final = 4
"""The multiple of the bound within which a difference is rounding: the bound is of first order."""

MAX_SWEEPS: Final = 500_000
"""The most operations times derivatives for which each derivative has a backward sweep of its own."""

DIGITS: Final = 20
"""The digits that tell a value that underflowed to 0 from one that is 0."""

MAX_INTEGER: Final = 2**53
"""Sums and products of integers below it are exact in float64."""


class ErrorBound(NamedTuple):
    """The first-order bound of an error, and what each register contributes to it.

    `total` is None where there is no bound: where a local derivative that rounding meets is not finite. `adjoints` has
    the adjoint of each register that rounds, and of those behind it.
    """

    total: Any
    terms: Mapping[int, Any]
    adjoints: Sequence[Any] = ()

    @property
    def worst(self) -> int | None:
        """The register that contributes most; None where nothing is rounded."""
        return max(self.terms, key=lambda register: self.terms[register], default=None)

    def covers(self, error: Any) -> bool:
        """Whether an error is within `JUDGED` times the bound.

        >>> ErrorBound(1e-16, {}).covers(3e-16), ErrorBound(None, {}).covers(0.0)
        (True, False)
        """
        return self.total is not None and bool(abs(Fraction(error)) <= JUDGED * Fraction(rational(self.total)))


UNBOUNDED: Final = ErrorBound(None, {})
NOTHING: Final = ErrorBound(0, {})
"""The bound of a number that nothing rounds."""


def value_bound(passes: Passes, seed: Any = None) -> ErrorBound:
    """Bound the error of the output; of an array, the error of the sum of its entries times those of `seed`.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> value_bound(backprop(build("x*y", parse("x*y")), {"x": 0.5, "y": 0.3})).total == 0.15 * 2**-53
    True
    """
    seed = (passes.seed if passes.arrays else passes.kind.namespace.const(Fraction(1))) if seed is None else seed
    with passes.namespace.quiet():
        return _Rounding.of(passes.tape, passes.namespace, passes.values, passes.kind).bound(passes.tape, seed)


def node_bounds(passes: Passes) -> Mapping[int, Any]:
    """Bound the error of every node's value, of a graph on numbers, by one forward sweep.

    Empty where a local derivative is unknown.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> node_bounds(backprop(build("x*y - 3", parse("x*y - 3")), {"x": 0.5, "y": 0.3}))[2] == 0.15 * 2**-53
    True
    """
    try:
        rounding = _Rounding.of(passes.tape, passes.namespace, passes.values, passes.kind)
        return rounding.running(i for i, value in enumerate(passes.values) if value is not None)
    except (Fault, ArithmeticError, ValueError, TypeError):
        return {}


def gradient_bounds(passes: Passes, names: Iterable[str] | None = None) -> dict[str, ErrorBound]:
    """Bound the error of each derivative, by default of all; the terms are by the registers of `GradientErrors`.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> passes = backprop(build("(1 - cos(x))/x", parse("(1 - cos(x))/x")), {"x": 1e-6})
    >>> bound = gradient_bounds(passes)["x"].total / passes.grad["x"]
    >>> 1e-5 < bound < 1e-3
    True
    """
    errors = GradientErrors.of(passes, passes.wrt if names is None else tuple(names))
    return errors.bounds()


def direction_bound(passes: Passes, name: str, direction: Any) -> ErrorBound:
    """Bound the error of the derivative by one input along a direction: the sum of its entries times the direction's.

    >>> from graphgrad.backprop.both_passes import backprop
    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.text.parser import parse
    >>> import numpy as np
    >>> passes = backprop(build("sum(x**2)", parse("sum(x**2)")), {"x": [0.1, 0.2]})
    >>> direction_bound(passes, "x", np.array([1.0, 0.0])).total < 10 * 0.2 * 2**-53
    True
    """
    return GradientErrors.of(passes, (name,)).bound(name, direction)


@dataclass(frozen=True)
class GradientErrors:
    """The recorded backward sweep at a point, with the size of the rounding in each register; None without a bound.

    The first registers are the graph's nodes; `traced.edges` says which edge of the graph a later one belongs to.
    """

    passes: Passes
    names: tuple[str, ...]
    traced: TracedGradient | None
    rounding: _Rounding | None

    @classmethod
    def of(cls, passes: Passes, names: Sequence[str]) -> GradientErrors:
        """Record the backward sweep for derivatives by these inputs."""
        names = tuple(names)
        try:
            with passes.namespace.quiet():
                traced = traced_gradient(passes, names)
                rounding = _Rounding.of(traced.tape, passes.namespace, traced.values, passes.kind)
        except (Fault, ArithmeticError, ValueError, TypeError):
            return cls(passes, names, None, None)
        return cls(passes, names, traced, rounding)

    def bounds(self) -> dict[str, ErrorBound]:
        """Return the bound of each derivative, of many derivatives of a large tape by one forward sweep."""
        if self.traced is None or self.rounding is None:
            return dict.fromkeys(self.names, UNBOUNDED)
        one = self.passes.kind.namespace.const(Fraction(1))
        if len(self.traced.names) * len(self.traced.tape.steps) <= MAX_SWEEPS or self.passes.arrays:
            return {name: self.bound(name, one) for name in self.names}
        running = self.rounding.running(self.traced.tape.outputs)
        outputs = zip(self.traced.names, self.traced.tape.outputs, strict=True)
        return dict.fromkeys(self.names, NOTHING) | {
            name: ErrorBound(running[register], {}) for name, register in outputs
        }

    def bound(self, name: str, direction: Any) -> ErrorBound:
        """Return the bound of one derivative, of an array's along a direction."""
        if self.traced is None or self.rounding is None:
            return UNBOUNDED
        if name not in self.traced.names:
            return NOTHING
        output = self.traced.tape.outputs[self.traced.names.index(name)]
        return self.rounding.bound(replace(self.traced.tape, outputs=(output,)), direction)


class _Rounding(NamedTuple):
    """The size of the rounding error in each register, without its adjoint; `exact` registers have none."""

    tape: Tape
    m: Namespace
    values: Sequence[Any]
    sizes: dict[int, Any]
    exact: set[int]

    @classmethod
    def of(cls, tape: Tape, m: Namespace, values: Sequence[Any], kind: Kind) -> _Rounding:
        u, smallest = kind.unit_roundoff, kind.smallest
        sizes = _reading_errors(tape, values, kind)
        exact = set(tape.inputs.values()) - sizes.keys()
        for register, number in tape.constants.items():
            if _is_rounded(values[register], number):
                sizes[register] = abs(values[register]) * u
            else:
                exact.add(register)
        for target, op, operands in tape.steps if u else ():
            z, xs = values[target], [values[i] for i in operands]
            if op.rounding != 0 and not isinstance(z, Fault) and not _is_exact(op, z, xs):
                size = _rounding_error(op, m, z, xs) * u
                underflows = smallest and (size < smallest / u) & _may_underflow(op, z, xs)
                sizes[target] = size + smallest * underflows if smallest else size
            elif exact.issuperset(operands):
                exact.add(target)
        return cls(tape, m, values, sizes, exact)

    def bound(self, tape: Tape, seed: Any) -> ErrorBound:
        """Return the bound of the tape's first output, times a seed."""
        partials = FinitePartials(self.m)
        try:
            with self.m.quiet():
                adjoints = backward(tape, partials, self.values, self.exact, seed).adjoints  # type: ignore[arg-type]
                terms = self._terms(adjoints)
                total = sum(terms.values())
                is_finite = total - total == 0
        except (Fault, ArithmeticError, ValueError, TypeError):
            return UNBOUNDED
        return UNBOUNDED if partials.undefined or not is_finite else ErrorBound(total, terms, adjoints.row)

    def _terms(self, adjoints: Registers) -> dict[int, Any]:
        row = adjoints.row
        terms = {i: abs(row[i]) * size for i, size in self.sizes.items() if row[i] is not None}
        return {i: self._number(term) for i, term in terms.items() if is_array(term) or term}

    def _number(self, term: Any) -> Any:
        return unboxed(self.m.operations.sum_along(term) if is_array(term) else term)

    def running(self, registers: Iterable[int]) -> dict[int, Any]:
        """Bound the errors of registers in one forward sweep: larger, since errors never cancel.

        The error of z is at most its own rounding plus the sum of |local derivative| times the operands' errors.
        """
        errors, partials = dict(self.sizes), FinitePartials(self.m)
        for target, op, operands in self.tape.steps:
            z, xs = self.values[target], [self.values[i] for i in operands]
            flows = (
                abs(partials.partial(op, position, z, xs)) * errors[operand]
                for position, operand in enumerate(operands)
                if errors.get(operand)
            )
            errors[target] = errors.get(target, 0) + sum(flows)
        return {register: errors.get(register, 0) for register in registers}


def _reading_errors(tape: Tape, values: Sequence[Any], kind: Kind) -> dict[int, Any]:
    """Return the errors of the inputs that were rounded as they were read."""
    read, entrywise = kind.reading_error, not kind.dtype
    given = ((i, values[i]) for i in tape.inputs.values() if values[i] is not None)
    errors = ((i, array_of(read, x) if entrywise and is_array(x) else read(x)) for i, x in given)
    return {i: error for i, error in errors if is_array(error) or error}


def _rounding_error(op: Op, m: Namespace, z: Any, xs: Sequence[Any]) -> Any:
    """Return the size of an operation's rounding error; infinity where it has none, as at the end of a domain."""
    try:
        return op.rounding_error(m.operations, z, *xs)
    except (Fault, ArithmeticError, ValueError, TypeError):
        return math.inf


def _is_rounded(value: Any, number: Fraction) -> bool:
    """Whether a constant differs from the number that the text gives.

    >>> _is_rounded(0.5, Fraction(1, 2)), _is_rounded(0.1, Fraction(1, 10))
    (False, True)
    """
    return value is not None and bool(rational(value) != number)


def _may_underflow(op: Op, z: Any, xs: Sequence[Any]) -> bool:
    """Whether a tiny number may be an underflow: a 0 is none if it is exact, as that of sin(0), of x - x and of log(1).

    >>> from graphgrad.ops.table import OPS
    >>> [_may_underflow(OPS[name], 0.0, xs) for name, xs in (("sin", [0.0]), ("log", [1.0]), ("mul", [1e-200, 1e-200]))]
    [False, False, True]
    """
    if is_array(z) or z:
        return True
    if 0 in (op.neutral or {}).values() or any(not (x.any() if is_array(x) else x) for x in xs):
        return False
    m = Precise(DIGITS)
    try:
        return bool(m.value(op, [m.const(Fraction(rational(x))) for x in xs]))
    except (Fault, ArithmeticError, ValueError, TypeError):
        return True


def _is_exact(op: Op, z: Any, xs: Sequence[Any]) -> bool:
    """Whether arithmetic on numbers rounds nothing: on small integers with an integer result, or as in x*1.

    >>> from graphgrad.ops.table import OPS
    >>> [_is_exact(OPS["mul"], x * y, [x, y]) for x, y in ((2.0, 3.0), (0.1, 1.0), (0.1, 3.0))]
    [True, True, False]
    """
    if not op.dunder or is_array(z):
        return False
    if any(not is_array(xs[position]) and xs[position] == number for position, number in (op.neutral or {}).items()):
        return True
    return all(map(_is_small_integer, (z, *xs)))


def _is_small_integer(x: Any) -> bool:
    """Whether a float, or a number of many digits, is an integer that all of them have exactly."""
    if isinstance(x, float):
        return x.is_integer() and abs(x) <= MAX_INTEGER
    number = rational(x)
    return isinstance(number, Fraction) and number.denominator == 1 and abs(number) <= MAX_INTEGER
