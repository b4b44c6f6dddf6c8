"""The function of one point that returns a plain tuple: in Python, or in machine code with an entry for CPython."""

__all__: list[str] = []
