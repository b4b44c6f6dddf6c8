"""Optimize a tape: constant folding, strength reduction, algebraic simplification, lowering to a target."""

__all__: list[str] = []
