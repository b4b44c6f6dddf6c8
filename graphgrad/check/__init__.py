"""Hold the numbers of both passes against sympy, and say how far off each one is."""

__all__: list[str] = []
