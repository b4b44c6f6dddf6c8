"""Point at a name in an option that is no input of the expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from graphgrad.api import text_arguments
from graphgrad.backprop.inputs import unknown_input
from graphgrad.base.errors import UnknownNameError
from graphgrad.text.quoted_names import name_and_rest, written

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from graphgrad.api.graph import Graph

__all__ = ["OF_VALUES", "refuse_unknown_names"]


class UnknownInOptionError(UnknownNameError):
    """A name in an `option` that is no input; `span` is that in the option."""

    def __init__(self, error: UnknownNameError, source: str, span: tuple[int, int], option: str) -> None:
        """Take the error of the name, and where it stands."""
        super().__init__(error.message, source, span, hint=error.hint)
        self.option = option


OF_VALUES: Final = ("at", "change", "error")
"""The options that give names a value each, by their destination; they may be repeated."""


def refuse_unknown_names(graph: Graph, options: argparse.Namespace) -> None:
    """Raise `UnknownNameError` for a name that is no input of the graph; it points at the name in the option."""
    for option, text, name in _named(options):
        if name not in graph.data.nodes:
            error, source = unknown_input(graph.data, name), f"{option} {text}"
            raise UnknownInOptionError(error, source, _place(source, name, len(option)), option)


def _named(options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield each name with its option and the option's text."""
    if options.wrt is not None:
        for name in text_arguments.names(options.wrt, "--wrt"):
            yield "--wrt", options.wrt, name
    for dest in OF_VALUES:
        for text in getattr(options, dest):
            for name in text_arguments.amounts(text, f"--{dest}"):
                yield f"--{dest}", text, name


def _place(source: str, name: str, start: int) -> tuple[int, int]:
    """Return the span of a name in an option: as a whole name, quoted or not, behind a blank or a comma.

    >>> _place("--at aa=1, a=2", "a", 4)
    (11, 12)
    """
    for form in (name, written(name)):
        for match in re.finditer(re.escape(form), source[start:]):
            first, last = start + match.start(), start + match.end()
            if source[first - 1] in " ,\t" and name_and_rest(source[first:])[0] == name:
                return first, last
    return start + 1, len(source)
