"""The fence for Python-Markdown and MkDocs, by building documents."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import markdown
import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from planting import plant

from graphgrad.ext.markdown import fence, options
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
site_name: Apples
theme: {name: null, custom_dir: theme}
markdown_extensions:
  - pymdownx.superfences:
      custom_fences:
        - name: graphgrad
          class: graphgrad
          format: !!python/name:graphgrad.ext.markdown.fence
          validator: !!python/name:graphgrad.ext.markdown.options
"""

PAGE = """\
# Apples

```graphgrad at="apple=100, tax=1.08" pass="forward" caption="Five <apples>" fold
apple*5*tax
```

- In a list:

    ``` {.graphgrad .wide alt="Twice three" fold}
    x = 3
    2*x
    ```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a MkDocs project with one page, and a theme that is the bare content."""
    for name in ("docs", "theme"):
        (tmp_path / name).mkdir()
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "theme/main.html").write_text("{{ page.content }}", encoding="utf-8")
    (tmp_path / "docs/index.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def site(folder: Path, *, strict: bool = True) -> str:
    """Build the project and return its page."""
    build(load_config(str(folder / "mkdocs.yml"), strict=strict))
    return (folder / "site/index.html").read_text("utf-8")


def test_mkdocs_shows_the_picture(folder: Path) -> None:
    """A fence becomes a picture with the numbers at its point, its caption, its classes."""
    page = site(folder)
    assert page.count("<svg xmlns=") == 2
    assert ">540</text>" in page
    assert "<figcaption>Five &lt;apples&gt;</figcaption>" in page
    assert '<figure class="graphgrad-figure wide">' in page
    assert 'aria-label="Twice three"' in page
    assert ">×2</text>" in page or ">2×</text>" in page


def test_a_derivative_is_explained_in_plain_text(folder: Path) -> None:
    """The chain rule stands below the picture, readable on a site that typesets no formulas."""
    (folder / "docs/index.md").write_text('```graphgrad at="a=2, b=3" explain="b"\na < b\n```\n', encoding="utf-8")
    assert (
        '<pre class="graphgrad-explanation" style="overflow-x: auto"><code>The chain rule for E by b\nAt a = 2, b = 3:'
        in site(folder)
    )
    assert "E = [a &lt; b] = 1" in site(folder)


def test_the_page_instead_of_the_picture(folder: Path) -> None:
    """With `page`, the page that plays both passes stands in a frame."""
    (folder / "docs/index.md").write_text("```graphgrad page\n2*3\n```\n", encoding="utf-8")
    assert site(folder).count("<iframe ") == site(folder).count("&lt;/html&gt;") == 1


def test_ids_are_unique_on_a_page(folder: Path) -> None:
    """The same fence twice is two pictures whose ids differ."""
    (folder / "docs/index.md").write_text("```graphgrad\n2*3\n```\n\n" * 2, encoding="utf-8")
    ids = [part.partition('"')[0] for part in site(folder).split('id="')[1:]]
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(
    ("header", "text", "message"),
    [
        ("", "a < <b>c", "a number or a name is missing before '<'"),
        ('capton="x"', "2*3", "did you mean 'caption'?"),
        ('fold="yes"', "2*3", "the option 'fold' takes no value"),
    ],
)
def test_what_is_wrong_fails_a_strict_build(
    folder: Path, header: str, text: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault is a warning that names the page, and stands in the page itself."""
    (folder / "docs/index.md").write_text(f"```graphgrad {header}\n{text}\n```\n", encoding="utf-8")
    assert '<pre class="graphgrad-error">' in site(folder, strict=False)
    assert "<b>" not in site(folder, strict=False)
    assert message in caplog.text
    assert all(record.getMessage().startswith("index.md: ") for record in caplog.records if "graphgrad" in record.name)
    assert all(record.levelno == logging.WARNING for record in caplog.records if record.name == "mkdocs.graphgrad")
    with pytest.raises(Abort, match="strict mode"):
        site(folder)


def test_a_failed_check_fails_a_strict_build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a number is not sympy's, a strict build fails."""
    plant(monkeypatch, replace(OPS["tanh"], d=(lambda m, z, x: 1 + z**2,), stable_d=None))
    (folder / "docs/index.md").write_text('```graphgrad at="x=0.5"\ntanh(x)\n```\n', encoding="utf-8")
    with pytest.raises(Abort, match="strict mode"):
        site(folder)


def test_python_markdown_alone() -> None:
    """Without MkDocs, the fence works as well."""
    custom = {"name": "graphgrad", "class": "graphgrad", "format": fence, "validator": options}
    html = markdown.markdown(
        '~~~graphgrad at="x=3"\nx**2\n~~~',
        extensions=["pymdownx.superfences"],
        extension_configs={"pymdownx.superfences": {"custom_fences": [custom]}},
    )
    assert ">9</text>" in html
