"""Columns as numbers: every type that holds numbers, texts that are some, and clear errors for the rest."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphgrad as gg
from graphgrad.tables.numbers import reader_of


def numbers_of(column: pa.Array) -> list[float | None]:
    """Return a column's numbers, None where there is none."""
    values, missing, _ = reader_of("x", column.type)(column)
    return [None if missing is not None and missing[i] else float(x) for i, x in enumerate(values)]


WHOLE = (pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32, pa.uint64)
COLUMNS = [
    *(pa.array([1, None, 3], kind()) for kind in WHOLE),
    *(pa.array([1.0, None, 3.0], kind()) for kind in (pa.float32, pa.float64)),
    pa.array([np.float16(1), None, np.float16(3)], pa.float16()),
    *(pa.array([Decimal(1), None, Decimal(3)], kind(9, 2)) for kind in (pa.decimal32, pa.decimal64, pa.decimal128)),
    pa.array([Decimal(1), None, Decimal(3)], pa.decimal256(50, 20)),
    *(pa.array(["1", None, " 3 "], kind()) for kind in (pa.string, pa.large_string, pa.string_view)),
    pa.array([1, None, 3]).dictionary_encode(),
    pa.array(["1", None, "3"]).dictionary_encode(),
    pc.run_end_encode(pa.array([1, None, 3])),
    pa.array([7, 1, None, 3])[1:],
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_every_type_of_numbers_is_read(column: pa.Array) -> None:
    """Whatever the width and the encoding, a null is no number."""
    assert numbers_of(column) == [1, None, 3]


def test_truth_values_are_0_and_1() -> None:
    """As Python has them."""
    assert numbers_of(pa.array([True, None, False])) == [1, None, 0]


def test_a_column_of_nulls_alone_has_no_numbers() -> None:
    """Its type says nothing."""
    assert numbers_of(pa.array([None, None])) == [None, None]


def test_floats_without_nulls_are_not_copied() -> None:
    """The fast path looks at the table's own memory."""
    column = pa.array([1.0, 2.0])
    assert reader_of("x", column.type)(column).values.ctypes.data == column.buffers()[1].address


def test_nan_is_a_number() -> None:
    """Only null is missing."""
    found = numbers_of(pa.array([math.nan, 1.0, None], from_pandas=False))
    assert [x is None or math.isnan(x) for x in found] == [True, False, True]
    assert found[2] is None


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=10)))
def test_decimals_are_rounded_once(decimals: list[Decimal]) -> None:
    """The nearest float, as Python finds it."""
    assert numbers_of(pa.array(decimals, pa.decimal128(38, 10))) == list(map(float, decimals))


TEXTS: dict[str, float | None] = {
    "1": 1,
    "-2.5e3": -2500,
    "+4": 4,
    ".5": 0.5,
    "5.": 5,
    " 3 ": 3,
    "\t7\u00a0": 7,
    "1e400": math.inf,
    "-inf": -math.inf,
    "Infinity": math.inf,
    "": None,
    "  ": None,
    "n/a": None,
    "NA": None,
    "NULL": None,
    "None": None,
    "-": None,
    ".": None,
    "e5": None,
    "1,5": None,
    "12 €": None,
    "1 000": None,
    "1_000": None,
    "0x10": None,
    "1e": None,
    "--1": None,
    "１": None,
    "1\n2": None,
}


@pytest.mark.parametrize("beside", ["1", "n/a"])
@pytest.mark.parametrize("text", TEXTS)
def test_texts_that_are_numbers(text: str, beside: str) -> None:
    """A text's number does not depend on the texts beside it."""
    assert numbers_of(pa.array([beside, text]))[1] == TEXTS[text]


def test_nan_in_a_text_is_a_number() -> None:
    """As it is in a column of floats."""
    assert all(math.isnan(x or 0) for x in numbers_of(pa.array(["nan", "NaN", "-nan", " nan "])))


@given(st.lists(st.text("0123456789+-.eE naif_x", max_size=6), min_size=1))
def test_a_number_is_one_alone_or_among_others(texts: list[str]) -> None:
    """The fast reading of whole columns and the careful one of mixed ones agree."""
    alone = [numbers_of(pa.array([text]))[0] for text in texts]
    together = numbers_of(pa.array([*texts, "n/a"]))[:-1]
    assert str(alone) == str(together)


def test_an_empty_text_is_null_and_another_one_is_wrong() -> None:
    """What is reported tells them apart."""
    found = reader_of("x", pa.string())(pa.array(["", "n/a", None, "2"]))
    assert found.missing.tolist() == [True, True, True, False]
    assert found.wrong.tolist() == [False, True, False, False]


NO_NUMBERS: list[Any] = [
    dt.date(2024, 3, 1),
    dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
    dt.timedelta(1),
    dt.time(1),
    b"1",
    [1.0],
    {"a": 1.0},
]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: type(value).__name__)
def test_other_types_are_refused_by_name(value: Any) -> None:
    """The message has the column and its type; so for a dictionary of such values."""
    column = pa.array([value])
    with pytest.raises(gg.GraphgradError, match="the column 'when' holds no numbers") as caught:
        reader_of("when", column.type)
    assert str(column.type) in caught.value.message
