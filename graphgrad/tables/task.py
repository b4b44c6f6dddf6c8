"""Describe what each row of a table gets; a task is pickled and sent to workers as it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphgrad.graph.data import GraphData

__all__ = ["Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """The formula, the inputs it is differentiated by, and the constants for inputs that are no column.

    `wrt` None stands for all inputs.
    """

    graph: GraphData
    wrt: tuple[str, ...] | None = None
    constants: Mapping[str, float] = field(default_factory=dict)
    value_name: str = "value"
