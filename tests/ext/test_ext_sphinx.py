"""The Sphinx extension, by building documents."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from planting import plant
from sphinx.cmd.build import main as sphinx_build

from graphgrad.draw.layout import engine
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Build = Callable[..., tuple[int, str]]

APPLE = """\
Apples
======

.. graphgrad:: (apple*n + orange*m)*tax
   :at: apple=100, n=2, orange=150, m=3, tax=1.1
   :caption: What *fruits* cost.
   :name: fruits
   :class: wide

.. graphgrad::
   :fold:
   :alt: The bill for <five> apples

   x = 100; y = 5
   s = x*y
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a configuration and one document."""
    (tmp_path / "conf.py").write_text("extensions = ['graphgrad.ext.sphinx']\n", encoding="utf-8")
    (tmp_path / "index.rst").write_text(APPLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def build(folder: Path, capsys: pytest.CaptureFixture[str]) -> Build:
    """Return a function that builds the folder with Sphinx, and returns status and messages."""

    def run(builder: str = "html", *options: str) -> tuple[int, str]:
        capsys.readouterr()
        status = sphinx_build(["-q", "--no-color", "-b", builder, *options, str(folder), str(folder / "out" / builder)])
        return status, capsys.readouterr().err

    return run


def write(folder: Path, directive: str) -> None:
    """Make a directive the only document, in its line 4."""
    (folder / "index.rst").write_text(f"Title\n=====\n\n{directive}\n", encoding="utf-8")


def test_html_holds_the_picture_inline(build: Build, folder: Path) -> None:
    """The page holds the SVG itself: text to search, a caption, a name to link to, the writer's words."""
    assert build("html", "-W") == (0, "")
    page = (folder / "out/html/index.html").read_text("utf-8")
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="graphgrad ') == 2
    assert ">orange</text>" in page
    assert "What <em>fruits</em> cost." in page
    assert '<figure class="graphgrad-figure wide align-center" id="fruits">' in page
    assert 'aria-label="The bill for &lt;five&gt; apples"' in page


def test_latex_includes_a_drawn_file(build: Build, folder: Path) -> None:
    """LaTeX gets a PDF for each picture."""
    assert build("latex", "-W") == (0, "")
    drawn = {f"{{{{{path.stem}}}}}" for path in (folder / "out/latex").glob("graphgrad-*.pdf")}
    tex = next((folder / "out/latex").glob("*.tex")).read_text("utf-8")
    assert [rf"\sphinxincludegraphics{name}" in tex for name in drawn] == [True, True]


