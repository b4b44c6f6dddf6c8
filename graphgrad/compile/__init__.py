"""Compiled functions of a graph."""

__all__: list[str] = []
