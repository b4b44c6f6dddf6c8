"""Make `f.raw`: the function of one point that returns the value and the partials as a plain tuple.

It is compiled with its first call: to machine code where llvmlite is installed, else to Python. Both have a fast path
for floats with finite results, and leave all else to `f`.
"""

from __future__ import annotations

import ctypes
from functools import cache, cached_property
from importlib.util import find_spec
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import ref

from graphgrad.compile.languages.python_point import RawPoint
from graphgrad.compile.machine_code import has_llvm, machine_code
from graphgrad.compile.point.c_entry import Entry
from graphgrad.compile.point.layout import address_in_c, address_of, layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphgrad.compile.languages.language import Language
    from graphgrad.tape.tape import Tape

__all__ = ["Parent", "raw_function"]

LONGEST: Final = 8_000
"""The most steps of a tape that becomes machine code, which keeps each result on the stack: 64 KiB of it."""

NAME: Final = "raw"
SUMMARY: Final = "Return the value, and the derivative by each input in wrt, as one tuple of floats."
ABOUT: Final = f"raw(*values)\n--\n\n{SUMMARY}"
"""The same, with the signature as CPython looks for it."""


class Parent(Protocol):
    """What `f.raw` needs of `f`: the tape, functions written in a language, their globals, and the general call."""

    scope: dict[str, Any]

    @property
    def tape(self) -> Tape: ...
    @property
    def raw(self) -> Any: ...
    def written(self, language: Language, name: str) -> Any: ...
    def as_tuple(self, *values: Any) -> Any: ...
    def __reduce__(self) -> tuple[Any, ...]: ...


def raw_function(parent: Parent) -> Callable[..., Any]:
    """Return the function of a graph on numbers."""
    if len(parent.tape.steps) <= LONGEST and _is_compiler_there() and layout():
        return _Machine(parent).function()
    function = FunctionType(_first_call.__code__, parent.scope, NAME)
    function.__kwdefaults__ = {"write": _write}
    function.__doc__ = SUMMARY
    return MethodType(function, parent)


@cache
def _is_compiler_there() -> bool:
    try:
        return find_spec("llvmlite") is not None
    except ImportError:
        return False


def _first_call(parent: Parent, *values: Any, write: Callable[[Parent], Any]) -> Any:
    return write(parent)(*values)


def _write(parent: Parent) -> Any:
    """Write the function, and put its code in the place of that of the first call."""
    function, written = parent.raw.__func__, parent.written(RawPoint(), NAME)
    function.__code__, function.__defaults__, function.__kwdefaults__ = written.__code__, written.__defaults__, None
    return parent.raw


class _Machine(Entry):
    """The function in machine code, and what it falls back to.

    It does not keep `f`, nor does `f` have to stay: where it is gone, it is made again for what needs it.
    """

    def __init__(self, parent: Parent) -> None:
        super().__init__(NAME, ABOUT, parent.__reduce__())
        self._given = ref(parent)
        self._is_tried = False
        self._in_python: Callable[..., Any] | None = None

    @property
    def parent(self) -> Parent:
        """What `f` is a method of."""
        return self._given() or self._made_again

    @cached_property
    def _made_again(self) -> Parent:
        make, arguments = self.reduced
        return make(*arguments)  # type: ignore[no-any-return]

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Compile with the first call, and leave the numbers to `f`, or to Python's fast path without machine code."""
        if named:
            raise TypeError(f"{NAME}() takes no keyword arguments")
        if not self._is_tried:
            self._compile()
        return self._in_python(self, *values) if self._in_python else self.as_tuple(*values)

    def as_tuple(self, *values: Any) -> Any:
        """Compute by `f`."""
        return self.parent.as_tuple(*values)

    def _compile(self) -> None:
        self._is_tried, parent = True, self.parent  # meanwhile, other threads compute by `f`
        try:
            if not self._runs(parent):
                self._in_python = parent.written(RawPoint(), NAME)
        except BaseException:
            self._is_tried = False
            raise

    def _runs(self, parent: Parent) -> bool:
        """Let the function call machine code, and return whether that can be had."""
        from graphgrad.compile.point.assembly import SETUP, assembly
        from graphgrad.compile.point.instructions import API

        at = layout()
        if at is None or not has_llvm():
            return False
        module = assembly(parent.tape, at, address_in_c)
        try:
            code = machine_code(module.text, SETUP)
        except (RuntimeError, OSError):  # as they say: no code for this processor, or memory that must not run
            return False
        called = {name: parent.scope[name] for name in module.functions}
        functions = (address_in_c(name, count) or id(called[name]) for name, count in module.functions.items())
        addresses = [*map(address_of, API), *functions]
        setup = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(code.address)
        self.run(setup((ctypes.c_void_p * len(addresses))(*addresses)), code, called)
        return True
