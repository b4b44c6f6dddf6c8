"""Code to take along: what each language's own tools compute with it is what the interpreter computes."""

from __future__ import annotations

import ctypes
import json
import math
import re
import shutil
import subprocess
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from awkward import NAMES, quoted
from spelling import ULPS, probes, ulps
from table import called, differentiable, points
from test_corpus import FORMULAS, floats, is_near

import graphgrad as gg
from graphgrad.compile import C, Checked, JavaScript, Python
from graphgrad.compile.languages.javascript_passes import both_passes
from graphgrad.compile.languages.numpy import NumPy
from graphgrad.namespaces import digamma, polygamma
from graphgrad.ops import NUMERIC, special
from graphgrad.tape import lower
from graphgrad.tape.transcript import transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from graphgrad.compile.languages.language import Language

Numbers = tuple[float, dict[str, float]]
Job = tuple[gg.Graph, tuple[str, ...], list[dict[str, float]]]
"""A graph, what to differentiate by, and the points to evaluate it at."""


def by_python(jobs: Sequence[Job]) -> list[list[Numbers]]:
    """Run each graph's Python."""
    return [[_python(graph.to_python(wrt))(*at.values()) for at in places] for graph, wrt, places in jobs]


def _python(source: str) -> Callable[..., Numbers]:
    scope: dict[str, Any] = {}
    exec(source, scope)
    return scope["f"]  # type: ignore[no-any-return]


def by_numpy(jobs: Sequence[Job]) -> list[list[Numbers]]:
    """Run each graph's Python with NumPy once, on its points as rows."""
    return [_rows(_python(graph.to_python(wrt, numpy=True)), places) for graph, wrt, places in jobs]


def _rows(function: Callable[..., Any], places: Sequence[dict[str, float]]) -> list[Numbers]:
    values, grad = function(*(np.array([at[name] for at in places]) for name in places[0]))
    if not places[0]:
        return [(float(values), {})] * len(places)
    return [(float(values[i]), {name: float(d[i]) for name, d in grad.items()}) for i in range(len(places))]


def by_javascript(jobs: Sequence[Job]) -> list[list[Numbers]]:
    """Run each graph's JavaScript in one Node process."""
    functions = [f"(() => {{ {graph.to_javascript(wrt)}\nreturn f; }})()" for graph, wrt, _ in jobs]
    arguments = json.dumps([[list(at.values()) for at in places] for _, _, places in jobs])
    script = f"""
        const fs = [{",".join(functions)}];
        const told = {arguments}.map((places, i) => places.map(at => fs[i](...at)));
        console.log(JSON.stringify(told, (_, x) => typeof x === "number" && !isFinite(x) ? String(x) : x));
    """
    done = subprocess.run(["node"], input=script, check=True, capture_output=True, text=True, timeout=120)
    return [[(float(v), floats(grad)) for v, grad in places] for places in json.loads(done.stdout)]


def by_c(jobs: Sequence[Job], folder: Path) -> list[list[Numbers]]:
    """Compile every graph's C into one library, strictly, and call it."""
    blocks = [block for i, (graph, wrt, _) in enumerate(jobs) for block in _blocks(graph.to_c(wrt, name=f"f{i}"))]
    source, library = folder / "all.c", folder / "all.so"
    source.write_text("\n\n".join(dict.fromkeys(blocks)), encoding="utf-8")
    flags = ["-std=c99", "-Wall", "-Wextra", "-pedantic-errors", "-Wno-unused-parameter", "-Wno-unused-variable"]
    command = ["cc", *flags, "-Werror", "-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-lm"]
    subprocess.run(command, check=True, timeout=300)
    found = ctypes.CDLL(str(library))
    return [[_called(found[f"f{i}"], wrt, at) for at in places] for i, (_, wrt, places) in enumerate(jobs)]


def _blocks(text: str) -> list[str]:
    return re.split(r"\n\n(?=/\*|double|static)", text.strip())


