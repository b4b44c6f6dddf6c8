"""Both passes at a point, and all that is told of them."""

__all__: list[str] = []
