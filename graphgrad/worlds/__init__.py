"""Between worlds: graphs from sympy's expressions and Python's functions, and back to sympy."""

__all__: list[str] = []
