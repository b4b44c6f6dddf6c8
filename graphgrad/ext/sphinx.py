"""Define the Sphinx extension: a directive that computes, checks and draws an expression, and a role for a number."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError, RenderError
from graphgrad.base.extras import install
from graphgrad.base.files import write_whole
from graphgrad.ext.block import OPTIONS, header, line_of, read
from graphgrad.ext.pieces import paragraphs

try:
    from docutils import nodes
    from docutils.parsers.rst import directives
    from sphinx.util.docutils import SphinxDirective, SphinxRole
    from sphinx.util.logging import getLogger
except ImportError:
    raise GraphgradError("Sphinx is not installed", hint=install("sphinx")) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.latex import LaTeXTranslator

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.ext.block import Answer, Block
    from graphgrad.ext.pieces import Paragraph

__all__ = ["GraphDirective", "NumberRole", "picture", "setup"]

VERSION: Final = 3
"""The version of the pictures that Sphinx stores with a document; raising it makes Sphinx read all documents again."""

LOGGER: Final = getLogger(__name__)
LATEX_FORMATS: Final = ("pdf", "png")
"""Formats in the order of preference; a PDF needs the extra `print`."""


class picture(nodes.General, nodes.Element):  # noqa: N801  docutils names nodes so
    """A drawn graph: its `block`, the drawing as `svg` and as `html`, and its description `alt`."""


def _unchanged(value: str | None) -> str:
    return value or ""


class GraphDirective(SphinxDirective):
    """The directive `graphgrad`: draws the expression in its first line, or the program in its body."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        **dict.fromkeys(OPTIONS, _unchanged),
        "align": lambda value: directives.choice(value, ("left", "center", "right")),
        "class": directives.class_option,
        "name": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Return the figure and explanations; where it cannot be drawn, warn and return the program as text."""
        text = "\n".join([*self.arguments, *self.content])
        written = self.config.graphgrad_options | {k: v for k, v in self.options.items() if k in OPTIONS}
        try:
            answer = read(text, written).answer()
            explanations = list(map(_explained, answer.explanations()))
            drawn = picture(block=answer.block, svg=answer.svg, html=answer.html(self.prefix()), alt=answer.alt)
        except GraphgradError as error:
            self.warn(str(error), error.kind, line_of(error, text))
            return [nodes.literal_block(text, text)]
        if answer.fault:
            self.warn(answer.fault, "check")
        return [self.figure(drawn, answer), *explanations]

    def prefix(self) -> str:
        """Return a prefix that makes the ids of a picture unique among all documents."""
        return nodes.make_id(f"graphgrad-{self.env.docname}-{self.env.new_serialno('graphgrad')}") + "-"

    def figure(self, drawn: picture, answer: Answer) -> nodes.Element:
        """Return the figure around a picture: its caption, alignment, classes and name."""
        self.set_source_info(drawn)
        figure = nodes.figure("", drawn, align=self.options.get("align", "center"), classes=["graphgrad-figure"])
        figure["classes"] += self.options.get("class", [])
        self.set_source_info(figure)
        if answer.block["caption"]:
            inlines, messages = self.parse_inline(answer.block["caption"], lineno=self.lineno)
            figure += [nodes.caption(answer.block["caption"], "", *inlines), *messages]
        self.add_name(figure)
        return figure

    def warn(self, message: str, subtype: str, line: int | None = None) -> None:
        """Log a warning at a line of the program, and have the next build read the document again."""
        self.env.note_reread()
        LOGGER.warning(message, location=self.place(line), type="graphgrad", subtype=subtype)

    def place(self, line: int | None) -> str:
        """Return file and line of a line of the program, or of the directive."""
        source, first = self.get_source_info()
        lines = [(source, first + i) for argument in self.arguments for i in range(argument.count("\n") + 1)]
        lines += [(file, number + 1) for file, number in self.content.items]
        file, number = (source, first) if line is None else lines[line]
        return f"{file}:{number}"


class NumberRole(SphinxRole):
    """The role `graphgrad`: writes an expression's value or, with `wrt` behind a bar, its derivatives.

    For example `x = 3; x**2 | wrt=x`.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number; where it cannot be computed, warn and return the text as it is."""
        program, _, options = self.text.partition("|")
        try:
            answer = read(program.strip(), self.config.graphgrad_options | header(options)).answer()
        except GraphgradError as error:
            self.warn(str(error), error.kind)
            return [nodes.literal(self.text, self.text)], []
        if answer.fault:
            self.warn(answer.fault, "check")
        return [nodes.inline(self.text, answer.number, classes=["graphgrad-number"])], []

    def warn(self, message: str, subtype: str) -> None:
        """Log a warning, and have the next build read the document again."""
        self.env.note_reread()
        LOGGER.warning(message, location=self.get_location(), type="graphgrad", subtype=subtype)


def _explained(explanation: Explanation) -> nodes.container:
    """Return an explanation as paragraphs with math nodes, which Sphinx typesets."""
    return nodes.container("", *map(_paragraph, paragraphs(explanation)), classes=["graphgrad-explanation"])


def _paragraph(paragraph: Paragraph) -> nodes.Element:
    if paragraph.kind == "display":
        [(_, tex)] = paragraph.pieces
        return nodes.math_block(tex, tex, nowrap=False, number=None)
    inner = [nodes.math(text, text) if kind == "math" else nodes.Text(text) for kind, text in paragraph.pieces]
    return nodes.paragraph("", "", *([nodes.strong("", "", *inner)] if paragraph.kind == "heading" else inner))


def visit_html(self: HTML5Translator, node: picture) -> None:
    """Write the SVG inline, so that its text is searchable and it follows the page's colours; EPUB has no scripts."""
    drawn = node["svg" if self.builder.name == "epub" else "html"]
    self.body.append(f'<div class="graphgrad-picture">\n{drawn}</div>\n')
    raise nodes.SkipNode


