"""Statements to a graph in which equal subexpressions are one node."""

__all__: list[str] = []
