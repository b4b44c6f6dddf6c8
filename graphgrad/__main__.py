"""Runs the command as `python -m graphgrad`; its functions are the commands that are installed."""

from __future__ import annotations

import atexit
import gc
from importlib import import_module

__all__ = ["docs", "main"]

INTERRUPTED = 130
"""The exit status after an interrupt."""


def main() -> int:
    """Run `graphgrad`."""
    return _run("graphgrad.cli.command")


def docs() -> int:
    """Run `graphgrad-docs`."""
    return _run("graphgrad.ext.docs")


def _run(module: str) -> int:
    """Run the command of a module; an interrupt may come while it is loaded."""
    atexit.register(gc.freeze)  # the process ends with this run: sympy's objects need not be collected first
    try:
        return import_module(module).main()  # type: ignore[no-any-return]
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main())
