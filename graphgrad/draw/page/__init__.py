"""The page that teaches."""

__all__: list[str] = []
