"""Write lengths in few digits."""

from __future__ import annotations

__all__ = ["coordinates", "hundredths", "svg_point"]


def hundredths(length: float) -> str:
    """Return a length to a hundredth of a point.

    >>> hundredths(2.5), hundredths(-0.001)
    ('2.5', '0')
    """
    return f"{round(length, 2) + 0.0:.12g}"  # -0.0 + 0.0 is 0.0


def coordinates(x: float, y: float) -> str:
    """Return the coordinates of a point, each as `hundredths` gives it: a call for each would take most of the time.

    >>> coordinates(2.5, -0.001)
    '2.5,0'
    """
    return f"{round(x, 2) + 0.0:.12g},{round(y, 2) + 0.0:.12g}"


def svg_point(point: tuple[float, float]) -> str:
    """Return the coordinates of a point in an SVG, in which heights grow downwards, as `coordinates` does in one call.

    >>> svg_point((2.5, 4.0))
    '2.5,-4'
    """
    x, y = point
    return f"{round(x, 2) + 0.0:.12g},{round(-y, 2) + 0.0:.12g}"
