"""A question as people write it beside an expression: names and a point as text, ready for the façade."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import TYPE_CHECKING

from graphgrad.analysis.amounts import PLUS_MINUS
from graphgrad.api import graph as api
from graphgrad.api.array_arguments import array_from, array_in, is_array_text
from graphgrad.backprop.constants import constant_value
from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.kinds import selected_kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.namespaces.value_types import Scalar, Value

__all__ = ["amounts", "graph", "names", "point", "value_of", "values_and_errors"]


def graph(text: str, wrt: Sequence[str] | None, *, share: bool = True) -> api.Graph:
    """Return the graph of a text; where it holds no variables, `wrt` names its literals from left to right.

    >>> graph("100*5*1.08", ["apple"]).inputs
    ('apple',)
    """
    plain = api.parse(text, share=share)
    return plain if plain.inputs or not wrt else api.parse(text, name_literals=wrt, share=share)


def names(text: str, option: str = "wrt") -> list[str]:
    """Return names that commas separate; `option` is what the writer calls them.

    >>> names("apple, tax")
    ['apple', 'tax']
    """
    found = [_name(part) for part in text.split(",")]
    if not all(found):
        raise GraphgradError(f"{option} {text}: a name is missing", hint=f"write {option} a,b")
    return found


def point(
    text: str, option: str = "at", *, exact: bool = False, precision: int | None = None, files: bool = False
) -> dict[str, Value]:
    """Return the inputs' values, each of which may be an expression without names, or nested lists of such.

    With `files`, a value may be `@` and a file of NumPy's: see `graphgrad.api.array_arguments`.

    >>> point("x=pi/2, y=[8%, 1]")
    {'x': 1.5707963267948966, 'y': [0.08, 1.0]}
    """
    how = {"exact": exact, "precision": precision}
    label = f"{option} {{}}".format
    written = amounts(text, option)
    return {name: value_of(value, name, label(name), how, files=files) for name, value in written.items()}


def amounts(text: str, option: str) -> dict[str, str]:
    """Return what is written for each name, as text.

    >>> amounts("apple=+1, tax=±5%", "change")
    {'apple': '+1', 'tax': '±5%'}
    """
    found: dict[str, str] = {}
    for part in _top_level_parts(text):
        written, equals, value = part.partition("=")
        name = _name(written)
        if not equals or not name or not value.strip():
            message = f"{option} {part.strip() or '(nothing)'}: not NAME=VALUE"
            raise GraphgradError(message, hint=f"write {option} a=100,b=5")
        if name in found:
            raise GraphgradError(f"{option} gives {name} twice")
        found[name] = value.strip()
    return found


def values_and_errors(text: str, option: str = "at") -> tuple[str, dict[str, str]]:
    """Return a point without its errors, and the errors.

    >>> values_and_errors("apple=100±2, tax=1.08")
    ('apple=100,tax=1.08', {'apple': '±2'})
    """
    if not any(mark in text for mark in PLUS_MINUS):
        return text, {}
    values, errors = {}, {}
    for name, written in amounts(text, option).items():
        values[name], error = _split_error(written)
        if error:
            errors[name] = error
    return ",".join(f"{name}={value}" for name, value in values.items()), errors


def _split_error(written: str) -> tuple[str, str]:
    for mark in PLUS_MINUS:
        value, found, error = written.rpartition(mark)
        if found and error.count("(") == error.count(")"):
            return value, mark + error
    return written, ""


def value_of(text: str, name: str, label: str, how: Mapping[str, object], *, files: bool = False) -> Value:
    """Return a value; `label` is how errors call it, `how` says which numbers `backprop` is to give.

    >>> value_of("[1, 1/2]", "x", "--at x", {"exact": True})
    [Fraction(1, 1), Fraction(1, 2)]
    """
    if not is_array_text(text):
        return _constant(text, label, how)
    if not text.lstrip().startswith("@"):
        return array_in(text, partial(_constant, label=label, how=how), label)
    if not files:
        raise GraphgradError(f"{label}: a file cannot be read here", hint="write the array as [[1,2],[3,4]]")
    return array_from(text, name, label)


def _name(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip())


def _constant(text: str, label: str, how: Mapping[str, object]) -> Scalar:
    value = api.parse(text)
    if value.inputs:
        raise GraphgradError(f"{label}={text}: the value is no number", hint="write a=100,b=5 or a=[[1,2],[3,4]]")
    number: Scalar = constant_value(value.data, selected_kind(how))
    return number


def _top_level_parts(text: str) -> list[str]:
    """Return the text between the commas that stand in no parentheses or brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts if text else []
