"""Write the table of options into `docs/documents.md`, from what the directive, the fence and the magic take.

`python docs/options_table.py` writes it anew.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graphgrad.ext.block import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGE", "with_table"]

PAGE: Final = Path(__file__).with_name("documents.md")

TABLE: Final = re.compile(r"(?<=^<!-- options -->\n).*?(?=^<!-- end -->$)", re.MULTILINE | re.DOTALL)

SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~]")


def with_table(text: str) -> str:
    """Return the page with today's table between its marks."""
    return TABLE.sub(lambda _: "\n".join(["", *_table(), "", ""]), text)


def _table() -> Iterator[str]:
    yield from ["| option | what it does |", "| --- | --- |"]
    for name, option in OPTIONS.items():
        about = SPECIAL.sub(r"\\\g<0>", option.about)
        yield f"| `{name}` | {about} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), encoding="utf-8")
