"""Run a layout engine: the system's `dot`, the embedded one that came with the installation, or a given function."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import sysconfig
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphgrad.base.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphgrad.draw.options import LayoutFunction

__all__ = ["EMBEDDED", "ENGINES", "SYSTEM", "TIMEOUT", "Engine", "find", "render"]

TIMEOUT: Final = 60.0
"""The most seconds for one layout."""

INSTALL: Final = "install Graphviz, https://graphviz.org/download (apt install graphviz, brew install graphviz)"
LAYOUT_HINT: Final = "draw .dot or .mmd, which need none, or give engine=…, a function from DOT to its layout as JSON"
COMMANDS: Final = {"png": "-Tpng", "svg": "-Tsvg", "pdf": "-Tpdf", "json": "-Tjson0"}
PLACED: Final = ("-Kneato", "-n2")
"""The options for a source that has all positions, so that nothing is laid out."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that lays out and draws DOT, its formats, and whether it can use the system's fonts for CJK."""

    name: str
    program: str
    formats: frozenset[str]
    cjk: bool


SYSTEM: Final = Engine("system", "dot", frozenset(COMMANDS), cjk=True)
EMBEDDED: Final = Engine("embedded", "graphviz-pure", frozenset(COMMANDS) - {"pdf"}, cjk=False)
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
    raise RenderError("there is no engine to draw with", hint=INSTALL)


def render(
    source: str,
    form: str,
    *,
    engine: str | LayoutFunction = "auto",
    placed: bool = False,
    dpi: float | None = None,
) -> bytes:
    """Return a DOT source drawn as "svg", "png" or "pdf", or its layout as "json".

    `engine` is "auto", "system", "embedded", or a function that takes the source and returns its layout as JSON.
    `placed` says that the source has all positions already. Raises `RenderError` where there is no engine, or it fails.

    >>> render("digraph {}", "json", engine=lambda dot: '{"objects": []}')
    b'{"objects": []}'
    """
    if callable(engine):
        return _called(engine, source, form)
    chosen, path = find(engine)
    _refuse(chosen, form, source)
    options = [COMMANDS[form], *(PLACED if placed else ()), *([f"-Gdpi={dpi:g}"] if dpi else [])]
    return _run([path, *options], source, chosen)


def _called(engine: LayoutFunction, source: str, form: str) -> bytes:
    """Return the layout that a function makes of a source."""
    if form != "json":
        raise RenderError(f"a function as the engine draws no {form.upper()}", hint=f"for {form.upper()}, {INSTALL}")
    try:
        answer = engine(source)
    except TypeError as error:
        raise RenderError(f"the engine cannot be called with a text: {error}") from error
    return answer.encode() if isinstance(answer, str) else answer


def _no_processes() -> RenderError:
    """Return the error for a system where Python cannot start programs, as in a browser."""
    return RenderError("there is no engine here: this Python cannot start programs", hint=LAYOUT_HINT)


def _refuse(engine: Engine, form: str, source: str) -> None:
    if form not in COMMANDS:
        raise RenderError(f"no engine draws {form!r}", hint=f"take one of {', '.join(COMMANDS)}")
    if form not in engine.formats:
        raise RenderError(f"the embedded engine draws no {form.upper()}", hint=f"for {form.upper()}, {INSTALL}")
    wide = next((c for c in source if unicodedata.east_asian_width(c) in "WF"), None)
    if form == "png" and wide and not engine.cjk:
        message = f"the embedded engine has no font for {wide!r} in a PNG"
        raise RenderError(message, hint=f"draw an SVG, or {INSTALL}")


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
