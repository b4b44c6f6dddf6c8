"""The interactive HTML page."""

__all__: list[str] = []
