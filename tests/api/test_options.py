"""Options of the façade's functions: typed, named in the signature, and refused where they are misspelt or wrong."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import graphgrad as gg
from graphgrad.analysis.minimize_options import MinimizeOptions
from graphgrad.check.check_grad_options import CheckGradOptions
from graphgrad.testing import assert_grad

if TYPE_CHECKING:
    from collections.abc import Callable


def minimize(**options: Any) -> object:
    """Minimise a parabola."""
    return gg.minimize(gg.parse("(x - 3)**2"), {"x": 0}, **options)


def check(**options: Any) -> object:
    """Check a right gradient."""
    return gg.check_grad(lambda x: x**2, lambda x: 2 * x, at={"x": 3}, **options)


def assert_it(**options: Any) -> object:
    """Assert a right gradient."""
    assert_grad(lambda x: x**2, lambda x: 2 * x, at={"x": 3}, **options)
    return True


@pytest.mark.parametrize("function", [minimize, check, assert_it])
def test_a_misspelt_option_is_an_error_that_suggests_the_right_one(function: Callable[..., object]) -> None:
    """As every mistake of a user's, it is a `GraphgradError`."""
    with pytest.raises(gg.GraphgradError, match="there is no option 'tolerence'") as caught:
        function(tolerence=1e-9)
    assert caught.value.hint == "did you mean 'tolerance'?"


def test_an_option_like_no_other_is_an_error_that_lists_them() -> None:
    """Nothing is suggested that nobody meant."""
    with pytest.raises(gg.GraphgradError, match="there is no option 'q'") as caught:
        minimize(q=1)
    assert caught.value.hint == "the options are: at, method, bounds, tolerance, options"


@pytest.mark.parametrize("function", [minimize, check, assert_it])
@pytest.mark.parametrize("tolerance", ["1e-9", -1, float("nan"), float("inf"), [1e-9], 1j])
def test_a_tolerance_is_a_number(function: Callable[..., object], tolerance: object) -> None:
    """From 0 on, and finite."""
    with pytest.raises(gg.GraphgradError, match=r"tolerance = .* is not a number from 0 on"):
        function(tolerance=tolerance)


@pytest.mark.parametrize("function", [minimize, check, assert_it])
@pytest.mark.parametrize("tolerance", [0.1, 0, np.float32(0.1), np.int64(1)])
def test_a_tolerance_may_be_any_real_number(function: Callable[..., object], tolerance: object) -> None:
    """NumPy's too."""
    assert function(tolerance=tolerance)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("at", 5, "at = 5 is not a mapping"),
        ("bounds", [(0, 1)], r"bounds = \[\(0, 1\)\] is not a mapping"),
        ("options", "fast", "options = 'fast' is not a mapping"),
        ("method", 3, "method = 3 is not the name of a method"),
        ("bounds", {"x": 1}, "the bounds of 'x' are 1"),
        ("bounds", {"x": (1,)}, r"the bounds of 'x' are \(1,\)"),
        ("bounds", {"x": ("low", "high")}, "the bounds of 'x' are"),
        ("bounds", {"x": (2, 1)}, r"the bounds of 'x' are \(2, 1\)"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_option(option: str, value: object, message: str) -> None:
    """Before SciPy sees it."""
    with pytest.raises(gg.GraphgradError, match=message) as caught:
        minimize(**{option: value})
    assert caught.value.hint


def test_a_misspelt_method_is_an_error_that_suggests_the_right_one() -> None:
    """SciPy says that it is unknown."""
    with pytest.raises(gg.GraphgradError, match="SciPy refuses: Unknown solver Nelder-Meat") as caught:
        minimize(method="Nelder-Meat")
    assert caught.value.hint == "did you mean 'Nelder-Mead'?"


@pytest.mark.parametrize(
    ("keywords", "options"), [(gg.MinimizeKeywords, MinimizeOptions), (gg.CheckGradKeywords, CheckGradOptions)]
)
def test_type_checkers_see_the_options_that_there_are(keywords: type, options: type) -> None:
    """The names and the types of the keywords are those of the dataclass's fields."""
    written = {name: getattr(kind, "__forward_arg__", kind) for name, kind in keywords.__annotations__.items()}
    assert written == options.__annotations__


@pytest.mark.parametrize("function", [gg.minimize, gg.check_grad, assert_grad])
def test_help_shows_the_options_with_their_defaults(function: Callable[..., object]) -> None:
    """What `help` and an editor that runs the code show has no keywords without a name."""
    parameters = inspect.signature(function).parameters
    assert parameters["tolerance"].default in (None, 1e-8)
    assert [p for p in parameters.values() if p.kind is p.VAR_KEYWORD] == []


def test_no_public_function_takes_keywords_that_it_does_not_name() -> None:
    """A type checker and an editor know them all."""
    functions = {name: getattr(gg, name) for name in gg.__all__ if not name.startswith("_")}
    for name, exported in [*functions.items()]:
        if inspect.isclass(exported):
            members = {f"{name}.{member}": value for member, value in vars(exported).items() if member[0] != "_"}
            functions |= {member: value for member, value in members.items() if inspect.isfunction(value)}
    open_ended = {
        name
        for name, function in functions.items()
        if inspect.isfunction(function)
        and any(
            p.kind is p.VAR_KEYWORD and not str(p.annotation).startswith("Unpack[")
            for p in inspect.signature(function).parameters.values()
        )
    }
    assert open_ended == set()
