"""Define the rows of the rule table: `Op` for numbers, `ArrayOp` for arrays, and their domains and kinks."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

from graphgrad.base.arguments import python_value
from graphgrad.base.public import public
from graphgrad.ops.rule_fields import refuse_rule_fields
from graphgrad.ops.shapes import broadcast
from graphgrad.ops.spelling import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphgrad.ops.array_domains import Definite, Places
    from graphgrad.ops.kink import Kink
    from graphgrad.ops.shapes import Shape

    Domain: TypeAlias = "Interval | Naturals | Definite | Places"

__all__ = ["ArrayOp", "Interval", "Naturals", "Op", "Step", "nothing"]


@public
@dataclass(frozen=True, slots=True)
class Interval:
    """An open interval of reals: the domain of an operand on which its operation is smooth.

    >>> import math
    >>> Interval(0, math.inf).probes(3)
    (0.3333333333333333, 1.0, 3.0)
    """

    low: float
    high: float

    def probes(self, count: int) -> tuple[float, ...]:
        """Return `count` points of the interval: evenly spread if it is bounded, else mostly near 0 or its end.

        >>> Interval(0, 4).probes(3)
        (1.0, 2.0, 3.0)
        """
        return tuple(self._at((i + 1) / (count + 1)) for i in range(count))

    def _at(self, t: float) -> float:
        if math.isinf(self.low) and math.isinf(self.high):
            return 2 * math.log(t / (1 - t))
        if math.isinf(self.high):
            return self.low + t / (1 - t)
        if math.isinf(self.low):
            return self.high - (1 - t) / t
        return self.low + (self.high - self.low) * t

    def __str__(self) -> str:
        """Mathematical notation."""
        return f"({self.low:g}, {self.high:g})".replace("inf", "∞")


@public
@dataclass(frozen=True, slots=True)
class Naturals:
    """The integers from 0: the domain of an operand that counts, such as the order of a polygamma function.

    >>> print(Naturals())
    {0, 1, 2, …}
    """

    def probes(self, count: int) -> tuple[float, ...]:
        """Return 0, 1, 2, and so on.

        >>> Naturals().probes(3)
        (0.0, 1.0, 2.0)
        """
        return tuple(float(i) for i in range(count))

    def __str__(self) -> str:
        """Mathematical notation."""
        return "{0, 1, 2, …}"


def nothing(_m: Any, _z: Any, *_operands: Any) -> int:
    """Give the derivative by an operand in which the operation is piecewise constant: nothing flows back to it."""
    return 0


@public
@dataclass(frozen=True, slots=True, eq=False)
class Op(Spelling):
    """An operation on numbers, declared in one row: its value, its local derivatives, and how it is written.

    A rule is a function of a namespace `m` and the operands: read with floats in `m` it computes, read with sympy's
    expressions it is proven, read on a tape it becomes code. On arrays, the operation works entry by entry.

    Attributes:
        f: the rule of the value, `f(m, x, y)`.
        d: the rules of the local derivatives by each operand, `d[i](m, z, x, y)`, where z is the operation's value.
            A rule that gives the integer 0 says that it is locally constant there, and nothing flows back. None marks
            an operand by which there is no derivative.
        on: the domain of each operand, on which the operation is smooth: an `Interval`, or `Naturals` for an operand
            that counts. The last domain holds for all further operands.
        variadic: whether it takes two or more operands. `d` then has one rule, `d[0](m, z, x, *xs)`, for the operand x.
        stable_f: another rule of the value, which rounds better in floats. The check holds it against `f`.
        stable_d: the same for derivatives, by position. The check holds them against `d`.
        textbook: the rules of `d` as a textbook writes them, by position, for people alone; None where none is short.
        witness: a second definition of the value, which the check holds `f` against: the name of a function of mpmath,
            or a function of mpmath and the operands, `witness(mp, x, y)`. Without one, the report says so.
        kink: where it has no derivative, and what is taken there.
        chooses: whether it gives its second operand where the first is not 0, and else its third, as `where` does.
        neutral: the number that leaves the other operand as it is, by position: `{1: 0}` for x - 0.
        absorbing: the number that decides the result, and that result, by position: `{0: (0, 0)}` for 0/y.
        negated: the rule of the value where one operand is negated, by position: `{1: lambda m, x, y: x + y}` for
            x - (-y).
        rounding: the size of the rounding error of its value, relative to the value, in units of the unit roundoff
            (2**-53 for float64): 1 for a correctly rounded operation, 0 for one that never rounds. Where the error is
            not proportional to the value, a rule `rounding(m, z, x, y)` gives its size in units of the unit roundoff.

    The other arguments say how it is written, as `Spelling` explains: `name`, `glyph` and `roles` (in pictures),
    `symbols`, `binds` and `dunder` (as an operator), `postfix` (behind its operand), `spoken` and `aliases` (as a
    function), `tex` (in LaTeX), `about` (one line for the list of operations) and `helper` (not on that list). `arity`
    is how many operands it takes; where their number is free, the fewest. The fields that an `ArrayOp` declares for
    arrays are here, too, but empty and no arguments.

    >>> square = Op("square", lambda m, x: x * x, d=(lambda m, z, x: 2 * x,), about="x times x")
    >>> square.glyph, square.arity, square.on_arrays
    ('square', 1, False)

    The rules can be read in any namespace:

    >>> from graphgrad.namespaces.floats import Floats
    >>> square.value(Floats(), 3.0), square.partial(Floats(), 0, 9.0, 3.0)
    (9.0, 6.0)
    """

    on_arrays: ClassVar[bool] = False

    f: Callable[..., Any]
    _: KW_ONLY
    d: tuple[Callable[..., Any] | None, ...] = ()
    on: tuple[Domain, ...] = (Interval(-math.inf, math.inf),)
    variadic: bool = False
    stable_f: Callable[..., Any] | None = None
    stable_d: Mapping[int, Callable[..., Any]] | None = None
    witness: str | Callable[..., Any] | None = None
    textbook: Mapping[int, Callable[..., Any] | None] = field(default_factory=dict)
    kink: Kink | None = None
    chooses: bool = False
    neutral: Mapping[int, int] | None = None
    absorbing: Mapping[int, tuple[int, int]] | None = None
    negated: Mapping[int, Callable[..., Any]] = field(default_factory=dict)
    rounding: float | Callable[..., Any] = 1

    shape: Callable[..., Shape] = field(init=False, default=broadcast)
    options: Mapping[str, Any] = field(init=False, default_factory=dict)
    params: tuple[tuple[str, Any], ...] = field(init=False, default=())
    classes: int | None = field(init=False, default=None)
    opened: Callable[..., Any] | None = field(init=False, default=None)
    headline: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """Count the operands, and fill in what follows from the name."""
        refuse_rule_fields(self.name, "vjp" if self.on_arrays else "d", self.rules, variadic=self.variadic)
        object.__setattr__(self, "arity", 2 if self.variadic else len(self.rules))
        Spelling.__post_init__(self)

    @property
    def rules(self) -> tuple[Callable[..., Any] | None, ...]:
        """The plain rules for what flows back to each operand; one rule for all, if it is variadic.

        >>> from graphgrad.ops.table import OPS
        >>> len(OPS["mul"].rules), len(OPS["hypot"].rules)
        (2, 2)
        """
        return self.d

    @property
    def flat(self) -> bool:
        """Whether it is piecewise constant in every operand.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["floor"].flat, OPS["mul"].flat
        (True, False)
        """
        return bool(self.rules) and all(rule is nothing for rule in self.rules)

    @property
    def commutes(self) -> bool:
        """Whether the order of its two operands does not matter.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].commutes, OPS["sub"].commutes
        (True, False)
        """
        neutral = self.neutral
        return neutral is not None and len(neutral) > 1 and neutral[0] == neutral[1]

    def takes(self, count: int) -> bool:
        """Whether it can be applied to `count` operands.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].takes(2), OPS["mul"].takes(3)
        (True, False)
        """
        return count >= self.arity if self.variadic else count == self.arity

    def domain(self, position: int) -> Domain:
        """Return the domain of the operand at `position`.

        >>> from graphgrad.ops.table import OPS
        >>> print(OPS["log"].domain(0))
        (0, ∞)
        """
        return self.on[min(position, len(self.on) - 1)]

    def rule(self, position: int) -> Callable[..., Any] | None:
        """Return the plain rule for what flows back to the operand at `position`.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].rule(0)(None, 15.0, 3.0, 5.0)
        5.0
        """
        return self.rules[0 if self.variadic else position]

    def with_params(self, _given: Mapping[str, Any], /) -> Op:
        """Return the operation with its options fixed: the same object for the same parameters.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].with_params({}) is OPS["mul"]
        True
        """
        return self

    def value(self, m: Any, *operands: Any, stable: bool = True) -> Any:
        """Return the value in namespace `m`; `stable` allows the rule that rounds better.

        >>> from graphgrad.namespaces.floats import Floats
        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].value(Floats(), 3.0, 5.0)
        15.0
        """
        return (self.stable_f if stable and self.stable_f else self.f)(m, *operands)

    def partial(self, m: Any, position: int, z: Any, *operands: Any, stable: bool = True) -> Any:
        """Return the local derivative by the operand at `position` in namespace `m`; None if there is none.

        `z` is the value.

        >>> from graphgrad.namespaces.floats import Floats
        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].partial(Floats(), 0, 15.0, 3.0, 5.0)
        5.0
        """
        if self.variadic:
            return self.d[0] and self.d[0](m, z, operands[position], *operands)
        rule = (self.stable_d or {}).get(position) if stable else None
        rule = rule or self.d[position]
        return None if rule is None else rule(m, z, *operands)

    def rounding_error(self, m: Any, z: Any, *operands: Any) -> Any:
        """Return the size of the value's rounding error in units of the unit roundoff, read in namespace `m`.

        >>> from graphgrad.namespaces.floats import Floats
        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].rounding_error(Floats(), 15.0, 3.0, 5.0), OPS["neg"].rounding_error(Floats(), -3.0, 3.0)
        (15.0, 0.0)
        """
        return self.rounding(m, z, *operands) if callable(self.rounding) else self.rounding * abs(z)

    def pull(self, m: Any, position: int, g: Any, z: Any, *operands: Any, stable: bool = True) -> Any:
        """Return the adjoint of the operand at `position` from the adjoint `g` of the value `z`, in namespace `m`.

        >>> from graphgrad.namespaces.floats import Floats
        >>> from graphgrad.ops.table import OPS
        >>> OPS["mul"].pull(Floats(), 0, 2.0, 15.0, 3.0, 5.0)
        10.0
        """
        return g * self.partial(m, position, z, *operands, stable=stable)


@public
@dataclass(frozen=True, slots=True, eq=False)
class ArrayOp(Op):
    """An operation on whole arrays, declared in one row: as an `Op`, with `vjp` instead of `d`.

    Attributes:
        vjp: the rules of the vector-Jacobian products, `vjp[i](m, g, z, x, y)`: from the adjoint g of the value z to
            that of the operand at i. A variadic one has one rule, `vjp[0](m, g, z, i, *xs)`. `stable_d` holds such
            rules, too. Namespaces sum the result back to the operand's shape.
        witness: a second definition of the value, `witness(np, mp, x, y)`, of NumPy, mpmath and arrays of objects.
        shape: the shape of the value from those of the operands, `shape((2, 3), (3,))`; broadcasting by default.
        options: the arguments known before anything runs, with their defaults: `{"axis": None}`. All rules take them
            by keyword.
        params: the options as `with_params` fixed them.
        classes: the operand that may hold class indices instead of rows of 0 and 1.
        opened: the rule of the value in simpler operations, for a reader who wants to see inside.
        textbook: as that of an `Op`, for `vjp`. The rules are read with all shapes known.
        headline: the positions of the operands on whose arrow a picture always writes the rule, where g is 1.

    >>> total = ArrayOp("total", lambda m, x: m.sum_along(x), vjp=(lambda m, g, z, x: m.broadcast_like(g, x),),
    ...                 shape=lambda x: ())
    >>> total.arity, total.on_arrays, total.shape((2, 3))
    (1, True, ())
    """

    on_arrays: ClassVar[bool] = True

    d: tuple[Callable[..., Any] | None, ...] = field(init=False, default=())
    _: KW_ONLY
    vjp: tuple[Callable[..., Any], ...]
    shape: Callable[..., Shape] = broadcast
    options: Mapping[str, Any] = field(default_factory=dict)
    params: tuple[tuple[str, Any], ...] = ()
    classes: int | None = None
    opened: Callable[..., Any] | None = None
    headline: tuple[int, ...] = ()

    @property
    def rules(self) -> tuple[Callable[..., Any] | None, ...]:
        """The vector-Jacobian products.

        >>> from graphgrad.ops.table import OPS
        >>> len(OPS["matmul"].rules)
        2
        """
        return self.vjp

    def takes(self, count: int) -> bool:
        """Whether it can be applied to `count` operands; one that takes any number of arrays takes one alone, too.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["stack"].takes(1), OPS["stack"].takes(3), OPS["matmul"].takes(3)
        (True, True, False)
        """
        return count > 0 if self.variadic else count == self.arity

    def with_params(self, given: Mapping[str, Any], /) -> Op:
        """Return the operation with its options fixed: the same object for the same parameters.

        >>> from graphgrad.ops.table import OPS
        >>> OPS["sum_along"].with_params({"axis": 0}).params
        (('axis', 0), ('keepdims', False))
        """
        options = self.options.items()
        return _fixed(
            self,
            tuple(
                (name, python_value(given[name], default) if name in given else default) for name, default in options
            ),
        )

    def pull(self, m: Any, position: int, g: Any, z: Any, *operands: Any, stable: bool = True) -> Any:
        """Return the adjoint of the operand at `position` from the adjoint `g` of the value `z`, in namespace `m`.

        >>> from graphgrad.namespaces.array_values import as_array
        >>> from graphgrad.namespaces.arrays import Arrays
        >>> from graphgrad.ops.table import OPS
        >>> OPS["matmul"].pull(Arrays(), 0, as_array([2]), None, as_array([[3, 4]]), as_array([[5], [6]]))
        array([[10., 12.]])
        """
        if self.variadic:
            return self.vjp[0](m, g, z, position, *operands)
        rule = (self.stable_d or {}).get(position) if stable else None
        return (rule or self.vjp[position])(m, g, z, *operands)


class Step(NamedTuple):
    """Apply `op` to the registers `operands` and put the result into the register `target`."""

    target: int
    op: Op
    operands: tuple[int, ...]


def _kink_fixed(kink: Kink, given: Mapping[str, Any]) -> Kink:
    return replace(kink, at=partial(kink.at, **given), beside=kink.beside and partial(kink.beside, **given))


@lru_cache(maxsize=4096)
def _fixed(op: ArrayOp, params: tuple[tuple[str, Any], ...]) -> ArrayOp:
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
        witness=partial(op.witness, **given) if callable(op.witness) else op.witness,
        kink=op.kink and _kink_fixed(op.kink, given),
        rounding=partial(op.rounding, **given) if callable(op.rounding) else op.rounding,
        shape=partial(op.shape, **given),
        opened=op.opened and partial(op.opened, **given),
        textbook={position: rule and partial(rule, **given) for position, rule in op.textbook.items()},
        params=params,
    )
