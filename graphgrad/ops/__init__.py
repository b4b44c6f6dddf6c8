"""The operations: what a row of the table is, and the table."""

__all__: list[str] = []
