"""The command that installs an extra."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from graphgrad.base.extras import install

ROOT = Path(__file__).parents[2]

CLONE = 'in a clone of graphgrad: pip install ".[table]"'
GIT = {"vcs": "git", "requested_revision": "main", "commit_id": "1f2e3d"}


class Installed:
    """Stands for a distribution, with what pip noted about the place it came from."""

    def __init__(self, noted: dict[str, Any] | None) -> None:
        self.noted = noted

    def read_text(self, name: str) -> str | None:
        """Return the text of a file that pip wrote."""
        assert name == "direct_url.json"
        return json.dumps(self.noted) if self.noted else None


@pytest.mark.parametrize(
    ("noted", "command"),
    [
        ({"url": ROOT.as_uri(), "dir_info": {}}, f'pip install "{ROOT}[table]"'),
        ({"url": ROOT.as_uri(), "dir_info": {"editable": True}}, f'pip install -e "{ROOT}[table]"'),
        ({"url": "file:///no/such/folder", "dir_info": {}}, CLONE),
        (
            {"url": "https://host/g.git", "vcs_info": GIT},
            'pip install "graphgrad[table] @ git+https://host/g.git@1f2e3d"',
        ),
        (
            {"url": "file:///tmp/graphgrad-1.0-py3-none-any.whl", "archive_info": {}},
            'pip install "graphgrad[table] @ file:///tmp/graphgrad-1.0-py3-none-any.whl"',
        ),
        (None, 'pip install "graphgrad[table]"'),
    ],
)
def test_the_command_names_the_place_of_the_package(
    noted: dict[str, Any] | None, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, editable or not; a clone where that is gone; a repository, a file, and an index."""
    monkeypatch.setattr(metadata, "distribution", lambda _name: Installed(noted))
    assert install("table") == command


def test_a_folder_with_a_blank_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is the folder's own, not the one in the URL."""
    folder = tmp_path / "my clone"
    folder.mkdir()
    noted = {"url": folder.as_uri(), "dir_info": {}}
    monkeypatch.setattr(metadata, "distribution", lambda _name: Installed(noted))
    assert install("table") == f'pip install "{folder}[table]"'


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a folder on the path, it is installed from a clone."""

    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert install("table") == CLONE


WRITTEN = re.compile(r"pip install [\"']graphgrad|pip install graphgrad")


@pytest.mark.parametrize("folder", ["graphgrad", "docs", "examples", "benchmarks", "README.md"])
def test_no_other_text_says_where_the_package_comes_from(folder: str) -> None:
    """Messages ask this module, and documents install from the clone."""
    place = ROOT / folder
    files = [path for path in place.rglob("*") if path.suffix in {".py", ".md", ".rst"}] if place.is_dir() else [place]
    assert [path.name for path in files if WRITTEN.search(path.read_text(encoding="utf-8"))] == []
