"""Configure Sphinx: `sphinx-build -W docs docs/_build` builds the documentation, and draws and checks every picture."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import graphgrad

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

project = "graphgrad"
author = "the graphgrad authors"
release = graphgrad.__version__
extensions = [
    "graphgrad.ext.sphinx",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_parser",
    "generated",
    "markdown_pages",
    "mathml",
]
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["math"]
default_role = "code"
exclude_patterns = ["_build", "scale.md"]  # a page to download
nitpicky = False

html_theme = "furo"
html_title = "graphgrad"
html_static_path = ["_static"]
html_css_files = ["graphgrad.css"]
html_math_renderer = "mathml"
html_show_copyright = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the overloads of `Graph.backprop` would fill a screen


def defining_module(_app: Sphinx, module: str, name: str) -> str | None:
    """Return the module that defines a public name, for the link to its source: names say they are the root's."""
    if module != graphgrad.__name__:
        return None
    imports = [node for node in ast.walk(ast.parse(inspect.getsource(graphgrad))) if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}.get(name.partition(".")[0])


def setup(app: Sphinx) -> None:
    """Register the event handler with Sphinx."""
    app.connect("viewcode-follow-imported", defining_module)
