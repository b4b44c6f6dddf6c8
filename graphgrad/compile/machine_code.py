"""Compile LLVM assembly to machine code for this processor, and keep it on disk by content.

    code = machine_code(assembly, "loop")
    function = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(code.address)

The environment variable `GRAPHGRAD_CACHE` is the folder in which machine code is kept, `0` or nothing to keep none;
without it, `graphgrad` in the user's folder of caches. A folder or file that cannot be used counts as absent.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from threading import RLock
from time import time
from typing import TYPE_CHECKING, Any, Final

from graphgrad.base.errors import GraphgradError
from graphgrad.base.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MachineCode", "digest_of", "has_fma", "has_kept_any", "has_llvm", "kept_code", "machine_code"]

OLDEST: Final = (0, 45)
"""The first version of llvmlite with opaque pointers."""

SETTING: Final = "GRAPHGRAD_CACHE"
SUFFIX: Final = ".object"

FORMAT: Final = 1
"""The version of the files' format, and of the settings with which LLVM is called here: part of each file's name."""

DIGEST: Final = 32
"""The bytes of SHA-256 with which a file begins: the digest of its name and of the code that follows."""

MOST: Final = 1 << 28
"""The most bytes in the folder; beyond them the oldest files are deleted."""

STARTED: Final = time()
"""When this module was loaded, with those that write assembly, or before them."""

SELDOM: Final = 1 << 4
"""Only one write in so many looks at the size of the folder."""


@cache
def has_llvm() -> bool:
    """Whether llvmlite is installed and new enough."""
    try:
        from llvmlite import __version__
    except ImportError:
        return False
    return tuple(map(int, __version__.split(".")[:2])) >= OLDEST


@cache
def has_fma() -> bool:
    """Whether the processor has fused multiply-adds, as all do but old x86; without them, schemes would be slow."""
    from llvmlite import binding

    return bool(binding.get_host_cpu_features().get("fma", True))


class MachineCode:
    """A function in machine code. Its memory is freed with this object: keep the object as long as the address."""

    def __init__(self, engine: Any, name: str) -> None:
        """Look the function up; the engine owns its memory. Raises `RuntimeError` where there is none of this name."""
        self._engine = engine
        self.address: int = engine.get_function_address(name)
        if not self.address:
            raise RuntimeError(f"there is no function {name!r}")


def machine_code(assembly: str | Callable[[], str], name: str, *, speed: int = 0, key: str = "") -> MachineCode:
    """Return the function `name` of a module in LLVM's assembly, compiled or from the folder of compiled ones.

    `speed` is the level of optimization, as in `-O3`, before code is generated: 0 only inlines what is marked
    `alwaysinline`, and is enough for straight-line code; loops over arrays, to be vectorized, need 2 or 3. Operations
    on floats are neither reordered nor contracted.

    The assembly may be a function that writes it, which is called if the folder has no code for the `key`: a text of
    all that the assembly is made of.

    Raises `RuntimeError` for wrong assembly and where LLVM cannot make code for the processor, and `OSError` where
    executable memory is forbidden.
    """
    path = _path(speed, key or _text(assembly))
    code = _read(path) if path else None
    if code is None:
        code = compiler().object_code(_text(assembly), speed)
        if path:
            _keep(path, code)
    return MachineCode(compiler().loaded(code), name)


def has_kept_any() -> bool:
    """Whether there is a folder of compiled functions; this takes no time, while looking into it loads LLVM."""
    folder = _folder()
    try:
        return folder is not None and folder.exists()
    except OSError:  # a folder that may not be looked at, or whose name is too long
        return False


def kept_code(assembly: str | Callable[[], str], name: str, *, key: str = "") -> MachineCode:
    """Return the same for a speed of 0, but raise `FileNotFoundError` where it would have to be compiled."""
    path = _path(0, key or _text(assembly))
    code = _read(path) if path else None
    if code is None:
        raise FileNotFoundError(path)
    return MachineCode(compiler().loaded(code), name)


def digest_of(files: Iterable[Path]) -> str:
    """Return a digest of modules, as a part of keys; nothing where there are none, or one was changed since it ran.

    A process that goes on while the package is replaced writes what the modules of before do.
    """
    digest, latest = sha256(), 0.0
    for file in sorted(files):
        digest.update(file.read_bytes())
        status = file.stat()
        latest = max(latest, status.st_mtime, status.st_ctime)
    return digest.hexdigest() if 0 < latest < STARTED else ""


def _text(assembly: str | Callable[[], str]) -> str:
    return assembly if isinstance(assembly, str) else assembly()


class Compiler:
    """LLVM for the processor that this runs on."""

    def __init__(self) -> None:
        from llvmlite import __version__, binding

        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        self.binding = binding
        cpu, features = binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()
        triple = binding.get_process_triple()
        self.processor = f"{__version__} {triple} {cpu} {features}"
        self.settings = {"cpu": cpu, "features": features, "opt": 3, "jit": True}
        self.target = binding.Target.from_triple(triple)
        self.lock = lock = RLock()  # a signal's handler may compile, or fork, while its thread does
        if hasattr(os, "register_at_fork"):  # a fork while another thread has the lock would wait for it for ever
            os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)

    def object_code(self, assembly: str, speed: int) -> bytes:
        """Compile a module."""
        binding = self.binding
        with self.lock, binding.create_context() as context, binding.parse_assembly(assembly, context) as module:
            tuning = binding.create_pipeline_tuning_options(speed_level=speed)
            machine = self.target.create_target_machine(**self.settings)
            builder = binding.create_pass_builder(machine, tuning)
            builder.getModulePassManager().run(module, builder)
            return machine.emit_object(module)  # type: ignore[no-any-return]

    def loaded(self, code: bytes) -> Any:
        """Return an engine that has the module's functions in memory."""
        binding = self.binding
        with self.lock:
            machine = self.target.create_target_machine(**self.settings)  # the engine owns it
            engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
            engine.add_object_file(binding.ObjectFileRef.from_data(code))
            engine.finalize_object()
        return engine


