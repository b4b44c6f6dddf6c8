"""Read names, points and amounts that are written as text beside an expression."""

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
    """Return the graph of a text; where the text has no variables, `wrt` names its literals from left to right.

    >>> graph("100*5*1.08", ["apple"]).inputs
    ('apple',)
    """
    plain = api.parse(text, share=share)
    return plain if plain.inputs or not wrt else api.parse(text, name_literals=wrt, share=share)


def names(text: str, option: str = "wrt") -> list[str]:
    """Return the names in a list with commas; `option` names the list in errors.

    Raises `GraphgradError` where a name is missing.

    >>> names("apple, tax")
    ['apple', 'tax']
    """
    listed = [_name(part) for part in text.split(",")]
    if not all(listed):
        raise GraphgradError(f"{option} {text}: a name is missing", hint=f"write {option} a,b")
    return listed


def point(
    text: str, option: str = "at", *, exact: bool = False, precision: int | None = None, files: bool = False
) -> dict[str, Value]:
    """Return the values of inputs by name; a value is an expression without names, or nested lists of expressions.

    With `files`, a value may also be `@` and a NumPy file: see `graphgrad.api.array_arguments`. Raises `GraphgradError`
    where the text cannot be read.

    >>> point("x=pi/2, y=[8%, 1]")
    {'x': 1.5707963267948966, 'y': [0.08, 1.0]}
    """
    kind_options = {"exact": exact, "precision": precision}
    return {
        name: value_of(written, name, f"{option} {name}", kind_options, files=files)
        for name, written in amounts(text, option).items()
    }


def amounts(text: str, option: str) -> dict[str, str]:
    """Return the text that is written for each name; raises `GraphgradError` where a name or its text is missing.

    >>> amounts("apple=+1, tax=±5%", "change")
    {'apple': '+1', 'tax': '±5%'}
    """
    texts: dict[str, str] = {}
    for part in _top_level_parts(text):
        written, equals, value = part.partition("=")
        name = _name(written)
        if not equals or not name or not value.strip():
            message = f"{option} {part.strip() or '(nothing)'}: not NAME=VALUE"
            raise GraphgradError(message, hint=f"write {option} a=100,b=5")
        if name in texts:
            raise GraphgradError(f"{option} gives {name} twice")
        texts[name] = value.strip()
    return texts


def values_and_errors(text: str, option: str = "at") -> tuple[str, dict[str, str]]:
    """Split a point with errors into the point as text, and the errors by name.

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
        value, separator, error = written.rpartition(mark)
        if separator and error.count("(") == error.count(")"):
            return value, mark + error
    return written, ""


def value_of(text: str, name: str, label: str, kind_options: Mapping[str, object], *, files: bool = False) -> Value:
    """Return the value of a text; `label` names it in errors, `kind_options` are `exact` and `precision` of `backprop`.

    Raises `GraphgradError` where the text cannot be read.

    >>> value_of("[1, 1/2]", "x", "--at x", {"exact": True})
    [Fraction(1, 1), Fraction(1, 2)]
    """
    if not is_array_text(text):
        return _constant(text, label, kind_options)
    if not text.lstrip().startswith("@"):
        return array_in(text, partial(_constant, label=label, kind_options=kind_options), label)
    if not files:
        raise GraphgradError(f"{label}: a file cannot be read here", hint="write the array as [[1,2],[3,4]]")
    return array_from(text, name, label)


def _name(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip())


def _constant(text: str, label: str, kind_options: Mapping[str, object]) -> Scalar:
    value = api.parse(text)
    if value.inputs:
        raise GraphgradError(f"{label}={text}: the value is no number", hint="write a=100,b=5 or a=[[1,2],[3,4]]")
    kind = selected_kind(kind_options)
    number: Scalar = constant_value(value.data, kind.finest or kind)  # both passes may need all digits
    return number


def _top_level_parts(text: str) -> list[str]:
    """Return the parts between the commas that are outside of parentheses and brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts if text else []
