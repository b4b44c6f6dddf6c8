"""Find the grammar of a dialect by its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.ops.table import OPERATIONS

if TYPE_CHECKING:
    from graphgrad.ops.operations import Operations
    from graphgrad.text.grammar import Grammar

__all__ = ["DIALECTS", "grammar_of"]

DIALECTS: Final = {
    "graphgrad": ("graphgrad.text.plain", "plain_grammar"),
    "matlab": ("graphgrad.text.dialects.matlab", "matlab_grammar"),
    "python": ("graphgrad.text.dialects.python", "python_grammar"),
    "excel": ("graphgrad.text.dialects.excel.grammar", "excel_grammar"),
    "excel;": ("graphgrad.text.dialects.excel.grammar", "excel_grammar_with_semicolons"),
    "latex": ("graphgrad.text.dialects.latex", "latex_grammar"),
}
"""The module and the function that make the grammar of a dialect over a table of operations."""


def grammar_of(dialect: str, operations: Operations | None = None) -> Grammar:
    """Return the grammar of a dialect over a table of operations, the default one if none is given.

    Raises `GraphgradError` for one that is not known.

    >>> grammar_of("graphgrad").dialect
    'graphgrad'
    """
    if dialect not in DIALECTS:
        hint = suggestion(dialect, DIALECTS, f"the dialects are {', '.join(DIALECTS)}")
        raise GraphgradError(f"unknown dialect {dialect!r}", hint=hint)
    module, function = DIALECTS[dialect]
    grammar: Grammar = getattr(import_module(module), function)(operations or OPERATIONS)
    return grammar
