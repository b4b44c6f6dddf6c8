"""Read the inputs at a point: check their names, and convert their values to one kind of number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.arguments import text_of, texts_of
from graphgrad.base.errors import DomainError, UnknownNameError
from graphgrad.base.suggestion import suggestion
from graphgrad.graph.array_defaults import in_floats
from graphgrad.namespaces.array_values import is_array, is_nested
from graphgrad.namespaces.kinds import read
from graphgrad.text.quoted_names import listed_names, written, written_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.kind import Kind
    from graphgrad.tape.tape import Tape

__all__ = ["choose_wrt", "has_arrays", "read_value", "unknown_input", "values_at"]


MAX_QUOTED: Final = 60
"""The most characters that are quoted of a value that is no number."""

MAX_NAMES: Final = 10
"""The most names that an error lists."""


def choose_wrt(graph: GraphData, wrt: Iterable[str] | None) -> tuple[str, ...]:
    """Return the inputs to differentiate by: those named, or all; a text is a name, or names with commas.

    Raises `UnknownNameError` for a name that is no input.
    """
    if wrt is None:
        return graph.inputs
    if isinstance(wrt, str):
        wrt = [wrt] if graph.name_of(wrt) in graph.nodes else listed_names(wrt)
    names = [graph.name_of(name) for name in texts_of(wrt, "inputs")]
    for name in names:
        if name not in graph.nodes:
            raise unknown_input(graph, name)
    return tuple(dict.fromkeys(names))


def unknown_input(graph: GraphData, name: str) -> UnknownNameError:
    """Return the error for a name that is no input."""
    text_of(name, "the name of an input", 'a name: "x"')
    if graph.cells is not None:
        message, hint = graph.cells.refusal(name)
        return UnknownNameError(message, hint=hint)
    inputs = written_names(graph.inputs[:MAX_NAMES]) + ", …" * (len(graph.inputs) > MAX_NAMES)
    hint = suggestion(name, graph.inputs, f"the inputs are: {inputs}" if inputs else "it has no inputs")
    return UnknownNameError(f"'{name}' is not an input of the expression", hint=hint)


def _by_name(graph: GraphData, at: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return values by the names of inputs, of which some are given by the addresses of their cells."""
    names = [graph.name_of(text_of(name, "the name of an input", 'a name: "x"')) for name in at]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise UnknownNameError(f"{twice} is given twice", hint="give its name or its address")
    return dict(zip(names, at.values(), strict=True))


def values_at(graph: GraphData, tape: Tape, at: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Return the value of every input that has one, as a number of that kind or an array of them.

    Raises `UnknownNameError` for a name that is no input and for a missing value, `DomainError` for a value that is no
    finite number.
    """
    if graph.cells is not None:
        at = _by_name(graph, at)
    if at.keys() == graph.nodes.keys() and not graph.defaults:
        return _read(graph, at, kind)
    for name in at:
        if name not in graph.nodes:
            raise unknown_input(graph, name)
    given = {**_defaults(graph, kind), **at}
    missing = [name for name in graph.inputs if name not in given]
    if missing:
        used = {operand for step in tape.steps for operand in step.operands} | set(tape.outputs)
        missing = [name for name in missing if graph.node(name) in used]
    if missing:
        names = ", ".join(f"{written(name)}=…" for name in missing[:MAX_NAMES]) + ", …" * (len(missing) > MAX_NAMES)
        message = f"no value for {', '.join(map(repr, missing[:MAX_NAMES]))}"
        hint = f"give {names}{_other_meaning(missing)}"
        raise UnknownNameError(message, graph.source, graph.spans[graph.node(missing[0])], hint=hint)
    return _read(graph, given, kind)


def _read(graph: GraphData, given: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    numbers = kind.read_at_once(given.values())
    if numbers is not None:
        return dict(zip(given, numbers, strict=True))
    return {name: read_value(graph, name, value, kind) for name, value in given.items()}


def _other_meaning(missing: list[str]) -> str:
    """Return what to write where a missing name is meant as something else: e as Euler's number, sin as a function."""
    from graphgrad.text.hints import name_hint

    return "".join(f"; {hint}" for name in missing[:MAX_NAMES] if (hint := name_hint(name)))


def _defaults(graph: GraphData, kind: Kind) -> Mapping[str, Any]:
    """Return the defaults in numbers that a kind reads: its arrays of floats are made of floats."""
    if not kind.dtype or not any(type(default) is tuple for default in graph.defaults.values()):
        return graph.defaults
    return {name: in_floats(x) if isinstance(x, tuple) else x for name, x in graph.defaults.items()}


def read_value(graph: GraphData, name: str, value: Any, kind: Kind) -> Any:
    """Return a value, given in any form, as a number of that kind or an array of them.

    Raises `DomainError` for a value that is no finite number.
    """
    try:
        number = read(kind, value)
        finite = is_array(number) or kind.is_finite(number)
    except (TypeError, ValueError, OverflowError):
        finite = False
    if finite:
        return number
    span = graph.spans[graph.nodes[name]] if name in graph.nodes else (0, 0)
    wanted = "an array of finite numbers, with rows of one length" if is_nested(value) else "a finite number"
    raise DomainError(f"{written(name)} = {_quoted(value)} is not {wanted}", graph.source, span)


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 1]}…"


def has_arrays(tape: Tape, inputs: Mapping[str, Any]) -> bool:
    """Whether an input is an array, or an operation on the tape works on arrays."""
    return any(map(is_array, inputs.values())) or any(op.on_arrays for op in {step.op for step in tape.steps})
