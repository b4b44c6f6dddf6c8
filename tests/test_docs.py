"""The documentation builds without a warning, and shows what there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import graphgrad
from graphgrad.ext.block import OPTIONS
from graphgrad.ops import OPS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_site_shows_everything(tmp_path: Path) -> None:
    """Every operation has its section and its picture, every figure, option and public name is there."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-j", "2", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    operations = (tmp_path / "operations.html").read_text("utf-8")
    assert [name for name in OPS if f'id="operation-{name.replace("_", "-")}"' not in operations] == []
    assert operations.count('class="graphgrad graphgrad-') == sum(op.arity > 0 for op in OPS.values())
    assert operations.count('class="formula"') == sum(1 + (op.arity > 0) for op in OPS.values())
    tutorial = (tmp_path / "tutorial.html").read_text("utf-8")
    assert [i for i in range(1, 8) if f'id="figure-{i}"' not in tutorial] == []
    documents = (tmp_path / "documents.html").read_text("utf-8")
    assert [name for name in OPTIONS if f'<span class="pre">{name}</span>' not in documents] == []
    reference = (tmp_path / "reference.html").read_text("utf-8")
    public = [name for name in graphgrad.__all__ if name[0] != "_"]
    assert [name for name in public if f'id="graphgrad.{name}"' not in reference] == []
