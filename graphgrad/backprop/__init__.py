"""Both passes at a point, and all that is told of them."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.backprop.both_passes import backprop as backprop
    from graphgrad.backprop.passes import rational as rational
    from graphgrad.backprop.shape_inference import shapes_of as shapes_of
else:
    __getattr__, __dir__ = lazy_face(__name__)
