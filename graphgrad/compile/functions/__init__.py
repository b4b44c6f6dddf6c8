"""The functions of columns as formulas of additions, products and bits: *schemes*, read as machine code or in NumPy."""

__all__: list[str] = []
