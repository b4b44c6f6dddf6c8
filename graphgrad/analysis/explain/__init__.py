"""The chain rule in words, step by step."""

__all__: list[str] = []
