"""What every room stands on: errors, text for a terminal, files, time limits."""

__all__: list[str] = []
