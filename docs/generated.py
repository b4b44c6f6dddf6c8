"""Generate the table of options, and the command's help, from graphgrad itself."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Final

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from graphgrad.cli import command as cli
from graphgrad.ext.block import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

__all__ = ["setup"]

SPECIAL: Final = re.compile(r"[\\*`|_]")


class Generated(SphinxDirective):
    """A directive that generates reStructuredText."""

    def lines(self) -> Iterator[str]:
        """Yield the text, line by line."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the generated text."""
        self.env.note_reread()  # the tables may change without the document
        self.content = StringList(list(self.lines()), source=f"{self.env.doc2path(self.env.docname)} <{self.name}>")
        return self.parse_content_to_nodes(allow_section_headings=True)


def plain(text: str) -> str:
    """Return a text with the markup of reStructuredText escaped."""
    return SPECIAL.sub(r"\\\g<0>", text)


class Options(Generated):
    """The options of the directive, the fence and the magic."""

    def lines(self) -> Iterator[str]:
        """Yield a table with a row for each option."""
        yield from [".. list-table::", "   :widths: auto", ""]
        for name, option in OPTIONS.items():
            yield from [f"   * - ``{name}``", f"     - {plain(option.about)}"]
        yield ""


class Help(Generated):
    """The output of `graphgrad --help`."""

    def lines(self) -> Iterator[str]:
        """Yield the help as a code block."""
        yield from [".. code-block:: text", "", *(f"   {line}".rstrip() for line in help_text().splitlines())]


def help_text() -> str:
    """Return the output of `graphgrad --help`."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        cli.main(["--help"])
    return printed.getvalue()


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives with Sphinx."""
    app.add_directive("graphgrad-options", Options)
    app.add_directive("graphgrad-help", Help)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
