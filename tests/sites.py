"""Builds a small site in each of several tools, and measures its pictures in a browser as a reader sees them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import markdown
from PIL import Image

from graphgrad.ext.docs import main as graphgrad_docs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Browser, Page

Mode = Literal["light", "dark"]

__all__ = ["SITES", "WIDTHS", "Site", "View", "views"]

WIDTHS: Final = (1280, 735, 390)
"""The widths of a reader's window, in pixels: a desk, a column of text, a phone."""

SCREENSHOTS: Final = os.environ.get("GRAPHGRAD_SCREENSHOTS", "")
"""The folder that gets a picture of every page in every mode and width; empty for none."""

PROGRAM: Final = "(apple*n + orange*m)*tax"
AT: Final = "apple=100, n=2, orange=150, m=3, tax=1.1"

DIRECTIVES: Final = f"""\
Fruit
=====

.. graphgrad:: {PROGRAM}
   :at: {AT}
   :caption: What two kinds of fruit cost.
   :explain: apple

.. graphgrad:: L = (a*b + c)*f
   :at: a=2, b=-3, c=10, f=-2
   :theme: record

.. graphgrad:: x**2*exp(y)
   :at: x=3, y=1
   :theme: minimal

.. graphgrad:: apple*n*1.08
   :at: apple=100, n=5
   :page:
"""

MYST: Final = f"""\
# Fruit

```{{graphgrad}} {PROGRAM}
:at: {AT}
:caption: What two kinds of fruit cost.
:explain: apple
```

```{{graphgrad}} L = (a*b + c)*f
:at: a=2, b=-3, c=10, f=-2
:theme: record
```

```{{graphgrad}} x**2*exp(y)
:at: x=3, y=1
:theme: minimal
```

```{{graphgrad}} apple*n*1.08
:at: apple=100, n=5
:page:
```
"""

FENCES: Final = f"""\
# Fruit

```graphgrad at="{AT}" caption="What two kinds of fruit cost." explain="apple"
{PROGRAM}
```

```graphgrad at="a=2, b=-3, c=10, f=-2" theme="record"
L = (a*b + c)*f
```

```graphgrad at="x=3, y=1" theme="minimal"
x**2*exp(y)
```

```graphgrad at="apple=100, n=5" page
apple*n*1.08
```
"""

LINKED: Final = f"""\
# Fruit

<!-- graphgrad at="{AT}"
{PROGRAM}
-->
![What two kinds of fruit cost](pictures/fruit.svg)

<!-- graphgrad at="a=2, b=-3, c=10, f=-2" theme="record"
L = (a*b + c)*f
-->
![A neuron](pictures/neuron.svg)

<!-- graphgrad at="x=3, y=1" theme="minimal"
x**2*exp(y)
-->
![A square](pictures/square.svg)
"""

MKDOCS: Final = """\
site_name: Fruit
theme:
  name: material
  font: false
  palette:
    - {scheme: default, toggle: {icon: material/weather-night, name: Dark}}
    - {scheme: slate, toggle: {icon: material/weather-sunny, name: Light}}
markdown_extensions:
  - pymdownx.superfences:
      custom_fences:
        - name: graphgrad
          class: graphgrad
          format: !!python/name:graphgrad.ext.markdown.fence
          validator: !!python/name:graphgrad.ext.markdown.options
"""

INFIMA: Final = """\
<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Fruit</title>
<style>
html {{ color-scheme: light; background: #fff; color: #1c1e21; font: 16px/1.65 sans-serif; }}
html[data-theme="dark"] {{ color-scheme: dark; background: #1b1b1d; color: #e3e3e3; }}
body {{ margin: 0; }}
article {{ max-width: 735px; margin: 0 auto; padding: 0 1rem; }}
img {{ max-width: 100%; }}
</style>
</head>
<body><button onclick="const d = document.documentElement.dataset; d.theme = d.theme === 'dark' ? 'light' : 'dark'">
Switch</button><article>{content}</article></body>
</html>
"""
"""What Docusaurus makes of Markdown, as far as pictures are concerned: its reset, its column, its switch."""

FURO: Final = "() => document.querySelector('.theme-toggle').click()"
PYDATA: Final = "(wanted) => document.querySelector(`.theme-change-button[data-mode=${wanted}]`).click()"
MATERIAL: Final = """(wanted) => {
    const scheme = wanted === 'dark' ? 'slate' : 'default';
    document.querySelector(`input[data-md-color-scheme=${scheme}]`).click();
}"""
DOCUSAURUS: Final = """(wanted) => {
    if (document.documentElement.dataset.theme !== wanted) document.querySelector('button').click();
}"""

