"""Resolve calls: which operation of the table a function's name means, and the parameters it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import ExpressionSyntaxError, UnknownNameError
from graphgrad.text.arguments import checked
from graphgrad.text.statement import Apply

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from graphgrad.ops.op import Op
    from graphgrad.text.grammar import Grammar
    from graphgrad.text.reader import Parenthesis
    from graphgrad.text.statement import Span

__all__ = ["resolved", "text_parameter", "unknown_function"]

OPTION_NAMES: Final = {"correction": "ddof"}
"""Second names of parameters, in NumPy 2 and PyTorch."""


def resolved(call: Parenthesis, whole: Span, source: str, grammar: Grammar) -> Apply:
    """Return what a closed call applies; `whole` is its span in `source`.

    Raises `UnknownNameError` for a function that is not in the table, `ExpressionSyntaxError` for a wrong number of
    operands and for a parameter that the function does not take.

    >>> from graphgrad.ops.table import OPERATIONS
    >>> from graphgrad.text.plain import plain_grammar
    >>> from graphgrad.text.reader import Parenthesis
    >>> resolved(Parenthesis((0, 3), "ln"), (0, 5), "ln(x)", plain_grammar(OPERATIONS)).op.name
    'log'
    """
    op = _operation(call, source, grammar)
    fixed = op.with_params(_params(op, call, source))
    if not op.takes(call.operands):
        least = f"at least {op.arity}" if op.variadic else str(op.arity)
        message = f"{op.spoken} takes {least} operand{'s' * (op.arity > 1)}, not {call.operands}"
        raise ExpressionSyntaxError(message, source, whole, hint=op.about)
    return Apply(fixed, call.operands)


def text_parameter(ops: Iterable[Op]) -> str:
    """Return the parameter of operations that is a text, which may stand first in a call; an empty text without one.

    >>> from graphgrad.ops.table import OPS
    >>> text_parameter([OPS["einsum"]]), text_parameter([OPS["sum_along"]])
    ('subscripts', '')
    """
    options = (option for op in ops for option in op.options.items())
    return next((name for name, default in options if isinstance(default, str)), "")


def _operation(call: Parenthesis, source: str, grammar: Grammar) -> Op:
    name, functions = call.function, grammar.functions
    if name in functions:
        ops = functions[name]
        return next((op for op in ops if op.takes(call.operands)), ops[0])
    raise unknown_function(name, source, call.span, functions, grammar.forms)


def unknown_function(
    name: str, source: str, span: Span, functions: Collection[str], forms: Collection[str] = ()
) -> UnknownNameError:
    """Return the error for a function that is not known, with the name of a similar one, or what to write instead.

    >>> unknown_function("sine", "sine(x)", (0, 4), ["sin"]).hint
    "did you mean 'sin'?"
    """
    from graphgrad.text.hints import function_hint

    hint = function_hint(name, functions, forms)
    return UnknownNameError(f"unknown function '{name}'", source, span, hint=hint)


def _params(op: Op, call: Parenthesis, source: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for written, (value, span) in call.params.items():
        name = written if written in op.options else OPTION_NAMES.get(written, written)
        if name not in op.options or name in given:
            known = f"it has {', '.join(op.options)}" if op.options else "it has none"
            left, _, right = source[span[0] : span[1]].partition("=")
            hint = f"{known}; to compare, write {left.strip()} == {right.strip()}"
            raise ExpressionSyntaxError(f"{op.spoken} has no parameter '{written}'", source, span, hint=hint)
        given[name] = checked(op.options[name], value)
        if given[name] is NotImplemented:
            raise ExpressionSyntaxError(f"{op.spoken} cannot take this as its {name}", source, span, hint=op.about)
    return given
