"""Collect the results of a check in rows, and write them as text."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.arguments import as_float, texts_of
from graphgrad.base.notebook import Block, Shown, Table
from graphgrad.base.public import public
from graphgrad.namespaces.display import short
from graphgrad.namespaces.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.backprop.doubts import Doubt


__all__ = ["CHECKED", "Coverage", "Report", "Row", "compared", "distance", "is_underflow", "too_small_for_sympy"]

CHECKED: Final = ("ok", "kink", "rounding")
KINDS: Final = {
    "rule": ("rule proven", "rules proven"),
    "rule at points": ("rule held at {} points", "rules held at {} points"),
    "value rule": ("value rule held", "value rules held"),
    "array rule": ("array rule proven", "array rules proven"),
    "array rule, smaller": ("array rule proven on a smaller shape", "array rules proven on smaller shapes"),
    "array rule at points": ("array rule held at {} points", "array rules held at {} points"),
    "array rule at points, smaller": (
        "array rule held at {} points on a smaller shape",
        "array rules held at {} points on smaller shapes",
    ),
    "array value rule": ("array value rule held", "array value rules held"),
    "array value rule, smaller": (
        "array value rule held on a smaller shape",
        "array value rules held on smaller shapes",
    ),
    "value": ("value", "values"),
    "local": ("local derivative", "local derivatives"),
    "direction": ("directional difference in higher precision", "directional differences in higher precision"),
    "whole value": ("value of the whole", "values of the whole"),
    "whole": ("gradient", "gradients"),
    "whole direction": ("gradient along a direction", "gradients along directions"),
    "compiled": ("compiled number", "compiled numbers"),
}

PROOFS: Final = ("rule", "array rule", "array rule, smaller")
"""The levels whose rows are proven by sympy; those of any other level hold numbers against numbers."""

LEFT_OUT: Final = {
    **KINDS,
    **dict.fromkeys((level for level in KINDS if "rule" in level), ("rule", "rules")),
    "value": ("node", "nodes"),
    "row": ("row", "rows"),
    "whole direction": KINDS["whole"],
}
"""What a row that was not attempted leaves out, by its level: one and several."""

HEAD: Final = ("", "held", "failed", "not attempted", "ulps at most", "furthest")
"""The head of the table in a notebook."""

MAX_LINES: Final = 12
"""The most lines below that table."""

MAX_DOUBTS: Final = 6
"""The most doubts that are written out."""

REFEREES: Final = {
    **dict.fromkeys((level for level in KINDS if "value rule" in level), "the witness"),
    "value": "the witness",
    "direction": "the difference",
    "whole value": "more digits give",
    "whole direction": "the difference",
    "compiled": "the interpreter",
}
"""What gives the number that a row of a level is held against; sympy, where it is not named."""


@public
class Row(NamedTuple):
    """The result of one comparison; its status is "ok", "kink", "rounding", "failed" or "not attempted".

    `ours` is the number that was checked, `theirs` is the referee's; `relative` and `ulps` are the relative error and
    the error in units in the last place. `note` gives the reason, `node` is the number of the graph's node, `points`
    that of the probes at which a rule was held. A row "not attempted" leaves out as many comparisons as `stands_for`
    says. `referee` names what gave its number, where that is not what its level says.

    >>> from graphgrad import parse
    >>> row = parse("x*y").backprop({"x": 3, "y": 5}).check().rows[-1]
    >>> row.level, row.subject, row.status, row.ours
    ('whole', '∂/∂y', 'ok', 3.0)
    """

    level: str
    subject: str
    status: str
    ours: Any = None
    theirs: Any = None
    relative: float = 0.0
    ulps: float = 0.0
    note: str = ""
    node: int | None = None
    points: int = 0
    stands_for: int = 1
    referee: str = ""

    def __str__(self) -> str:
        """Return one line: status, subject, both numbers and their distance."""
        numbers = ""
        if self.ours is not None and self.theirs is not None:
            referee = self.referee or REFEREES.get(self.level, "sympy")
            off = f", {distance(self)}" if kind_of(self.ours).is_finite(self.ours) else ""
            numbers = f" = {short(self.ours)}, {referee} {short(self.theirs)}{off}"
        return f"{self.status}: {self.subject}{numbers}{': ' + self.note if self.note else ''}"


def compared(level: str, subject: str, ours: Any, theirs: Fraction, node: int | None = None) -> Row:
    """Return a row with two numbers and their distance; its status is "ok" until a tolerance is applied.

    >>> row = compared("value", "x", 1.5, Fraction(1))
    >>> row.relative, row.ulps == 0.5 / math.ulp(1.0)
    (0.5, True)
    """
    error = abs(Fraction(ours) - theirs)
    relative = _ratio(error, abs(theirs))
    ulps = _ratio(error, _ulp(theirs))
    return Row(level, subject, "ok", ours, theirs, relative, ulps, node=node)


def _ulp(number: Fraction) -> Fraction:
    """Return the unit in the last place of a number, also of one beyond the floats."""
    nearest = as_float(number)
    return Fraction(math.ulp(nearest)) if math.isfinite(nearest) else abs(number) / 2**sys.float_info.mant_dig


def _counted(level: str, points: Sequence[int]) -> str:
    """Return how many rows there are of a level, and at how many points they were held."""
    return f"{len(points)} {_kind(level, points)}"


def _kind(level: str, points: Sequence[int]) -> str:
    fewest, most = min(points), max(points)
    at = f"{most}" if fewest == most else f"{fewest} to {most}"
    return KINDS[level][len(points) > 1].format(at).replace(" 1 points", " 1 point")


def too_small_for_sympy(row: Row, theirs: Fraction) -> Row | None:
    """Return the row as "not attempted" where sympy's number is 0, and ours too small to be told from 0 in its bits.

    >>> too_small_for_sympy(Row("local", "x", "ok", Fraction(1, 2**2000)), Fraction(0)).status
    'not attempted'
    >>> too_small_for_sympy(Row("local", "x", "ok", 5e-324), Fraction(0)) is None
    True
    """
    if theirs or not row.ours:
        return None
    from graphgrad.namespaces.formulas import LAST_BITS

    if abs(row.ours) >= Fraction(1, 2**LAST_BITS):
        return None
    note = f"sympy's number is 0 in {LAST_BITS} bits, in which a number as small as ours cannot be told from 0"
    return row._replace(status="not attempted", note=note)


def is_underflow(row: Row) -> bool:
    """Whether the absolute error is at most four times the smallest subnormal float."""
    return not kind_of(row.ours).exact and abs(Fraction(row.ours) - row.theirs) <= 4 * Fraction(math.ulp(0.0))


def _ratio(error: Fraction, scale: Fraction) -> float:
    """Return error/scale; infinite where the scale is 0 or the ratio overflows."""
    if not error:
        return 0.0
    try:
        return float(error / scale)
    except (OverflowError, ZeroDivisionError):
        return math.inf


def distance(row: Row) -> str:
    """Return a row's error as text, in ulps (units in the last place) and relative."""
    return "exact" if row.relative == 0 else f"{row.ulps:.3g} ulp off (relative {row.relative:.2g})"


