"""Measure how often blame names the node that made a number nan, infinite or 0, and that it is silent otherwise.

    python benchmarks/blame.py

A node that makes a value or a derivative nan, infinite or 0 is planted into formulas of the reference corpus, and the
blame, or the error where a number is nan, has to point at that node. On the corpus's own points, where no number is
infinite or 0, there must be none.
"""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PLANTED", "Planted", "false_blames", "is_named", "planted"]

CORPUS: Final = Path(__file__).parents[1] / "tests" / "data" / "open.jsonl"
COUNT: Final = 100

PLANTED: Final = (
    ("({u})*relu(zz)", "relu(zz)", -3.0, "value"),
    ("relu(zz)*3 + ({u})", "relu(zz)", -3.0, "∂/∂zz"),
    ("floor(zz)*({u})", "floor(zz)", 2.5, "∂/∂zz"),
    ("({u})*exp(-zz)", "exp(-zz)", 1e4, "value"),
    ("tanh(zz) + ({u})", "tanh(zz)", 1e3, "∂/∂zz"),
    ("where(zz > 0, {u}, zz**2)", "where(zz > 0, {u}, zz**2)", 1.0, "∂/∂zz"),
    ("max(zz, 1e3) + ({u})", "max(zz, 1e3)", 1.0, "∂/∂zz"),
    ("exp(zz) + ({u})", "exp(zz)", 800.0, "value"),
    ("exp(zz) + ({u})", "exp(zz)", 800.0, "∂/∂zz"),
    ("1/zz + ({u})", "1/zz", 1e-310, "value"),
    ("zz**200*3 + ({u})", "zz**200", 1e3, "value"),
    ("sqrt(zz)*1e10*1e-10 + ({u})", "sqrt(zz)", 0.0, "nan"),
    ("log(zz) + ({u})", "log(zz)", 0.0, "nan"),
    ("(exp(zz) - exp(zz + 1))*({u})", "exp(zz) - exp(zz + 1)", 800.0, "nan"),
    ("({u})*(zz - 3)", "({u})*(zz - 3)", 3.0, None),
)
"""Formulas with a planted cause, the node to blame, the point, and the number concerned; None is some derivative."""


class Planted(NamedTuple):
    """A formula with a planted cause, the text of the node to blame, the number concerned, and the point."""

    text: str
    guilty: str
    of: str
    at: dict[str, float]


def planted() -> Iterator[Planted]:
    """Yield planted formulas, one per formula of the corpus, the kinds in turn."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    for number, formula in enumerate(map(json.loads, lines)):
        text, guilty, x, of = PLANTED[number % len(PLANTED)]
        at = {name: float(x) for name, x in formula["points"][0]["at"].items()}
        value, grad = (result := gg.parse(formula["expr"]).backprop(at)).value, result.grad
        name = max(grad, key=lambda name: abs(grad[name]))
        if value and grad[name]:
            text, guilty = (form.replace("{u}", formula["expr"]) for form in (text, guilty))
            yield Planted(text, guilty, of or f"∂/∂{name}", {**at, "zz": x})


def is_named(cause: Planted) -> bool:
    """Tell whether the blame, or the error, points at the planted node."""
    try:
        result = gg.parse(cause.text).backprop(cause.at)
    except gg.DomainError as error:
        return cause.of == "nan" and points_at(cause, error.span)
    return any(blame.of == cause.of and points_at(cause, blame.span) for blame in result.blame)


def points_at(cause: Planted, span: tuple[int, int]) -> bool:
    """Tell whether a span is that of the planted node."""
    return cause.text[slice(*span)].strip("()") == cause.guilty.strip("()")


def false_blames() -> list[str]:
    """Return the sentences of blame on numbers of the corpus that are neither infinite nor 0."""
    sentences = []
    for formula in map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines()):
        for point in formula["points"]:
            result = gg.parse(formula["expr"]).backprop({name: float(x) for name, x in point["at"].items()})
            numbers = {"value": result.value, **{f"∂/∂{name}": x for name, x in result.grad.items()}}
            sentences += [blame.sentence for blame in result.blame if numbers[blame.of]]
    return sentences


def main() -> None:
    """Print the counts."""
    causes = list(islice(planted(), COUNT))
    print(f"the planted cause is named: {sum(map(is_named, causes))} of {len(causes)}")
    print(f"blame on numbers of the corpus where nothing is wrong: {len(false_blames())}")


if __name__ == "__main__":
    main()
