"""An expression in a document, and the options beside it: read here, once, for every tool."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.api import text_arguments as ask
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.ext.pieces import html
from graphgrad.namespaces.display import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal, Unpack

    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.api import graph as api
    from graphgrad.check.report import Report
    from graphgrad.draw.options import PictureKeywords

__all__ = ["OPTIONS", "Answer", "Block", "Option", "header", "line_of", "read"]

FRAME: Final = (
    'loading="lazy" style="width: 100%; height: 40rem; border: 0" '
    "onload=\"this.style.height = this.contentDocument.documentElement.scrollHeight + 'px'\""
)
"""A frame that becomes as high as what is in it."""


class Option(NamedTuple):
    """How an option is read, what holds where it is left out, and what it is for."""

    read: Callable[[str, str], Any]
    default: Any
    about: str


def _text(_name: str, value: str) -> str:
    return value.strip()


def _flag(name: str, value: str) -> bool:
    if value.strip() not in ("", name):
        raise GraphgradError(f"the option '{name}' takes no value", hint=f"write {name} alone, or leave it out")
    return True


def _names(name: str, value: str) -> tuple[str, ...]:
    return () if value.strip() in ("", name) else tuple(ask.names(value, name))


OPTIONS: Final[Mapping[str, Option]] = MappingProxyType(
    {
        "at": Option(_text, "", "the inputs' values: a=100, b=pi/2"),
        "wrt": Option(
            _text, "", "differentiate by these inputs (default: all); they name literals where there are none"
        ),
        "seed": Option(_text, "", "the adjoint of an output that is an array: [1, 0]"),
        "pass": Option(_text, "both", "what is drawn: forward, backward or both"),
        "theme": Option(_text, "textbook", "the look: textbook, record or minimal"),
        "fold": Option(_flag, default=False, about="draw constants inside the operation they belong to"),
        "local": Option(_flag, default=False, about="draw the local derivatives, as formula and as number"),
        "tree": Option(_flag, default=False, about="keep equal subexpressions apart instead of sharing them"),
        "exact": Option(_flag, default=False, about="compute with fractions instead of floats"),
        "check": Option(_text, "full", "hold the numbers against sympy: full, local or off"),
        "explain": Option(_names, None, "the chain rule step by step, for these inputs (default: all of the gradient)"),
        "page": Option(_flag, default=False, about="in HTML, the page that plays both passes instead of a picture"),
        "caption": Option(_text, "", "a line below the picture"),
        "alt": Option(_text, "", "what the picture shows, for those who cannot see it (default: told from the graph)"),
    }
)


def header(text: str) -> dict[str, str]:
    """Return the options that stand in one line: key="value", or the key alone.

    >>> header('at="x=3, y=5" fold')
    {'at': 'x=3, y=5', 'fold': ''}
    """
    try:
        parts = shlex.split(text)
    except ValueError:
        raise GraphgradError(f"a quotation mark is not closed: {text.strip()}", hint='write key="value"') from None
    pairs = [part.partition("=") for part in parts]
    names = [name for name, _, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise GraphgradError(f"the option '{twice}' stands there twice")
    return {name: value for name, _, value in pairs}


def read(text: str, written: Mapping[str, str]) -> Block:
    """Return the block of a program and the options written beside it.

    >>> read("x**2", {"at": "x=3"}).answer().result.grad
    {'x': 6.0}
    """
    if not text.strip():
        raise GraphgradError("there is no expression to draw", hint="write one, for example x**2")
    for name in written:
        _refuse_unknown(name)
    return Block(text, {name: OPTIONS[name].read(name, value) for name, value in written.items()})


def _refuse_unknown(name: str) -> None:
    if name not in OPTIONS:
        hint = suggestion(name, OPTIONS, f"options: {', '.join(OPTIONS)}")
        raise GraphgradError(f"there is no option '{name}'", hint=hint)


@dataclass(frozen=True, slots=True)
class Block:
    """A program in a document, and the options that it sets."""

    text: str
    options: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return what holds for an option."""
        return self.options.get(name, OPTIONS[name].default)

    def with_options(self, **options: Any) -> Block:
        """Return the block with some options set otherwise."""
        return replace(self, options={**self.options, **options})

    def answer(self) -> Answer:
        """Run both passes and the check; every fault is a `GraphgradError`."""
        wrt = ask.names(self["wrt"]) if self["wrt"] else None
        graph, how = ask.graph(self.text, wrt, share=not self["tree"]), {"exact": self["exact"]}
        seed = ask.value_of(self["seed"], "seed", "seed", how) if self["seed"] else None
        result = graph.backprop(ask.point(self["at"], **how), wrt, **how, seed=seed)
        return Answer(self, graph, result, result.check(self["check"]))


@dataclass(frozen=True)
class Answer:
    """What a block asks for: its graph, both passes, the check, and the picture."""

    block: Block
    graph: api.Graph
    result: api.Backprop[Any]
    report: Report

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""
        return self.block["alt"] or self.result.describe(passes=self.block["pass"])

    @property
    def fault(self) -> str:
        """What the check found wrong; empty where nothing failed."""
        return str(self.report) if self.report.failures else ""

    def explanations(self, form: Literal["text", "markdown", "latex"] = "markdown") -> list[Explanation]:
        """Return the chain rule for each input that the block wants explained."""
        wanted = self.block["explain"]
        return [] if wanted is None else [self.result.explain(name, form) for name in wanted or self.result.grad]

    @cached_property
    def svg(self) -> str:
        """The picture as it stands alone; raises `RenderError` where it cannot be drawn."""
        return self.picture().decode()

    def html(self, prefix: str = "") -> str:
        """Return the picture as it stands in an HTML page, its ids behind `prefix`; or the page, in a frame."""
        if not self.block["page"]:
            return self.picture(prefix=prefix).decode()
        page, title = escape(self.picture("html").decode()), escape(self.alt)
        return f'<iframe class="graphgrad-page" title="{title}" srcdoc="{page}" {FRAME}></iframe>\n'

    @property
    def number(self) -> str:
        """The value to look at or, where the block asks for derivatives, those."""
        asked = self.result.grad.values() if self.block["wrt"] else [self.result.value]
        return ", ".join(map(short, asked))

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self.result), "image/svg+xml": self.svg}
        told = "\n".join(map(html, self.explanations()))
        return {**bundle, "text/html": f"{self.html()}{told}"} if told or self.block["page"] else bundle

    def picture(self, form: str = "svg", **options: Unpack[PictureKeywords]) -> bytes:
        """Return the picture in a format; `options` of `Backprop.render` are the tool's own, beside the block's."""
        look: PictureKeywords = {
            "passes": self.block["pass"],
            "theme": self.block["theme"],
            "fold": self.block["fold"],
            "local": self.block["local"],
            "title": self.block["alt"] or None,
        }
        return self.result.render(form, **(look | options))


def line_of(error: GraphgradError, text: str) -> int | None:
    """Return in which line of a block's text a fault is, counted from 0; None where it is not in the text."""
    if isinstance(error, ExpressionError) and error.source == text:
        return text.count("\n", 0, error.span[0])
    return None
