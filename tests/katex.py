"""Typeset formulas by KaTeX: sphinxcontrib-katex brings the file from npm, and node runs it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["IN_KATEX", "typeset"]

FOUND: Final = importlib.util.find_spec("sphinxcontrib.katex") if importlib.util.find_spec("sphinxcontrib") else None
NODE: Final = shutil.which("node")

IN_KATEX: Final = pytest.mark.skipif(
    not (NODE and FOUND), reason="no node on this machine, or no sphinxcontrib-katex, which brings KaTeX"
)

# KaTeX's fonts lack some scripts, of which it warns; all else that it would warn of is an error.
SCRIPT: Final = r"""
const katex = require(process.argv[1]);
const strict = (code) => (code === "unknownSymbol" ? "ignore" : "error");
const options = { throwOnError: true, displayMode: true, output: "mathml", strict };
const typeset = (tex) => katex.renderToString(tex, options).replace(/<annotation.*<\/annotation>/s, "");
function tried(tex) {
    try {
        return typeset(tex);
    } catch (error) {
        return `${tex}: ${error.message}`;
    }
}
console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0, "utf8")).map(tried)));
"""


def typeset(formulas: Sequence[str]) -> list[str]:
    """Return formulas as MathML, without the LaTeX that they come from; KaTeX must not object to any."""
    if FOUND is None or FOUND.origin is None:
        pytest.skip("no sphinxcontrib-katex on this machine")
    file = Path(FOUND.origin).with_name("katex.min.js")
    command = ["node", "-e", SCRIPT, str(file)]
    output = subprocess.run(command, input=json.dumps(formulas).encode(), check=True, capture_output=True, timeout=300)
    results: list[str] = json.loads(output.stdout)
    assert [result for result in results if not re.match("<span", result)] == []
    return results
