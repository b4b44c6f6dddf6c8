"""The tape: a graph as a list of steps, its two sweeps, and the derivative written on a tape."""

__all__: list[str] = []
