"""Published formulas, derivatives and bad inputs, line by line: `tests/data/README.md` tells where they come from."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

import graphgrad as gg
from graphgrad.tables.options import TableOptions, task_of
from graphgrad.tables.rows import RowFunction

DATA = Path(__file__).parent / "data"
HANG = 20
"""Seconds. A bad input is answered in a fraction of one; this only tells slow from hanging, on any machine."""


def lines(name: str) -> list[dict[str, Any]]:
    """Return the lines of a corpus file."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


FORMULAS, PAIRS, BAD = lines("open.jsonl"), lines("pairs_open.jsonl"), lines("bad_open.jsonl")


def each(some: list[dict[str, Any]]) -> pytest.MarkDecorator:
    """Return the parametrisation of a test by lines of the corpus."""
    return pytest.mark.parametrize("line", [pytest.param(line, id=line["id"]) for line in some])


def is_near(ours: float, theirs: str, *, bound: float, scale: Decimal = Decimal(0)) -> bool:
    """Tell whether a number is within a relative bound of a reference, or of `scale` where the reference is 0."""
    reference = Decimal(theirs)
    return abs(Decimal(ours) - reference) <= Decimal(bound) * (abs(reference) or scale)


def floats(at: dict[str, str]) -> dict[str, float]:
    """Return a point's decimals, each of which is exactly a double, as floats."""
    return {name: float(number) for name, number in at.items()}


@each(FORMULAS)
def test_value_and_gradient_are_those_of_the_reference(line: dict[str, Any]) -> None:
    """The value and every partial derivative are within the line's own bound, at each of its points."""
    graph = gg.parse(line["expr"])
    assert set(graph.inputs) == set(line["vars"])
    for point in line["points"]:
        near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
        result = graph.backprop(floats(point["at"]), wrt=point["grad"])
        assert near(result.value, point["value"])
        assert [name for name, d in point["grad"].items() if not near(result.grad[name], d)] == []


@each(FORMULAS)
def test_rows_of_a_table_are_those_of_the_reference(line: dict[str, Any]) -> None:
    """Each point as a row: value and partials are as near as its bound, or as the interpreter's."""
    graph = gg.parse(line["expr"])
    points = line["points"]
    rows = [{name: float(number) for name, number in point["at"].items()} for point in points]
    batch = pa.RecordBatch.from_pylist([*rows, dict.fromkeys(rows[0])])
    result, tally = RowFunction(task_of(graph.data, TableOptions()), batch.schema)(batch)
    columns = result.select([f"∂{name}" for name in graph.inputs]).to_pydict()
    assert (tally.without, result["value"][-1].as_py()) == (1, None)
    for i, point in enumerate(points):
        alone = graph.backprop(rows[i], wrt=point["grad"])
        near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
        value = result["value"][i].as_py()
        assert near(value, point["value"]) or value == alone.value
        far = [name for name, d in point["grad"].items() if not near(columns[f"∂{name}"][i], d)]
        assert [name for name in far if columns[f"∂{name}"][i] != alone.grad[name]] == []


@each(PAIRS)
def test_derivative_is_the_published_one(line: dict[str, Any]) -> None:
    """The derivative of a formula has the value of the derivative published beside it."""
    formula, derivative = gg.parse(line["expr"]), gg.parse(line["dexpr"])
    for at in map(floats, line["at"]):
        ours = formula.backprop(at, wrt=[line["var"]]).grad[line["var"]]
        used = {name: at[name] for name in derivative.inputs}
        assert ours == pytest.approx(derivative.backprop(used, wrt=[]).value, rel=1e-13, abs=0)


@each(FORMULAS)
def test_the_check_agrees(line: dict[str, Any]) -> None:
    """Sympy has nothing to object to a formula's numbers at its first point."""
    report = gg.parse(line["expr"]).backprop(floats(line["points"][0]["at"])).check()
    assert report, str(report)


def text_of(line: dict[str, Any]) -> str:
    """Return the input of a line, made by its generator where it is too long to be written out."""
    scope = {"__builtins__": {"chr": chr, "range": range}}
    return str(line["expr"] if "expr" in line else eval(line["gen"], scope))


def answer(line: dict[str, Any]) -> gg.ExpressionError | None:
    """Return the error an input meets, if any; an input that should do no more than parse is not evaluated."""
    try:
        graph = gg.parse(text_of(line))
        if "at" in line or line["want"] != "ok" or not graph.inputs:
            graph.backprop(floats(line.get("at", {})))
    except gg.ExpressionError as error:
        return error
    return None


@each(BAD)
def test_bad_input_is_answered(line: dict[str, Any]) -> None:
    """A bad input gets the kind of error it deserves, pointing into its text, and no input makes the library hang."""
    start = time.perf_counter()
    error = answer(line)
    assert (error.kind if error else "ok") in wanted(line)
    assert error is None or 0 <= error.span[0] <= error.span[1] <= len(error.source)
    assert time.perf_counter() - start < HANG


SINCE: Final = {
    "bad/structure-077": ("name_error",),
    "bad/gen-20": ("name_error",),
    "bad/number-16": ("name_error",),
    "bad/structure-052": ("name_error",),
    "bad/structure-053": ("name_error",),
    "bad/structure-054": ("name_error",),
    "bad/structure-058": ("name_error",),
}
"""What is answered since, where inputs lack values: names in backquotes, 12abc as a product, a factorial
behind blanks, and, or, not, &&."""


def wanted(line: dict[str, Any]) -> set[str]:
    """Return the outcomes that are right: where an input may be accepted, it may then lack its values."""
    outcomes = {line["want"], *line.get("also", ()), *SINCE.get(line["id"], ())}
    return outcomes | {"name_error"} if "ok" in outcomes and "at" not in line else outcomes


@each([line for line in BAD if "value" in line])
def test_tricky_input_has_its_numbers(line: dict[str, Any]) -> None:
    """A tricky input that is right has exactly the value and the gradient given for it."""
    result = gg.parse(text_of(line)).backprop(floats(line["at"]))
    assert result.value == float(line["value"])
    assert result.grad == floats(line["grad"])
