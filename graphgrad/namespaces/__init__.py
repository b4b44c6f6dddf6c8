"""The namespaces that evaluate rules: floats, exact fractions, sympy, mpmath, arrays.

A namespace calls its library's function for an operation; one that the library lacks is evaluated by its rule. The
library is loaded when the first object of the namespace is created.
"""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.namespaces.array_values import shape_of as shape_of
    from graphgrad.namespaces.arrays import Arrays as Arrays
    from graphgrad.namespaces.display import digits as digits
    from graphgrad.namespaces.display import exact as exact
    from graphgrad.namespaces.display import short as short
    from graphgrad.namespaces.floats import Floats as Floats
    from graphgrad.namespaces.kind import Kind as Kind
    from graphgrad.namespaces.kinds import FLOATS as FLOATS
    from graphgrad.namespaces.kinds import FRACTIONS as FRACTIONS
    from graphgrad.namespaces.kinds import KINDS as KINDS
    from graphgrad.namespaces.kinds import fraction as fraction
    from graphgrad.namespaces.kinds import kind_of as kind_of
    from graphgrad.namespaces.kinds import read as read
    from graphgrad.namespaces.kinds import selected_kind as selected_kind
    from graphgrad.namespaces.many_digits import ManyDigits as ManyDigits
    from graphgrad.namespaces.many_digits import Mpmath as Mpmath
    from graphgrad.namespaces.namespace import Fault as Fault
    from graphgrad.namespaces.namespace import Namespace as Namespace
    from graphgrad.namespaces.namespace import Ordered as Ordered
    from graphgrad.namespaces.special import digamma as digamma
    from graphgrad.namespaces.special import log_gamma as log_gamma
    from graphgrad.namespaces.special import polygamma as polygamma
    from graphgrad.namespaces.symbolic import Sympy as Sympy
else:
    __getattr__, __dir__ = lazy_face(__name__)
