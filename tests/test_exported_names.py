"""What the package promises by name."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle
import pkgutil
import re
import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import graphgrad as gg
import graphgrad.testing
from graphgrad.base import errors
from graphgrad.namespaces import value_types

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = sorted(found.name for found in pkgutil.walk_packages(gg.__path__, "graphgrad."))
PUBLIC = [name for name in gg.__all__ if not name.startswith("_")]
SOURCE = ast.parse(Path(gg.__file__).read_text(encoding="utf-8"))
DEFINED_IN = {
    alias.name: node.module or ""
    for node in ast.walk(SOURCE)
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}


@pytest.mark.parametrize("module", ["graphgrad", *MODULES])
def test_each_module_lists_its_names(module: str) -> None:
    """`__all__` is there, names nothing twice, and every name in it exists."""
    names = import_module(module).__all__
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(import_module(module), name)] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_has_its_address_in_the_root(name: str) -> None:
    """A traceback reads `graphgrad.DomainError`, wherever the class is defined."""
    exported = getattr(gg, name)
    if exported is gg.OPERATIONS:  # a value has no name of its own, but its address is pickled
        assert exported.__reduce__() == name
        return
    assert (exported.__module__, exported.__qualname__) == ("graphgrad", name)
    assert f"graphgrad.{name}" in repr(exported) or inspect.isfunction(exported)


def test_what_is_loaded_when_used_is_what_type_checkers_see() -> None:
    """The root says twice where its names come from: for type checkers, and for the program that runs."""
    for_types = next(node for node in SOURCE.body if isinstance(node, ast.If))
    seen = {
        node.module: tuple(alias.name for alias in node.names)
        for node in for_types.body
        if isinstance(node, ast.ImportFrom)
    }
    assert {f"graphgrad.{module}": names for module, names in vars(gg)["_LOADED_WHEN_USED"].items()} == seen
    assert {*DEFINED_IN} - {"TYPE_CHECKING", "Final", "lazy_face", "load_ipython_extension"} == {*PUBLIC}


@pytest.mark.parametrize("module", [gg, graphgrad.testing])
def test_a_listing_shows_the_public_names_and_nothing_else(module: Any) -> None:
    """No room of the house, no import, and no hook for other programs."""
    import_module("graphgrad.draw.render")
    assert dir(module) == sorted(module.__all__)


def test_tab_completion_shows_the_public_names_and_nothing_else() -> None:
    """As IPython completes what stands behind `gg.`."""
    completer = pytest.importorskip("IPython.core.completer").Completer(namespace={"gg": gg})
    matches = {match.removeprefix("gg.") for match in completer.attr_matches("gg.")}
    assert {match for match in matches if not match.startswith("_")} == {*PUBLIC}


def test_a_misspelt_name_is_an_error_of_attributes() -> None:
    """As of any module; from Python 3.12 on, the traceback suggests the right one."""
    with pytest.raises(AttributeError, match="module 'graphgrad' has no attribute 'prase'") as caught:
        _ = import_module("graphgrad").prase
    assert (caught.value.name, caught.value.obj) == ("prase", gg)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_can_be_pickled(name: str) -> None:
    """By their address, which is the root's."""
    assert pickle.loads(pickle.dumps(getattr(gg, name))) is getattr(gg, name)


def test_errors_and_results_can_be_pickled() -> None:
    """A process may hand them to another one."""
    with pytest.raises(gg.ShapeError) as caught:
        gg.parse("A @ x").backprop({"A": [[1, 2]], "x": [1, 2, 3]})
    error = caught.value
    error.passes = None
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.span, again.operands) == (str(error), error.span, error.operands)
    result = gg.parse("x*y").backprop({"x": 3, "y": 5})
    for whole in (result.check(), result.sensitivity({"x": 1}), result.ulps(), result.explain("x"), gg.Theme()):
        assert pickle.loads(pickle.dumps(whole)) == whole == copy.deepcopy(whole)


