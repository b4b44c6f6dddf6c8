"""The public classes and functions of `import graphgrad`."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.api.derivatives import Derivatives as Derivatives
    from graphgrad.api.result import Backprop as Backprop
    from graphgrad.api.text_arguments import names as names
    from graphgrad.api.text_arguments import point as point
else:
    __getattr__, __dir__ = lazy_face(__name__)
