"""Read names, points and amounts that are written as text beside an expression."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from graphgrad.analysis.amounts import PLUS_MINUS
from graphgrad.api import graph as api
from graphgrad.api.array_arguments import array_from, array_in, is_array_text
from graphgrad.backprop.constants import constant_value
from graphgrad.base.errors import GraphgradError
from graphgrad.namespaces.kinds import selected_kind
from graphgrad.text.quoted_names import listed_names, name_and_rest, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphgrad.namespaces.value_types import Scalar, Value
    from graphgrad.ops.operations import Operations

__all__ = ["all_errors", "amounts", "graph", "names", "point", "value_of", "values_and_errors"]


def graph(
    text: str,
    wrt: Sequence[str] | None,
    *,
    share: bool = True,
    dialect: str = "graphgrad",
    operations: Operations | None = None,
) -> api.Graph:
    """Return the graph of a text; where the text has no variables, `wrt` names its literals from left to right.

    `dialect` says how the text is written, as in `graphgrad.parse`.

    >>> graph("100*5*1.08", ["apple"]).inputs
    ('apple',)
    """
    parse = partial(api.parse, text, share=share, dialect=dialect, operations=operations)
    plain = parse()
    return plain if plain.inputs or not wrt else parse(name_literals=wrt)


def names(text: str, option: str = "wrt") -> list[str]:
    """Return the names in a list with commas; `option` names the list in errors.

    A name with a comma in it, or with blanks around it, stands in backquotes; a blank text has no names. Raises
    `GraphgradError` where a name is missing.

    >>> names("apple, unit price, `a, b`"), names("")
    (['apple', 'unit price', 'a, b'], [])
    """
    listed = listed_names(text) if text.strip() else []
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
        name: value_of(value, name, f"{option} {name}", kind_options, files=files)
        for name, value in amounts(text, option).items()
    }


def amounts(text: str, option: str) -> dict[str, str]:
    """Return the text that is written for each name; raises `GraphgradError` where a name or its text is missing.

    >>> amounts("unit price=+1, `a=b`=±5%", "change")
    {'unit price': '+1', 'a=b': '±5%'}
    """
    texts: dict[str, str] = {}
    for part, name, value in _entries(text):
        if not name or not value:
            message = f"{option} {part or '(nothing)'}: not NAME=VALUE"
            raise GraphgradError(message, hint=f"write {option} a=100,b=5")
        if name in texts:
            raise GraphgradError(f"{option} gives {name} twice")
        texts[name] = value
    return texts


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield what stands between commas outside of brackets and backquotes, with the name and the value in it."""
    rest: str | None = text or None
    while rest is not None:
        name, after = name_and_rest(rest)
        end = _end_of_value(after)
        yield rest[: len(rest) - len(after) + end].strip(), name, after[1:end].strip()
        rest = after[end + 1 :] if end < len(after) else None


def _end_of_value(text: str) -> int:
    depth = 0
    for i, character in enumerate(text):
        if character == "," and depth == 0:
            return i
        depth += (character in "([") - (character in ")]")
    return len(text)


def values_and_errors(text: str, option: str = "at") -> tuple[str, dict[str, str]]:
    """Split a point with errors into the point as text, and the errors by name.

    >>> values_and_errors("apple=100±2, tax=1.08")
    ('apple=100,tax=1.08', {'apple': '±2'})
    """
    if not any(mark in text for mark in PLUS_MINUS):
        return text, {}
    values, errors = {}, {}
    for name, amount in amounts(text, option).items():
        values[name], error = _split_error(amount)
        if error:
            errors[name] = error
    return ",".join(f"{written(name)}={value}" for name, value in values.items()), errors


def all_errors(errors: Mapping[str, str], text: str) -> dict[str, str]:
    """Return the errors by name that `--at` gives, and those that `text`, the value of `--error`, gives.

    Raises `GraphgradError` for a name with an error in both.

    >>> all_errors({"apple": "±2"}, "tax=±5%")
    {'apple': '±2', 'tax': '±5%'}
    """
    stated = amounts(text, "--error")
    twice = next((name for name in stated if name in errors), None)
    if twice is not None:
        raise GraphgradError(f"{twice} has an error in --at and in --error")
    return {**errors, **stated}


def _split_error(amount: str) -> tuple[str, str]:
    for mark in PLUS_MINUS:
        value, separator, error = amount.rpartition(mark)
        if separator and error.count("(") == error.count(")"):
            return value, mark + error
    return amount, ""


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


def _constant(text: str, label: str, kind_options: Mapping[str, object]) -> Scalar:
    value = api.parse(text)
    if value.inputs:
        raise GraphgradError(f"{label}={text}: the value is no number", hint="write a=100,b=5 or a=[[1,2],[3,4]]")
    kind = selected_kind(kind_options)
    number: Scalar = constant_value(value.data, kind.finest or kind)  # both passes may need all digits
    return number
