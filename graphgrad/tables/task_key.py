"""Identify a task by a hash, so that results of one are not taken for those of another."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from graphgrad.graph.data import GraphData
from graphgrad.ops.own import code_of, is_own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.tables.task import Task

__all__ = ["task_key", "version"]

NUMBERS = (bool, int, float, str, bytes, type(None))


def version() -> str:
    """Return this package's version."""
    from importlib.metadata import version as installed

    return installed("graphgrad")


def task_key(task: Task) -> str:
    """Return a hash of all that a task says, and of the version that computes it.

    The hash is that of what is computed, and not of its spelling: blanks and comments change nothing.

    >>> from graphgrad.graph.builder import build
    >>> from graphgrad.tables.task import Task
    >>> from graphgrad.text.parser import parse
    >>> keys = [task_key(Task(build(text, parse(text)))) for text in ("x*y", "x * y", "x + y")]
    >>> keys[0] == keys[1], keys[1] == keys[2]
    (True, False)
    """
    digest = sha256(version().encode())
    for text in _lines(task):
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _lines(value: Any) -> Iterator[str]:
    """Yield texts that two values have in common if they are equal."""
    if isinstance(value, GraphData):
        yield from _graph(value)
    elif isinstance(value, NUMBERS):
        yield repr(value)
    elif is_dataclass(value):
        yield type(value).__name__
        for field in fields(value):
            yield field.name
            yield from _lines(getattr(value, field.name))
    elif hasattr(value, "items"):
        yield f"mapping {len(value)}"
        for key, entry in sorted(value.items()):
            yield repr(key)
            yield from _lines(entry)
    elif isinstance(value, (tuple, list)):
        yield f"sequence {len(value)}"
        for entry in value:
            yield from _lines(entry)
    else:
        raise TypeError(f"a task holds {type(value).__name__}, which has no hash here")


def _graph(graph: GraphData) -> Iterator[str]:
    """Yield what a graph computes, without where it stands in the text."""
    yield repr((graph.inputs, graph.output, len(graph.steps)))
    for name in graph.inputs:
        yield repr((name, graph.nodes[name], _fraction(graph.defaults.get(name))))
    for node, constant in sorted(graph.constants.items()):
        yield repr((node, _fraction(constant.value)))
    for result, op, operands in graph.steps:
        yield repr((result, op.name, op.params, operands, *([code_of(op)] if is_own(op) else [])))


def _fraction(number: Any) -> str | None:
    """Return a number's text, in base 16, in which Python writes integers of any length."""
    if isinstance(number, tuple):
        return f"[{', '.join(str(_fraction(each)) for each in number)}]"
    return None if number is None else f"{number.numerator:x}/{number.denominator:x}"
