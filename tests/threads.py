"""What tests do to threads: count those that are started, or let none be started."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def starts_of_threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Return a list that gets every thread that is started from now on."""
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    return started


def refused(_: threading.Thread) -> None:
    """Start no thread: what an interpreter does that has none."""
    message = "can't start new thread"
    raise RuntimeError(message)
