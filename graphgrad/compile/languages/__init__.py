"""Write a tape as the source of a function, in Python, NumPy, C or JavaScript, or as an SQL query."""

__all__: list[str] = []
