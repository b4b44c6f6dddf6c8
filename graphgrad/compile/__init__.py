"""Compile a graph: optimize its tape, write it in a language, run it on points and columns."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.compile.batches.program import batched as batched
    from graphgrad.compile.columns.memory import LEAST as LEAST
    from graphgrad.compile.columns.memory import MOST as MOST
    from graphgrad.compile.columns.memory import Memory as Memory
    from graphgrad.compile.columns.reductions import Reductions as Reductions
    from graphgrad.compile.function import LARGEST as LARGEST
    from graphgrad.compile.interpreter import interpreted as interpreted
    from graphgrad.compile.languages.c import C as C
    from graphgrad.compile.languages.javascript import JavaScript as JavaScript
    from graphgrad.compile.languages.javascript_passes import Checked as Checked
    from graphgrad.compile.languages.language import Signature as Signature
    from graphgrad.compile.languages.python import Python as Python
    from graphgrad.compile.languages.python_point import Point as Point
    from graphgrad.compile.optimize.cancelling_sums import without_zeros as without_zeros
    from graphgrad.compile.optimize.lowering import lowered as lowered
    from graphgrad.compile.optimize.products_and_signs import CommutativeWriter as CommutativeWriter
    from graphgrad.compile.optimize.products_and_signs import simplified as simplified
else:
    __getattr__, __dir__ = lazy_face(__name__)
