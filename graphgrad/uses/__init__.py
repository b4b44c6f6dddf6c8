"""What a gradient is for: what a change does, what an uncertainty does, where the least value is."""

__all__: list[str] = []
