"""Load a room's modules when one of its names is first used (PEP 562).

A room's `__init__` lists its public names as imports under `if TYPE_CHECKING:`, for type checkers and editors. At run
time the same list says which module each name comes from, so that importing the room loads none of them.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["lazy_face"]


def lazy_face(
    room: str, modules: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a room, which load a name when it is first used.

    `modules` maps the names to their modules, for a room whose source need not be there; the default is what it lists.

    >>> import graphgrad.tape
    >>> graphgrad.tape.lower.__module__
    'graphgrad.tape.tape'
    >>> "lower" in dir(graphgrad.tape)
    True
    """

    def load(name: str) -> Any:
        from importlib import import_module

        places = modules or _modules(room)
        if name == "__all__":
            return sorted(places)
        if name not in places:
            message = f"module {room!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=sys.modules[room])
        value = getattr(import_module(places[name]), name)
        setattr(sys.modules[room], name, value)
        return value

    return load, lambda: sorted(modules or _modules(room))


@cache  # an import of a room's module asks the room for that name first
def _modules(room: str) -> dict[str, str]:
    """Return the module of each public name, as the room's source lists them under `if TYPE_CHECKING:`."""
    import ast

    spec = sys.modules[room].__spec__
    source = spec.loader.get_source(room) if spec and spec.loader else ""  # type: ignore[attr-defined]
    blocks = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports if node.module for alias in node.names}
