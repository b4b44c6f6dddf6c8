"""Write a report on a formula: its picture, its value and the derivation of each derivative.

It is a Markdown file with formulas and an SVG, as code hosts, Jupyter and Pandoc show them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import graphgrad as gg

__all__ = ["main"]

BEAM: Final = """\
I = b*h**3/12
w = F*L**3/(48*E*I)
"""
AT: Final = {"F": 2000, "L": 3, "E": 11e9, "b": 0.08, "h": 0.2}
TITLE: Final = "How far a beam bends"
ABOUT: Final = "A beam of wood, 3 m long, lies on its two ends and carries 2,000 N in the middle."
BY: Final = ("h", "L")


def report(result: gg.Backprop[float, float], picture: str) -> str:
    """Return the report as Markdown."""
    parts = [
        f"# {TITLE}",
        f"{ABOUT} It bends by {result.value * 1000:.3g} mm:",
        f"$$\n{gg.parse(BEAM).to_latex()}\n$$",
        f"![{result.describe()}]({picture})",
        *(str(result.explain(name, "markdown")) for name in BY),
        f"`{result.check()}`",
    ]
    return "\n\n".join(parts) + "\n"


def main(folder: Path) -> None:
    """Draw the picture, and write the report beside it."""
    result = gg.parse(BEAM).backprop(AT)
    result.draw(folder / "report.svg", fold=True)
    (folder / "report.md").write_text(report(result, "report.svg"), encoding="utf-8")
    print(f"wrote {folder / 'report.md'}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where both files go (default: here)")
    folder = parser.parse_args().folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        main(folder)
    except (gg.GraphgradError, OSError) as error:
        sys.exit(str(error))
