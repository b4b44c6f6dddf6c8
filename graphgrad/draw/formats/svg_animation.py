"""Write the style sheet of an SVG that plays both passes step by step without a script."""

from __future__ import annotations

from typing import Final

__all__ = ["motion"]

PACE: Final = 1.2
"""Seconds of a step."""

HOLD: Final = 4
"""The number of steps for which the whole picture stays before it plays again."""


def motion(count: int, scope: str) -> str:
    """Return the rules for elements of the classes gg-s0 to gg-s`count`, which appear at that step, and for captions.

    Captions have the classes gg-t0 to gg-t`count` and replace each other. A pointer on the picture pauses it. Where the
    reader prefers no motion, or the viewer has no animations, everything is visible. `scope` is the picture's class.

    >>> print(motion(1, "gg").splitlines()[3])
    .gg .gg-t0 { animation: 7.2s step-end infinite gg-t0; }
    """
    whole = count + 1 + HOLD
    lines = []
    for step in range(count + 1):
        begin, end = 100 * step / whole, 100 * (step + 1) / whole
        last = {} if step == count else {end: 0}
        for name, steps in {f"s{step}": {begin: 1}, f"t{step}": {begin: 1, **last}}.items():
            lines.append(f".{scope} .gg-{name} {{ animation: {PACE * whole:g}s step-end infinite {scope}-{name}; }}")
            lines.append(_keyframes(f"{scope}-{name}", {0: int(step == 0), **steps}))
    lines.append(f".{scope}:hover * {{ animation-play-state: paused; }}")
    return "\n".join(["@media (prefers-reduced-motion: no-preference) {", *lines, "}", ""])


def _keyframes(name: str, opacities: dict[float, int]) -> str:
    steps = " ".join(f"{at:.3f}% {{ opacity: {opacity}; }}" for at, opacity in opacities.items())
    return f"@keyframes {name} {{ {steps} }}"
