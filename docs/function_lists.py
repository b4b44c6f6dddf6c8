"""Write the page that compares the table with the lists of NumPy, SciPy, JAX and mathjs: `docs/function_lists.md`.

`python docs/function_lists.py` writes it anew. Whether a function is here is tried: what it is written as must parse.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from function_names import ABSENT, LISTS, WRITTEN

from graphgrad import GraphgradError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGE", "here", "names", "page", "reason"]

PAGE: Final = Path(__file__).with_name("function_lists.md")

HEAD: Final = """\
# Functions of other libraries

These tables go through the elementwise functions and reductions of other libraries: what is here and how it is written,
and what is not here and why. Operands are called x, y, z. A test tries to parse what is said to be here.
"""


def names(title: str) -> list[str]:
    """Return the functions of a list."""
    return LISTS[title].split()


def here(name: str) -> str:
    """Return how a function is written here; empty if it is not here."""
    text = WRITTEN.get(name, f"{name}(x)")
    candidates = [text] if name in WRITTEN else [text, f"{name}(x, y)", f"{name}(x, y, z)"]
    return next(filter(_parses, candidates), "") if reason(name) == "" else ""


def _parses(text: str) -> bool:
    try:
        parse(text)
    except GraphgradError:
        return False
    return True


def reason(name: str) -> str:
    """Return why a function is not here; empty where none is given."""
    return next((why for why, missing in ABSENT.items() if name in missing.split()), "")


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(line for title in LISTS for line in _table(title))])


def _table(title: str) -> Iterator[str]:
    known = {name: here(name) for name in names(title)}
    yield from [f"## {title}", "", "| function | here |", "|:--|:--|"]
    yield from (f"| `{name}` | `{text.replace('|', chr(92) + '|')}` |" for name, text in known.items() if text)
    yield from ["", "Not here:", ""]
    missing: dict[str, list[str]] = {}
    for name, text in known.items():
        if not text:
            missing.setdefault(reason(name) or "there is no row for it", []).append(f"`{name}`")
    yield from (f"- {', '.join(found)}: {why}" for why, found in missing.items())
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
