"""What long work is at, on a terminal."""

from __future__ import annotations

import io
import threading

import pytest
from terminal import Terminal

from graphgrad.base import progress
from graphgrad.base.progress import is_shown, shown_on, tell


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.01)


@pytest.mark.usefixtures("_at_once")
def test_long_work_is_shown_and_erased() -> None:
    """After a while the terminal shows what the work is at, and nothing of it is left in the end."""
    terminal = Terminal()
    with shown_on(terminal):
        tell("node 3 of 10")
        terminal.written.clear()
        assert terminal.written.wait(20)
    assert "checking: node 3 of 10" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_short_work_is_not_shown() -> None:
    """What is over within a second leaves the terminal as it is."""
    terminal = Terminal()
    with shown_on(terminal):
        tell("rules")
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("_at_once")
def test_a_file_gets_nothing() -> None:
    """On a stream that is no terminal nothing is shown, and Ctrl-C keeps its meaning."""
    stream = io.StringIO()
    with shown_on(stream):
        assert not is_shown()
        tell("rules")
    assert stream.getvalue() == ""


def test_another_thread_is_not_shown() -> None:
    """The block shows the work of its own thread only."""
    seen: list[bool] = []
    with shown_on(Terminal()):
        thread = threading.Thread(target=lambda: seen.append(is_shown()))
        thread.start()
        thread.join()
        assert is_shown()
    assert seen == [False]
    assert not is_shown()
