"""Runs a tape."""

__all__: list[str] = []