def _called(function: Any, wrt: Sequence[str], at: dict[str, float]) -> Numbers:
    grad = (ctypes.c_double * max(len(wrt), 1))()
    function.restype = ctypes.c_double
    value = function(*map(ctypes.c_double, at.values()), grad)
    return value, dict(zip(wrt, grad, strict=False))


def run(language: str, jobs: Sequence[Job], folder: Path) -> list[list[Numbers]]:
    """Run jobs in a language whose tool is at hand."""
    tool = {"C": "cc", "JavaScript": "node"}.get(language)
    if tool and shutil.which(tool) is None:
        pytest.skip(f"no {tool} on this machine")
    if language == "C":
        return by_c(jobs, folder)
    if language == "NumPy":
        return by_numpy(jobs)
    return by_javascript(jobs) if tool else by_python(jobs)


LANGUAGES = pytest.mark.parametrize("language", ["Python", "NumPy", "JavaScript", "C"])


@LANGUAGES
def test_names_of_any_kind_are_told_apart(language: str, tmp_path: Path) -> None:
    """Each has an identifier of its own, and the gradient has the names as they are for its keys."""
    graph = gg.parse(" + ".join(f"{i + 1}*{quoted(name)}*y" for i, name in enumerate(NAMES)))
    at = {name: float(i) for i, name in enumerate(graph.inputs)}
    [[(value, grad)]] = run(language, [(graph, graph.inputs, [at])], tmp_path)
    result = graph.backprop(at)
    assert value == pytest.approx(result.value)
    assert grad == pytest.approx(dict(result.grad))


@LANGUAGES
def test_published_formulas_have_their_numbers(language: str, tmp_path: Path) -> None:
    """Value and gradient of every formula of the corpus are within the line's own bound, at each of its points."""
    graphs = [gg.parse(line["expr"]) for line in FORMULAS]
    places = [
        [{name: floats(point["at"])[name] for name in graph.inputs} for point in line["points"]]
        for line, graph in zip(FORMULAS, graphs, strict=True)
    ]
    jobs = [(graph, graph.inputs, at) for graph, at in zip(graphs, places, strict=True)]
    found = run(language, jobs, tmp_path)
    wrong = [
        line["id"]
        for line, numbers in zip(FORMULAS, found, strict=True)
        if not all(map(_near, line["points"], numbers))
    ]
    assert wrong == []


def _near(point: dict[str, Any], numbers: Numbers) -> bool:
    near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
    value, grad = numbers
    return near(value, point["value"]) and all(near(grad[name], d) for name, d in point["grad"].items())


OF_SCIPY: Final = {op.name for rows in special.FAMILIES.values() for op in rows}
"""The special functions, which NumPy's source takes from SciPy."""

FAR: Final = 1e3
"""Beyond this, SciPy's Bessel functions have no right digits."""

SCIPYS: Final = 1e4
"""How much more SciPy's special functions may err, as the page of operations says."""


@LANGUAGES
def test_every_operation_can_be_taken_along(language: str, tmp_path: Path) -> None:
    """Each row of the table has the interpreter's value and derivatives, at points of its domain."""
    ops = [op for op in NUMERIC.values() if op.arity]
    jobs = [(gg.parse(called(op)), tuple(differentiable(op)), points(op)) for op in ops]
    for op, (graph, wrt, places), found in zip(ops, jobs, run(language, jobs, tmp_path), strict=True):
        for at, (value, grad) in zip(places, found, strict=True):
            result = graph.backprop(at, wrt)
            wider = SCIPYS if language == "NumPy" and op.name in OF_SCIPY else 1
            assert value == pytest.approx(result.value, rel=1e-13 * wider, abs=1e-14)
            assert grad == pytest.approx(result.grad, rel=1e-12 * wider, abs=1e-14)


