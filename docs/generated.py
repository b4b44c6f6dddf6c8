"""Generate the command's help from graphgrad itself."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from graphgrad.cli import command as cli

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]


class Help(SphinxDirective):
    """A directive that shows the output of `graphgrad --help`."""

    def run(self) -> list[nodes.Node]:
        """Return the help as a block of code."""
        self.env.note_reread()  # the options may change without the document
        text = help_text()
        return [nodes.literal_block(text, text, language="text")]


def help_text() -> str:
    """Return the output of `graphgrad --help`."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        cli.main(["--help"])
    return printed.getvalue()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    app.add_directive("graphgrad-help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
