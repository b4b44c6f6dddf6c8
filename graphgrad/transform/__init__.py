"""Make graphs: of derivatives, expanded composites, Python functions, sympy expressions; and back to sympy."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.transform.raising import Recorder as Recorder
    from graphgrad.transform.raising import raised as raised
    from graphgrad.transform.read_sympy import counterparts as counterparts
else:
    __getattr__, __dir__ = lazy_face(__name__)
