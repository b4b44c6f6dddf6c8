"""The rule table: the types of its rows, and the rows by family."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.ops.op import ArrayOp as ArrayOp
    from graphgrad.ops.op import Op as Op
    from graphgrad.ops.op import nothing as nothing
    from graphgrad.ops.table import ALIASES as ALIASES
    from graphgrad.ops.table import FAMILIES as FAMILIES
    from graphgrad.ops.table import NUMERIC as NUMERIC
    from graphgrad.ops.table import OPS as OPS
else:
    __getattr__, __dir__ = lazy_face(__name__)
