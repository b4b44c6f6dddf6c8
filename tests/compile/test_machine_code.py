"""Machine code by LLVM: compiled once, kept on disk by content, and never taken from a file that cannot be trusted."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest

import graphgrad as gg
from graphgrad.compile import machine_code as module
from graphgrad.compile.columns import llvm_kernel, ufunc_plan
from graphgrad.compile.machine_code import has_llvm, kept_code, machine_code

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not has_llvm(), reason="llvmlite is not installed")
needs_posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")

SQUARE_AND_ADD: Final = """
define double @f(double %x, double %y) {
  %square = fmul double %x, %x
  %sum = fadd double %square, %y
  ret double %sum
}
"""
CHILD: Final = f"""
import ctypes
from graphgrad.compile.machine_code import machine_code
for k in range(20):
    code = machine_code({SQUARE_AND_ADD!r} + ";" * k, "f")
    assert ctypes.CFUNCTYPE(*[ctypes.c_double] * 3)(code.address)(3.0, 2.0) == 11
"""


def called(x: float, y: float) -> float:
    """Return x² + y by machine code."""
    code = machine_code(SQUARE_AND_ADD, "f")
    return ctypes.CFUNCTYPE(*[ctypes.c_double] * 3)(code.address)(x, y)  # type: ignore[no-any-return]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep machine code in a folder that does not exist yet."""
    folder = tmp_path / "a" / "cache"
    monkeypatch.setenv("GRAPHGRAD_CACHE", str(folder))
    return folder


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of what will have been compiled."""
    made: list[str] = []
    llvm = module.compiler()
    whole = llvm.object_code

    def recording(assembly: str, speed: int) -> bytes:
        made.append(assembly)
        return whole(assembly, speed)

    monkeypatch.setattr(llvm, "object_code", recording)
    return made


def test_the_second_time_it_is_read(folder: Path, compiled: list[str]) -> None:
    """The same module is compiled once, and its file is for its user alone."""
    assert [called(3.0, 2.0), called(2.0, 1.0)] == [11, 5]
    assert compiled == [SQUARE_AND_ADD]
    [file] = folder.iterdir()
    if hasattr(os, "getuid"):
        assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_the_assembly_is_written_only_to_be_compiled(folder: Path, compiled: list[str]) -> None:
    """A key that was compiled before is enough; another one is not."""
    written: list[int] = []

    def write() -> str:
        written.append(1)
        return SQUARE_AND_ADD

    with pytest.raises(FileNotFoundError):
        kept_code(write, "f", key="a")
    for key in ("a", "a", "b"):
        machine_code(write, "f", key=key)
    kept_code(write, "f", key="b")
    assert len(written) == len(compiled) == len([*folder.iterdir()]) == 2


def test_a_kernel_of_other_code_is_not_taken(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a formula was compiled to by another version of the package stays unused."""
    monkeypatch.setattr(ufunc_plan, "WORTH_COMPILING", (0, 0))
    for writer in ("one", "one", "another"):
        monkeypatch.setattr(llvm_kernel, "_writer", lambda writer=writer: writer)
        assert gg.parse("x*y").compile()([2.0], 3.0)[0].tolist() == [6]
    assert len(compiled) == len([*folder.iterdir()]) == 2


def test_products_and_sums_are_rounded_one_by_one(folder: Path) -> None:
    """No fused multiply-add is made of them."""
    x = 1 + 2.0**-30
    assert called(x, -(x * x)) == 0
    assert folder.exists()


@pytest.mark.parametrize("off", ["", "0"])
def test_it_can_be_switched_off(off: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[str]) -> None:
    """Then nothing is written, and everything compiled anew."""
    monkeypatch.setenv("GRAPHGRAD_CACHE", off)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert [called(3.0, 2.0), called(3.0, 2.0)] == [11, 11]
    assert len(compiled) == 2
    assert not [*tmp_path.iterdir()]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="has other conventions")
