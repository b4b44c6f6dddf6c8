"""Run a large tape in batches of equal operations: forward for the values, backward in place for the adjoints."""

__all__: list[str] = []
