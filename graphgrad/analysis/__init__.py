"""What a gradient is for: sensitivity, uncertainty, minimising, distances in ulps, explanations."""

__all__: list[str] = []
