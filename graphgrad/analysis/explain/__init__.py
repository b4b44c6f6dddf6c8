"""Explain a derivative by the chain rule, step by step."""

__all__: list[str] = []
