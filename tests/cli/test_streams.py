"""Exit statuses: 1 says that a check failed, and nothing else; a command never ends with a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from graphgrad.cli import main

FULL: Final = Path("/dev/full")
COMMAND: Final = f"{sys.executable} -m graphgrad"
DOCS: Final = f"{sys.executable} -c 'import sys; from graphgrad.__main__ import docs; sys.exit(docs())'"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="redirections of a POSIX shell")


def run(line: str, folder: Path) -> tuple[int, str]:
    """Run a line of the shell; return its status, and what it says on standard error."""
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, cwd=folder, timeout=100, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "arguments",
    ["'x*y' --at x=1,y=2", "'x*y' --at x=1,y=2 --json", "--operations", "--version", "--help", "'x*' --json"],
)
@pytest.mark.parametrize("output", [">&-", "> /dev/full"])
def test_an_answer_that_cannot_be_written_has_status_3(arguments: str, output: str, tmp_path: Path) -> None:
    """Neither to a stream that is closed, nor to a full disk."""
    if "full" in output and not FULL.exists():
        pytest.skip("this system has no /dev/full")
    status, told = run(f"{COMMAND} {arguments} {output}", tmp_path)
    assert (status, told.splitlines()[-1].partition(": ")[0]) == (3, "graphgrad")
    assert "cannot write the answer: " in told


@pytest.mark.parametrize("line", ["- --at x=1 <&-", "-f - --at x=1 <&-", "-f no.txt", "'x' --at x=1 -o no/such/a.svg"])
def test_what_cannot_be_read_or_written_has_status_3(line: str, tmp_path: Path) -> None:
    """A closed standard input, a file that is not there, a folder that is none."""
    (tmp_path / "no").write_text("", encoding="utf-8")
    status, told = run(f"{COMMAND} {line}", tmp_path)
    assert (status, told.startswith("graphgrad: cannot ")) == (3, True)


@pytest.mark.parametrize(("line", "status"), [("'x*'", 2), ("'x*y' --at x=1,y=2 >&-", 3), ("--no-such-option", 2)])
def test_a_closed_standard_error_changes_no_status(line: str, status: int, tmp_path: Path) -> None:
    """Nothing is said, and nothing is printed in place of it."""
    assert run(f"{COMMAND} {line} 2>&-", tmp_path) == (status, "")


def test_whoever_has_read_enough_is_no_error(tmp_path: Path) -> None:
    """As `head` has."""
    assert run(f"{COMMAND} --operations | head -1 > told; exit 0", tmp_path) == (0, "")
    assert (tmp_path / "told").read_text(encoding="utf-8") == "Arithmetic\n"


@pytest.mark.parametrize("output", [">&-", "> /dev/full"])
def test_the_command_for_documents_has_the_same_statuses(output: str, tmp_path: Path) -> None:
    """It prints how many graphs it has drawn."""
    (tmp_path / "a.md").write_text("text\n", encoding="utf-8")
    assert run(f"{DOCS} a.md {output}", tmp_path)[0] == 3


@pytest.mark.parametrize("milliseconds", [60, 100, 150, 200, 300, 400, 600])
def test_an_interrupt_has_status_130(milliseconds: int, tmp_path: Path) -> None:
    """Also while modules are loaded, once Python itself has begun."""
    command = [sys.executable, "-c", "print(flush=True); from graphgrad.__main__ import main; raise SystemExit(main())"]
    arguments = ["+".join(f"sin(x{i})**x{i}" for i in range(400)), "--at", ",".join(f"x{i}=0.5" for i in range(400))]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=100)
    assert (process.returncode, told) == (130, "")


def test_a_program_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the path is written like."""
    program = tmp_path / "prog.svg"
    program.write_text("x*y", encoding="utf-8")
    (tmp_path / "link.svg").symlink_to(program)
    for output in ("prog.svg", "./prog.svg", "link.svg"):
        assert main(["-f", str(program), "--at", "x=1,y=2", "-o", str(tmp_path / output)]) == 3
        assert "is the input" in capsys.readouterr().err
    assert program.read_text(encoding="utf-8") == "x*y"
