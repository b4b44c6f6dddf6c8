"""Print a graph as the text of a program or as LaTeX, and the table of operations."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.printing.latex import Latex as Latex
    from graphgrad.printing.latex import number_tex as number_tex
    from graphgrad.printing.latex_names import escaped as escaped
    from graphgrad.printing.latex_names import name_tex as name_tex
    from graphgrad.printing.operations_list import OPERANDS as OPERANDS
    from graphgrad.printing.operations_list import called as called
    from graphgrad.printing.operations_list import derivative as derivative
    from graphgrad.printing.operations_list import listed as listed
    from graphgrad.printing.operators import Syntax as Syntax
    from graphgrad.printing.operators import Text as Text
    from graphgrad.printing.text import Notation as Notation
else:
    __getattr__, __dir__ = lazy_face(__name__)
