"""The three laws of the house: imports go downward, libraries enter by their doors, the rules alone know operations."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from spelling import is_table

import graphgrad
from graphgrad.compile.languages.numpy_ufuncs import Ufuncs
from graphgrad.namespaces import Namespace
from graphgrad.namespaces.namespace import Operations
from graphgrad.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(graphgrad.__file__).parent

ROOMS: Final = (
    "base",
    "ops",
    "namespaces",
    "text",
    "graph",
    "tape",
    "printing",
    "typeset",
    "backprop",
    "transform",
    "check",
    "compile",
    "analysis",
    "tables",
    "sheets",
    "draw",
    "api",
    "testing",
    "cli",
    "ext",
    "__main__",
    "",
)
"""From the ground up; the last is the root, which nobody inside imports."""

DOORS: Final = {
    "dask": ("tables",),
    "distributed": ("tables",),
    "fsspec": ("tables",),
    "narwhals": ("compile.columns",),
    "sqlglot": ("compile.languages",),
    "tqdm": ("tables",),
    "argparse": ("cli", "ext.docs"),
    "shtab": ("cli.completion",),
    "docutils": ("ext.sphinx",),
    "PIL": ("draw.formats.moving",),
    "imageio_ffmpeg": ("draw.formats.moving",),
    "graphviz": ("draw.formats.dot", "draw.layout.plan"),
    "llvmlite": ("compile.columns.llvm_kernel", "compile.machine_code"),
    "mpmath": ("namespaces",),
    "networkx": ("graph", "backprop.graphml"),
    "numba": ("compile.numba_interpreter",),
    "numpy": (
        "api.array_arguments",
        "compile",
        "namespaces",
        "tables",
        "transform.numpy_functions",
        "transform.tracing",
    ),
    "openpyxl": ("sheets.book",),
    "pyarrow": ("tables",),
    "resvg_py": ("draw.formats.png",),
    "scipy": ("analysis.minimum", "compile.columns", "compile.languages.numpy_ufuncs"),
    "sphinx": ("ext.sphinx",),
    "subprocess": ("draw.layout.engine", "draw.formats.moving"),
    "sympy": ("check", "namespaces", "transform.read_sympy"),
    "typst": ("draw.formats.pdf",),
}
"""Where a library may be imported: a module, or a package with all that is in it."""

SIGNS: Final = {
    "_mpf_": ("namespaces.many_digits",),
    "shape": ("namespaces.array_values", "compile.columns"),
}
"""By which attribute a kind of number is told, and where it may be asked for."""

RULES: Final = "ops"
MAX_LINES: Final = 400

HEIGHT: Final = {room: height for height, room in enumerate(ROOMS)}


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


def is_probe(call: ast.Call) -> bool:
    """Tell whether a call asks if a value has an attribute."""
    return isinstance(call.func, ast.Name) and call.func.id in ("getattr", "hasattr") and len(call.args) > 1


def strings(module: ast.Module) -> Iterator[str]:
    """Yield a tree's string literals, without the docstrings."""
    documentation = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def room_of(module: str) -> str:
    """Return the room that a module stands in, the first part of its name."""
    return module.partition(".")[0]


def inside(module: str) -> set[str]:
    """Return the modules of this package that a module imports, for types, too."""
    names = chain.from_iterable(map(imported, ast.walk(tree(module))))
    return {own for name in names if (own := own_module(name)) is not None}


def test_every_room_has_a_height() -> None:
    """The staircase names each room once, and no room that is gone."""
    assert sorted(ROOMS) == sorted({room_of(module) for module in PATHS})


@EACH
def test_imports_go_downward(module: str) -> None:
    """A module imports, for types too, from its own room and lower ones only, and from the root never."""
    height = HEIGHT[room_of(module)]
    assert [other for other in sorted(inside(module)) if HEIGHT[room_of(other)] > height or not other] == []


@EACH
def test_faces_are_for_the_outside(module: str) -> None:
    """A module imports from other modules, not from a room's face, which loads its names one by one and slowly."""
    faces = {other for other in PATHS if PATHS[other].name == "__init__.py"}
    assert sorted(inside(module) & faces - {room_of(module)}) == []


def test_imports_form_no_circle() -> None:
    """Within a room, too, modules can be put into an order in which each imports earlier ones only."""
    TopologicalSorter({module: inside(module) for module in PATHS}).prepare()


@pytest.mark.parametrize("module", [module for module in PATHS if is_within(module, "ext")])
def test_extensions_stand_on_the_facade(module: str) -> None:
    """What fits into other tools uses what any user could, and what writes names, numbers, files, pictures."""
    names = chain.from_iterable(map(imported, at_run_time(tree(module))))
    others = {own for name in names if (own := own_module(name)) is not None}
    assert {other for other in others if not is_within(other, "ext")} <= {
        "api.graph",
        "api.text_arguments",
        "base.errors",
        "base.extras",
        "base.files",
        "base.standard_streams",
        "base.suggestion",
        "draw.formats.mime_bundle",
        "namespaces.display",
    }


@EACH
def test_libraries_enter_by_their_doors(module: str) -> None:
    """A library with a door is imported nowhere else, except for types."""
    names = chain.from_iterable(map(imported, at_run_time(tree(module))))
    libraries = {name.split(".")[0] for name in names} & set(DOORS)
    assert [library for library in libraries if not any(is_within(module, door) for door in DOORS[library])] == []


