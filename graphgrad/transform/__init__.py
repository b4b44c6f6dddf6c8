"""Graph to graph: derivatives, opened composites, tracing, from and to sympy."""

__all__: list[str] = []
