"""Evaluate sympy's expressions in mpmath or in fractions, each distinct subexpression once.

Sympy differentiates; it does not evaluate, because it computes gamma at a rational as a product of as many factors, in
one call that nothing interrupts.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.namespaces.contexts import context_of
from graphgrad.namespaces.many_digits import as_fraction, is_finite_real
from graphgrad.namespaces.rational_functions import DECIDED, EXACT, SympyNames
from graphgrad.namespaces.real_functions import REAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LAST_BITS", "Formula", "Rationals", "Reals", "reals"]

BITS: Final = 106
"""The precision of a first evaluation: twice that of a float, so that products of two floats are exact."""

LAST_BITS: Final = 1400
"""The lowest precision in which a 0 counts as one, so that (1 + 1e-324) - 1 is not taken for 0."""

UNSURE_BITS: Final = 16
"""The last bits of a number that may be wrong."""

MAX_EXPONENT: Final = 100_000
"""A number of a larger binary magnitude counts as infinite, one below its negative as 0."""

EXACT_LEVEL, RELATIVE_LEVEL, UNKNOWN_LEVEL = range(3)


class _Instruction(NamedTuple):
    """Apply the function of this name to registers, or take the constant; the result is the next register."""

    name: str
    operands: tuple[int, ...]
    constant: tuple[int, int] = (0, 1)


class Reals:
    """mpmath's numbers in a context; nan stands for what has no value.

    >>> print(reals(106).const(1, 3))
    0.3333333333333333333333333333333
    """

    __slots__ = ("bits", "context", "errors", "nothing")

    def __init__(self, context: Any) -> None:
        """Take a context of mpmath."""
        from mpmath.libmp import NoConvergence

        self.bits, self.context, self.nothing = context.prec, context, context.nan
        self.errors = (ArithmeticError, ValueError, TypeError, NotImplementedError, NoConvergence)

    def const(self, numerator: int, denominator: int = 1) -> Any:
        """Return a rational, rounded to these bits."""
        return self.context.mpf(numerator) / denominator if denominator != 1 else self.context.mpf(numerator)

    def fraction(self, number: Fraction) -> Any:
        """Return a fraction, rounded to these bits."""
        return self.const(number.numerator, number.denominator)

    def as_fraction(self, x: Any) -> Fraction | None:
        """Return a number as a fraction, 0 for what is far below every float; None where x is no finite real number."""
        if not self.is_number(x) or (x and self.context.mag(x) > MAX_EXPONENT):
            return None
        return Fraction(0) if x and self.context.mag(x) < -MAX_EXPONENT else as_fraction(x)

    def apply(self, name: str, operands: Sequence[Any]) -> Any:
        """Return a function's value; nan where it has none, or where mpmath lacks the function."""
        function = REAL.get(name)
        if function is None:
            return self.nothing
        try:
            return function(self.context, *operands)
        except self.errors:
            return self.nothing

    def is_number(self, x: Any) -> bool:
        """Whether x is a finite real number of mpmath."""
        return is_finite_real(x)


class Rationals:
    """Fractions; nan stands for what has no value, or no rational one."""

    bits: Final = 0
    nothing: Final = math.nan

    def const(self, numerator: int, denominator: int = 1) -> Fraction:
        """Return a rational."""
        return Fraction(numerator, denominator)

    def fraction(self, number: Fraction) -> Fraction:
        """Return the fraction itself."""
        return number

    def is_number(self, x: Any) -> bool:
        """Whether x is a rational."""
        return isinstance(x, (Fraction, int))

    def as_fraction(self, x: Any) -> Fraction | None:
        """Return a rational as a fraction, None for anything else."""
        return Fraction(x) if self.is_number(x) else None

    def apply(self, name: str, operands: Sequence[Any]) -> Any:
        """Return a function's value; nan where it is not rational."""
        function = EXACT.get(name)
        if function is None or (function not in DECIDED and any(x is self.nothing for x in operands)):
            return self.nothing
        try:
            z = function(*operands)
        except (ArithmeticError, ValueError, TypeError):
            return self.nothing
        return self.nothing if z is None else z


def reals(bits: int) -> Reals:
    """Return mpmath's numbers of so many bits.

    >>> reals(106).bits
    106
    """
    return Reals(context_of(bits))