NAMESAKES: Final = {
    "": {"trace"},
    "analysis.explain.explanation": {"gather"},
    "api.functions": {"trace"},
    "compile.languages.javascript": {"var"},
    "text.dialects.latex_environments": {"gather"},
    "text.dialects.latex_idioms": {"where"},
    "text.dialects.latex_names": {"var"},
    "text.dialects.latex_tokens": {"var"},
    "text.greek": {"beta", "gamma", "pi"},
    "transform.tracing": {"trace"},
}
"""Words that are other things, though an operation is called so: letters, functions, words of a language."""

SILENT = pytest.mark.parametrize("module", [module for module in PATHS if not is_within(module, RULES)])


def spelled_nowhere(module: str) -> ast.Module:
    """Return a module's tree without its spelling tables."""
    return ast.Module([node for node in tree(module).body if not is_table(node) and not is_of_sympys(node)], [])


def is_of_sympys(node: ast.AST) -> bool:
    """Tell whether a statement defines a table from sympy's names: `NAME: Final[SympyNames] = …`."""
    return isinstance(node, ast.AnnAssign) and "SympyNames" in ast.unparse(node.annotation)


def operations_in(text: str) -> set[str]:
    """Return the operations that a string names: as a whole, or in a list of words that may be split."""
    words = text.split()
    is_list = len(words) > 1 and all(map(str.isidentifier, words)) and ("\n" in text or OPS.keys() >= {*words})
    return ({text} | set(words) if is_list else {text}) & OPS.keys()


def last_name(node: ast.AST) -> str:
    """Return the name that an expression ends with: c of `a.b.c`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def names_of_names(module: ast.AST) -> Iterator[str]:
    """Yield what stands for an operation's name by way of a thing called so: `abs.__name__`, `dict(sin=…)`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in {"__name__", "__qualname__"}:
            yield last_name(node.value)
        if isinstance(node, ast.Call) and last_name(node.func) == "dict":
            yield from (keyword.arg or "" for keyword in node.keywords)


def attributes_by_name(module: ast.AST) -> Iterator[str]:
    """Yield what asks for an attribute by an operation's name: `getattr(m, op.name)`, `hasattr(m, f"_{op.name}")`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and last_name(node.func) in {"getattr", "hasattr", "setattr"}:
            asked = node.args[1]
            parts = [asked, *(part.value for part in ast.walk(asked) if isinstance(part, ast.FormattedValue))]
            named = (part for part in parts if isinstance(part, ast.Attribute) and part.attr == "name")
            yield from (ast.unparse(node) for part in named if last_name(part.value) == "op")


@SILENT
def test_only_rules_and_spelling_tables_name_an_operation(module: str) -> None:
    """No string elsewhere is an operation's name, nor a list of them."""
    found = set().union(*map(operations_in, strings(spelled_nowhere(module))))
    assert sorted(found - NAMESAKES.get(module, set())) == []


@SILENT
def test_nothing_stands_for_an_operation_s_name(module: str) -> None:
    """Neither the name of a function that is called so, nor a keyword that becomes a key."""
    assert sorted(set(names_of_names(spelled_nowhere(module))) & OPS.keys()) == []


@EACH
def test_no_attribute_is_an_operation_by_its_name(module: str) -> None:
    """What an object has, it has for itself; what it calls an operation, its table says."""
    assert list(attributes_by_name(tree(module))) == []


@pytest.mark.parametrize(
    "line",
    [
        "NAMES = {'exp': 1}",
        "KNOWN = 'sin cos tan'.split()",
        'KNOWN = """\n    sin cos\n    others\n"""',
        "name = abs.__name__",
        "name = self.sum_like.__name__",
        "KNOWN = dict(exp=1)",
        "found = getattr(self, op.name)",
        "found = hasattr(type(self), f'_{step.op.name}')",
    ],
)
def test_ways_round_are_seen(line: str) -> None:
    """Each way of naming an operation outside the tables is noticed."""
    found = ast.parse(line)
    strings_ = set().union(*map(operations_in, strings(found)))
    assert strings_ | (set(names_of_names(found)) & OPS.keys()) | set(attributes_by_name(found))


def test_namespaces_have_no_attribute_called_as_an_operation() -> None:
    """What reads rules has operations in its table alone, where no method of its own can be taken for one."""
    for module in PATHS:
        import_module(f"{ROOT.name}.{module}".rstrip("."))
    kinds: list[Any] = [Namespace, Ufuncs, Operations]
    found = set()
    for kind in kinds:
        kinds += [other for other in kind.__subclasses__() if other.__module__.startswith(ROOT.name)]
        found |= {f"{kind.__name__}.{name}" for name in vars(kind).keys() & OPS.keys()}
    assert found == set()


@EACH
def test_kinds_own_their_numbers(module: str) -> None:
    """Whether a number is mpmath's, or an array, only their kinds ask, and the room where columns are at home."""
    nodes = [*ast.walk(tree(module))]
    asked = [call.args[1] for call in nodes if isinstance(call, ast.Call) and is_probe(call)]
    names = {str(name.value) for name in asked if isinstance(name, ast.Constant)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr.startswith("_mpf")}
    probed = names & set(SIGNS)
    assert [name for name in probed if not any(is_within(module, home) for home in SIGNS[name])] == []


@EACH
def test_modules_stay_small(module: str) -> None:
    """A module can be read in one sitting."""
    assert len(PATHS[module].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@EACH
def test_modules_open_with_their_deed(module: str) -> None:
    """The first line of a module says what it does, as one sentence."""
    documentation = ast.get_docstring(tree(module)) or ""
    assert documentation.partition("\n")[0].endswith((".", ":"))
