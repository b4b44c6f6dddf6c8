"""Expressions as computational graphs: run forward and backward, checked against sympy, drawn."""

from graphgrad.api.functions import check_grad, from_sympy, minimize, trace
from graphgrad.api.graph import Graph, parse
from graphgrad.api.loading import from_json, load
from graphgrad.api.result import Backprop
from graphgrad.base.errors import (
    DomainError,
    ExpressionError,
    ExpressionSyntaxError,
    GraphgradError,
    LimitError,
    RenderError,
    ShapeError,
    UnknownNameError,
)

__all__ = [
    "Backprop",
    "DomainError",
    "ExpressionError",
    "ExpressionSyntaxError",
    "Graph",
    "GraphgradError",
    "LimitError",
    "RenderError",
    "ShapeError",
    "UnknownNameError",
    "__version__",
    "check_grad",
    "from_json",
    "from_sympy",
    "load",
    "load_ipython_extension",
    "minimize",
    "parse",
    "trace",
]

__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """Make the cell magic `%%graphgrad` known to IPython: `%load_ext graphgrad`."""
    from graphgrad.ext.ipython import load_ipython_extension as load

    load(shell)