class Formula:
    """A sympy expression over symbols as instructions.

    >>> import sympy
    >>> x = sympy.Symbol("x", real=True)
    >>> Formula(x**2 - sympy.Rational(1, 4), [x]).exactly([Fraction(1, 2)])
    Fraction(0, 1)
    """

    def __init__(self, expression: Any, symbols: Sequence[Any]) -> None:
        """Write the instructions."""
        self.count = len(symbols)
        self.code, self.output = _program(expression, symbols)
        self.is_accurate = self._level() < UNKNOWN_LEVEL

    def __call__(self, numbers: Any, operands: Sequence[Any]) -> Any:
        """Return the value at operands of this kind of numbers: `Reals`, or fractions."""
        if not self.code:
            return operands[self.output]
        registers = [*operands]
        for name, places, constant in self.code:
            if name == "const":
                registers.append(numbers.const(*constant))
            else:
                registers.append(numbers.apply(name, [registers[i] for i in places]))
        return registers[self.output]

    def exactly(self, point: Sequence[Fraction]) -> Fraction | None:
        """Return the value where it is computed in fractions alone, else None."""
        numbers = Rationals()
        return numbers.as_fraction(self(numbers, point))

    def at(self, numbers: Reals | Rationals, operands: Sequence[Any]) -> Any:
        """Return the value at exact operands to the precision of `numbers`, nan where there is none.

        Where terms may cancel, the precision is raised until the rounding of all terms is small beside the value.

        >>> import sympy
        >>> x = sympy.Symbol("x", real=True)
        >>> print(Formula(1 - sympy.cos(x), [x]).at(reals(53), [reals(53).context.mpf("1e-30")]))
        5.0e-61
        """
        if self.is_accurate or isinstance(numbers, Rationals):
            return self(numbers, operands)
        return self._refined(numbers, lambda finer: [*map(finer.context.convert, operands)], are_exact=True)

    def number(self, point: Sequence[Fraction]) -> Fraction | None:
        """Return the value at a point to about 27 digits; None where there is no finite real number.

        >>> import sympy
        >>> x = sympy.Symbol("x", real=True)
        >>> float(Formula(1 - sympy.cos(x), [x]).number([Fraction(1, 10**30)]))
        5e-61
        """
        rounded = [x for x in point if not _fits(x)]
        more = max((min(x.denominator, abs(x.numerator)).bit_length() for x in rounded), default=0)
        numbers = reals(BITS + more)  # so that a point a tiny step beside a kink stays beside it
        return numbers.as_fraction(self._refined(numbers, lambda m: [*map(m.fraction, point)], are_exact=not rounded))

    def _refined(self, numbers: Reals, operands_in: Callable[[Reals], Sequence[Any]], *, are_exact: bool) -> Any:
        if self.is_accurate and are_exact:
            return self(numbers, operands_in(numbers))
        bits, last = numbers.bits, max(LAST_BITS, 2 * numbers.bits)
        while True:
            finer = reals(bits)
            z, error = self._with_error(finer, operands_in(finer), are_exact=are_exact)
            if not finer.is_number(z):
                return numbers.nothing
            missing = _missing_bits(finer, z, error, numbers.bits)
            if missing <= 0 or bits >= last:
                break
            bits = min(last, bits + max(missing, BITS)) if z else last
        is_lost = finer.is_number(error) and abs(z) <= error
        return numbers.context.mpf(0 if is_lost else z)

    def _with_error(self, numbers: Reals, operands: Sequence[Any], *, are_exact: bool) -> tuple[Any, Any]:
        """Return the value and an estimate of its rounding error, which every instruction passes on.

        An instruction is evaluated at its operands and at operands moved by their errors.
        """
        unit = numbers.context.ldexp(1, 1 - numbers.bits)
        values = [*operands]
        errors = [numbers.context.zero if are_exact else _size(numbers, x) * unit for x in operands]
        for name, places, constant in self.code:
            if name == "const":
                values.append(numbers.const(*constant))
                errors.append(abs(values[-1]) * (0 if constant[1] == 1 else unit))
                continue
            xs, moves = [values[i] for i in places], [errors[i] for i in places]
            z = numbers.apply(name, xs)
            values.append(z)
            errors.append(_passed_on(numbers, name, xs, moves, z) + _size(numbers, z) * unit)
        return values[self.output], errors[self.output]

    def _level(self) -> int:
        """Return how far the value is right after one evaluation: exact, to relative precision, or unknown."""
        levels = [EXACT_LEVEL] * self.count
        for name, places, constant in self.code:
            operands = [levels[i] for i in places]
            levels.append(_level_of(name, operands, constant))
        return levels[self.output]


def _size(numbers: Reals, x: Any) -> Any:
    """Return |x|, 0 for a truth value, and infinity for what is no number."""
    return abs(x) if numbers.is_number(x) else numbers.context.zero if isinstance(x, bool) else numbers.context.inf


