"""Load a file of Python that defines operations of the user's own."""

from __future__ import annotations

import sys
import traceback
from importlib.machinery import SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.errors import FileError, GraphgradError
from graphgrad.ops.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["operations_in"]

NAME: Final = "operations"
"""What the file calls its table."""

DEFINE: Final = f"write in it: {NAME} = gg.OPERATIONS.with_(gg.Op(…))"


class _Loader(SourceFileLoader):
    """Runs a file as a module, and leaves no compiled file beside it."""

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def operations_in(path: str) -> Operations:
    """Run a file of Python as a module, and return the table of operations that it defines, called `operations`.

    Raises `FileError` where it cannot be read, and `GraphgradError` with file and line where it fails, and where it
    defines no such table.
    """
    file = Path(path)
    try:
        file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"cannot read the plugin {path}: {reason}") from None
    table = getattr(_module(file), NAME, None)
    if isinstance(table, Operations):
        return table
    what = "defines no operations" if table is None else f"has a {type(table).__name__} as its operations, not a table"
    raise GraphgradError(f"the plugin {path} {what}", hint=DEFINE)


def _module(file: Path) -> ModuleType:
    """Return the module that a file is; it is named after the file, so that other processes can import it."""
    name = file.stem
    if not name.isidentifier() or file.suffix != ".py":
        hint = "name it with letters, digits and underscores: my_ops.py"
        raise GraphgradError(f"the plugin {file} is no module of Python", hint=hint)
    other = _other(name, file)
    if other:
        message = f"the plugin {file} has the name of another module: {other}"
        raise GraphgradError(message, hint="give it another name, such as my_ops.py")
    spec = spec_from_file_location(name, file.absolute(), loader=_Loader(name, str(file.absolute())))
    module = module_from_spec(spec)  # type: ignore[arg-type]  # with a loader, there is a spec
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]  # likewise
    except (Exception, SystemExit) as error:  # noqa: BLE001  the file is code of the user's, which may raise anything
        del sys.modules[name]
        _refuse(file, error)
    return module


def _other(name: str, file: Path) -> str | None:
    """Return where another module of this name is; None where there is none."""
    if name in sys.stdlib_module_names:
        return f"that of Python's own {name}"
    loaded = sys.modules.get(name)
    try:
        origin = getattr(loaded, "__file__", name) if loaded else getattr(find_spec(name), "origin", None)
    except (ImportError, ValueError):
        return None
    return None if origin is None or Path(origin).absolute() == file.absolute() else str(origin)


def _refuse(file: Path, error: BaseException) -> NoReturn:
    """Raise the error for a file that fails, with the line of it that failed."""
    place = _line(file, traceback.extract_tb(error.__traceback__))
    if isinstance(error, SyntaxError) and error.filename == str(file.absolute()):
        place, what = error.lineno, error.msg
    elif isinstance(error, GraphgradError):
        what = error.message
    else:
        what = "".join(traceback.format_exception_only(error)).strip()
    where = f", line {place}" if place else ""
    raise GraphgradError(f"the plugin {file}{where}: {what}", hint=getattr(error, "hint", "")) from error


def _line(file: Path, frames: Sequence[traceback.FrameSummary]) -> int | None:
    """Return the last line of the file that was running."""
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(file.absolute())), None)