def test_the_root_exports_every_error() -> None:
    """An error that a user may want to catch can be caught by its name in the root."""
    assert set(errors.__all__) <= set(gg.__all__)


def test_the_errors_are_drawn_as_they_are() -> None:
    """The tree in the docstring of `graphgrad.base.errors` is the tree of the classes."""
    drawn = re.findall(r"^    ([│├└─ ]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert [(len(lines) // 4, name) for lines, name in drawn] == list(family(gg.GraphgradError))


def family(error: type[Exception], depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield an error and its public subclasses with their depth."""
    yield depth, error.__name__
    for heir in error.__subclasses__():
        if heir.__name__ in errors.__all__:
            yield from family(heir, depth + 1)


def test_the_version_is_the_installed_one() -> None:
    """The version is written once, and the installed package says the same."""
    assert gg.__version__ == metadata.version("graphgrad")


def types_named(exported: Any) -> Iterator[str]:
    """Yield what the signatures of a public function, or of a class's public members, say of types."""
    members = [exported, *vars(exported).values()] if inspect.isclass(exported) else [exported]
    for member in members:
        function = getattr(member, "fget", None) or getattr(member, "func", None) or member
        name = getattr(function, "__name__", "")
        if inspect.isfunction(function) and not name.startswith("_"):
            yield from map(str, inspect.get_annotations(function).values())
    if inspect.isclass(exported) and exported.__name__ not in WRAPPERS:
        yield from map(str, inspect.get_annotations(exported).values())


WRAPPERS = {"Backprop", "Derivatives", "Graph", "WorkbookGraph"}
"""What these hold, only the package itself makes and reads."""

ALIASES = {*value_types.__all__}
CLASSES = {
    node.name
    for module in MODULES
    if (spec := import_module(module).__spec__) is not None and spec.origin
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8")))
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_taken_and_returned_is_exported(name: str) -> None:
    """Each class of this package that a public signature names can be had from the root."""
    named = {word for annotation in types_named(getattr(gg, name)) for word in re.findall(r"\w+", annotation)}
    assert (named & CLASSES) - ALIASES <= {*PUBLIC}


NOT_RAISING = {
    "it gives what is there": (
        "Graph.inputs Graph.defaults Graph.literals Graph.dag Backprop.value Backprop.at Backprop.grad Backprop.dag "
        "Backprop.warnings Backprop.blame Derivatives.size Propagation.shares Propagation.notes Summary.means "
        "Part.contribution Bar.swing WorkbookGraph.cell WorkbookGraph.notes WorkbookGraph.comparison "
        "Change.difference Change.linear Lens.worst Lens.shares Report.ok Report.complete Report.coverage "
        "Report.summary Report.fault Report.failures Report.not_attempted Report.having Report.worst ManyDigits.man_exp"
    ),
    "whatever there is can be written so": (
        "Graph.to_latex Graph.to_json Derivatives.to_latex Backprop.to_json Sensitivity.as_dict Influence.as_dict "
        "Change.as_dict Propagation.as_dict Distances.as_dict Lens.as_dict Blame.as_dict Summary.as_dict Summary.notes "
        "TableReport.as_dict Bar.as_dict CellDifference.as_dict Comparison.as_dict"
    ),
    "it gives what the row declares": (
        "Op.rules Op.flat Op.commutes Op.takes Op.domain Op.rule Op.with_params Op.value Op.partial Op.pull "
        "Op.rounding_error ArrayOp.rules ArrayOp.takes ArrayOp.with_params ArrayOp.pull Interval.probes Naturals.probes"
    ),
}
"""Public members that no input makes raise a `GraphgradError`, by the reason."""


def public_members() -> Iterator[tuple[str, Any]]:
    """Yield each public function, class, method and property with its name."""
    for name in PUBLIC:
        exported = getattr(gg, name)
        yield name, exported
        for member, value in vars(exported).items() if inspect.isclass(exported) else ():
            is_field = member in inspect.get_annotations(exported) or inspect.ismemberdescriptor(value)
            is_own = callable(value) or isinstance(value, property) or hasattr(value, "func")
            if not member.startswith("_") and is_own and not is_field:
                yield f"{name}.{member}", value
    yield "testing.assert_grad", graphgrad.testing.assert_grad


MEMBERS = {name: member for name, member in public_members() if member is not gg.OPERATIONS}
FUNCTIONS = [name for name, member in MEMBERS.items() if not inspect.isclass(member)]


def test_each_public_member_has_an_example_that_is_run() -> None:
    """What pytest collects in the package has an item for each member, in the module that defines it."""
    root = Path(gg.__file__).parent
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", str(root)]
    done = subprocess.run(command, cwd=root.parent, capture_output=True, text=True, check=True)
    collected = {line.rpartition("::")[2] for line in done.stdout.splitlines()}
    homes = {name: DEFINED_IN.get(name.partition(".")[0]) for name in MEMBERS}
    items = {name: f"{home}.__test__.{name}" if home else f"graphgrad.{name}" for name, home in homes.items()}
    assert [name for name, item in items.items() if item not in collected] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_public_function_says_what_it_raises(name: str) -> None:
    """Its docstring names errors that there are, or it stands among those that raise none."""
    documentation = inspect.getdoc(MEMBERS[name]) or ""
    raised = re.findall(r"`(\w+Error)`", "".join(re.split(r"\bRaises\s", documentation)[1:]))
    if name in " ".join(NOT_RAISING.values()).split():
        assert raised == []
    else:
        assert raised
        assert [error for error in raised if error not in errors.__all__ and error != "AssertionError"] == []


def test_what_is_said_not_to_raise_is_there() -> None:
    """The list has no member that is gone."""
    assert sorted({*" ".join(NOT_RAISING.values()).split()} - {*FUNCTIONS}) == []


@pytest.mark.parametrize(
    ("graph", "at", "how"),
    [
        (gg.parse("x*y"), {"x": 3, "y": 5}, {}),
        (gg.parse("x = 1; s = abs(x - 1) + y; s*s*z"), {"y": 0, "z": "1e300"}, {"exact": True}),
        (gg.parse("x = 1; s = abs(x - 1) + y; s*s*z"), {"y": 1e200, "z": 1}, {"precision": 5}),
        (gg.parse("2*3", name_literals=["a b", "sin"]), {}, {}),
        (gg.parse("softmax_cross_entropy(x @ W, t)"), {"x": [[1, 2]], "W": [[1, 0], [0, 1]], "t": [1]}, {"wrt": ["W"]}),
        (gg.parse("7"), {}, {}),
    ],
)
def test_what_is_said_not_to_raise_does_not(graph: gg.Graph, at: dict[str, Any], how: dict[str, Any]) -> None:
    """Tried on graphs of numbers and arrays, with kinks, with names that no text can hold, and without inputs."""
    result = graph.backprop(at, **how)
    holders: list[Any] = [graph, result, result.check("local")]
    if not result.passes.arrays:
        holders.append(result.sensitivity(dict.fromkeys(graph.inputs, "1%")))
        holders += [*holders[-1].rows, *(row.change for row in holders[-1].rows if row.change)]
        holders.append(result.propagate(dict.fromkeys(graph.inputs, "1%")))
        holders += holders[-1].rows
        holders += [graph.gradient()] + ([] if how else [result.ulps()])
    names = {name.partition(".")[::2] for name in " ".join(NOT_RAISING.values()).split()}
    for holder in holders:
        for kind, name in names:
            if type(holder).__name__ == kind:
                member = getattr(holder, name)
                _ = member() if callable(member) else member


@pytest.mark.parametrize("room", sorted({module.split(".")[1] for module in MODULES if module.count(".") > 1}))
def test_no_name_of_a_room_is_one_of_its_modules(room: str) -> None:
    """Importing the module would put it in the place of the function of that name."""
    modules = {module.rpartition(".")[2] for module in MODULES if module.rpartition(".")[0] == f"graphgrad.{room}"}
    assert modules.isdisjoint(import_module(f"graphgrad.{room}").__all__)
