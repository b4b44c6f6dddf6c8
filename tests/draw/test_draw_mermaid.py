"""Mermaid: a flowchart that a code host draws, and in which every name is text."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import graphgrad as gg
from graphgrad.draw import escaped

if TYPE_CHECKING:
    from typing import Unpack

    from graphgrad.draw import PictureKeywords

HOSTILE = ['"><script>alert(1)</script>', r"\end{document}", "]]>", "%%{init: {}}%%", "`*a*`", "1. x", "#35;", "&lt;"]
MODULES = Path(os.environ.get("MERMAID_MODULES", "node_modules"))
"""The folder into which `npm install mermaid jsdom` has put both."""

READ = """
import { createRequire } from "module";
import { pathToFileURL } from "url";
const require = createRequire(process.argv[1] + "/");
const { JSDOM } = require("jsdom");
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(process.argv[1] + "/mermaid/dist/mermaid.core.mjs"));
let text = "";
for await (const chunk of process.stdin) text += chunk;
await mermaid.parse(text);
const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
const boxes = [...db.getVertices().values()].map((box) => [box.id, box.text]);
console.log(JSON.stringify({ boxes, arrows: db.getEdges().map((edge) => [edge.start, edge.end, edge.text]) }));
"""


def source(text: str, **how: Unpack[PictureKeywords]) -> list[str]:
    """Return the lines of an expression in x and y at 3 and 5."""
    graph = gg.parse(text)
    at = {name: value for name, value in {"x": 3, "y": 5}.items() if name in graph.inputs}
    return graph.backprop(at).render("mmd", **how).decode().splitlines()


def hostile() -> str:
    """Return the source of a sum of inputs whose names mean harm."""
    text = " + ".join("1" for _ in HOSTILE)
    return gg.parse(text, name_literals=HOSTILE).backprop().render("mmd").decode()


def test_boxes_and_arrows() -> None:
    """Boxes stand in the order of the text; a value has its arrow, and a contribution a red one back."""
    assert source("x*y") == [
        '%%{init: {"themeVariables": {"edgeLabelBackground": "#ffffff"}}}%%',
        "flowchart LR",
        "  accTitle: Computational graph of x#42;y",
        '  n0("x"):::plain',
        '  n1("y"):::plain',
        '  n2(("×"))',
        '  output("E"):::plain',
        '  n0 -->|"3"| n2',
        '  n0 <-.->|"5"| n2',
        '  n1 -->|"5"| n2',
        '  n1 <-.->|"3"| n2',
        '  n2 -->|"15"| output',
        '  n2 <-.->|"1"| output',
        "  linkStyle 1,3,5 stroke:#d93a3a,color:#d93a3a,marker-end:none",
        "  linkStyle default color:#1f2328",
        "  classDef plain fill:none,stroke:none",
        "  classDef branch fill:#888,stroke:#888",
    ]


def test_forward_alone() -> None:
    """Without the backward pass, arrows have one head."""
    assert '  n0 -->|"3"| n2' in source("x*y", passes="forward")


def test_backward_alone() -> None:
    """The backward pass alone runs from result to operand, dashed, and is laid out from right to left."""
    lines = source("x*y", passes="backward")
    assert lines[1] == "flowchart RL"
    assert '  n2 -.->|"5"| n0' in lines
    assert "  linkStyle 0,1,2 stroke:#d93a3a,color:#d93a3a" in lines


def test_a_constant_has_one_line() -> None:
    """No adjoint flows back to a constant, and the styles count its line."""
    lines = source("x*7")
    links = [line for line in lines if re.search(r"--|-\.-", line)]
    assert links[2:3] == ["  c2_1 --> n2"]
    assert "  linkStyle 1,4 stroke:#d93a3a,color:#d93a3a,marker-end:none" in lines


@pytest.mark.parametrize(("text", "box"), [("tanh(x)", '(("tanh"))'), ("softplus(x)", '(["softplus"])')])
def test_a_long_name_is_in_a_stadium(text: str, box: str) -> None:
    """An operation is in a circle, unless its name would make the circle too large."""
    assert f"  n1{box}" in source(text)


def test_every_link_has_one_style_at_most() -> None:
    """On the path to blame, a line is thick instead of plain, and a line back keeps one head."""
    result = gg.parse("log(x)*y*exp(-x*1000)").backprop({"x": 1, "y": 2})
    lines = result.render("mmd").decode().splitlines()
    links = [line for line in lines if re.search(r"\| \w+$| --> ", line)]
    styles = [line.split() for line in lines if line.startswith("  linkStyle")]
    assert styles.pop()[1] == "default"
    numbers = [int(number) for _, each, _ in styles for number in each.split(",")]
    assert sorted(numbers) == [i for i, line in enumerate(links) if "<-.->" in line]
    assert all(style.endswith("marker-end:none") for *_, style in styles)
    assert any("stroke-width:3px" in style for *_, style in styles)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    channels = ([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in (one, other))
    linear = ([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in each] for each in channels)
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("text", ["x*y", "where(x > y, x, y)/x", "log(x - x + 1)*y*exp(-x*1000)"])
def test_labels_are_read_on_light_and_on_dark_pages(text: str) -> None:
    """Every link's label has a colour with contrast to the ground that the chart sets itself, whatever the theme."""
    lines = source(text)
    [ground] = re.findall('"edgeLabelBackground": "(#[0-9a-f]{6})"', lines[0])
    styles = [line for line in lines if line.startswith("  linkStyle")]
    colours = re.findall(r"\bcolor:(#[0-9a-f]{6})", "\n".join(styles))
    assert len(colours) == len(styles)
    assert styles[-1].startswith("  linkStyle default ")
    assert min(contrast(colour, ground) for colour in colours) >= 4.5


def test_records() -> None:
    """In the record theme, a value's numbers stand in its box."""
    assert '  v2["E<br>data 15<br>grad 1"]' in source("x*y", theme="record")


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_name_has_a_meaning(name: str) -> None:
    """What is left of a name is letters, signs without a meaning, and numbers of characters that spell the name."""
    text = escaped(name)
    assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text) == name
    assert not re.search(r"[\"<>\[\]{}%`*;|\\]", re.sub(r"#\d+;", "", text))


@pytest.mark.skipif(
    not (shutil.which("node") and (MODULES / "mermaid").is_dir() and (MODULES / "jsdom").is_dir()),
    reason="no node, or no npm packages mermaid and jsdom in $MERMAID_MODULES or ./node_modules",
)
def test_mermaid_reads_it() -> None:
    """Mermaid's own parser finds the same boxes and arrows, and in a hostile name nothing but text."""
    command = ["node", "--input-type=module", "-e", READ, str(MODULES.resolve())]

    def read(text: str) -> dict[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = json.loads(subprocess.check_output(command, input=text.encode()))
        return found

    assert read("\n".join(source("x*y"))) == {
        "boxes": [["n0", "x"], ["n1", "y"], ["n2", "×"], ["output", "E"]],
        "arrows": [
            *(["n0", "n2", text] for text in "35"),
            *(["n1", "n2", text] for text in "53"),
            *(["n2", "output", text] for text in ("15", "1")),
        ],
    }
    assert read("\n".join(source("softplus(x)*x", local=True)))["boxes"][2] == ["n1", "softplus"]
    names = [re.sub(r"ﬂ°°(\d+)¶ß", lambda found: chr(int(found[1])), text) for _, text in read(hostile())["boxes"]]
    assert [name for name in names if name in HOSTILE] == HOSTILE
