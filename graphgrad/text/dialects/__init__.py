"""Dialects: how other programs write formulas, each as a grammar that the one parser reads."""

__all__: list[str] = []
