"""Opens pages in a real Chromium, driven from a thread of its own: the driver's event loop stays there."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pytest

import graphgrad as gg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = ["THREAD", "Visit", "in_browser", "running"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
THREAD = ThreadPoolExecutor(1, "browser")

P = ParamSpec("P")
R = TypeVar("R")


def in_browser(test: Callable[P, R]) -> Callable[P, R]:
    """Run a test on the browser's thread; skip it where there is no browser."""

    @wraps(test)
    def on_thread(*args: P.args, **kwargs: P.kwargs) -> R:
        return THREAD.submit(test, *args, **kwargs).result()

    return pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")(on_thread)


def running() -> Iterator[Browser]:
    """Yield a browser, then close it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    driver = THREAD.submit(sync_playwright().start).result()
    browser = THREAD.submit(driver.chromium.launch, executable_path=CHROMIUM, args=FLAGS).result()
    yield browser
    THREAD.submit(browser.close).result()
    THREAD.submit(driver.stop).result()


class Visit:
    """Draws expressions as pages and opens them offline; `complaints` is all that goes wrong there."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        """Remember where to open pages and where to write them."""
        self.browser, self.folder = browser, folder
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(
        self,
        text: str,
        at: dict[str, Any] | None = None,
        *,
        names: Sequence[str] = (),
        exact: bool = False,
        how: dict[str, Any] | None = None,
        **reader: Any,
    ) -> Page:
        """Open the page of an expression for a reader with these settings."""
        path = self.folder / f"page{len(self.contexts)}.html"
        gg.parse(text, name_literals=names).backprop(at, exact=exact).draw(path, **(how or {}))
        self.contexts.append(self.browser.new_context(offline=True, **reader))
        page = self.contexts[-1].new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self.complaints.append(request.url))
        page.goto(path.as_uri())
        self.complaints.remove(path.as_uri())
        return page

    def close(self) -> None:
        """Close all pages."""
        for context in self.contexts:
            context.close()
