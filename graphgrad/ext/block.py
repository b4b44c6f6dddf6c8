"""Read an expression in a document with the options beside it, and compute its answer; every extension uses this."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.api import text_arguments
from graphgrad.base.errors import ExpressionError, GraphgradError
from graphgrad.base.suggestion import suggestion
from graphgrad.draw.formats.mime_bundle import mime_bundle
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

FRAME: Final = 'loading="lazy" style="width: 100vw; max-width: 100%; height: 40rem; border: 0"'
"""Attributes of an iframe that fills its column, also one that shrinks to its content; its page sets the height."""


CHOICES: Final[Mapping[str, bool | str]] = {"yes": True, "no": False, "auto": "auto"}
"""What may be chosen for each picture."""


class Option(NamedTuple):
    """An option: the function that reads its value, its default, and a line of help."""

    read: Callable[[str, str], Any]
    default: Any
    about: str


def _text(_name: str, value: str) -> str:
    return value.strip()


def _flag(name: str, value: str) -> bool:
    if value.strip() not in ("", name):
        raise GraphgradError(f"the option '{name}' takes no value", hint=f"write {name} alone, or leave it out")
    return True


def _choice(name: str, value: str) -> bool | str:
    given = value.strip()
    if given not in CHOICES:
        raise GraphgradError(f"the option '{name}' cannot be {given!r}", hint=f"take {', '.join(CHOICES)}")
    return CHOICES[given]


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        message = f"the option '{name}' is no number: {value.strip()!r}"
        raise GraphgradError(message, hint="take a number, 735 for example") from None


def _names(name: str, value: str) -> tuple[str, ...]:
    return () if value.strip() in ("", name) else tuple(text_arguments.names(value, name))


OPTIONS: Final[Mapping[str, Option]] = MappingProxyType(
    {
        "at": Option(_text, "", "the inputs' values: a=100, b=pi/2"),
        "wrt": Option(
            _text, "", "differentiate by these inputs (default: all); they name literals where there are none"
        ),
        "seed": Option(_text, "", "the adjoint of an output that is an array: [1, 0]"),
        "pass": Option(_text, "both", "what is drawn: forward, backward or both"),
        "theme": Option(_text, "textbook", "the look: textbook, record or minimal"),
        "scheme": Option(_text, "auto", "light, dark, or auto: as the page is"),
        "fold": Option(_flag, default=False, about="draw constants inside the operation they belong to"),
        "local": Option(_flag, default=False, about="draw the local derivatives, as formula and as number"),
        "direction": Option(_text, "auto", "where values flow: right, down, rows, or as the width needs (auto)"),
        "nary": Option(_choice, "auto", "draw sums and products of many operands as one node: yes, no or auto"),
        "width": Option(_number, 735.0, "the column's width in pixels, in which text stays at least 8 pixels high"),
        "tree": Option(_flag, default=False, about="keep equal subexpressions apart instead of sharing them"),
        "exact": Option(_flag, default=False, about="compute with fractions instead of floats"),
        "check": Option(_text, "full", "hold the numbers against sympy: full, strict, local or off"),
        "explain": Option(_names, None, "the chain rule step by step, for these inputs (default: all of the gradient)"),
        "page": Option(_flag, default=False, about="in HTML, the page that plays both passes instead of a picture"),
        "caption": Option(_text, "", "a line below the picture"),
        "alt": Option(_text, "", "what the picture shows, for those who cannot see it (default: told from the graph)"),
    }
)


def header(text: str) -> dict[str, str]:
    """Return the options written in one line as key="value", or as the key alone.

    >>> header('at="x=3, y=5" fold')
    {'at': 'x=3, y=5', 'fold': ''}
    """
    try:
        parts = shlex.split(text)
    except ValueError:
        raise GraphgradError(f"a quotation mark is not closed: {text.strip()}", hint='write key="value"') from None
    pairs = [part.partition("=") for part in parts]
    names = [name for name, _, _ in pairs]
    if duplicate := next((name for name in names if names.count(name) > 1), None):
        raise GraphgradError(f"the option '{duplicate}' stands there twice")
    return {name: value for name, _, value in pairs}


def read(text: str, written: Mapping[str, str]) -> Block:
    """Return the block of a program and its options; raises `GraphgradError` for an unknown or a wrong option.

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
    """A program in a document, and the options that are set for it."""

    text: str
    options: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        """Return an option's value, or its default."""
        return self.options.get(name, OPTIONS[name].default)

    def with_options(self, **options: Any) -> Block:
        """Return the block with some options replaced."""
        return replace(self, options={**self.options, **options})

    def answer(self) -> Answer:
        """Run both passes and the check; raises `GraphgradError` for whatever is wrong in the block."""
        wrt = text_arguments.names(self["wrt"]) if self["wrt"] else None
        graph, exact = text_arguments.graph(self.text, wrt, share=not self["tree"]), self["exact"]
        seed = text_arguments.value_of(self["seed"], "seed", "seed", {"exact": exact}) if self["seed"] else None
        result = graph.backprop(text_arguments.point(self["at"], exact=exact), wrt, exact=exact, seed=seed)
        return Answer(self, graph, result, result.check(self["check"]))