OPPOSITE: Final[Mapping[Mode, Mode]] = {"light": "dark", "dark": "light"}

MEASURE: Final = (Path(__file__).parent / "measure_pictures.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Site:
    """A tool, the packages it needs, how it builds a folder into a page, its switch, its column and its sources."""

    needs: tuple[str, ...]
    build: Callable[[Path], Path]
    switch: str
    column: str

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]


@dataclass(frozen=True)
class View:
    """What a reader of a page sees in a mode and a width: facts on each picture and each frame."""

    name: str
    mode: str
    width: int
    facts: Mapping[str, Any]


def _sphinx(theme: str, *extensions: str) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        listed = ["graphgrad.ext.sphinx", *extensions]
        (folder / "conf.py").write_text(f"extensions = {listed}\nhtml_theme = {theme!r}\n", encoding="utf-8")
        name, source = ("index.md", MYST) if extensions else ("index.rst", DIRECTIVES)
        (folder / name).write_text(source, encoding="utf-8")
        _run("sphinx", "-q", "-W", str(folder), str(folder / "built"))
        return folder / "built/index.html"

    return build


def _mkdocs(folder: Path) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs/index.md").write_text(FENCES, encoding="utf-8")
    (folder / "mkdocs.yml").write_text(MKDOCS, encoding="utf-8")
    _run("mkdocs", "build", "-q", "--strict", "-f", str(folder / "mkdocs.yml"))
    return folder / "site/index.html"


def _linked(folder: Path) -> Path:
    """Draw the pictures beside the Markdown, and lay the page out as a site generator does."""
    source = folder / "index.md"
    source.write_text(LINKED, encoding="utf-8")
    assert graphgrad_docs([str(source)]) == 0
    page = folder / "index.html"
    page.write_text(INFIMA.format(content=markdown.markdown(LINKED)), encoding="utf-8")
    return page


def _run(*module: str) -> None:
    command = [sys.executable, "-m", *module]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=quiet)
    assert done.returncode == 0, done.stdout + done.stderr


SITES: Final[Mapping[str, Site]] = {
    "furo": Site(("furo",), _sphinx("furo"), FURO, "article"),
    "pydata": Site(("pydata_sphinx_theme",), _sphinx("pydata_sphinx_theme"), PYDATA, "article"),
    "book": Site(("sphinx_book_theme", "myst_parser"), _sphinx("sphinx_book_theme", "myst_parser"), PYDATA, "article"),
    "material": Site(("mkdocs", "material"), _mkdocs, MATERIAL, "article"),
    "docusaurus": Site((), _linked, DOCUSAURUS, "article"),
}
"""The tools: Sphinx with three themes, one of them that of Jupyter Book, MkDocs, and pictures linked from Markdown."""


def views(name: str, browser: Browser, folder: Path) -> Iterator[View]:
    """Build a site, and yield what is seen in both modes at all widths, the system being set to the other mode."""
    site = SITES[name]
    path = site.build(folder)
    for mode, other in OPPOSITE.items():
        context = browser.new_context(offline=True, color_scheme=other, reduced_motion="reduce")
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate(site.switch, mode)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            _load_frames(page)
            facts = page.evaluate(MEASURE, site.column)
            for image, handle in zip(facts["images"], page.query_selector_all(f"{site.column} img"), strict=True):
                image["behind"] = _brightness(handle.screenshot())
            yield View(name, mode, width, facts)
            if SCREENSHOTS:
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{mode}-{width}.png", full_page=True)
        context.close()


def _brightness(screenshot: bytes) -> float:
    """Return how bright the middle of a picture's upper edge is, from 0 to 1: its card, or the page behind it."""
    with Image.open(BytesIO(screenshot)) as image:
        return image.convert("L").getpixel((image.width // 2, 4)) / 255  # type: ignore[operator]  # one number


def _load_frames(page: Page) -> None:
    """Scroll to each frame, which loads when it is near, and wait until it has its height."""
    for frame in page.query_selector_all("iframe.graphgrad-page"):
        frame.scroll_into_view_if_needed()
        inner = frame.content_frame()
        assert inner is not None
        inner.wait_for_selector("#transport:not([hidden])")
    page.wait_for_timeout(400)
