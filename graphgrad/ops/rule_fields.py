"""Refuse fields of a row of which its number of operands follows, as soon as it is made."""

from __future__ import annotations

from graphgrad.base.errors import GraphgradError

__all__ = ["refuse_rule_fields"]


def refuse_rule_fields(name: str, field: str, rules: object, *, variadic: object) -> None:
    """Raise `GraphgradError` where the rules of the field (`d` or `vjp`) are no tuple, or `variadic` is no boolean.

    >>> refuse_rule_fields("half", "d", abs, variadic=False)
    Traceback (most recent call last):
    graphgrad.GraphgradError: d of the operation half is no tuple of rules
    write d=(rule,), with the comma: one rule for each operand
    """
    if type(rules) is not tuple:
        hint = f"write {field}=(rule,), with the comma: one rule for each operand"
        raise GraphgradError(f"{field} of the operation {name} is no tuple of rules", hint=hint)
    if not isinstance(variadic, bool):
        message = f"the operation {name} has {variadic!r} as variadic"
        raise GraphgradError(message, hint="write variadic=True where it takes any number of operands")
