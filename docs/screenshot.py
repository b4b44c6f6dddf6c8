"""Take the screenshot of the interactive page that the tutorial and the README show: `python docs/screenshot.py`.

It needs Chromium and Playwright, which `pip install ".[test]"` in the clone installs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import graphgrad as gg

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

__all__ = ["main"]

PROGRAM: Final = "s = x*y; u = s + t; E = u*v"
AT: Final = {"x": 100, "y": 5, "t": 800, "v": 1.08}
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT, MARGIN = 1000, 600, 36
PIXELS: Final = 1.25
"""The pixels of the picture for each of the page, so that it is sharp on fine screens."""


def main(path: Path) -> None:
    """Draw the page, open it, point at x, and write the picture."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit('Playwright is not installed\nin the clone: pip install ".[test]"')
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("Chromium is not installed")
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        page = Path(folder) / "chain.html"
        gg.parse(PROGRAM).backprop(AT).draw(page, local=True)
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        tab = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=PIXELS)
        tab.goto(page.as_uri())
        take(tab, path)
        chromium.close()


def take(tab: Page, path: Path) -> None:
    """Look closer at the first input, and write a picture of the page down to the button below the sliders."""
    tab.locator('[id="n0"]').focus()
    last = tab.locator("#reset").bounding_box()
    bottom = last["y"] + last["height"] + MARGIN if last else HEIGHT
    clip: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": bottom}
    tab.screenshot(path=path, full_page=True, clip=clip, animations="disabled")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).with_name("page.png")
    parser.add_argument("path", nargs="?", type=Path, default=beside, help="the picture (default: docs/page.png)")
    main(parser.parse_args().path)
