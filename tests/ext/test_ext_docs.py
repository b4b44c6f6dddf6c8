"""The command `graphgrad-docs`: pictures beside the Markdown they belong to."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from pictures import texts
from planting import plant

from graphgrad.__main__ import docs
from graphgrad.ext.docs import main
from graphgrad.ext.fences import fences
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).parents[2]

PAGE = """\
# Apples

```graphgrad at="apple=100" fold
apple*5*1.08
```

![Five apples](apples.svg)

<!-- graphgrad pass="forward"
x = 3
x**2
-->
![Nine](square.svg)

````md
```graphgrad
this is shown, not drawn
```
````
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a Markdown file with two graphs whose pictures are not drawn yet."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command and returns its status and what it prints."""

    def command(*argv: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(argument) for argument in argv])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


def test_pictures_are_drawn_where_the_links_say(run: Run, page: Path) -> None:
    """A fence, or a comment, is drawn into the picture that follows; the text stays as it is."""
    status, out, err = run(page)
    assert (status, err) == (0, "")
    assert out == f"{page}:3: drew apples.svg\n{page}:9: drew square.svg\n2 graphs in 1 file\n"
    assert "×1.08" in texts((page.parent / "apples.svg").read_text("utf-8"))
    assert "9" in texts((page.parent / "square.svg").read_text("utf-8"))
    assert page.read_text("utf-8") == PAGE


def test_the_folder_of_a_picture_is_made(run: Run, page: Path) -> None:
    """A link names the place of its picture, so that its folder and all above are made, but not by a check."""
    page.write_text("```graphgrad\n2*3\n```\n![](pictures/of%20six/a.svg)\n", encoding="utf-8")
    status, _, err = run("--check", page)
    assert (status, "pictures/of%20six/a.svg is missing" in err) == (1, True)
    assert not (page.parent / "pictures").exists()
    assert run(page)[0] == 0
    assert "6" in texts((page.parent / "pictures/of six/a.svg").read_text("utf-8"))
    assert run("--check", page) == (0, "1 graph in 1 file\n", "")


def test_a_second_run_writes_nothing(run: Run, page: Path) -> None:
    """What is up to date is left alone, and passes the check."""
    run(page)
    assert run(page) == (0, "2 graphs in 1 file\n", "")
    assert run("--check", page) == (0, "2 graphs in 1 file\n", "")


def test_the_check_fails_where_a_picture_is_stale(run: Run, page: Path) -> None:
    """Whoever changes the text and not the picture is told where, and nothing is written."""
    run(page)
    page.write_text(PAGE.replace("x = 3", "x = 4"), encoding="utf-8")
    status, _, err = run("--check", page)
    assert status == 1
    assert err == f"{page}:9: square.svg is stale; graphgrad-docs {page} draws it anew\n"
    assert "9" in texts((page.parent / "square.svg").read_text("utf-8"))


def test_the_check_fails_where_a_picture_is_missing(run: Run, page: Path) -> None:
    """A picture that was never drawn, or never committed, is stale."""
    status, _, err = run("--check", page)
    assert status == 1
    assert "apples.svg is missing" in err


def test_the_check_overlooks_where_things_stand(run: Run, page: Path) -> None:
    """Another version of an engine places things a little otherwise: that alone is no change."""
    run(page)
    run("--engine", "auto", page)
    assert run("--check", page)[0] == 0


def test_a_new_graph_gets_a_picture_and_a_link(run: Run, page: Path) -> None:
    """Where no picture follows, a link to a new one is written, its text told from the graph."""
    page.write_text("Before\n\n> ```graphgrad\n> 2*3\n> ```\n\n```graphgrad\n4*5\n```", encoding="utf-8")
    assert "no picture follows" in run("--check", page)[2]
    assert run(page)[0] == 0
    text = page.read_text("utf-8")
    assert text.startswith("Before\n\n> ```graphgrad\n> 2*3\n> ```\n>\n> ![Computational graph of 2\\*3. ")
    assert text.endswith("E = 20.](page-2.svg)\n")
    assert run("--check", page) == (0, "2 graphs in 1 file\n", "")


