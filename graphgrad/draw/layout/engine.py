"""Run a layout engine: the system's `dot`, the embedded one that came with the installation, or a given function."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.options import LayoutFunction

__all__ = ["EMBEDDED", "ENGINES", "SYSTEM", "TIMEOUT", "Engine", "find", "lay_out"]

TIMEOUT: Final = 60.0
"""The most seconds for one layout."""

INSTALL: Final = "install Graphviz, https://graphviz.org/download (apt install graphviz, brew install graphviz)"
LAYOUT_HINT: Final = "draw .dot or .mmd, which need none, or give engine=…, a function from DOT to its layout as JSON"


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that lays out DOT."""

    name: str
    program: str


SYSTEM: Final = Engine("system", "dot")
EMBEDDED: Final = Engine("embedded", "graphviz-pure")
ENGINES: Final = (SYSTEM, EMBEDDED)
"""All engines in the order of preference."""


def find(engine: str = "auto") -> tuple[Engine, str]:
    """Return the engine to use and its executable's path; `engine` is "auto", "system" or "embedded".

    Raises `RenderError` where there is none.
    """
    wanted = [each for each in ENGINES if engine in {"auto", each.name}]
    if not wanted:
        hint = f"take auto, {' or '.join(each.name for each in ENGINES)}"
        raise RenderError(f"there is no engine named {engine!r}", hint=hint)
    if os.name == "posix" and not hasattr(os, "fork"):
        raise _no_processes()
    for each in wanted:
        path = _executable(each.program)
        if path:
            return each, path
    raise RenderError("there is no engine to lay out with", hint=INSTALL)


def lay_out(source: str, engine: str | LayoutFunction = "auto") -> bytes:
    """Return the layout of a DOT source as JSON.

    `engine` is "auto", "system", "embedded", or a function that takes the source and returns its layout as JSON.
    Raises `RenderError` where there is no engine, or it fails.

    >>> lay_out("digraph {}", engine=lambda dot: '{"objects": []}')
    b'{"objects": []}'
    """
    if callable(engine):
        return _called(engine, source)
    chosen, path = find(engine)
    return _run([path, "-Tjson0"], source, chosen)


def _called(engine: LayoutFunction, source: str) -> bytes:
    """Return the layout that a function makes of a source."""
    try:
        answer = engine(source)
    except TypeError as error:
        raise RenderError(f"the engine cannot be called with a text: {error}") from error
    return answer.encode() if isinstance(answer, str) else answer


def _no_processes() -> RenderError:
    """Return the error for a system where Python cannot start programs, as in a browser."""
    return RenderError("there is no engine here: this Python cannot start programs", hint=LAYOUT_HINT)


def _run(command: list[str], source: str, engine: Engine) -> bytes:
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=TIMEOUT, check=True)  # noqa: S603  no shell
    except subprocess.TimeoutExpired:
        message = f"the {engine.name} engine took longer than {TIMEOUT:g} seconds"
        raise RenderError(message, hint="draw a part of the expression") from None
    except subprocess.CalledProcessError as error:
        raise RenderError(f"the {engine.name} engine failed: {_last_line(error.stderr)}") from None
    except NotImplementedError:
        raise _no_processes() from None
    except OSError as error:
        if error.errno in {errno.ENOTSUP, errno.ENOSYS}:
            raise _no_processes() from None
        reason = error.strerror or error
        raise RenderError(f"the {engine.name} engine does not start: {reason}", hint=INSTALL) from None
    if not done.stdout:
        raise RenderError(f"the {engine.name} engine drew nothing: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it does not say why"


def _executable(program: str) -> str | None:
    """Return a program's path: on PATH or, for what came with the installation, in its scripts directories."""
    places = [str(place) for place in _script_directories()]
    paths = (shutil.which(program, path=place) for place in places) if program == EMBEDDED.program else iter(())
    return next(filter(None, paths), None) or shutil.which(program)


def _script_directories() -> Iterator[Path]:
    yield Path(sys.executable).parent
    yield Path(sysconfig.get_path("scripts"))
    user = sysconfig.get_preferred_scheme("user")
    yield Path(sysconfig.get_path("scripts", scheme=user))
