"""Write the completion of the command for a shell, by shtab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.extras import install

if TYPE_CHECKING:
    import argparse

__all__ = ["completion"]

FILES: Final = frozenset(["output", "file", "data", "out", "plugin"])
"""The options that take a file, by their destination."""


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that completes the command's options, their choices and files in a shell.

    Raises `GraphgradError` where shtab is not installed.

    >>> from graphgrad.cli.options import option_parser
    >>> "--wrt" in completion(option_parser(), "bash")
    True
    """
    try:
        import shtab
    except ImportError:
        raise GraphgradError("completion needs shtab, which is not installed", hint=install("completion")) from None
    for action in parser._actions:  # noqa: SLF001  argparse lists them nowhere else
        if action.dest in FILES:
            described: Any = action
            described.complete = shtab.FILE
    return str(shtab.complete(parser, shell))
