"""Bind the rules of a user's row to the table that it stands in, so that they can call the other rows of that table.

A namespace finds the package's rows by their names, with nothing between a rule and its functions. Only the rules of a
user's own row are read with a view of the namespace that knows the other own rows, too.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.op import ArrayOp, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphgrad.ops.kink import Kink
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations

__all__ = ["bound", "found_again", "is_own", "reference", "table_of"]


class _View:
    """The operations of a namespace, with those of a user's table among them."""

    __slots__ = ("_m", "_rule")

    def __init__(self, m: Any, rule: _OwnRule) -> None:
        self._m, self._rule = m, rule

    def __getattr__(self, name: str) -> Any:
        """Return an operation as a function, or the number that a constant is."""
        op = self._rule.table.own.get(name)
        if op is not None:
            return self._m(op)
        try:
            return getattr(self._m, name)
        except AttributeError:
            raise self._rule.unknown(name) from None


class _OwnRule:
    """A rule of a user's row, which is read with the rows of its table: `part` says which one it is."""

    __slots__ = ("part", "row", "rule", "table")

    def __init__(self, rule: Callable[..., Any], table: Operations, row: str, part: str) -> None:
        self.rule, self.table, self.row, self.part = rule, table, row, part

    def __call__(self, m: Any, *operands: Any, **params: Any) -> Any:
        """Read the rule."""
        try:
            return self.rule(_View(m, self), *operands, **params)
        except GraphgradError:
            raise
        except (TypeError, AttributeError, NameError, LookupError) as error:
            # A library refuses the `Fault` that stands for a value that does not exist; who called tells that.
            if any(isinstance(x, Exception) for x in operands):
                raise
            hint = "a rule computes with operators and with m.name for every operation: m.exp(x), not math.exp(x)"
            raise GraphgradError(f"{self.part} of the operation {self.row} failed: {error}", hint=hint) from error

    def unknown(self, name: str) -> GraphgradError:
        """Return the error for an operation that the table lacks."""
        hint = suggestion(name, self.table, "its table has no operation of this name")
        return GraphgradError(f"{self.part} of the operation {self.row} calls m.{name}, which is unknown", hint=hint)


def bound(op: Op, table: Operations) -> Op:
    """Return a row whose rules may call every row of a table."""

    def own(rule: Any, part: str) -> Any:
        return _OwnRule(rule, table, op.name, part) if callable(rule) and rule is not nothing else rule

    def each(rules: Mapping[int, Callable[..., Any]], part: str) -> dict[int, Callable[..., Any]]:
        return {position: own(rule, f"{part}[{position}]") for position, rule in rules.items()}

    arrays: dict[str, Any] = {}
    derivatives = "vjp" if op.on_arrays else "d"
    arrays[derivatives] = tuple(own(rule, f"the rule {derivatives}[{i}]") for i, rule in enumerate(op.rules))
    if isinstance(op, ArrayOp):
        arrays["opened"] = own(op.opened, "the opened form")
    return replace(
        op,
        f=own(op.f, "the value rule"),
        stable_f=own(op.stable_f, "the stable value rule"),
        stable_d=op.stable_d and each(op.stable_d, "the stable rule d"),
        textbook=each(op.textbook, "the textbook's rule d"),
        negated=each(op.negated, "the negated rule"),
        kink=op.kink and _kink(op.kink, own),
        rounding=own(op.rounding, "the rounding"),
        **arrays,
    )


def _kink(kink: Kink, own: Callable[[Any, str], Any]) -> Kink:
    return replace(kink, at=own(kink.at, "the kink"), beside=own(kink.beside, "the kink's rule beside it"))


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


def table_of(op: Op) -> Operations | None:
    """Return the table that the rules of a user's row are bound to; None for a row of the package."""
    rule = _rule_of(op)
    return rule.table if isinstance(rule, _OwnRule) else None


def reference(op: Op) -> tuple[str, str, str]:
    """Return where a user's row is found again: a module, the name of its table in it, and the row's name.

    Raises `GraphgradError` where no module holds the table: functions have to be found by name to be pickled.
    """
    rule = _rule_of(op)
    name = getattr(rule.rule, "__module__", None) or ""
    module = sys.modules.get(name)
    for called, value in list(vars(module).items()) if module else ():
        if type(value) is type(rule.table) and value.own.get(op.name) is rule.table.own[op.name]:
            return name, called, op.name
    where = f"the module {name!r}" if module else "a module that can be imported"
    hint = f"assign the table that with_ returns to a name of {where}: OPERATIONS = gg.OPERATIONS.with_(…)"
    message = f"the operation {op.name} cannot be pickled: its rules are functions, found again by the table's name"
    raise GraphgradError(message, hint=hint)


def found_again(module: str, table: str, name: str) -> Op:
    """Return the row that `reference` refers to. Raises `GraphgradError` where it is not there."""
    from importlib import import_module

    try:
        row: Op = getattr(import_module(module), table)[name]
    except (ImportError, AttributeError, KeyError) as error:
        hint = "the module that defines the operation must be importable where it is unpickled, as for functions"
        raise GraphgradError(f"the operation {name} is not found: {module}.{table}: {error}", hint=hint) from None
    return row
