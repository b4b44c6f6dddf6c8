"""What a user's type checker says of a user's code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from doctest import DocTestParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOR_DEVELOPERS = {"architecture"}
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.rst")) if page.stem not in FOR_DEVELOPERS),
]
CHECKERS = {
    "mypy": ("mypy", "--strict", "--config-file=", "--cache-dir=cache", "."),
    "pyright": ("pyright", "--pythonpath", sys.executable, "--project", "."),
}


def write_code(folder: Path) -> None:
    """Write the code of each page, and the programs in `tests/typing`, into a folder that knows nothing of ours."""
    for page in PAGES:
        examples = DocTestParser().get_examples(page.read_text(encoding="utf-8"))
        code = "".join(example.source for example in examples if not example.exc_msg)
        (folder / f"{page.stem.lower()}_page.py").write_text(code, encoding="utf-8")
    for program in (ROOT / "tests" / "typing").glob("*.py"):
        (folder / program.name).write_text(program.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pyrightconfig.json").write_text(json.dumps({"reportUnnecessaryTypeIgnoreComment": "error"}))


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_type_checker_passes_the_documented_code(checker: str, tmp_path: Path) -> None:
    """The README's and the documentation's; in `tests/typing`, types are as stated and mistakes are found."""
    write_code(tmp_path)
    command = [sys.executable, "-m", *CHECKERS[checker]]
    quiet = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=quiet, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
