"""Choices: the derivatives of random programs of `where` are those of the interpreter, whatever branches are shared."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

import graphgrad as gg

CONDITIONS = ("x > 0", "y > 0", "z > 0", "x > y", "x <= 0", "y > z", "x", "x*y > 0")
VALUES = ("x", "y", "z", "0", "1", "x*y", "log(x)", "sqrt(y)", "1/z", "x**2", "relu(y)", "abs(z)", "-x", "max(x, y)")
SHAPES = ("({})*({})", "({}) + ({})", "({}) - ({})", "({})/({})", "max({}, {})", "({})*({})*z", "-({}) + y*({})")
POINTS = [{"x": x, "y": y, "z": z} for x, y, z in product((-1.5, 0.75, 2.0), (-0.5, 1.25), (-2.0, 0.5))]


def program(random: Random) -> str:
    """Return a program whose statements choose between and combine earlier ones."""
    names, lines = [*VALUES], []
    for i in range(random.randint(1, 5)):
        a, b = random.choice(names), random.choice(names)
        chosen = f"where({random.choice(CONDITIONS)}, {a}, {b})"
        lines.append(f"t{i} = {random.choice((chosen, chosen, random.choice(SHAPES).format(a, b)))}")
        names += [f"t{i}"] * 6
    return "; ".join([*lines, random.choice(SHAPES).format(random.choice(names), names[-1])])


@pytest.mark.parametrize("seed", range(8))
def test_random_choices_have_the_interpreters_derivatives(seed: int) -> None:
    """Compiled to one function, as rows, and as derivative graphs."""
    random = Random(seed)
    for _ in range(25):
        text = program(random)
        graph = gg.parse(text + " + 0*x")
        compiled = graph.compile()
        derivatives = {name: graph.gradient(name) for name in graph.inputs}
        for at in random.sample(POINTS, 4):
            here = {name: at[name] for name in graph.inputs}
            try:
                result = graph.backprop(here)
            except gg.DomainError:
                with pytest.raises(gg.DomainError):
                    compiled(**here)
                continue
            value, grad = compiled(**here)
            rows, columns = compiled(**{name: [x] for name, x in here.items()})
            assert value == pytest.approx(result.value, rel=1e-12), text
            assert rows[0] == pytest.approx(result.value, rel=1e-12), text
            for name, d in result.grad.items():
                assert grad[name] == pytest.approx(d, rel=1e-12, abs=1e-12), (text, here, name)
                assert columns[name][0] == pytest.approx(d, rel=1e-12, abs=1e-12), (text, here, name)
                theirs = derivatives[name].backprop(here, wrt=[]).value
                assert theirs == pytest.approx(d, rel=1e-12, abs=1e-12), (text, here, name)


@pytest.mark.parametrize(
    ("text", "at", "grad"),
    [
        ("where(x > 0, x, y)*z", {"x": 1, "y": 2, "z": 3}, {"x": 3, "y": 0, "z": 1}),
        ("where(x > 0, x, y)*z", {"x": -1, "y": 2, "z": 3}, {"x": 0, "y": 3, "z": 2}),
        ("where(x > 0, 0, y)*z", {"x": -1, "y": 2, "z": 3}, {"x": 0, "y": 3, "z": 2}),
        ("where(x > 0, y, 0)*z", {"x": 1, "y": 2, "z": 3}, {"x": 0, "y": 3, "z": 2}),
        ("where(x > 0, 2, 3)*z", {"x": -1, "z": 5}, {"x": 0, "z": 3}),
        ("where(x > 0, 0, 0)*z", {"x": -1, "z": 5}, {"x": 0, "z": 0}),
        (
            "u = where(x > 0, y, 0)*z; where(x > 0, u, 0) + where(y > 0, u, 0)",
            {"x": -1, "y": 2, "z": 3},
            {"x": 0, "y": 0, "z": 0},
        ),
        ("where(x > 0, where(y > 0, x, y), z)*z", {"x": 1, "y": -2, "z": 3}, {"x": 0, "y": 3, "z": -2}),
    ],
)
def test_a_choice_is_a_factor_like_any_other(text: str, at: dict[str, float], grad: dict[str, float]) -> None:
    """A choice guards a product only where its other branch is 0."""
    graph = gg.parse(text)
    for found in (graph.backprop(at).grad, graph.compile()(**at)[1]):
        assert found == grad
    assert {name: graph.gradient(name).backprop(at).value for name in graph.inputs} == grad
