"""TikZ: a document that compiles as it stands, in which every name is text."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import graphgrad as gg
from graphgrad.cli import main
from graphgrad.draw import THEMES
from graphgrad.draw.formats.tikz import required

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from graphgrad.draw import PictureKeywords, ThemeName

JAPANESE = "りんご = 100; 個数 = 5; りんご*個数"
HOSTILE = ['"><script>', r"\end{document}", "]]>", "50% & $x$ #1 ^_~{}", r"\input{/etc/passwd}", "`--'", "a\nb"]


def source(text: str, **how: Unpack[PictureKeywords]) -> str:
    """Return the document for an expression in x, y, z at 2, 3, 5."""
    graph = gg.parse(text)
    at = {name: value for name, value in {"x": 2, "y": 3, "z": 5}.items() if name in graph.inputs}
    return graph.backprop(at).render("tex", **how).decode()


def hostile() -> str:
    """Return the document of a sum of inputs whose names mean harm."""
    return gg.parse(" + ".join("1" for _ in HOSTILE), name_literals=HOSTILE).backprop().render("tex").decode()


def compiles(document: str, folder: Path, engine: str = "pdflatex") -> bool:
    """Tell whether TeX makes a PDF of a document."""
    (folder / "picture.tex").write_text(document, encoding="utf-8")
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "picture.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    return done.returncode == 0 and (folder / "picture.pdf").is_file()


def needs(engine: str, *files: str) -> pytest.MarkDecorator:
    """Return the mark of a test that needs a TeX and some of its files."""
    there = shutil.which(engine) and all(map(found, files))
    return pytest.mark.skipif(not there, reason=f"no {engine} with {', '.join(files)}")


def found(file: str) -> bool:
    """Tell whether TeX finds a file."""
    finder = shutil.which("kpsewhich")
    return bool(finder and subprocess.run([finder, file], capture_output=True, check=False).stdout)


def test_labels_beside_an_arrow_that_points_down_start_at_one_edge() -> None:
    """LaTeX's letters have other widths, so that centred lines would be ragged."""
    lines = source("1000*x", direction="down").splitlines()
    starts = re.findall(r"anchor=base west, text=(?:ink|back)\] at \(([-0-9.]+),", "\n".join(lines))
    assert len(starts) == 4
    assert starts[0] == starts[1]
    assert starts[2] == starts[3]
    assert "base west" not in source("1000*x", direction="right")


def test_boxes_and_arrows() -> None:
    """Each box and each line stands there once, its text beside it."""
    document = source("x*y + z")
    assert document.count(r"\draw[forward]") == document.count(r"\draw[backward]") == 5
    assert document.count(r"\path[operation]") == 2
    assert re.findall(r"\\size\{15\}\$(.+?)\$\}", document) == ["x", "y", "z", "E"]


def test_signs_are_set_as_mathematics() -> None:
    """A sign that a text font may lack is taken from mathematics."""
    assert r"$\times$" in source("x*y")
    assert "$-1$" in source("x - y")


def test_a_hostile_name_opens_nothing() -> None:
    """No name ends the document, reads a file or starts a comment: braces are balanced and macros known."""
    body = hostile().split(r"\begin{tikzpicture}")[1].split(r"\end{tikzpicture}")[0]
    assert r"\end{document}" not in body
    assert set(re.findall(r"\\([A-Za-z]+)", body)) == {
        *("draw", "fill", "path", "node", "size", "text"),
        *("textbackslash", "textasciicircum", "textasciitilde", "textasciigrave", "textquotesingle"),
    }


def test_only_wide_letters_load_their_package() -> None:
    """A document in Latin letters needs no Japanese TeX."""
    assert "luatexja" not in source("x*y")
    assert "luatexja" in source(JAPANESE)


def test_it_says_what_it_needs() -> None:
    """A comment names the packages; where those of wide letters are missing, LaTeX's message names them."""
    assert "% packages: standalone, tikz, iftex, amsmath" in source("x*y")
    assert "PackageError" not in source("x*y")
    wide = source(JAPANESE)
    assert "% letters of Chinese, Japanese and Korean: lualatex with the package luatexja, or xelatex" in wide
    assert wide.count(r"\PackageError{graphgrad}") == 2
    head, body = wide.split(r"\begin{document}")
    assert head.count("{") == head.count("}")
    assert body.count("{") == body.count("}")


def test_the_command_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command names the package that the letters of a document need, and none where they need none."""
    for text, needed in ((JAPANESE, "luatexja"), ("2*3", "")):
        assert main([text, "--check", "off", "-o", str(tmp_path / "picture.tex")]) == 0
        assert needed in capsys.readouterr().out
    assert required("2*3") == ""


@needs("pdflatex", "standalone.cls", "tikz.sty", "lmodern.sty", "iftex.sty")
@pytest.mark.parametrize("theme", THEMES)
def test_it_compiles(tmp_path: Path, theme: ThemeName) -> None:
    """A plain LaTeX makes a page of it, in every theme."""
    assert compiles(source("s = x*y; sqrt(s)/z - 2*s", theme=theme), tmp_path)


@needs("pdflatex", "standalone.cls", "tikz.sty", "lmodern.sty", "iftex.sty")
def test_every_name_compiles(tmp_path: Path) -> None:
    """Names that mean harm are set as text."""
    assert compiles(hostile(), tmp_path)


@needs("lualatex", "standalone.cls", "tikz.sty", "luatexja.sty", "fontspec.sty")
def test_japanese_compiles(tmp_path: Path) -> None:
    """Japanese names are set by LuaLaTeX."""
    assert compiles(source(JAPANESE), tmp_path, "lualatex")
