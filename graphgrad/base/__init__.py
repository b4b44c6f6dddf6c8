"""What every room stands on: errors, text for a terminal, files, time limits."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.base.pause_gc import collector_paused as collector_paused
    from graphgrad.base.terminal_text import columns as columns
else:
    __getattr__, __dir__ = lazy_face(__name__)
