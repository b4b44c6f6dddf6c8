"""The namespaces a rule is read in: floats, exact fractions, sympy, mpmath.

Each knows natively what its library has; what it lacks, it reads from the operation's own row. A library is loaded when
the first object of its namespace is made.
"""

from graphgrad.namespaces.base import Fault, Namespace
from graphgrad.namespaces.exact import Exact
from graphgrad.namespaces.floats import Floats
from graphgrad.namespaces.precise import Mpmath, Precise, as_fraction
from graphgrad.namespaces.symbolic import SwellError, Sympy

__all__ = ["Exact", "Fault", "Floats", "Mpmath", "Namespace", "Precise", "SwellError", "Sympy", "as_fraction"]
