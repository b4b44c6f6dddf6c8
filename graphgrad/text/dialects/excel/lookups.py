"""Excel's lookups in tables of constants.

A key that the formula itself says chooses a cell. A computed key makes a choice at each key of the table, so that the
value is constant between them: its derivative by the key is 0, and that by the chosen cell is 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from graphgrad.text.dialects.excel.choices import selected, undefined
from graphgrad.text.dialects.excel.references import Area
from graphgrad.text.dialects.excel.terms import NOT_AVAILABLE, CellError, Missing, Operand, Refused, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from graphgrad.text.dialects.excel.lowering import Lowering
    from graphgrad.text.dialects.excel.references import Cell
    from graphgrad.text.dialects.excel.terms import Content, Value

__all__ = ["at_index", "beside", "in_first_column", "in_first_row", "in_vector", "index_of"]

EXACT, BELOW, ABOVE = 0, 1, -1
"""How a key is matched: exactly, to the largest key not above it, to the smallest not below it."""

NOT_FOUND: Final = f"{NOT_AVAILABLE}: this key is not in the table"


class Found(NamedTuple):
    """Where a key is: at one place, or by conditions in their order, each with its place; else nowhere."""

    place: int | None
    cases: Sequence[tuple[Term, int]] = ()


def in_first_column(low: Lowering, operands: list[Operand]) -> Value:
    """VLOOKUP."""
    table = low.area(operands[1])
    number = _offset(low, operands[2], table.width, "column")
    found = _found(low, operands[0], table.column(0), _mode(low, operands, 3))
    return _value(low, found, lambda place: table.column(number).row(place))


def in_first_row(low: Lowering, operands: list[Operand]) -> Value:
    """HLOOKUP."""
    table = low.area(operands[1])
    number = _offset(low, operands[2], table.height, "row")
    found = _found(low, operands[0], table.row(0), _mode(low, operands, 3))
    return _value(low, found, lambda place: table.row(number).column(place))


def in_vector(low: Lowering, operands: list[Operand]) -> Value:
    """LOOKUP."""
    keys = low.area(operands[1])
    values = low.area(operands[-1])
    return _value(low, _found(low, operands[0], keys, BELOW), lambda place: _along(low, values, place))


def beside(low: Lowering, operands: list[Operand]) -> Value:
    """XLOOKUP, exact or to the next smaller or larger key."""
    keys, values = low.area(operands[1]), low.area(operands[2])
    mode = low.whole(operands[4]) if len(operands) > 4 else 0  # noqa: PLR2004  the mode is the fifth operand
    if mode not in (0, 1, -1):
        low.fail(
            "this way of matching is not read", low.m.span, "0 is exact, -1 the next smaller key, 1 the next larger"
        )
    other = operands[3].value if len(operands) > 3 and not isinstance(operands[3].value, Missing) else None  # noqa: PLR2004  x
    found = _found(low, operands[0], keys, -mode, missing=other is not None, in_any_order=True)
    return _value(low, found, lambda place: _along(low, values, place), other)


def index_of(low: Lowering, operands: list[Operand]) -> Value:
    """MATCH."""
    mode = low.whole(operands[2]) if len(operands) > 2 else BELOW  # noqa: PLR2004  the mode is the third operand
    if mode not in (EXACT, BELOW, ABOVE):
        low.fail(
            "this way of matching is not read", low.m.span, "0 is exact, 1 the largest key not above, -1 the reverse"
        )
    return _value(low, _found(low, operands[0], low.area(operands[1]), mode), lambda place: low.m.lift(place + 1))


def at_index(low: Lowering, operands: list[Operand]) -> Value:
    """INDEX: a cell of a range by its row and column, from 1."""
    table = operands[0].value
    if not isinstance(table, Area):
        table = low.area(operands[0])
    if len(operands) == 2:  # noqa: PLR2004  one number is along a row or a column
        if min(table.height, table.width) > 1:
            low.fail("INDEX needs a row and a column here", low.m.span, "the range has several of both")
        return _indexed(low, operands[1], max(table.height, table.width), lambda place: _along(low, table, place))

    def in_row(row: int) -> Value:
        return _indexed(low, operands[2], table.width, lambda column: table.row(row).column(column))

    if table.height == 1 and isinstance(operands[1].value, Missing):
        return in_row(0)
    return _indexed(low, operands[1], table.height, in_row)


def _indexed(low: Lowering, operand: Operand, size: int, value: Callable[[int], Value]) -> Value:
    number = low.whole(operand)
    if number is not None:
        if not 1 <= number <= size:
            low.fail(f"there is no number {number} among {size}", operand.span, "the first one has the number 1")
        return value(number - 1)
    low.count_cells(size, operand.span)
    index = low.m.floor(low.number(operand))
    cases = [(low.m.eq(index, place + 1), place) for place in range(size)]
    return _value(low, Found(None, cases), value)


def _offset(low: Lowering, operand: Operand, size: int, what: str) -> int:
    number = low.whole(operand)
    if number is None:
        low.fail(f"which {what} is meant is computed", operand.span, f"write the number of the {what}, or INDEX(…)")
    if not 1 <= number <= size:
        low.fail(f"the table has no {what} {number}", operand.span, f"it has {size}")
    return number - 1


def _mode(low: Lowering, operands: list[Operand], position: int) -> int:
    if len(operands) <= position:
        return BELOW
    number = low.whole(operands[position])
    if number is None:
        low.fail("whether the key is matched exactly is computed", operands[position].span, "write TRUE or FALSE")
    return BELOW if number else EXACT


def _along(low: Lowering, area: Area, place: int) -> Value:
    size = area.height if area.width == 1 else area.width
    if place >= size:
        low.fail("the ranges have different sizes", low.m.span, f"there is no place {place + 1} in {area}")
    return area.row(place) if area.width == 1 else area.column(place)


def _value(low: Lowering, found: Found, value: Callable[[int], Value], other: Value = None) -> Value:
    """Return the value at the place of a key; where there is none, `other`, or no value."""
    if found.place is not None:
        return value(found.place)
    if other is None:
        other = undefined(low)
    for condition, place in reversed(found.cases):
        other = selected(low, condition, value(place), other)
    return other


def _found(  # noqa: PLR0913  each says something else of the search
    low: Lowering, operand: Operand, area: Area, mode: int, *, missing: bool = False, in_any_order: bool = False
) -> Found:
    """Return where a key is in a row or a column of constants."""
    keys = low.cells_of(Operand(area, low.m.span))
    key = low.content(operand)
    if isinstance(key, str):
        return _text_found(low, key, keys, operand, missing=missing)
    known = [
        (place, number) for place, cell in enumerate(keys) if (number := _constant(low, cell, operand)) is not None
    ]
    if not in_any_order:
        _refuse_unsorted(low, [number for _, number in known], mode)
    term = low.number(operand)
    if term.number is not None:
        return _known_found(low, term.number, known, operand, mode, missing=missing)
    contents = {place: low.number(Operand(_cell(keys[place]), operand.span)) for place, _ in known}
    low.note("a lookup by a computed key is constant between the keys of its table: its derivative by the key is 0")
    if mode == EXACT:
        return Found(None, [(low.m.eq(term, contents[place]), place) for place, _ in known])
    if mode == BELOW:
        return Found(None, [(low.m.ge(term, contents[place]), place) for place, _ in _rising(known)[::-1]])
    return Found(None, [(low.m.le(term, contents[place]), place) for place, _ in _rising(known)])


def _rising(known: list[tuple[int, Fraction]]) -> list[tuple[int, Fraction]]:
    """Return the keys in their order; of equal ones, the first stays first."""
    return sorted(known, key=lambda pair: pair[1])


def _cell(cell: Cell) -> Area:
    return Area(cell.sheet, cell.row, cell.column, cell.row, cell.column)


def _constant(low: Lowering, cell: Cell, operand: Operand) -> Fraction | None:
    """Return the number of a cell of a table; None where it holds a text or nothing."""
    number = low.cells.known(cell)
    if number is None:
        content: Content = low.cells.content(low.m, cell, operand.span)
        if isinstance(content, Refused):
            raise content.error
        if isinstance(content, Term):
            low.fail(
                f"{cell} holds no constant",
                operand.span,
                "a key is only looked for in a table of constants, in a workbook",
            )
    return number


def _refuse_unsorted(low: Lowering, numbers: list[Fraction], mode: int) -> None:
    ordered = sorted(numbers, reverse=mode == ABOVE)
    if mode != EXACT and numbers != ordered:
        low.fail("the keys of this table are not sorted", low.m.span, "sort them, or match exactly: FALSE or 0")


def _known_found(  # noqa: PLR0913  each says something else of the search
    low: Lowering, key: Fraction, known: list[tuple[int, Fraction]], operand: Operand, mode: int, *, missing: bool
) -> Found:
    if mode == EXACT:
        places = [place for place, number in known if number == key]
    elif mode == BELOW:
        places = [place for place, number in _rising(known) if number <= key][::-1]
    else:
        places = [place for place, number in _rising(known) if number >= key]
    return _at_first(low, places, operand, missing=missing)


def _text_found(low: Lowering, key: str, keys: list[Cell], operand: Operand, *, missing: bool) -> Found:
    if any(sign in key for sign in "*?~"):
        low.fail("wildcards are not read", operand.span, "write the whole text")
    contents = [low.cells.content(low.m, cell, operand.span) for cell in keys]
    same = [i for i, text in enumerate(contents) if isinstance(text, str) and text.casefold() == key.casefold()]
    return _at_first(low, same, operand, missing=missing)


def _at_first(low: Lowering, places: list[int], operand: Operand, *, missing: bool) -> Found:
    if not places and not missing:
        raise CellError(NOT_FOUND, low.source, operand.span)
    return Found(places[0] if places else None)
