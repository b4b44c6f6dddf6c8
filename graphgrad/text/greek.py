"""The names of Greek letters."""

from __future__ import annotations

from typing import Final

__all__ = ["GREEK"]

NAMES: Final = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK: Final = frozenset(NAMES.split())
"""The Greek letters that LaTeX has a macro for."""