def test_it_is_in_the_users_folder_of_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a setting, it is where caches are."""
    monkeypatch.delenv("GRAPHGRAD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert called(3.0, 2.0) == 11
    assert len([*(tmp_path / "graphgrad").iterdir()]) == 1


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, None])
def test_a_broken_file_is_as_if_absent(content: bytes | None, folder: Path, compiled: list[str]) -> None:
    """One that is cut off, overwritten, or has one wrong byte at its end is written again."""
    called(3.0, 2.0)
    [file] = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if content is None else content)
    assert called(3.0, 2.0) == 11
    assert len(compiled) == 2
    assert file.read_bytes() == whole


def test_a_file_under_another_name_is_as_if_absent(folder: Path) -> None:
    """Whole code of another function is not taken for this one's."""
    machine_code(SQUARE_AND_ADD.replace("fadd", "fsub"), "f")
    [other] = folder.iterdir()
    whole = other.read_bytes()
    called(3.0, 2.0)
    [file] = {*folder.iterdir()} - {other}
    file.write_bytes(whole)
    assert called(3.0, 2.0) == 11


def test_a_function_that_is_not_there_has_no_address() -> None:
    """Nobody calls the address 0."""
    with pytest.raises(RuntimeError, match="no function 'g'"):
        machine_code(SQUARE_AND_ADD, "g")


def test_modules_changed_since_they_were_loaded_are_no_part_of_a_key(tmp_path: Path) -> None:
    """A process that outlives an upgrade would keep old code as that of the new modules."""
    file = tmp_path / "writer.py"
    file.write_text("")
    assert not module.digest_of([file])
    assert not module.digest_of([])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "STARTED", file.stat().st_ctime + 1)
        assert module.digest_of([file])
        os.utime(file, (2**33, 2**33))
        assert not module.digest_of([file])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_waits_for_the_compiler_of_another_thread() -> None:
    """Else the child would wait for ever: the thread that has the lock is not in it."""
    code = f"""
import os, signal, threading
from graphgrad.compile.machine_code import compiler, machine_code
taken = threading.Event()
def compiling():
    with compiler().lock:
        taken.set()
        threading.Event().wait(0.3)
threading.Thread(target=compiling).start()
taken.wait()
child = os.fork()
if not child:
    signal.alarm(20)
    machine_code({SQUARE_AND_ADD!r}, "f")
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
machine_code({SQUARE_AND_ADD!r}, "f")
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


@needs_posix
@pytest.mark.parametrize("others_may", ["the folder", "the file", "the link"])
def test_what_others_may_write_is_not_run(others_may: str, folder: Path, compiled: list[str]) -> None:
    """Code is taken only from a file and a folder that nobody else may write to, and not by a link."""
    called(3.0, 2.0)
    [file] = folder.iterdir()
    if others_may == "the link":
        file.rename(folder / "elsewhere")
        file.symlink_to(folder / "elsewhere")
    else:
        path = folder if others_may == "the folder" else file
        path.chmod(0o777)
    assert called(3.0, 2.0) == 11
    assert len(compiled) == 2


def test_a_folder_that_cannot_be_made_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file is in the way, everything works without the folder."""
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("GRAPHGRAD_CACHE", str(file / "folder"))
    assert called(3.0, 2.0) == 11


def test_a_folder_that_cannot_be_looked_for_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are computed where the system refuses the folder's name."""
    monkeypatch.setenv("GRAPHGRAD_CACHE", "/" + "long" * 1_000)
    monkeypatch.setattr(ufunc_plan, "WORTH_READING", 0)
    assert gg.parse("x*y").compile()([2.0], 3.0)[0].tolist() == [6]


def test_the_oldest_are_deleted_beyond_a_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder does not grow beyond its bound."""
    monkeypatch.setattr(module, "SELDOM", 1)
    called(3.0, 2.0)
    [first] = folder.iterdir()
    os.utime(first, (0, 0))
    monkeypatch.setattr(module, "MOST", first.stat().st_size + 9)
    machine_code(SQUARE_AND_ADD + ";", "f")
    assert len([*folder.iterdir()]) == 1
    assert not first.exists()


def test_many_threads_and_processes_share_it(folder: Path) -> None:
    """Eight processes that compile the same functions at once get working code, and leave whole files alone."""
    children = [subprocess.Popen([sys.executable, "-c", CHILD]) for _ in range(8)]
    assert [child.wait() for child in children] == [0] * 8
    assert {file.suffix for file in folder.iterdir()} == {module.SUFFIX}
    assert len([*folder.iterdir()]) == 20
    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(called, [3.0] * 40, [2.0] * 40)] == [11] * 40


def test_nothing_is_written_by_an_import(tmp_path: Path) -> None:
    """Only compiling writes."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    environment.pop("GRAPHGRAD_CACHE", None)
    code = "import graphgrad as gg; import graphgrad.compile.machine_code; gg.parse('x*y').compile()(1, 2)"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not [*tmp_path.iterdir()]
