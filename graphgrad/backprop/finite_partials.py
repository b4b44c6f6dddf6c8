"""Read local derivatives where some do not exist: by an operand that is exact, none is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphgrad.namespaces.namespace import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphgrad.namespaces.namespace import Namespace
    from graphgrad.ops.op import Op

__all__ = ["FinitePartials"]


class FinitePartials:
    """The local derivatives of a namespace for a backward sweep: 0 where there is none, and `undefined` is then True.

    >>> from graphgrad.namespaces.floats import Floats
    >>> from graphgrad.ops.table import OPS
    >>> m = FinitePartials(Floats())
    >>> m.partial(OPS["log"], 0, 0.0, [0.0]), m.undefined
    (0, True)
    """

    def __init__(self, m: Namespace) -> None:
        """Take the namespace."""
        self.m, self.undefined = m, False

    def partial(self, op: Op, position: int, z: Any, operands: Sequence[Any]) -> Any:
        """Return a local derivative, or 0."""
        d = 0 if isinstance(z, Fault) else self.m.partial(op, position, z, operands)
        if isinstance(d, Fault):
            self.undefined = True
            return 0
        return d
