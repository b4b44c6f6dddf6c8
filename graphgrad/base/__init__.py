"""Provide errors, text for a terminal, options, files and time limits to all other packages."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.base.pause_gc import collector_paused as collector_paused
    from graphgrad.base.progress import shown_on as shown_on
    from graphgrad.base.terminal_text import columns as columns
    from graphgrad.base.time_limit import Budget as Budget
    from graphgrad.base.time_limit import DeadlineError as DeadlineError
    from graphgrad.base.time_limit import count_steps as count_steps
    from graphgrad.base.time_limit import watched as watched
    from graphgrad.base.time_limit import within as within
else:
    __getattr__, __dir__ = lazy_face(__name__)
