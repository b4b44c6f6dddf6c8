"""Expressions as computational graphs: run forward and backward, checked against sympy, drawn."""

from graphgrad.api import Backprop, Graph, from_sympy, parse, trace
from graphgrad.errors import (
    DomainError,
    ExpressionError,
    ExpressionSyntaxError,
    GraphgradError,
    LimitError,
    RenderError,
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
    "UnknownNameError",
    "__version__",
    "from_sympy",
    "parse",
    "trace",
]

__version__ = "0.1.0"
