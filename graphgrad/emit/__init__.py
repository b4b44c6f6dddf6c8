"""Writes a tape as the source of a function: Python, NumPy, C, JavaScript."""

from graphgrad.emit import special
from graphgrad.emit.c import C
from graphgrad.emit.javascript import JavaScript
from graphgrad.emit.point import Point
from graphgrad.emit.python import Python
from graphgrad.emit.source import Language, Signature, function

__all__ = ["C", "JavaScript", "Language", "Point", "Python", "Signature", "function", "special"]
