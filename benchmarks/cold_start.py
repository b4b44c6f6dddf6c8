"""Measure the command from a cold start, compared with the import of the libraries that it uses.

Run in the environment that graphgrad is installed in, on an idle machine:

    python benchmarks/cold_start.py [ROUNDS]

Every round runs all commands once, in turn, so that load on the machine affects them alike. A ratio is the median over
the rounds of a command's time divided by the baseline's in the same round.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final

__all__: list[str] = []

SCRIPT: Final = str(Path(sysconfig.get_path("scripts")) / "graphgrad")
MAIN_JOB: Final = [SCRIPT, "100*5*1.08", "--wrt", "apple"]

BASELINE: Final = 'python -c "import sympy, networkx"'
COMMANDS: Final = {
    BASELINE: [sys.executable, "-c", "import sympy, networkx"],
    'graphgrad "100*5*1.08" --wrt apple': MAIN_JOB,
    'graphgrad "100*5*1.08" --wrt apple --check off': [*MAIN_JOB, "--check", "off"],
    'python -c "pass"': [sys.executable, "-c", "pass"],
}
GOALS: Final = dict(zip(COMMANDS, (None, 0.9, 0.25, None), strict=True))
"""The highest ratio to the baseline that a command should have."""

ROUNDS: Final = 21


def seconds(command: list[str]) -> float:
    """Return the run time of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def one_round() -> dict[str, float]:
    """Return the time of each command, run in turn."""
    return {name: seconds(command) for name, command in COMMANDS.items()}


def line(name: str, rounds: list[dict[str, float]]) -> str:
    """Return a command's row of the table."""
    times = [times[name] for times in rounds]
    ratio = median(times[name] / times[BASELINE] for times in rounds)
    low, _, high = quantiles(times, n=4)
    goal = GOALS[name]
    verdict = f"  ≤ {goal:.2f} {'met' if ratio <= goal else 'MISSED'}" if goal else ""
    return f"{name:<48} {median(times) * 1e3:7.0f} ms  {low * 1e3:5.0f}–{high * 1e3:<5.0f} {ratio:6.2f}{verdict}"


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    one_round()
    rounds = [one_round() for _ in range(count)]
    print(f"{f'{count} rounds':<48} {'median':>10}  {'quartiles':<11} {'ratio':>6}  goal")
    for name in COMMANDS:
        print(line(name, rounds))


if __name__ == "__main__":
    main()
