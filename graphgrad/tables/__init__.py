"""A formula over the rows of a table: one file, or many on a cluster."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.tables.one_file import map_file as map_file
    from graphgrad.tables.rows import RowFunction as RowFunction
    from graphgrad.tables.tally import Tally as Tally
    from graphgrad.tables.task import Task as Task
else:
    __getattr__, __dir__ = lazy_face(__name__)
