"""Lay out a scene."""

__all__: list[str] = []
