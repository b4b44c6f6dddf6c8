"""The Sphinx extension: a directive that draws an expression, computed and checked while the documents are built."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from graphgrad.base.errors import GraphgradError, RenderError
from graphgrad.base.files import write_whole
from graphgrad.ext.block import OPTIONS, header, line_of, read
from graphgrad.ext.pieces import paragraphs

try:
    from docutils import nodes
    from docutils.parsers.rst import directives
    from sphinx.util.docutils import SphinxDirective, SphinxRole
    from sphinx.util.logging import getLogger
except ImportError:
    raise GraphgradError("Sphinx is not installed", hint="pip install 'graphgrad[sphinx]'") from None

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.latex import LaTeXTranslator

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.ext.block import Answer, Block
    from graphgrad.ext.pieces import Paragraph

__all__ = ["GraphDirective", "NumberRole", "picture", "setup"]

VERSION: Final = 2
"""Of what a document keeps of a picture; a higher one reads all documents anew."""

LOGGER: Final = getLogger(__name__)
LATEX_FORMATS: Final = ("pdf", "png")
"""In the order of preference: only an installed Graphviz draws a PDF."""


class picture(nodes.General, nodes.Element):  # noqa: N801  docutils names nodes so
    """A drawn graph: `block` is what was asked for, `svg` and `html` the drawing, `alt` what it shows in words."""


def _unchanged(value: str | None) -> str:
    return value or ""


class GraphDirective(SphinxDirective):
    """Draws the expression in its first line, or the program in its body."""

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
        """Return the figure; what cannot be drawn stands there as text, below a warning."""
        text = "\n".join([*self.arguments, *self.content])
        written = self.config.graphgrad_options | {k: v for k, v in self.options.items() if k in OPTIONS}
        try:
            answer = read(text, written).answer()
            told = list(map(_explained, answer.explanations()))
            drawn = picture(block=answer.block, svg=answer.svg, html=answer.html(self.prefix()), alt=answer.alt)
        except GraphgradError as error:
            self.warn(str(error), error.kind, line_of(error, text))
            return [nodes.literal_block(text, text)]
        if answer.fault:
            self.warn(answer.fault, "check")
        return [self.figure(drawn, answer), *told]

    def prefix(self) -> str:
        """Return what makes the ids of a picture unique among all documents."""
        return nodes.make_id(f"graphgrad-{self.env.docname}-{self.env.new_serialno('graphgrad')}") + "-"

    def figure(self, drawn: picture, answer: Answer) -> nodes.Element:
        """Return the picture with all that stands around it."""
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
        """Report a fault in a line of the program; the document is read again in the next build, warning again."""
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
    """Writes the value of an expression, or its derivatives by what `wrt` names behind a bar: `x = 3; x**2 | wrt=x`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number; what cannot be computed stands there as it is, with a warning."""
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
        """Report a fault; the document is read again in the next build, warning again."""
        self.env.note_reread()
        LOGGER.warning(message, location=self.get_location(), type="graphgrad", subtype=subtype)


def _explained(explanation: Explanation) -> nodes.container:
    """Return an explanation as paragraphs, its formulas for Sphinx to typeset."""
    return nodes.container("", *map(_paragraph, paragraphs(explanation)), classes=["graphgrad-explanation"])


def _paragraph(paragraph: Paragraph) -> nodes.Element:
    if paragraph.kind == "display":
        [(_, tex)] = paragraph.pieces
        return nodes.math_block(tex, tex, nowrap=False, number=None)
    inner = [nodes.math(text, text) if kind == "math" else nodes.Text(text) for kind, text in paragraph.pieces]
    return nodes.paragraph("", "", *([nodes.strong("", "", *inner)] if paragraph.kind == "heading" else inner))


def visit_html(self: HTML5Translator, node: picture) -> None:
    """Put the SVG into the page, its text searchable, its colours following the reader's; a book plays nothing."""
    drawn = node["svg" if self.builder.name == "epub" else "html"]
    self.body.append(f'<div class="graphgrad-picture">\n{drawn}</div>\n')
    raise nodes.SkipNode


def visit_latex(self: LaTeXTranslator, node: picture) -> None:
    """Draw a PDF beside the document, or a PNG where no Graphviz is installed, and include it."""
    try:
        name = _file(node, Path(self.builder.outdir))
    except GraphgradError as error:
        LOGGER.warning(str(error), location=node, type="graphgrad", subtype=error.kind)
    else:
        self.body.append(rf"\sphinxincludegraphics{{{{{name}}}}}" + "\n")
    raise nodes.SkipNode


def _file(node: picture, folder: Path) -> str:
    """Draw into a file named by the picture's content, unless it is there, and return its name without the suffix."""
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
    """Say what the picture shows."""
    self.new_state()
    self.add_text(f"[{node['alt']}]")
    self.end_state()
    raise nodes.SkipNode


def visit_words(self: Any, node: picture) -> None:
    """Say what the picture shows."""
    self.visit_Text(nodes.Text(f"[{node['alt']}]"))
    self.body.append("\n\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> Mapping[str, Any]:
    """Make the extension known to Sphinx."""
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
    app.add_config_value("graphgrad_version", version("graphgrad"), "env", str)  # another one draws all pictures anew
    return {
        "version": version("graphgrad"),
        "env_version": VERSION,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
