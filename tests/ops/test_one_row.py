"""Adding an operation touches one row: a copy of the package gets the row, and everything else follows."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphgrad

ROOT = Path(graphgrad.__file__).parent
BESIDE = '    Op("tanh", '
ROW = """\
    Op("sinc", lambda m, x: m.sin(x) / x, d=(lambda m, z, x: (m.cos(x) - z) / x,), on=(POSITIVE,),
       about="cardinal sine, sin(x)/x"),
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the package whose table has one row more."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT, folder / ROOT.name, ignore=shutil.ignore_patterns("__pycache__"))
    [table] = [path for path in (folder / ROOT.name).rglob("*.py") if BESIDE in path.read_text(encoding="utf-8")]
    table.write_text(table.read_text(encoding="utf-8").replace(BESIDE, ROW + BESIDE), encoding="utf-8")
    return folder


def python(extended: Path, *arguments: str) -> str:
    """Return what Python prints with the extended package."""
    environment = {"PYTHONPATH": str(extended), "PYTHONUTF8": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", env=environment, cwd=extended)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_parsed_run_checked_labelled_and_drawn(extended: Path) -> None:
    """The command knows the new function at once: both passes, the proof by sympy, and its label in the tree."""
    out = python(extended, "-m", "graphgrad", "sinc(x)*y", "--at", "x=0.5,y=2", "-o", str(extended / "sinc.svg"))
    assert "├─ sinc" in out
    assert "∂/∂x = -0.325074" in out
    assert "checked against sympy: 3 rules proven" in out
    assert ">sinc</text>" in (extended / "sinc.svg").read_text(encoding="utf-8")


def test_it_is_documented(extended: Path) -> None:
    """The list of operations has it, with its derivative as a formula."""
    out = python(extended, "-m", "graphgrad", "--operations")
    assert "sinc(x)          cardinal sine, sin(x)/x; derivatives (cos(x) - sinc(x))/x" in out


def test_the_tests_of_the_table_cover_it(extended: Path) -> None:
    """The tests that loop over the table test it as well."""
    tests = str(Path(__file__).with_name("test_rules.py"))
    out = python(extended, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", "sinc", tests)
    assert "failed" not in out
    assert int(out.split(" passed")[0].split()[-1]) >= 7


def test_it_is_code_in_every_language(extended: Path) -> None:
    """A function that takes the gradient along spells the new operation out."""
    program = "import graphgrad as gg; g = gg.parse('sinc(x)'); print(g.to_python(), g.to_c(), g.to_javascript())"
    out = python(extended, "-c", program)
    assert out.count("sin(x) / x") == 3
