"""A workbook's cell as a graph: which cells it depends on, their formulas, and their values."""

__all__: list[str] = []
