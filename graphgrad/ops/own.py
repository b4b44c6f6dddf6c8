"""Bind the rules of a user's row to the table that it stands in, so that they can call the other rows of that table.

A namespace finds the package's rows by their names, with nothing between a rule and its functions. Only the rules of a
user's own row are read with a view of the namespace that knows the other own rows, too.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.op import ArrayOp, nothing
from graphgrad.ops.shapes import MisfitError, broadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphgrad.ops.kink import Kink
    from graphgrad.ops.op import Op

__all__ = ["bound", "code_of", "found_again", "is_own", "place_of", "reference"]


MISTAKES: Final = (TypeError, AttributeError, NameError, LookupError)
"""The errors of a rule that is written wrongly; other errors are those of numbers."""

RULES_COMPUTE: Final = (
    "a rule computes with operators and with m.name for every operation: m.exp(x), not math.exp(x), and "
    "m.where(c, a, b), not if"
)


class _View:
    """The operations of a namespace, with those of a user's table among them."""

    __slots__ = ("_m", "_rule")

    def __init__(self, m: Any, rule: _OwnRule) -> None:
        self._m, self._rule = m, rule

    def __getattr__(self, name: str) -> Any:
        """Return an operation as a function, or the number that a constant is."""
        op = self._rule.own.get(name)
        if op is not None:
            return self._m(op)
        try:
            return getattr(self._m, name)
        except AttributeError:
            raise self._rule.unknown(name) from None


class _OwnRule:
    """A rule of a user's row, which is read with the rows of its table: `part` says which one it is."""

    __slots__ = ("own", "part", "row", "rows", "rule")

    def __init__(
        self, rule: Callable[..., Any], part: str, row: str, own: Mapping[str, Op], rows: Mapping[str, Op]
    ) -> None:
        self.rule, self.part, self.row, self.own, self.rows = rule, part, row, own, rows

    def __call__(self, m: Any, *operands: Any, **params: Any) -> Any:
        """Read the rule. Raises `GraphgradError` where it fails otherwise than numbers do."""
        try:
            result = self.rule(_View(m, self), *operands, **params)
        except GraphgradError:
            raise
        except MISTAKES as error:
            # A library refuses the `Fault` that stands for a value that does not exist; who called tells that.
            if any(isinstance(x, Exception) for x in operands):
                raise
            raise self.failure(f"failed: {error}", RULES_COMPUTE) from error
        if result is None or isinstance(result, str | list | tuple | dict):
            raise self.failure(f"gives {result!r}, which is no number and no array", RULES_COMPUTE)
        return result

    def failure(self, what: str, hint: str) -> GraphgradError:
        """Return the error that says what a rule does."""
        return GraphgradError(f"{self.part} of the operation {self.row} {what}", hint=hint)

    def unknown(self, name: str) -> GraphgradError:
        """Return the error for an operation that the table lacks."""
        hint = suggestion(name, self.rows, "its table has no operation of this name")
        return self.failure(f"calls m.{name}, which is unknown", hint)


class _OwnArrayRule(_OwnRule):
    """The value rule of a user's row on arrays, whose values have the shape that the row says."""

    __slots__ = ("shape",)

    shape: Callable[..., Any]

    def __call__(self, m: Any, *operands: Any, **params: Any) -> Any:
        """Read the rule."""
        z = super().__call__(m, *operands, **params)
        shapes = [_shape(x) for x in operands]
        if all(shape is None for shape in shapes) or any(isinstance(x, Exception) for x in (z, *operands)):
            return z
        found, declared = _shape(z) or (), self.shape(*(shape or () for shape in shapes), **params)
        if found != declared:
            hint = "declare it: shape=lambda x: x, a function of the operands' shapes; by default they are broadcast"
            raise self.failure(f"gives an array of shape {found}, and its shape rule says {declared}", hint)
        return z


def _shape(x: Any) -> Any:
    """Return the shape of an array; None for anything else."""
    try:
        return x.shape
    except AttributeError:
        return None


class _OwnShape:
    """The shape rule of a user's row."""

    __slots__ = ("row", "rule")

    def __init__(self, rule: Callable[..., Any], row: str) -> None:
        self.rule, self.row = rule, row

    def __call__(self, *shapes: Any, **params: Any) -> Any:
        """Return the shape. Raises `GraphgradError` where the rule fails, or gives no tuple of lengths."""
        try:
            shape = self.rule(*shapes, **params)
        except ValueError as error:
            raise MisfitError(str(error)) from error
        except MISTAKES as error:
            given = ", ".join(map(str, shapes))
            message = f"the shape rule of the operation {self.row} failed for {given}: {error}"
            hint = 'to refuse shapes raise ValueError("…"), with the reason'
            raise GraphgradError(message, hint=hint) from error
        if not isinstance(shape, tuple) or not all(isinstance(n, int) for n in shape):
            message = f"the shape rule of the operation {self.row} gives {shape!r}, which is no shape"
            raise GraphgradError(message, hint="a shape is a tuple of lengths: (2, 3), and () for a number")
        return shape


def _value_rule(op: ArrayOp, own: Mapping[str, Op], rows: Mapping[str, Op]) -> _OwnArrayRule:
    rule = _OwnArrayRule(op.f, "the value rule", op.name, own, rows)
    rule.shape = op.shape
    return rule


