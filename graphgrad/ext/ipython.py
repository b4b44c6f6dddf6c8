"""The magic `%%graphgrad` for Jupyter and IPython: a cell's expression as a checked picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import GraphgradError
from graphgrad.ext.block import header, read

if TYPE_CHECKING:
    from graphgrad.ext.block import Answer

__all__ = ["CellError", "graphgrad", "load_ipython_extension"]


class CellError(GraphgradError):
    """A cell cannot be computed, or its numbers are wrong; told without the lines of code that found it."""

    def __init__(self, told: str) -> None:
        """Keep what is told as it is laid out."""
        super().__init__(told.partition("\n")[0])
        self.told = told

    def __str__(self) -> str:
        """What is told."""
        return self.told

    def _render_traceback_(self) -> list[str]:
        return self.told.splitlines()


def graphgrad(line: str, cell: str) -> Answer:
    """Return what a cell's expression or program asks for, which shows its picture; options stand in the magic's line.

    >>> graphgrad('at="x=3" fold', "x**2").result.grad
    {'x': 6.0}
    """
    try:
        answer = read(cell, header(line)).answer()
        refused = "" if answer._repr_mimebundle_() else "nothing is shown"
    except GraphgradError as error:
        refused = str(error)
    if fault := refused or answer.fault:
        raise CellError(fault)
    return answer


def load_ipython_extension(shell: Any) -> None:
    """Make `%%graphgrad` known: `%load_ext graphgrad`."""
    shell.register_magic_function(graphgrad, magic_kind="cell", magic_name="graphgrad")
