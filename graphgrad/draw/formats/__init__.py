"""The formats of pictures."""

__all__: list[str] = []
