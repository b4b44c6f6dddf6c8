"""Call a row of a table as a Python function: on numbers, on arrays, and on what a traced function computes with."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any

from graphgrad.base.arguments import quoted
from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.array_values import as_array, is_array
from graphgrad.namespaces.arrays import Entrywise, namespace_of_arrays
from graphgrad.namespaces.floats import FLOATS, Floats
from graphgrad.namespaces.namespace import Fault, NotFiniteError
from graphgrad.ops.op import Op
from graphgrad.tape.writer import Ref
from graphgrad.text.arguments import checked
from graphgrad.transform.numpy_functions import elementwise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["as_function"]


def as_function(op: object) -> Callable[..., Any]:
    """Return an operation as a function of its operands and, by keyword, its options.

    It gives nan where the operation has no value, as functions of NumPy's do. A traced function that calls it records
    the operation.

    >>> from graphgrad.ops.table import OPS
    >>> as_function(OPS["hypot"])(3, 4), as_function(OPS["log"])(-1.0)
    (5.0, nan)
    """
    if not isinstance(op, Op):
        hint = 'write gg.function(mine["swish"]), with a row of a table of operations'
        raise GraphgradError(f"{quoted(op)} is no operation", hint=hint)

    def function(*operands: Any, **options: Any) -> Any:
        fixed = _fixed(op, operands, options)
        traced = next((x for x in operands if isinstance(x, Ref)), None)
        if traced is not None:
            return traced.writer.value(fixed, operands)
        if any(is_array(x) and x.dtype == object for x in operands) and not op.on_arrays:
            return elementwise(function, operands)
        try:
            return _computed(fixed, operands)
        except (TypeError, ValueError, OverflowError) as error:
            given = ", ".join(map(quoted, operands))
            raise GraphgradError(f"{op.spoken} cannot be computed of {given}: {error}", hint=op.about) from error

    function.__name__ = function.__qualname__ = op.spoken
    function.__doc__ = op.about or None
    return function


def _fixed(op: Op, operands: Sequence[Any], options: dict[str, Any]) -> Op:
    """Return the operation with its options; raise `GraphgradError` for what it does not take."""
    unknown = next((name for name in options if name not in op.options), None)
    if unknown is not None:
        known = f"it has {', '.join(op.options)}" if op.options else "it has none"
        raise GraphgradError(f"{op.spoken} has no parameter '{unknown}'", hint=known)
    if not op.takes(len(operands)):
        least = f"at least {op.arity}" if op.variadic else str(op.arity)
        message = f"{op.spoken} takes {least} operand{'s' * (op.arity > 1)}, not {len(operands)}"
        raise GraphgradError(message, hint=op.about)
    given = {name: checked(op.options[name], value) for name, value in options.items()}
    wrong = next((name for name, value in given.items() if value is NotImplemented), None)
    if wrong is not None:
        raise GraphgradError(f"{op.spoken} cannot take {quoted(options[wrong])} as its {wrong}", hint=op.about)
    return op.with_params(given)


def _computed(op: Op, operands: Sequence[Any]) -> Any:
    """Return the value on numbers or arrays."""
    if not op.on_arrays and all(isinstance(x, Real) for x in operands):
        value = Floats().value(op, [float(x) for x in operands])
        return math.nan if isinstance(value, Fault) else value
    arrays = [as_array(x) for x in operands]
    try:
        return namespace_of_arrays(FLOATS).value(op, arrays)
    except NotFiniteError:
        entrywise = Entrywise(Floats())
        value = entrywise.value(op, arrays)
        np = entrywise.np
        return np.asarray(np.frompyfunc(_or_nan, 1, 1)(value), float)[()]


def _or_nan(entry: Any) -> Any:
    return math.nan if isinstance(entry, Fault) else entry
