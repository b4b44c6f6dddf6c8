"""Run a referee of arrays within its time, and say why it has no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.base.time_limit import DeadlineError, within
from graphgrad.check.sympy_witness import SECONDS
from graphgrad.namespaces.namespace import Fault, NotFiniteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.check.report import Row

__all__ = ["bounded_rows"]


def bounded_rows(row: Row, rows_of: Callable[[], list[Row]]) -> list[Row]:
    """Return rows, or this one as "not attempted" where the referee exceeds its time or fails.

    >>> from graphgrad.check.report import Row
    >>> bounded_rows(Row("whole", "∂/∂x", "ok"), lambda: [1 / 0])[0].note
    'the referee stopped: division by zero'
    """
    try:
        return within(SECONDS, rows_of)
    except DeadlineError as error:
        note = f"the referee {error}"
    except NotFiniteError:
        note = "a value leaves what the higher precision can hold"
    except (Fault, ArithmeticError, ValueError, TypeError, RecursionError) as error:
        note = f"the referee stopped: {error}"
    return [row._replace(status="not attempted", note=note)]
