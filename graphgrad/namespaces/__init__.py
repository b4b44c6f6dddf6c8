"""The namespaces a rule is read in: floats, exact fractions, sympy, mpmath.

Each knows natively what its library has; what it lacks, it reads from the operation's own row. A library is loaded when
the first object of its namespace is made.
"""

from graphgrad.namespaces.arrays import Arrays, Entrywise, array_of, as_array, as_floats, is_entrywise, repeated
from graphgrad.namespaces.base import Fault, Namespace, NotFiniteError, Pullback
from graphgrad.namespaces.exact import Exact
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.precise import Mpmath, Precise, as_fraction
from graphgrad.namespaces.symbolic import SwellError, Sympy

__all__ = [
    "Arrays",
    "Entrywise",
    "Exact",
    "Fault",
    "Floats",
    "Mpmath",
    "Namespace",
    "NotFiniteError",
    "Precise",
    "Pullback",
    "SwellError",
    "Sympy",
    "array_of",
    "as_array",
    "as_floats",
    "as_fraction",
    "is_entrywise",
    "repeated",
]
