"""Adding an operation touches one row: a copy of the package gets the row, and everything else follows."""

from __future__ import annotations

import importlib
import json
import keyword
import math
import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphgrad
import graphgrad as gg
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.namespaces import Arrays, Floats, Mpmath, Namespace, Sympy
from graphgrad.namespaces.arrays import Entrywise
from graphgrad.namespaces.namespace import Operations
from graphgrad.namespaces.rationals import Exact
from graphgrad.ops import OPS, Op
from graphgrad.ops.operations import by_name
from graphgrad.tape import Writer
from graphgrad.tape.writer import Ref

ROOT = Path(graphgrad.__file__).parent
BESIDE = '    Op("tanh", '
ROW = """\
    Op("unwrap", lambda m, x: m.sin(x) / x, d=(lambda m, z, x: (m.cos(x) - z) / x,), on=(POSITIVE,),
       witness="sinc", about="cardinal sine, sin(x)/x"),
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the package whose table has one row more."""
    return planted(tmp_path_factory.mktemp("extended"), ROW)


def planted(folder: Path, rows: str) -> Path:
    """Put a copy of the package into a folder, with more rows in its table."""
    shutil.copytree(ROOT, folder / ROOT.name, ignore=shutil.ignore_patterns("__pycache__"))
    [table] = [path for path in (folder / ROOT.name).rglob("*.py") if BESIDE in path.read_text(encoding="utf-8")]
    table.write_text(table.read_text(encoding="utf-8").replace(BESIDE, rows + BESIDE), encoding="utf-8")
    return folder


def python(extended: Path, *arguments: str, given: str = "") -> str:
    """Return what Python prints with the extended package."""
    environment = {"PYTHONPATH": str(extended), "PYTHONUTF8": "1", "PATH": os.environ["PATH"]}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, check=False, encoding="utf-8", env=environment, cwd=extended
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_parsed_run_checked_labelled_and_drawn(extended: Path) -> None:
    """The command knows the new function at once: both passes, the proof by sympy, and its label in the tree."""
    out = python(extended, "-m", "graphgrad", "unwrap(x)*y", "--at", "x=0.5,y=2", "-o", str(extended / "sinc.svg"))
    assert "├─ unwrap" in out
    assert "∂/∂x = -0.325074" in out
    assert "checked against sympy: 3 rules proven" in out
    assert ">unwrap</text>" in (extended / "sinc.svg").read_text(encoding="utf-8")


def test_it_is_documented(extended: Path) -> None:
    """The list of operations has it, with its derivative as a formula."""
    out = python(extended, "-m", "graphgrad", "--operations")
    assert "unwrap(x)        cardinal sine, sin(x)/x; derivatives (cos(x) - unwrap(x))/x" in out


def test_the_tests_of_the_table_cover_it(extended: Path) -> None:
    """The tests that loop over the table test it as well."""
    tests = str(Path(__file__).with_name("test_rules.py"))
    out = python(extended, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", "unwrap", tests)
    assert "failed" not in out
    assert int(out.split(" passed")[0].split()[-1]) >= 7


def test_it_is_code_in_every_language(extended: Path) -> None:
    """A function that takes the gradient along spells the new operation out."""
    program = "import graphgrad as gg; g = gg.parse('unwrap(x)'); print(g.to_python(), g.to_c(), g.to_javascript())"
    out = python(extended, "-c", program)
    assert out.count("sin(x) / x") == 3


def test_another_function_of_its_name_is_not_taken_for_it(extended: Path) -> None:
    """NumPy's `unwrap` is of angles: a function that calls it is not traced as one of the new row."""
    program = (
        "import graphgrad as gg, numpy as np\ntry: gg.trace(np.unwrap, 'x')\nexcept gg.GraphgradError as e: print(e)"
    )
    assert "np.unwrap cannot be recorded" in python(extended, "-c", program)


NAMES = ("choice", "guard", "name", "indicator")
MOD = """\
    Op("nextafter", lambda m, x, y: x - y * m.floor(x / y),
       d=(lambda m, z, x, y: 1, lambda m, z, x, y: -m.floor(x / y)), on=(R, POSITIVE),
       about="remainder of a division, rounded down"),
"""
PAIR = """\
    Op("{0}", lambda m, x: x * x + x, d=(lambda m, z, x: 2 * x + 1,), about="planted"),
    Op("{0}_twice", lambda m, x: 2 * m.{0}(x), d=(lambda m, z, x: 4 * x + 2,), about="planted"),
"""
"""A row, and one whose rule is made of it."""


def subclasses(kind: type) -> list[type]:
    """Return a class and all that derive from it."""
    direct: list[type] = kind.__subclasses__()
    return [kind, *(each for other in direct for each in subclasses(other))]


def names_to_plant() -> list[str]:
    """Return what an operation may be called, though targets use the name: attributes, helpers, library functions."""
    for module in pkgutil.walk_packages([str(ROOT / "compile")], "graphgrad.compile."):
        importlib.import_module(module.name)
    kinds = [*subclasses(Namespace), *subclasses(Ref), Operations, Ufuncs]
    instances = [Floats(), Exact(), Mpmath(), Sympy(), Arrays(), Entrywise(Floats()), Writer(), Ufuncs()]
    helpers = [found for file in sorted((ROOT / "compile" / "languages").glob("*.[jc]*")) for found in functions(file)]
    libraries = [name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)]
    libraries += [name for name in dir(math) if callable(getattr(math, name))]
    names = {*NAMES, *helpers, *libraries, *(name for kind in kinds for name in dir(kind))}
    names |= {name for instance in instances for name in vars(instance)}
    taken = {called for op in OPS.values() for called in (op.name, op.spoken, *op.aliases)} | {"nextafter"}
    return sorted(name for name in names - taken if not name.startswith("_") and not keyword.iskeyword(name))


