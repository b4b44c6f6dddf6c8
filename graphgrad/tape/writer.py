"""Write a tape: run rules on references to its registers, fold constants, and share equal steps."""

from __future__ import annotations

import sys
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError, ShapeError
from graphgrad.namespaces.namespace import Fault, Namespace, Operations, Pullback
from graphgrad.namespaces.rationals import Exact
from graphgrad.ops.matrix_shapes import inverted, like_first, single_square, single_total, solved, square, triangular
from graphgrad.ops.op import Step
from graphgrad.ops.shapes import (
    averaged,
    classified,
    left_factor,
    narrowed,
    placed,
    reduced,
    refilled,
    right_factor,
    row_loss,
    scalar,
    softened,
    spread,
    widened,
    without_axis,
)
from graphgrad.ops.table import OPS, SUM_LIKE
from graphgrad.ops.window_shapes import added_up, normalized, scattered, shape_of_input, shape_of_kernel, standardized
from graphgrad.tape.tape import Tape, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.targets import Spellings

__all__ = ["ADJOINT", "Ref", "Writer", "derivative_of"]

ADJOINT: Final = "g"
"""What the incoming adjoint is called in the formulas of operations on arrays."""

LIKE: Final[dict[Callable[..., Any], int]] = {
    softened: 0,
    **dict.fromkeys((classified, left_factor, narrowed, placed, refilled, spread, widened), 1),
    right_factor: 2,
    **dict.fromkeys((inverted, like_first, normalized, single_square, square, standardized, triangular), 0),
    **dict.fromkeys((added_up, shape_of_input, solved), 1),
    **dict.fromkeys((scattered, shape_of_kernel), 2),
}
"""The shape rules that give the shape of an operand, and the position of that operand."""

SMALLEST: Final = Fraction(sys.float_info.min)
LARGEST: Final = Fraction(sys.float_info.max)
"""The range in which a float has all of its digits."""

NUMBERS: Final = (scalar, averaged, row_loss, single_total, without_axis)
"""The shape rules that give the shape of a number."""


class Ref:
    """A reference to a register of a tape that is being written: arithmetic on it records steps."""

    __slots__ = ("register", "writer")

    def __init__(self, writer: Writer, register: int) -> None:
        """Refer to a register of the writer's tape."""
        self.writer, self.register = writer, register

    def __bool__(self) -> bool:
        """Raise `GraphgradError`: a rule that branches would be recorded with one branch alone."""
        message = "a rule of an operation cannot look at a value: it stands for any number"
        raise GraphgradError(message, hint="write m.where(condition, a, b), m.min and m.max, not if, and, or, min, max")


class SymbolicShapes:
    """The shapes on a tape whose inputs may have any: it shows which registers have the same shape in every case.

    A shape is the set of the registers whose unknown shapes it is broadcast from; that of a number is empty. With the
    inputs x and y in registers 0 and 1, `x*y` has the shape {0, 1}, and so has `y*(x*y)`; `sum(x)` has the shape {}.
    """

    def __init__(self) -> None:
        self._shapes: dict[int, frozenset[int]] = {}
        self._read = 0

    def read(self, steps: Sequence[Step], constants: Container[int]) -> None:
        """Derive the shapes of the steps written since the last call."""
        for target, op, operands in steps[self._read :]:
            shapes = [self.of(i, constants) for i in operands]
            rule = getattr(op.shape, "func", op.shape)
            if rule in LIKE:
                self._shapes[target] = shapes[LIKE[rule]]
            elif rule in NUMBERS or (rule is reduced and _is_total(op)):
                self._shapes[target] = frozenset()
            else:
                self._shapes[target] = frozenset({target}) if op.on_arrays else frozenset[int]().union(*shapes)
        self._read = len(steps)

    def of(self, register: int, constants: Container[int]) -> frozenset[int]:
        """Return the shape of a register: its own, if no step has given it another."""
        return frozenset() if register in constants else self._shapes.get(register, frozenset({register}))


def _is_total(op: Op) -> bool:
    """Whether a reduction is over all axes and gives a number."""
    params = dict(op.params)
    return params.get("axis") is None and not params.get("keepdims")


def _sum_like(m: Writer, g: Ref | float, x: Ref | float) -> Ref:
    """Record that an adjoint is summed back to the shape of its operand, unless both surely have one shape."""
    g, x = m.lift(g), m.lift(x)
    return g if m.same_shape(g, x) else m.value(SUM_LIKE, [g, x])


WRITTEN: Final[Spellings] = {"sum_like": _sum_like}
"""What need not be recorded as it stands in a rule."""


def _in_range(number: Fraction) -> bool:
    """Whether a float has all of its digits for a number: where not, the operations stand as they are."""
    return number == 0 or SMALLEST <= abs(number) <= LARGEST


