"""Typeset formulas: a tree of what the LaTeX printer writes, its Unicode reading, its places in a picture."""

__all__: list[str] = []