@dataclass(frozen=True)
class Answer:
    """The answer to a block: its graph, both passes, the report of the check, and the picture."""

    block: Block
    graph: api.Graph
    result: api.Backprop[Any]
    report: Report

    @property
    def alt(self) -> str:
        """The picture's description in words."""
        return self.block["alt"] or self.result.describe(**self.looks)

    @property
    def fault(self) -> str:
        """The check's report where it fails the block's level of checking, else an empty text."""
        return self.report.fault(self.block["check"])

    def explanations(self, form: Literal["text", "markdown", "latex"] = "markdown") -> list[Explanation]:
        """Return the chain rule in words for each input that the block's `explain` names."""
        wanted = self.block["explain"]
        return [] if wanted is None else [self.result.explain(name, form) for name in wanted or self.result.grad]

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG file's text; raises `RenderError` where it cannot be drawn."""
        return self.picture().decode()

    def html(self, prefix: str = "") -> str:
        """Return the picture as inline SVG with `prefix` before its ids; with the option `page`, a framed page."""
        if not self.block["page"]:
            return self.picture(prefix=prefix).decode()
        page, title = escape(self.picture("html").decode()), escape(self.alt)
        return f'<iframe class="graphgrad-page" title="{title}" srcdoc="{page}" {FRAME}></iframe>\n'

    @property
    def number(self) -> str:
        """The value as text or, where the block has `wrt`, the derivatives."""
        numbers = self.result.grad.values() if self.block["wrt"] else [self.result.value]
        return ", ".join(map(short, numbers))

    def _repr_mimebundle_(self, **_wanted: Any) -> dict[str, str]:
        bundle = {"text/plain": repr(self.result), **mime_bundle(self.svg)}
        explanations = "\n".join(map(html, self.explanations()))
        if not explanations and not self.block["page"]:
            return bundle
        return {**bundle, "text/html": f"{self.html()}{explanations}"}

    def picture(self, form: str = "svg", **options: Unpack[PictureKeywords]) -> bytes:
        """Return the picture in a format; `options` of `Backprop.render` override those of the block."""
        return self.result.render(form, **(self.looks | options))

    @property
    def looks(self) -> PictureKeywords:
        """The options of the picture."""
        return {
            "passes": self.block["pass"],
            "theme": self.block["theme"],
            "scheme": self.block["scheme"],
            "fold": self.block["fold"],
            "local": self.block["local"],
            "direction": self.block["direction"],
            "nary": self.block["nary"],
            "width": self.block["width"],
            "title": self.block["alt"] or None,
        }


def line_of(error: GraphgradError, text: str) -> int | None:
    """Return the line of a block's text that an error points at, counted from 0; None where it points elsewhere."""
    if isinstance(error, ExpressionError) and error.source == text:
        return text.count("\n", 0, error.span[0])
    return None
