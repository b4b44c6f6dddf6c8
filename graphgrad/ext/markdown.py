"""Define the fence `graphgrad` for Python-Markdown and MkDocs, as a custom fence of pymdownx.superfences."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from graphgrad.base.errors import GraphgradError
from graphgrad.ext.block import read

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fence", "options"]

LOGGER: Final = logging.getLogger("mkdocs.graphgrad")
"""A child of MkDocs' logger, so that a warning fails a strict build."""


EXPLANATION: Final = 'class="graphgrad-explanation" style="overflow-x: auto"'
"""Attributes of an explanation, whose lines may be longer than a phone is wide."""


def options(_language: str, inputs: Mapping[str, Any], options: dict[str, str], *_rest: Any) -> bool:
    """Accept all options in a fence's header: the `validator` of a custom fence."""
    options.update({name: "" if value in (None, True) else str(value) for name, value in inputs.items()})
    return True


def fence(source: str, _language: str, _class: str, options: Mapping[str, str], md: Any, **settings: Any) -> str:
    """Return a fence's picture as HTML: the `format` of a custom fence.

    Where it cannot be drawn, return its source with the error message, and log a warning.
    """
    try:
        answer = read(source, options).answer()
        drawn = answer.html(f"graphgrad-{md.htmlStash.html_counter}-")
        texts = [str(each) for each in answer.explanations("text")]
    except GraphgradError as error:
        LOGGER.warning("%s%s", _page(md), error)
        return f'<pre class="graphgrad-error"><code>{escape(source)}\n\n{escape(str(error))}</code></pre>'
    if answer.fault:
        LOGGER.warning("%s%s", _page(md), answer.fault)
    caption = answer.block["caption"]
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    explanations = "".join(f"\n<pre {EXPLANATION}><code>{escape(text)}</code></pre>" for text in texts)
    classes = escape(" ".join(["graphgrad-figure", *settings.get("classes", ())]), {'"': "&quot;"})
    return f'<figure class="{classes}">\n{drawn}{below}</figure>{explanations}'


def _page(md: Any) -> str:
    """Return the path of the page that MkDocs is building, for a warning; empty outside of MkDocs."""
    file = next((each.file for each in md.treeprocessors if hasattr(each, "file")), None)
    return f"{file.src_uri}: " if file else ""