def bound(op: Op, own: Mapping[str, Op], rows: Mapping[str, Op]) -> Op:
    """Return a row whose rules may call every row of a table: `own` are those of the user, `rows` are all."""

    def read(rule: Any, part: str) -> Any:
        return _OwnRule(rule, part, op.name, own, rows) if callable(rule) and rule is not nothing else rule

    def each(rules: Mapping[int, Callable[..., Any] | None], part: str) -> dict[int, Any]:
        return {position: read(rule, f"{part}[{position}]") for position, rule in rules.items()}

    derivatives = "vjp" if op.on_arrays else "d"
    fields: dict[str, Any] = {
        "f": read(op.f, "the value rule"),
        derivatives: tuple(read(rule, f"the rule {derivatives}[{i}]") for i, rule in enumerate(op.rules)),
    }
    if isinstance(op, ArrayOp):
        is_own_shape = getattr(op.shape, "__module__", "") != broadcast.__module__
        op = replace(op, shape=_OwnShape(op.shape, op.name)) if is_own_shape else op
        fields |= {"opened": read(op.opened, "the opened form"), "f": _value_rule(op, own, rows)}
    return replace(
        op,
        stable_f=read(op.stable_f, "the stable value rule"),
        stable_d=op.stable_d and each(op.stable_d, f"the stable rule {derivatives}"),
        textbook=each(op.textbook, f"the textbook's rule {derivatives}"),
        kink=op.kink and _kink(op.kink, read),
        rounding=read(op.rounding, "the rounding"),
        **fields,
    )


def _kink(kink: Kink, read: Callable[[Any, str], Any]) -> Kink:
    return replace(kink, at=read(kink.at, "the kink"), beside=read(kink.beside, "the kink's rule beside it"))


def _rule_of(op: Op) -> Any:
    """Return the value rule of a row, without the options that are fixed in it."""
    return op.f.func if isinstance(op.f, partial) else op.f


def is_own(op: Op) -> bool:
    """Whether a row is of a user's table.

    >>> from graphgrad.ops.op import Op
    >>> from graphgrad.ops.table import OPERATIONS
    >>> mine = OPERATIONS.with_(Op("half", lambda m, x: x / 2, d=(lambda m, z, x: 1 / m.two,)),
    ...                         Op("two", lambda m: 2))
    >>> is_own(mine["half"]), is_own(mine["exp"])
    (True, False)
    """
    return isinstance(_rule_of(op), _OwnRule)


def reference(op: Op) -> tuple[str, str, str, str]:
    """Return where a user's row is found again: a module, the name of its table in it, the row's name; and its code.

    Raises `GraphgradError` where no module holds the table.
    """
    rule = _rule_of(op)
    return (*place_of(rule.own[op.name]), op.name, code_of(op))


def code_of(op: Op) -> str:
    """Return the fingerprint of the rules of a user's row, and of the rows that they may call."""
    from graphgrad.ops.fingerprint import fingerprint

    return fingerprint([(row.name, tuple(_rules(row))) for row in _rule_of(op).own.values()])


def _rules(row: Op) -> Iterator[Any]:
    kink = (row.kink.at, row.kink.beside) if row.kink else ()
    fields = (
        row.f,
        row.stable_f,
        *row.rules,
        *(row.stable_d or {}).values(),
        row.shape,
        row.opened,
        row.rounding,
        *kink,
    )
    return (getattr(rule, "rule", rule) for rule in fields)


def place_of(row: Op, table: object = None) -> tuple[str, str]:
    """Return the module and the name in it of a table, by default of any with this user's row.

    Raises `GraphgradError` where no module holds one: functions have to be found by name to be pickled.
    """
    name = getattr(_rule_of(row).rule, "__module__", None) or ""
    module = sys.modules.get(name)
    for called, value in list(vars(module).items()) if module else ():
        has_row = isinstance(value, Mapping) and getattr(value, "own", {}).get(row.name) is row
        if has_row and table in {None, value}:
            return name, called
    where = f"the module {name!r}" if module else "a module that can be imported"
    hint = f"assign the table that with_ returns to a name of {where}: OPERATIONS = gg.OPERATIONS.with_(…)"
    message = f"the operation {row.name} cannot be pickled: its rules are functions, found again by the table's name"
    raise GraphgradError(message, hint=hint)


def found_again(module: str, table: str, name: str | None = None, code: str | None = None) -> Any:
    """Return the row that `reference` refers to, or its table.

    Raises `GraphgradError` where it is not there, or has other rules there.
    """
    from importlib import import_module

    try:
        there = getattr(import_module(module), table)
        found = there if name is None else there[name]
    except (ImportError, AttributeError, KeyError) as error:
        what = f"the operation {name}" if name else "the table of operations"
        hint = "the module that defines it must be importable where it is unpickled, as for functions"
        raise GraphgradError(f"{what} is not found in {module}.{table}: {error}", hint=hint) from None
    if code is not None and (theirs := code_of(found)) != code and theirs.split(":")[0] == code.split(":")[0]:
        hint = "take the same version of the module in both places"
        raise GraphgradError(f"the operation {name} has other rules in {module}.{table} than it had", hint=hint)
    return found
