"""A point: the inputs' names and values as they are given, looked at before they come in."""

from __future__ import annotations

import difflib
import math
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import TYPE_CHECKING, Any, Final

from graphgrad.backprop.passes import namespace_of
from graphgrad.base.errors import DomainError, UnknownNameError
from graphgrad.namespaces.arrays import array_of, as_array, repeated
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.many_digits import as_fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.shapes import Shape
    from graphgrad.tape.tape import Tape

from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.backprop.passes import Passes


__all__ = [
    "choose_wrt",
    "filled",
    "fraction",
    "has_arrays",
    "is_array",
    "refuse_arrays",
    "shape_of",
    "value_given",
    "values_at",
]


MAX_SHOWN: Final = 60
"""How much is shown of what is no number."""


def choose_wrt(graph: GraphData, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """Return the inputs to differentiate by: those named, or all."""
    if wrt is None:
        return graph.inputs
    names = tuple(part.strip() for part in wrt.split(",")) if isinstance(wrt, str) else tuple(wrt)
    for name in names:
        if name not in graph.nodes:
            raise _unknown(graph, name)
    return tuple(dict.fromkeys(names))


def _unknown(graph: GraphData, name: str) -> UnknownNameError:
    near = difflib.get_close_matches(name, graph.inputs, 1)
    inputs = ", ".join(graph.inputs[:10]) + ", …" * (len(graph.inputs) > 10)  # noqa: PLR2004
    hint = f"did you mean '{near[0]}'?" if near else f"the inputs are: {inputs}" if inputs else "it has no inputs"
    return UnknownNameError(f"'{name}' is not an input of the expression", graph.source, (0, 0), hint=hint)


def values_at(
    graph: GraphData, tape: Tape, at: Mapping[str, Any], *, exact: bool, precision: int | None = None
) -> dict[str, Any]:
    """Return the value of every input that has one: a float, a fraction where `exact`, or one of so many digits.

    An array of such numbers stands for what is given as an array or as nested lists. Raises `UnknownNameError` for a
    name that is no input and for a missing value, `DomainError` for what is no number.
    """
    for name in at:
        if name not in graph.nodes:
            raise _unknown(graph, name)
    given = {**graph.defaults, **at}
    missing = [name for name in graph.inputs if name not in given]
    if missing:
        used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
        missing = [name for name in missing if graph.node(name) in used]
    if missing:
        names = ", ".join(f"{name}=…" for name in missing[:10]) + ", …" * (len(missing) > 10)  # noqa: PLR2004
        message = f"no value for {', '.join(map(repr, missing[:10]))}"
        raise UnknownNameError(message, graph.source, graph.spans[graph.node(missing[0])], hint=f"give {names}")
    m = namespace_of(exact=exact, precision=precision)
    if isinstance(m, Floats) and {*map(type, given.values())} == {float} and all(map(math.isfinite, given.values())):
        return given
    return {name: value_given(graph, name, value, m) for name, value in given.items()}


def value_given(graph: GraphData, name: str, value: Any, m: Namespace) -> Any:
    """Return a value as it is given, as a number of that namespace or an array of them."""
    try:
        number = _read(value, m)
        finite = is_array(number) or isinstance(number, Fraction) or number - number == 0
    except (TypeError, ValueError, OverflowError):
        finite = False
    if finite:
        return number
    span = graph.spans[graph.nodes[name]] if name in graph.nodes else (0, 0)
    wanted = "an array of finite numbers, with rows of one length" if _is_nested(value) else "a finite number"
    raise DomainError(f"{name} = {_shown(value)} is not {wanted}", graph.source, span)


def _read(value: Any, m: Namespace) -> Any:
    if not isinstance(value, float) and _is_nested(value):
        return as_array(value) if isinstance(m, Floats) else array_of(lambda x: m.const(fraction(x)), value)
    return float(value) if isinstance(m, Floats) else m.const(fraction(value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or is_array(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def is_array(value: Any) -> bool:
    """Whether a value is an array, of any shape but that of a number."""
    return type(value) is not float and bool(shape_of(value))


def has_arrays(tape: Tape, inputs: Mapping[str, Any]) -> bool:
    """Whether anything on a tape is an array, or asks for one."""
    return any(map(is_array, inputs.values())) or any(op.on_arrays for op in {step.op for step in tape.steps})


def shape_of(value: Any) -> Shape:
    """Return a value's shape; a number's is empty."""
    return tuple(getattr(value, "shape", ()))


def filled(value: Any, shape: Shape) -> Any:
    """Return a value as an array of that shape."""
    return repeated(value, shape)


def fraction(value: Any) -> Fraction:
    """Return a number as an exact fraction."""
    # A float stands for the decimal it is written as: 1.1 is 11/10.
    if hasattr(value, "_mpf_"):
        return as_fraction(value)
    if isinstance(value, (Rational, Decimal, str)):
        return Fraction(value)
    return Fraction(repr(float(value))) if isinstance(value, Real) else Fraction(value)


def refuse_arrays(passes: Passes, what: str) -> None:
    """Raise `GraphgradError` where values are arrays, for what is there for numbers only."""
    if passes.arrays:
        raise GraphgradError(
            f"{what} are for numbers, and values here are arrays", hint="take an entry each as an input"
        )
