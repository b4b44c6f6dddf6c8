"""Declare the functions of angles in degrees, exact at multiples of 30 and of 45 degrees."""

from __future__ import annotations

from typing import Any, Final

from graphgrad.ops.elementary import UNIT
from graphgrad.ops.op import Interval, Op

__all__ = ["FAMILIES"]

ACUTE: Final = Interval(0, 90)
TURN: Final = Interval(-360, 360)


def _reduced(m: Any, x: Any) -> tuple[Any, Any]:
    """Return an angle of at most 45 degrees, and the number of right angles taken off; exact for |x| < 2**53."""
    count = m.floor((2 * x + 90) / 180)
    return x - 90 * count, count - 4 * m.floor(count / 4)


def _sine(m: Any, x: Any) -> Any:
    """Return the sine of at most 45 degrees, exact at 30."""
    return m.where(m.eq(m.abs(x), 30), x / 60, m.sin(m.pi * x / 180))


def _turned(m: Any, x: Any, quarter: Any) -> Any:
    """Return the sine of x plus so many right angles, from 0 to 4."""
    size = m.where(m.eq(m.abs(quarter - 2), 1), m.cos(m.pi * x / 180), _sine(m, x))
    return m.where(m.le(m.abs(2 * quarter - 5), 1), -size, size)


def _sind(m: Any, x: Any) -> Any:
    rest, quarter = _reduced(m, x)
    return _turned(m, rest, quarter)


def _cosd(m: Any, x: Any) -> Any:
    rest, quarter = _reduced(m, x)
    return _turned(m, rest, m.where(m.eq(quarter, 3), 0, quarter + 1))


def _tand(m: Any, x: Any) -> Any:
    rest, quarter = _reduced(m, x)
    tangent = m.where(m.eq(m.abs(rest), 45), m.sign(rest), m.tan(m.pi * rest / 180))
    is_turned = m.eq(m.abs(quarter - 2), 1)
    return m.where(is_turned, -1 / m.where(is_turned, tangent, 1), tangent)


# fmt: off
DEGREES: Final = (
    Op("deg2rad", lambda m, x: m.pi * x / 180, d=(lambda m, z, x: m.pi / 180,), aliases=("radians",), rounding=2,
       witness=lambda mp, x: mp.radians(x), about="degrees in radians"),
    Op("rad2deg", lambda m, x: 180 * x / m.pi, d=(lambda m, z, x: 180 / m.pi,), aliases=("degrees",), rounding=2,
       witness=lambda mp, x: mp.degrees(x), about="radians in degrees"),
    Op("sind", lambda m, x: m.sind(x), d=(lambda m, z, x: m.pi / 180 * m.cosd(x),), on=(TURN,),
       stable_f=_sind, aliases=("sindg",), rounding=3, witness=lambda mp, x: mp.sin(mp.radians(x)),
       about="sine of degrees; 1/2 at 30"),
    Op("cosd", lambda m, x: m.cosd(x), d=(lambda m, z, x: -(m.pi / 180) * m.sind(x),), on=(TURN,),
       stable_f=_cosd, aliases=("cosdg",), rounding=3, witness=lambda mp, x: mp.cos(mp.radians(x)),
       about="cosine of degrees; 0 at 90"),
    Op("tand", lambda m, x: m.tand(x), d=(lambda m, z, x: m.pi / 180 * (1 + z**2),), on=(ACUTE,),
       stable_f=_tand, aliases=("tandg",), rounding=4, witness=lambda mp, x: mp.tan(mp.radians(x)),
       about="tangent of degrees; 1 at 45"),
    Op("asind", lambda m, x: 180 / m.pi * m.asin(x), d=(lambda m, z, x: 180 / m.pi / m.sqrt(1 - x**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: 180 / m.pi / m.sqrt((1 - x) * (1 + x))}, aliases=("arcsind",), rounding=3,
       witness=lambda mp, x: mp.degrees(mp.asin(x)), about="inverse sine in degrees"),
    Op("acosd", lambda m, x: 180 / m.pi * m.acos(x), d=(lambda m, z, x: -180 / m.pi / m.sqrt(1 - x**2),), on=(UNIT,),
       stable_d={0: lambda m, z, x: -180 / m.pi / m.sqrt((1 - x) * (1 + x))}, aliases=("arccosd",), rounding=3,
       witness=lambda mp, x: mp.degrees(mp.acos(x)), about="inverse cosine in degrees"),
    Op("atand", lambda m, x: 180 / m.pi * m.atan(x), d=(lambda m, z, x: 180 / m.pi / (1 + x**2),),
       stable_d={0: lambda m, z, x: 180 / m.pi * (1 / m.hypot(1, x))**2}, aliases=("arctand",), rounding=3,
       witness=lambda mp, x: mp.degrees(mp.atan(x)), about="inverse tangent in degrees"),
)
# fmt: on

FAMILIES: Final = {"Angles in degrees": DEGREES}