def test_latex_without_typst_gets_a_png(build: Build, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra that draws PDF is not installed, the document is whole all the same."""
    monkeypatch.setitem(sys.modules, "typst", None)
    assert build("latex", "-W") == (0, "")
    files = list((folder / "out/latex").glob("graphgrad-*"))
    assert [path.read_bytes()[:4] for path in files] == [b"\x89PNG"] * 2


def test_other_builders_say_what_the_picture_shows(build: Build, folder: Path) -> None:
    """Plain text cannot show a picture, and tells it."""
    assert build("text", "-W") == (0, "")
    text = (folder / "out/text/index.txt").read_text("utf-8")
    assert "[Computational graph of (apple*n + orange*m)*tax." in text
    assert "[The bill for <five> apples]" in text


def test_the_page_instead_of_the_picture(build: Build, folder: Path) -> None:
    """With `:page:`, HTML holds the page that plays both passes, in a frame of its own; LaTeX has the picture."""
    write(folder, ".. graphgrad:: x*y\n   :at: x=3, y=5\n   :page:\n   :alt: A <product>")
    assert build("html", "-W") == (0, "")
    page = (folder / "out/html/index.html").read_text("utf-8")
    assert '<iframe class="graphgrad-page" title="A &lt;product&gt;" srcdoc="&lt;!doctype html&gt;' in page
    assert 'class="graphgrad graphgrad-' not in page
    assert build("latex", "-W") == (0, "")
    assert len(list((folder / "out/latex").glob("graphgrad-*"))) == 1


def test_a_number_in_the_text(build: Build, folder: Path) -> None:
    """The role writes the value of an expression, or its derivatives by the inputs that it names."""
    write(folder, "It is :graphgrad:`100*5*1.08`, or :graphgrad:`x = 3; x**2 | wrt=x`, or :graphgrad:`1/3 | exact`.")
    assert build("text", "-W") == (0, "")
    assert "It is 540, or 6, or 1/3." in (folder / "out/text/index.txt").read_text("utf-8")


@pytest.mark.parametrize("text", ["2*sine(x)", "x", "1 | zzz"])
def test_a_wrong_number_is_a_warning(build: Build, folder: Path, text: str) -> None:
    """What the role cannot compute is a warning with file and line, in every build until it is right."""
    write(folder, f"It is :graphgrad:`{text}`.")
    for _ in range(2):
        status, told = build("text")
        assert status == 0
        assert told.startswith(f"{folder / 'index.rst'}:4: WARNING: ")


def test_a_derivative_is_explained_below_its_picture(build: Build, folder: Path) -> None:
    """`:explain:` gives the chain rule step by step, its formulas for Sphinx's own typesetting, in HTML and LaTeX."""
    write(folder, ".. graphgrad:: E = x*y\n   :at: x=3, y=5\n   :explain: x")
    assert build("html", "-W") == (0, "")
    page = (folder / "out/html/index.html").read_text("utf-8")
    assert r'The chain rule for <span class="math notranslate nohighlight">\(E\)</span> by' in page
    assert r"\frac{\partial E}{\partial x} &amp;= y = 5" in page
    assert build("latex", "-W") == (0, "")
    tex = next((folder / "out/latex").glob("*.tex")).read_text("utf-8")
    assert r"\frac{\partial E}{\partial x} &= y = 5" in tex


@pytest.mark.parametrize(
    ("directive", "line", "message"),
    [
        (".. graphgrad:: 2*sine(x)", 4, "unknown function 'sine'\n  2*sine(x)\n    ^^^^\n  did you mean 'sin'?"),
        (".. graphgrad::\n   :fold:\n\n   x = 1\n   y = 2\n   x + 1/2y", 9, "1/2y can be read in two ways"),
        (".. graphgrad:: x = -1\n   log(x)\n   :fold:", 5, "log(-1) is not defined"),
        (".. graphgrad:: x\n   :at: y=2", 4, "'y' is not an input of the expression"),
        (".. graphgrad:: x\n   :at: x=2\n   :pass: up", 4, "there is no pass 'up' to draw"),
        (".. graphgrad:: x\n   :at: x=2\n   :explain: y", 4, "'y' is not an input of the expression"),
        (".. graphgrad::", 4, "there is no expression to draw"),
    ],
)
def test_a_wrong_block_is_a_warning_in_its_line(
    build: Build, folder: Path, directive: str, line: int, message: str
) -> None:
    """A warning has the file, the line of the fault, and what to write instead; the rest of the document is built."""
    write(folder, directive)
    status, told = build("html")
    assert status == 0
    assert told.startswith(f"{folder / 'index.rst'}:{line}: WARNING: ")
    assert message in told
    assert build("html", "-W")[0] == 1, "the document is read again, and fails where warnings are errors"


def test_a_failed_check_fails_a_strict_build(build: Build, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a number is not sympy's, the build says so; with `-W` it fails."""
    plant(monkeypatch, replace(OPS["tanh"], d=(lambda m, z, x: 1 + z**2,), stable_d=None))
    write(folder, ".. graphgrad:: tanh(x)\n   :at: x=0.5")
    status, told = build("html", "-W")
    assert status == 1
    assert "index.rst:4: WARNING: check FAILED" in told
    write(folder, ".. graphgrad:: tanh(x)\n   :at: x=0.5\n   :check: off")
    assert build("html", "-W") == (0, "")


def test_options_for_the_whole_project(build: Build, folder: Path) -> None:
    """`graphgrad_options` holds where a directive says nothing else."""
    with (folder / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write("graphgrad_options = {'pass': 'forward'}\n")
    assert build("html", "-W") == (0, "")
    assert 'class="gg-backward"' not in (folder / "out/html/index.html").read_text("utf-8")


def test_what_did_not_change_is_not_drawn_again(build: Build, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build reads only the documents that changed."""
    (folder / "other.rst").write_text(":orphan:\n\nOther\n=====\n\n.. graphgrad:: 2*3\n", encoding="utf-8")
    build("html")
    drawn, lay_out = list[str](), engine.lay_out

    def noted(source: str, *args: Any) -> bytes:
        drawn.append(source)
        return lay_out(source, *args)

    monkeypatch.setattr(engine, "lay_out", noted)
    (folder / "other.rst").write_text(":orphan:\n\nOther\n=====\n\n.. graphgrad:: 7*8\n", encoding="utf-8")
    assert build("html", "-W") == (0, "")
    assert drawn
    assert all("7" in source and "apple" not in source for source in drawn)


def test_documents_can_be_built_in_parallel(folder: Path) -> None:
    """Several processes read and write; the extension says that this is safe, and it is."""
    names = [f"page{i}" for i in range(8)]
    for i, name in enumerate(names):
        (folder / f"{name}.rst").write_text(
            f":orphan:\n\n{name}\n======\n\n.. graphgrad:: {i}*x\n   :at: x=2\n", "utf-8"
        )
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-j", "2", str(folder), str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    pages = [(folder / f"out/{name}.html").read_text("utf-8") for name in names]
    assert [f"E = {2 * i}." in page for i, page in enumerate(pages)] == [True] * 8
