"""The three laws of the house: imports go downward, libraries enter by their doors, the rules alone know operations."""

from __future__ import annotations

import ast
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import graphgrad
from graphgrad.rules import OPS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(graphgrad.__file__).parent

FLOORS: Final = (
    ("collector", "console", "deadline", "emit.helpers", "emit.special", "shapes", "syntax"),
    ("numerals", "op"),
    ("params", "rules.elementary"),
    ("errors", "rules.arrays", "rules.network", "tokens"),
    ("rules",),
    ("files", "grammar", "values", "namespaces.base"),
    (
        "parse",
        "namespaces.exact",
        "namespaces.floats",
        "namespaces.precise",
        "namespaces.structure",
        "namespaces.symbolic",
    ),
    ("namespaces.arrays",),
    ("namespaces",),
    ("graph", "notation"),
    ("graphml", "latex", "tape"),
    ("run", "run.sweeps"),
    ("inference", "naming", "passes", "run.flow", "run.machine", "run.transcript", "table"),
    ("run.gradient",),
    ("emit.cancel", "emit.trim"),
    ("emit.lean",),
    ("emit.source",),
    ("emit.c", "emit.javascript", "emit.python"),
    ("emit.point",),
    ("point",),
    ("diagnosis", "program"),
    ("backprop",),
    ("annotate", "derive", "emit.checked", "opened", "node_link", "check.report", "check.witness"),
    ("emit",),
    ("columns.library", "columns.machine", "columns.memory", "columns.pool", "columns.reductions", "columns.ufuncs"),
    ("columns.blocks",),
    ("columns.fused",),
    ("columns.plan", "columns.program", "columns.source"),
    ("columns.door",),
    ("columns",),
    ("typeset",),
    ("derivatives",),
    ("check.nodes",),
    ("check.array_rules", "check.finer", "check.local", "check.proofs", "code", "jitted"),
    ("check.array_whole", "check.arrays"),
    ("check.whole",),
    ("check", "check.closing", "explain.words"),
    ("explain.chain",),
    ("explain.told",),
    ("explain",),
    ("sampled",),
    ("compiled",),
    ("draw", "draw.alt", "draw.engine", "draw.measure", "draw.model", "draw.motion", "draw.parts", "draw.theme"),
    ("draw.outline", "draw.steps", "draw.terminal"),
    ("draw.scene",),
    ("draw.layout", "draw.lesson", "draw.mermaid"),
    ("draw.facts", "draw.page", "draw.strokes", "draw.tidy"),
    ("draw.dot", "draw.svg", "draw.tikz"),
    ("picture",),
    ("worlds", "worlds.record", "worlds.sympy_out"),
    ("worlds.sympy_in", "worlds.trace"),
    ("uses", "uses.amount"),
    ("uses.handwritten", "uses.minimize", "uses.sensitivity", "uses.ulps", "uses.uncertainty"),
    ("result",),
    ("api",),
    ("functions",),
    ("testing",),
    ("ask", "stored", "tell"),
    ("cli", "ext", "ext.fences", "ext.pieces"),
    ("ext.block",),
    ("ext.docs", "ext.ipython", "ext.markdown", "ext.sphinx"),
    ("__main__",),
    ("",),
)
"""From the ground up; the last is the root, which nobody inside imports."""

DOORS: Final = {
    "argparse": ("cli", "ext.docs"),
    "docutils": ("ext.sphinx",),
    "graphviz": ("draw.dot",),
    "llvmlite": ("columns.machine",),
    "mpmath": ("namespaces",),
    "networkx": ("graph", "graphml"),
    "numba": ("jitted",),
    "numpy": ("columns", "jitted", "namespaces", "sampled", "values", "worlds.trace"),
    "scipy": ("columns", "uses.minimize"),
    "sphinx": ("ext.sphinx",),
    "subprocess": ("draw.engine",),
    "sympy": ("check", "namespaces", "worlds.sympy_in"),
}
"""Where a library may be imported: a module, or a package with all that is in it."""

RULES: Final = "rules"
MAX_LINES: Final = 400

FLOOR_OF = {module: height for height, floor in enumerate(FLOORS) for module in floor}


def name_of(path: Path) -> str:
    """Return a module's name within the package; the root's is empty."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


PATHS = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}
EACH = pytest.mark.parametrize("module", PATHS)


@cache
def tree(module: str) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(PATHS[module].read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    """Return what a statement imports, under full names; `from a import b` may mean a module a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return []


def is_for_types(node: ast.AST) -> bool:
    """Tell whether a statement is an `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def at_run_time(module: ast.AST) -> Iterator[ast.AST]:
    """Yield a tree's nodes, without what is there for types only."""
    for node in ast.iter_child_nodes(module):
        if not is_for_types(node):
            yield node
            yield from at_run_time(node)


def own_module(name: str) -> str | None:
    """Return the module of this package that a full name is, or lies in; None for other packages' names."""
    package, _, rest = name.partition(".")
    if package != ROOT.name:
        return None
    return rest if rest in PATHS else rest.rpartition(".")[0]


def is_within(module: str, door: str) -> bool:
    """Tell whether a module is the door, or stands in that package."""
    return f"{module}.".startswith(f"{door}.")


def strings(module: ast.Module) -> Iterator[str]:
    """Yield a tree's string literals, without the docstrings."""
    documentation = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def test_every_module_has_a_floor() -> None:
    """The staircase names each module once, and no module that is gone."""
    assert sorted(chain.from_iterable(FLOORS)) == sorted(PATHS)


@EACH
def test_imports_go_downward(module: str) -> None:
    """A module imports, for types too, from strictly lower floors only, and from the root never."""
    names = chain.from_iterable(map(imported, ast.walk(tree(module))))
    inside = {own for name in names if (own := own_module(name)) is not None}
    assert [other for other in sorted(inside) if FLOOR_OF[other] >= FLOOR_OF[module]] == []


@pytest.mark.parametrize("module", [module for module in PATHS if is_within(module, "ext")])
def test_extensions_stand_on_the_facade(module: str) -> None:
    """What fits into other tools uses what any user could, and what reads and writes names, numbers, files."""
    names = chain.from_iterable(map(imported, at_run_time(tree(module))))
    inside = {own for name in names if (own := own_module(name)) is not None}
    assert {other for other in inside if not is_within(other, "ext")} <= {"api", "ask", "errors", "files", "numerals"}


@EACH
def test_libraries_enter_by_their_doors(module: str) -> None:
    """A library with a door is imported nowhere else, except for types."""
    names = chain.from_iterable(map(imported, at_run_time(tree(module))))
    libraries = {name.split(".")[0] for name in names} & set(DOORS)
    assert [library for library in libraries if not any(is_within(module, door) for door in DOORS[library])] == []


@pytest.mark.parametrize("module", [module for module in PATHS if not is_within(module, RULES)])
def test_only_the_rules_know_an_operation(module: str) -> None:
    """No string literal outside the rules is an operation's name."""
    assert sorted(set(strings(tree(module))) & set(OPS)) == []


@EACH
def test_modules_stay_small(module: str) -> None:
    """A module can be read in one sitting."""
    assert len(PATHS[module].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@EACH
def test_modules_open_with_their_deed(module: str) -> None:
    """The first line of a module says what it does, as one sentence."""
    documentation = ast.get_docstring(tree(module)) or ""
    assert documentation.partition("\n")[0].endswith((".", ":"))
