"""Both passes at a point, and all that is told of them."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.backprop.both_passes import backprop as backprop
