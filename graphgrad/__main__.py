"""Runs the command as `python -m graphgrad`."""

from __future__ import annotations

from graphgrad.cli.command import main

__all__: list[str] = []

if __name__ == "__main__":
    raise SystemExit(main())
