"""Write pictures in their formats."""

__all__: list[str] = []
