"""The namespaces a rule is read in: floats, exact fractions, sympy, mpmath, arrays.

Each knows natively what its library has; what it lacks, it reads from the operation's own row. A library is loaded when
the first object of its namespace is made.
"""

__all__: list[str] = []
