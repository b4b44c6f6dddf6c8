"""A formula over the rows of a table: one file, or many on a cluster."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from graphgrad.base.errors import GraphgradError
from graphgrad.base.lazy_face import lazy_face

if not find_spec("pyarrow"):
    raise GraphgradError("tables need pyarrow, which is not installed", hint='pip install "graphgrad[table]"')

if TYPE_CHECKING:
    from graphgrad.tables.map_file import map_file as map_file
    from graphgrad.tables.rows import RowFunction as RowFunction
    from graphgrad.tables.tally import Tally as Tally
    from graphgrad.tables.task import Task as Task
else:
    __getattr__, __dir__ = lazy_face(__name__)