def _passed_on(numbers: Reals, name: str, xs: Sequence[Any], moves: Sequence[Any], z: Any) -> Any:
    """Return what the errors of its operands change in an instruction's value; infinity where that is unknown."""
    if isinstance(z, bool) or not any(moves):
        return numbers.context.zero
    if name == "Add":
        return sum(moves)
    if name == "Piecewise":  # only the branch taken matters
        taken = next((i for i in range(0, len(xs), 2) if xs[i + 1]), 0)
        return moves[taken]
    moved = numbers.apply(name, [x + d if d else x for x, d in zip(xs, moves, strict=True)])
    return abs(moved - z) if numbers.is_number(moved) and numbers.is_number(z) else numbers.context.inf


def _missing_bits(numbers: Reals, z: Any, error: Any, wanted: int) -> int:
    """Return how many more bits are needed for so many bits of a value to be right, up to `UNSURE_BITS`."""
    if not error:
        return 0
    if not z or not numbers.is_number(error):
        return wanted
    return int(numbers.context.mag(error) - numbers.context.mag(z)) + wanted - UNSURE_BITS


def _fits(x: Fraction) -> bool:
    """Whether a fraction is a binary number of a first evaluation's precision."""
    return not x.denominator & (x.denominator - 1) and abs(x.numerator) < 1 << BITS


RELATIVE: Final[SympyNames] = dict.fromkeys(("Mul", "Pow", "Root", "Abs"), RELATIVE_LEVEL)
"""Functions that keep a small relative error small; of a power, the exponent must be exact."""

EXACT_HEADS: Final[SympyNames] = dict.fromkeys(
    ("Piecewise", "Max", "Min", "floor", "ceiling", "sign", "Heaviside", "Eq", "Ne", "Lt", "Le", "Gt", "Ge"),
    EXACT_LEVEL,
)
"""Functions whose value is exact where all operands are."""


def _level_of(name: str, operands: Sequence[int], constant: tuple[int, int]) -> int:
    worst = max(operands, default=EXACT_LEVEL)
    if name == "const":
        return EXACT_LEVEL if constant[1] == 1 else RELATIVE_LEVEL
    if name in EXACT_HEADS and worst == EXACT_LEVEL:
        return EXACT_LEVEL
    if worst == EXACT_LEVEL or (name in RELATIVE and worst == RELATIVE_LEVEL):
        is_power_of_rounded = name == "Pow" and operands[1] != EXACT_LEVEL
        return UNKNOWN_LEVEL if is_power_of_rounded else RELATIVE_LEVEL
    return UNKNOWN_LEVEL


def _program(expression: Any, symbols: Sequence[Any]) -> tuple[list[_Instruction], int]:
    """Return the instructions of an expression and the register of its value; operands come before their users."""
    registers: dict[Any, int] = {symbol: i for i, symbol in enumerate(symbols)}
    code: list[_Instruction] = []
    waiting = [expression]
    while waiting:
        node = waiting[-1]
        if node in registers:
            waiting.pop()
            continue
        name, parts = _read(node)
        missing = [part for part in parts if part not in registers]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        constant = (int(node.p), int(node.q)) if name == "const" else (0, 1)
        registers[node] = len(symbols) + len(code)
        code.append(_Instruction(name, tuple(registers[part] for part in parts), constant))
    return code, registers[expression]


def _read(node: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the name of an expression's function, and its operands."""
    if getattr(node, "is_Rational", False):
        return "const", ()
    name = HEADS.get(type(node).__name__, type(node).__name__)
    if name == "Piecewise":
        return name, tuple(part for pair in node.args for part in pair.args)
    if name == "Pow" and node.args[1].is_Rational and node.args[1] * 2 == 1:
        return "Root", node.args[:1]
    inner = _innermost(node, LOG_ABS_GAMMA[name]) if name in LOG_ABS_GAMMA else None
    return (name, node.args) if inner is None else ("LogAbsGamma", inner.args)


def _innermost(node: Any, names: Sequence[str]) -> Any:
    """Return the expression inside nested functions of these names, None where they are others."""
    for name in names:
        node = node.args[0]
        if type(node).__name__ != name:
            return None
    return node


LOG_ABS_GAMMA: Final[SympyNames] = {"log": ("Abs", "gamma")}
"""The nested functions that are computed as one, since gamma alone overflows."""

HEADS: Final[SympyNames] = {
    "StrictLessThan": "Lt",
    "LessThan": "Le",
    "StrictGreaterThan": "Gt",
    "GreaterThan": "Ge",
    "Equality": "Eq",
    "Unequality": "Ne",
}
"""Sympy's classes of relations, by the short names of its functions."""
