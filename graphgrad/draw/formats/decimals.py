"""Write lengths in few digits."""

from __future__ import annotations

__all__ = ["hundredths"]


def hundredths(length: float) -> str:
    """Return a length to a hundredth of a point.

    >>> hundredths(2.5), hundredths(-0.001)
    ('2.5', '0')
    """
    text = f"{length:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
