"""Expressions as computational graphs: run forward and backward, checked against sympy, drawn."""

from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import (
    DomainError,
    ExpressionError,
    ExpressionSyntaxError,
    FileError,
    GraphgradError,
    LimitError,
    RenderError,
    ShapeError,
    UnknownNameError,
)
from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.analysis.explain.chain import Chain, Factor, Formula, Gathered, Meaning, Path, Uses
    from graphgrad.analysis.explain.explanation import Explanation
    from graphgrad.analysis.lens import Lens, LensRow
    from graphgrad.analysis.minimize_options import MinimizeKeywords
    from graphgrad.analysis.minimum import Minimum, Point
    from graphgrad.analysis.sensitivities import Change, Influence, Sensitivity
    from graphgrad.analysis.tornado import Bar
    from graphgrad.analysis.ulp_distances import Distances
    from graphgrad.analysis.uncertainties import Part, Propagation
    from graphgrad.api.derivatives import Derivatives
    from graphgrad.api.functions import check_grad, from_sympy, function, minimize, trace
    from graphgrad.api.graph import Graph, parse
    from graphgrad.api.loading import from_json, load
    from graphgrad.api.result import Backprop
    from graphgrad.api.tornado import Tornado
    from graphgrad.api.workbook import WorkbookGraph, from_workbook
    from graphgrad.backprop.blame import Blame
    from graphgrad.backprop.doubts import Doubt
    from graphgrad.check.check_grad_options import CheckGradKeywords
    from graphgrad.check.report import Coverage, Report, Row
    from graphgrad.check.sympy_formula import SympyDerivative
    from graphgrad.compile.blame_rows import RowBlame
    from graphgrad.compile.protocol import Compiled
    from graphgrad.compile.row_analysis import RowPropagation, RowSensitivity
    from graphgrad.draw.options import FrameKeywords, PictureKeywords
    from graphgrad.draw.theme import Palette, Theme
    from graphgrad.namespaces.value_types import ManyDigits
    from graphgrad.ops.kink import Kink
    from graphgrad.ops.op import ArrayOp, Interval, Naturals, Op
    from graphgrad.ops.operations import Operations
    from graphgrad.ops.table import OPERATIONS
    from graphgrad.sheets.comparison import CellDifference, Comparison
    from graphgrad.tables.blame_points import BlamedRow
    from graphgrad.tables.options import TableKeywords
    from graphgrad.tables.report import TableReport, WrongTexts
    from graphgrad.tables.summary import Driver, Summary

__all__ = [
    "OPERATIONS",
    "ArrayOp",
    "Backprop",
    "Bar",
    "Blame",
    "BlamedRow",
    "CellDifference",
    "Chain",
    "Change",
    "CheckGradKeywords",
    "Comparison",
    "Compiled",
    "Coverage",
    "Derivatives",
    "Distances",
    "DomainError",
    "Doubt",
    "Driver",
    "Explanation",
    "ExpressionError",
    "ExpressionSyntaxError",
    "Factor",
    "FileError",
    "Formula",
    "FrameKeywords",
    "Gathered",
    "Graph",
    "GraphgradError",
    "Influence",
    "Interval",
    "Kink",
    "Lens",
    "LensRow",
    "LimitError",
    "ManyDigits",
    "Meaning",
    "MinimizeKeywords",
    "Minimum",
    "Naturals",
    "Op",
    "Operations",
    "Palette",
    "Part",
    "Path",
    "PictureKeywords",
    "Point",
    "Propagation",
    "RenderError",
    "Report",
    "Row",
    "RowBlame",
    "RowPropagation",
    "RowSensitivity",
    "Sensitivity",
    "ShapeError",
    "Summary",
    "SympyDerivative",
    "TableKeywords",
    "TableReport",
    "Theme",
    "Tornado",
    "UnknownNameError",
    "Uses",
    "WorkbookGraph",
    "WrongTexts",
    "__version__",
    "check_grad",
    "from_json",
    "from_sympy",
    "from_workbook",
    "function",
    "load",
    "minimize",
    "parse",
    "trace",
]

__version__ = "0.1.0"

_LOADED_WHEN_USED: Final = {
    "analysis.explain.chain": ("Chain", "Factor", "Formula", "Gathered", "Meaning", "Path", "Uses"),
    "analysis.explain.explanation": ("Explanation",),
    "analysis.lens": ("Lens", "LensRow"),
    "analysis.minimize_options": ("MinimizeKeywords",),
    "analysis.minimum": ("Minimum", "Point"),
    "analysis.sensitivities": ("Change", "Influence", "Sensitivity"),
    "analysis.tornado": ("Bar",),
    "analysis.ulp_distances": ("Distances",),
    "analysis.uncertainties": ("Part", "Propagation"),
    "api.derivatives": ("Derivatives",),
    "api.functions": ("check_grad", "from_sympy", "function", "minimize", "trace"),
    "api.graph": ("Graph", "parse"),
    "api.loading": ("from_json", "load"),
    "api.result": ("Backprop",),
    "api.tornado": ("Tornado",),
    "api.workbook": ("WorkbookGraph", "from_workbook"),
    "backprop.blame": ("Blame",),
    "check.check_grad_options": ("CheckGradKeywords",),
    "backprop.doubts": ("Doubt",),
    "check.report": ("Coverage", "Report", "Row"),
    "check.sympy_formula": ("SympyDerivative",),
    "compile.blame_rows": ("RowBlame",),
    "compile.protocol": ("Compiled",),
    "compile.row_analysis": ("RowPropagation", "RowSensitivity"),
    "draw.options": ("FrameKeywords", "PictureKeywords"),
    "draw.theme": ("Palette", "Theme"),
    "namespaces.value_types": ("ManyDigits",),
    "ops.kink": ("Kink",),
    "ops.op": ("ArrayOp", "Interval", "Naturals", "Op"),
    "ops.operations": ("Operations",),
    "ops.table": ("OPERATIONS",),
    "sheets.comparison": ("CellDifference", "Comparison"),
    "tables.blame_points": ("BlamedRow",),
    "tables.options": ("TableKeywords",),
    "tables.report": ("TableReport", "WrongTexts"),
    "tables.summary": ("Driver", "Summary"),
}


if not TYPE_CHECKING:  # a type checker is to know what is not there
    __getattr__, _ = lazy_face(
        __name__, {name: f"{__name__}.{module}" for module, names in _LOADED_WHEN_USED.items() for name in names}
    )


def __dir__() -> list[str]:
    """Return the public names, for tab completion."""
    return __all__


def load_ipython_extension(shell: object) -> None:
    """Make the cell magic `%%graphgrad` known to IPython: `%load_ext graphgrad`."""
    from graphgrad.ext.ipython import load_ipython_extension as load

    load(shell)
