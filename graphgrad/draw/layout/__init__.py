"""Where the parts of a picture lie."""

__all__: list[str] = []