@pytest.mark.parametrize("language", [Python, NumPy, JavaScript, C])
def test_every_spelling_is_that_of_the_row(language: type[Language], tmp_path: Path) -> None:
    """What a language calls an operation has the row's own value, to a few ulp."""
    rows = [(op, list(probes(op))) for op in NUMERIC.values() if op.name in language.spellings and op.arity]
    jobs = [(gg.parse(called(op)), (), [dict(zip("xyz", xs, strict=False)) for xs in places]) for op, places in rows]
    for (op, places), found in zip(rows, run(language.title, jobs, tmp_path), strict=True):
        is_scipys = language is NumPy and op.name in OF_SCIPY
        most, far = (ULPS * SCIPYS, FAR) if is_scipys else (ULPS, math.inf)
        near = [(xs, x) for xs, (x, _) in zip(places, found, strict=True) if max(map(abs, xs)) <= far]
        assert [xs for xs, x in near if ulps(op, xs, x) > most] == []


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_every_spelling_of_a_page_is_that_of_the_row() -> None:
    """The functions that check their operands, likewise."""
    for op in (NUMERIC[name] for name in Checked.spellings):
        tape, rows = lower(gg.parse(called(op)).data), list(probes(op))
        fixed = {register for name, register in tape.inputs.items() if name not in differentiable(op)}
        found = transcript(tape, fixed, Checked().knows)
        code = both_passes(found, [*tape.inputs], {"value": [found.values[tape.outputs[0]]]})
        script = f"console.log(JSON.stringify({json.dumps(rows)}.map(x => {code}(x).value[0])))"
        done = subprocess.run(["node"], input=script, check=True, capture_output=True, text=True, timeout=120)
        assert [xs for xs, x in zip(rows, json.loads(done.stdout), strict=True) if ulps(op, xs, x) > ULPS] == []


@LANGUAGES
def test_a_branch_not_taken_has_no_effect(language: str, tmp_path: Path) -> None:
    """Neither a value nor a derivative that does not exist there gets out of a branch that is not taken."""
    texts = {
        "where(x > 0, log(x)*sqrt(x), x)": {"x": -2.0},
        "where(x > 0, sqrt(x), 0)*y": {"x": 0.0, "y": 3.0},
        "s = sqrt(x - 1); where(x > 1, s*s*s, 7)": {"x": 0.5},
        "where(x > 0, where(y > 0, log(x*y), 1/y), x**2)": {"x": 0.0, "y": 0.0},
        "where(c, 1/x, where(x, log(c), 4*x))": {"c": 0.0, "x": 0.0},
    }
    jobs = [(graph := gg.parse(text), graph.inputs, [at]) for text, at in texts.items()]
    for (graph, _, [at]), [(value, grad)] in zip(jobs, run(language, jobs, tmp_path), strict=True):
        result = graph.backprop(at)
        assert (value, grad) == (result.value, result.grad)


@LANGUAGES
def test_any_name_can_be_an_input(language: str, tmp_path: Path) -> None:
    """Keywords, functions, intermediate names and other scripts are inputs as good as any."""
    names = [
        "lambda",
        "class",
        "double",
        "int",
        "let",
        "E",
        "exp2",
        "Math",
        "math",
        "gamma",
        "grad",
        "v1",
        "v2",
        "りんご",
        "é",
        "f",
    ]
    graph = gg.parse("; ".join(["s = exp(v1)*exp(v1)", "*".join(["s", *names])]))
    at = {name: 1 + i / 16 for i, name in enumerate(graph.inputs)}
    [[(value, grad)]] = run(language, [(graph, graph.inputs, [at])], tmp_path)
    result = graph.backprop(at)
    assert value == pytest.approx(result.value, rel=1e-13)
    assert grad == pytest.approx(result.grad, rel=1e-13)


def test_names_that_no_language_can_write_are_replaced() -> None:
    """A literal may be given any name; the function's parameters are still identifiers, and differ."""
    graph = gg.parse("3*4*5", name_literals=["a b", "a-b", '"""; import os'])
    names = set(re.findall(r"double (\w+)", graph.to_c().partition(", double grad")[0].partition("f(")[2]))
    assert len(names) == 3
    assert _python(graph.to_python())(3.0, 4.0, 5.0) == (60.0, {"a b": 20.0, "a-b": 15.0, '"""; import os': 12.0})


