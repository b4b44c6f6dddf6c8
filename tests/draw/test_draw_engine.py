"""The engines: which one draws, and what is said when it cannot."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

import pytest

from graphgrad import RenderError, parse
from graphgrad.draw import EMBEDDED, SYSTEM, find
from graphgrad.draw.layout import engine
from graphgrad.draw.layout.engine import lay_out

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "digraph { a -> b }"

posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a shell script")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return an empty folder that is all there is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def stand_in(folder: Path, script: str) -> None:
    """Put a program named dot into a folder."""
    program = folder / "dot"
    program.write_text(f"#!{sys.executable}\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.usefixtures("bare")
def test_the_embedded_engine_needs_no_path() -> None:
    """The engine that came with the installation is found beside Python."""
    assert find()[0] is EMBEDDED
    assert b'"objects"' in lay_out(SOURCE)


@posix_only
def test_the_systems_dot_comes_first(bare: Path) -> None:
    """Where the system has a `dot`, it draws, unless the embedded engine is asked for."""
    stand_in(bare, "print('drawn')")
    assert find()[0] is SYSTEM
    assert lay_out(SOURCE) == b"drawn\n"
    assert find("embedded")[0] is EMBEDDED


@pytest.mark.usefixtures("bare")
def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any engine, the error says what to install."""
    monkeypatch.setattr(engine, "ENGINES", (SYSTEM,))
    with pytest.raises(RenderError, match="install Graphviz"):
        lay_out(SOURCE)


def test_an_unknown_engine() -> None:
    """An engine that does not exist is an error that names those that do."""
    with pytest.raises(RenderError, match="auto, system or embedded"):
        find("steam")


def test_a_fault_in_the_source() -> None:
    """What the engine complains about is the error's text."""
    with pytest.raises(RenderError, match=r"the embedded engine failed: .*syntax error"):
        lay_out("digraph {", "embedded")


@posix_only
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("import sys; sys.exit('no such font')", "failed: no such font"),
        ("import sys; sys.exit(3)", "failed: it does not say why"),
        ("import sys; print('hm', file=sys.stderr)", "drew nothing: hm"),
        ("import time; time.sleep(60)", "took longer than 0.5 seconds"),
    ],
)
def test_an_engine_that_fails(bare: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str) -> None:
    """An engine that fails, is silent or hangs is an error that says so."""
    monkeypatch.setattr(engine, "TIMEOUT", 0.5)
    stand_in(bare, script)
    with pytest.raises(RenderError, match=message):
        lay_out(SOURCE, "system")


@posix_only
def test_an_engine_that_does_not_start(bare: Path) -> None:
    """A program that is none is an error, too."""
    stand_in(bare, "")
    (bare / "dot").write_bytes(b"\x00\x01")
    with pytest.raises(RenderError, match="does not start"):
        lay_out(SOURCE, "system")


def test_no_processes_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python cannot start programs, as in a browser, the error says so, and what draws without one."""
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.delattr(os, "fork", raising=False)
    with pytest.raises(RenderError, match=r"no engine here.*\n.*\.dot or \.mmd.*engine="):
        parse("x*y").backprop({"x": 2, "y": 3}).render("svg")


@pytest.mark.parametrize(
    "error", [NotImplementedError(), OSError(errno.ENOTSUP, "emscripten does not support processes.")]
)
def test_a_process_that_is_refused(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The same is said where only the attempt shows it."""

    def refuse(*_command: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("subprocess.run", refuse)
    with pytest.raises(RenderError, match="no engine here: this Python cannot start programs"):
        lay_out(SOURCE, "embedded")


def test_without_processes_other_formats_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """DOT, Mermaid and the files for programs need no engine; a notebook shows the text alone."""
    monkeypatch.delattr(os, "fork", raising=False)
    result = parse("x*y").backprop({"x": 2, "y": 3})
    assert all(result.render(form) for form in ("dot", "mmd", "json", "graphml"))
    assert list(result._repr_mimebundle_()) == ["text/plain"]


@pytest.mark.parametrize("as_bytes", [True, False])
def test_an_engine_of_ones_own(monkeypatch: pytest.MonkeyPatch, as_bytes: bool) -> None:
    """A function from DOT to its layout draws the same picture, and no program is started."""
    layouts = dict[str, bytes]()

    def recorded(dot: str) -> bytes:
        layouts[dot] = lay_out(dot, "embedded")
        return layouts[dot]

    result = parse("s = x*x; s + sin(x)").backprop({"x": 2})
    expected = result.render("svg", engine=recorded)
    monkeypatch.setattr(engine, "find", None)
    again = result.render("svg", engine=lambda dot: layouts[dot] if as_bytes else layouts[dot].decode())
    assert again == expected


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"objects": []}', '{"objects": [{"name": "n0", "pos": "a,b"}]}'])
def test_an_engine_of_ones_own_that_answers_something_else(answer: str) -> None:
    """What is no layout is an error that says what one looks like."""
    with pytest.raises(RenderError, match=r"no layout\n.*dot -Tjson0"):
        parse("x*y").backprop({"x": 2, "y": 3}).render("svg", engine=lambda _: answer)


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_an_engine_of_ones_own_draws_every_format(form: str) -> None:
    """A function lays out, and what it has laid out is drawn in any format."""
    result = parse("x*y").backprop({"x": 2, "y": 3})
    assert result.render(form, engine=lambda dot: lay_out(dot, "embedded")) == result.render(form, engine="embedded")


@pytest.mark.parametrize("name", ["picture.bmp", "picture"])
def test_a_file_of_no_format(tmp_path: Path, name: str) -> None:
    """A suffix that names no format is an error that lists those that do."""
    with pytest.raises(RenderError, match=r"\.svg, \.png, \.pdf, \.dot"):
        parse("2*3").backprop().draw(tmp_path / name)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that does not exist is an error, not a traceback."""
    with pytest.raises(RenderError, match="cannot write"):
        parse("2*3").backprop().draw(tmp_path / "nowhere" / "picture.svg")


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """What was there before stays until the whole new file is there, and nothing else is left behind."""
    path = tmp_path / "picture.svg"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(RenderError, match="steam"):
        parse("2*3").backprop().draw(path, engine="steam")  # type: ignore[arg-type]  # it is refused
    with pytest.raises(RenderError, match="no layout"):
        parse("2*3").backprop().draw(path, engine=lambda _: "steam")
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


@posix_only
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be put in its place is not there in parts either."""
    path = tmp_path / "picture.svg"
    path.write_text("before", encoding="utf-8")

    def full(_path: object, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(RenderError, match="No space left"):
        parse("2*3").backprop().draw(path)
    assert [(each, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [(path, "before")]


@posix_only
def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    """A file drawn again can be read by those who could read it before; a link still leads to it."""
    path, link = tmp_path / "picture.svg", tmp_path / "link.svg"
    path.touch()
    path.chmod(0o640)
    link.symlink_to(path)
    parse("2*3").backprop().draw(link)
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert path.read_bytes().startswith(b"<svg")


@pytest.mark.parametrize("suffix", ["svg", "png", "dot", "SVG"])
def test_files(tmp_path: Path, suffix: str) -> None:
    """The suffix says what is drawn."""
    path = tmp_path / f"picture.{suffix}"
    assert parse("2*3").backprop().draw(path) is None
    assert path.read_bytes()[:4] in {b"<svg", b"\x89PNG", b"digr"}
