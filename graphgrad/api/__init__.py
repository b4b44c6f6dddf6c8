"""What a user of the library holds."""

__all__: list[str] = []
