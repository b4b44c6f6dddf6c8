"""How long does it take from a workbook of 10,000 cells to all partial derivatives of its bottom line?

Goal: 1 s of processor time, with reading the file and importing. Each run is a process of its own.

    .venv/bin/python benchmarks/workbook.py [runs]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "sheets")]

from test_large_models import generated  # noqa: E402  the folders of the tests stand in the path now
from workbooks import write_workbook  # noqa: E402  likewise

GOAL = 1.0
PARTS = ("import", "read", "both passes", "all")
MEASURED = """
import sys, time
begin = time.process_time()
import graphgrad as gg
imported = time.process_time()
graph = gg.from_workbook(sys.argv[1], "Summary!B10")
read = time.process_time()
assert len(graph.backprop().grad) == len(graph.inputs)
end = time.process_time()
print(imported - begin, read - imported, end - read, end)
"""


def measured(path: Path) -> list[float]:
    """Return the seconds of processor time of each part, in a process of its own."""
    command = [sys.executable, "-c", MEASURED, str(path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [float(number) for number in printed.split()]


def main() -> None:
    """Print a table of the medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with TemporaryDirectory() as folder:
        sheets, formulas = generated()
        path = write_workbook(Path(folder) / "model.xlsx", sheets)
        rows = [measured(path) for _ in range(runs)]
    cells = sum(map(len, sheets.values()))
    print(f"{cells:,} cells, {len(formulas):,} of them formulas; seconds of processor time, medians of {runs} runs")
    for part, numbers in zip(PARTS, zip(*rows, strict=True), strict=True):
        print(f"{part:12} {median(numbers):.3f}   best {min(numbers):.3f}")
    print(f"goal: {GOAL:.1f} s for all of it")


if __name__ == "__main__":
    main()
