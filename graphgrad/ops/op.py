"""What an operation is: one row of the rule table, and the domains and kinks it declares."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from graphgrad.ops.shapes import broadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Interval", "Kink", "Naturals", "Op", "Step", "nothing"]


@dataclass(frozen=True, slots=True)
class Interval:
    """The open interval of reals on which an operand makes its operation smooth.

    >>> Interval(0, math.inf).probes(3)
    (0.3333333333333333, 1.0, 3.0)
    """

    low: float
    high: float

    def probes(self, count: int) -> tuple[float, ...]:
        """Return `count` points spread over the interval, dense where formulas live."""
        return tuple(self._at((i + 1) / (count + 1)) for i in range(count))

    def _at(self, t: float) -> float:
        if math.isinf(self.low) and math.isinf(self.high):
            return 2 * math.log(t / (1 - t))
        if math.isinf(self.high):
            return self.low + t / (1 - t)
        return self.low + (self.high - self.low) * t

    def __str__(self) -> str:
        """Mathematical notation."""
        return f"({self.low:g}, {self.high:g})".replace("inf", "∞")


@dataclass(frozen=True, slots=True)
class Naturals:
    """The whole numbers from 0: an operand that counts, such as the order of a polygamma function."""

    def probes(self, count: int) -> tuple[float, ...]:
        """Return 0, 1, 2, and so on.

        >>> Naturals().probes(3)
        (0.0, 1.0, 2.0)
        """
        return tuple(float(i) for i in range(count))

    def __str__(self) -> str:
        """Mathematical notation."""
        return "{0, 1, 2, …}"


@dataclass(frozen=True, slots=True)
class Kink:
    """Where an operation has no derivative, as 1 or 0 read in a namespace, and the convention taken there."""

    at: Callable[..., Any]
    convention: str


def nothing(_m: Any, _z: Any, *_operands: Any) -> int:
    """Read the derivative by an operand in which the operation is piecewise constant: exactly nothing flows back."""
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """An operation, declared once: `f(m, *x)` its value, `d[i](m, z, *x)` its local derivatives, `z` being its value.

    `m` is the namespace the rule is read in. `stable_f` and `stable_d` (by position) are readings that round better on
    floats; the check holds them against the plain ones. A derivative that is the integer 0 says "locally constant":
    nothing at all flows back there. A `variadic` operation has one derivative, called with its own operand first.
    `None` in `d` marks an operand in which it cannot be differentiated. An operation that `chooses` gives its second
    operand or its third, as the first one says. `neutral` operands leave the other one as it is, `absorbing` ones
    decide, and `negated[i]` is what it is with the operand at `i` negated. `tex` is how LaTeX writes it, as the body of
    a macro: operands are #1, #2, …; without any it is a function's name.

    An operation on arrays has `vjp[i](m, g, z, *x)` instead of `d`: its vector-Jacobian products, which take the
    adjoint `g` of the value to that of an operand (`stable_d` then holds such, too; a variadic one is called with the
    operand's position before the operands). Its `shape` follows from its operands' shapes, by broadcasting where it
    declares none. Its `options` are the parameters known before anything runs, with their defaults: `with_params` gives
    them to every rule by keyword, and they are its `params`. `spoken` is what the text calls it, if not by its name;
    `postfix` is written behind its operand. `opened` is its value in simpler operations, for who wants to see inside;
    `red` is what a textbook writes on the arrow back to an operand, by the operands' shapes, where the incoming adjoint
    is 1.

    >>> square = Op("square", lambda m, x: x * x, d=(lambda m, z, x: 2 * x,))
    >>> square.glyph, square.arity
    ('square', 1)
    """

    name: str
    f: Callable[..., Any]
    d: tuple[Callable[..., Any] | None, ...] = ()
    on: tuple[Interval | Naturals, ...] = (Interval(-math.inf, math.inf),)
    glyph: str = ""
    tex: str = ""
    symbols: tuple[str, ...] = ()
    binds: tuple[int, int] = (0, 0)
    dunder: str = ""
    aliases: tuple[str, ...] = ()
    variadic: bool = False
    stable_f: Callable[..., Any] | None = None
    stable_d: Mapping[int, Callable[..., Any]] | None = None
    kink: Kink | None = None
    chooses: bool = False
    classes: int | None = None
    neutral: Mapping[int, int] | None = None
    absorbing: Mapping[int, tuple[int, int]] | None = None
    negated: Mapping[int, Callable[..., Any]] = field(default_factory=dict)
    vjp: tuple[Callable[..., Any], ...] = ()
    shape: Callable[..., tuple[int, ...]] = broadcast
    options: Mapping[str, Any] = field(default_factory=dict)
    params: tuple[tuple[str, Any], ...] = ()
    spoken: str = ""
    postfix: str = ""
    opened: Callable[..., Any] | None = None
    red: Mapping[int, Callable[..., str]] = field(default_factory=dict)
    about: str = ""

    def __post_init__(self) -> None:
        """Fill in what follows from the name."""
        object.__setattr__(self, "glyph", self.glyph or self.name)
        object.__setattr__(self, "spoken", self.spoken or self.name)
        object.__setattr__(self, "tex", self.tex or self._plain_tex())

    def _plain_tex(self) -> str:
        if self.symbols:
            return f"#1 {self.symbols[0]} #2" if self.infix else f"{self.symbols[0]}#1"
        name = self.spoken.replace("_", r"\_")
        return rf"\operatorname{{{name}}}"

    @property
    def arity(self) -> int:
        """How many operands it takes; for a variadic operation, the fewest."""
        return 2 if self.variadic else len(self.d or self.vjp)

    @property
    def prefix(self) -> bool:
        """Whether it is written before its one operand, as a sign is."""
        return bool(self.symbols) and self.arity == 1

    @property
    def infix(self) -> bool:
        """Whether it is written between its operands."""
        return bool(self.symbols) and self.arity > 1

    @property
    def written(self) -> str:
        """What stands for it in the text: a sign or a name.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["matmul"].written, OPS["sum_along"].written
        ('@', 'sum')
        """
        return self.symbols[0] if self.symbols else self.postfix or self.spoken

    @property
    def power(self) -> int:
        """How tightly it holds its operands: where it stands under something tighter, it needs parentheses."""
        left, right = self.binds
        return left - 1 if self.infix and left == right else min(left, right)

    @property
    def flat(self) -> bool:
        """Whether it is piecewise constant in every operand."""
        return bool(self.d or self.vjp) and all(rule is nothing for rule in self.d or self.vjp)

    @property
    def commutes(self) -> bool:
        """Whether the order of its two operands does not matter."""
        neutral = self.neutral
        return neutral is not None and len(neutral) > 1 and neutral[0] == neutral[1]

    def takes(self, count: int) -> bool:
        """Whether it can be applied to `count` operands."""
        return count >= self.arity if self.variadic else count == self.arity

    def domain(self, position: int) -> Interval | Naturals:
        """Return the domain of the operand at `position`."""
        return self.on[min(position, len(self.on) - 1)]

    def rule(self, position: int) -> Callable[..., Any] | None:
        """Return the plain rule for the derivative, or for the adjoint, by the operand at `position`."""
        return (self.d or self.vjp)[0 if self.variadic else position]

    def with_params(self, given: Mapping[str, Any]) -> Op:
        """Return the operation with its parameters fixed: the same object for the same parameters."""
        return _fixed(self, tuple((name, given.get(name, default)) for name, default in self.options.items()))

    def value(self, m: Any, *operands: Any, stable: bool = True) -> Any:
        """Read the value in namespace `m`."""
        return (self.stable_f if stable and self.stable_f else self.f)(m, *operands)

    def partial(self, m: Any, position: int, z: Any, *operands: Any, stable: bool = True) -> Any:
        """Read the local derivative by the operand at `position` in namespace `m`; None where there is none."""
        if self.variadic:
            return self.d[0] and self.d[0](m, z, operands[position], *operands)
        rule = (self.stable_d or {}).get(position) if stable else None
        rule = rule or self.d[position]
        return None if rule is None else rule(m, z, *operands)

    def pull(self, m: Any, position: int, g: Any, z: Any, *operands: Any, stable: bool = True) -> Any:
        """Read, in namespace `m`, the adjoint of the operand at `position` from the adjoint `g` of an array."""
        if self.variadic:
            return self.vjp[0](m, g, z, position, *operands)
        rule = (self.stable_d or {}).get(position) if stable else None
        return (rule or self.vjp[position])(m, g, z, *operands)


class Step(NamedTuple):
    """Apply `op` to the registers `operands` and put the result into the register `target`."""

    target: int
    op: Op
    operands: tuple[int, ...]


@lru_cache(maxsize=4096)
def _fixed(op: Op, params: tuple[tuple[str, Any], ...]) -> Op:
    if not params:
        return op
    given = dict(params)
    stable_d = op.stable_d and {position: partial(rule, **given) for position, rule in op.stable_d.items()}
    return replace(
        op,
        f=partial(op.f, **given),
        stable_f=op.stable_f and partial(op.stable_f, **given),
        vjp=tuple(rule if rule is nothing else partial(rule, **given) for rule in op.vjp),
        stable_d=stable_d,
        kink=op.kink and Kink(partial(op.kink.at, **given), op.kink.convention),
        shape=partial(op.shape, **given),
        opened=op.opened and partial(op.opened, **given),
        params=params,
    )
