"""Write a tape as the source of a function: Python, NumPy, C, JavaScript."""

__all__: list[str] = []