class Writer(Namespace):
    """The namespace in which a rule writes a tape: it folds 0, 1 and constants, and shares equal steps.

    Here the derivative 2*x**1 of x**2 becomes one step: the power of 1 is folded.

    >>> m = Writer()
    >>> x = m.input("x")
    >>> z = x**2
    >>> square = m.tape([m.partial(OPS["pow"], 0, z, [x, m.lift(2)])])
    >>> [(step.op.name, step.operands) for step in square.steps]
    [('mul', (1, 0))]
    """

    ref: ClassVar[type[Ref]] = Ref
    spellings = WRITTEN

    def __init__(self, *, stable: bool = True, strict: bool = False) -> None:
        """Start an empty tape.

        `stable` chooses between the plain rules and those that round better in floats; `strict` keeps a product with 0,
        whose other factor may have no value, for a tape that refuses what the interpreter refuses.
        """
        self.stable, self._strict = stable, strict
        self._exact = Exact()
        self._known: dict[object, int] = {}
        self._inputs: dict[str, int] = {}
        self._constants: dict[int, Fraction] = {}
        self._integers: dict[int, int] = {}
        self._steps: list[Step] = []
        self._has_arrays = False
        self._shapes = SymbolicShapes()

    @property
    def operations(self) -> Operations:
        """What rules are read with: made anew each time, so that nothing keeps a tape that is no longer needed."""
        return Operations(self)

    def _register(self, key: object) -> int:
        return self._known.setdefault(key, len(self._known))

    def input(self, name: str) -> Ref:
        """Return the operand for an input."""
        self._inputs[name] = self._register(("input", name))
        return self.ref(self, self._inputs[name])

    def const(self, number: Fraction) -> Ref:
        """Return the operand for an exact constant."""
        register = self._register(number)
        self._constants[register] = number
        return self.ref(self, register)

    def lift(self, operand: Ref | Fault | float) -> Ref:
        """Return what a rule computed as an operand; if that is a `Fault`, raise it."""
        if isinstance(operand, Ref):
            return operand
        if isinstance(operand, Fault):
            raise operand
        return self._integer(operand) if type(operand) is int else self.const(Fraction(operand))

    def _integer(self, number: int) -> Ref:
        """Return the operand for an integer, the fast path: without making a fraction each time."""
        if number not in self._integers:
            self._integers[number] = self.const(Fraction(number)).register
        return self.ref(self, self._integers[number])

    def value(self, op: Op, operands: Sequence[Ref | float]) -> Ref:
        """Record an operation, or return what it folds to."""
        refs = [operand if isinstance(operand, Ref) else self.lift(operand) for operand in operands]
        registers = tuple([ref.register for ref in refs])
        folded = self._folded(op, refs) if self._may_fold(registers) else None
        return self._record(op, registers) if folded is None else folded

    def _may_fold(self, registers: tuple[int, ...]) -> bool:
        """Whether an operation on these may fold: a quick test, since most do not."""
        return not self._constants.keys().isdisjoint(registers)

    def _record(self, op: Op, registers: tuple[int, ...]) -> Ref:
        key = (op, *registers)
        target = self._known.get(key)
        if target is None:
            target = self._known[key] = len(self._known)
            self._steps.append(Step(target, op, registers))
            self._has_arrays = self._has_arrays or op.on_arrays
        return self.ref(self, target)

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Read a local derivative; on a tape with arrays, as a map that also sums back to the operand's shape."""
        rule = None if self.stable else op.textbook.get(0 if op.variadic else position)
        if rule and not op.on_arrays:
            d = read_rule(rule, op, position, self.operations, z, operands)
        else:
            d = super().partial(op, position, z, operands)
        if not self._has_arrays or isinstance(d, (Pullback, Fault)) or (type(d) is int and d == 0):
            return d
        return Pullback(lambda g: _sum_like(self, g * d, operands[position]), d)

    def pullback(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return an array operation's pullback, which raises a `Fault` where its parameters fit to no shapes."""
        pullback = super().pullback(op, position, z, operands)
        if not isinstance(pullback, Pullback):
            return pullback

        def pulled(g: Any) -> Any:
            try:
                return g * pullback
            except ValueError as misfit:
                raise Fault(op, operands, str(misfit), ShapeError) from None

        return Pullback(pulled)

    def same_shape(self, x: Ref, y: Ref) -> bool:
        """Whether two operands surely have one shape."""
        self._shapes.read(self._steps, self._constants)
        return self._shapes.of(x.register, self._constants) == self._shapes.of(y.register, self._constants)

    def _folded(self, op: Op, refs: Sequence[Ref]) -> Ref | None:
        numbers = [self._constants.get(ref.register) for ref in refs]
        for position, number in enumerate(numbers):
            if number is not None and number == (op.neutral or {}).get(position):
                return refs[1 - position]
            if not self._strict and number is not None and number == (op.absorbing or {}).get(position, (None,))[0]:
                return self.const(Fraction((op.absorbing or {})[position][1]))
        if op.chooses and numbers[0] is not None:
            return refs[1] if numbers[0] else refs[2]
        if not numbers or None in numbers:
            return None
        exact = self._exact.value(op, numbers)
        return None if isinstance(exact, Fault) or not _in_range(exact) else self.const(exact)

    def shaped(self, g: Ref | float, x: Ref | float) -> Ref:
        """Return a finished adjoint in the shape of its input, which may be an array."""
        return _sum_like(self, g, x) if self._has_arrays else self.lift(g)

    def paired(self, g: Ref, tangent: Ref) -> Ref:
        """Return a derivative times a tangent, summed over the entries of an array."""
        return self.sum_along(g * tangent) if self._has_arrays else g * tangent  # type: ignore[operator, no-any-return]

    def seed(self, z: Ref | float) -> Ref:
        """Return the adjoint that a backward sweep starts with: 1, broadcast if the output may be an array."""
        one = self.const(Fraction(1))
        return self.broadcast_like(one, z) if self.may_be_array(self.lift(z)) else one

    @property
    def has_arrays(self) -> bool:
        """Whether an operation on arrays was recorded."""
        return self._has_arrays

    def may_be_array(self, z: Ref) -> bool:
        """Whether a register may hold an array, as far as operations on arrays show: those on numbers may have any."""
        self._shapes.read(self._steps if self._has_arrays else (), self._constants)
        return self._has_arrays and bool(self._shapes.of(z.register, self._constants))

    def function(self, op: Op, within: frozenset[Op] = frozenset()) -> Any:  # noqa: ARG002  a tape records every operation
        """Return what records an operation."""
        if spelling := self.spellings.get(op.name):
            return partial(spelling, self)
        if op.options:
            return lambda *operands, **params: self.value(op.with_params(params), operands)
        return (lambda *operands: self.value(op, operands)) if op.arity else self.value(op, [])

    def tape(self, outputs: Sequence[Any]) -> Tape:
        """Return the steps that the outputs need as a tape."""
        targets = tuple(self.lift(output).register for output in outputs)
        steps = needed(len(self._known), self._steps, targets)
        return Tape(len(self._known), dict(self._inputs), dict(self._constants), steps, targets)


def read_rule(  # noqa: PLR0913, PLR0917  a rule, and what it is of
    rule: Callable[..., Any], op: Op, position: int, m: Any, z: Any, operands: Sequence[Any]
) -> Any:
    """Read a rule of a local derivative by the operand at a position; a variadic one takes that operand first."""
    return rule(m, z, *([operands[position]] if op.variadic else []), *operands)


def derivative_of(  # noqa: PLR0913  an edge, its numbers, and where it is
    op: Op, position: int, m: Writer, z: Any, operands: Sequence[Any], *, beside: bool = False
) -> Any:
    """Write the derivative of an operation by one operand; of an operation on arrays, the VJP of an adjoint `g`.

    `beside` says that the operands are beside its kink.

    >>> m = Writer(stable=False)
    >>> x, y = m.input("x"), m.input("y")
    >>> derivatives = [derivative_of(OPS[name], 0, m, x, [x, y]) for name in ("mul", "matmul")]
    >>> [step.op.name for step in m.tape(derivatives).steps], derivatives[0] is y
    (['transpose', 'matmul'], True)
    """
    if op.on_arrays:
        return op.pull(m.operations, position, m.input(ADJOINT), z, *operands, stable=m.stable)
    if beside and op.kink and op.kink.beside:
        return read_rule(op.kink.beside, op, position, m.operations, z, operands)
    return m.partial(op, position, z, operands)


def _overload(op: Op) -> None:
    def forward(self: Ref, *others: Any) -> Any:
        if others and isinstance(others[0], Pullback):
            return NotImplemented
        return self.writer.value(op, [self, *others])

    def reflected(self: Ref, other: Ref | float) -> Ref:
        return self.writer.value(op, [other, self])

    setattr(Ref, f"__{op.dunder}__", forward)
    if op.arity > 1:
        setattr(Ref, f"__r{op.dunder}__", reflected)


def _attribute(op: Op) -> property:
    return property(lambda self: self.writer.value(op, [self]))


for _op in OPS.values():
    if _op.dunder:
        _overload(_op)
    if _op.postfix[1:].isidentifier():
        setattr(Ref, _op.postfix[1:], _attribute(_op.with_params({})))