def functions(file: Path) -> list[str]:
    """Return the names of the functions that a file in C or JavaScript defines."""
    return re.findall(r"^(?:static double|function) (\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)


Found = dict[str, dict[str, Any]]
"""A value and a gradient, by expression and path."""


@pytest.fixture(scope="module")
def on_every_path(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Return value and gradient of planted rows."""
    names = names_to_plant()
    folder = planted(tmp_path_factory.mktemp("planted"), MOD + "".join(map(PAIR.format, names)))
    points = {"nextafter(x, y)": {"x": -7.5, "y": 2.0}, "nextafter(1e16*x, y)": {"x": 1.0, "y": 3.0}}
    points |= {f"{name}(x) + {name}_twice(x)": {"x": 3.0} for name in names}
    program = str(Path(__file__).parents[1] / "every_path.py")
    found = json.loads(python(folder, program, given=json.dumps([*points.items()])))
    assert found["rows"] == len(OPS) + 1 + 2 * len(names)
    return {text: {path: rows[i] for path, rows in found["paths"].items()} for i, text in enumerate(points)}


def test_a_row_may_be_called_as_a_function_of_a_library(on_every_path: Found) -> None:
    """`nextafter` is what its row says, although NumPy has another function of that name: x − y·floor(x/y)."""
    found = on_every_path["nextafter(x, y)"]
    assert {path: numbers for path, numbers in found.items() if numbers != [0.5, {"x": 1.0, "y": 4.0}]} == {}


def test_a_row_is_rounded_alike_everywhere(on_every_path: Found) -> None:
    """Where floats lose the remainder of 10¹⁶ by 3, they all do; what does not round has 1."""
    found = {path: value for path, (value, _) in on_every_path["nextafter(1e16*x, y)"].items()}
    unrounded = {"exact", "precise", "sympy"}
    assert {path: value for path, value in found.items() if value != (1.0 if path in unrounded else 0.0)} == {}


def test_a_row_may_have_any_name(on_every_path: Found) -> None:
    """Whatever targets call their own attributes, helpers and functions, a row of that name is what its rule says."""
    rows = {text: numbers for text, numbers in on_every_path.items() if not text.startswith("nextafter(")}
    assert len(rows) > 150
    wrong = {
        (text, path)
        for text, found in rows.items()
        for path, numbers in found.items()
        if numbers != [36.0, {"x": 21.0}]
    }
    assert wrong == set()


@pytest.mark.parametrize("name", ["_x", "lambda", "a b", "", "1x"])
def test_a_name_that_no_rule_could_say_is_refused(name: str) -> None:
    """The table says so when it is built, and likewise that two rows have one name."""
    row = Op(name, lambda _m, x: x, d=(lambda _m, _z, _x: 1,))
    with pytest.raises(gg.GraphgradError, match="cannot be the name of an operation"):
        by_name([row])


def test_two_rows_of_one_name_are_refused() -> None:
    """The second one would silently take the place of the first."""
    with pytest.raises(gg.GraphgradError, match="two operations are called 'tanh'"):
        by_name([OPS["tanh"], OPS["tanh"]])