def test_an_operation_is_computed_once() -> None:
    """What value and gradient share is one statement, and constants are worked out."""
    body = gg.parse("exp(x*y)*log(2)").to_python().partition("log(2).")[2]
    assert body.count("exp(") == 1
    assert "log" not in body


def test_powers_are_multiplied() -> None:
    """Small whole and half powers are products and square roots."""
    source = gg.parse("x**2 + x**-1 + x**1.5 + x**4 + y**5").to_c()
    assert "pow(y, 5.0)" in source
    assert "pow(x" not in source


def test_functions_may_have_another_name() -> None:
    """The function's name can be chosen, but not to be a word of the language."""
    assert "function price(x)" in gg.parse("2*x").to_javascript(name="price")
    for name in ("let", "a b", "1x"):
        with pytest.raises(gg.GraphgradError, match="is not the name of a function in JavaScript"):
            gg.parse("2*x").to_javascript(name=name)


def test_only_what_is_asked_for_is_differentiated() -> None:
    """`wrt` names the derivatives, and the other inputs stay parameters."""
    assert _python(gg.parse("x*y*z").to_python(["z"]))(2.0, 3.0, 5.0) == (30.0, {"z": 6.0})
    with pytest.raises(gg.UnknownNameError, match="'w' is not an input"):
        gg.parse("x*y").to_c(["w"])


def test_a_derivative_that_is_not_known_is_refused() -> None:
    """By the order of polygamma there is no derivative, and the error says so."""
    with pytest.raises(gg.DomainError, match="polygamma"):
        gg.parse("polygamma(n, x)").to_python()


def test_an_operation_beyond_a_language_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language without a function, and an operation that is not made of others: the error names both."""
    monkeypatch.setattr(C, "spellings", {name: own for name, own in C.spellings.items() if name != "erf"})
    with pytest.raises(gg.GraphgradError, match="C has no function for erf"):
        gg.parse("erf(x)").to_c()


def test_numpy_broadcasts() -> None:
    """Arrays go together as NumPy's do, and integers count as floats."""
    f: Any = _python(gg.parse("where(x > 1, x*y, 2) + max(x, y, 3)").to_python(numpy=True))
    value, grad = f(np.array([[1], [2]]), np.arange(3))
    assert value.tolist() == [[5, 5, 5], [3, 5, 7]]
    assert grad["x"].tolist() == [[0, 0, 0], [0, 1, 2]]


@pytest.mark.parametrize("language", [Python(), JavaScript(), C()], ids=lambda language: language.title)
def test_every_name_is_an_identifier(language: Any) -> None:
    """Whatever a name is made of, a language gets letters, digits and underscores."""
    for name in ("a b", "9", "", "\n", '"', "*/", "</script>", "ﬁ", "x\u2028y", "\\"):
        assert language.identifier(name).isidentifier()


@pytest.mark.parametrize("x", [-20.5, -3.2, -0.1, 0.3, 1.0, 5.5, 40.0])
def test_polygamma_on_its_own_feet(x: float) -> None:
    """The functions that come along agree with mpmath's."""
    mpmath = pytest.importorskip("mpmath")
    assert digamma(x) == pytest.approx(float(mpmath.psi(0, x)), rel=1e-13)
    for n in (1, 2, 5):
        assert polygamma(n, x) == pytest.approx(float(mpmath.psi(n, x)), rel=1e-12)


@pytest.mark.parametrize("x", [0.0, -3.0])
def test_poles_have_no_value(x: float) -> None:
    """At a pole there is no number."""
    for function in (digamma, partial(polygamma, 2)):
        with pytest.raises(ValueError, match=r".*"):
            function(x)
    assert math.isfinite(digamma(x + 0.5))
