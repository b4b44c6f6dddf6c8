"""Runs a tape over columns: arrays of rows, block by block on every core, or in another array library."""

from graphgrad.columns.door import columns, is_column
from graphgrad.columns.library import library_of, run_in
from graphgrad.columns.plan import Planner
from graphgrad.columns.program import Program
from graphgrad.columns.source import NumPy

__all__ = ["NumPy", "Planner", "Program", "columns", "is_column", "library_of", "run_in"]
