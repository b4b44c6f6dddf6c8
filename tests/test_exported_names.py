"""What the package promises by name."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module, metadata
from typing import TYPE_CHECKING

import pytest

import graphgrad as gg
from graphgrad.base import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = sorted(found.name for found in pkgutil.walk_packages(gg.__path__, "graphgrad."))


@pytest.mark.parametrize("module", ["graphgrad", *MODULES])
def test_each_module_lists_its_names(module: str) -> None:
    """`__all__` is there, names nothing twice, and every name in it exists."""
    names = import_module(module).__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(import_module(module), name)] == []


@pytest.mark.parametrize("name", [name for name in gg.__all__ if not name.startswith("_")])
def test_each_public_name_is_documented(name: str) -> None:
    """What a user can hold says what it is."""
    assert inspect.getdoc(getattr(gg, name))


def test_the_root_exports_every_error() -> None:
    """An error that a user may want to catch can be caught by its name in the root."""
    assert set(errors.__all__) <= set(gg.__all__)


def test_the_errors_are_drawn_as_they_are() -> None:
    """The tree in the docstring of `graphgrad.base.errors` is the tree of the classes."""
    drawn = re.findall(r"^ *([│├└─ ]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert [(len(lines) // 4, name) for lines, name in drawn] == list(family(gg.GraphgradError))


def family(error: type[Exception], depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield an error and its public subclasses with their depth."""
    yield depth, error.__name__
    for heir in error.__subclasses__():
        if heir.__module__ == errors.__name__:
            yield from family(heir, depth + 1)


def test_the_version_is_the_installed_one() -> None:
    """The version is written once, and the installed package says the same."""
    assert gg.__version__ == metadata.version("graphgrad")
