"""Text to statements: tokens, vocabulary, the parser."""

__all__: list[str] = []
