"""Say how an extra of the package is installed, from where the package itself came from."""

from __future__ import annotations

from typing import Final

__all__ = ["install"]

PACKAGE: Final = "graphgrad"


def install(extra: str) -> str:
    """Return the command that installs an extra, such as `table`.

    It names the folder that graphgrad was installed from, or the repository, as pip has noted it (PEP 610). Where that
    is unknown or gone, the command is for a clone.

    >>> install("table").endswith('[table]"')
    True
    """
    import json
    from importlib import metadata

    try:
        noted = metadata.distribution(PACKAGE).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return _in_a_clone(extra)
    return _command(json.loads(noted), extra) if noted else f'pip install "{PACKAGE}[{extra}]"'


def _command(noted: dict[str, object], extra: str) -> str:
    """Return the command for a place that pip has noted: a folder, a repository, or a file."""
    from pathlib import Path
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    url = str(noted["url"])
    match noted:
        case {"dir_info": dict(folder)}:
            path = url2pathname(urlsplit(url).path)
            editable = "-e " if folder.get("editable") else ""
            return f'pip install {editable}"{path}[{extra}]"' if Path(path).is_dir() else _in_a_clone(extra)
        case {"vcs_info": {"vcs": str(system), "commit_id": str(commit)}}:
            return f'pip install "{PACKAGE}[{extra}] @ {system}+{url}@{commit}"'
    return f'pip install "{PACKAGE}[{extra}] @ {url}"'


def _in_a_clone(extra: str) -> str:
    return f'in a clone of graphgrad: pip install ".[{extra}]"'
