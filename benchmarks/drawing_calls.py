"""Count the calls of graphgrad's own functions for a small picture: a measure that does not depend on the machine.

    python benchmarks/drawing_calls.py [FORM …]

The picture of four operations is drawn once to import its modules. Then both passes run again, and the calls into the
package during a second drawing are counted, including generators and comprehensions.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import graphgrad as gg

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["BEFORE", "calls"]

BEFORE: Final = {"svg": 11_119, "html": 14_424}
"""The counts at the time when drawing read networkx's attributes."""

FORMS: Final = ("svg", "html", "dot", "mmd", "tex", "json")
MOST: Final = 8
"""How many functions are named for each form."""

FRUITS: Final = "(apple*n + orange*m)*tax"
AT: Final = {"apple": 100, "n": 2, "orange": 150, "m": 3, "tax": 1.1}
PACKAGE: Final = str(Path(gg.__file__).parent)


def calls(form: str) -> Counter[str]:
    """Return the number of calls of each function while the picture is drawn."""
    gg.parse(FRUITS).backprop(AT).render(form, engine="embedded")
    result = gg.parse(FRUITS).backprop(AT)
    counts = Counter[str]()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            counts[f"{Path(code.co_filename).relative_to(PACKAGE)}: {code.co_qualname}"] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        result.render(form, engine="embedded")
    finally:
        sys.setprofile(before)
    return counts


def main() -> None:
    """Print the counts."""
    for form in sys.argv[1:] or FORMS:
        counts = calls(form)
        before = f", once {BEFORE[form]:,}" if form in BEFORE else ""
        print(f"{form}: {counts.total():,} calls{before}")
        for name, count in counts.most_common(MOST):
            print(f"{count:8,}  {name}")


if __name__ == "__main__":
    main()
