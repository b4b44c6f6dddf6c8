"""Define the methods of a compiled function that look at many rows: its check, its blame, and both analyses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from graphgrad.base.arguments import mapping_of
from graphgrad.compile.columns.partitions import by_partition, is_partitioned

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.check.report import Report
    from graphgrad.compile.blame_rows import RowBlame
    from graphgrad.graph.data import GraphData

    Run = Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]]

__all__ = ["RowMethods"]


class RowMethods(ABC):
    """The methods, of a graph and of the function that it has become."""

    graph: GraphData
    wrt: tuple[str, ...]
    compiled: Any

    @abstractmethod
    def by_row(self, numbers: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return value and gradient for NumPy arrays and numbers, of which one is an array if there is any."""

    @abstractmethod
    def derived_by(self, names: tuple[str, ...]) -> Run:
        """Return the function of arrays with the derivatives by these inputs."""

    def check(self, columns: Any = None, rows: int = 100) -> Report:
        """As `Compiled` says."""
        from graphgrad.compile.self_check import check_rows

        return check_rows(self.graph, self.compiled, columns, rows)

    def blame(self, columns: Any, rows: int = 3) -> tuple[RowBlame, ...]:
        """As `Compiled` says."""
        from graphgrad.compile.blame_rows import blame_rows

        return blame_rows(self.graph, self.compiled, columns, rows)

    def propagate(self, columns: Any, errors: Any, *, at: Any = None, names: Any = None) -> Any:
        """As `Compiled` says."""
        from graphgrad.compile.row_analysis import propagate_rows
        from graphgrad.compile.rows import Given

        if is_partitioned(columns):
            options = {"errors": errors, "at": at, "names": names}
            return by_partition(self.compiled, self.propagate.__name__, columns, options)
        return propagate_rows(Given(self.graph, columns, mapping_of(at, "at"), names), self.derived_by, errors)

    def sensitivity(self, columns: Any, *, at: Any = None, names: Any = None) -> Any:
        """As `Compiled` says."""
        from graphgrad.compile.row_analysis import sensitivity_rows
        from graphgrad.compile.rows import Given

        if is_partitioned(columns):
            return by_partition(self.compiled, self.sensitivity.__name__, columns, {"at": at, "names": names})
        return sensitivity_rows(Given(self.graph, columns, mapping_of(at, "at"), names), self.by_row, self.wrt)
