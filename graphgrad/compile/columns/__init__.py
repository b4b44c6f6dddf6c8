"""Run a tape over columns: arrays of rows, block by block on every core, or in another array library."""

__all__: list[str] = []