@cache
def compiler() -> Compiler:
    """Return the one of this process."""
    return Compiler()


def _folder() -> Path | None:
    """Return the folder for machine code; None where none is to be kept."""
    setting = os.environ.get(SETTING)
    if setting is not None:
        return None if setting in {"", "0"} else Path(setting)
    try:
        return _user_folder() / "graphgrad"
    except RuntimeError:  # a user without a home
        return None


def _user_folder() -> Path:
    """Return the user's folder of caches, by the conventions of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".cache"


def _path(speed: int, content: str) -> Path | None:
    """Return the file of what this assembly or key becomes on this processor; None where none is to be kept."""
    folder = _folder()
    whole = f"{FORMAT} {speed} {compiler().processor}\n{content}"
    return folder and folder / f"{sha256(whole.encode()).hexdigest()[:40]}{SUFFIX}"


def _read(path: Path) -> bytes | None:
    """Return the code in a file; None where there is none, or one that is broken or that someone else may write."""
    try:
        if not _is_ours(path.parent) or not _is_ours(path):
            return None
        content = path.read_bytes()
    except OSError:
        return None
    digest, code = content[:DIGEST], content[DIGEST:]
    return code if _digest(path, code) == digest else None


def _digest(path: Path, code: bytes) -> bytes:
    """Return what a file begins with: code under the name of another file does not have it."""
    return sha256(path.name.encode() + code).digest()


def _is_ours(path: Path) -> bool:
    """Whether a file or folder, not a link, belongs to this user, and nobody else may write to it."""
    status = path.lstat()
    if not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):
        return False
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def _keep(path: Path, code: bytes) -> None:
    """Write a file, if that is possible."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent):
            return
        write_whole(path, _digest(path, code) + code)
        path.chmod(0o600)
        if int(path.stem[:8], 16) % SELDOM == 0:
            _tidy(path.parent)
    except (OSError, GraphgradError):
        return


def _tidy(folder: Path) -> None:
    """Delete the oldest files beyond the most bytes."""
    files = [(path.stat(), path) for path in folder.glob(f"*{SUFFIX}")]
    total = 0
    for status, path in sorted(files, key=lambda file: file[0].st_mtime, reverse=True):
        total += status.st_size
        if total > MOST:
            path.unlink(missing_ok=True)
