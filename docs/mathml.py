"""Write formulas as MathML, which browsers typeset without a script and without another server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

OPERATOR = re.compile(r"(?<=\\operatorname\{)[^{}]*(?=\})")


def mathml(tex: str, *, as_block: bool) -> str:
    """Return a formula as MathML; what docutils lacks or would print is written otherwise."""
    plain = OPERATOR.sub(lambda name: name[0].replace(r"\_", "_"), tex).replace(r"\mathbin{}", r"\,")
    return str(tex2mathml(plain, as_block=as_block))


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula within a line."""
    self.body.append(mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def visit_displaymath(self: Any, node: nodes.math_block) -> None:
    """Write a display formula in an element that scrolls, since it may be wider than a phone."""
    self.body.append(f'<div class="formula">{mathml(node.astext(), as_block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
