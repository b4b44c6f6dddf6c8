"""Resolve calls: which operation of the table a function's name means, and the parameters it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import ExpressionSyntaxError, UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.table import OPS
from graphgrad.text.arguments import checked
from graphgrad.text.statement import Apply
from graphgrad.text.vocabulary import FUNCTIONS

if TYPE_CHECKING:
    from graphgrad.ops.op import Op
    from graphgrad.text.statement import Span

__all__ = ["Parenthesis", "resolved"]


@dataclass(slots=True)
class Parenthesis:
    """An open parenthesis; a call is a parenthesis with a function, whose parameters come with their spans."""

    span: Span
    function: str = ""
    operands: int = 1
    params: dict[str, tuple[Any, Span]] = field(default_factory=dict)


def resolved(call: Parenthesis, whole: Span, source: str) -> Apply:
    """Return what a closed call applies; `whole` is its span in `source`.

    Raises `UnknownNameError` for a function that is not in the table, `ExpressionSyntaxError` for a wrong number of
    operands and for a parameter that the function does not take.

    >>> resolved(Parenthesis((0, 3), "ln"), (0, 5), "ln(x)")
    Apply(op='log', arity=1, params=())
    """
    op = _operation(call, source)
    params = _params(op, call, source)
    if not op.takes(call.operands):
        least = f"at least {op.arity}" if op.variadic else str(op.arity)
        message = f"{op.spoken} takes {least} operand{'s' * (op.arity > 1)}, not {call.operands}"
        raise ExpressionSyntaxError(message, source, whole, hint=op.about)
    return Apply(op.name, call.operands, params)


def _operation(call: Parenthesis, source: str) -> Op:
    name = call.function
    if name in FUNCTIONS:
        ops = [OPS[each] for each in FUNCTIONS[name]]
        return next((op for op in ops if op.takes(call.operands)), ops[0])
    hint = suggestion(name, FUNCTIONS, f"to multiply, write {name}*(…)")
    raise UnknownNameError(f"unknown function '{name}'", source, call.span, hint=hint)


def _params(op: Op, call: Parenthesis, source: str) -> tuple[tuple[str, Any], ...]:
    given = {}
    for name, (value, span) in call.params.items():
        if name not in op.options:
            known = f"it has {', '.join(op.options)}" if op.options else "it has none"
            left, _, right = source[span[0] : span[1]].partition("=")
            hint = f"{known}; to compare, write {left.strip()} == {right.strip()}"
            raise ExpressionSyntaxError(f"{op.spoken} has no parameter '{name}'", source, span, hint=hint)
        given[name] = checked(op.options[name], value)
        if given[name] is NotImplemented:
            raise ExpressionSyntaxError(f"{op.spoken} cannot take this as its {name}", source, span, hint=op.about)
    return op.with_params(given).params
