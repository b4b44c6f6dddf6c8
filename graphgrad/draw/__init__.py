"""Annotated graphs as pictures: boxes and arrows first, then DOT, SVG, PNG, PDF, or text for a terminal."""

__all__: list[str] = []
