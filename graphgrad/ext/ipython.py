"""Define the magic `%%graphgrad` for Jupyter and IPython: draw and check a cell's expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.base.errors import GraphgradError
from graphgrad.ext.block import header, read

if TYPE_CHECKING:
    from graphgrad.ext.block import Answer

__all__ = ["CellError", "graphgrad", "load_ipython_extension"]


class CellError(GraphgradError):
    """A cell cannot be computed, or its check failed; shown in the notebook without a traceback."""

    def __init__(self, text: str) -> None:
        """Keep the whole text; its first line is the message."""
        super().__init__(text.partition("\n")[0])
        self.text = text

    def __str__(self) -> str:
        """Return the whole text."""
        return self.text

    def _render_traceback_(self) -> list[str]:
        return self.text.splitlines()


def graphgrad(line: str, cell: str) -> Answer:
    """Return the answer to a cell's expression or program, which the notebook shows as a picture.

    The magic's line holds the options. Raises `CellError` where the cell cannot be computed or its check fails.

    >>> graphgrad('at="x=3" fold', "x**2").result.grad
    {'x': 6.0}
    """
    try:
        answer = read(cell, header(line)).answer()
        answer._repr_mimebundle_()  # draws now, so that a picture that cannot be drawn fails the cell
    except GraphgradError as error:
        raise CellError(str(error)) from None
    if answer.fault:
        raise CellError(answer.fault)
    return answer


def load_ipython_extension(shell: Any) -> None:
    """Register `%%graphgrad`; called by `%load_ext graphgrad`."""
    shell.register_magic_function(graphgrad, magic_kind="cell", magic_name="graphgrad")
