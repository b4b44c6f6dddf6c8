"""Run both passes at a point; report, annotate and store what they computed."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.backprop.both_passes import backprop as backprop
    from graphgrad.backprop.passes import rational as rational
    from graphgrad.backprop.shape_inference import shapes_of as shapes_of
else:
    __getattr__, __dir__ = lazy_face(__name__)
