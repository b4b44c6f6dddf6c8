"""The workbook of the documentation, and its chart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("openpyxl", reason="openpyxl is not installed")

import graphgrad as gg
from graphgrad.draw.options import PictureOptions
from graphgrad.draw.tornado import rendered

ROOT = Path(__file__).parents[2]
TEXT = re.compile(r">([^<>\n]+)</(?:text|title|desc)>")


def test_the_committed_chart_is_up_to_date() -> None:
    """Drawn again, it has the same texts."""
    tornado = gg.from_workbook(ROOT / "examples" / "plan.xlsx", "npv").backprop().tornado()
    fresh, committed = rendered(tornado, "svg", PictureOptions()).decode(), ROOT / "docs" / "workbooks-plan.svg"
    assert TEXT.findall(fresh) == TEXT.findall(committed.read_text(encoding="utf-8"))


def test_its_values_are_those_that_are_stored() -> None:
    """Both lines of the summary agree with the workbook."""
    for cell, count in {"Summary!B10": 36, "Summary!B11": 26}.items():
        comparison = gg.from_workbook(ROOT / "examples" / "plan.xlsx", cell).comparison
        assert (comparison.compared, comparison.differences, comparison.without) == (count, (), 0)
