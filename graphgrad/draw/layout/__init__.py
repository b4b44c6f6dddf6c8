"""Lay out a scene: sizes, a layout engine, the places of lines and labels."""

__all__: list[str] = []
