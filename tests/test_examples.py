"""The committed figures are what today's code draws, and the programs run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pictures import classes, read, texts
from scripts import script

EXAMPLES = Path(__file__).parent.parent / "examples"


def load() -> Any:
    """Return the script that draws the figures, as a module."""
    return script("examples/figures.py")


FIGURES = load()


@pytest.mark.parametrize("name", FIGURES.FIGURES)
def test_a_figure_is_up_to_date(name: str, tmp_path: Path) -> None:
    """Drawn again, a figure has the same texts, the same boxes and arrows, the same description."""
    FIGURES.draw(FIGURES.FIGURES[name], tmp_path / "figure.svg")
    fresh, committed = (path.read_text("utf-8") for path in (tmp_path / "figure.svg", EXAMPLES / f"{name}.svg"))
    assert texts(fresh) == texts(committed)
    assert classes(fresh) == classes(committed)
    assert read(fresh)[1].text == read(committed)[1].text


def test_the_frames_are_up_to_date(tmp_path: Path) -> None:
    """Drawn again, each step has the same texts, the same boxes and arrows; no step is left over."""
    FIGURES.draw(FIGURES.FIGURES["apple"], tmp_path / FIGURES.FRAMES)
    committed = {path.name: path for path in (EXAMPLES / FIGURES.FRAMES).iterdir()}
    fresh = {path.name: path for path in (tmp_path / FIGURES.FRAMES).iterdir()}
    assert committed.keys() == fresh.keys()
    for name, path in fresh.items():
        assert texts(path.read_text("utf-8")) == texts(committed[name].read_text("utf-8"))
        assert classes(path.read_text("utf-8")) == classes(committed[name].read_text("utf-8"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all that the programs write."""
    folder = tmp_path_factory.mktemp("programs")
    for program in FIGURES.PROGRAMS:
        FIGURES.run(program, folder)
    return folder


def test_the_programs_pictures_are_up_to_date(drawn: Path) -> None:
    """Each picture has the committed one's texts, boxes, arrows and description; a report is the same."""
    for path in sorted(drawn.iterdir()):
        fresh, committed = path.read_text("utf-8"), (EXAMPLES / path.name).read_text("utf-8")
        if path.suffix == ".svg":
            assert texts(fresh) == texts(committed), path.name
            assert classes(fresh) == classes(committed)
            assert read(fresh)[1].text == read(committed)[1].text
        else:
            assert fresh == committed


def test_every_picture_has_its_figure(drawn: Path) -> None:
    """No picture is left over from a figure or a program that is gone."""
    assert {path.stem for path in EXAMPLES.glob("*.svg")} == {*FIGURES.FIGURES, *(p.stem for p in drawn.glob("*.svg"))}


PROGRAMS = sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_has_help(program: str) -> None:
    """It says in a sentence what it does, and what its argument is."""
    argv = [sys.executable, str(EXAMPLES / program), "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    assert "[folder]" in done.stdout
    assert re.search(r"\n\n[A-Z].*\.\n", done.stdout)


@pytest.mark.parametrize("program", FIGURES.PROGRAMS)
def test_a_program_is_short(program: str) -> None:
    """It fits a screen or two, and uses public names alone."""
    text = (EXAMPLES / f"{program}.py").read_text("utf-8")
    assert 30 <= text.count("\n") <= 70
    assert "import graphgrad as gg\n" in text
    assert not re.search(r"graphgrad\.|gg\._", text)


WITHOUT = """
import runpy, sys
_, missing, program, folder = sys.argv
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing.split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
sys.argv = [program, folder]
runpy.run_path(program, run_name="__main__")
"""


@pytest.mark.parametrize(
    ("program", "library"),
    [
        ("digits", "matplotlib"),
        ("digits", "sklearn"),
        ("digits", "tqdm"),
        ("calibration", "scipy"),
        ("greeks", "scipy,llvmlite"),
        ("figures", "pyarrow"),
    ],
)
def test_a_program_says_what_is_missing(program: str, library: str, tmp_path: Path) -> None:
    """Without a library, it ends at once with a message, and with the command that installs the library."""
    argv = [sys.executable, "-c", WITHOUT, library, str(EXAMPLES / f"{program}.py"), str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "is not installed\n" in done.stderr
    assert "pip install " in done.stderr


OPTIONAL = "scipy,pyarrow,polars,pandas,narwhals,matplotlib,sklearn,tqdm,typst,PIL,llvmlite"
"""What `pip install .` alone does not install."""


@pytest.mark.parametrize("program", FIGURES.PROGRAMS)
def test_the_index_names_what_a_program_needs(program: str, tmp_path: Path) -> None:
    """A program runs with what is always installed, or its section names the extra that its message names."""
    argv = [sys.executable, "-c", WITHOUT, OPTIONAL, str(EXAMPLES / f"{program}.py"), str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    sections = (EXAMPLES / "README.md").read_text("utf-8").split("\n## ")
    [section] = [text for text in sections[1:] if f"\n[{program}.py]({program}.py)" in text]
    assert re.findall(r"pip install .*(\[\w+\])", done.stderr) == re.findall(r"pip install .*?(\[\w+\])", section)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_folder_that_cannot_be_made(program: str, tmp_path: Path) -> None:
    """It is an error in a sentence, without a traceback."""
    (tmp_path / "file").touch()
    argv = [sys.executable, str(EXAMPLES / program), str(tmp_path / "file" / "folder")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "file" in done.stderr


@pytest.mark.parametrize("program", ["neuron.py", "report.py"])
def test_a_folder_that_is_not_there_is_made(program: str, tmp_path: Path) -> None:
    """The pictures go into it."""
    folder = tmp_path / "new" / "folder"
    subprocess.run(
        [sys.executable, str(EXAMPLES / program), str(folder)], timeout=60, check=True, stdout=subprocess.DEVNULL
    )
    assert (folder / program).with_suffix(".svg").is_file()


def test_the_large_figure_is_large() -> None:
    """The picture of sixty nodes has that many."""
    figure = classes((EXAMPLES / "sixty-nodes.svg").read_text("utf-8"))
    assert sum(figure[kind] for kind in ("input", "operation", "constant")) >= 60
