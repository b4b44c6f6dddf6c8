"""Make machine code a function of Python: CPython calls it without a frame or a tuple of arguments in between.

Such a function has a definition in memory (its `PyMethodDef`) and machine code. Both have to be there until it is gone,
even while the garbage collector takes apart a cycle that it is in, and while finalizers in that cycle call it. So what
owns them is in a list, which puts it out of the collector's reach, and leaves the list once the function is gone: then
nobody else refers to it.
"""

from __future__ import annotations

import ctypes
from functools import cache
from sys import getrefcount
from typing import TYPE_CHECKING, Any, Final

from graphgrad.compile.point.layout import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Entry"]

FASTCALL_WITH_KEYWORDS: Final = 0x80 | 0x02
"""The flags of a function in C with the parameters of `FORWARD`."""

FORWARD: Final = "PyObject_Vectorcall"
"""The function in C that calls its first argument, an object of Python, with the others."""

FEW: Final = 4
"""At most so many entries stay in the list when their functions are gone, or as many as there are functions."""


class Entry:
    """What a function is bound to: calls come to it until `run` is called, and then to machine code.

    `reduced` is how the object is pickled whose attribute of this `name` is the function.

    >>> class Twice(Entry):
    ...     def __call__(self, x):
    ...         return 2 * x
    >>> twice = Twice("twice", "Double a number.", (complex, ())).function()
    >>> twice(21), twice.__name__, twice.__doc__
    (42, 'twice', 'Double a number.')
    """

    def __init__(self, name: str, about: str, reduced: tuple[Any, ...]) -> None:
        self.reduced = reduced
        self._definition = _Definition(name.encode(), address_of(FORWARD), FASTCALL_WITH_KEYWORDS, about.encode())
        self._kept: list[Any] = []

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Compute the result without machine code."""
        raise NotImplementedError

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what the function is an attribute of."""
        return self.reduced

    def function(self) -> Callable[..., Any]:
        """Return the function."""
        function = _new_function()(ctypes.addressof(self._definition), self, None)
        ENTRIES.add(self)
        return function  # type: ignore[no-any-return]

    def run(self, address: int, *owners: Any) -> None:
        """Let the function call the machine code at an address from now on; its `owners` are kept.

        The code has the parameters of `PyObject_Vectorcall`, with which it may call its first one, this object.
        """
        self._kept.append(owners)  # and those before, whose code another thread may be in
        self._definition.code = address


class _Definition(ctypes.Structure):
    """CPython's `PyMethodDef`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("code", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("about", ctypes.c_char_p),
    )


@cache
def _new_function() -> Any:
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(ENTRIES))  # at exit, the collector would take them before functions
    kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    return kind(("PyCFunction_NewEx", ctypes.pythonapi))


def _references(entries: Sequence[object]) -> list[int]:
    return [getrefcount(entry) for entry in entries]


class _Entries:
    """The entries of all functions there are, and of a few that are gone."""

    def __init__(self) -> None:
        self._kept: dict[int, object] = {0: object()}
        self._alone = _references([*self._kept.values()])[0]
        self._kept.clear()
        self._most = FEW

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, entry: Entry) -> None:
        """Add the entry of a function that there is."""
        if len(self._kept) >= self._most:
            self._drop()
        self._kept[id(entry)] = entry

    def _drop(self) -> None:
        """Drop the entries that nothing else refers to; another thread that looks at them is such a thing, too."""
        entries = [*self._kept.values()]
        for entry, count in zip(entries, _references(entries), strict=True):
            if count == self._alone:
                del self._kept[id(entry)]
        self._most = max(FEW, 2 * len(self._kept))


ENTRIES: Final = _Entries()