def test_line_ends_are_kept(run: Run, page: Path) -> None:
    """A file with Windows' line ends keeps them, in the new lines too."""
    page.write_bytes(b"```graphgrad\r\n2*3\r\n```\r\nThe end\r\n")
    assert run(page)[0] == 0
    assert page.read_bytes().count(b"\n") == page.read_bytes().count(b"\r\n") == 6


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("```graphgrad\na = 1\n\nsine(a)\n```", 4, "unknown function 'sine'"),
        ("\n```graphgrad fold=1\nx\n```", 2, "the option 'fold' takes no value"),
        ("```graphgrad colour=red\nx\n```", 1, "there is no option 'colour'"),
        ("```graphgrad caption=Nine\nx\n```", 1, "a committed picture has no caption"),
        ("```graphgrad page\nx\n```", 1, "a committed picture has no page"),
        ("~~~graphgrad\n~~~", 1, "there is no expression to draw"),
        ("```graphgrad\n1+1\n```\n![](a.svg)\n```graphgrad\n1+2\n```\n![](a.svg)", 5, "another graph above"),
        ("```graphgrad\n1+1\n```\n![](https://here.org/a.svg)", 1, "the picture https://here.org/a.svg is not in"),
        ("```graphgrad\n1+1\n```\n![](/img/a.svg)", 1, "the picture /img/a.svg is not in a folder beside"),
    ],
)
def test_wrong_input_is_told_with_its_line(run: Run, page: Path, text: str, line: int, message: str) -> None:
    """The fault has file and line, the other graphs are drawn, and the status is 2."""
    page.write_text(f"{text}\n\n{PAGE}", encoding="utf-8")
    status, out, err = run(page)
    assert status == 2
    assert err.startswith(f"{page}:{line}: {message}") or f"\n{page}:{line}: {message}" in err
    assert "drew square.svg" in out


def test_wrong_numbers_are_not_drawn(run: Run, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails ends in status 1, and no picture shows what is wrong."""
    plant(monkeypatch, replace(OPS["tanh"], d=(lambda m, z, x: 1 + z**2,), stable_d=None))
    page.write_text("```graphgrad\nx = 0.5\ntanh(x)\n```\n", encoding="utf-8")
    status, _, err = run(page)
    assert status == 1
    assert err.startswith(f"{page}:1: check FAILED")
    assert [path.name for path in page.parent.iterdir()] == ["page.md"]


def test_folders_are_searched(run: Run, page: Path) -> None:
    """In a folder, all Markdown files are read, but none that is hidden or a package's."""
    for folder in ("docs", ".venv", "node_modules"):
        (page.parent / folder).mkdir()
        (page.parent / folder / "more.markdown").write_text("```graphgrad\n1+1\n```\n", encoding="utf-8")
    assert run(page.parent)[1].endswith("3 graphs in 2 files\n")


def test_nothing_is_written_elsewhere(run: Run, tmp_path: Path) -> None:
    """Neither beside the folder that was given, nor through a link that leads out of it."""
    for name in ("docs", "pictures"):
        (tmp_path / name).mkdir()
    page = tmp_path / "docs" / "page.md"
    (tmp_path / "docs" / "link").symlink_to(tmp_path / "pictures")
    (tmp_path / "docs" / "one.svg").symlink_to(tmp_path / "pictures" / "two.svg")
    for target in ("../a.svg", "link/a.svg", "one.svg", "x/../../a.svg", "%2E%2E/a.svg"):
        page.write_text(f"```graphgrad\n1+1\n```\n![]({target})\n", encoding="utf-8")
        for given in (page, page.parent):
            status, _, err = run(given)
            assert (status, "is not below the folder that was given" in err) == (2, True)
        assert not list(tmp_path.glob("*.svg"))
        assert not list((tmp_path / "pictures").iterdir())
    page.write_text("```graphgrad\n1+1\n```\n![](../pictures/a.svg)\n", encoding="utf-8")
    assert run(page.parent, tmp_path / "pictures")[0] == 0
    assert (tmp_path / "pictures" / "a.svg").is_file()


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    """It cannot be read, which is no empty success."""
    assert run(tmp_path / "none.md")[0] == 3


@pytest.mark.parametrize(
    "text",
    [
        "```python\n```graphgrad\n",
        "<!-- graphgrad draws this -->",
        "``` graphgradient\nx\n```",
        "text ```graphgrad x```",
        "`````\n```graphgrad\nx\n```\n`````",
    ],
)
def test_what_is_no_graph(text: str) -> None:
    """A quoted fence, a passing word, inline code: none of them is a graph."""
    assert list(fences(text)) == []


@pytest.mark.parametrize("info", ["graphgrad fold", " graphgrad  fold ", "{.graphgrad fold}", "{graphgrad fold}"])
def test_how_a_fence_is_headed(info: str) -> None:
    """The language and its options, as Markdown processors write them, in braces or without."""
    assert [fence.options for fence in fences(f"~~~~{info}\nx\n~~~~~")] == ["fold"]


def test_the_hook_runs_a_script_that_is_installed() -> None:
    """What pre-commit is told to run is a console script of this package."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    [script] = metadata.entry_points(group="console_scripts", name=hook["entry"])
    assert script.load() is docs


def test_this_project_s_own_pictures_are_up_to_date(run: Run) -> None:
    """The README and all other Markdown files of this repository show what today's code draws."""
    status, _, err = run("--check", *sorted(ROOT.glob("*.md")), ROOT / "docs", ROOT / "examples", ROOT / "benchmarks")
    assert (status, err) == (0, "")
