"""Use the gradient: sensitivities, uncertainties, minimising, errors in ulps, explanations."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.analysis.explain.explanation import Explanation as Explanation
else:
    __getattr__, __dir__ = lazy_face(__name__)
