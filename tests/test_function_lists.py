"""The pages that measure the table and compare it with other libraries say what is so."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.ops import NUMERIC

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module that writes the page of lists."""
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("function_lists")


@pytest.fixture
def operations_page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module that writes the page of operations."""
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("operations_page")


def test_the_committed_page_is_todays(lists: ModuleType) -> None:
    """Each row that comes in time moves its name to those that are here."""
    assert lists.PAGE.read_text("utf-8") == lists.page(), "python docs/function_lists.py"


def test_what_is_said_to_be_here_parses(lists: ModuleType) -> None:
    """Each way to write a function on the committed page."""
    rows = re.findall(r"^\| `(\S+)` \| `(.+)` \|$", lists.PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 250
    for _, text in rows:
        gg.parse(text.replace("\\|", "|"))


def test_each_name_has_one_answer(lists: ModuleType) -> None:
    """Here, or not and why: no name is in two lists of reasons, and none has both an answer and a reason."""
    missing = " ".join(lists.ABSENT.values()).split()
    assert len(missing) == len(set(missing))
    assert not set(missing) & set(lists.WRITTEN)


def test_the_list_of_ufuncs_is_whole(lists: ModuleType) -> None:
    """NumPy's own, of the version that is installed here."""
    ours = set(lists.names("NumPy's ufuncs"))
    assert {name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)} <= ours


def test_the_list_of_special_functions_is_whole(lists: ModuleType) -> None:
    """SciPy's, but for what handles its errors."""
    special = pytest.importorskip("scipy.special")
    known = {*lists.names("SciPy's special functions"), "errstate", "geterr", "seterr"}
    assert {name for name in special.__all__ if not name.startswith("SpecialFunction")} <= known


def test_every_row_is_measured(operations_page: ModuleType) -> None:
    """`python benchmarks/accuracy.py name` measures a new one."""
    shown = {name for name, op in NUMERIC.items() if op.arity and not op.helper}
    assert shown <= operations_page.ACCURACY.keys()


def test_errors_above_the_goal_have_a_reason(operations_page: ModuleType) -> None:
    """And no reason is given for an error that is not there."""
    above = {name for name in operations_page.ACCURACY if operations_page.worst(name) > operations_page.GOAL}
    assert above <= operations_page.EXCEPTIONS.keys()
    assert operations_page.EXCEPTIONS.keys() <= NUMERIC.keys()
