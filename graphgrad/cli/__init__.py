"""The command."""

__all__: list[str] = []
