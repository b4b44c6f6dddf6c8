"""Statements to a graph in which equal subexpressions are one node."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.graph.builder import build as build
else:
    __getattr__, __dir__ = lazy_face(__name__)
