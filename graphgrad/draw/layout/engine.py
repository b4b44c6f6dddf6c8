"""The one place that runs a program: the system's `dot`, or the embedded engine that came with the installation."""

from __future__ import annotations

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

__all__ = ["EMBEDDED", "ENGINES", "SYSTEM", "TIMEOUT", "Engine", "find", "render"]

TIMEOUT: Final = 60.0
"""Seconds after which a layout is given up."""

INSTALL: Final = "install Graphviz, https://graphviz.org/download (apt install graphviz, brew install graphviz)"
COMMANDS: Final = {"png": "-Tpng", "svg": "-Tsvg", "pdf": "-Tpdf", "json": "-Tjson0"}
PLACED: Final = ("-Kneato", "-n2")
"""Draws a source whose every position is given, without a layout."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that lays out and draws DOT, the formats it has, and whether it sees the system's fonts for CJK."""

    name: str
    program: str
    formats: frozenset[str]
    cjk: bool


SYSTEM: Final = Engine("system", "dot", frozenset(COMMANDS), cjk=True)
EMBEDDED: Final = Engine("embedded", "graphviz-pure", frozenset(COMMANDS) - {"pdf"}, cjk=False)
ENGINES: Final = (SYSTEM, EMBEDDED)
"""In the order of preference."""


def find(engine: str = "auto") -> tuple[Engine, str]:
    """Return the engine to use and its executable's path; `engine` is "auto", "system" or "embedded".

    Raises `RenderError` where there is none.
    """
    wanted = [each for each in ENGINES if engine in {"auto", each.name}]
    found = next(((each, path) for each in wanted if (path := _executable(each.program))), None)
    if found is None:
        what = "there is no engine to draw with" if wanted else f"there is no engine named {engine!r}"
        raise RenderError(what, hint=INSTALL if wanted else f"take auto, {' or '.join(e.name for e in ENGINES)}")
    return found


def render(source: str, form: str, *, engine: str = "auto", placed: bool = False, dpi: float | None = None) -> bytes:
    """Return a DOT source drawn as "svg", "png" or "pdf", or its layout as "json".

    `placed` says that the source holds all positions already. Raises `RenderError` for everything that can go wrong.
    """
    chosen, path = find(engine)
    _refuse(chosen, form, source)
    options = [COMMANDS[form], *(PLACED if placed else ()), *([f"-Gdpi={dpi:g}"] if dpi else [])]
    return _run([path, *options], source, chosen)


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
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=TIMEOUT, check=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        message = f"the {engine.name} engine took longer than {TIMEOUT:g} seconds"
        raise RenderError(message, hint="draw a part of the expression") from None
    except subprocess.CalledProcessError as error:
        raise RenderError(f"the {engine.name} engine failed: {_last_line(error.stderr)}") from None
    except OSError as error:
        raise RenderError(f"the {engine.name} engine does not start: {error.strerror}", hint=INSTALL) from None
    if not done.stdout:
        raise RenderError(f"the {engine.name} engine drew nothing: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it does not say why"


def _executable(program: str) -> str | None:
    """Return a program's path: on PATH or, for what came with the installation, in its scripts directories."""
    places = [str(place) for place in _script_directories()]
    found = (shutil.which(program, path=place) for place in places) if program == EMBEDDED.program else iter(())
    return next(filter(None, found), None) or shutil.which(program)


def _script_directories() -> Iterator[Path]:
    yield Path(sys.executable).parent
    yield Path(sysconfig.get_path("scripts"))
    user = sysconfig.get_preferred_scheme("user")
    yield Path(sysconfig.get_path("scripts", scheme=user))
