"""The documentation builds without a warning, and shows what there is."""

from __future__ import annotations

import importlib
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM
from katex import IN_KATEX, typeset
from scripts import script

import graphgrad
import graphgrad as gg
from graphgrad.cli.plugin import operations_in
from graphgrad.ext.block import OPTIONS
from graphgrad.ops import OPS

LEFT = re.compile("^ +", re.MULTILINE)

DOCS = Path(__file__).parents[1] / "docs"


def test_the_site_shows_everything(tmp_path: Path) -> None:
    """Every operation has its section and its picture, every figure, option and public name is there."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-j", "2", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    operations = (tmp_path / "operations.html").read_text("utf-8")
    ids = {name: f'operation-{name.replace("_", "-")}"' for name in OPS}
    assert [name for name, op in OPS.items() if bool(op.helper) == (f'id="{ids[name]}' in operations)] == []
    assert [name for name, op in OPS.items() if bool(op.helper) == (f'href="#{ids[name]}' in operations)] == []
    shown = [op for op in OPS.values() if not op.helper]
    assert operations.count('class="graphgrad graphgrad-') == sum(op.arity > 0 for op in shown)
    assert operations.count('class="formula"') == sum(1 + (op.arity > 0) for op in shown)
    tutorial = (tmp_path / "tutorial.html").read_text("utf-8")
    assert [i for i in range(1, 8) if f'id="figure-{i}"' not in tutorial] == []
    documents = (tmp_path / "documents.html").read_text("utf-8")
    assert [name for name in OPTIONS if f'<span class="pre">{name}</span>' not in documents] == []
    reference = (tmp_path / "reference.html").read_text("utf-8")
    public = [name for name in graphgrad.__all__ if name[0] != "_"]
    assert [name for name in public if f'id="graphgrad.{name}"' not in reference] == []


PAGE = """\
```graphgrad wrt="apple" fold
100*5*1.08
```

![Five apples](apple.svg)

*Figure 4. Backward.*

<!-- graphgrad
x = 3
x**2
-->
![Nine](nine.svg)

Below.

<!-- site
A page.
-->
![Its picture](page.png)

```graphgrad
not drawn
```
"""
FOR_THE_SITE = """\
```text
100*5*1.08
```

```{graphgrad}
:wrt: apple
:fold:
:caption: Figure 4. Backward.
:name: figure-4

100*5*1.08
```

```{graphgrad}

x = 3
x**2
```

Below.

A page.

```graphgrad
not drawn
```
"""


def test_a_markdown_page_is_drawn_anew_for_the_site() -> None:
    """Each graph with a picture becomes a directive, its text stays where it is to be seen."""
    assert script("docs/markdown_pages.py").for_the_site(PAGE) == FOR_THE_SITE


def test_the_table_of_options_is_up_to_date() -> None:
    """A code host shows every option of directive, fence and magic."""
    page = script("docs/options_table.py")
    text = page.PAGE.read_text("utf-8")
    assert text == page.with_table(text), "python docs/options_table.py"
    assert [name for name in OPTIONS if f"| `{name}` |" not in text] == []


def test_the_code_of_the_digits_is_that_of_their_program() -> None:
    """What a page quotes stands in the program that it is about."""
    page = (DOCS / "digits.md").read_text("utf-8")
    program = LEFT.sub("", (DOCS.parent / "examples" / "digits.py").read_text("utf-8"))
    quoted = re.findall(r"```(?:text|python)\n(.*?)```", page, re.DOTALL)
    assert len(quoted) == 3
    assert [code for code in quoted if LEFT.sub("", code) not in program] == []


def size(picture: Path) -> tuple[int, int]:
    """Return width and height of a PNG."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height


def test_the_screenshot_is_small() -> None:
    """A reader loads it with the README."""
    assert (DOCS / "page.png").stat().st_size < 150_000


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_screenshot_is_taken_by_its_script(tmp_path: Path) -> None:
    """Taken again, it is as wide, and about as high: fonts differ between machines."""
    subprocess.run([sys.executable, str(DOCS / "screenshot.py"), str(tmp_path / "page.png")], timeout=120, check=True)
    fresh, committed = size(tmp_path / "page.png"), size(DOCS / "page.png")
    assert fresh[0] == committed[0]
    assert fresh[1] == pytest.approx(committed[1], rel=0.1)


def test_the_picture_of_own_operations_is_that_of_the_plugin(tmp_path: Path) -> None:
    """The page shows what `my_ops.py`, which stands beside it, gives."""
    table = operations_in(str(DOCS / "my_ops.py"))
    result = gg.parse("swish(x) ⊕ y", operations=table).backprop({"x": 0.5, "y": 0.25})
    assert result.check().complete
    result.draw(tmp_path / "own.svg", local=True)
    assert (tmp_path / "own.svg").read_text("utf-8") == (DOCS / "own-operations.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "at"), [("hinge(y)", {"y": 0.5}), ("hinge(y)", {"y": 1.0}), ("energy(y)", {"y": [1, 2]})]
)
def test_the_rows_of_the_plugin_are_right(text: str, at: dict[str, Any]) -> None:
    """Each is held against its witness, and against sympy."""
    assert gg.parse(text, operations=operations_in(str(DOCS / "my_ops.py"))).backprop(at).check().complete


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page of operations as it is generated for code hosts."""
    monkeypatch.syspath_prepend(DOCS)
    return str(importlib.import_module("operations_page").page())


def test_the_operations_for_code_hosts_are_up_to_date(operations: str) -> None:
    """The committed page is the one that today's table gives; its pictures are those of `graphgrad-docs`."""
    fresh = "python docs/operations_page.py && graphgrad-docs docs"
    assert (DOCS / "operations.md").read_text("utf-8") == operations, fresh
    linked = re.findall(r"\(operations/(.*)\.svg\)", operations)
    assert sorted(linked) == sorted(path.stem for path in (DOCS / "operations").iterdir())
    assert linked == [name for name, op in OPS.items() if op.arity and not op.helper]
    anchors = re.findall(r"\(#(operation-\w+)\)", operations)
    assert anchors == re.findall(r'<a id="(operation-\w+)">', operations)


@IN_KATEX
def test_the_operations_for_code_hosts_are_typeset(operations: str) -> None:
    """Every formula on the page is one that a code host can typeset, and none has a name that only rules use."""
    formulas = re.findall(r"```math\n(.*?)\n```", operations, re.DOTALL)
    assert len(formulas) == sum(1 + (op.arity > 0) for op in OPS.values() if not op.helper)
    typeset(formulas)
    helpers = "|".join(name for name, op in OPS.items() if op.helper)
    assert re.findall(rf"\b(?:{helpers})\b", operations.replace(r"\_", "_")) == []
