"""Builds the documentation: `sphinx-build -W docs docs/_build`; every picture is drawn and checked on the way."""

from __future__ import annotations

import sys
from pathlib import Path

import graphgrad

sys.path.insert(0, str(Path(__file__).parent))

project = "graphgrad"
author = "the graphgrad authors"
release = graphgrad.__version__
extensions = ["graphgrad.ext.sphinx", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "gallery", "mathml"]
default_role = "code"
exclude_patterns = ["_build"]
nitpicky = False

html_theme = "furo"
html_title = "graphgrad"
html_static_path = ["_static"]
html_css_files = ["graphgrad.css"]
html_math_renderer = "mathml"
html_show_copyright = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
