"""Run a tape over columns (arrays with one number per row), on NumPy or on another array library."""

__all__: list[str] = []
