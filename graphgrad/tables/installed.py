"""Say what is missing where tables cannot be read."""

from __future__ import annotations

from importlib import import_module

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install

__all__ = ["refuse_without_pyarrow"]


def refuse_without_pyarrow() -> None:
    """Raise `GraphgradError` where the library that reads and writes tables is not installed.

    >>> refuse_without_pyarrow()
    """
    try:
        import_module("pyarrow")
    except ImportError:
        raise GraphgradError("tables need pyarrow, which is not installed", hint=install("table")) from None