def visit_latex(self: LaTeXTranslator, node: picture) -> None:
    """Draw a PDF beside the document, or a PNG where no Typst is installed, and include that file."""
    try:
        name = _file(node, Path(self.builder.outdir))
    except GraphgradError as error:
        LOGGER.warning(str(error), location=node, type="graphgrad", subtype=error.kind)
    else:
        self.body.append(rf"\sphinxincludegraphics{{{{{name}}}}}" + "\n")
    raise nodes.SkipNode


def _file(node: picture, folder: Path) -> str:
    """Draw into a file named by a hash of the picture, unless it exists, and return its name without the suffix."""
    name = f"graphgrad-{sha256(node['svg'].encode()).hexdigest()[:16]}"
    faults = list[RenderError]()
    for form in LATEX_FORMATS:
        try:
            if not (folder / f"{name}.{form}").exists():
                write_whole(folder / f"{name}.{form}", _drawn(node["block"], form))
        except RenderError as error:
            faults.append(error)
        else:
            return name
    raise faults[-1]


def _drawn(block: Block, form: str) -> bytes:
    return block.with_options(check="off").answer().picture(form)


def visit_text(self: Any, node: picture) -> None:
    """Write the picture's description."""
    self.new_state()
    self.add_text(f"[{node['alt']}]")
    self.end_state()
    raise nodes.SkipNode


def visit_words(self: Any, node: picture) -> None:
    """Write the picture's description."""
    self.visit_Text(nodes.Text(f"[{node['alt']}]"))
    self.body.append("\n\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> Mapping[str, Any]:
    """Register the extension with Sphinx."""
    app.add_node(
        picture,
        html=(visit_html, None),
        latex=(visit_latex, None),
        text=(visit_text, None),
        man=(visit_words, None),
        texinfo=(visit_words, None),
    )
    app.add_directive("graphgrad", GraphDirective)
    app.add_role("graphgrad", NumberRole())
    app.add_config_value("graphgrad_options", {}, "env", dict)
    app.add_config_value("graphgrad_version", version("graphgrad"), "env", str)  # a new version redraws all pictures
    return {
        "version": version("graphgrad"),
        "env_version": VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