@public
class Coverage(NamedTuple):
    """How many comparisons were proven by sympy, held as numbers, or not attempted.

    >>> from graphgrad import parse
    >>> parse("x*y").backprop({"x": 3, "y": 5}).check().coverage
    Coverage(proven=2, held=7, not_attempted=0)
    """

    proven: int
    held: int
    not_attempted: int


@public
@dataclass(frozen=True)
class Report(Shown):
    """The rows of a check; true if nothing failed and at least one row was checked.

    `doubts` names the numbers of which rounding leaves few digits. A check has one of four verdicts: it failed, nothing
    could be held, it is partial, or it is complete; `ok` and `complete` tell them apart.

    >>> from graphgrad import parse
    >>> report = parse("x*y").backprop({"x": 3, "y": 5}).check()
    >>> bool(report), report.ok, report.complete, len(report.rows)
    (True, True, True, 9)
    >>> print(report)
    checked against sympy: 2 rules proven, ..., 1 value of the whole, 2 gradients; all exact
    """

    rows: tuple[Row, ...]
    doubts: tuple[Doubt, ...] = ()

    def __bool__(self) -> bool:
        """Whether nothing failed and at least one row was checked."""
        return not self.failures and bool(self.having(*CHECKED))

    @property
    def ok(self) -> bool | None:
        """False where something failed, None where no number of the graph could be held, else True.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).check().ok
        True
        >>> parse("exp(x)").backprop({"x": 800}).check().ok is None
        True
        """
        if self.failures:
            return False
        return True if any(not _is_rule(row) for row in self.having(*CHECKED)) else None

    @property
    def complete(self) -> bool:
        """Whether numbers were held, and none that the check was asked for was left out.

        >>> from graphgrad import parse
        >>> report = parse("exp(x)*y + x*y").backprop({"x": 800, "y": 1}, ["y"]).check()
        >>> report.ok, report.complete
        (True, False)
        """
        return self.ok is not None and not self.not_attempted

    def fault(self, level: object = "full") -> str:
        """Return the report as text where it fails a level, else an empty text: "strict" fails what is not complete.

        >>> from graphgrad import parse
        >>> report = parse("exp(x)").backprop({"x": 800}).check()
        >>> report.fault(), report.fault("strict")[:11]
        ('', 'not checked')
        """
        is_strict = isinstance(level, str) and level == "strict"
        return str(self) if self.failures or (is_strict and not self.complete) else ""

    @property
    def coverage(self) -> Coverage:
        """How many comparisons were proven, held, and not attempted.

        >>> from graphgrad import parse
        >>> parse("exp(x)").backprop({"x": 800}).check().coverage
        Coverage(proven=1, held=1, not_attempted=3)
        """
        done = [row.level in PROOFS for row in self.rows if row.status != "not attempted"]
        return Coverage(sum(done), len(done) - sum(done), sum(row.stands_for for row in self.not_attempted))

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that failed.

        >>> from graphgrad import check_grad
        >>> [row.subject for row in check_grad(lambda x: x**3, lambda x: 3 * x, at={"x": 2}).failures]
        ['∂/∂x']
        """
        return self.having("failed")

    @property
    def not_attempted(self) -> tuple[Row, ...]:
        """The rows that could not be checked, each with the reason in its note.

        >>> from graphgrad import parse
        >>> parse("x*y").backprop({"x": 3, "y": 5}).check().not_attempted
        ()
        """
        return self.having("not attempted")

    def having(self, *statuses: str) -> tuple[Row, ...]:
        """Return the rows of these statuses.

        >>> from graphgrad import parse
        >>> [row.subject for row in parse("abs(x)").backprop({"x": 0}).check().having("kink")]
        ['∂(abs(x))/∂x', '∂/∂x']
        """
        return tuple(row for row in self.rows if row.status in texts_of(statuses, "statuses"))

    @property
    def worst(self) -> Row | None:
        """The row with the largest relative error; None where no numbers were compared.

        >>> from graphgrad import parse
        >>> parse("exp(x)").backprop({"x": 1}).check().worst.ulps < 1
        True
        """
        rows = [row for row in self.rows if row.theirs is not None and row.status != "kink"]
        return max(rows, key=lambda row: row.relative, default=None)

    def __str__(self) -> str:
        """Return a summary line, the digits in doubt, and every row that is not plainly ok."""
        rows = self.having("failed", "rounding", "kink", "not attempted")
        doubts, more = self.doubts[:MAX_DOUBTS], len(self.doubts) - MAX_DOUBTS
        rest = [f"{more} more numbers have digits in doubt"] if more > 0 else []
        return "\n".join([self.summary, *(f"  {line}" for line in (*doubts, *rest, *rows))])

    def _plain(self) -> str:
        return str(self)

    def _blocks_(self) -> list[Block]:
        """Return the verdict, a table of what was compared, the numbers in doubt and the rows that are not ok."""
        if not self.rows:
            return [self.summary]
        levels = {level: [row for row in self.rows if row.level == level] for level in LEFT_OUT}
        cells = [_cells(level, rows) for level, rows in levels.items() if rows]
        used = [i for i, title in enumerate(HEAD) if not title or any(row[i] for row in cells)]
        table = Table([HEAD[i] for i in used], [[row[i] for i in used] for row in cells])
        lines = [line.strip() for line in str(self).splitlines()[1:]]
        more = [f"and {len(lines) - MAX_LINES} more"] * (len(lines) > MAX_LINES)
        return [self._verdict(), table, *lines[:MAX_LINES], *more]

    @property
    def summary(self) -> str:
        """The verdict in one line, with the counts of what was checked and of what was not.

        >>> from graphgrad import parse
        >>> parse("exp(x)").backprop({"x": 800}).check().summary
        "not checked: exp(x): its value, or an operand's, is beyond float64; 1 rule proven, 1 value rule held"
        """
        done, left = _done(self.having(*CHECKED)), _left_out(self.not_attempted)
        if self.ok is None:
            return "; ".join(filter(None, (self._verdict(), done)))
        return (
            f"{self._verdict()}: {done or 'nothing held'}{self._furthest()}{f'; not attempted: {left}' if left else ''}"
        )

    def _verdict(self) -> str:
        if self.ok is None:
            return f"not checked: {self._reason()}"
        return "check FAILED" if self.failures else "checked against sympy" if self.complete else "partly checked"

    def _reason(self) -> str:
        """Return why no number was held: what the first row says that is not about a rule."""
        rows = sorted(self.not_attempted, key=_is_rule)
        return next((f"{row.subject}: {row.note}" for row in rows), "nothing attempted")

    def _furthest(self) -> str:
        if self.worst is None:
            return ""
        return f"; furthest: {self.worst.subject}, {distance(self.worst)}" if self.worst.relative else "; all exact"


def _cells(level: str, rows: Sequence[Row]) -> list[str]:
    """Return a level's row of the table in a notebook: its kind, how many held and did not, and the furthest number."""
    report = Report(tuple(rows))
    counts = len(report.having(*CHECKED)), len(report.failures), sum(row.stands_for for row in report.not_attempted)
    points = [row.points for row in rows if row.status != "not attempted"]
    kind = _kind(level, points) if points else LEFT_OUT[level][1]
    worst = report.worst
    distances = ("", "") if worst is None else (f"{worst.ulps:.3g}", worst.subject if worst.relative else "exact")
    return [kind, *(str(count or "") for count in counts), *distances]


def _is_rule(row: Row) -> bool:
    return "rule" in row.level


def _done(rows: Sequence[Row]) -> str:
    """Return in words how many comparisons of each level were done."""
    counts = {level: [row.points for row in rows if row.level == level] for level in KINDS}
    return ", ".join(_counted(level, points) for level, points in counts.items() if points)


def _left_out(rows: Sequence[Row]) -> str:
    """Return in words how many comparisons were not attempted."""
    counts = dict.fromkeys(LEFT_OUT.values(), 0)
    for row in rows:
        counts[LEFT_OUT[row.level]] += row.stands_for
    return ", ".join(f"{n} {name[n > 1]}" for name, n in counts.items() if n)
