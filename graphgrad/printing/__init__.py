"""A graph as text, as a program, as LaTeX, and as a list of operations."""

__all__: list[str] = []
