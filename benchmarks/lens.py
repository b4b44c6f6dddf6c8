"""Measure how well the lens finds the node where digits die, and whether its estimates add up to the error.

    python benchmarks/lens.py

Cancellations are planted into the reference corpus: where u is a formula f, or a name in it, u becomes (u + K) - K, and
so on, for a K that takes most digits. The node to blame is known by how it was planted. The error is that against 50
digits. Prints how often the lens names the right node in the value and in a gradient, how often the estimates add up to
the true error within a factor of 2, and how often the bound covers it.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import graphgrad as gg
from graphgrad.backprop.passes import rational

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.analysis.lens import Lens

__all__ = ["Planted", "Score", "cancellations", "scores"]

CORPUS: Final = Path(__file__).parents[1] / "tests" / "data" / "open.jsonl"
COUNT: Final = 200

IN_VALUES: Final = (
    ("(({u}) + {k}) - {k}", "({u}) + {k}"),
    ("{k} - ({k} - ({u}))", "{k} - ({u})"),
    ("sqrt(({u})**2 + {k}**2) - {k}", "sqrt(({u})**2 + {k}**2)"),
    ("exp(sin({u})/{k}) - 1", "exp(sin({u})/{k})"),
    ("1 - cos(sin({u})/{k}*1e6)", "cos(sin({u})/{k}*1e6)"),
    ("log(1 + (sin({u})/{k}*1e6)**2)", "1 + (sin({u})/{k}*1e6)**2"),
)
"""Formulas whose values lose digits, for a formula u and a constant k, and the node whose rounding takes them."""

IN_GRADIENTS: Final = (
    ("(exp(sin({u})/{k}) - 1)/(sin({u})/{k})", "exp(sin({u})/{k})"),
    ("(1 - cos(sin({u})/{k}*1e6))/(sin({u})/{k}*1e6)**2", "cos(sin({u})/{k}*1e6)"),
    ("log(1 + sin({u})/{k})/(sin({u})/{k})", "1 + sin({u})/{k}"),
)
"""The same for formulas whose gradients lose digits."""

MAX_ORDERS: Final = 120
"""The most decimal orders of a formula's size, so that the constant is a float."""

RELATIVE: Final = 3
"""How many of the formulas take a constant that is large beside u; in the others, u is divided by it."""


class Planted(NamedTuple):
    """A formula with a cancellation, the text of the node to blame, and the point."""

    text: str
    guilty: str
    at: dict[str, float]


class Score(NamedTuple):
    """How often something held, of how many."""

    held: int
    of: int

    def __str__(self) -> str:
        """Return counts and percentage."""
        return f"{self.held} of {self.of} ({100 * self.held / max(self.of, 1):.1f} %)"


def cancellations(kinds: tuple[tuple[str, str], ...]) -> Iterator[Planted]:
    """Yield planted formulas, one per formula of the corpus, the kinds in turn."""
    for number, line in enumerate(CORPUS.read_text(encoding="utf-8").splitlines()):
        formula = json.loads(line)
        at = {name: float(x) for name, x in formula["points"][0]["at"].items()}
        size = abs(gg.parse(formula["expr"]).backprop(at).value)
        place = number % len(kinds)
        scale = size if kinds is IN_VALUES and place < RELATIVE else 1.0
        if size and abs(math.log10(scale)) < MAX_ORDERS:
            constant = f"{scale * 1e11:.3g}"
            text, guilty = (form.format(u=formula["expr"], k=constant) for form in kinds[place])
            yield Planted(text, guilty, at)


def scores(count: int = COUNT) -> dict[str, Score]:
    """Return how often the right node is named, the estimates add up, and the bound covers the error."""
    named, added, covered = [], [], []
    for kinds in (IN_VALUES, IN_GRADIENTS):
        for planted in islice(cancellations(kinds), count):
            graph = gg.parse(planted.text)
            result = graph.backprop(planted.at)
            right = graph.backprop({name: Fraction(x) for name, x in planted.at.items()}, precision=80)
            name = max(result.grad, key=lambda name: abs(result.grad[name]))
            lenses = {"value": result.lens(), "gradient": result.lens(name)}
            named.append(is_named(lenses["value" if kinds is IN_VALUES else "gradient"], planted))
            for lens, theirs in ((lenses["value"], right.value), (lenses["gradient"], right.grad[name])):
                error = Fraction(lens.number) - Fraction(rational(theirs))
                covered.append(lens.bound is not None and abs(error) <= 4 * Fraction(lens.bound))
                if error:
                    added.append(lens.error is not None and adds_up(lens, error, theirs))
    return {
        "the guilty node is named": Score(sum(named), len(named)),
        "the estimates add up within a factor of 2": Score(sum(added), len(added)),
        "the error is within 4 times the bound": Score(sum(covered), len(covered)),
    }


def is_named(lens: Lens, planted: Planted) -> bool:
    """Tell whether the worst row is the planted node."""
    start, end = lens.worst.span
    return planted.text[start:end].strip("()") == planted.guilty.strip("()")


def adds_up(lens: Lens, error: Fraction, right: Any) -> bool:
    """Tell whether the sum of the estimates is the error, within a factor of 2 and of its sign."""
    ratio = Fraction(sum((row.error or 0.0) for row in lens.rows) * unit(lens)) / error
    return 1 <= 2 * ratio <= 4 or abs(error) < abs(rational(right)) / 10**70  # noqa: PLR2004  within a factor of 2


def unit(lens: Lens) -> float:
    """Return the ulp in which a lens measures."""
    return float(lens.bound / lens.ulps) if lens.ulps else 0.0


def main() -> None:
    """Print the scores."""
    for what, score in scores().items():
        print(f"{what}: {score}")


if __name__ == "__main__":
    main()
